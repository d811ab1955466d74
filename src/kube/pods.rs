//! What keeps pods from being ready.

use serde_json::Value;

/// A pod's status, as the kubelet and the scheduler report it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodStatus {
    /// Name of the pod.
    pub name: String,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// Whether the `Ready` condition holds.
    pub ready: bool,
    /// Whether it is being deleted.
    pub terminating: bool,
    /// Whether it has an address, so that it may be asked something.
    pub has_address: bool,
    /// Why a container has yet to run: `ContainerCreating`, `CrashLoopBackOff`.
    pub waiting_reason: Option<String>,
    /// Reason and exit code of a container's last end, where that was a failure.
    pub crash: Option<(String, i32)>,
    /// Why the scheduler finds no node for it.
    pub unschedulable: Option<String>,
    /// The revision of its workload that it was made from, as [`super::Rollout::revision`] has it.
    pub revision: Option<String>,
}

impl PodStatus {
    /// Whether it does not serve, and will not by itself: a container of it ends or cannot be started.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let waits =
            self.waiting_reason.as_deref().is_some_and(|why| !["ContainerCreating", "PodInitializing"].contains(&why));
        !self.ready && !self.terminating && (waits || self.crash.is_some() || self.unschedulable.is_some())
    }
}

/// Reads a live pod.
#[must_use]
pub fn pod_status(pod: &Value) -> PodStatus {
    let status = &pod["status"];
    let crash = |one: &Value| {
        let ended =
            [&one["state"]["terminated"], &one["lastState"]["terminated"]].into_iter().find(|it| it.is_object())?;
        let code = i32::try_from(ended["exitCode"].as_i64()?).ok().filter(|code| *code != 0)?;
        Some((text(&ended["reason"]), code))
    };
    PodStatus {
        name: text(&pod["metadata"]["name"]),
        phase: text(&status["phase"]),
        ready: list(&status["conditions"]).iter().any(|one| one["type"] == "Ready" && one["status"] == "True"),
        terminating: !pod["metadata"]["deletionTimestamp"].is_null(),
        has_address: status["podIP"].is_string(),
        waiting_reason: containers(pod).find_map(|one| one["state"]["waiting"]["reason"].as_str()).map(str::to_owned),
        crash: containers(pod).find_map(crash),
        unschedulable: unmet(pod, "PodScheduled").map(|condition| text(&condition["message"])),
        revision: pod["metadata"]["labels"]["controller-revision-hash"].as_str().map(str::to_owned),
    }
}

/// The states of its containers, in the order in which they start.
fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainerStatuses", "containerStatuses"].into_iter().flat_map(|field| list(&pod["status"][field]))
}

/// A condition that does not hold.
fn unmet<'p>(pod: &'p Value, type_: &str) -> Option<&'p Value> {
    list(&pod["status"]["conditions"]).iter().find(|one| one["type"] == type_ && one["status"] == "False")
}

/// Why one pod is not ready. The texts hold no times, counters or uids, so that they stay the same while the cause does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodTrouble {
    /// Name of the pod.
    pub pod: String,
    /// `Unschedulable`, `ImagePullBackOff`, `CrashLoopBackOff`, `OOMKilled`, `CreateContainerConfigError`, `NotReady`.
    pub reason: String,
    /// What is known beyond the reason, as one line; may be empty.
    pub message: String,
    /// The container that is to blame, if it is one.
    pub container: Option<String>,
    /// Which run of that container left the log that tells more.
    pub log: Option<Run>,
}

/// A run of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// The present one, or the last where there will be no other.
    Current,
    /// The one before, whose end is being waited out.
    Previous,
}

/// The pods that are in trouble, with the cause that explains most. Pods that are ready, done or being deleted are not
/// listed.
#[must_use]
pub fn explain_pods(pods: &[Value]) -> Vec<PodTrouble> {
    pods.iter().filter_map(explain).collect()
}

