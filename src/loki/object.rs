//! A Kubernetes object as it is handed to the API server.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json;

/// Annotation of a Secret: the digest of its data as they were applied, by which a change of them is seen without knowing
/// them.
pub(super) const DATA_DIGEST: &str = "loki.grafana.com/data-digest";

/// SHA-256 of a Secret's `data`, in hex.
pub(super) fn data_digest(data: &Value) -> String {
    hex::encode(Sha256::digest(json::canonical(data)))
}

/// A rendered Kubernetes object: always with `apiVersion`, `kind` and `metadata.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(Value);

impl Object {
    /// An object without the members of `value` that are null.
    pub(crate) fn new(value: Value) -> Self {
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

    /// SHA-256 of the object's canonical JSON, in hex. Of a Secret without its data: those are known while they are
    /// applied only, and may be others each time; what changes with them are its annotations.
    pub fn digest(&self) -> String {
        let mut object = self.0.clone();
        if self.kind() == "Secret" {
            object["data"].take();
            object["metadata"]["annotations"][DATA_DIGEST].take();
        }
        hex::encode(Sha256::digest(json::canonical(&json::without_nulls(object))))
    }

    /// Whether the data of a live Secret are those that were applied to it; none for a Secret that does not tell.
    pub fn has_its_data(live: &Value) -> Option<bool> {
        let told = live["metadata"]["annotations"][DATA_DIGEST].as_str()?;
        Some(told == data_digest(&live["data"]))
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

    #[test]
    fn a_secret_is_told_by_all_but_its_data() {
        let secret = |data: &str, version: &str| {
            let data = json!({"key": data});
            let annotations = json!({DATA_DIGEST: data_digest(&data), "version": version});
            let metadata = json!({"name": "a", "annotations": annotations});
            Object::new(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}))
        };
        assert_eq!(secret("a", "1").digest(), secret("b", "1").digest());
        assert_ne!(secret("a", "1").digest(), secret("a", "2").digest());
        let mut live = secret("a", "1").into_value();
        assert_eq!(Object::has_its_data(&live), Some(true));
        live["data"]["key"] = "b".into();
        assert_eq!(Object::has_its_data(&live), Some(false));
        assert_eq!(Object::has_its_data(&json!({})), None);
    }
}
