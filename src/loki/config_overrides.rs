//! The user's own settings over the rendered configuration.
//!
//! Maps are merged key by key; everything else, lists included, takes the place of what was rendered; null takes the key
//! out, so that Loki's default holds.

mod claims;
mod read;
mod rules;
mod secrets;

use serde_json::{Map, Value};

pub use read::read;
pub use rules::config_overrides;

/// `overrides`, an object or YAML text, merged over `rendered`. Null merges nothing, and so does what cannot be
/// [`read`].
pub fn merged(rendered: Value, overrides: &Value) -> Value {
    match read(overrides) {
        Ok(Value::Null) | Err(_) => rendered,
        Ok(overrides) => merge(Some(rendered), &overrides),
    }
}

/// The value at dotted keys.
fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

fn merge(base: Option<Value>, over: &Value) -> Value {
    let Value::Object(over) = over else { return over.clone() };
    let mut merged = match base {
        Some(Value::Object(base)) => base,
        _ => Map::new(),
    };
    for (key, over) in over {
        if over.is_null() {
            merged.remove(key);
        } else {
            let base = merged.remove(key);
            merged.insert(key.clone(), merge(base, over));
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_are_merged_lists_replaced_and_nulls_remove() {
        let rendered = json!({"a": {"b": 1, "c": [1, 2]}, "d": "x", "e": {"f": true}});
        let overrides = json!({"a": {"c": [3], "g": {"h": null, "i": 2}}, "d": null, "j": 0, "k": null});
        let expected = json!({"a": {"b": 1, "c": [3], "g": {"i": 2}}, "e": {"f": true}, "j": 0});
        assert_eq!(merged(rendered.clone(), &overrides), expected);
        assert_eq!(merged(rendered.clone(), &Value::Null), rendered);
        assert_eq!(merged(rendered.clone(), &json!({})), rendered);
        assert_eq!(
            merged(json!({"a": 1}), &json!({"a": {"b": null}})),
            json!({"a": {}}),
            "a map takes a value's place"
        );
    }
}
