//! What each kind can do. What it cannot is said, with the kinds that can.

use super::config::POD_LOGS;
use super::kind::Kind::{self, Alloy, FluentBit, OtelCollector, Promtail, Vector};
use super::options::Options;
use super::stage::{FORMATS, Stage};
use crate::loki::Finding;
use crate::loki::finding::Step;

/// Something that not every kind can do.
struct Feature {
    /// What it is, as the end of "… has no".
    what: &'static str,
    /// Who can.
    kinds: &'static [Kind],
    /// Why the others cannot.
    why: &'static str,
}

const LABEL_SELECTOR: Feature = Feature {
    what: "selection of pods by label or field",
    kinds: &[Alloy, Promtail, Vector],
    why: "It reads files, and learns of a pod's labels only with its first lines: it would lose or send the wrong ones.",
};
const RELABEL: Feature = Feature {
    what: "relabelling as Prometheus has it",
    kinds: &[Alloy, Promtail],
    why: "The rules are over labels of Prometheus' discovery, which it does not have.",
};
const BUFFER: Feature = Feature {
    what: "buffer on the node's disk",
    kinds: &[Alloy, OtelCollector, Vector, FluentBit],
    why: "It keeps in memory what it has read and not sent; the position in each file is kept.",
};
const DECOMPRESS: Feature = Feature {
    what: "reading of compressed files",
    kinds: &[Alloy, OtelCollector, Promtail, Vector],
    why: "Its input reads plain files alone.",
};
const OUT_OF_ORDER: Feature = Feature {
    what: "treatment of its own for lines out of order",
    kinds: &[Vector],
    why: "It sends them as they are, and Loki takes what is not older than half of its `max_chunk_age`.",
};
const JOURNAL: Feature = Feature {
    what: "reading of the journal",
    kinds: &[Alloy, Promtail, Vector, FluentBit],
    why: "It needs the program journalctl, which its image does not have.",
};
const EVENTS: Feature = Feature {
    what: "reading of Kubernetes' events",
    kinds: &[Alloy, OtelCollector, FluentBit],
    why: "It reads logs alone.",
};
const POD_LOGS_PATH: Feature = Feature {
    what: "way to read another folder of pods' logs",
    kinds: &[Alloy, OtelCollector, Promtail, FluentBit],
    why: "Its source kubernetes_logs reads /var/log/pods.",
};
const MAX_RETRIES: Feature = Feature {
    what: "number of attempts to end after",
    kinds: &[Alloy, Promtail, Vector, FluentBit],
    why: "It knows a time to end after alone.",
};
const REPLACE: Feature = Feature {
    what: "stage that replaces",
    kinds: &[Alloy, OtelCollector, Promtail, Vector],
    why: "Its filters change whole keys alone.",
};
const SAMPLING: Feature = Feature {
    what: "stage that samples",
    kinds: &[Alloy, OtelCollector, Promtail, Vector],
    why: "It samples traces alone.",
};
const DROP_BY_AGE: Feature = Feature {
    what: "stage that drops by age or length",
    kinds: &[Alloy, OtelCollector, Promtail, Vector],
    why: "Its filter grep knows expressions alone.",
};
const NESTED: Feature = Feature {
    what: "path into nested JSON",
    kinds: &[Alloy, OtelCollector, Promtail, Vector],
    why: "Its parser puts the keys of the outermost object into the record.",
};

