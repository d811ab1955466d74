//! Secrets do not belong into a ConfigMap.

use serde_json::Value;

use crate::loki::config_file::model::{Model, ModelId};
use crate::loki::finding::Finding;

/// Keys that are secret wherever they stand, or that come with one.
const SECRETS: [&str; 4] = ["access_key_id", "password", "secret_access_key", "token"];

/// Warns of the secrets among the values of an object. The texts name their keys and never their values.
pub fn secrets(overrides: &Value, minor: u32) -> Vec<Finding> {
    let mut search = Search { model: Model::of(minor), found: Vec::new() };
    search.below(overrides, Some(Model::ROOT), "");
    search.found.iter().map(|path| finding(path)).collect()
}

struct Search {
    model: &'static Model,
    found: Vec<String>,
}

impl Search {
    /// `place` is the value's in the model, where it has one.
    fn below(&mut self, value: &Value, place: Option<ModelId>, path: &str) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let place = place.and_then(|place| self.model.field(place, key).or(self.model.element(place)));
                    if value.as_str().is_some_and(|text| self.is_secret(key, text, place)) {
                        self.found.push(path);
                    } else {
                        self.below(value, place, &path);
                    }
                }
            }
            Value::Array(items) => {
                let place = place.and_then(|place| self.model.element(place));
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    if item.as_str().is_some_and(|text| self.is_secret("", text, place)) {
                        self.found.push(path);
                    } else {
                        self.below(item, place, &path);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether the text is a secret: by the type of its place, by the name of its key, or as a URL with a password in it.
    fn is_secret(&self, key: &str, text: &str, place: Option<ModelId>) -> bool {
        let typed =
            place.is_some_and(|place| matches!(self.model.type_name(place), "flagext.Secret" | "config.Secret"));
        let url = || url::Url::parse(text).is_ok_and(|url| url.password().is_some_and(|password| !password.is_empty()));
        !text.is_empty() && (typed || SECRETS.contains(&key) || (text.contains('@') && url()))
    }
}

fn finding(path: &str) -> Finding {
    let fix = if path.starts_with("storage_config.aws") || path.contains(".s3") {
        "Leave keys out and set service_account.role_arn: its credentials are short-lived and nowhere written down."
    } else if path.starts_with("storage_config.") || path.starts_with("common.storage.") {
        "Leave it out and let the pods reach the store by the identity of their service account."
    } else {
        "Keep it in a Secret of the namespace, and use what Loki reads from a file or from its environment where it can."
    };
    Finding::warning(
        summary!("{path} is a secret"),
        "config_overrides is merged into a ConfigMap, which everyone reads who may look into the namespace, and it stands \
         in Terraform's state.",
        fix,
    )
    .at("config_overrides")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_named_but_not_told() {
        let overrides = json!({
            "storage_config": {"aws": {"access_key_id": "AKIAX", "secret_access_key": "hunter2", "s3": "s3://k:hunter2@eu/b"}},
            "ruler": {"remote_write": {"clients": {"a": {"url": "https://a.example.com", "basic_auth": {"password": "hunter2"}}}}},
            "query_range": {"results_cache": {"cache": {"redis": {"password": ""}}}},
            "frontend": {"tail_tls_config": {}}, "common": {"storage": {"azure": {"account_key": "hunter2"}}},
            "other": [{"token": "hunter2"}],
        });
        let told = secrets(&overrides, 7);
        let summaries: Vec<_> = told.iter().map(|finding| &*finding.summary).collect();
        assert_eq!(
            summaries,
            [
                "common.storage.azure.account_key is a secret",
                "other[0].token is a secret",
                "ruler.remote_write.clients.a.basic_auth.password is a secret",
                "storage_config.aws.access_key_id is a secret",
                "storage_config.aws.s3 is a secret",
                "storage_config.aws.secret_access_key is a secret",
            ]
        );
        assert!(told.iter().all(|finding| !finding.to_string().contains("hunter2")));
        assert!(told[3].fix.contains("role_arn"), "{}", told[3]);
    }
}
