//! Labels: what Loki takes, and what it suffers from.

use crate::agent::kind::Kind;
use crate::agent::options::{AGENT_LABEL, Options, Source};
use crate::agent::otel::attribute;
use crate::agent::target::Target;
use crate::loki::Finding;
use crate::loki::finding::Step;

/// Names that change with each request or pod, by which streams grow without end
/// (<https://grafana.com/docs/loki/latest/get-started/labels/bp-labels/>).
const UNBOUNDED: [&str; 18] = [
    "trace_id",
    "traceid",
    "span_id",
    "spanid",
    "request_id",
    "requestid",
    "session_id",
    "correlation_id",
    "user_id",
    "customer_id",
    "order_id",
    "uuid",
    "uid",
    "pod_uid",
    "ip",
    "timestamp",
    "filename",
    "path",
];

/// Rules of all labels, and of structured metadata.
pub fn labels(options: &Options, target: Option<&Target>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (label, at) in named(options) {
        findings.extend(name(options, &label, target).map(|finding| finding.under(at.clone())));
        findings.extend(unbounded(options, &label).map(|finding| finding.under(at)));
    }
    let longest = target.map_or(2048, |target| target.max_label_value);
    for (label, value) in &options.labels {
        let at = [Step::Attribute("labels"), Step::Key(label.clone())];
        if value.is_empty() {
            findings.push(
                Finding::error(
                    summary!("The label {label:?} is empty"),
                    "Loki leaves out labels without a value.",
                    "Give it a value, or remove it.",
                )
                .under(at.clone()),
            );
        }
        if value.len() as u64 > longest {
            findings.push(
                Finding::error(
                    summary!("The value of the label {label:?} is too long"),
                    format!("It has {} bytes; Loki takes {longest} (max_label_value_length).", value.len()),
                    "Shorten it.",
                )
                .under(at.clone()),
            );
        }
        if options.kind == Kind::FluentBit && value.contains([',', '=', '$']) {
            findings.push(
                Finding::error(
                    summary!("Fluent Bit cannot write the value of the label {label:?}"),
                    "Its labels are one text, in which `,`, `=` and `$` have meanings of their own.",
                    "Take other letters, or set kind to alloy, otel_collector, vector or promtail.",
                )
                .under(at)
                .and("kind"),
            );
        }
    }
    findings.extend(twice(options));
    findings.extend(many(options, target));
    findings.extend(metadata(options, target));
    findings.extend(of_otlp(options, target));
    findings
}

/// Every label of the pods' streams, with the way to it.
fn named(options: &Options) -> Vec<(String, Vec<Step>)> {
    let key = |at: &'static str, label: &String| (label.clone(), vec![Step::Attribute(at), Step::Key(label.clone())]);
    let own = options.labels.keys().map(|label| key("labels", label));
    let pods = options.kubernetes_labels.keys().map(|label| key("kubernetes_labels", label));
    let mut all: Vec<_> = own.chain(pods).collect();
    for (index, stage) in options.stages.iter().enumerate() {
        if let crate::agent::stage::Stage::Labels { values } = stage {
            let at = |label: &String| {
                vec![Step::Attribute("stages"), Step::Index(index), Step::Attribute("labels"), Step::Key(label.clone())]
            };
            all.extend(values.keys().map(|label| (label.clone(), at(label))));
        }
    }
    let sources = [
        ("journal", options.journal.as_ref().map(|it| &it.labels)),
        ("kubernetes_events", options.events.as_ref().map(|it| &it.labels)),
        ("audit_logs", options.audit.as_ref().map(|it| &it.labels)),
    ];
    for (of, labels) in sources {
        let at = |label: &String| vec![Step::Attribute(of), Step::Attribute("labels"), Step::Key(label.clone())];
        all.extend(labels.into_iter().flatten().map(|(label, _)| (label.clone(), at(label))));
    }
    all
}

fn name(options: &Options, label: &str, target: Option<&Target>) -> Option<Finding> {
    let mut letters = label.chars();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let legal = begins && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !legal {
        let better: String = label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        return Some(Finding::error(
            summary!("{label:?} is no name of a label"),
            "Loki's labels have letters, digits and underscores, and do not begin with a digit \
             (https://grafana.com/docs/loki/latest/get-started/labels/#label-format).",
            format!(
                "Write {:?}.",
                if better.starts_with(|c: char| c.is_ascii_digit()) { format!("_{better}") } else { better }
            ),
        ));
    }
    if label.starts_with("__") {
        return Some(Finding::error(
            summary!("The label {label:?} is reserved"),
            "Names that begin with two underscores are for Prometheus' and Loki's own use, and are not kept.",
            format!("Write {:?}.", label.trim_start_matches('_')),
        ));
    }
    if label == AGENT_LABEL {
        return Some(Finding::error(
            summary!("The label {AGENT_LABEL:?} is the provider's"),
            format!(
                "It tells the lines of this agent ({:?}) from others, and each read asks for them by it.",
                options.agent()
            ),
            "Take another name.",
        ));
    }
    let longest = target.map_or(1024, |target| target.max_label_name);
    (label.len() as u64 > longest).then(|| {
        Finding::error(
            summary!("The name of a label is too long"),
            format!("{} bytes; Loki takes {longest} (max_label_name_length).", label.len()),
            "Shorten it.",
        )
    })
}

