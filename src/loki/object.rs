//! A Kubernetes object as it is handed to the API server.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json;

/// A rendered Kubernetes object: always with `apiVersion`, `kind` and `metadata.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(Value);

impl Object {
    /// An object without the members of `value` that are null.
    pub(super) fn new(value: Value) -> Self {
        Object(json::without_nulls(value))
    }

    /// Group and version, such as `apps/v1`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion").unwrap_or_default()
    }

    /// Such as `StatefulSet`.
    pub fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_default()
    }

    /// `metadata.namespace`; none for cluster-scoped objects.
    pub fn namespace(&self) -> Option<&str> {
        self.text("/metadata/namespace")
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// `kind/namespace/name`; the middle is empty for cluster-scoped objects (`Namespace//loki`), so
    /// that a key always splits into three.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.kind(), self.namespace().unwrap_or_default(), self.name())
    }

    /// SHA-256 of the object's canonical JSON, in hex.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(json::canonical(&self.0)))
    }

    /// The object as JSON.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The object as JSON, to be sent.
    pub fn into_value(self) -> Value {
        self.0
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config_map(data: &str) -> Object {
        Object::new(json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "loki-config", "namespace": "logs", "annotations": null},
            "data": {"config.yaml": data},
        }))
    }

    #[test]
    fn key_has_three_parts_whatever_the_scope() {
        assert_eq!(config_map("").key(), "ConfigMap/logs/loki-config");
        let namespace = Object::new(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "logs"}}));
        assert_eq!((namespace.namespace(), namespace.key().as_str()), (None, "Namespace//logs"));
    }

    #[test]
    fn digest_follows_every_value() {
        assert_eq!(config_map("a").digest(), config_map("a").digest());
        assert_ne!(config_map("a").digest(), config_map("b").digest());
        assert_eq!(config_map("a").digest().len(), 64);
    }
}
