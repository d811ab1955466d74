//! The port on kube-rs.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kinds::{self, Resource};
use super::transport::{Answer, Call, Transport};
use super::{
    Access, Apply, Cluster, Credentials, Delete, Error, Event, Logs, ObjectRef, ProxyRequest, Response, Until, Version,
    requests,
};

mod watch;

/// A cluster behind an HTTP client.
pub(super) struct Adapter {
    transport: Transport,
    /// Kinds that are not in the table, by `apiVersion` and kind.
    discovered: Mutex<HashMap<(String, String), Resource>>,
}

impl Adapter {
    pub(super) fn new(transport: Transport) -> Self {
        Self { transport, discovered: Mutex::default() }
    }

    async fn resource(&self, api_version: &str, kind: &str) -> Result<Resource, Error> {
        if let Some(resource) = kinds::known(api_version, kind) {
            return Ok(resource);
        }
        let key = (api_version.to_owned(), kind.to_owned());
        // A poisoned lock only means that another caller panicked between two map operations.
        let kept = |key: &_| self.discovered.lock().unwrap_or_else(|e| e.into_inner()).get(key).cloned();
        if let Some(resource) = kept(&key) {
            return Ok(resource);
        }
        let absent = || Error::UnknownKind { api_version: api_version.to_owned(), kind: kind.to_owned() };
        let list: Value = match self.json(&requests::discover(api_version)?).await {
            Err(Error::NotFound { .. }) => return Err(absent()),
            other => other?,
        };
        let resource = kinds::discovered(&list, kind).ok_or_else(absent)?;
        self.discovered.lock().unwrap_or_else(|e| e.into_inner()).insert(key, resource.clone());
        Ok(resource)
    }

    /// The same, and none for a kind that the cluster does not serve.
    async fn served(&self, api_version: &str, kind: &str) -> Result<Option<Resource>, Error> {
        match self.resource(api_version, kind).await {
            Err(Error::UnknownKind { .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    async fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        parse(&self.transport.send(call).await?, call)
    }
}

fn parse<T: DeserializeOwned>(answer: &Answer, call: &Call) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|cause| {
        // serde's words quote the value; the place is enough, as the value may be a Secret's.
        let at = format!("unexpected JSON at line {} column {}", cause.line(), cause.column());
        Error::Decode { what: call.subject.what(), cause: at }
    })
}

#[async_trait]
impl Cluster for Adapter {
    fn url(&self) -> &str {
        &self.transport.url
    }

    fn origin(&self) -> &str {
        &self.transport.origin
    }

    async fn credentials(&self) -> Result<Credentials, Error> {
        self.transport.credentials().await
    }

    async fn version(&self) -> Result<Version, Error> {
        let call = requests::version()?;
        let info: Value = self.json(&call).await?;
        let text = |field: &str| info[field].as_str().unwrap_or_default();
        // Vendors write "34+".
        let number = |field: &str| text(field).trim_end_matches(|c: char| !c.is_ascii_digit()).parse();
        match (number("major"), number("minor")) {
            (Ok(major), Ok(minor)) => Ok(Version { major, minor, git_version: text("gitVersion").into() }),
            _ => Err(Error::Decode {
                what: call.subject.what(),
                cause: "it names no version; is this a Kubernetes API server?".into(),
            }),
        }
    }

    async fn issuer(&self) -> Result<String, Error> {
        let call = requests::issuer()?;
        let document: Value = self.json(&call).await?;
        let absent = || Error::Decode { what: call.subject.what(), cause: "it names no issuer".into() };
        document["issuer"].as_str().map(str::to_owned).ok_or_else(absent)
    }

    async fn service_account_token(&self, namespace: &str, name: &str, audience: &str) -> Result<SecretString, Error> {
        let call = requests::token(namespace, name, audience)?;
        let answer: Value = self.json(&call).await?;
        let absent = || Error::Decode { what: call.subject.what(), cause: "it holds no token".into() };
        answer["status"]["token"].as_str().map(|token| token.to_owned().into()).ok_or_else(absent)
    }

    async fn serves(&self, api_version: &str, kind: &str) -> Result<bool, Error> {
        Ok(self.served(api_version, kind).await?.is_some())
    }

    async fn apply(&self, object: &Value, options: Apply) -> Result<Value, Error> {
        let name = ObjectRef::of(object)?;
        let resource = self.resource(&name.api_version, &name.kind).await?;
        let call = requests::apply(&name, &resource, object, options)?;
        match self.json(&call).await {
            // The object itself need not exist; only its namespace is missed.
            Err(Error::NotFound { object }) if resource.namespaced => match &name.namespace {
                Some(namespace) => Err(Error::NotFound { object: format!("Namespace {namespace} (of {name})") }),
                None => Err(Error::NotFound { object }),
            },
            other => other,
        }
    }

