//! How far a workload's rollout is.

use serde_json::Value;

/// Rollout of a StatefulSet, Deployment or DaemonSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// Pods that there should be.
    pub desired: u64,
    /// Pods that there are, ready or not.
    pub created: u64,
    /// Pods that are ready.
    pub ready: u64,
    /// Pods of the present template.
    pub updated: u64,
    /// Whether the controller has seen the present specification.
    pub observed: bool,
    /// Whether all desired pods are of the present template, ready, and no others are left.
    pub done: bool,
    /// Whether the controller has given up (a Deployment past its progress deadline).
    pub failed: bool,
    /// The revision that pods shall be of; a StatefulSet alone tells it.
    pub revision: Option<String>,
    /// For progress lines and diagnostics: `2 of 3 pods ready`.
    pub text: String,
}

/// Reads a live object, by the rules of `kubectl rollout status`
/// (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go).
#[must_use]
pub fn rollout(workload: &Value) -> Rollout {
    let spec = &workload["spec"];
    let status = &workload["status"];
    let count = |field: &str| status[field].as_u64().unwrap_or_default();
    let replicas = spec["replicas"].as_u64().unwrap_or(1);
    let observed = status["observedGeneration"].as_i64() >= workload["metadata"]["generation"].as_i64();

    let (desired, ready, updated, settled) = match workload["kind"].as_str() {
        Some("DaemonSet") => {
            let desired = count("desiredNumberScheduled");
            let available = count("numberAvailable") >= desired;
            (desired, count("numberReady"), count("updatedNumberScheduled"), available)
        }
        Some("StatefulSet") => {
            // With OnDelete nobody replaces pods, and below a partition they stay old on purpose.
            let strategy = &spec["updateStrategy"];
            let partition = strategy["rollingUpdate"]["partition"].as_u64().unwrap_or_default();
            let updated = match strategy["type"].as_str() {
                Some("OnDelete") => replicas,
                // updatedReplicas counts only while there are two revisions; a pod that is not ready is still of this one.
                _ if status["currentRevision"] == status["updateRevision"] => count("replicas"),
                _ => count("updatedReplicas") + partition.min(replicas),
            };
            (replicas, count("readyReplicas"), updated.min(replicas), count("replicas") <= replicas)
        }
        _ => {
            let settled = count("replicas") <= count("updatedReplicas") && count("availableReplicas") >= replicas;
            (replicas, count("readyReplicas"), count("updatedReplicas"), settled)
        }
    };

    let conditions = status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let deadline = |one: &&Value| one["type"] == "Progressing" && one["reason"] == "ProgressDeadlineExceeded";
    let failed = observed && conditions.iter().any(|one| deadline(&one));
    let done = observed && !failed && settled && ready >= desired && updated >= desired;
    let text = if !observed {
        "the change has not been seen by its controller yet".into()
    } else if failed {
        format!("{ready} of {desired} pods ready after the progress deadline")
    } else if updated < desired && ready >= desired {
        format!("{updated} of {desired} pods updated")
    } else if ready >= desired && !done {
        format!("{ready} of {desired} pods ready, waiting for old pods to end")
    } else {
        format!("{ready} of {desired} pods ready")
    };
    let created = count(if workload["kind"] == "DaemonSet" { "currentNumberScheduled" } else { "replicas" });
    let revision = status["updateRevision"].as_str().map(str::to_owned);
    Rollout { desired, created, ready, updated, observed, done, failed, text, revision }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stateful_set(spec: Value, status: Value) -> Rollout {
        rollout(&json!({"kind": "StatefulSet", "metadata": {"generation": 2}, "spec": spec, "status": status}))
    }

    #[test]
    fn an_unseen_change_is_not_done_however_ready_the_pods_are() {
        let old = json!({"observedGeneration": 1, "replicas": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "a"});
        let state = stateful_set(json!({"replicas": 1}), old);
        assert!(!state.observed && !state.done);
        let fresh = stateful_set(json!({"replicas": 1}), json!({}));
        assert!(!fresh.observed && !fresh.done, "a new object has no status at all");
    }

    #[test]
    fn a_stateful_set_is_done_when_the_new_revision_is_everywhere() {
        let status = |current: &str, updated: u64, ready: u64| {
            json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": ready, "updatedReplicas": updated,
                   "currentRevision": current, "updateRevision": "b"})
        };
        let spec = json!({"replicas": 3, "updateStrategy": {"type": "RollingUpdate"}});
        assert_eq!(stateful_set(spec.clone(), status("a", 1, 3)).text, "1 of 3 pods updated");
        assert_eq!(stateful_set(spec.clone(), status("a", 1, 2)).text, "2 of 3 pods ready");
        assert!(stateful_set(spec, status("b", 3, 3)).done);
        let partition =
            json!({"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}});
        assert!(stateful_set(partition, status("a", 1, 3)).done);
        assert!(stateful_set(json!({"replicas": 3, "updateStrategy": {"type": "OnDelete"}}), status("a", 0, 3)).done);
        assert!(stateful_set(json!({"replicas": 0}), json!({"observedGeneration": 2, "replicas": 0})).done);
    }

    #[test]
    fn a_deployment_waits_for_old_pods_and_may_give_up() {
        let deployment = |status: Value| {
            rollout(
                &json!({"kind": "Deployment", "metadata": {"generation": 1}, "spec": {"replicas": 2}, "status": status}),
            )
        };
        let full = json!({"observedGeneration": 1, "replicas": 3, "updatedReplicas": 2, "readyReplicas": 3, "availableReplicas": 3});
        assert_eq!(deployment(full).text, "3 of 2 pods ready, waiting for old pods to end");
        let stuck = json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2,
            "conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]});
        assert!(deployment(stuck).failed);
        let done = json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2});
        assert!(deployment(done).done);
    }

    #[test]
    fn a_daemon_set_without_nodes_is_done() {
        let set = json!({"kind": "DaemonSet", "metadata": {"generation": 1}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 0}});
        assert!(rollout(&set).done);
        let set = json!({"kind": "DaemonSet", "metadata": {"generation": 1}, "status": {"observedGeneration": 1,
            "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 1, "numberAvailable": 1}});
        assert_eq!(rollout(&set).text, "1 of 2 pods ready");
    }
}
