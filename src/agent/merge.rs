//! Further configuration, put into what is rendered. Nothing in it is escaped or expanded on the way.

use serde_json::{Map, Value};

use crate::loki::config::yaml_text;
use crate::loki::json::without_nulls;

/// Why further configuration cannot be put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong with it, in one sentence.
    pub why: String,
}

/// YAML without block scalars, so that each value stays on its line.
pub fn dump(value: &Value) -> String {
    yaml_text(&without_nulls(value.clone()))
}

/// The text, followed by further text.
pub fn text(rendered: String, extra: Option<&str>) -> String {
    match extra {
        None => rendered,
        Some(extra) => format!("{rendered}\n// extra_config\n{}\n", extra.trim_end()),
    }
}

/// YAML merged over YAML: maps key by key; lists at the paths `appended` grow; everything else takes the place of what
/// was rendered, and null takes a key out.
pub fn yaml(rendered: Value, extra: Option<&str>, appended: &[&str]) -> Result<String, Trouble> {
    let Some(extra) = extra.filter(|text| !text.trim().is_empty()) else { return Ok(dump(&rendered)) };
    let extra: Value =
        serde_saphyr::from_str(extra).map_err(|error| Trouble { why: format!("It is no YAML: {error}") })?;
    let Value::Object(extra) = extra else {
        return Err(Trouble { why: "It is no map of the configuration's sections.".into() });
    };
    let mut whole = without_nulls(rendered);
    if let Value::Object(whole) = &mut whole {
        merge(whole, extra, "", appended);
    }
    Ok(yaml_text(&whole))
}

fn merge(into: &mut Map<String, Value>, extra: Map<String, Value>, path: &str, appended: &[&str]) {
    for (key, value) in extra {
        let own = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (into.get_mut(&key), value) {
            (_, Value::Null) => drop(into.remove(&key)),
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more, &own, appended),
            (Some(Value::Array(there)), Value::Array(more)) if appended.contains(&own.as_str()) => there.extend(more),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

/// The value with each text in it changed, at any depth; the keys of maps stay.
pub fn each_text(value: Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(&text).into(),
        Value::Array(items) => items.into_iter().map(|item| each_text(item, change)).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, each_text(value, change))).collect::<Map<_, _>>().into()
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(extra: &str) -> Value {
        let rendered = json!({"a": {"b": 1, "c": [1]}, "grows": [1], "gone": null});
        serde_saphyr::from_str(&yaml(rendered, Some(extra), &["grows"]).unwrap()).unwrap()
    }

    #[test]
    fn maps_merge_lists_grow_where_they_may_and_null_takes_out() {
        assert_eq!(merged("a: {b: 2, d: 3}"), json!({"a": {"b": 2, "c": [1], "d": 3}, "grows": [1]}));
        assert_eq!(merged("{a: {c: [2]}, grows: [2]}"), json!({"a": {"b": 1, "c": [2]}, "grows": [1, 2]}));
        assert_eq!(merged("a: null"), json!({"grows": [1]}));
        assert!(yaml(json!({}), Some("[1]"), &[]).unwrap_err().why.contains("no map"));
        assert!(yaml(json!({}), Some("{"), &[]).unwrap_err().why.contains("no YAML"));
    }

    #[test]
    fn templates_stay_as_they_are() {
        let text = yaml(json!({"a": "{{ .Value }}"}), Some("b: '{{ `x` }} ${Y}'"), &[]).unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, json!({"a": "{{ .Value }}", "b": "{{ `x` }} ${Y}"}));
    }
}
