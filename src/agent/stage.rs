//! What is done to each line on its way: the stages of all kinds, in Promtail's terms
//! (<https://grafana.com/docs/loki/latest/send-data/promtail/stages/>).
//!
//! Stages that parse put what they find into fields of the line, which the others take from. Fields are gone once the line
//! is sent: what shall stay becomes a label or structured metadata.

use std::collections::BTreeMap;

/// A stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Reads JSON.
    Json {
        /// Path within the JSON (`http.status`) by the field's name.
        expressions: BTreeMap<String, String>,
        /// The field that it is read from; the line when absent.
        source: Option<String>,
    },
    /// Reads `key=value` pairs.
    Logfmt {
        /// Key by the field's name.
        mapping: BTreeMap<String, String>,
        /// The field that it is read from; the line when absent.
        source: Option<String>,
    },
    /// Reads by a regular expression (RE2), whose named groups become fields.
    Regex {
        /// The expression.
        expression: String,
        /// The field that it is read from; the line when absent.
        source: Option<String>,
    },
    /// Takes the line's time from a field.
    Timestamp {
        /// The field.
        source: String,
        /// How the time is written.
        format: String,
    },
    /// Makes labels of fields.
    Labels {
        /// Field by the label's name.
        values: BTreeMap<String, String>,
    },
    /// Makes structured metadata of fields.
    StructuredMetadata {
        /// Field by the key.
        values: BTreeMap<String, String>,
    },
    /// Puts a field in the line's place.
    Output {
        /// The field.
        source: String,
    },
    /// Replaces what a regular expression's first group finds, or the whole match where there is no group.
    Replace {
        /// The expression (RE2).
        expression: String,
        /// What stands there afterwards.
        replace: String,
    },
    /// Leaves lines out that all of these hold for.
    Drop {
        /// A regular expression (RE2) that the line matches, or the field where one is named.
        expression: Option<String>,
        /// The field.
        source: Option<String>,
        /// Older than that, as a duration.
        older_than: Option<String>,
        /// Longer than that, in bytes.
        longer_than: Option<u64>,
    },
    /// Keeps a part of the lines.
    Sampling {
        /// The part, above 0 and up to 1.
        rate: f64,
    },
}

impl Stage {
    /// The stages' names.
    pub const NAMES: [&'static str; 10] = [
        "json",
        "logfmt",
        "regex",
        "timestamp",
        "labels",
        "structured_metadata",
        "output",
        "replace",
        "drop",
        "sampling",
    ];

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Stage::Json { .. } => "json",
            Stage::Logfmt { .. } => "logfmt",
            Stage::Regex { .. } => "regex",
            Stage::Timestamp { .. } => "timestamp",
            Stage::Labels { .. } => "labels",
            Stage::StructuredMetadata { .. } => "structured_metadata",
            Stage::Output { .. } => "output",
            Stage::Replace { .. } => "replace",
            Stage::Drop { .. } => "drop",
            Stage::Sampling { .. } => "sampling",
        }
    }

    /// The fields that it makes.
    pub fn makes(&self) -> Vec<String> {
        match self {
            Stage::Json { expressions: names, .. } | Stage::Logfmt { mapping: names, .. } => {
                names.keys().cloned().collect()
            }
            Stage::Regex { expression, .. } => groups(expression),
            _ => Vec::new(),
        }
    }

    /// The fields that it takes from.
    pub fn takes(&self) -> Vec<&str> {
        match self {
            Stage::Json { source, .. }
            | Stage::Logfmt { source, .. }
            | Stage::Regex { source, .. }
            | Stage::Drop { source, .. } => source.as_deref().into_iter().collect(),
            Stage::Timestamp { source, .. } | Stage::Output { source } => vec![source],
            Stage::Labels { values } | Stage::StructuredMetadata { values } => {
                values.values().map(String::as_str).collect()
            }
            Stage::Replace { .. } | Stage::Sampling { .. } => Vec::new(),
        }
    }
}

/// Names of the groups of a regular expression, `(?P<name>…)` or `(?<name>…)`.
pub fn groups(expression: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find("(?") {
        let escaped = rest[..at].chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
        rest = &rest[at + 2..];
        let named = rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<'));
        if let Some((name, _)) = named.filter(|_| !escaped).and_then(|named| named.split_once('>')) {
            found.push(name.to_owned());
        }
    }
    found
}

/// Formats of times that have a name, with what they look like in Go's and in strptime's terms.
pub const FORMATS: [(&str, &str, &str); 5] = [
    ("RFC3339", "2006-01-02T15:04:05Z07:00", "%Y-%m-%dT%H:%M:%S%z"),
    ("RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00", "%Y-%m-%dT%H:%M:%S%.f%z"),
    ("Unix", "Unix", "%s"),
    ("UnixMs", "UnixMs", ""),
    ("UnixNs", "UnixNs", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_groups_are_fields() {
        assert_eq!(groups(r"^(?P<level>\w+) (?<rest>.*)(?:x)\(?<not>"), ["level", "rest"]);
        assert_eq!(groups("plain"), [""; 0]);
    }
}
