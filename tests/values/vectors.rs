//! What go-cty encodes and decodes, and how.

use loki_provider::schema::{Raw, Type};
use serde::Deserialize;

/// A line of vectors.jsonl: a value in one of the encodings, and how go-cty encodes it.
#[derive(Deserialize)]
struct Vector {
    r#type: serde_json::Value,
    msgpack: Option<String>,
    json: Option<String>,
    canonical: Option<String>,
    /// The bytes depend on go-cty's own order of a set's elements.
    #[serde(default)]
    unordered: bool,
    error: Option<String>,
}

impl Vector {
    fn input(&self) -> Raw {
        match (&self.msgpack, &self.json) {
            (Some(hex), None) => Raw::MessagePack(hex::decode(hex).unwrap()),
            (None, Some(json)) => Raw::Json(json.clone().into_bytes()),
            _ => panic!("one encoding"),
        }
    }

    /// What this codec makes of it that go-cty does not.
    fn wrong(&self) -> Option<String> {
        let kind = Type::from_json(&self.r#type).unwrap();
        let value = self.input().decode_as(&kind);
        if self.error.is_some() {
            return value.ok().map(|value| format!("decoded to {value:?}"));
        }
        let value = match value {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        let canonical = hex::decode(self.canonical.as_ref().or(self.msgpack.as_ref()).unwrap()).unwrap();
        let Raw::MessagePack(encoded) = Raw::encode_as(&value, &kind).unwrap() else { panic!("MessagePack") };
        let again = Raw::MessagePack(canonical.clone()).decode_as(&kind).unwrap();
        if again != value {
            return Some(format!("decoded to {value:?} and its canonical form to {again:?}"));
        }
        (!self.unordered && encoded != canonical).then(|| format!("encoded to {}", hex::encode(encoded)))
    }
}

#[test]
fn every_vector_of_go_cty_is_held() {
    let lines: Vec<&str> = include_str!("../support/cty/vectors.jsonl").lines().collect();
    assert!(lines.len() > 400, "{}", lines.len());
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            let vector: Vector = serde_json::from_str(line).unwrap();
            vector.wrong().map(|wrong| format!("{line}\n    {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn what_is_refused_is_refused_with_its_path_and_without_its_value() {
    let kind = r#"["object",{"list":["list","bool"],"map":["map",["tuple",["string","number"]]]}]"#;
    let kind = Type::from_json(&serde_json::from_str(kind).unwrap()).unwrap();
    for (json, path) in [
        (r#"{"list":[true,"hunter2"]}"#, "list[1]"),
        (r#"{"map":{"k":["a","hunter2"]}}"#, "map[\"k\"][1]"),
        (r#"{"map":{"k":["hunter2"]}}"#, "map[\"k\"]"),
        (r#"{"other":"hunter2"}"#, "other"),
        (r#"{"list":"hunter2"}"#, "list"),
        (r#"{"list":[] "hunter2"}"#, ""),
        (r#"{} "hunter2""#, ""),
    ] {
        let error = Raw::Json(json.as_bytes().to_vec()).decode_as(&kind).unwrap_err();
        assert_eq!(error.path().to_string(), path, "{json}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn a_stored_state_may_be_of_an_older_or_newer_schema() {
    let kind = Type::from_json(&serde_json::json!(["object", {"new": "string", "kept": "string"}])).unwrap();
    let stored = br#"{"gone":{"deep":[1,{}]},"kept":"a","also":"\u00e9"}"#.to_vec();
    let state = Raw::State(stored.clone()).decode_as(&kind).unwrap();
    let today = Raw::Json(br#"{"kept":"a","new":null}"#.to_vec()).decode_as(&kind).unwrap();
    assert_eq!(state, today);
    assert_eq!(Raw::Json(stored).decode_as(&kind).unwrap_err().path().to_string(), "gone");
}

#[test]
fn a_message_cannot_exhaust_stack_or_memory() {
    let deep = |depth: usize| (0..depth).fold(Type::Bool, |kind, _| Type::List(Box::new(kind)));
    let nested = |depth: usize| Raw::MessagePack([vec![0x91; depth], vec![0xc3]].concat());
    assert!(nested(100).decode_as(&deep(100)).is_ok());
    assert!(nested(1000).decode_as(&deep(1000)).unwrap_err().to_string().contains("at most 128 levels"));
    // Values that bring their type nest without an end of it.
    let unit = [&[0x92, 0xc4, 9][..], b"\"dynamic\""].concat();
    assert!(Raw::MessagePack(unit.repeat(100_000)).decode_as(&Type::Dynamic).is_err());
    let json = br#"{"type":"dynamic","value":"#.repeat(100_000);
    assert!(Raw::Json(json).decode_as(&Type::Dynamic).is_err());
    // Four thousand million elements, of which none is there.
    for bytes in [[0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff]] {
        for kind in [Type::List(Box::new(Type::Bool)), Type::Map(Box::new(Type::Bool)), Type::String, Type::Dynamic] {
            assert!(Raw::MessagePack(bytes.to_vec()).decode_as(&kind).is_err());
        }
    }
    // A number of ten bytes that would need a gigabyte if its zeros were written out.
    let number = Raw::Json(b"1e-600000000".to_vec()).decode_as(&Type::Number).unwrap();
    let Raw::MessagePack(bytes) = Raw::encode_as(&number, &Type::Number).unwrap() else { panic!("MessagePack") };
    assert!(bytes.len() < 20);
    assert!(Raw::Json(b"1e99999999999999999999".to_vec()).decode_as(&Type::Number).is_err());
}
