//! What is wrong with an agent's options, before anything is deployed.

mod connection;
mod labels;
mod stages;
#[cfg(test)]
mod tests;
mod workload;

use super::config::files;
use super::options::Options;
use super::target::Target;
use super::{capability, grammar, selector};
use crate::loki::Finding;
use crate::loki::config_file::grammar::regex;

/// The version of Loki 3 whose regular expressions the agents have: all are built by a Go of these years.
const MINOR: u32 = 7;

/// Every finding over the options; more where the Loki that lines are sent to is known.
pub fn verify(options: &Options, target: Option<&Target>) -> Vec<Finding> {
    let mut findings = capability::missing(options);
    findings.extend(workload::workload(options));
    findings.extend(connection::connection(options, target));
    findings.extend(labels::labels(options, target));
    findings.extend(stages::stages(options));
    findings.extend(selectors(options));
    findings.extend(end_of_life(options));
    findings
}

/// What is wrong with the whole file that is rendered, further configuration and all. Asked where nothing is unknown and
/// nothing else is wrong.
pub fn configuration(options: &Options) -> Vec<Finding> {
    match files(options) {
        Err(trouble) => vec![
            Finding::error(
                summary!("The further configuration cannot be put in"),
                trouble.why,
                grammar::fix(options.kind),
            )
            .at("extra_config"),
        ],
        Ok(files) => grammar::judge(options, &files.nodes),
    }
}

fn selectors(options: &Options) -> Vec<Finding> {
    let wrong = |why: String, what: &str, example: &str| {
        Finding::error(
            summary!("The {what} selector is none"),
            format!("Kubernetes would refuse it: {why}."),
            format!("Write it as kubectl takes it, such as {example}."),
        )
    };
    let pods = &options.pods;
    let labels = pods.label_selector.as_deref().and_then(selector::labels);
    let fields = pods.field_selector.as_deref().and_then(selector::fields);
    let mut found: Vec<_> = labels
        .map(|why| wrong(why, "label", "app=shop,tier notin (cache)").at("label_selector"))
        .into_iter()
        .chain(fields.map(|why| wrong(why, "field", "status.phase!=Succeeded").at("field_selector")))
        .collect();
    for (at, names) in [("namespaces", &pods.namespaces), ("exclude_namespaces", &pods.exclude_namespaces)] {
        let judged = names.iter().filter_map(|name| crate::loki::verify::namespace(name));
        found.extend(judged.map(|finding| finding.at(at)));
    }
    if let Some(both) = pods.namespaces.iter().find(|name| pods.exclude_namespaces.contains(name)) {
        found.push(
            Finding::error(
                summary!("The namespace {both:?} is both read and not"),
                "It stands in namespaces and in exclude_namespaces.",
                "Remove it from one of them.",
            )
            .at("exclude_namespaces")
            .and("namespaces"),
        );
    }
    found
}

fn end_of_life(options: &Options) -> Option<Finding> {
    (options.kind == super::Kind::Promtail).then(|| {
        Finding::warning(
            summary!("Promtail has reached its end of life"),
            "It gets no fixes since March 2026 (https://grafana.com/docs/loki/latest/send-data/promtail/).",
            "Set kind = \"alloy\": it goes on where Promtail has stopped reading, by Promtail's own positions.",
        )
        .at("kind")
    })
}

/// Why it is no regular expression of RE2's grammar, which all kinds have but Vector (Rust's, which is asked as well) and
/// Fluent Bit (Onigmo's, which takes what the others do).
fn regular(options: &Options, expression: &str) -> Option<Finding> {
    if let Err(why) = regex::plain(expression, MINOR) {
        return Some(Finding::error(
            summary!("The regular expression is none"),
            format!("{why}."),
            "Write it in RE2's grammar (https://github.com/google/re2/wiki/Syntax), which knows no lookaround.",
        ));
    }
    let rust = ::regex::Regex::new(expression).err().filter(|_| options.kind == super::Kind::Vector)?;
    let why = rust.to_string();
    let last = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let finding = Finding::error(
        summary!("Vector does not take the regular expression"),
        format!("Its grammar is Rust's: {last}."),
        "Escape what is meant as it is, such as \\{ (https://docs.rs/regex/latest/regex/#syntax).",
    );
    Some(finding.and("kind"))
}
