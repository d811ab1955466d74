//! The way from one version of Loki to another.

use super::steps::STEPS;
use crate::loki::finding::Finding;
use crate::loki::version::Version;

/// The last minor version of Loki 2, which upgrades to 3.0 start from.
const LAST_OF_2: Version = Version::new(2, 9, 0);
const FIRST_OF_3: Version = Version::new(3, 0, 0);

/// What a change of a running Loki's version meets: how to go, and what breaks at each step. The findings are about the
/// version alone; their paths are empty.
pub fn upgrade(from: Version, to: Version) -> Vec<Finding> {
    if (from.major, from.minor) == (to.major, to.minor) && from > to {
        // Fixes are taken back: no key, default or format changes within a minor version.
        return Vec::new();
    }
    if from > to {
        return vec![downgrade(from, to)];
    }
    let mut findings = Vec::new();
    findings.extend(path(from, to));
    for step in STEPS.iter().filter(|step| from < step.version && step.version <= to) {
        let version = step.version;
        findings.push(Finding::warning(
            summary!("Loki {version} changes what {from} does"),
            step.news.join(" "),
            step.advice,
        ));
    }
    findings
}

/// Which versions have to be, or should be, deployed in between.
fn path(from: Version, to: Version) -> Option<Finding> {
    if to.major > 3 && from.major < 3 {
        return Some(Finding::error(
            summary!("There is no way from Loki {from} to {to} at once"),
            "Each major version reads what the one before it has written; what is older it does not know.",
            "Go to 2.9, then to 3.0, to the newest 3.x, and from there on.",
        ));
    }
    if from < LAST_OF_2 && to.major > 2 {
        return Some(Finding::error(
            summary!("Loki {from} cannot be upgraded to {to} at once"),
            "Loki 3 needs a period of schema v13 on tsdb for structured metadata, and both are complete in 2.9 only.",
            "Upgrade to 2.9 first, add a tsdb period with v13, and once that is in force go to 3.0.",
        ));
    }
    if from.major < 3 && (to.major, to.minor) > (3, 0) {
        return Some(Finding::warning(
            summary!("The upgrade from Loki {from} to {to} leaves out 3.0"),
            "The replicas are replaced one by one, so both versions run side by side and share rings and logs. Loki's \
             upgrade guide leads from 2.9 to 3.0, and from there on.",
            "Set loki_version to a 3.0 release and apply, then go on.",
        ));
    }
    if from >= FIRST_OF_3 && from.major == to.major && to.minor > from.minor + 1 {
        let skipped: Vec<_> = (from.minor + 1..to.minor).map(|minor| format!("{}.{minor}", to.major)).collect();
        return Some(Finding::warning(
            summary!("The upgrade skips Loki {}", enumeration(&skipped)),
            "Loki's upgrade guide: if possible try to stay current and do sequential updates; if you want to skip \
             versions, try it in a development environment first. While the replicas are replaced one by one, both \
             versions run side by side.",
            "Apply one minor version after the other, or try this step on another stack first.",
        ));
    }
    None
}

fn downgrade(from: Version, to: Version) -> Finding {
    if from.major != to.major {
        return Finding::error(
            summary!("Loki {from} cannot become Loki {to}"),
            "An older major version does not know the formats that a newer one writes by (its write-ahead log, chunks \
             with structured metadata, delete requests), and would not start or not find the logs.",
            format!("Keep a version of Loki {}; to go back, restore a backup into a new stack.", from.major),
        );
    }
    let mut why = "Nobody tests that an older Loki reads what a newer one has written: its write-ahead log, the \
                   compactor's state and delete requests."
        .to_owned();
    let lost: Vec<_> = STEPS
        .iter()
        .filter(|step| to < step.version && step.version <= from)
        .map(|step| step.version.to_string())
        .collect();
    if !lost.is_empty() {
        why.push_str(&format!(" What changed with {} changes back, too.", enumeration(&lost)));
    }
    Finding::warning(
        summary!("Loki goes back from {from} to {to}"),
        why,
        "Go back only to undo an upgrade that failed, and to the version before it; keys and limits of newer versions \
         must be taken out first.",
    )
}

/// "3.1", "3.1 and 3.2", "3.1, 3.2 and 3.3".
fn enumeration(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity;

    fn told(from: &str, to: &str) -> Vec<(Severity, String)> {
        let findings = upgrade(from.parse().unwrap(), to.parse().unwrap());
        findings.into_iter().map(|finding| (finding.severity, finding.summary.into())).collect()
    }

    fn summaries(from: &str, to: &str) -> Vec<String> {
        told(from, to).into_iter().map(|(_, summary)| summary).collect()
    }

    #[test]
    fn within_a_minor_version_there_is_little_to_say() {
        assert_eq!(summaries("3.7.1", "3.7.8"), [""; 0]);
        assert_eq!(summaries("3.7.8", "3.7.1"), [""; 0]);
        assert_eq!(summaries("3.7.8", "3.7.8"), [""; 0]);
        assert_eq!(summaries("3.5.0", "3.5.9"), ["Loki 3.5.8 changes what 3.5.0 does"], "the shell is gone");
    }

    #[test]
    fn each_step_says_what_breaks() {
        assert_eq!(summaries("3.6.4", "3.7.8"), ["Loki 3.7.0 changes what 3.6.4 does"]);
        let steps = summaries("3.4.1", "3.7.8");
        assert_eq!(
            steps,
            [
                "The upgrade skips Loki 3.5 and 3.6",
                "Loki 3.5.8 changes what 3.4.1 does",
                "Loki 3.6.0 changes what 3.4.1 does",
                "Loki 3.7.0 changes what 3.4.1 does",
            ]
        );
        assert!(told("3.0.0", "3.7.8").iter().all(|(severity, _)| *severity == Severity::Warning));
    }

    #[test]
    fn from_2_the_way_leads_over_2_9_and_3_0() {
        assert_eq!(summaries("2.9.8", "3.0.1"), ["Loki 3.0.0 changes what 2.9.8 does"]);
        assert_eq!(summaries("2.9.8", "3.7.8")[0], "The upgrade from Loki 2.9.8 to 3.7.8 leaves out 3.0");
        let old = told("2.8.11", "3.0.0");
        assert_eq!(old[0], (Severity::Error, "Loki 2.8.11 cannot be upgraded to 3.0.0 at once".to_owned()));
    }

    #[test]
    fn loki_4_is_warned_of() {
        let next = &upgrade("3.7.8".parse().unwrap(), "4.0.0".parse().unwrap())[0];
        assert_eq!(next.severity, Severity::Warning);
        for said in ["read, write and backend", "use_thanos_objstore", "boltdb-shipper", "ruler"] {
            assert!(next.why.contains(said), "{said}: {next}");
        }
        assert_eq!(told("2.9.8", "4.0.0")[0].0, Severity::Error);
    }

    #[test]
    fn the_way_back_is_refused_or_warned_of() {
        assert_eq!(told("3.0.0", "2.9.8"), [(Severity::Error, "Loki 3.0.0 cannot become Loki 2.9.8".to_owned())]);
        let back = &upgrade("3.7.8".parse().unwrap(), "3.5.9".parse().unwrap())[0];
        assert_eq!(back.severity, Severity::Warning);
        assert!(back.why.contains("What changed with 3.6.0 and 3.7.0 changes back"), "{back}");
    }
}
