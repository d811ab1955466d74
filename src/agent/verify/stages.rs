//! Stages, multiline and relabelling.

use std::collections::BTreeSet;

use super::regular;
use crate::agent::kind::Kind;
use crate::agent::options::{Options, Source};
use crate::agent::stage::{FORMATS, Stage};
use crate::loki::Finding;
use crate::loki::config_file::grammar::regex;
use crate::loki::finding::Step;

/// What Prometheus' relabelling does (model/relabel/relabel.go).
const ACTIONS: [&str; 11] = [
    "replace",
    "keep",
    "drop",
    "keepequal",
    "dropequal",
    "hashmod",
    "labelmap",
    "labeldrop",
    "labelkeep",
    "lowercase",
    "uppercase",
];

/// Rules of what is done to lines.
pub fn stages(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fields = BTreeSet::new();
    for (index, stage) in options.stages.iter().enumerate() {
        let at = |finding: Finding| {
            finding.under([Step::Attribute("stages"), Step::Index(index), Step::Attribute(stage.name())])
        };
        findings.extend(of(options, stage).into_iter().map(at));
        for field in stage.takes() {
            let known = fields.contains(field) || options.kubernetes_labels.contains_key(field);
            if !known && !field.is_empty() {
                findings.push(at(Finding::warning(
                    summary!("Nothing makes the field {field:?}"),
                    "No stage before this one finds it, so the stage does nothing.",
                    "Find it in a stage before: json, logfmt or regex.",
                )));
            }
        }
        fields.extend(stage.makes());
    }
    if let Some(multiline) = &options.multiline {
        findings.extend(regular(options, &multiline.first_line).map(|finding| finding.at("multiline.first_line")));
        if regex::matches_empty(&multiline.first_line, super::MINOR) == Ok(true) {
            findings.push(
                Finding::warning(
                    summary!("Each line is a first line"),
                    format!("{:?} matches the empty text, so no lines are put together.", multiline.first_line),
                    "Write what a first line begins with, such as ^\\d{4}-\\d{2}-\\d{2}.",
                )
                .at("multiline.first_line"),
            );
        }
    }
    for (index, rule) in options.relabel.iter().enumerate() {
        findings.extend(relabel(rule).into_iter().map(|it| it.under([Step::Attribute("relabel"), Step::Index(index)])));
    }
    for (at, sources) in
        [("kubernetes_labels", &options.kubernetes_labels), ("structured_metadata", &options.structured_metadata)]
    {
        for (name, source) in sources {
            if let Source::Label(key) | Source::Annotation(key) = source
                && !crate::agent::selector::is_key(key)
            {
                findings.push(
                    Finding::error(
                        summary!("{key:?} is no key of a label or an annotation"),
                        "Kubernetes has none that is called so.",
                        "Write it as kubectl shows it, such as label:app.kubernetes.io/name.",
                    )
                    .under([Step::Attribute(at), Step::Key(name.clone())]),
                );
            }
        }
    }
    findings
}

