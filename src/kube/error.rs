//! What can go wrong between the provider and a cluster.

use std::fmt;
use std::time::Duration;

/// A failure, told in one sentence that names what was refused and by whom, without secrets.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// No usable answer from the API server: nobody listens, the name does not resolve, TLS fails, the connection breaks.
    #[error("cannot reach the Kubernetes API server at {url}: {cause}")]
    Unreachable {
        /// Address as configured, without credentials.
        url: String,
        /// For example `connection refused`.
        cause: String,
        /// Whether the same request may succeed later: true for a refused connection, false for a wrong certificate.
        retryable: bool,
    },
    /// 401.
    #[error("the Kubernetes API server at {url} does not accept the credentials of {origin}")]
    Unauthorized {
        /// Address as configured.
        url: String,
        /// [`crate::kube::Cluster::origin`].
        origin: String,
    },
    /// No token or client certificate could be had: a credential plugin or token source failed.
    #[error("cannot get credentials for the Kubernetes API server at {url}: {cause}")]
    Credentials {
        /// Address as configured.
        url: String,
        /// What the plugin or source said.
        cause: String,
    },
    /// 403 by RBAC.
    #[error("{user} may not {verb} {resource} {}", scope(.namespace))]
    Forbidden {
        /// For example `create`.
        verb: String,
        /// `resource` or `resource.group`, with its subresource: `statefulsets.apps`, `pods/log`.
        resource: String,
        /// `None` when the permission is missing at cluster scope.
        namespace: Option<String>,
        /// The user that the API server sees.
        user: String,
    },
    /// 403 by admission: an exceeded quota, pod security, a namespace that is being deleted, a policy webhook.
    #[error("the cluster does not admit {object}: {message}")]
    Denied {
        /// For example `StatefulSet loki/loki`.
        object: String,
        /// The admission plugin's words.
        message: String,
    },
    /// 404 where the caller did not ask whether something exists.
    #[error("{object} does not exist in the cluster")]
    NotFound {
        /// For example `Pod loki/loki-0`.
        object: String,
    },
    /// The cluster does not serve the kind: a CustomResourceDefinition is missing.
    #[error("kind {kind} of {api_version} does not exist in the cluster")]
    UnknownKind {
        /// For example `monitoring.coreos.com/v1`.
        api_version: String,
        /// For example `PodMonitor`.
        kind: String,
    },
    /// 409: other managers own fields that the provider would set, or a precondition does not hold.
    #[error("{object} is in conflict: {}", conflict(.conflicts, .message))]
    Conflict {
        /// For example `StatefulSet loki/loki`.
        object: String,
        /// The owned fields; empty when the conflict is about the whole object.
        conflicts: Vec<FieldConflict>,
        /// The API server's words.
        message: String,
    },
    /// 422, or another refusal of the object's content.
    #[error("the API server refuses {object}: {}", join(.causes))]
    Invalid {
        /// For example `StatefulSet loki/loki`.
        object: String,
        /// At least one.
        causes: Vec<Cause>,
    },
    /// No answer, or no awaited state, in time.
    #[error("{what} within {}", seconds(.after))]
    Timeout {
        /// Reads with "within": `no answer to apply of StatefulSet loki/loki`, `Namespace loki is not gone`.
        what: String,
        /// The time that was given.
        after: Duration,
    },
    /// The cancellation token ended the wait.
    #[error("cancelled while {what}")]
    Cancelled {
        /// For example `waiting for Namespace loki`.
        what: String,
    },
    /// The settings or the kubeconfig cannot be used; nothing was dialled.
    #[error("{0}")]
    Config(String),
    /// The caller's object lacks what every object has.
    #[error("{0}")]
    Malformed(String),
    /// Any other refusal by the API server.
    #[error("the API server answers {what} with {code}: {message}")]
    Api {
        /// For example `apply of StatefulSet loki/loki`.
        what: String,
        /// HTTP status code.
        code: u16,
        /// The API server's words.
        message: String,
    },
    /// An answer that is not what the Kubernetes API promises.
    #[error("cannot read the answer to {what}: {cause}")]
    Decode {
        /// For example `get of StatefulSet loki/loki`.
        what: String,
        /// The parser's words.
        cause: String,
    },
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { retryable, .. } => *retryable,
            Self::Timeout { .. } => true,
            Self::Api { code, .. } => matches!(code, 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// Whether a call that changes something may have done so all the same. A connection that breaks may have been sent
    /// something or not; it does not count here.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::Timeout { .. } | Self::Cancelled { .. } | Self::Api { code: 500.., .. } | Self::Decode { .. }
        )
    }
}

/// A field that another manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// Its field manager, for example `kubectl-client-side-apply`.
    pub manager: String,
    /// Path as the API server writes it: `.spec.replicas`.
    pub field: String,
}

/// One reason why an object is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Path as the API server writes it (`spec.replicas`); empty when the reason is about the whole object.
    pub field: String,
    /// The API server's words.
    pub message: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() || self.message.contains(&self.field) {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

fn scope(namespace: &Option<String>) -> String {
    match namespace {
        Some(namespace) => format!("in namespace {namespace}"),
        None => "at cluster scope".into(),
    }
}

/// `kubectl owns .spec.replicas and .spec.paused; argo owns .metadata.labels.a`, in the API server's order.
fn conflict(conflicts: &[FieldConflict], message: &str) -> String {
    let mut managers: Vec<(&str, Vec<&str>)> = Vec::new();
    for FieldConflict { manager, field } in conflicts {
        match managers.iter_mut().find(|(name, _)| name == manager) {
            Some((_, fields)) => fields.push(field),
            None => managers.push((manager, vec![field])),
        }
    }
    if managers.is_empty() {
        return message.into();
    }
    let phrases: Vec<_> =
        managers.iter().map(|(manager, fields)| format!("{manager} owns {}", fields.join(", "))).collect();
    phrases.join("; ")
}

fn join(causes: &[Cause]) -> String {
    causes.iter().map(Cause::to_string).collect::<Vec<_>>().join("; ")
}

/// Rounded, because the time to a deadline is a little less than what was asked for.
fn seconds(after: &Duration) -> String {
    match after.as_secs_f64().round() as u64 {
        0 => format!("{} ms", after.as_millis()),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_one_sentence() {
        let refused = Error::Unreachable {
            url: "https://127.0.0.1:1".into(),
            cause: "connection refused".into(),
            retryable: true,
        };
        assert_eq!(
            refused.to_string(),
            "cannot reach the Kubernetes API server at https://127.0.0.1:1: connection refused"
        );
        let forbidden = Error::Forbidden {
            verb: "create".into(),
            resource: "statefulsets.apps".into(),
            namespace: Some("loki".into()),
            user: "ci".into(),
        };
        assert_eq!(forbidden.to_string(), "ci may not create statefulsets.apps in namespace loki");
        let owned = |manager: &str, field: &str| FieldConflict { manager: manager.into(), field: field.into() };
        let conflict = Error::Conflict {
            object: "StatefulSet loki/loki".into(),
            conflicts: vec![owned("kubectl", ".spec.replicas"), owned("argo", ".spec.a"), owned("kubectl", ".spec.b")],
            message: "Apply failed".into(),
        };
        assert_eq!(
            conflict.to_string(),
            "StatefulSet loki/loki is in conflict: kubectl owns .spec.replicas, .spec.b; argo owns .spec.a"
        );
        let timeout = Error::Timeout { what: "Namespace loki is not gone".into(), after: Duration::from_secs(90) };
        assert_eq!(timeout.to_string(), "Namespace loki is not gone within 90 s");
    }
}
