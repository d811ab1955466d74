//! Whether lines of each node arrive.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Kind;
use super::options::{AGENT_LABEL, Options, Source};
use crate::loki::Health;
use crate::loki::health::State;

/// A node's agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The node's name.
    pub name: String,
    /// The agent's pod on it.
    pub pod: String,
    /// Whether the agent is ready.
    pub ready: bool,
    /// What the agent's log says last of errors; empty where it was not asked for.
    pub complaint: String,
}

/// What of the nodes is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The worst of the workloads and the nodes.
    pub state: State,
    /// Sorted sentences.
    pub reasons: Vec<String>,
    /// `shipping`, `silent`, `not ready` or, where Loki could not be asked, `ready`, by the node.
    pub nodes: BTreeMap<String, String>,
}

/// The query that counts each node's lines over the last `window`, such as `10m`; none where nothing tells the node.
pub fn query(options: &Options, window: &str) -> Option<(String, String)> {
    let metadata = options.structured_metadata.iter().find(|(_, source)| **source == Source::Node);
    let node = options.node_label().or(metadata.map(|(key, _)| key.as_str()))?;
    let agent = options.agent();
    let lines = match options.kind {
        // Loki may not make a label of it, and makes this one of whatever comes by OTLP.
        Kind::OtelCollector => format!("{{service_name=~\".+\"}} | {AGENT_LABEL}={agent:?}"),
        _ => format!("{{{AGENT_LABEL}={agent:?}}}"),
    };
    Some((format!("sum by ({node}) (count_over_time({lines} [{window}]))"), node.to_owned()))
}

/// Judges the nodes beside what is known of the workloads. `arrived` are the nodes whose lines Loki has; none where it
/// could not be asked.
pub fn judge(workloads: Health, nodes: &[Node], arrived: Option<&BTreeSet<String>>, window: &str) -> Judgement {
    let mut state = workloads.state;
    let mut reasons: BTreeSet<String> = workloads.reasons.into_iter().collect();
    let mut told = BTreeMap::new();
    for node in nodes {
        let name = &node.name;
        let word = match arrived {
            _ if !node.ready => "not ready",
            None => "ready",
            Some(arrived) if arrived.contains(name) => "shipping",
            Some(_) => {
                state = state.max(State::Degraded);
                let complaint = explained(&node.complaint);
                reasons
                    .insert(format!("SilentNode: no line of the node {name} has arrived within {window}.{complaint}"));
                "silent"
            }
        };
        told.insert(name.clone(), word.to_owned());
    }
    Judgement { state, reasons: reasons.into_iter().collect(), nodes: told }
}

/// What an agent's complaint means, and what to do about it.
pub fn explained(complaint: &str) -> String {
    if complaint.is_empty() {
        return String::new();
    }
    // https://github.com/grafana/alloy/issues/1217: each file that is followed takes of it.
    let inotify = complaint.contains("too many open files")
        || complaint.contains("no space left on device") && complaint.contains("inotify");
    let fix = if inotify {
        " The node's inotify limits are too low: raise fs.inotify.max_user_instances (to 8192) and \
         fs.inotify.max_user_watches there."
    } else if complaint.contains("no org id") {
        " Set tenant_id: the stack has tenants."
    } else {
        ""
    };
    format!(" Its agent says: {complaint}.{fix}")
}

/// The sum of a counter over its series, from metrics in Prometheus' text format; none where there is none of that name.
pub fn counted(metrics: &str, name: &str) -> Option<f64> {
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let rest = rest.strip_prefix("_total").unwrap_or(rest);
        let value = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?.1,
            None => rest.strip_prefix(' ')?,
        };
        value.split_whitespace().next()?.parse::<f64>().ok()
    });
    values.reduce(|sum, value| sum + value)
}

/// The last complaint of an agent's log; without times, so that two reads agree.
pub fn complaint(log: &str) -> String {
    let wrong = |line: &&str| {
        let lower = line.to_lowercase();
        ["level=error", "level=warn", "\terror\t", "\"error\"", " error ", "[error]", "[ warn]", "too many open files"]
            .iter()
            .any(|sign| lower.contains(sign))
    };
    let Some(line) = log.lines().rev().find(wrong) else { return String::new() };
    let message = ["err=", "error=", "msg="].into_iter().find_map(|key| {
        let rest = &line[line.find(key)? + key.len()..];
        Some(match rest.strip_prefix('"') {
            Some(quoted) => quoted.split("\" ").next().unwrap_or(quoted).trim_end_matches('"').to_owned(),
            None => rest.split(' ').next().unwrap_or(rest).to_owned(),
        })
    });
    let text = message.unwrap_or_else(|| line.split('\t').skip(2).collect::<Vec<_>>().join(" "));
    let text = if text.is_empty() { line.to_owned() } else { text };
    text.chars().take(200).collect::<String>().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> Health {
        Health { state: State::Healthy, reasons: Vec::new(), components: BTreeMap::new() }
    }

    fn node(name: &str, ready: bool) -> Node {
        Node { name: name.into(), pod: String::new(), ready, complaint: String::new() }
    }

    #[test]
    fn the_silent_node_is_named() {
        let nodes = [node("a", true), node("b", true), node("c", false)];
        let judged = judge(healthy(), &nodes, Some(&["a".to_owned()].into()), "10m");
        assert_eq!(judged.state, State::Degraded);
        assert_eq!(judged.reasons, ["SilentNode: no line of the node b has arrived within 10m."]);
        let words: Vec<_> = judged.nodes.values().map(String::as_str).collect();
        assert_eq!(words, ["shipping", "silent", "not ready"]);
        let unasked = judge(healthy(), &nodes[..1], None, "10m");
        assert_eq!((unasked.state, unasked.nodes["a"].as_str()), (State::Healthy, "ready"));
    }

    #[test]
    fn complaints_are_explained() {
        let log =
            "level=info msg=fine\nlevel=error ts=1 msg=\"failed to tail\" err=\"open: too many open files\" a=b\n";
        assert_eq!(complaint(log), "open: too many open files");
        assert!(explained(&complaint(log)).contains("inotify"));
        assert_eq!(complaint("2026-01-01T00:00:00Z\terror\texporter failed\t{\"x\":1}"), "exporter failed {\"x\":1}");
        assert_eq!(complaint("all is well"), "");
    }

    #[test]
    fn counters_are_summed_over_their_series() {
        let text = "# HELP sent x\nsent{a=\"b}\"} 2\nsent{a=\"c\"} 3 1700000000\nsent_total 1\nsent_bytes 9\n";
        assert_eq!(counted(text, "sent"), Some(6.0));
        assert_eq!(counted(text, "lost"), None);
    }

    #[test]
    fn what_comes_by_otlp_is_asked_for_by_what_always_is_a_label() {
        let (query, node) = super::query(&Options::default(), "5m").unwrap();
        assert_eq!(query, "sum by (node) (count_over_time({log_agent=\"loki/log-agent\"} [5m]))");
        assert_eq!(node, "node");
        let kind = Kind::OtelCollector;
        let otel = Options { kind, kubernetes_labels: Options::usual_labels(kind), ..Options::default() };
        assert!(super::query(&otel, "5m").unwrap().0.contains("{service_name=~\".+\"} | log_agent="));
        assert_eq!(super::query(&Options { kubernetes_labels: BTreeMap::new(), ..otel }, "5m"), None);
    }
}