/// What the options ask of a kind that it cannot do.
pub fn missing(options: &Options) -> Vec<Finding> {
    let kind = options.kind;
    let mut found = Vec::new();
    let mut ask = |asked: bool, feature: &Feature, at: &'static str| {
        if asked && !feature.kinds.contains(&kind) {
            found.push(lacks(kind, feature).at(at));
        }
    };
    ask(options.pods.label_selector.is_some(), &LABEL_SELECTOR, "label_selector");
    ask(options.pods.field_selector.is_some(), &LABEL_SELECTOR, "field_selector");
    ask(!options.relabel.is_empty(), &RELABEL, "relabel");
    ask(options.buffer.is_some(), &BUFFER, "buffer");
    ask(options.decompress, &DECOMPRESS, "decompress");
    ask(options.out_of_order.as_deref().is_some_and(|it| it != "accept"), &OUT_OF_ORDER, "out_of_order");
    ask(options.journal.is_some(), &JOURNAL, "journal");
    ask(options.events.is_some(), &EVENTS, "kubernetes_events");
    ask(options.pod_logs != POD_LOGS, &POD_LOGS_PATH, "pod_logs_path");
    ask(options.retry.max_retries > 0, &MAX_RETRIES, "retry.max_retries");
    for (index, stage) in options.stages.iter().enumerate() {
        let at = |finding: Finding| finding.under([Step::Attribute("stages"), Step::Index(index)]);
        let needs = match stage {
            Stage::Replace { .. } => Some(&REPLACE),
            Stage::Sampling { .. } => Some(&SAMPLING),
            Stage::Drop { older_than, longer_than, .. } if older_than.is_some() || longer_than.is_some() => {
                Some(&DROP_BY_AGE)
            }
            Stage::Json { expressions, .. } if expressions.values().any(|path| path.contains('.')) => Some(&NESTED),
            _ => None,
        };
        found.extend(
            needs.filter(|feature| !feature.kinds.contains(&kind)).map(|it| at(lacks(kind, it).at(stage.name()))),
        );
        if let Stage::Timestamp { format, .. } = stage {
            found.extend(layout(kind, format).map(|finding| at(finding.at("timestamp.format"))));
        }
    }
    found.extend(compression(options));
    found
}

fn lacks(kind: Kind, feature: &Feature) -> Finding {
    let able: Vec<_> = feature.kinds.iter().map(|kind| kind.as_str()).collect();
    Finding::error(
        summary!("The kind {} has no {}", kind.as_str(), feature.what),
        feature.why,
        format!("Leave it out, or set kind to one that has it: {}.", able.join(", ")),
    )
    .and("kind")
}

/// Layouts of times are Go's for some kinds, and strptime's for others.
fn layout(kind: Kind, format: &str) -> Option<Finding> {
    let named = FORMATS.iter().find(|(name, _, _)| *name == format);
    let strptime = format.contains('%');
    let refused = match (kind, named) {
        (FluentBit, Some((_, _, ""))) => Some("It reads no times in parts of a second since 1970."),
        (_, Some(_)) | (OtelCollector, None) => None,
        (Alloy | Promtail, None) => strptime.then_some("It reads layouts of Go, such as 2006-01-02 15:04:05."),
        (Vector | FluentBit, None) => (!strptime).then_some("It reads layouts of strptime, such as %Y-%m-%d %H:%M:%S."),
    }?;
    let names: Vec<_> = FORMATS.iter().map(|(name, _, _)| *name).collect();
    Some(
        Finding::error(
            summary!("The kind {} does not read times as {format:?}", kind.as_str()),
            refused,
            format!("Write it so; or take a name that every kind knows, as {}.", names[..3].join(", ")),
        )
        .and("kind"),
    )
}

fn compression(options: &Options) -> Option<Finding> {
    let wanted = options.compression.as_deref()?;
    let able: &[&str] = match options.kind {
        Alloy | Promtail => &["snappy"],
        OtelCollector => &["gzip", "none"],
        Vector => &["snappy", "gzip", "none"],
        FluentBit => &["gzip", "none"],
    };
    (!able.contains(&wanted)).then(|| {
        Finding::error(
            summary!("The kind {} does not compress with {wanted:?}", options.kind.as_str()),
            format!("It can do: {}.", able.join(", ")),
            "Set one of them, or leave it out.",
        )
        .at("compression")
        .and("kind")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kind_cannot_do_names_one_that_can() {
        let of = |kind| Options { kind, buffer: Some(1), ..Options::default() };
        assert_eq!(missing(&of(Alloy)), []);
        let found = missing(&of(Promtail));
        assert_eq!(found[0].summary, "The kind promtail has no buffer on the node's disk");
        assert!(found[0].fix.contains("alloy, otel_collector, vector, fluent_bit"), "{}", found[0].fix);
        assert_eq!(found[0].path_text(), "buffer");
    }

    #[test]
    fn layouts_are_of_the_kinds_own_grammar() {
        assert!(Kind::ALL.into_iter().all(|kind| layout(kind, "RFC3339").is_none()));
        assert!(layout(Promtail, "%Y").is_some() && layout(Promtail, "2006").is_none());
        assert!(layout(Vector, "2006").is_some() && layout(FluentBit, "%Y").is_none());
        assert!(layout(FluentBit, "UnixNs").is_some());
    }
}
