//! `loki.process` (<https://grafana.com/docs/alloy/latest/reference/components/loki/loki.process/>).

use std::collections::BTreeMap;

use super::syntax::{Block, Expr, block, map, refer, text};
use crate::agent::config::go_duration;
use crate::agent::options::Options;
use crate::agent::promtail::{dropped, found_as, grouped, paths};
use crate::agent::stage::Stage;

/// The pipeline of the pods' lines.
pub fn process(options: &Options) -> Block {
    let mut process = block("loki.process", "pods")
        .set("forward_to", refer("[loki.write.default.receiver]"))
        .with(Some(block("stage.cri", "")))
        .with(options.multiline.as_ref().map(|it| {
            block("stage.multiline", "")
                .set("firstline", text(&it.first_line))
                .set("max_wait_time", text(&go_duration(it.max_wait)))
                .set("max_lines", refer(&it.max_lines.to_string()))
        }));
    for own in &options.stages {
        process = process.with(Some(stage(own)));
    }
    // Labels are fields from the start, so these find what discovery has made.
    if !options.structured_metadata.is_empty() {
        let own = options.structured_metadata.iter();
        let values = own.map(|(key, source)| (key.clone(), found_as(source).unwrap_or(key).to_owned())).collect();
        process = process.with(Some(block("stage.structured_metadata", "").set("values", map(&values))));
    }
    let labels = options.kubernetes_labels.iter();
    let renamed: BTreeMap<String, String> = labels
        .filter_map(|(label, source)| Some((label.clone(), found_as(source).filter(|it| it != label)?.to_owned())))
        .collect();
    if !renamed.is_empty() {
        process = process.with(Some(block("stage.labels", "").set("values", map(&renamed))));
    }
    let dropped = dropped(options);
    process.with((!dropped.is_empty()).then(|| {
        block("stage.label_drop", "").set("values", Expr::List(dropped.iter().map(|name| text(name)).collect()))
    }))
}

fn stage(stage: &Stage) -> Block {
    let named = block(&format!("stage.{}", stage.name()), "");
    let some = |value: &Option<String>| value.as_deref().map(text);
    match stage {
        Stage::Json { expressions, source } => {
            named.set("expressions", map(&paths(expressions))).set_some("source", some(source))
        }
        Stage::Logfmt { mapping, source } => named.set("mapping", map(mapping)).set_some("source", some(source)),
        Stage::Regex { expression, source } => {
            named.set("expression", text(expression)).set_some("source", some(source))
        }
        Stage::Timestamp { source, format } => named.set("source", text(source)).set("format", text(format)),
        Stage::Labels { values } | Stage::StructuredMetadata { values } => named.set("values", map(values)),
        Stage::Output { source } => named.set("source", text(source)),
        Stage::Replace { expression, replace } => {
            named.set("expression", text(&grouped(expression))).set("replace", text(replace))
        }
        Stage::Drop { expression, source, older_than, longer_than } => named
            .set_some("source", some(source))
            .set_some("expression", some(expression))
            .set_some("older_than", some(older_than))
            .set_some("longer_than", longer_than.map(|bytes| text(&format!("{bytes}B"))))
            .set("drop_counter_reason", text("stage")),
        Stage::Sampling { rate } => named.set("rate", refer(&rate.to_string())),
    }
}
