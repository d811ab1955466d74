//! Rules over availability zones.

use std::collections::BTreeSet;

use crate::loki::finding::{Finding, Step};
use crate::loki::options::Options;
use crate::summary::Summary;

/// Paths start at the root.
pub fn zones(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, workload) in &options.components {
        if key != "ingester" && !workload.zones.is_empty() {
            findings.push(
                Finding::error(
                    summary!("{key} is not spread by zones"),
                    "Ingesters alone keep copies of lines that shall be in several zones.",
                    "Remove zones; topology_spread_constraints spread what answers requests.",
                )
                .under([
                    Step::Attribute("components"),
                    Step::Key(key.clone()),
                    Step::Attribute("zones"),
                ]),
            );
        }
    }
    let zones = options.zones();
    if zones.is_empty() {
        return findings;
    }
    let mut wrong = |summary: Summary, why: String, fix: &str| {
        let finding = Finding::error(summary, why, fix).at("components.ingester.zones");
        findings.push(finding.and("replicas").and("replication_factor").and("size"));
    };
    if zones.iter().collect::<BTreeSet<_>>().len() < zones.len() {
        wrong(summary!("A zone is named twice"), "Each has a StatefulSet of its own.".into(), "Name each once.");
    }
    let odd = |zone: &&String| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        zone.is_empty() || !zone.bytes().all(inner) || zone.starts_with('-') || zone.ends_with('-')
    };
    if let Some(zone) = zones.iter().find(odd) {
        wrong(
            summary!("{zone:?} cannot name a workload"),
            "A zone's name becomes a part of names, which are of lower-case letters, digits and -.".into(),
            "Write the zone as the nodes' label topology.kubernetes.io/zone has it.",
        );
    }
    let (count, factor) = (zones.len(), options.replication_factor());
    if count < factor as usize {
        wrong(
            summary!("{count} zones cannot hold {factor} copies"),
            format!("The replication factor is {factor}, and each copy of a line goes to another zone."),
            "Name at least as many zones as the replication factor.",
        );
    }
    if (options.ingesters() as usize) < count {
        wrong(
            summary!("{} ingesters are not enough for {count} zones", options.ingesters()),
            "Each zone needs one.".into(),
            "Set components.ingester.replicas to a multiple of the number of zones.",
        );
    }
    if options.components.get("ingester").is_some_and(|workload| workload.autoscaling.is_some()) {
        wrong(
            summary!("Ingesters in zones are not scaled by their load"),
            "Zones of different size would each hold a copy of every line all the same.".into(),
            "Remove autoscaling, or zones.",
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::{Autoscaling, Mode, Workload};

    fn told(replicas: u32, factor: u32, ingester: Workload) -> Vec<String> {
        let components = [("ingester".to_owned(), Workload { replicas: Some(replicas), ..ingester })].into();
        let options =
            Options { mode: Mode::Distributed, replication_factor: Some(factor), components, ..Options::default() };
        zones(&options).into_iter().map(|finding| finding.summary.into()).collect()
    }

    fn of(names: &[&str]) -> Workload {
        Workload { zones: names.iter().map(|name| (*name).to_owned()).collect(), ..Workload::default() }
    }

    #[test]
    fn zones_hold_as_many_copies_as_there_are() {
        assert_eq!(told(6, 3, of(&["a", "b", "c"])), [""; 0]);
        assert_eq!(told(6, 3, of(&["a", "b"])), ["2 zones cannot hold 3 copies"]);
        assert_eq!(told(2, 1, of(&["a", "b", "c"])), ["2 ingesters are not enough for 3 zones"]);
        assert_eq!(told(2, 1, of(&["a", "a"])), ["A zone is named twice"]);
        assert_eq!(told(2, 1, of(&["A_1"])), ["\"A_1\" cannot name a workload"]);
        let scaled =
            Workload { autoscaling: Some(Autoscaling { min_replicas: 2, ..Autoscaling::default() }), ..of(&["a"]) };
        assert_eq!(told(2, 1, scaled), ["Ingesters in zones are not scaled by their load"]);
    }

    #[test]
    fn others_have_none() {
        let components = [("querier".to_owned(), of(&["a"]))].into();
        let options = Options { mode: Mode::Distributed, components, ..Options::default() };
        assert_eq!(zones(&options)[0].path_text(), "components[\"querier\"].zones");
    }
}
