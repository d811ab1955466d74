//! Programs in the Vector Remap Language (<https://vector.dev/docs/reference/vrl/>). Fields of a line are below `.field`;
//! what the sink sends is `.message`, `.labels` and `.metadata`.

use std::collections::BTreeMap;

use crate::agent::options::{Journal, Options, Source};
use crate::agent::stage::{FORMATS, Stage};

/// Whether a line is the first one.
pub fn first_line(regex: &str) -> String {
    format!("match({}, {})", text_of(&["message"]), pattern(regex))
}

/// What is done to the pods' lines.
pub fn pods(options: &Options) -> String {
    let mut lines = vec![".field = {}".to_owned(), ".metadata = {}".to_owned(), labels(&options.static_labels())];
    if !options.pods.namespaces.is_empty() {
        let names: Vec<_> = options.pods.namespaces.iter().map(|name| text(name)).collect();
        lines.push(format!("if !includes([{}], .kubernetes.pod_namespace) {{ abort }}", names.join(", ")));
    }
    for (label, source) in &options.kubernetes_labels {
        lines.push(put("labels", label, &path(source)));
    }
    for (key, source) in &options.structured_metadata {
        lines.push(put("metadata", key, &path(source)));
    }
    lines.extend(options.stages.iter().map(stage));
    lines.join("\n")
}

/// What is done to the journal's entries.
pub fn journal(options: &Options, journal: &Journal) -> String {
    let mut lines = vec![fixed(options, &journal.labels), put("labels", "unit", &["_SYSTEMD_UNIT"])];
    let nodes = options.kubernetes_labels.iter().filter(|(_, source)| **source == Source::Node);
    // What journald calls the host need not be the node's name.
    let node = "get_env_var(\"VECTOR_SELF_NODE_NAME\") ?? \"\"";
    lines.extend(nodes.map(|(label, _)| format!(".labels.{} = {node}", text(label))));
    lines.join("\n")
}

/// Labels that do not depend on the line.
pub fn fixed(options: &Options, more: &BTreeMap<String, String>) -> String {
    let mut all = options.static_labels();
    all.extend(more.clone());
    format!(".metadata = {{}}\n{}", labels(&all))
}

fn labels(of: &BTreeMap<String, String>) -> String {
    let entries: Vec<_> = of.iter().map(|(label, value)| format!("{}: {}", text(label), text(value))).collect();
    format!(".labels = {{{}}}", entries.join(", "))
}

/// Where the source kubernetes_logs puts it.
fn path(source: &Source) -> Vec<&str> {
    match source {
        Source::Namespace => vec!["kubernetes", "pod_namespace"],
        Source::Pod => vec!["kubernetes", "pod_name"],
        Source::Container => vec!["kubernetes", "container_name"],
        Source::Node => vec!["kubernetes", "pod_node_name"],
        Source::Uid => vec!["kubernetes", "pod_uid"],
        Source::Stream => vec!["stream"],
        Source::Filename => vec!["file"],
        Source::Label(key) => vec!["kubernetes", "pod_labels", key],
        Source::Annotation(key) => vec!["kubernetes", "pod_annotations", key],
    }
}

fn put(into: &str, name: &str, from: &[&str]) -> String {
    format!("if exists({}) {{ .{into}.{} = {} }}", path_of(from), text(name), text_of(from))
}

fn field(name: &str) -> [&str; 2] {
    ["field", name]
}

/// `.kubernetes."pod_name"`.
fn path_of(steps: &[&str]) -> String {
    steps.iter().map(|step| format!(".{}", text(step))).collect()
}

/// What is at a path, as a value of which the compiler knows nothing: it refuses to handle a failure that cannot be.
fn any(steps: &[&str]) -> String {
    let steps: Vec<_> = steps.iter().map(|step| text(step)).collect();
    format!("(get(., [{}]) ?? null)", steps.join(", "))
}

