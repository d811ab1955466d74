//! Filters and parsers. Fields of a line are keys of the record until the output takes them away.

use serde_json::{Value, json};

use crate::agent::options::Options;
use crate::agent::stage::{FORMATS, Stage};

/// The key of the line, by the parser of containers' files.
const LINE: &str = "log";

/// What is done to the pods' records.
pub fn filters(options: &Options) -> Vec<Value> {
    let mut filters = Vec::new();
    filters.extend(options.multiline.as_ref().map(|_| {
        json!({
            "name": "multiline", "match": "pods.*", "multiline.key_content": LINE, "multiline.parser": "lines",
            "buffer": "on", "emitter_storage.type": options.buffer.map(|_| "filesystem"),
        })
    }));
    filters.push(json!({
        "name": "kubernetes",
        "match": "pods.*",
        "kube_tag_prefix": "pods.var.log.containers.",
        "merge_log": "off",
        "keep_log": "on",
        "labels": "on",
        "annotations": "on",
        "buffer_size": "0",
    }));
    for (index, stage) in options.stages.iter().enumerate() {
        filters.extend(filter(index, stage));
    }
    filters
}

fn filter(index: usize, stage: &Stage) -> Vec<Value> {
    let parser = |source: &Option<String>| {
        json!({
            "name": "parser", "match": "pods.*", "key_name": source.as_deref().unwrap_or(LINE),
            "parser": parser_name(index), "reserve_data": "on", "preserve_key": "on",
        })
    };
    match stage {
        Stage::Json { expressions, source } => {
            // A field of another name than the key.
            let renamed = expressions.iter().filter(|(name, path)| name != path);
            let copies = renamed
                .map(|(name, path)| json!({"name": "modify", "match": "pods.*", "copy": format!("{path} {name}")}));
            std::iter::once(parser(source)).chain(copies).collect()
        }
        Stage::Logfmt { mapping, source } => {
            let renamed = mapping.iter().filter(|(name, key)| name != key);
            let copies = renamed
                .map(|(name, key)| json!({"name": "modify", "match": "pods.*", "copy": format!("{key} {name}")}));
            std::iter::once(parser(source)).chain(copies).collect()
        }
        Stage::Regex { source, .. } => vec![parser(source)],
        Stage::Timestamp { source, .. } => vec![parser(&Some(source.clone()))],
        Stage::Output { source } => vec![
            json!({"name": "modify", "match": "pods.*", "condition": format!("Key_exists {source}"), "hard_copy": format!("{source} {LINE}")}),
        ],
        Stage::Drop { expression, source, .. } => {
            let key = source.as_deref().unwrap_or(LINE);
            expression
                .iter()
                .map(|regex| json!({"name": "grep", "match": "pods.*", "exclude": format!("{key} {regex}")}))
                .collect()
        }
        Stage::Labels { .. } | Stage::StructuredMetadata { .. } | Stage::Replace { .. } | Stage::Sampling { .. } => {
            Vec::new()
        }
    }
}

fn parser_name(index: usize) -> String {
    format!("stage_{index}")
}

/// Parsers of single lines, and of several.
pub fn parsers(options: &Options) -> (Vec<Value>, Vec<Value>) {
    let of = |(index, stage): (usize, &Stage)| {
        let name = parser_name(index);
        Some(match stage {
            Stage::Json { .. } => json!({"name": name, "format": "json"}),
            Stage::Logfmt { .. } => json!({"name": name, "format": "logfmt"}),
            // Onigmo names groups in one way alone.
            Stage::Regex { expression, .. } => {
                json!({"name": name, "format": "regex", "regex": expression.replace("(?P<", "(?<")})
            }
            Stage::Timestamp { format, .. } => {
                let named = FORMATS.iter().find(|(of, _, _)| of == format);
                let layout = named.map_or(format.as_str(), |(_, _, layout)| layout);
                json!({
                    "name": name, "format": "regex", "regex": "^(?<time>.+)$", "time_key": "time",
                    "time_format": layout.replace("%.f", ".%L"),
                })
            }
            _ => return None,
        })
    };
    let parsers = options.stages.iter().enumerate().filter_map(of).collect();
    let lines = options.multiline.iter().map(|it| {
        json!({
            "name": "lines", "type": "regex", "flush_timeout": it.max_wait,
            "rules": [
                {"state": "start_state", "regex": format!("/{}/", slashes(&it.first_line)), "next_state": "cont"},
                {"state": "cont", "regex": format!("/^(?!{})/", slashes(it.first_line.trim_start_matches('^'))), "next_state": "cont"},
            ],
        })
    });
    (parsers, lines.collect())
}

fn slashes(regex: &str) -> String {
    regex.replace('/', r"\/")
}

/// Labels that stages make.
pub fn made_labels(options: &Options) -> Vec<String> {
    let of = |stage: &Stage| match stage {
        Stage::Labels { values } => values.iter().map(|(label, field)| format!("{label}=${field}")).collect(),
        _ => Vec::new(),
    };
    options.stages.iter().flat_map(of).collect()
}

/// Structured metadata that stages make.
pub fn made_metadata(options: &Options) -> Vec<String> {
    let of = |stage: &Stage| match stage {
        Stage::StructuredMetadata { values } => values.iter().map(|(key, field)| format!("{key}=${field}")).collect(),
        _ => Vec::new(),
    };
    options.stages.iter().flat_map(of).collect()
}

/// Keys that are not sent: all but the line.
pub fn removed(options: &Options) -> String {
    let known = ["kubernetes", "stream", "time", "_p", "logtag", "filename"].map(str::to_owned);
    let mut keys = known.to_vec();
    for stage in &options.stages {
        keys.extend(stage.makes());
        match stage {
            Stage::Json { expressions: names, .. } | Stage::Logfmt { mapping: names, .. } => {
                keys.extend(names.values().cloned());
            }
            _ => {}
        }
    }
    keys.sort();
    keys.dedup();
    keys.join(", ")
}
