//! The cluster.

use async_trait::async_trait;
use loki_provider::kube::{self, Cluster};
use serde_json::{Value, json};

use super::{maybe, next};

pub struct Kubernetes;

fn reply<T>(value: impl FnOnce() -> T) -> Result<T, kube::Error> {
    let text = || "the fuzzer says so".to_owned();
    Err(match next(9) {
        0 => kube::Error::Unreachable { url: "https://cluster.example".to_owned(), cause: text(), retryable: false },
        1 => kube::Error::Denied { object: "StatefulSet loki/loki".to_owned(), message: text() },
        2 => kube::Error::NotFound { object: "Pod loki/loki-0".to_owned() },
        3 => {
            kube::Error::Conflict { object: "StatefulSet loki/loki".to_owned(), conflicts: Vec::new(), message: text() }
        }
        4 => kube::Error::Timeout { what: text(), after: std::time::Duration::from_secs(1) },
        _ => return Ok(value()),
    })
}

#[async_trait]
impl Cluster for Kubernetes {
    fn url(&self) -> &str {
        "https://cluster.example"
    }

    fn origin(&self) -> &str {
        "the fuzzer"
    }

    async fn credentials(&self) -> Result<kube::Credentials, kube::Error> {
        reply(|| kube::Credentials {
            host: "https://cluster.example".to_owned(),
            token: maybe(|| "fuzz".to_owned().into()),
            ..kube::Credentials::default()
        })
    }

    async fn version(&self) -> Result<kube::Version, kube::Error> {
        reply(|| kube::Version { major: 1, minor: 27 + next(8) as u32, git_version: "v1.33.0".to_owned() })
    }

    async fn issuer(&self) -> Result<String, kube::Error> {
        reply(|| "https://issuer.example".to_owned())
    }

    async fn service_account_token(&self, _: &str, _: &str, _: &str) -> Result<secrecy::SecretString, kube::Error> {
        reply(|| "fuzz".to_owned().into())
    }

    async fn serves(&self, _api_version: &str, _kind: &str) -> Result<bool, kube::Error> {
        reply(|| true)
    }

    async fn apply(&self, object: &Value, _options: kube::Apply) -> Result<Value, kube::Error> {
        reply(|| object.clone())
    }

    async fn merge(&self, _object: &kube::ObjectRef, patch: &Value) -> Result<Value, kube::Error> {
        reply(|| patch.clone())
    }

    async fn get(&self, object: &kube::ObjectRef) -> Result<Option<Value>, kube::Error> {
        reply(|| {
            maybe(|| {
                json!({
                    "apiVersion": object.api_version, "kind": object.kind,
                    "metadata": {"name": object.name, "namespace": object.namespace, "uid": "u"},
                    "spec": {"replicas": next(3)}, "status": {"readyReplicas": next(3), "observedGeneration": 1},
                })
            })
        })
    }

    async fn delete(&self, _object: &kube::ObjectRef, _options: kube::Delete) -> Result<bool, kube::Error> {
        reply(|| next(2) == 0)
    }

    async fn list(
        &self,
        api_version: &str,
        kind: &str,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<Vec<Value>, kube::Error> {
        reply(|| {
            let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "b"}});
            vec![object; next(3) as usize]
        })
    }

    async fn wait(
        &self,
        object: &kube::ObjectRef,
        _until: kube::Until<'_>,
        done: &mut (dyn for<'v> FnMut(Option<&'v Value>) -> bool + Send),
    ) -> Result<Option<Value>, kube::Error> {
        let live = self.get(object).await?;
        if done(live.as_ref()) {
            return Ok(live);
        }
        Err(kube::Error::Timeout { what: format!("{object} is not there"), after: std::time::Duration::from_secs(1) })
    }

    async fn can_i(&self, _access: &kube::Access) -> Result<bool, kube::Error> {
        reply(|| next(4) > 0)
    }

    async fn pod_logs(&self, _logs: &kube::Logs) -> Result<String, kube::Error> {
        reply(|| "level=error msg=\"no\"".to_owned())
    }

    async fn events(&self, _: &str, _kind: &str, _name: &str) -> Result<Vec<kube::Event>, kube::Error> {
        reply(Vec::new)
    }

    async fn proxy(&self, _request: &kube::ProxyRequest) -> Result<kube::Response, kube::Error> {
        reply(|| kube::Response {
            status: [200, 404, 503][next(3) as usize],
            body: ["ready", "{}", r#"{"status":"success","data":{"result":[]}}"#, ""][next(4) as usize].to_owned(),
        })
    }
}
