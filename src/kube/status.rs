//! The API server's refusals as [`Error`]s.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>

use ::kube::core::Status;

use super::{Cause, Error, FieldConflict};

/// What a request is about, for texts.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// `apply`, `get`, `delete`.
    pub(super) action: &'static str,
    /// `StatefulSet loki/loki`.
    pub(super) object: String,
}

impl Subject {
    /// `apply of StatefulSet loki/loki`.
    pub(super) fn what(&self) -> String {
        format!("{} of {}", self.action, self.object)
    }
}

/// The error for a status code that is not 2xx; `None` for 401, whose text needs to know the connection.
pub(super) fn refusal(code: u16, body: &[u8], subject: &Subject) -> Option<Error> {
    // A proxy or load balancer in between answers in plain text or HTML.
    let status: Status = serde_json::from_slice(body).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(body);
        Status::failure(&text.split_whitespace().collect::<Vec<_>>().join(" "), "")
    });
    let object = || subject.object.clone();
    let message = || safe(subject, &status.message);
    Some(match code {
        401 => return None,
        _ if status.message.contains("admission webhook") && status.message.contains("denied the request") => {
            Error::Denied { object: object(), message: message() }
        }
        403 => forbidden(&status.message).unwrap_or_else(|| Error::Denied { object: object(), message: message() }),
        404 => Error::NotFound { object: object() },
        409 => Error::Conflict { object: object(), conflicts: owners(&status), message: message() },
        422 => Error::Invalid { object: object(), causes: causes(&status, subject) },
        // A field that the kind does not have is a 500 in server-side apply, and a wrong type a 400:
        // k8s.io/apiserver/pkg/endpoints/handlers/patch.go. Neither gets better by trying again.
        400 | 500 if subject.action == "apply" && is_about_content(code, &status.message) => {
            Error::Invalid { object: object(), causes: causes(&status, subject) }
        }
        code => Error::Api { what: subject.what(), code, message: message() },
    })
}

fn is_about_content(code: u16, message: &str) -> bool {
    code == 400 || CONTENT.iter().any(|(start, _)| message.starts_with(start))
}

/// How server-side apply begins to complain about an object's content, and what ends the part that repeats its name.
const CONTENT: [(&str, &str); 2] = [
    // …(ns/name; apps/v1, Kind=StatefulSet): .spec.foo: field not declared in schema
    ("failed to create typed patch object", "): "),
    // …(ns/name; /v1, Kind=Secret) to proper version: …: error decoding from json: illegal base64 data at input byte 4
    ("failed to convert new object", "error decoding from json: "),
];

/// `statefulsets.apps "loki" is forbidden: User "ci" cannot create resource "statefulsets" in API group "apps" in the
/// namespace "loki"`, as k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go writes it. Admission plugins
/// answer 403 in other words.
fn forbidden(message: &str) -> Option<Error> {
    let (user, rest) = message.split_once("User \"")?.1.split_once("\" cannot ")?;
    if let Some((verb, path)) = rest.split_once(" path \"") {
        let path = path.split('"').next()?;
        return Some(Error::Forbidden { verb: verb.into(), resource: path.into(), namespace: None, user: user.into() });
    }
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, rest) = rest.split_once("\" in API group \"")?;
    let (group, rest) = rest.split_once('"')?;
    let namespace = rest.split_once("in the namespace \"").and_then(|(_, rest)| rest.split('"').next());
    // Group before subresource would read "pods/log"; "statefulsets/scale.apps" is how `kubectl auth can-i` writes it.
    let resource = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    Some(Error::Forbidden { verb: verb.into(), resource, namespace: namespace.map(str::to_owned), user: user.into() })
}

/// Causes of a server-side apply conflict: `conflict with "kubectl" using apps/v1` on field `.spec.replicas`.
fn owners(status: &Status) -> Vec<FieldConflict> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| FieldConflict {
            manager: cause.message.split('"').nth(1).unwrap_or(&cause.message).into(),
            field: cause.field.clone(),
        })
        .collect()
}

fn causes(status: &Status, subject: &Subject) -> Vec<Cause> {
    let details = status.details.iter().flat_map(|details| &details.causes);
    let causes: Vec<_> =
        details.map(|cause| Cause { field: cause.field.clone(), message: safe(subject, &cause.message) }).collect();
    if !causes.is_empty() {
        return causes;
    }
    let message = status.message.as_str();
    let known = CONTENT.iter().find(|(start, _)| message.starts_with(start));
    let words = known.and_then(|(_, end)| message.split_once(end)).map_or(message, |(_, words)| words);
    vec![Cause { field: String::new(), message: safe(subject, words) }]
}

/// The API server quotes refused values, and a Secret's are secret.
fn safe(subject: &Subject, message: &str) -> String {
    const QUOTE: &str = "Invalid value: ";
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match message.split_once(QUOTE) {
        Some((before, _)) if subject.object.starts_with("Secret ") => {
            format!("{before}invalid value (not shown)")
        }
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn apply_of(object: &str, code: u16, body: serde_json::Value) -> Error {
        let subject = Subject { action: "apply", object: object.into() };
        refusal(code, body.to_string().as_bytes(), &subject).unwrap()
    }

    #[test]
    fn rbac_is_told_from_admission() {
        let rbac = r#"pods "loki-0" is forbidden: User "ci" cannot get resource "pods/log" in API group "" in the namespace "loki""#;
        let error = apply_of("Pod loki/loki-0", 403, json!({"message": rbac}));
        assert_eq!(error.to_string(), "ci may not get pods/log in namespace loki");
        let rbac = r#"nodes is forbidden: User "ci" cannot list resource "nodes" in API group "" at the cluster scope"#;
        assert_eq!(
            apply_of("Node", 403, json!({"message": rbac})).to_string(),
            "ci may not list nodes at cluster scope"
        );
        let path = r#"forbidden: User "system:anonymous" cannot get path "/version""#;
        let error = apply_of("version", 403, json!({"message": path}));
        assert_eq!(error.to_string(), "system:anonymous may not get /version at cluster scope");
        let quota = r#"pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"#;
        assert!(matches!(apply_of("Pod x/a", 403, json!({"message": quota})), Error::Denied { .. }));
        let hook = r#"admission webhook "policy" denied the request: no"#;
        assert!(matches!(apply_of("Pod x/a", 400, json!({"message": hook})), Error::Denied { .. }));
    }

    #[test]
    fn a_secrets_values_stay_secret() {
        let cause = json!({"field": "data[k]", "message": "Invalid value: \"hush\": too long"});
        let body = json!({"message": "Secret \"s\" is invalid: data[k]: Invalid value: \"hush\": too long", "details": {"causes": [cause]}});
        let text = apply_of("Secret loki/s", 422, body.clone()).to_string();
        assert_eq!(text, "the API server refuses Secret loki/s: data[k]: invalid value (not shown)");
        assert!(apply_of("ConfigMap loki/s", 422, body).to_string().contains("hush"));
    }

    #[test]
    fn an_answer_from_something_else_keeps_its_words() {
        let subject = Subject { action: "get", object: "Pod a/b".into() };
        let error = refusal(502, b"<html>\n Bad Gateway", &subject).unwrap();
        assert_eq!(error.to_string(), "the API server answers get of Pod a/b with 502: <html> Bad Gateway");
        assert!(error.is_retryable());
    }
}
