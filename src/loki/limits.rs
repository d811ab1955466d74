//! What Loki's limits are called and take, by version: `limits_config` in the model of its keys.

use serde_json::Value;

use super::config_file::model::{Kind, Model, ModelId};
use super::config_file::{NEWEST_MINOR, OLDEST_MINOR};
use super::json::with_integers;

/// Whether Loki 3.`minor` has a limit of that name.
pub fn exists(name: &str, minor: u32) -> bool {
    find(name, minor).is_some()
}

/// First and last minor version of Loki 3 that has it.
pub fn minors(name: &str) -> Option<(u32, u32)> {
    let mut with = (OLDEST_MINOR..=NEWEST_MINOR).filter(|minor| exists(name, *minor));
    let first = with.next()?;
    Some((first, with.next_back().unwrap_or(first)))
}

/// The limit of that version whose name is closest to `name`, if any is close.
pub fn closest(name: &str, minor: u32) -> Option<&'static str> {
    let model = Model::of(minor);
    let names = model.field(Model::ROOT, SECTION).map(|section| model.fields(section));
    let near = names.into_iter().flatten().map(|(limit, _)| (edits(name, limit), limit));
    near.min_by_key(|(edits, _)| *edits).filter(|(edits, _)| *edits <= 3).map(|(_, limit)| limit)
}

/// The value as the limit takes it. A Terraform map has one type for all its values, so numbers,
/// booleans, lists and maps may come as text: `"16"`, `"true"`, `jsonencode([…])`.
pub fn typed(name: &str, value: &Value) -> Value {
    let parsed = match value {
        Value::String(text) if takes_no_text(name) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        _ => value.clone(),
    };
    with_integers(parsed)
}

/// Whether the limit takes a number, a boolean, a list or a map. Sizes and durations are texts.
fn takes_no_text(name: &str) -> bool {
    let newest_first = (OLDEST_MINOR..=NEWEST_MINOR).rev();
    let Some((minor, limit)) = newest_first.map(|minor| (minor, find(name, minor))).find(|(_, limit)| limit.is_some())
    else {
        return false;
    };
    let model = Model::of(minor);
    limit.is_some_and(|limit| match model.kind(limit) {
        Kind::Scalar => matches!(model.type_name(limit), "bool" | "int" | "int64" | "uint" | "uint64" | "float64"),
        // Comma-separated texts.
        _ => !model.type_name(limit).contains("CSV"),
    })
}

/// The Go type that the limit is read into.
pub fn type_name(name: &str, minor: u32) -> &'static str {
    find(name, minor).map_or("", |limit| Model::of(minor).type_name(limit))
}

const SECTION: &str = "limits_config";

fn find(name: &str, minor: u32) -> Option<ModelId> {
    let model = Model::of(minor);
    model.field(Model::ROOT, SECTION).and_then(|section| model.field(section, name))
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
    fn limits_come_and_go() {
        assert_eq!(minors("retention_period"), Some((0, 7)));
        assert_eq!(minors("log_level_fields"), Some((4, 7)));
        assert_eq!(minors("bloom_ngram_length"), Some((0, 2)));
        assert_eq!(minors("retention"), None);
    }

    #[test]
    fn closest_name_is_suggested_only_when_close() {
        assert_eq!(closest("ingestion_rate", 7), Some("ingestion_rate_mb"));
        assert_eq!(closest("replicas", 7), None);
    }

    #[test]
    fn text_becomes_what_the_limit_takes() {
        assert_eq!(typed("ingestion_rate_mb", &json!("16")), 16);
        assert_eq!(typed("volume_enabled", &json!("false")), false);
        assert_eq!(typed("required_labels", &json!(r#"["app"]"#)), json!(["app"]));
        assert_eq!(typed("shard_streams", &json!(r#"{"enabled":true}"#)), json!({"enabled": true}));
        assert_eq!(typed("retention_period", &json!("30d")), "30d");
        assert_eq!(typed("deletion_mode", &json!("disabled")), "disabled");
        assert_eq!(typed("max_line_size", &json!("262144")), "262144");
        assert_eq!(typed("ingestion_rate_mb", &json!("many")), "many");
        assert_eq!(typed("max_query_series", &json!(500.0)).to_string(), "500");
    }
}
