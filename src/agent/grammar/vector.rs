//! Vector's file: its sections, that each component has a type, that inputs are there, and the syntax of its programs
//! (<https://vector.dev/docs/reference/configuration/>).

use std::collections::BTreeMap;

use serde_json::Value;
use vrl::parser::ast::RootExpr;

use super::{names, unknown};

const SECTIONS: [&str; 16] = [
    "sources",
    "transforms",
    "sinks",
    "enrichment_tables",
    "secret",
    "data_dir",
    "api",
    "schema",
    "log_schema",
    "timezone",
    "proxy",
    "expire_metrics_secs",
    "expire_metrics_per_metric_set",
    "acknowledgements",
    "healthchecks",
    "tests",
];

/// What is wrong with a file.
pub fn judge(file: &Value) -> Vec<String> {
    let mut found = unknown(file, &SECTIONS, "Vector's configuration");
    let components: BTreeMap<&str, (&str, &Value)> = ["sources", "transforms", "sinks"]
        .into_iter()
        .flat_map(|kind| {
            file[kind].as_object().into_iter().flatten().map(move |(name, of)| (name.as_str(), (kind, of)))
        })
        .collect();
    let all =
        ["sources", "transforms", "sinks"].into_iter().flat_map(|kind| file[kind].as_object().into_iter().flatten());
    let mut names_so_far = std::collections::BTreeSet::new();
    found.extend(all.filter(|(name, _)| !names_so_far.insert(*name)).map(|(name, _)| {
        format!("There are two components {name:?}; sources, transforms and sinks share their names.")
    }));
    for (name, (kind, component)) in &components {
        let place = format!("{kind}.{name}");
        if !component["type"].is_string() {
            found.push(format!("{place} has no type."));
        }
        if *kind == "sources" {
            continue;
        }
        let inputs = names(&component["inputs"]);
        if inputs.is_empty() {
            found.push(format!("{place} has no inputs."));
        }
        for input in inputs {
            // An output of a component with several has a name of its own after a dot; an asterisk stands for any.
            let of = input.split('.').next().unwrap_or(input);
            let there = components.get(input).or(components.get(of)).is_some_and(|(kind, _)| *kind != "sinks");
            if !there && !input.contains('*') {
                found.push(format!("{place} takes from {input:?}, which is no source and no transform."));
            }
        }
        for program in programs(component) {
            // Vector has put variables in before it reads a program.
            found.extend(
                unread(&program.replace("$$", "$")).map(|why| format!("{place}: its program cannot be read: {why}.")),
            );
        }
    }
    found
}

/// Why a program of the Vector Remap Language cannot be read; none where nothing speaks against it. The parser goes on after
/// an expression that it cannot read, and leaves what is wrong in its place.
fn unread(program: &str) -> Option<String> {
    let parsed = match vrl::parser::parse(program) {
        Err(error) => return Some(error.to_string()),
        Ok(parsed) => parsed,
    };
    parsed.0.into_iter().find_map(|expression| match expression.into_inner() {
        RootExpr::Error(error) => Some(error.to_string()),
        RootExpr::Expr(_) => None,
    })
}

/// What is in the Vector Remap Language.
fn programs(component: &Value) -> Vec<&str> {
    match component["type"].as_str() {
        Some("remap") => component["source"].as_str().into_iter().collect(),
        Some("filter") => {
            component["condition"].as_str().or(component["condition"]["source"].as_str()).into_iter().collect()
        }
        Some("reduce") => ["starts_when", "ends_when"]
            .into_iter()
            .filter_map(|key| component[key].as_str().or(component[key]["source"].as_str()))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inputs_types_and_programs_are_looked_at() {
        let found = judge(&json!({
            "sources": {"a": {"type": "demo_logs"}, "e": {"type": "demo_logs"}},
            "transforms": {"b": {"type": "remap", "inputs": ["a"], "source": ".x = "}, "c": {"inputs": ["d"]}},
            "sinks": {"e": {"type": "console", "inputs": ["b.dropped", "*"]}, "f": {"type": "console", "inputs": ["e"]}},
            "sink": {},
            "enrichment_tables": {},
        }));
        let wrong = [
            "\"sink\"",
            "transforms.b: its program",
            "transforms.c has no type",
            "\"d\"",
            "takes from \"e\"",
            "two components \"e\"",
        ];
        assert!(wrong.iter().all(|part| found.iter().any(|text| text.contains(part))), "{found:#?}");
        assert_eq!(found.len(), wrong.len(), "{found:#?}");
    }
}
