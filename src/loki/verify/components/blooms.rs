//! Rules over the components of blooms.

use crate::loki::finding::Finding;
use crate::loki::options::Options;

/// What each of them needs of the others (pkg/loki/modules.go).
const BLOOMS: [&str; 3] = ["bloom_planner", "bloom_builder", "bloom_gateway"];

/// Paths start at the root.
pub fn blooms(options: &Options) -> Vec<Finding> {
    let missing: Vec<&str> = BLOOMS.into_iter().filter(|key| !options.has(key)).collect();
    if missing.len() == BLOOMS.len() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if !missing.is_empty() {
        findings.push(
            Finding::error(
                summary!("Blooms need {} too", missing.join(" and ")),
                "The planner says what is to be built, builders build it, and gateways ask it; none is of use without the \
                 others.",
                format!("Add {}, or remove the others.", missing.join(" and ")),
            )
            .at("components")
            .and("mode"),
        );
    }
    // pkg/loki/loki.go: until then one compactor of blooms built them, and their files were others.
    if !options.version().since(3) {
        findings.push(
            Finding::error(
                summary!("Loki {} builds no blooms like these", options.loki_version),
                "Planner and builders are there since Loki 3.3.",
                "Choose loki_version 3.3 or newer, or remove the components.",
            )
            .at("loki_version")
            .and("components"),
        );
    }
    let wide = |workload: &crate::loki::options::Workload| workload.replicas.is_some_and(|replicas| replicas > 1);
    if options.components.get("bloom_planner").is_some_and(wide) {
        findings.push(
            Finding::error(
                summary!("There is one bloom planner"),
                "Several would plan the same blooms, each for builders of its own.",
                "Set components.bloom_planner.replicas to 1, or leave it out.",
            )
            .at("components.bloom_planner.replicas"),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::{Mode, Workload};

    fn told(version: &str, keys: &[&str]) -> Vec<String> {
        let components = keys.iter().map(|key| ((*key).to_owned(), Workload::default())).collect();
        let options =
            Options { mode: Mode::Distributed, loki_version: version.into(), components, ..Options::default() };
        blooms(&options).into_iter().map(|finding| finding.summary.into()).collect()
    }

    #[test]
    fn all_of_them_or_none() {
        assert_eq!(told("3.7.8", &[]), [""; 0]);
        assert_eq!(told("3.7.8", &BLOOMS), [""; 0]);
        assert_eq!(told("3.7.8", &["bloom_gateway"]), ["Blooms need bloom_planner and bloom_builder too"]);
        assert_eq!(told("3.2.2", &BLOOMS), ["Loki 3.2.2 builds no blooms like these"]);
    }
}
