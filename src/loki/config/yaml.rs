//! Values as YAML that Loki's library reads back as the same values.

use serde_json::Value;

use super::{AZURE_KEY, POD_IP};

/// YAML without block scalars, so that a value stays on its line.
pub fn text(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    // The serializer fails only for types that serde_json's values are not made of.
    serde_saphyr::to_string_with_options(value, options).unwrap_or_default()
}

/// The text, so that expanding variables in it replaces the provider's own alone.
pub fn protected(text: &str) -> String {
    // envsubst reads `$$` as a dollar sign and `\\` as a backslash (github.com/drone/envsubst, parse/scan.go).
    let text = text.replace('\\', r"\\").replace('$', "$$");
    [POD_IP, AZURE_KEY].iter().fold(text, |text, own| text.replace(&own.replace('$', "$$"), own))
}
