//! What is done to lines, and what is read beside the pods.

use std::collections::BTreeMap;

use crate::schema::{Int, Number, Schematic, Value};

/// Lines that belong together.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Multiline {
    /// What a first line matches (RE2), such as `^\d{4}-\d{2}-\d{2}`.
    #[attr(required)]
    pub first_line: Value<String>,
    /// After that time what there is is sent.
    #[attr(optional, default = "3s")]
    pub max_wait: Value<String>,
    /// The most lines.
    #[attr(optional, default = 128)]
    pub max_lines: Value<Int>,
}

/// A stage: one attribute is set. Stages that parse (`json`, `logfmt`, `regex`) make fields, which the others take from.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Stage {
    /// Reads JSON.
    #[attr(optional)]
    pub json: Value<JsonStage>,
    /// Reads `key=value` pairs.
    #[attr(optional)]
    pub logfmt: Value<LogfmtStage>,
    /// Reads by a regular expression, whose named groups become fields.
    #[attr(optional)]
    pub regex: Value<RegexStage>,
    /// Takes the line's time from a field.
    #[attr(optional)]
    pub timestamp: Value<TimestampStage>,
    /// Makes labels of fields, by the label's name.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
    /// Makes structured metadata of fields, by its key.
    #[attr(optional)]
    pub structured_metadata: Value<BTreeMap<String, Value<String>>>,
    /// Puts a field in the line's place.
    #[attr(optional)]
    pub output: Value<OutputStage>,
    /// Replaces what a regular expression matches. Not for `fluent_bit`.
    #[attr(optional)]
    pub replace: Value<ReplaceStage>,
    /// Leaves out lines that all of what is set holds for.
    #[attr(optional)]
    pub drop: Value<DropStage>,
    /// Keeps a part of the lines. Not for `fluent_bit`.
    #[attr(optional)]
    pub sampling: Value<SamplingStage>,
}

/// Reads JSON.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct JsonStage {
    /// Where in the JSON each field is, as names with dots between them: `{ status = "http.status" }`.
    #[attr(required)]
    pub expressions: Value<BTreeMap<String, Value<String>>>,
    /// The field that it is read from; without it the line.
    #[attr(optional)]
    pub source: Value<String>,
}

/// Reads `key=value` pairs.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LogfmtStage {
    /// The key of each field.
    #[attr(required)]
    pub mapping: Value<BTreeMap<String, Value<String>>>,
    /// The field that it is read from; without it the line.
    #[attr(optional)]
    pub source: Value<String>,
}

/// Reads by a regular expression.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct RegexStage {
    /// The expression (RE2), such as `^(?P<level>\w+) `.
    #[attr(required)]
    pub expression: Value<String>,
    /// The field that it is read from; without it the line.
    #[attr(optional)]
    pub source: Value<String>,
}

/// Takes the line's time from a field.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct TimestampStage {
    /// The field.
    #[attr(required)]
    pub source: Value<String>,
    /// `RFC3339`, `RFC3339Nano`, `Unix`, `UnixMs`, `UnixNs`; or a layout: of Go (`2006-01-02 15:04:05`) for `alloy`,
    /// `promtail` and `otel_collector`, of strptime (`%Y-%m-%d %H:%M:%S`) for `vector`, `fluent_bit` and `otel_collector`.
    #[attr(required)]
    pub format: Value<String>,
}

/// Puts a field in the line's place.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct OutputStage {
    /// The field.
    #[attr(required)]
    pub source: Value<String>,
}

/// Replaces what a regular expression matches.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ReplaceStage {
    /// The expression (RE2).
    #[attr(required)]
    pub expression: Value<String>,
    /// What stands there afterwards.
    #[attr(optional, default = "")]
    pub replace: Value<String>,
}

/// Leaves out lines.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct DropStage {
    /// What the line matches (RE2), or the field where one is named.
    #[attr(optional)]
    pub expression: Value<String>,
    /// The field.
    #[attr(optional)]
    pub source: Value<String>,
    /// Older than that, such as `24h`. Not for `fluent_bit`.
    #[attr(optional)]
    pub older_than: Value<String>,
    /// Longer than that, as a Kubernetes quantity of bytes such as `64Ki`. Not for `fluent_bit`.
    #[attr(optional)]
    pub longer_than: Value<String>,
}

/// Keeps a part of the lines.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct SamplingStage {
    /// The part, such as `0.1` for one line of ten.
    #[attr(required)]
    pub rate: Value<Number>,
}

/// A rule of Prometheus' relabelling.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Relabel {
    /// Labels whose values are joined.
    #[attr(optional)]
    pub source_labels: Value<Vec<Value<String>>>,
    /// What is between them; without it `;`.
    #[attr(optional)]
    pub separator: Value<String>,
    /// What the value has to match (RE2, anchored); without it anything.
    #[attr(optional)]
    pub regex: Value<String>,
    /// `replace`, `keep`, `drop`, `keepequal`, `dropequal`, `hashmod`, `labelmap`, `labeldrop`, `labelkeep`, `lowercase` or
    /// `uppercase`; without it `replace`.
    #[attr(optional)]
    pub action: Value<String>,
    /// The label that is written.
    #[attr(optional)]
    pub target_label: Value<String>,
    /// What is written; without it the first group.
    #[attr(optional)]
    pub replacement: Value<String>,
}

/// When a batch is sent.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// At that size, as a Kubernetes quantity of bytes.
    #[attr(optional, default = "1Mi")]
    pub size: Value<String>,
    /// After that time.
    #[attr(optional, default = "1s")]
    pub wait: Value<String>,
}

/// What is done while Loki takes nothing.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Retry {
    /// The time before the second attempt, which doubles with each further one.
    #[attr(optional, default = "500ms")]
    pub min_backoff: Value<String>,
    /// The longest time between two.
    #[attr(optional, default = "30s")]
    pub max_backoff: Value<String>,
    /// The most attempts, after which a batch is lost; 0 is without end. Not for `otel_collector`.
    #[attr(optional, default = 0)]
    pub max_retries: Value<Int>,
}

/// The nodes' journal.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// Its folder on the nodes; `/run/log/journal` where it is not kept.
    #[attr(optional, default = "/var/log/journal")]
    pub path: Value<String>,
    /// systemd's units, such as `kubelet.service`; without it all.
    #[attr(optional)]
    pub units: Value<Vec<Value<String>>>,
    /// Labels of its streams, beside `unit` and the node's.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
}

/// Kubernetes' events.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Their namespaces; without it all.
    #[attr(optional)]
    pub namespaces: Value<Vec<Value<String>>>,
    /// Labels of their streams.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
}

/// The API server's audit log.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct AuditLogs {
    /// Its file on the nodes of the control plane.
    #[attr(optional, default = "/var/log/kubernetes/audit/audit.log")]
    pub path: Value<String>,
    /// Labels of its stream.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
}
