//! Rules over what is scaled by its load.

use crate::loki::components::{Kind, Role};
use crate::loki::finding::Finding;
use crate::loki::options::{Autoscaling, Workload};
use crate::summary::Summary;

/// Paths start at the component.
pub fn autoscaling(role: &Role, said: &Workload, scaling: &Autoscaling) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |path: &'static str, summary: Summary, why: &str, fix: &str| {
        findings.push(Finding::error(summary, why, fix).at(path));
    };
    if role.kind == Kind::DaemonSet || ["compactor", "chunks_cache", "results_cache"].contains(&role.key) {
        wrong(
            "autoscaling",
            summary!("{} is not scaled by its load", role.target),
            "There is one compactor; a canary runs on each node; each change of the caches' number loses a part of them.",
            "Remove autoscaling.",
        );
    }
    if said.replicas.is_some() {
        wrong(
            "replicas",
            summary!("replicas and autoscaling exclude each other"),
            "The autoscaler owns the number of pods; each apply would fight it.",
            "Remove replicas.",
        );
    }
    if scaling.min_replicas == 0 || scaling.max_replicas < scaling.min_replicas {
        wrong(
            "autoscaling.max_replicas",
            summary!("There is no number between {} and {}", scaling.min_replicas, scaling.max_replicas),
            "The autoscaler keeps at least one pod, and at least min_replicas.",
            "Set min_replicas to 1 or more, and max_replicas no lower.",
        );
    }
    let percent = scaling.cpu_percent.or(scaling.memory_percent).is_some();
    if percent != scaling.keda_triggers.is_empty() {
        wrong(
            "autoscaling",
            summary!("What the pods are scaled by is not said, or said twice"),
            "Kubernetes' own autoscaler goes by the percentages, KEDA by its triggers.",
            "Set cpu_percent, memory_percent or both, or keda_triggers.",
        );
    }
    findings
}
