//! The port: what the rest of the provider may ask of a cluster.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Error;

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

    /// Version of the API server. The first call of a plan: it fails within 10 seconds when the cluster is unreachable.
    async fn version(&self) -> Result<Version, Error>;

    /// Server-side apply by [`crate::kube::FIELD_MANAGER`]; fields that the kind does not have are refused. Returns the
    /// object as the cluster has it then (or would have it, for a dry run), with all defaults.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another manager owns a field and `force` is off, [`Error::Invalid`], [`Error::Denied`].
    async fn apply(&self, object: &Value, options: Apply) -> Result<Value, Error>;

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
            Err(Error::Timeout { after, .. }) => Err(Error::Timeout {
                what: format!("{object} is not gone{finalizers}"),
                after,
            }),
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
    let names = live["metadata"]["finalizers"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" (held by the finalizers {})", names.join(", "))
    }
}

/// Version of an API server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 1.
    pub major: u32,
    /// 34 of 1.34; a vendor's suffix (`34+`) is dropped.
    pub minor: u32,
    /// In full: `v1.34.4-eks-1234567`.
    pub git_version: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.git_version)
    }
}

/// Name of one object. Displayed as `StatefulSet loki/loki` or `Namespace loki`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// `v1`, `apps/v1`.
    pub api_version: String,
    /// `StatefulSet`.
    pub kind: String,
    /// `None` for cluster-scoped kinds.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl ObjectRef {
    /// A namespaced object.
    #[must_use]
    pub fn namespaced(api_version: &str, kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            namespace: Some(namespace.into()),
            ..Self::cluster_scoped(api_version, kind, name)
        }
    }

    /// A cluster-scoped object.
    #[must_use]
    pub fn cluster_scoped(api_version: &str, kind: &str, name: &str) -> Self {
        Self {
            api_version: api_version.into(),
            kind: kind.into(),
            namespace: None,
            name: name.into(),
        }
    }

    /// The name that an object carries.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `apiVersion`, `kind` or `metadata.name` is missing.
    pub fn of(object: &Value) -> Result<Self, Error> {
        let text = |pointer: &str| match object.pointer(pointer).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(Error::Malformed(format!(
                "a Kubernetes object has no {}",
                pointer[1..].replace('/', ".")
            ))),
        };
        Ok(Self {
            api_version: text("/apiVersion")?,
            kind: text("/kind")?,
            namespace: text("/metadata/namespace").ok(),
            name: text("/metadata/name")?,
        })
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// Options of [`Cluster::apply`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apply {
    /// Let the API server judge and default the object without storing it.
    pub dry_run: bool,
    /// Take over fields that other managers own.
    pub force: bool,
}

/// Options of [`Cluster::delete`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delete {
    /// What happens to the objects that the deleted one owns.
    pub propagation: Propagation,
    /// Delete only the object with this `metadata.uid`, not another one that has taken its name.
    pub uid: Option<String>,
    /// Grace period in seconds; the kind's own when `None`.
    pub grace: Option<u32>,
}

/// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// The object goes at once, what it owns follows.
    #[default]
    Background,
    /// The object goes after what it owns.
    Foreground,
    /// What it owns stays.
    Orphan,
}

/// How long to wait, and what ends the wait early.
#[derive(Clone, Copy, Debug)]
pub struct Until<'a> {
    /// When to give up.
    pub deadline: Instant,
    /// Ends the wait at once when cancelled.
    pub cancel: &'a CancellationToken,
}

impl<'a> Until<'a> {
    /// Gives up `after` this long from now.
    #[must_use]
    pub fn after(after: Duration, cancel: &'a CancellationToken) -> Self {
        Self {
            deadline: Instant::now() + after,
            cancel,
        }
    }
}

/// A permission. Displayed as `create statefulsets.apps in namespace loki`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// `get`, `list`, `watch`, `create`, `patch`, `delete`.
    pub verb: String,
    /// API group; empty for the core group.
    pub group: String,
    /// Plural, with its subresource: `statefulsets`, `pods/log`, `services/proxy`.
    pub resource: String,
    /// `None`: at cluster scope, or in all namespaces.
    pub namespace: Option<String>,
}

