//! Holds the grammars to what Go made of the same texts (tests/support/grammar writes vectors.txt).

use serde_json::Value as Json;

use super::super::value::Value;
use super::super::yaml::{Document, Mark, Node, NodeKind};
use super::{Refusal, read};

/// What Loki 3.7 is built with wrote the vectors.
const MINOR: u32 = 7;

#[test]
fn vectors_of_the_real_types() {
    let wrong = differences(include_str!("vectors.txt"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(vectors: &str) -> Vec<String> {
    vectors.lines().filter_map(difference).collect()
}

fn difference(line: &str) -> Option<String> {
    let mut fields = line.splitn(4, '\t');
    let mut next = || fields.next().unwrap_or_default();
    let (kind, style, text, outcome) = (next(), next(), next(), next());
    let text: String = serde_json::from_str(text).unwrap();
    let outcome: Json = serde_json::from_str(outcome).unwrap();
    let node = Node {
        kind: NodeKind::Scalar,
        tag: String::new(),
        value: text,
        implicit: style == "plain",
        mark: Mark { line: 1, column: 4 },
        children: Vec::new(),
        alias: None,
    };
    let ours = read(kind, &node, &Document::default(), MINOR);
    let same = match &ours {
        None => false,
        Some(Ok(value)) => outcome.get("value").is_some_and(|expected| agree(value, expected)),
        Some(Err(Refusal::Abort(text))) => outcome["abort"] == **text,
        Some(Err(Refusal::Collected(texts))) => outcome["collected"] == serde_json::json!(texts),
    };
    (!same).then(|| format!("{line}\n    {ours:?}"))
}

fn agree(value: &Value, expected: &Json) -> bool {
    match (value, expected) {
        (Value::Null, Json::Null | Json::Bool(false)) => true,
        (Value::Null, Json::String(zero)) => matches!(zero.as_str(), "" | "0" | "i0" | "f0e+00"),
        (Value::Null, Json::Array(items)) => items.is_empty(),
        (Value::Bool(value), expected) => expected == value,
        (Value::Int(value), Json::String(expected)) => format!("i{value}") == *expected,
        (Value::Float(value), Json::String(expected)) => {
            let expected: f64 = expected[1..].parse().unwrap();
            value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan()
        }
        (Value::Text(value), Json::String(expected)) => value == expected,
        (Value::List(items), Json::String(expected)) => {
            let texts: Vec<_> =
                items.iter().map(|item| if let Value::Text(text) = &item.value { text.as_str() } else { "" }).collect();
            texts.join(",") == *expected
        }
        (Value::List(items), Json::Array(expected)) => {
            let pairs = items.iter().zip(expected);
            items.len() == expected.len() && pairs.into_iter().all(|(item, text)| agree(&item.value, text))
        }
        _ => false,
    }
}
