//! The judgement over a live stack: facts in, typed state with reasons out.
//!
//! Nothing volatile comes out (no times, latencies, restart counts), so that two reads of an unchanged
//! stack agree. A container that crashes again and again changes between waiting and running every few
//! seconds; both count as the same failure.

mod compactor;
mod reasons;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::components::ingests;
use super::options::Options;
use reasons::Reason;

pub use compactor::{Compactor, compactor};
pub use wire::{build_version, misses_entries, ring, rule_groups};

/// What was found of a stack. What could not be asked is left out and weighs nothing; only a workload that could not be
/// asked for leaves its component's state unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// One per workload of the stack that was looked for.
    pub rollouts: Vec<Rollout>,
    /// The pods that the workloads' selectors match.
    pub pods: Vec<Pod>,
    /// Answers to `GET /ready`, one per pod that was asked.
    pub probes: Vec<Probe>,
    /// The rings that were read, by [`ring`].
    pub rings: Vec<Ring>,
    /// Loki's version as it says it, by [`build_version`].
    pub version: Option<String>,
    /// Status and text of the answer to a query for labels, where something answered.
    pub query: Option<(u16, String)>,
    /// Pods of canaries that miss lines, by [`misses_entries`].
    pub losses: Vec<String>,
    /// What the ruler has loaded, for each tenant that it could be asked for.
    pub rules: Vec<Rules>,
    /// The pods that may compact, by [`compactor`].
    pub compactors: Vec<Compactor>,
}

/// The rule groups of a tenant that the ruler evaluates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// The tenant.
    pub tenant: String,
    /// Names of the groups, by [`rule_groups`].
    pub groups: BTreeSet<String>,
}

/// A workload that was looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// Value of `app.kubernetes.io/component`.
    pub component: String,
    /// `kind/name`, such as `StatefulSet/loki`.
    pub workload: String,
    /// What the look came to.
    pub seen: Seen,
}

/// What a look at a workload came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Seen {
    /// The API server knows no such object.
    #[default]
    Absent,
    /// The cluster could not be asked; why, as a clause.
    Unasked(String),
    /// It is there.
    Present(Progress),
}

impl Seen {
    /// Whether all pods are of the present template and ready.
    pub fn has_rolled_out(&self) -> bool {
        match self {
            Seen::Present(it) => it.observed && it.updated >= it.desired && it.ready >= it.desired,
            Seen::Absent | Seen::Unasked(_) => false,
        }
    }
}

/// A workload's status, as StatefulSets and Deployments report it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Whether `status.observedGeneration` has reached `metadata.generation`.
    pub observed: bool,
    /// `spec.replicas`.
    pub desired: u32,
    /// Pods of the present template.
    pub updated: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// Why its controller cannot make the pods that are missing, in the words of its `FailedCreate` event.
    pub blocked: Option<String>,
}

/// A pod's status, with that of its Loki container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    /// Value of `app.kubernetes.io/component`.
    pub component: String,
    /// The pod's name.
    pub name: String,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// The pod's `Ready` condition.
    pub ready: bool,
    /// Whether `metadata.deletionTimestamp` is set.
    pub terminating: bool,
    /// `state.waiting.reason`, such as `CrashLoopBackOff` or `ImagePullBackOff`.
    pub waiting_reason: Option<String>,
    /// Reason and exit code of `state.terminated`, or else of `lastState.terminated`, where that was a failure.
    pub crash: Option<(String, i32)>,
    /// Message of the `PodScheduled` condition while that is false.
    pub unschedulable: Option<String>,
}

/// A pod's answer to `GET /ready`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probe {
    /// The pod's name.
    pub pod: String,
    /// HTTP status; None when nothing answered.
    pub status: Option<u16>,
    /// The answer's text.
    pub body: String,
}

/// A ring as Loki's HTTP API shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// What is in it: `ingester`.
    pub name: String,
    /// Its members, in any order.
    pub members: Vec<Member>,
}

/// An instance in a ring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// The instance's ID, which is its host name.
    pub id: String,
    /// `ACTIVE`, `PENDING`, `JOINING`, `LEAVING`, `LEFT` or `UNHEALTHY`.
    pub state: String,
}

/// How a stack or a component is; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All that was asked for is there.
    Healthy,
    /// On its way, with nothing known to be wrong.
    Progressing,
    /// The cluster could not be asked, and nothing is known to be wrong.
    Unknown,
    /// It serves, with less than it should have.
    Degraded,
    /// It does not serve, and will not without a change.
    Failed,
}