fn explain(pod: &Value) -> Option<PodTrouble> {
    let status = &pod["status"];
    let trouble = |reason: &str, message: String| PodTrouble {
        pod: text(&pod["metadata"]["name"]),
        reason: reason.into(),
        message,
        container: None,
        log: None,
    };
    if !pod["metadata"]["deletionTimestamp"].is_null() || status["phase"] == "Succeeded" {
        return None;
    }
    if status["phase"] == "Failed" && status["reason"].is_string() {
        // Evicted, NodeLost, Preempting: it is the pod, not a container, that ended.
        return Some(trouble(&text(&status["reason"]), text(&status["message"])));
    }
    if let Some(condition) = unmet(pod, "PodScheduled") {
        return Some(trouble(&text(&condition["reason"]), scheduling(&text(&condition["message"]))));
    }
    let blamed = containers(pod).filter_map(|one| blame(one, pod)).max_by_key(|(weight, ..)| *weight);
    if let Some((_, name, reason, message, log)) = blamed {
        return Some(PodTrouble { container: Some(name), log, ..trouble(&reason, message) });
    }
    let condition = unmet(pod, "Ready")?;
    Some(trouble("NotReady", text(&condition["message"])))
}

/// The scheduler's words without what it considered besides: `0/3 nodes are available: 3 Insufficient memory.`
fn scheduling(message: &str) -> String {
    let end = [" no new claims", " preemption:"].iter().filter_map(|aside| message.find(aside)).min();
    message[..end.unwrap_or(message.len())].into()
}

/// Weight (what explains more wins), container, reason, message, log.
type Blame = (u8, String, String, String, Option<Run>);

fn blame(container: &Value, pod: &Value) -> Option<Blame> {
    let name = text(&container["name"]);
    let state = &container["state"];
    let last = &container["lastState"]["terminated"];
    if container["ready"] == true {
        return None;
    }
    if let Some(ended) = state["terminated"].as_object() {
        // An init container that has done its work.
        if ended.get("exitCode").and_then(Value::as_i64) == Some(0) {
            return None;
        }
        let (reason, message) = ending(&state["terminated"], &name, pod);
        return Some((3, name, reason, message, Some(Run::Current)));
    }
    if let Some(waiting) = state["waiting"]["reason"].as_str() {
        if waiting == "CrashLoopBackOff" && last.is_object() {
            let (ended, message) = ending(last, &name, pod);
            let reason = if ended == "OOMKilled" { ended } else { waiting.into() };
            return Some((3, name, reason, message, Some(Run::Previous)));
        }
        if matches!(waiting, "ContainerCreating" | "PodInitializing") {
            // Said only when nothing else is known; it is how every pod starts.
            let message = format!("container {name} is being created");
            return Some((0, name, waiting.into(), message, None));
        }
        let message = format!("container {name}: {}", text(&state["waiting"]["message"]));
        return Some((3, name, waiting.into(), message.trim_end_matches([':', ' ']).into(), None));
    }
    if state["running"].is_object() {
        if last.is_object() {
            let (ended, message) = ending(last, &name, pod);
            let reason = if ended == "OOMKilled" { ended } else { "NotReady".into() };
            return Some((2, name, reason, format!("{message}; it runs again but is not ready"), Some(Run::Current)));
        }
        let message = format!("container {name} runs but is not ready");
        return Some((1, name, "NotReady".into(), message, Some(Run::Current)));
    }
    None
}

