//! The operators of the filelog receiver
//! (<https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/stanza/docs/operators>).
//!
//! Fields of a line are attributes `field.<name>` until the last operators take them away: what is left of attributes
//! becomes structured metadata in Loki.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NODE, attribute};
use crate::agent::config::go_duration;
use crate::agent::options::{Options, Source};
use crate::agent::stage::{FORMATS, Stage};

/// The operators of the pods' lines.
pub fn operators(options: &Options) -> Vec<Value> {
    let mut operators = vec![json!({"type": "container"})];
    if options.sources().any(|source| *source == Source::Node) {
        operators.push(json!({"type": "add", "field": resource("k8s.node.name"), "value": NODE}));
    }
    operators.extend(options.multiline.as_ref().map(|it| {
        json!({
            "type": "recombine",
            "combine_field": "body",
            "is_first_entry": matches("body", &it.first_line),
            "source_identifier": attributes("log.file.path"),
            "max_batch_size": it.max_lines,
            "force_flush_period": go_duration(it.max_wait),
            "overwrite_with": "oldest",
        })
    }));
    let mut made = BTreeSet::new();
    for stage in &options.stages {
        made.extend(stage.makes());
        operators.extend(of(stage));
    }
    for (label, source) in &options.kubernetes_labels {
        let to = resource(&attribute(label));
        operators.extend(place(source).filter(|from| *from != to).map(|from| when(copy(&from, &to), &from)));
    }
    for (key, source) in &options.structured_metadata {
        let to = attributes(key);
        operators.extend(place(source).filter(|from| *from != to).map(|from| when(copy(&from, &to), &from)));
    }
    operators.extend(
        unwanted(options, &made).into_iter().map(|field| when(json!({"type": "remove", "field": field}), &field)),
    );
    operators
}

/// Where the container operator, or the first of ours, puts it; none for what the processor k8s_attributes finds.
fn place(source: &Source) -> Option<String> {
    Some(match source {
        Source::Namespace => resource("k8s.namespace.name"),
        Source::Pod => resource("k8s.pod.name"),
        Source::Container => resource("k8s.container.name"),
        Source::Node => resource("k8s.node.name"),
        Source::Uid => resource("k8s.pod.uid"),
        Source::Stream => attributes("log.iostream"),
        Source::Filename => attributes("log.file.path"),
        Source::Label(_) | Source::Annotation(_) => return None,
    })
}

/// What was not asked for, and fields.
fn unwanted(options: &Options, made: &BTreeSet<String>) -> Vec<String> {
    let labels = options.kubernetes_labels.keys().map(|label| resource(&attribute(label)));
    let kept: BTreeSet<String> = labels.chain(options.structured_metadata.keys().map(|key| attributes(key))).collect();
    let associates = options.sources().any(Source::needs_api);
    let sources = Source::NAMES.into_iter().map(|(_, source)| source);
    // The processor that comes afterwards knows a pod by its UID.
    let sources = sources.filter(|source| !(associates && *source == Source::Uid));
    let asked = options.sources().any(|source| *source == Source::Node);
    let sources = sources.filter(|source| asked || *source != Source::Node);
    let found = sources.filter_map(|source| place(&source));
    let more = [resource("k8s.container.restart_count"), attributes("logtag")];
    let fields = made.iter().map(|name| field(name));
    found.chain(more).chain(fields).filter(|place| !kept.contains(place)).collect()
}

