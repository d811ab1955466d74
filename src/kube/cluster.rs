//! The port: what the rest of the provider may ask of a cluster.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;

use super::{
    Access, Apply, Credentials, Delete, Error, Event, Logs, ObjectRef, ProxyRequest, Response, Until, Version,
};

/// A Kubernetes cluster.
///
/// Requests are bounded in time and repeated where that is safe: a cluster that does not accept connections is reported
/// within 10 seconds. Dropping a future ends its request.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Address of the API server, without credentials.
    fn url(&self) -> &str;

    /// The source of the connection as a phrase for diagnostics: `kubeconfig /x context lab`,
    /// `host https://… with a token`.
    fn origin(&self) -> &str;

    /// The connection as other clients take it, with a token that is as fresh as its source gives it. A credential
    /// plugin is run for it; the API server is not asked.
    async fn credentials(&self) -> Result<Credentials, Error>;

    /// Version of the API server. The first call of a plan: it fails within 10 seconds when the cluster is unreachable.
    async fn version(&self) -> Result<Version, Error>;

    /// Issuer of the cluster's service account tokens, a URL.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a user without the role `system:service-account-issuer-discovery`.
    async fn issuer(&self) -> Result<String, Error>;

    /// A token of a service account for an audience, for ten minutes: the shortest that Kubernetes gives.
    async fn service_account_token(&self, namespace: &str, name: &str, audience: &str) -> Result<SecretString, Error>;

    /// Whether the cluster serves a kind; those that come with Kubernetes are not asked for.
    ///
    /// # Errors
    /// Only where it cannot be asked.
    async fn serves(&self, api_version: &str, kind: &str) -> Result<bool, Error>;

    /// Server-side apply by [`crate::kube::FIELD_MANAGER`]; fields that the kind does not have are refused. Returns the
    /// object as the cluster has it then (or would have it, for a dry run), with all defaults.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another manager owns a field and `force` is off, [`Error::Invalid`], [`Error::Denied`].
    async fn apply(&self, object: &Value, options: Apply) -> Result<Value, Error>;

    /// A JSON merge patch (RFC 7386) of an object that exists; for what no apply can say. Returns the object as it is then.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the patch has a `resourceVersion` that is not the live one, [`Error::NotFound`],
    /// [`Error::Invalid`], [`Error::Denied`].
    async fn merge(&self, object: &ObjectRef, patch: &Value) -> Result<Value, Error>;

    /// The live object, `None` where it does not exist.
    async fn get(&self, object: &ObjectRef) -> Result<Option<Value>, Error>;

    /// Asks for the deletion; finalizers may keep the object for a while ([`Cluster::wait_gone`]). `false` when it did
    /// not exist.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the object has another `uid` than the one in the precondition.
    async fn delete(&self, object: &ObjectRef, options: Delete) -> Result<bool, Error>;

    /// Objects of a kind, in one namespace or in all (`None`), as complete objects with `apiVersion` and `kind`.
    async fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        label_selector: Option<&str>,
    ) -> Result<Vec<Value>, Error>;

    /// Watches an object until `done` answers `true` for it (`None`: it does not exist) and returns it as last seen.
    /// `done` is called at once with the present state, and again after each change. A broken watch is resumed.
    ///
    /// # Errors
    /// [`Error::Timeout`] at the deadline, [`Error::Cancelled`] as soon as the token is cancelled.
    async fn wait(
        &self,
        object: &ObjectRef,
        until: Until<'_>,
        done: &mut (dyn for<'v> FnMut(Option<&'v Value>) -> bool + Send),
    ) -> Result<Option<Value>, Error>;

    /// Waits until the object does not exist.
    ///
    /// # Errors
    /// As [`Cluster::wait`]; the text names the finalizers that hold the object.
    async fn wait_gone(&self, object: &ObjectRef, until: Until<'_>) -> Result<(), Error> {
        let mut finalizers = String::new();
        let mut gone = |live: Option<&Value>| {
            finalizers = live.map(held_by).unwrap_or_default();
            live.is_none()
        };
        match self.wait(object, until, &mut gone).await {
            Ok(_) => Ok(()),
            Err(Error::Timeout { after, .. }) => {
                Err(Error::Timeout { what: format!("{object} is not gone{finalizers}"), after })
            }
            Err(other) => Err(other),
        }
    }

    /// Whether the provider's own user has a permission (a SelfSubjectAccessReview).
    async fn can_i(&self, access: &Access) -> Result<bool, Error>;

    /// The last log lines of a container.
    async fn pod_logs(&self, logs: &Logs) -> Result<String, Error>;

    /// Events about an object, oldest first. Those of cluster-scoped objects are in namespace `default`.
    async fn events(&self, namespace: &str, kind: &str, name: &str) -> Result<Vec<Event>, Error>;

    /// One HTTP request to a Service or Pod through the API server. Any status code of the backend is a [`Response`].
    async fn proxy(&self, request: &ProxyRequest) -> Result<Response, Error>;
}

/// ` (held by the finalizers a, b)`, or nothing.
fn held_by(live: &Value) -> String {
    let names = live["metadata"]["finalizers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
    if names.is_empty() { String::new() } else { format!(" (held by the finalizers {})", names.join(", ")) }
}
