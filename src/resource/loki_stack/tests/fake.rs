//! A cluster of one's making: its controllers work at once, and any request may be refused.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::kube::{
    Access, Apply, Cluster, Credentials, Delete, Error, Event, Logs, ObjectRef, ProxyRequest, Response, Until, Version,
};

/// Refuses a request by its text (`get StatefulSet logs/loki`, `list Pod`, `proxy /ready`), given how often it was made.
pub type Refuse = Box<dyn Fn(&str, usize) -> Option<Error> + Send + Sync>;

pub struct Fake {
    pub objects: Mutex<BTreeMap<String, Json>>,
    /// Every request by its text, with how often it was made.
    pub asked: Mutex<BTreeMap<String, usize>>,
    /// What keeps the StatefulSet from making its pod.
    pub blocked: Option<String>,
    /// How long listing takes.
    pub pause: Duration,
    pub refuse: Refuse,
}

impl Fake {
    pub fn new(refuse: impl Fn(&str, usize) -> Option<Error> + Send + Sync + 'static) -> Self {
        Self {
            objects: Mutex::default(),
            asked: Mutex::default(),
            blocked: None,
            pause: Duration::ZERO,
            refuse: Box::new(refuse),
        }
    }

    fn ask(&self, request: String) -> Result<(), Error> {
        let mut asked = self.asked.lock().unwrap();
        let times = asked.entry(request.clone()).or_default();
        *times += 1;
        (self.refuse)(&request, *times).map_or(Ok(()), Err)
    }

    fn pods(&self) -> u64 {
        u64::from(self.blocked.is_none())
    }
}

#[async_trait]
impl Cluster for Fake {
    fn url(&self) -> &str {
        "https://fake"
    }

    fn origin(&self) -> &str {
        "a test"
    }

    async fn credentials(&self) -> Result<Credentials, Error> {
        unimplemented!("no phase of a stack hands them out")
    }

    async fn version(&self) -> Result<Version, Error> {
        self.ask("version".to_owned())?;
        Ok(Version { major: 1, minor: 34, git_version: "v1.34.0".to_owned() })
    }

    async fn service_account_token(&self, _: &str, _: &str, _: &str) -> Result<secrecy::SecretString, Error> {
        unimplemented!("no phase of a stack takes one")
    }

    async fn issuer(&self) -> Result<String, Error> {
        self.ask("issuer".to_owned())?;
        Ok("https://issuer.example".to_owned())
    }

    async fn serves(&self, _api_version: &str, _kind: &str) -> Result<bool, Error> {
        Ok(true)
    }

    async fn apply(&self, object: &Json, options: Apply) -> Result<Json, Error> {
        let name = ObjectRef::of(object)?;
        self.ask(format!("apply {name}"))?;
        let mut object = object.clone();
        if name.kind == "StatefulSet" {
            let pods = self.pods();
            object["metadata"]["generation"] = json!(1);
            object["status"] = json!({"observedGeneration": 1, "replicas": pods, "readyReplicas": pods});
        }
        if !options.dry_run {
            self.objects.lock().unwrap().insert(name.to_string(), object.clone());
        }
        Ok(object)
    }

    async fn merge(&self, object: &ObjectRef, patch: &Json) -> Result<Json, Error> {
        self.ask(format!("patch {object}"))?;
        let mut objects = self.objects.lock().unwrap();
        let live = objects.entry(object.to_string()).or_default();
        for (key, value) in patch["spec"].as_object().into_iter().flatten() {
            live["spec"][key] = value.clone();
        }
        Ok(live.clone())
    }

    async fn get(&self, object: &ObjectRef) -> Result<Option<Json>, Error> {
        self.ask(format!("get {object}"))?;
        Ok(self.objects.lock().unwrap().get(&object.to_string()).cloned())
    }

    async fn delete(&self, object: &ObjectRef, _: Delete) -> Result<bool, Error> {
        self.ask(format!("delete {object}"))?;
        Ok(self.objects.lock().unwrap().remove(&object.to_string()).is_some())
    }

    async fn list(&self, _: &str, kind: &str, _: Option<&str>, _: Option<&str>) -> Result<Vec<Json>, Error> {
        self.ask(format!("list {kind}"))?;
        tokio::time::sleep(self.pause).await;
        let exists = self.objects.lock().unwrap().keys().any(|name| name.starts_with("StatefulSet"));
        if kind != "Pod" || !exists || self.pods() == 0 {
            return Ok(Vec::new());
        }
        let labels = json!({"app.kubernetes.io/component": "all"});
        let ready = json!([{"type": "Ready", "status": "True"}]);
        Ok(vec![json!({"metadata": {"name": "loki-0", "labels": labels},
                       "status": {"phase": "Running", "podIP": "10.0.0.1", "conditions": ready}})])
    }

    async fn wait(
        &self,
        object: &ObjectRef,
        _: Until<'_>,
        done: &mut (dyn for<'v> FnMut(Option<&'v Json>) -> bool + Send),
    ) -> Result<Option<Json>, Error> {
        let live = self.get(object).await?;
        assert!(done(live.as_ref()), "nothing is awaited longer than it takes here");
        Ok(live)
    }

    async fn can_i(&self, _: &Access) -> Result<bool, Error> {
        Ok(true)
    }

    async fn pod_logs(&self, _: &Logs) -> Result<String, Error> {
        Ok(String::new())
    }

    async fn events(&self, _: &str, _: &str, _: &str) -> Result<Vec<Event>, Error> {
        self.ask("list Event".to_owned())?;
        let event = |message: &String| Event {
            reason: "FailedCreate".to_owned(),
            message: format!("create Pod loki-0 in StatefulSet loki failed error: {message}"),
            type_: "Warning".to_owned(),
            count: 3,
            last: None,
        };
        Ok(self.blocked.iter().map(event).collect())
    }

    async fn proxy(&self, request: &ProxyRequest) -> Result<Response, Error> {
        self.ask(format!("proxy {}", request.path))?;
        let body = match request.path.as_str() {
            "/ring" => r#"{"shards": [{"id": "loki-0", "state": "ACTIVE"}]}"#,
            _ => "ready",
        };
        Ok(Response { status: 200, body: body.to_owned() })
    }
}