impl Access {
    /// A permission in a namespace.
    #[must_use]
    pub fn new(verb: &str, group: &str, resource: &str, namespace: Option<&str>) -> Self {
        Self {
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            namespace: namespace.map(str::to_owned),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " in namespace {namespace}"),
            None => write!(f, " at cluster scope"),
        }
    }
}

/// Which log lines [`Cluster::pod_logs`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// Namespace of the pod.
    pub namespace: String,
    /// Name of the pod.
    pub pod: String,
    /// Needed when the pod has more than one container.
    pub container: Option<String>,
    /// How many of the last lines.
    pub tail_lines: u32,
    /// Those of the container's previous run.
    pub previous: bool,
}

/// What a controller reported about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `FailedScheduling`, `BackOff`.
    pub reason: String,
    /// The controller's words.
    pub message: String,
    /// `Normal` or `Warning`.
    pub type_: String,
    /// How often it happened.
    pub count: u32,
    /// When it happened last.
    pub last: Option<Timestamp>,
}

/// Where a proxied request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyTarget {
    /// A ready endpoint of the Service of this name.
    Service(String),
    /// The Pod of this name.
    Pod(String),
}

/// A request for [`Cluster::proxy`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyRequest {
    /// Namespace of the target.
    pub namespace: String,
    /// Service or Pod.
    pub target: ProxyTarget,
    /// Number, or name of a Service's port.
    pub port: String,
    /// Path with its query: `/loki/api/v1/query?query=…`.
    pub path: String,
    /// HTTP method. `GET` and `HEAD` are repeated after a broken connection, others never.
    pub method: http::Method,
    /// Headers for the backend, for example `X-Scope-OrgID`. The API server keeps `Authorization` for itself.
    pub headers: Vec<(String, String)>,
    /// Empty for most requests.
    pub body: Vec<u8>,
    /// Time for the whole request.
    pub timeout: Duration,
}

impl ProxyRequest {
    /// A GET with a 10 second timeout.
    #[must_use]
    pub fn get(namespace: &str, target: ProxyTarget, port: u16, path: &str) -> Self {
        Self {
            namespace: namespace.into(),
            target,
            port: port.to_string(),
            path: path.into(),
            method: http::Method::GET,
            headers: Vec::new(),
            body: Vec::new(),
            timeout: Duration::from_secs(10),
        }
    }
}

/// Answer of a proxied backend, or of the API server where it could not reach the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Body as text; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Response {
    /// Whether the status code is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as one line: the API server's message where it could not reach the backend
    /// (`no endpoints available for service "loki"`), else the backend's first words.
    #[must_use]
    pub fn reason(&self) -> String {
        let status: Option<Value> = serde_json::from_str(&self.body).ok();
        let message = status
            .as_ref()
            .filter(|v| v["kind"] == "Status")
            .and_then(|v| v["message"].as_str());
        let line = message
            .unwrap_or(&self.body)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        match line.char_indices().nth(200) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_names_itself() {
        let object = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a", "namespace": "b"}});
        let name = ObjectRef::of(&object).unwrap();
        assert_eq!(
            name,
            ObjectRef::namespaced("apps/v1", "StatefulSet", "b", "a")
        );
        assert_eq!(name.to_string(), "StatefulSet b/a");
        let nameless =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "a-"}});
        assert_eq!(
            ObjectRef::of(&nameless).unwrap_err().to_string(),
            "a Kubernetes object has no metadata.name"
        );
    }

    #[test]
    fn a_response_explains_itself() {
        let response = |body: &str| {
            Response {
                status: 503,
                body: body.into(),
            }
            .reason()
        };
        assert_eq!(
            response(r#"{"kind":"Status","message":"no endpoints available"}"#),
            "no endpoints available"
        );
        assert_eq!(
            response("Ingester not ready:\n waiting for 15s\n"),
            "Ingester not ready: waiting for 15s"
        );
        assert_eq!(response(&"ä".repeat(300)).chars().count(), 201);
    }
}
