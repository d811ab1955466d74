//! The stages of Promtail's pipeline.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::plain;
use crate::agent::config::go_duration;
use crate::agent::options::{Options, Source};
use crate::agent::stage::Stage;

/// The pipeline of the pods' lines.
pub fn pipeline(options: &Options) -> Vec<Value> {
    let mut stages = vec![json!({"cri": {}})];
    stages.extend(options.multiline.as_ref().map(|it| {
        json!({"multiline": {
            "firstline": plain(&it.first_line),
            "max_wait_time": go_duration(it.max_wait),
            "max_lines": it.max_lines,
        }})
    }));
    stages.extend(options.stages.iter().map(stage));
    // Labels are fields from the start, so these find what discovery has made.
    if !options.structured_metadata.is_empty() {
        let own = options.structured_metadata.iter();
        let own = own.map(|(key, source)| (key.clone(), found_as(source).unwrap_or(key).into()));
        stages.push(json!({"structured_metadata": own.collect::<Map<_, _>>()}));
    }
    let renamed: Map<_, _> = options
        .kubernetes_labels
        .iter()
        .filter_map(|(label, source)| Some((label.clone(), found_as(source).filter(|field| field != label)?.into())))
        .collect();
    if !renamed.is_empty() {
        stages.push(json!({"labels": renamed}));
    }
    let dropped = dropped(options);
    if !dropped.is_empty() {
        stages.push(json!({"labeldrop": dropped}));
    }
    stages
}

/// The label that reading a file makes of it; none for what discovery knows.
pub fn found_as(source: &Source) -> Option<&'static str> {
    match source {
        Source::Stream => Some("stream"),
        Source::Filename => Some("filename"),
        _ => None,
    }
}

/// Labels that are there and were not asked for: Promtail makes these two by itself, and structured metadata was one.
pub fn dropped(options: &Options) -> Vec<String> {
    let kept = |name: &str| options.kubernetes_labels.contains_key(name);
    let own = ["filename", "stream"].into_iter().filter(|name| !kept(name)).map(str::to_owned);
    let moved = options.structured_metadata.keys().filter(|key| !kept(key)).cloned();
    let mut all: Vec<_> = own.chain(moved).collect();
    all.sort();
    all.dedup();
    all
}

fn fields(map: &BTreeMap<String, String>) -> Map<String, Value> {
    map.iter().map(|(key, value)| (key.clone(), plain(value).into())).collect()
}

fn stage(stage: &Stage) -> Value {
    let source = |source: &Option<String>| source.as_deref().map(plain);
    match stage {
        Stage::Json { expressions, source: from } => {
            json!({"json": {"expressions": fields(&paths(expressions)), "source": source(from)}})
        }
        Stage::Logfmt { mapping, source: from } => {
            json!({"logfmt": {"mapping": fields(mapping), "source": source(from)}})
        }
        Stage::Regex { expression, source: from } => {
            json!({"regex": {"expression": plain(expression), "source": source(from)}})
        }
        Stage::Timestamp { source, format } => json!({"timestamp": {"source": plain(source), "format": plain(format)}}),
        Stage::Labels { values } => json!({"labels": fields(values)}),
        Stage::StructuredMetadata { values } => json!({"structured_metadata": fields(values)}),
        Stage::Output { source } => json!({"output": {"source": plain(source)}}),
        Stage::Replace { expression, replace } => {
            json!({"replace": {"expression": plain(&grouped(expression)), "replace": plain(replace)}})
        }
        Stage::Drop { expression, source: from, older_than, longer_than } => json!({"drop": {
            "source": source(from),
            "expression": expression.as_deref().map(plain),
            "older_than": older_than,
            "longer_than": longer_than.map(|bytes| format!("{bytes}B")),
            "drop_counter_reason": "stage",
        }}),
        Stage::Sampling { rate } => json!({"sampling": {"rate": rate}}),
    }
}

/// The paths as JMESPath (<https://jmespath.org/specification.html#identifiers>), in which other names stand in quotes.
pub fn paths(expressions: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let plain = |step: &str| {
        step.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && step.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let step = |step: &str| if plain(step) { step.to_owned() } else { Value::from(step).to_string() };
    let path = |path: &String| path.split('.').map(step).collect::<Vec<_>>().join(".");
    expressions.iter().map(|(name, of)| (name.clone(), path(of))).collect()
}

/// The expression with a group: Promtail replaces what groups find alone.
pub fn grouped(expression: &str) -> String {
    let mut before = ' ';
    let mut letters = expression.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '(' && before != '\\' && letters.peek() != Some(&'?') {
            return expression.to_owned();
        }
        before = if before == '\\' { ' ' } else { letter };
    }
    if expression.contains("(?P<") { expression.to_owned() } else { format!("({expression})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_jmespath_does_not_know_are_quoted() {
        let of = BTreeMap::from([("a".to_owned(), "http.trace-id".to_owned())]);
        assert_eq!(paths(&of)["a"], "http.\"trace-id\"");
    }

    #[test]
    fn what_has_no_group_becomes_one() {
        assert_eq!(grouped("a+"), "(a+)");
        assert_eq!(grouped("a(b)"), "a(b)");
        assert_eq!(grouped(r"\(a\)"), r"(\(a\))");
        assert_eq!(grouped("(?:a)b"), "((?:a)b)");
        assert_eq!(grouped("(?P<x>a)"), "(?P<x>a)");
    }
}