/// Reason and words for how a container ended.
fn ending(terminated: &Value, name: &str, pod: &Value) -> (String, String) {
    let reason = text(&terminated["reason"]);
    let code = terminated["exitCode"].as_i64().unwrap_or_default();
    if reason == "OOMKilled" {
        let specs = ["initContainers", "containers"].into_iter().flat_map(|field| list(&pod["spec"][field]));
        let limit =
            specs.filter(|one| one["name"] == name).find_map(|one| one["resources"]["limits"]["memory"].as_str());
        let limit = limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
        return (reason, format!("container {name} was killed because it exceeded its memory limit{limit}"));
    }
    let words = text(&terminated["message"]);
    // Loki writes its last words to the log; a termination message, where there is one, is the better explanation.
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    let reason = if reason.is_empty() { "Error".into() } else { reason };
    (reason, format!("container {name} exited with code {code}{words}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// As one line of bounded length.
fn text(value: &Value) -> String {
    let words = value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(status: Value) -> Value {
        let containers = json!([{"name": "loki", "resources": {"limits": {"memory": "512Mi"}}}]);
        json!({"metadata": {"name": "loki-0"}, "spec": {"containers": containers}, "status": status})
    }

    fn container(state: Value, last: Value) -> Option<PodTrouble> {
        let status = json!({"name": "loki", "ready": false, "state": state, "lastState": last});
        explain(&pod(json!({"phase": "Running", "containerStatuses": [status],
            "conditions": [{"type": "Ready", "status": "False", "message": "containers with unready status: [loki]"}]})))
    }

    #[test]
    fn a_crash_loop_says_how_the_container_ended() {
        let waiting =
            json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting uid 1-2-3"}});
        let found = container(waiting.clone(), json!({"terminated": {"exitCode": 1, "reason": "Error"}})).unwrap();
        assert_eq!(
            (found.reason.as_str(), found.message.as_str()),
            ("CrashLoopBackOff", "container loki exited with code 1")
        );
        assert_eq!((found.container.as_deref(), found.log), (Some("loki"), Some(Run::Previous)));
        let found = container(waiting, json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}})).unwrap();
        assert_eq!(found.reason, "OOMKilled");
        assert_eq!(found.message, "container loki was killed because it exceeded its memory limit of 512Mi");
    }

    #[test]
    fn waiting_reasons_are_passed_on() {
        for reason in ["ImagePullBackOff", "CreateContainerConfigError"] {
            let found =
                container(json!({"waiting": {"reason": reason, "message": "secret \"s\"\n not found"}}), json!({}))
                    .unwrap();
            assert_eq!((found.reason.as_str(), found.log), (reason, None));
            assert_eq!(found.message, "container loki: secret \"s\" not found");
        }
    }

    #[test]
    fn a_running_container_that_is_not_ready_has_a_log() {
        let found = container(json!({"running": {}}), json!({})).unwrap();
        assert_eq!((found.reason.as_str(), found.log), ("NotReady", Some(Run::Current)));
    }

    #[test]
    fn an_init_container_explains_the_others() {
        let status = json!({"phase": "Pending",
            "initContainerStatuses": [{"name": "rules", "ready": false, "state": {"terminated": {"exitCode": 2, "message": "no rules"}}}],
            "containerStatuses": [{"name": "loki", "ready": false, "state": {"waiting": {"reason": "PodInitializing"}}}]});
        let found = explain(&pod(status)).unwrap();
        assert_eq!(
            (found.container.as_deref(), found.message.as_str()),
            (Some("rules"), "container rules exited with code 2: no rules")
        );
    }

    #[test]
    fn scheduling_and_eviction_are_about_the_pod() {
        let condition = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 Preemption is not helpful."});
        let found = explain(&pod(json!({"phase": "Pending", "conditions": [condition]}))).unwrap();
        assert_eq!(
            (found.reason.as_str(), found.message.as_str()),
            ("Unschedulable", "0/1 nodes are available: 1 Insufficient memory.")
        );
        let found = explain(&pod(json!({"phase": "Failed", "reason": "Evicted", "message": "disk pressure"}))).unwrap();
        assert_eq!(found.reason, "Evicted");
    }

    #[test]
    fn a_status_is_read_across_all_containers() {
        let done = json!({"name": "rules", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}});
        let crashed = json!({"name": "loki", "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}});
        let read = pod_status(&pod(json!({"phase": "Running", "podIP": "10.0.0.1", "initContainerStatuses": [done],
            "containerStatuses": [crashed], "conditions": [{"type": "Ready", "status": "False"}]})));
        let expected = PodStatus {
            name: "loki-0".into(),
            phase: "Running".into(),
            has_address: true,
            waiting_reason: Some("CrashLoopBackOff".into()),
            crash: Some(("Error".into(), 1)),
            ..PodStatus::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn healthy_and_leaving_pods_are_no_trouble() {
        let ready = pod(json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "loki", "ready": true, "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1}}}]}));
        let mut leaving = pod(json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}));
        leaving["metadata"]["deletionTimestamp"] = json!("2024-01-01T00:00:00Z");
        assert_eq!(explain_pods(&[ready, leaving, pod(json!({"phase": "Succeeded"}))]), []);
    }
}