fn of(options: &Options, stage: &Stage) -> Vec<Finding> {
    let mut findings = Vec::new();
    match stage {
        Stage::Json { expressions, .. } => {
            if expressions.is_empty() {
                findings.push(nothing("It would find no field.").at("expressions"));
            }
            for (name, path) in expressions {
                if path.is_empty() || path.split('.').any(str::is_empty) {
                    findings.push(
                        Finding::error(
                            summary!("{path:?} is no path"),
                            "It is names with dots between them.",
                            "Write it such as http.status.",
                        )
                        .under([Step::Attribute("expressions"), Step::Key(name.clone())]),
                    );
                }
            }
        }
        Stage::Logfmt { mapping, .. } if mapping.is_empty() => {
            findings.push(nothing("It would find no field.").at("mapping"))
        }
        Stage::Regex { expression, .. } => {
            findings.extend(regular(options, expression).map(|finding| finding.at("expression")));
            if findings.is_empty() && stage.makes().is_empty() {
                findings.push(
                    Finding::error(
                        summary!("The expression has no named group"),
                        "Named groups become fields; without one the stage finds nothing.",
                        "Name one, such as (?P<level>\\w+).",
                    )
                    .at("expression"),
                );
            }
        }
        Stage::Replace { expression, replace } => {
            findings.extend(regular(options, expression).map(|finding| finding.at("expression")));
            if replace.contains("{{") && matches!(options.kind, Kind::Promtail | Kind::Alloy) {
                findings.push(
                    Finding::warning(
                        summary!("The text is a template"),
                        "Promtail and Alloy replace by templates of Go; other kinds write the text as it is.",
                        "Leave {{ out where that is not meant.",
                    )
                    .at("replace")
                    .and("kind"),
                );
            }
        }
        Stage::Drop { expression, older_than, longer_than, .. } => {
            findings.extend(
                expression.as_deref().and_then(|it| regular(options, it)).map(|finding| finding.at("expression")),
            );
            if expression.is_none() && older_than.is_none() && longer_than.is_none() {
                findings.push(nothing("It would drop every line."));
            }
            if older_than.as_deref().is_some_and(|text| !is_duration(text)) {
                findings.push(
                    Finding::error(
                        summary!("older_than is no duration"),
                        "The agents read durations such as 30m or 24h.",
                        "Write it so.",
                    )
                    .at("older_than"),
                );
            }
        }
        Stage::Sampling { rate } if !(*rate > 0.0 && *rate <= 1.0) => findings.push(
            Finding::error(
                summary!("The rate is no part"),
                format!("{rate} is not above 0 and up to 1."),
                "Write 0.1 to keep one line of ten.",
            )
            .at("rate"),
        ),
        Stage::Timestamp { format, .. } if format.is_empty() => findings.push(
            Finding::error(
                summary!("The format is empty"),
                "No time is written so.",
                format!("Write {}.", FORMATS[0].0),
            )
            .at("format"),
        ),
        Stage::Labels { values } | Stage::StructuredMetadata { values } if values.is_empty() => {
            findings.push(nothing("It would make nothing."));
        }
        _ => {}
    }
    if options.kind == Kind::FluentBit {
        let texts = [expression(stage)].into_iter().flatten().filter(|text| text.contains("${"));
        findings.extend(texts.map(|_| {
            Finding::error(
                summary!("Fluent Bit would take a part of the expression for a variable"),
                "It replaces ${…} wherever it stands, and knows no way to write it.",
                "Write [$]{ in place of ${.",
            )
            .at("expression")
            .and("kind")
        }));
    }
    findings
}

fn expression(stage: &Stage) -> Option<&str> {
    match stage {
        Stage::Regex { expression, .. } | Stage::Replace { expression, .. } => Some(expression),
        Stage::Drop { expression, .. } => expression.as_deref(),
        _ => None,
    }
}

fn is_duration(text: &str) -> bool {
    crate::loki::config_file::grammar::duration::go(text).is_some_and(|nanoseconds| nanoseconds > 0)
}

fn nothing(why: &str) -> Finding {
    Finding::error(summary!("The stage says nothing"), why, "Say what it is for, or remove it.")
}

fn relabel(rule: &crate::agent::options::Relabel) -> Vec<Finding> {
    let mut findings = Vec::new();
    let action = rule.action.as_deref().unwrap_or("replace");
    if !ACTIONS.contains(&action) {
        findings.push(
            Finding::error(
                summary!("{action:?} is no action"),
                format!("Prometheus knows: {}.", ACTIONS.join(", ")),
                "Take one of them.",
            )
            .at("action"),
        );
    }
    if let Some(expression) = &rule.regex
        && let Err(why) = regex::relabel(expression, super::MINOR)
    {
        findings.push(
            Finding::error(
                summary!("The regular expression is none"),
                format!("{why}."),
                "Write it in RE2's grammar; it is anchored by itself.",
            )
            .at("regex"),
        );
    }
    if matches!(action, "replace" | "hashmod" | "lowercase" | "uppercase") && rule.target_label.is_none() {
        findings.push(
            Finding::error(summary!("The action {action} writes nowhere"), "It needs a target_label.", "Name it.")
                .at("target_label"),
        );
    }
    findings
}
