//! What Loki's limits are called and take, by version: `limits_config` in the model of its configuration.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::config_file::model::{self, Model};
use super::config_file::{NEWEST_MINOR, OLDEST_MINOR};
use super::json::with_integers;
use Kind::{Bool, Bytes, Duration, Float, GoDuration, Integer, List, Map, Text};

/// What a limit takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Integer,
    Float,
    Text,
    /// A size such as `4MB`, or a number of bytes.
    Bytes,
    /// A Prometheus duration such as `30d`.
    Duration,
    /// A Go duration such as `1h30m`.
    GoDuration,
    List,
    Map,
}

impl Kind {
    /// By the Go type.
    fn of(kind: model::Kind, type_name: &str) -> Self {
        match (kind, type_name) {
            (_, "bool") => Bool,
            (_, "int" | "int64" | "uint" | "uint64") => Integer,
            (_, "float64") => Float,
            (_, "flagext.ByteSize") => Bytes,
            (_, "model.Duration") => Duration,
            (_, "time.Duration") => GoDuration,
            // Separated by commas.
            (_, "flagext.StringSliceCSV") => Text,
            (_, "validation.OverwriteMarshalingStringMap") => Map,
            (model::Kind::List, _) => List,
            (model::Kind::Struct | model::Kind::Map | model::Kind::Pointer, _) => Map,
            _ => Text,
        }
    }
}

/// One limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub kind: Kind,
    /// First and last minor version of Loki 3 that has it.
    pub minors: (u32, u32),
}

impl Limit {
    pub fn find(name: &str) -> Option<&'static Limit> {
        all().get(name)
    }

    /// Whether Loki 3.`minor` has it.
    pub fn is_in(&self, minor: u32) -> bool {
        (self.minors.0..=self.minors.1).contains(&minor)
    }

    /// The known limit whose name is closest to `name`, if any is close.
    pub fn closest(name: &str) -> Option<&'static Limit> {
        let near = all().values().map(|limit| (edits(name, limit.name), limit));
        near.min_by_key(|(edits, _)| *edits).filter(|(edits, _)| *edits <= 3).map(|(_, limit)| limit)
    }
}

/// The limits of all versions, as the newest that has them takes them.
fn all() -> &'static BTreeMap<&'static str, Limit> {
    static LIMITS: OnceLock<BTreeMap<&'static str, Limit>> = OnceLock::new();
    LIMITS.get_or_init(|| {
        let mut limits = BTreeMap::new();
        for minor in OLDEST_MINOR..=NEWEST_MINOR {
            let model = Model::of(minor);
            let section = model.field(Model::ROOT, "limits_config");
            for (name, node) in section.into_iter().flat_map(|section| model.fields(section)) {
                let kind = Kind::of(model.kind(node), model.type_name(node));
                let first = limits.get(name).map_or(minor, |limit: &Limit| limit.minors.0);
                limits.insert(name, Limit { name, kind, minors: (first, minor) });
            }
        }
        limits
    })
}

/// The value as the limit takes it. A Terraform map has one type for all its values, so numbers,
/// booleans, lists and maps may come as text: `"16"`, `"true"`, `jsonencode([…])`.
pub fn typed(name: &str, value: &Value) -> Value {
    let kind = Limit::find(name).map(|limit| limit.kind);
    let parsed = match (kind, value) {
        (Some(Bool | Integer | Float | List | Map), Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    };
    with_integers(parsed)
}

/// Levenshtein distance.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_those_of_the_model() {
        assert_eq!(Limit::find("retention_period").unwrap().kind, Duration);
        assert_eq!(Limit::find("retention_period").unwrap().minors, (OLDEST_MINOR, NEWEST_MINOR));
        assert_eq!(Limit::find("log_level_fields").unwrap().minors, (4, NEWEST_MINOR));
        assert_eq!(Limit::find("bloom_ngram_length").unwrap().minors, (0, 2));
        assert!(Limit::find("retention").is_none());
        // Each takes something, whose kind is known.
        let of = |kind| all().values().filter(|limit| limit.kind == kind).count();
        let kinds = [Bool, Bytes, Duration, Float, GoDuration, Integer, List, Map, Text].map(of);
        assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    }

    #[test]
    fn closest_name_is_suggested_only_when_close() {
        assert_eq!(Limit::closest("ingestion_rate").unwrap().name, "ingestion_rate_mb");
        assert!(Limit::closest("replicas").is_none());
    }

    #[test]
    fn text_becomes_what_the_limit_takes() {
        assert_eq!(typed("ingestion_rate_mb", &json!("16")), 16);
        assert_eq!(typed("volume_enabled", &json!("false")), false);
        assert_eq!(typed("required_labels", &json!(r#"["app"]"#)), json!(["app"]));
        assert_eq!(typed("retention_period", &json!("30d")), "30d");
        assert_eq!(typed("deletion_mode", &json!("disabled")), "disabled");
        assert_eq!(typed("ingestion_rate_mb", &json!("many")), "many");
        assert_eq!(typed("max_query_series", &json!(500.0)).to_string(), "500");
    }
}
