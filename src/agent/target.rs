//! The Loki that lines are sent to, as far as it is known.

use std::collections::BTreeSet;

use serde_json::Value;

use super::otel::DOTTED;

/// What a stack's live configuration says.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// How it is named in texts, such as `loki/loki`.
    pub name: String,
    /// Whether each request has to name its tenant.
    pub auth_enabled: bool,
    /// Whether the way goes through the stack's gateway, which may name the tenant by itself.
    pub through_gateway: bool,
    /// The most labels of a stream (`max_label_names_per_series`).
    pub max_labels: u64,
    /// The most bytes of a label's name (`max_label_name_length`).
    pub max_label_name: u64,
    /// The most bytes of a label's value (`max_label_value_length`).
    pub max_label_value: u64,
    /// Whether structured metadata is taken (`allow_structured_metadata`).
    pub structured_metadata: bool,
    /// Resource attributes of OTLP that become labels.
    pub index_labels: BTreeSet<String>,
}

impl Target {
    /// What Loki does by itself, for a stack of that name.
    pub fn usual(name: &str) -> Target {
        Target {
            name: name.to_owned(),
            auth_enabled: true,
            through_gateway: false,
            max_labels: 15,
            max_label_name: 1024,
            max_label_value: 2048,
            structured_metadata: true,
            index_labels: DOTTED[..18].iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// What a configuration file of Loki's says, as YAML; none for what is no YAML.
    pub fn read(name: &str, config: &str) -> Option<Target> {
        let config: Value = serde_saphyr::from_str(config).ok()?;
        let usual = Target::usual(name);
        let limits = &config["limits_config"];
        let number = |key: &str, usual: u64| limits[key].as_u64().unwrap_or(usual);
        let mut index_labels =
            match config["distributor"]["otlp_config"]["default_resource_attributes_as_index_labels"].as_array() {
                Some(given) => texts(given),
                None => usual.index_labels.clone(),
            };
        let own = &limits["otlp_config"]["resource_attributes"];
        if own["ignore_defaults"].as_bool().unwrap_or(false) {
            index_labels.clear();
        }
        for rule in own["attributes_config"].as_array().into_iter().flatten() {
            if rule["action"] == "index_label" {
                index_labels.extend(texts(rule["attributes"].as_array().map_or(&[], Vec::as_slice)));
            }
        }
        Some(Target {
            auth_enabled: config["auth_enabled"].as_bool().unwrap_or(usual.auth_enabled),
            max_labels: number("max_label_names_per_series", usual.max_labels),
            max_label_name: number("max_label_name_length", usual.max_label_name),
            max_label_value: number("max_label_value_length", usual.max_label_value),
            structured_metadata: limits["allow_structured_metadata"].as_bool().unwrap_or(usual.structured_metadata),
            index_labels,
            ..usual
        })
    }
}

fn texts(values: &[Value]) -> BTreeSet<String> {
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_tells_limits_and_labels_of_otlp() {
        let target = Target::read("a/b", "auth_enabled: false").unwrap();
        assert_eq!(target, Target { auth_enabled: false, ..Target::usual("a/b") });
        let text = "limits_config: {max_label_names_per_series: 30, otlp_config: {resource_attributes: \
                    {ignore_defaults: true, attributes_config: [{action: index_label, attributes: [team]}]}}}";
        let target = Target::read("a/b", text).unwrap();
        assert_eq!((target.max_labels, target.index_labels), (30, BTreeSet::from(["team".to_owned()])));
        assert_eq!(Target::read("a/b", "{"), None);
    }
}
