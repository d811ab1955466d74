use serde_json::{Value, json};

use super::common::{labels, texts};
use crate::loki::json::unless_empty;
use crate::loki::object::Object;
use crate::loki::options::Options;

/// The namespace, which enforces the restricted Pod Security Standard that the pods are made for
/// (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>).
pub fn namespace(options: &Options) -> Object {
    let mut labels = labels(options, None);
    for mode in ["enforce", "audit", "warn"] {
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), Value::from("restricted"));
    }
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": options.namespace,
            "labels": labels,
            "annotations": unless_empty(texts(&options.annotations)),
        },
    }))
}
