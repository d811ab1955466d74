//! Secrets do not belong into a ConfigMap.

use serde_json::Value;

use crate::loki::finding::Finding;

/// Keys of secrets in Loki's configuration (`flagext.Secret` in its Go structs, and the passwords of its clients).
const SECRETS: &[&str] = &[
    "access_key_id",
    "account_key",
    "acl_token",
    "api_key",
    "application_credential_secret",
    "auth_token",
    "basic_auth_password",
    "bearer_token",
    "client_secret",
    "connection_string",
    "credentials",
    "password",
    "secret_access_key",
    "secret_key",
    "service_account",
    "session_token",
    "token",
];

/// Warns of the secrets among the values of an object. The texts name their keys and never their values.
pub fn secrets(overrides: &Value) -> Vec<Finding> {
    let mut paths = Vec::new();
    search(overrides, "", &mut paths);
    paths.into_iter().map(|path| finding(&path)).collect()
}

fn search(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                if value.as_str().is_some_and(|text| is_secret(key, text)) {
                    found.push(path);
                } else {
                    search(value, &path, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                search(item, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

/// Whether the text is a secret: by the name of its key, or as a URL with a password in it.
fn is_secret(key: &str, text: &str) -> bool {
    let named = SECRETS.contains(&key) && !text.is_empty();
    let url = || url::Url::parse(text).is_ok_and(|url| url.password().is_some_and(|password| !password.is_empty()));
    named || (text.contains('@') && url())
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
        format!("{path} is a secret"),
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
            "list": [{"bearer_token": "hunter2"}],
        });
        let told = secrets(&overrides);
        let summaries: Vec<_> = told.iter().map(|finding| finding.summary.as_str()).collect();
        assert_eq!(
            summaries,
            [
                "list[0].bearer_token is a secret",
                "ruler.remote_write.clients.a.basic_auth.password is a secret",
                "storage_config.aws.access_key_id is a secret",
                "storage_config.aws.s3 is a secret",
                "storage_config.aws.secret_access_key is a secret",
            ]
        );
        assert!(told.iter().all(|finding| !finding.to_string().contains("hunter2")));
        assert!(told[2].fix.contains("role_arn"));
    }
}
