//! Single facts that keep a stack from being healthy. `FailedComponents`, `PendingComponents` and
//! `InsufficientIngesterReplicas` are loki-operator's words; `UnknownComponents`, `UnhealthyRingMembers`,
//! `VersionMismatch`, `FailedQueries`, `MissingEntries` and `PendingRules` are made after them.

use std::fmt;

use super::{Pod, Probe, Progress, Ring, Rollout, Rules, State};
use crate::loki::derived::tolerated_losses;
use crate::loki::options::Options;

/// A fact with the state that it alone would put a component in.
#[derive(Clone, Debug)]
pub struct Reason {
    pub state: State,
    word: &'static str,
    text: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word, self.text)
    }
}

pub fn degraded(word: &'static str, text: &str) -> Reason {
    Reason { state: State::Degraded, word, text: text.to_owned() }
}

fn failed(text: String) -> Reason {
    Reason { state: State::Failed, word: "FailedComponents", text }
}

fn pending(text: String) -> Reason {
    Reason { state: State::Progressing, word: "PendingComponents", text }
}

pub fn missing(rollout: &Rollout) -> Reason {
    failed(format!("{} does not exist", rollout.workload))
}

/// A workload that could not be asked for.
pub fn unasked(rollout: &Rollout, why: &str) -> Reason {
    Reason {
        state: State::Unknown,
        word: "UnknownComponents",
        text: format!("{} could not be asked for: {why}", rollout.workload),
    }
}

/// What is left of a roll-out. Numbers are left out: they move. `explained`: its pods say already why they are not ready.
pub fn rollout(workload: &str, progress: &Progress, explained: bool) -> Option<Reason> {
    let Progress { desired, updated, ready, .. } = *progress;
    if let Some(why) = &progress.blocked {
        Some(failed(format!("{workload} cannot create its pods: {}", without_usage(why))))
    } else if desired == 0 {
        Some(failed(format!("{workload} is scaled to zero")))
    } else if !progress.observed || updated < desired {
        Some(pending(format!("{workload} is being rolled out")))
    } else if ready < desired && !explained {
        Some(pending(format!("{workload} has replicas that are not ready")))
    } else {
        None
    }
}

/// Waiting reasons that do not pass by themselves (kubelet, `pkg/kubelet/images` and `kuberuntime`).
pub const STUCK: [&str; 9] = [
    "CrashLoopBackOff",
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

pub fn pod(pod: &Pod) -> Option<Reason> {
    let name = &pod.name;
    if pod.ready && !pod.terminating {
        return None;
    }
    if let Some((reason, code)) = &pod.crash {
        return Some(failed(format!("pod {name} has crashed: {reason}, exit code {code}")));
    }
    let waiting = pod.waiting_reason.as_deref().unwrap_or_default();
    Some(match pod.phase.as_str() {
        _ if pod.terminating => pending(format!("pod {name} is shutting down")),
        // Both alternate while the kubelet tries again.
        _ if ["ErrImagePull", "ImagePullBackOff"].contains(&waiting) => {
            failed(format!("pod {name} cannot pull its image"))
        }
        _ if STUCK.contains(&waiting) => failed(format!("pod {name} is stuck: {waiting}")),
        "Failed" => failed(format!("pod {name} has failed")),
        "Unknown" => failed(format!("the node of pod {name} does not answer")),
        "Pending" => match &pod.unschedulable {
            Some(why) => failed(format!("pod {name} fits no node: {}", without_counts(why))),
            None => pending(format!("pod {name} is starting")),
        },
        _ => pending(format!("pod {name} is not ready")),
    })
}

/// A pod that says it is not ready. One that does not answer at all is told by its status.
pub fn probe(probe: &Probe) -> Option<Reason> {
    probe.status.filter(|status| *status != 200)?;
    // The first line names what is not ready; numbers of services follow it.
    let line = probe.body.lines().next().unwrap_or_default().trim().trim_end_matches(':');
    let line = if line.is_empty() { "without saying why" } else { line };
    Some(pending(format!("pod {} is not ready: {line}", probe.pod)))
}

/// Members that are not active, whether enough others are, and whether all of the `ready` ones are in it.
pub fn ring(ring: &Ring, ready: usize, options: &Options) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let left = |state: &str| state.eq_ignore_ascii_case("LEFT");
    let active = |state: &str| state.eq_ignore_ascii_case("ACTIVE");
    for member in ring.members.iter().filter(|member| !active(&member.state) && !left(&member.state)) {
        let unhealthy = member.state.eq_ignore_ascii_case("UNHEALTHY");
        reasons.push(Reason {
            state: if unhealthy { State::Degraded } else { State::Progressing },
            word: "UnhealthyRingMembers",
            text: format!("{} is {} in the {} ring", member.id, member.state.to_uppercase(), ring.name),
        });
    }
    let factor = options.replication_factor();
    let needed = factor - tolerated_losses(factor);
    let serving = ring.members.iter().filter(|member| active(&member.state)).count();
    if ring.name == "ingester" && serving < needed as usize {
        reasons.push(Reason {
            state: State::Failed,
            word: "InsufficientIngesterReplicas",
            text: format!("pushes need {needed} active members of the ingester ring (replication factor {factor})"),
        });
    } else if reasons.is_empty() && serving < ready {
        reasons.push(Reason {
            state: State::Progressing,
            word: "UnhealthyRingMembers",
            text: format!("not every pod that is ready is in the {} ring", ring.name),
        });
    }
    reasons
}