fn unbounded(options: &Options, label: &str) -> Option<Finding> {
    let source = options.kubernetes_labels.get(label);
    let of_pods = matches!(source, Some(Source::Uid | Source::Filename));
    let known = UNBOUNDED.contains(&label.to_lowercase().as_str());
    (of_pods || known && source.is_none_or(|source| matches!(source, Source::Label(_) | Source::Annotation(_)))).then(|| {
        Finding::warning(
            summary!("The label {label:?} makes streams without end"),
            "Each of its values is a stream of its own: the index grows, and queries and ingesters slow down.",
            "Make it structured metadata (structured_metadata, or a stage of that name): it can be searched all the same.",
        )
    })
}

fn twice(options: &Options) -> Vec<Finding> {
    let of_pods = options.kubernetes_labels.keys().filter(|label| options.labels.contains_key(*label));
    let found = of_pods.map(|label| {
        Finding::error(
            summary!("The label {label:?} is set twice"),
            "It stands in labels and in kubernetes_labels.",
            "Remove one of them.",
        )
        .under([Step::Attribute("kubernetes_labels"), Step::Key(label.clone())])
        .and("labels")
    });
    let metadata = options
        .structured_metadata
        .keys()
        .filter(|key| options.labels.contains_key(*key) || options.kubernetes_labels.contains_key(*key));
    let both = metadata.map(|key| {
        Finding::error(
            summary!("{key:?} is both a label and structured metadata"),
            "Loki would show one of them alone.",
            "Remove one of them, or take another name.",
        )
        .under([Step::Attribute("structured_metadata"), Step::Key(key.clone())])
        .and("labels")
        .and("kubernetes_labels")
    });
    found.chain(both).collect()
}

fn many(options: &Options, target: Option<&Target>) -> Option<Finding> {
    let mut names: Vec<_> =
        options.static_labels().into_keys().chain(options.kubernetes_labels.keys().cloned()).collect();
    names.extend(options.stage_labels().map(str::to_owned));
    names.sort();
    names.dedup();
    let most = target.map_or(15, |target| target.max_labels);
    let count = names.len() as u64;
    if count <= most {
        return None;
    }
    let what = summary!("{count} labels are too many");
    let fix = "Make structured metadata of what is not searched by, or raise max_label_names_per_series in the stack's limits.";
    let finding = match target {
        Some(target) => Finding::error(
            what,
            format!(
                "The stack {} takes {most} for a stream (max_label_names_per_series), and refuses lines with more.",
                target.name
            ),
            fix,
        ),
        None => Finding::warning(
            what,
            format!(
                "Loki takes {most} for a stream unless it is told otherwise (max_label_names_per_series), and refuses lines with more."
            ),
            fix,
        ),
    };
    Some(finding.at("labels").and("kubernetes_labels").and("stages").and("push_url"))
}

fn metadata(options: &Options, target: Option<&Target>) -> Option<Finding> {
    let wanted = !options.structured_metadata.is_empty()
        || options.stages.iter().any(|stage| stage.name() == "structured_metadata");
    let refuses = target.filter(|target| wanted && !target.structured_metadata)?;
    Some(
        Finding::error(
            summary!("The stack takes no structured metadata"),
            format!("{} has allow_structured_metadata = false, and refuses lines with it.", refuses.name),
            "Set allow_structured_metadata in the stack's limits, or leave structured metadata out.",
        )
        .at("structured_metadata")
        .and("stages")
        .and("push_url"),
    )
}

/// Of what comes by OTLP Loki makes labels where it is told to alone.
fn of_otlp(options: &Options, target: Option<&Target>) -> Option<Finding> {
    if options.kind != Kind::OtelCollector {
        return None;
    }
    let target = target?;
    let labels = options.labels.keys().chain(options.kubernetes_labels.keys()).map(String::as_str);
    let missing: Vec<_> = labels
        .chain(options.stage_labels())
        .map(attribute)
        // It goes well as structured metadata, by which the provider asks for it.
        .filter(|name| !target.index_labels.contains(name) && name != "k8s.node.name")
        .collect();
    (!missing.is_empty()).then(|| {
        let list: Vec<_> = missing.iter().map(|name| format!("{name:?}")).collect();
        Finding::warning(
            summary!("Loki makes no labels of some resource attributes"),
            format!(
                "What comes by OTLP becomes a label where Loki is told so alone; of {} the stack {} makes structured metadata.",
                missing.join(", "),
                target.name
            ),
            format!(
                "In the stack write limits = {{ otlp_config = jsonencode({{ resource_attributes = {{ attributes_config = \
                 [{{ action = \"index_label\", attributes = [{}] }}] }} }}) }}.",
                list.join(", ")
            ),
        )
        .at("kind")
        .and("labels")
        .and("kubernetes_labels")
        .and("stages")
        .and("push_url")
    })
}
