//! `config_overrides` as plain data.

use serde_json::{Map, Value as Json};

use crate::schema::{Cty, Dynamic, Number, Value};

/// The value that a configuration gives, of whatever type; null where it is not wholly known.
pub(super) fn overrides(given: &Value<Dynamic>) -> Json {
    match given {
        Value::Value(dynamic) if dynamic.value.is_wholly_known() => json(&dynamic.value),
        _ => Json::Null,
    }
}

fn json(value: &Cty) -> Json {
    match value {
        Cty::Bool(value) => (*value).into(),
        Cty::Number(number) => number_json(number),
        Cty::String(text) => text.as_str().into(),
        Cty::List(elements) => elements.iter().map(json).collect(),
        Cty::Map(entries) => {
            entries.iter().map(|(key, value)| (key.clone().into_owned(), json(value))).collect::<Map<_, _>>().into()
        }
        Cty::Dynamic(dynamic) => json(&dynamic.value),
        Cty::Unknown(_) | Cty::Null => Json::Null,
    }
}

fn number_json(number: &Number) -> Json {
    match number.as_i64() {
        Some(whole) => whole.into(),
        None => serde_json::Number::from_f64(number.as_f64()).map_or(Json::Null, Json::Number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Type;

    fn given(value: Cty) -> Value<Dynamic> {
        Value::Value(Dynamic { kind: Type::Dynamic, value })
    }

    #[test]
    fn objects_of_any_shape_become_plain_data() {
        let text = |text: &str| Cty::String(text.to_owned());
        let object = |entries: &[(&'static str, Cty)]| {
            Cty::Map(entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
        };
        let number = |text: &str| Cty::Number(Number::parse(text).unwrap());
        let value = object(&[
            ("querier", object(&[("max_concurrent", number("8")), ("ratio", number("0.5"))])),
            ("list", Cty::List(vec![Cty::Bool(true), text("a"), Cty::Null])),
            ("gone", Cty::Null),
        ]);
        let expected = json!({"querier": {"max_concurrent": 8, "ratio": 0.5}, "list": [true, "a", null], "gone": null});
        assert_eq!(overrides(&given(value)), expected);
        assert_eq!(overrides(&given(text("a: 1"))), json!("a: 1"));
    }

    #[test]
    fn what_is_not_known_yet_overrides_nothing() {
        assert_eq!(overrides(&Value::Null), Json::Null);
        assert_eq!(overrides(&Value::Unknown), Json::Null);
        assert_eq!(overrides(&given(Cty::List(vec![Cty::UNKNOWN]))), Json::Null);
    }
}