    async fn merge(&self, object: &ObjectRef, patch: &Value) -> Result<Value, Error> {
        let resource = self.resource(&object.api_version, &object.kind).await?;
        self.json(&requests::merge(object, &resource, patch)?).await
    }

    async fn get(&self, object: &ObjectRef) -> Result<Option<Value>, Error> {
        let Some(resource) = self.served(&object.api_version, &object.kind).await? else { return Ok(None) };
        match self.json(&requests::read(object, &resource)?).await {
            Ok(live) => Ok(Some(live)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn delete(&self, object: &ObjectRef, options: Delete) -> Result<bool, Error> {
        let Some(resource) = self.served(&object.api_version, &object.kind).await? else { return Ok(false) };
        let call = requests::delete(object, &resource, &options)?;
        let answer = self.transport.exchange(&call).await?;
        match answer.status {
            200..300 => Ok(true),
            // A first attempt that broke may be what deleted it.
            404 => Ok(answer.repeated),
            _ => Err(self.transport.refused(&answer, &call.subject)),
        }
    }

    async fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        label_selector: Option<&str>,
    ) -> Result<Vec<Value>, Error> {
        let resource = self.resource(api_version, kind).await?;
        let mut objects = Vec::new();
        let mut resume: Option<String> = None;
        loop {
            let call = requests::page(api_version, kind, &resource, namespace, label_selector, resume.as_deref())?;
            let mut page: Value = self.json(&call).await?;
            objects.append(&mut items(&mut page, api_version, kind));
            match page["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => resume = Some(token.into()),
                _ => return Ok(objects),
            }
        }
    }

    async fn wait(
        &self,
        object: &ObjectRef,
        until: Until<'_>,
        done: &mut (dyn for<'v> FnMut(Option<&'v Value>) -> bool + Send),
    ) -> Result<Option<Value>, Error> {
        self.wait_until(object, until, done).await
    }

    async fn can_i(&self, access: &Access) -> Result<bool, Error> {
        let review: Value = self.json(&requests::review(access)?).await?;
        Ok(review["status"]["allowed"] == true)
    }

    async fn pod_logs(&self, logs: &Logs) -> Result<String, Error> {
        let answer = self.transport.send(&requests::logs(logs)?).await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    async fn events(&self, namespace: &str, kind: &str, name: &str) -> Result<Vec<Event>, Error> {
        let mut list: Value = self.json(&requests::events(namespace, kind, name)?).await?;
        let mut events: Vec<Event> = items(&mut list, "v1", "Event").iter().map(event).collect();
        events.sort_by_key(Event::second);
        Ok(events)
    }

    async fn proxy(&self, request: &ProxyRequest) -> Result<Response, Error> {
        let call = requests::proxy(request)?;
        let answer = self.transport.exchange(&call).await?;
        // The API server's own refusals are about our user, not about the backend.
        let ours = matches!(answer.status, 401 | 403) && is_status(&answer.body);
        if ours {
            return Err(self.transport.refused(&answer, &call.subject));
        }
        Ok(Response { status: answer.status, body: String::from_utf8_lossy(&answer.body).into_owned() })
    }
}

fn is_status(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|value| value["kind"] == "Status" && value["apiVersion"] == "v1")
}

/// The items of a list as complete objects: the API server leaves `apiVersion` and `kind` to the list.
fn items(list: &mut Value, api_version: &str, kind: &str) -> Vec<Value> {
    let Value::Array(mut items) = list["items"].take() else {
        return Vec::new();
    };
    for item in &mut items {
        item["apiVersion"] = api_version.into();
        item["kind"] = kind.into();
    }
    items
}

/// Old and new reporters fill different fields: `count` and `lastTimestamp`, or `series`, or only `eventTime`.
fn event(object: &Value) -> Event {
    let time = |pointer: &str| object.pointer(pointer)?.as_str()?.parse::<Timestamp>().ok();
    let count = |pointer: &str| object.pointer(pointer)?.as_u64();
    let text = |field: &str| object[field].as_str().unwrap_or_default().trim().to_owned();
    Event {
        reason: text("reason"),
        message: text("message"),
        type_: text("type"),
        count: count("/series/count").or(count("/count")).unwrap_or(1).try_into().unwrap_or(u32::MAX),
        last: [
            "/series/lastObservedTime",
            "/lastTimestamp",
            "/eventTime",
            "/firstTimestamp",
            "/metadata/creationTimestamp",
        ]
        .iter()
        .find_map(|pointer| time(pointer)),
    }
}

#[cfg(test)]
mod tests;