fn of(stage: &Stage) -> Vec<Value> {
    let from = |source: &Option<String>| source.as_deref().map_or_else(|| "body".to_owned(), field);
    // What is not of the form passes as it is.
    let parser = |kind: &str, from: &str| {
        json!({
            "type": kind, "parse_from": from, "parse_to": attributes("parsed"), "on_error": "send_quiet",
            "if": format!("type({from}) == \"string\""),
        })
    };
    let taken = |names: Vec<(String, String)>| {
        let copies = names.into_iter().map(|(name, place)| {
            let mut steps = place.split('.');
            let first = steps.next().unwrap_or_default();
            let path: String = steps.clone().map(|step| format!("[{step:?}]")).collect();
            let chain: String = std::iter::once(first).chain(steps).map(|step| format!("?.[{step:?}]")).collect();
            json!({
                "type": "copy",
                "from": format!("{}[{first:?}]{path}", attributes("parsed")),
                "to": field(&name),
                "if": format!("{}{chain} != nil", attributes("parsed")),
            })
        });
        let parsed = attributes("parsed");
        let end = when(json!({"type": "remove", "field": parsed}), &parsed);
        copies.chain([end]).collect::<Vec<_>>()
    };
    let owned = |map: &std::collections::BTreeMap<String, String>| map.clone().into_iter().collect::<Vec<_>>();
    match stage {
        Stage::Json { expressions, source } => {
            let mut all = vec![parser("json_parser", &from(source))];
            all.extend(taken(owned(expressions)));
            all
        }
        Stage::Logfmt { mapping, source } => {
            let mut all = vec![parser("key_value_parser", &from(source))];
            all.extend(taken(owned(mapping)));
            all
        }
        Stage::Regex { expression, source } => {
            let mut parser = parser("regex_parser", &from(source));
            parser["regex"] = expression.as_str().into();
            let mut all = vec![parser];
            all.extend(taken(stage.makes().into_iter().map(|name| (name.clone(), name)).collect()));
            all
        }
        Stage::Timestamp { source, format } => {
            let (kind, layout) = layout(format);
            let from = field(source);
            vec![when(
                json!({
                    "type": "time_parser", "parse_from": from, "layout_type": kind, "layout": layout,
                    "location": "UTC", "on_error": "send_quiet",
                }),
                &from,
            )]
        }
        Stage::Labels { values } => {
            let copies = values.iter().map(|(label, name)| (field(name), resource(&attribute(label))));
            copies.map(|(from, to)| when(copy(&from, &to), &from)).collect()
        }
        Stage::StructuredMetadata { values } => {
            let copies = values.iter().map(|(key, name)| (field(name), attributes(key)));
            copies.map(|(from, to)| when(copy(&from, &to), &from)).collect()
        }
        Stage::Output { source } => vec![when(copy(&field(source), "body"), &field(source))],
        Stage::Replace { expression, replace } => vec![json!({
            "type": "regex_replace", "field": "body", "regex": expression,
            // Go's own templates of regular expressions.
            "replace_with": replace.replace('$', "$$"),
        })],
        Stage::Drop { expression, source, older_than, longer_than } => {
            let of = from(source);
            let mut all: Vec<_> = expression.iter().map(|it| matches(&of, it)).collect();
            all.extend(older_than.as_ref().map(|age| format!("timestamp < now() - duration({age:?})")));
            all.extend(longer_than.map(|bytes| format!("len(body) > {bytes}")));
            vec![json!({"type": "filter", "expr": all.join(" and ")})]
        }
        Stage::Sampling { rate } => vec![json!({"type": "filter", "expr": "true", "drop_ratio": 1.0 - rate})],
    }
}

/// The kind of layout, and the layout.
fn layout(format: &str) -> (&'static str, String) {
    match format {
        "Unix" => ("epoch", "s".into()),
        "UnixMs" => ("epoch", "ms".into()),
        "UnixNs" => ("epoch", "ns".into()),
        _ if format.contains('%') => ("strptime", format.into()),
        _ => {
            let named = FORMATS.iter().find(|(name, _, _)| *name == format);
            ("gotime", named.map_or(format, |(_, layout, _)| layout).into())
        }
    }
}

/// An expression (<https://expr-lang.org>) that holds for texts that match.
fn matches(of: &str, regex: &str) -> String {
    // Its texts are Go's, as JSON's are.
    format!("type({of}) == \"string\" and {of} matches {}", Value::from(regex))
}

fn copy(from: &str, to: &str) -> Value {
    json!({"type": "copy", "from": from, "to": to})
}

/// The operator, where the field is there.
fn when(mut operator: Value, field: &str) -> Value {
    operator["if"] = format!("{field} != nil").into();
    operator
}

fn field(name: &str) -> String {
    attributes(&format!("field.{name}"))
}

fn attributes(key: &str) -> String {
    format!("attributes[{key:?}]")
}

fn resource(key: &str) -> String {
    format!("resource[{key:?}]")
}
