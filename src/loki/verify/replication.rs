//! How many copies there are of what, and what survives the loss of one.

use crate::loki::derived::tolerated_losses;
use crate::loki::finding::Finding;
use crate::loki::options::{Options, Storage};

/// Replicas against the replication factor, which Loki itself does not check (loki#8432, #8899).
/// An absent factor is derived and always fits.
pub fn replication(replicas: u32, replication_factor: Option<u32>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if replicas == 0 {
        findings.push(
            Finding::error(
                summary!("A stack needs a replica"),
                "With none, pushes and queries have nothing to answer them.",
                "Set replicas to 1 or more.",
            )
            .at("replicas"),
        );
    }
    let Some(factor) = replication_factor else { return findings };
    let quorum = factor / 2 + 1;
    let finding = if factor == 0 {
        Finding::error(
            summary!("A replication factor of 0 keeps no copy"),
            "Every push would fail: Loki writes each stream to as many replicas as the factor says.",
            "Leave replication_factor out to have it derived from replicas, or set it to 1 or 3.",
        )
    } else if factor > replicas && replicas > 0 {
        let ending = if replicas == 1 { "" } else { "s" };
        let outcome = if quorum > replicas {
            format!(
                "a push succeeds only when {quorum} of {factor} replicas take it. Loki starts all the same, and \
                 then refuses every push: at least {quorum} live replicas required, could only find {replicas}."
            )
        } else {
            format!("there would never be {factor} copies, and the loss of one replica would stop all pushes.")
        };
        Finding::error(
            summary!("Replication factor {factor} does not fit {replicas} replica{ending}"),
            format!("Loki writes each stream to {factor} replicas, and {outcome}"),
            format!("Set replicas to {factor} or more, or lower replication_factor to {replicas} or less."),
        )
    } else if factor > 1 && tolerated_losses(factor) == 0 {
        Finding::warning(
            summary!("Replication factor {factor} survives no loss"),
            "A push needs more than half of the copies, so both: two copies cost double and are less \
             available than one.",
            "Use 3 with three replicas or more, or 1.",
        )
    } else {
        return findings;
    };
    findings.push(finding.at("replication_factor").and("replicas"));
    findings
}

/// Where logs are while they are not yet, or never, in a bucket.
pub fn durability(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    let filesystem = options.storage == Storage::Filesystem;
    if filesystem && options.ingesters() > 1 {
        findings.push(
            Finding::error(
                summary!("Filesystem storage cannot serve {} replicas", options.ingesters()),
                "Each replica would keep chunks and index on a volume that the others do not see, so queries \
                 would find a part of the logs, another one each time. Loki does not check this.",
                "Use storage.s3, or replicas = 1.",
            )
            .at("storage")
            .and("replicas"),
        );
    }
    if !options.persistence.enabled {
        let finding = if filesystem {
            Some(Finding::warning(
                summary!("All logs are lost with the pod"),
                "Without persistence, filesystem storage is a directory of the pod.",
                "Set persistence.enabled = true, or use storage.s3.",
            ))
        } else if options.replication_factor() == 1 {
            Some(Finding::warning(
                summary!("Recent logs are lost with the pod"),
                "There is one copy of what is not flushed yet (up to two hours of logs), and without persistence \
                 the write-ahead log that would bring it back is a directory of the pod.",
                "Set persistence.enabled = true, or use three replicas.",
            ))
        } else {
            None
        };
        findings.extend(
            finding.map(|finding| {
                finding.at("persistence.enabled").and("storage").and("replication_factor").and("replicas")
            }),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity::{self, Error, Warning};
    use crate::loki::options::{Persistence, S3};

    fn severities(findings: &[Finding]) -> Vec<Severity> {
        findings.iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn factor_fits_the_replicas() {
        for (replicas, factor, expected) in [
            (1, None, vec![]),
            (1, Some(1), vec![]),
            (3, Some(3), vec![]),
            (3, Some(1), vec![]),
            (5, Some(5), vec![]),
            (1, Some(3), vec![Error]),
            (2, Some(3), vec![Error]),
            (3, Some(0), vec![Error]),
            (0, None, vec![Error]),
            (2, Some(2), vec![Warning]),
            (4, Some(4), vec![]),
        ] {
            assert_eq!(severities(&replication(replicas, factor)), expected, "{factor:?} of {replicas}");
        }
    }

    #[test]
    fn refusal_says_what_loki_would_say() {
        let finding = &replication(1, Some(3))[0];
        assert_eq!(finding.path_text(), "replication_factor");
        assert_eq!(finding.summary, "Replication factor 3 does not fit 1 replica");
        assert!(finding.why.contains("at least 2 live replicas required, could only find 1"));
        assert!(replication(2, Some(3))[0].why.contains("the loss of one replica"));
    }

    fn stack(storage: Storage, replicas: u32, enabled: bool) -> Vec<(String, Severity)> {
        let persistence = Persistence { enabled, ..Persistence::default() };
        durability(&Options { storage, replicas: Some(replicas), persistence, ..Options::default() })
            .iter()
            .map(|finding| (finding.path_text(), finding.severity))
            .collect()
    }

    #[test]
    fn filesystem_is_for_one_replica() {
        assert_eq!(stack(Storage::Filesystem, 1, true), []);
        assert_eq!(stack(Storage::Filesystem, 2, true), [("storage".to_owned(), Error)]);
        assert_eq!(stack(Storage::S3(S3::default()), 2, true), []);
    }

    #[test]
    fn the_only_copy_wants_a_volume() {
        let warning = [("persistence.enabled".to_owned(), Warning)];
        assert_eq!(stack(Storage::Filesystem, 1, false), warning);
        assert_eq!(stack(Storage::S3(S3::default()), 1, false), warning);
        assert_eq!(stack(Storage::S3(S3::default()), 3, false), []);
    }
}