/// A running version other than the one asked for. Builds without a version say none.
pub fn version(running: &str, options: &Options) -> Option<Reason> {
    let running = running.strip_prefix('v').unwrap_or(running);
    let released = running.parse::<crate::loki::version::Version>().is_ok();
    (released && running != options.loki_version).then(|| Reason {
        state: State::Degraded,
        word: "VersionMismatch",
        text: format!("Loki {running} runs where {} was asked for", options.loki_version),
    })
}

/// Queries that Loki itself cannot answer, though each of its components may say that it is ready.
pub fn query(status: u16, text: &str) -> Option<Reason> {
    let line = text.lines().next().unwrap_or_default().trim();
    (status >= 500).then(|| Reason {
        state: State::Degraded,
        word: "FailedQueries",
        text: format!("a query for labels fails: {line}"),
    })
}

/// Lines that were accepted and do not come back.
pub fn losses(canaries: &[String]) -> Option<Reason> {
    (!canaries.is_empty()).then(|| Reason {
        state: State::Degraded,
        word: "MissingEntries",
        text: format!("lines that {} wrote do not come back", canaries.join(", ")),
    })
}

/// Groups that the ruler has not loaded. It loads none of a tenant's while it cannot read one of them.
pub fn rules(loaded: &[Rules], options: &Options) -> Vec<Reason> {
    let Some(ruler) = &options.ruler else { return Vec::new() };
    let missing = loaded.iter().filter_map(|of| {
        let wanted = ruler.groups.get(&of.tenant)?.iter().filter_map(|group| group["name"].as_str());
        let missing: Vec<&str> = wanted.filter(|name| !of.groups.contains(*name)).collect();
        (!missing.is_empty()).then(|| Reason {
            state: State::Progressing,
            word: "PendingRules",
            text: format!("the ruler has not loaded {} of tenant {}", missing.join(", "), of.tenant),
        })
    });
    missing.collect()
}

/// The scheduler's message without its numbers of nodes, which change with the cluster:
/// `0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: …`.
fn without_counts(message: &str) -> String {
    let reasons = message.split_once(": ").map_or(message, |(_, reasons)| reasons);
    let reasons = reasons.split(". ").next().unwrap_or(reasons).trim_end_matches('.');
    let mut reasons: Vec<_> =
        reasons.split(", ").map(|reason| reason.trim_start_matches(|c: char| c.is_ascii_digit()).trim()).collect();
    reasons.sort_unstable();
    reasons.join(", ")
}

/// The refusal of a quota without what is used of it, which changes with the namespace: `pods "loki-0" is forbidden:
/// exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4`.
fn without_usage(message: &str) -> String {
    match message.split_once(", used: ").and_then(|(head, rest)| Some((head, rest.split_once(", limited: ")?.1))) {
        Some((head, limit)) => format!("{head}, limited: {limit}"),
        None => message.to_owned(),
    }
}
