//! A Kubernetes object as it is handed to the API server.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A rendered Kubernetes object: always with `apiVersion`, `kind` and `metadata.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(Value);

impl Object {
    pub(super) fn new(value: Value) -> Self {
        Object(value)
    }

    pub fn api_version(&self) -> &str {
        self.text("/apiVersion").unwrap_or_default()
    }

    pub fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_default()
    }

    /// None for cluster-scoped objects.
    pub fn namespace(&self) -> Option<&str> {
        self.text("/metadata/namespace")
    }

    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// `kind/namespace/name`; the middle is empty for cluster-scoped objects (`Namespace//loki`), so
    /// that a key always splits into three.
    pub fn key(&self) -> String {
        format!(
            "{}/{}/{}",
            self.kind(),
            self.namespace().unwrap_or_default(),
            self.name()
        )
    }

    /// SHA-256 of the object's canonical JSON, in hex.
    pub fn digest(&self) -> String {
        let mut canonical = String::new();
        write_canonical(&self.0, &mut canonical);
        hex::encode(Sha256::digest(canonical))
    }

    pub fn as_value(&self) -> &Value {
        &self.0
    }

    pub fn into_value(self) -> Value {
        self.0
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer).and_then(Value::as_str)
    }
}

/// JSON with sorted keys and no spaces. Written out here because serde_json's own order depends on a
/// feature that any dependency can switch on, and digests are kept in state.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config_map() -> Object {
        Object::new(json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "loki-config", "namespace": "logs"},
            "data": {"b": "2", "a": "1\n"},
        }))
    }

    #[test]
    fn key_has_three_parts_whatever_the_scope() {
        assert_eq!(config_map().key(), "ConfigMap/logs/loki-config");
        let namespace = Object::new(
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "logs"}}),
        );
        assert_eq!(namespace.key(), "Namespace//logs");
    }

    #[test]
    fn digest_is_of_sorted_json_and_follows_every_value() {
        let mut text = String::new();
        write_canonical(config_map().as_value(), &mut text);
        assert_eq!(
            text,
            r#"{"apiVersion":"v1","data":{"a":"1\n","b":"2"},"kind":"ConfigMap","metadata":{"name":"loki-config","namespace":"logs"}}"#
        );
        let mut other = config_map().into_value();
        other["data"]["a"] = "3".into();
        assert_ne!(Object::new(other).digest(), config_map().digest());
        assert_eq!(config_map().digest().len(), 64);
    }
}