fn stage(stage: &Stage) -> String {
    let from =
        |source: &Option<String>| source.as_deref().map_or_else(|| text_of(&["message"]), |name| text_of(&field(name)));
    let parsed = |call: String, names: Vec<(&String, Vec<&str>)>| {
        let takes: Vec<_> = names
            .into_iter()
            .map(|(name, path)| {
                let path: Vec<_> = path.into_iter().map(text).collect();
                let found = format!("found = get(parsed, [{}]) ?? null", path.join(", "));
                format!("  {found}\n  if found != null {{ {} = found }}", path_of(&field(name)))
            })
            .collect();
        format!("parsed, err = {call}\nif err == null {{\n{}\n}}", takes.join("\n"))
    };
    match stage {
        Stage::Json { expressions, source } => parsed(
            format!("parse_json({})", from(source)),
            expressions.iter().map(|(name, path)| (name, path.split('.').collect())).collect(),
        ),
        Stage::Logfmt { mapping, source } => parsed(
            format!("parse_logfmt({})", from(source)),
            mapping.iter().map(|(name, key)| (name, vec![key.as_str()])).collect(),
        ),
        Stage::Regex { expression, source } => {
            let names = stage.makes();
            parsed(
                format!("parse_regex({}, {})", from(source), pattern(expression)),
                names.iter().map(|name| (name, vec![name.as_str()])).collect(),
            )
        }
        Stage::Timestamp { source, format } => {
            let of = field(source);
            let time = match format.as_str() {
                "Unix" => format!("from_unix_timestamp(to_int({}) ?? -1, unit: \"seconds\")", any(&of)),
                "UnixMs" => format!("from_unix_timestamp(to_int({}) ?? -1, unit: \"milliseconds\")", any(&of)),
                "UnixNs" => format!("from_unix_timestamp(to_int({}) ?? -1, unit: \"nanoseconds\")", any(&of)),
                format => {
                    let named = FORMATS.iter().find(|(name, _, _)| *name == format);
                    // RFC 3339, whatever its fractions.
                    let layout = named.map_or(format, |_| "%+");
                    format!("parse_timestamp({}, {})", text_of(&of), text(layout))
                }
            };
            format!("time, err = {time}\nif err == null {{ .timestamp = time }}")
        }
        Stage::Labels { values } => {
            let puts: Vec<_> = values.iter().map(|(label, name)| put("labels", label, &field(name))).collect();
            puts.join("\n")
        }
        Stage::StructuredMetadata { values } => {
            let puts: Vec<_> = values.iter().map(|(key, name)| put("metadata", key, &field(name))).collect();
            puts.join("\n")
        }
        Stage::Output { source } => {
            let of = field(source);
            format!("if exists({}) {{ .message = {} }}", path_of(&of), text_of(&of))
        }
        // Rust's own templates of regular expressions.
        Stage::Replace { expression, replace } => format!(
            ".message = replace({}, {}, {})",
            text_of(&["message"]),
            pattern(expression),
            text(&replace.replace('$', "$$"))
        ),
        Stage::Drop { expression, source, older_than, longer_than } => {
            let mut all: Vec<_> = Vec::new();
            all.extend(expression.iter().map(|regex| format!("match({}, {})", from(source), pattern(regex))));
            all.extend(older_than.as_deref().map(|age| {
                let seconds = crate::loki::duration::parse(age).unwrap_or_default() / 1000;
                format!(
                    "to_unix_timestamp(timestamp({}) ?? now()) < to_unix_timestamp(now()) - {seconds}",
                    any(&["timestamp"])
                )
            }));
            all.extend(longer_than.map(|bytes| format!("length({}) > {bytes}", text_of(&["message"]))));
            format!("if {} {{ abort }}", all.join(" && "))
        }
        Stage::Sampling { rate } => format!("if random_float(0.0, 1.0) >= {rate:?} {{ abort }}"),
    }
}

fn text_of(steps: &[&str]) -> String {
    format!("(to_string({}) ?? \"\")", any(steps))
}

/// A text of the language, whose escapes are those of JSON. `{{` would begin a template.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace("{{", "\\{{")
}

/// A regular expression of the language.
fn pattern(regex: &str) -> String {
    let mut escaped = String::new();
    let mut before = ' ';
    for letter in regex.chars() {
        if letter == '\'' && before != '\\' {
            escaped.push('\\');
        }
        escaped.push(letter);
        before = if before == '\\' { ' ' } else { letter };
    }
    format!("r'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_end_nothing() {
        assert_eq!(pattern(r"it's \'"), r"r'it\'s \''");
        assert_eq!(text("a\"{{b}}"), "\"a\\\"\\{{b}}\"");
    }
}
