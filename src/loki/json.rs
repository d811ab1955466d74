//! JSON values as this room builds them.

use serde_json::{Map, Value};

/// Removes the members that are null, at any depth. An absent option is written as null while an
/// object is built: Kubernetes would read it as a deletion, and Loki refuses a null section.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        scalar => scalar,
    }
}

/// Numbers without a fraction as integers, at any depth: Terraform knows one kind of number, while
/// Loki reads `5.0` into no integer field.
pub fn with_integers(value: Value) -> Value {
    /// Up to here every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, with_integers(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(with_integers).collect(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => Value::from(float as i64),
            _ => Value::Number(number),
        },
        scalar => scalar,
    }
}

/// Null for an empty map, so that it is not rendered.
pub fn unless_empty(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// JSON with sorted keys and no spaces. Written out here because serde_json's own order depends on a
/// feature that any dependency can switch on, and digests of this text are kept in state.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nulls_go_and_empty_objects_stay() {
        let value = json!({"a": null, "b": {"c": null, "emptyDir": {}}, "d": [{"e": null}]});
        assert_eq!(without_nulls(value), json!({"b": {"emptyDir": {}}, "d": [{}]}));
    }

    #[test]
    fn whole_floats_become_integers() {
        let value = with_integers(json!({"a": 5.0, "b": [0.5, -2.0], "c": 7, "d": "5.0"}));
        assert_eq!(value.to_string(), r#"{"a":5,"b":[0.5,-2],"c":7,"d":"5.0"}"#);
    }

    #[test]
    fn canonical_text_is_sorted_and_escaped() {
        let value = json!({"b": [true, null, 1], "a": {"d": "x\n", "c": 0.5}});
        assert_eq!(canonical(&value), r#"{"a":{"c":0.5,"d":"x\n"},"b":[true,null,1]}"#);
    }
}
