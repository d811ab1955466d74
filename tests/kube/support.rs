//! What the tests of the port share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use loki_provider::kube::{Apply, Cluster, Delete, ObjectRef, Settings, Until, connect};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// The administrator's kubeconfig; the lab's other users lie beside it.
pub fn kubeconfig() -> PathBuf {
    std::env::var_os("KUBECONFIG").expect("KUBECONFIG is not set: run `make test`, which starts the lab").into()
}

pub fn beside(file: &str) -> PathBuf {
    kubeconfig().with_file_name(file)
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

pub fn administrator() -> Arc<dyn Cluster> {
    connect(Settings { config_path: Some(kubeconfig()), ..Settings::default() }).unwrap()
}

/// A user who may do nothing but ask for the version and for its own permissions.
pub fn nobody() -> Arc<dyn Cluster> {
    connect(Settings { config_path: Some(beside("nobody.kubeconfig")), ..Settings::default() }).unwrap()
}

/// As another manager of the same objects.
pub fn kubectl(args: &[&str]) {
    let output = Command::new("kubectl").args(args).output().expect("kubectl is in the lab's PATH");
    assert!(output.status.success(), "kubectl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A namespace that no other test uses, nor an earlier run against the same lab. Removed with everything in it.
pub struct Namespace {
    pub cluster: Arc<dyn Cluster>,
    pub name: String,
}

impl Namespace {
    pub async fn new(what: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let name = format!("{what}-{:x}-{}", now.as_micros(), NEXT.fetch_add(1, Ordering::Relaxed));
        let cluster = administrator();
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        cluster.apply(&object, Apply::default()).await.unwrap();
        let namespace = Self { cluster, name };
        // Pods are refused before its controller has made it.
        namespace.wait("v1", "ServiceAccount", "default", |live| live.is_some()).await;
        namespace
    }

    pub fn object(&self, api_version: &str, kind: &str, name: &str, rest: Value) -> Value {
        let metadata = json!({"name": name, "namespace": self.name});
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    }

    pub fn config_map(&self, name: &str, data: Value) -> Value {
        self.object("v1", "ConfigMap", name, json!({"data": data}))
    }

    pub async fn apply(&self, object: &Value) -> Value {
        self.cluster.apply(object, Apply::default()).await.unwrap()
    }

    pub fn named(&self, api_version: &str, kind: &str, name: &str) -> ObjectRef {
        ObjectRef::namespaced(api_version, kind, &self.name, name)
    }

    pub async fn wait(
        &self,
        api_version: &str,
        kind: &str,
        name: &str,
        mut done: impl FnMut(Option<&Value>) -> bool + Send,
    ) {
        let never = CancellationToken::new();
        let until = Until::after(Duration::from_secs(90), &never);
        let object = self.named(api_version, kind, name);
        self.cluster.wait(&object, until, &mut done).await.unwrap();
    }

    pub async fn remove(self) {
        let name = ObjectRef::cluster_scoped("v1", "Namespace", &self.name);
        self.cluster.delete(&name, Delete::default()).await.unwrap();
    }
}

/// A Deployment of the one image that the lab has and that is quick to start.
pub fn dns(args: &[&str], extra: Value) -> Value {
    let mut container = json!({"name": "dns", "image": "lab.local/coredns:1", "args": args});
    container.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({"spec": {
        "selector": {"matchLabels": {"app": "dns"}},
        "template": {
            "metadata": {"labels": {"app": "dns"}},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "containers": [container],
                "volumes": [{"name": "config", "configMap": {"name": "dns", "optional": true}}],
            },
        },
    }})
}
