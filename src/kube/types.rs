//! What the port's calls take and return.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Error, kinds};

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
        Self { namespace: Some(namespace.into()), ..Self::cluster_scoped(api_version, kind, name) }
    }

    /// A cluster-scoped object.
    #[must_use]
    pub fn cluster_scoped(api_version: &str, kind: &str, name: &str) -> Self {
        Self { api_version: api_version.into(), kind: kind.into(), namespace: None, name: name.into() }
    }

    /// The API group, empty for the core's.
    #[must_use]
    pub fn group(&self) -> &str {
        kinds::group(&self.api_version)
    }

    /// The name that an object carries.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `apiVersion`, `kind` or `metadata.name` is missing.
    pub fn of(object: &Value) -> Result<Self, Error> {
        let text = |pointer: &str| match object.pointer(pointer).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(Error::Malformed(format!("a Kubernetes object has no {}", pointer[1..].replace('/', ".")))),
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
        Self { deadline: Instant::now() + after, cancel }
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

    /// A permission for all objects of a kind in a namespace.
    #[must_use]
    pub fn of_kind(verb: &str, api_version: &str, kind: &str, namespace: Option<&str>) -> Self {
        Self::new(verb, kinds::group(api_version), &kinds::plural(api_version, kind), namespace)
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

impl Event {
    /// Sorts oldest first, with a stable sort of a list as the API server returns it. Some reporters write whole seconds,
    /// others fractions; within a second the list's own order is better, as an event's name ends in the time of its making.
    pub(super) fn second(&self) -> Option<i64> {
        self.last.map(Timestamp::as_second)
    }
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

    /// Whether the API server answered in place of the backend that it could not reach.
    #[must_use]
    pub fn is_of_the_proxy(&self) -> bool {
        serde_json::from_str::<Value>(&self.body).is_ok_and(|body| body["kind"] == "Status")
    }

    /// The body as one line: the API server's message where it could not reach the backend
    /// (`no endpoints available for service "loki"`), else the backend's first words.
    #[must_use]
    pub fn reason(&self) -> String {
        let status: Option<Value> = serde_json::from_str(&self.body).ok();
        let message = status.as_ref().filter(|v| v["kind"] == "Status").and_then(|v| v["message"].as_str());
        let line = message.unwrap_or(&self.body).split_whitespace().collect::<Vec<_>>().join(" ");
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
        let object =
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a", "namespace": "b"}});
        let name = ObjectRef::of(&object).unwrap();
        assert_eq!(name, ObjectRef::namespaced("apps/v1", "StatefulSet", "b", "a"));
        assert_eq!(name.to_string(), "StatefulSet b/a");
        let nameless = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "a-"}});
        assert_eq!(ObjectRef::of(&nameless).unwrap_err().to_string(), "a Kubernetes object has no metadata.name");
    }

    #[test]
    fn a_response_explains_itself() {
        let response = |body: &str| Response { status: 503, body: body.into() }.reason();
        assert_eq!(response(r#"{"kind":"Status","message":"no endpoints available"}"#), "no endpoints available");
        assert_eq!(response("Ingester not ready:\n waiting for 15s\n"), "Ingester not ready: waiting for 15s");
        assert_eq!(response(&"ä".repeat(300)).chars().count(), 201);
    }
}