impl State {
    /// The state's name in Terraform.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Healthy => "healthy",
            State::Progressing => "progressing",
            State::Unknown => "unknown",
            State::Degraded => "degraded",
            State::Failed => "failed",
        }
    }
}

/// The judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The worst of the components and rings.
    pub state: State,
    /// Sorted sentences, each after a reason of loki-operator's vocabulary: `FailedComponents: …`.
    pub reasons: Vec<String>,
    /// State by component.
    pub components: BTreeMap<String, State>,
}

/// Judges what was found against what was asked for.
pub fn judge(options: &Options, observed: &Observed) -> Health {
    let mut reasons = BTreeSet::new();
    let mut components = BTreeMap::new();
    for rollout in &observed.rollouts {
        let (state, found) = component(rollout, observed);
        reasons.extend(found.into_iter().map(|reason| reason.to_string()));
        let worst = components.entry(rollout.component.clone()).or_insert(state);
        *worst = state.max(*worst);
    }
    let ingesters = observed.ready_ingesters();
    let rings = observed.rings.iter().map(|ring| reasons::ring(ring, ingesters, options));
    let version = observed.version.as_deref().and_then(|running| reasons::version(running, options));
    let mut state = components.values().copied().max().unwrap_or(State::Healthy);
    let query = observed.query.as_ref().and_then(|(status, text)| reasons::query(*status, text));
    let around =
        query.into_iter().chain(reasons::losses(&observed.losses)).chain(reasons::rules(&observed.rules, options));
    let around = around.chain(compactor::reasons(&observed.compactors, options));
    for reason in rings.flatten().chain(version).chain(around) {
        // A ring that settles while its component does is nothing wrong by itself.
        state = state.max(reason.state);
        reasons.insert(reason.to_string());
    }
    Health { state, reasons: reasons.into_iter().collect(), components }
}

impl Observed {
    /// Pods that hold what is not in the store yet, and are ready.
    fn ready_ingesters(&self) -> usize {
        let ingest = |it: &&Rollout| ingests(&it.component);
        let ready = |it: &Rollout| match &it.seen {
            Seen::Present(progress) => progress.ready as usize,
            Seen::Absent | Seen::Unasked(_) => 0,
        };
        self.rollouts.iter().filter(ingest).map(ready).sum()
    }

    /// Whether a pod is in a state that waiting does not mend.
    pub fn is_stuck(&self) -> bool {
        self.pods.iter().any(|pod| pod.waiting_reason.as_deref().is_some_and(|why| reasons::STUCK.contains(&why)))
    }

    /// Whether a container has yet to start, for whatever reason: the next attempt at what failed before shows so.
    pub fn is_waiting(&self) -> bool {
        self.pods.iter().any(|pod| pod.waiting_reason.is_some())
    }

    /// Whether pods are missing that the cluster does not let be made.
    pub fn is_blocked(&self) -> bool {
        let blocked = |it: &Rollout| matches!(&it.seen, Seen::Present(progress) if progress.blocked.is_some());
        self.rollouts.iter().any(blocked)
    }
}

/// A workload with its pods and their answers. Each pod is told of once, by what explains most.
fn component(rollout: &Rollout, observed: &Observed) -> (State, Vec<Reason>) {
    let mut found: Vec<Reason> = Vec::new();
    for pod in observed.pods.iter().filter(|pod| pod.component == rollout.component) {
        let answer = observed.probes.iter().find(|probe| probe.pod == pod.name).and_then(reasons::probe);
        found.extend(match reasons::pod(pod) {
            // Loki itself knows better what it waits for.
            Some(reason) if reason.state == State::Progressing && !pod.terminating => Some(answer.unwrap_or(reason)),
            reason => reason.or(answer),
        });
    }
    let progress = match &rollout.seen {
        Seen::Present(progress) => progress,
        Seen::Absent => return (State::Failed, vec![reasons::missing(rollout)]),
        Seen::Unasked(why) => {
            found.push(reasons::unasked(rollout, why));
            return (State::Unknown, found);
        }
    };
    found.extend(reasons::rollout(&rollout.workload, progress, !found.is_empty()));
    let worst = found.iter().map(|reason| reason.state).max().unwrap_or(State::Healthy);
    // One failing replica beside one that serves is a loss, not an outage.
    let serves = progress.ready > 0;
    (if worst == State::Failed && serves { State::Degraded } else { worst }, found)
}

#[cfg(test)]
#[path = "health/tests.rs"]
mod tests;
