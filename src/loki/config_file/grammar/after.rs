//! Structs whose UnmarshalYAML judges what was decoded, in the words of the version.

mod azure;
mod http_client;
mod relabel;
mod remote_write;

use std::collections::BTreeMap;

use super::super::value::{Entry, Value};
use super::integer;

/// What the struct's own unmarshaler says against its members, if anything. To be asked only where decoding them found
/// nothing: an unmarshaler gives up at a type error before it judges. Its error ends the decoding.
///
/// Members of structs that are inlined are members of what is around them.
pub fn after(kind: &str, minor: u32, members: &BTreeMap<String, Entry>) -> Option<String> {
    let members = Members(members);
    match kind {
        "config.TLSConfig" => http_client::tls(members, minor),
        "config.OAuth2" => http_client::proxy(members),
        "config.HTTPClientConfig" => http_client::client(members, minor),
        "config.RemoteWriteConfig" => remote_write::check(members, minor),
        "sigv4.SigV4Config" => sigv4(members),
        "azuread.AzureADConfig" => azure::check(members, minor),
        "relabel.Config" => relabel::check(members, minor),
        "push.AttributesConfig" => attributes(members),
        "config.PeriodConfig" => schema_version(members),
        _ => None,
    }
}

/// The members of a struct as the file has them.
#[derive(Clone, Copy)]
struct Members<'a>(&'a BTreeMap<String, Entry>);

impl<'a> Members<'a> {
    /// What the file says, null included.
    fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).map(|entry| &entry.value)
    }

    /// Whether a pointer or list is not nil.
    fn has(self, key: &str) -> bool {
        self.get(key).is_some_and(|value| *value != Value::Null)
    }

    fn text(self, key: &str) -> &'a str {
        self.text_or(key, "")
    }

    fn text_or(self, key: &str, default: &'a str) -> &'a str {
        match self.get(key) {
            Some(Value::Text(text)) => text,
            Some(_) => "",
            None => default,
        }
    }

    fn int_or(self, key: &str, default: i128) -> i128 {
        match self.get(key) {
            Some(Value::Int(value)) => *value,
            Some(_) => 0,
            None => default,
        }
    }

    fn is_true(self, key: &str) -> bool {
        matches!(self.get(key), Some(Value::Bool(true)))
    }

    /// A nested struct or map, if it is not nil.
    fn nested(self, key: &str) -> Option<Members<'a>> {
        self.get(key).and_then(Value::members).map(Members)
    }

    /// How many of these texts are set.
    fn count(self, keys: &[&str]) -> usize {
        keys.iter().filter(|key| !self.text(key).is_empty()).count()
    }
}

/// sigv4_config.go, Validate.
fn sigv4(config: Members<'_>) -> Option<String> {
    if config.count(&["access_key", "secret_key"]) == 1 {
        let text =
            "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
        return Some(text.into());
    }
    let lost = !config.text("external_id").is_empty() && config.text("role_arn").is_empty();
    lost.then(|| "external_id can only be used with role_arn".into())
}

/// pkg/loghttp/push/otlp_config.go, AttributesConfig.UnmarshalYAML.
fn attributes(config: Members<'_>) -> Option<String> {
    if !matches!(config.text("action"), "" | "drop" | "index_label" | "structured_metadata") {
        return Some("unsupported action, it must be one of: drop, index_label, structured_metadata".into());
    }
    let listed = matches!(config.get("attributes"), Some(Value::List(items)) if !items.is_empty());
    match (listed, config.has("regex")) {
        (false, false) => Some("attributes or regex must be set".into()),
        (true, true) => Some("only one of attributes or regex must be set".into()),
        _ => None,
    }
}

/// pkg/storage/config/schema_config.go, PeriodConfig.VersionAsInt.
fn schema_version(config: Members<'_>) -> Option<String> {
    let digits = config.text("schema").trim_matches('v');
    integer::atoi(digits).err().map(|error| format!("invalid schema version: {error}"))
}

#[cfg(test)]
mod tests;
