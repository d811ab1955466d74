//! What can be said of a whole configuration without running the agent: its syntax, its sections, and what its parts
//! refer to.

pub mod alloy;
mod fluent_bit;
mod otel;
mod promtail;
mod vector;

use serde_json::Value;

use super::kind::Kind;
use super::options::Options;
use crate::loki::Finding;

/// What is wrong with a configuration, in one sentence each.
pub fn judge(options: &Options, text: &str) -> Vec<Finding> {
    let found = match options.kind {
        Kind::Alloy => alloy::judge(text),
        kind => match serde_saphyr::from_str::<Value>(text) {
            Err(error) => vec![format!("It is no YAML: {error}")],
            Ok(file) => match kind {
                Kind::Promtail => promtail::judge(&file),
                Kind::OtelCollector => otel::judge(&file),
                Kind::Vector => vector::judge(&file),
                Kind::FluentBit | Kind::Alloy => fluent_bit::judge(&file),
            },
        },
    };
    let finding = |why: String| {
        Finding::error(
            summary!("The kind {} would not start with this configuration", options.kind.as_str()),
            why,
            fix(options.kind),
        )
        .at("extra_config")
    };
    found.into_iter().map(finding).collect()
}

/// How further configuration of a kind is written.
pub fn fix(kind: Kind) -> &'static str {
    match kind {
        Kind::Alloy => {
            "Write blocks of Alloy's syntax; they follow those of the provider, which ends in loki.write.default."
        }
        Kind::OtelCollector => "Write YAML of the Collector's sections; it is merged over what the provider renders.",
        Kind::Vector => "Write YAML of Vector's sections; it is merged over what the provider renders.",
        Kind::Promtail => "Write YAML of Promtail's sections; further clients and scrape_configs are added.",
        Kind::FluentBit => {
            "Write YAML of Fluent Bit's sections; further parsers, inputs, filters and outputs are added."
        }
    }
}

/// The keys of a map that are none of those known, each as a sentence.
fn unknown(map: &Value, known: &[&str], place: &str) -> Vec<String> {
    let keys = map.as_object().into_iter().flat_map(serde_json::Map::keys);
    keys.filter(|key| !known.contains(&key.as_str()))
        .map(|key| format!("There is no {key:?} in {place}; it has: {}.", known.join(", ")))
        .collect()
}

/// Texts of a list, or a single one.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
