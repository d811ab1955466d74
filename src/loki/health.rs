//! The judgement over a live stack: facts in, typed state with reasons out.
//!
//! Nothing volatile comes out (no times, latencies, restart counts), so that two reads of an
//! unchanged stack agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::options::Options;

/// What was found of a stack. Whatever could not be asked is left empty and weighs nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// One per workload of the stack that was looked for.
    pub rollouts: Vec<Rollout>,
    pub pods: Vec<Pod>,
    /// Answers of `/ready`, one per pod that was asked.
    pub probes: Vec<Probe>,
    /// The rings that were read, such as `ingester` (`/ring`).
    pub rings: Vec<Ring>,
    /// `version` of `/loki/api/v1/status/buildinfo`.
    pub version: Option<String>,
}

/// A workload's status, as StatefulSets and Deployments report it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// Value of `app.kubernetes.io/component`.
    pub component: String,
    /// `kind/name`, such as `StatefulSet/loki`.
    pub workload: String,
    /// False when the API server knows no such object.
    pub found: bool,
    /// `status.observedGeneration` has reached `metadata.generation`.
    pub observed: bool,
    pub desired: u32,
    pub updated: u32,
    pub ready: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    pub component: String,
    pub name: String,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    pub phase: String,
    /// The pod's `Ready` condition.
    pub ready: bool,
    /// `metadata.deletionTimestamp` is set.
    pub terminating: bool,
    pub restarts: u32,
    /// `state.waiting.reason` of the first container that waits, such as `CrashLoopBackOff`.
    pub waiting_reason: Option<String>,
    /// Reason and exit code of the container's last termination, such as `OOMKilled`, 137.
    pub last_termination: Option<(String, i32)>,
    /// Message of the `PodScheduled` condition while that is false.
    pub unschedulable: Option<String>,
}

/// A pod's answer to `GET /ready`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probe {
    pub component: String,
    pub pod: String,
    /// HTTP status; None when nothing answered.
    pub status: Option<u16>,
    pub body: String,
}

/// A ring as Loki's HTTP API shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    pub name: String,
    pub members: Vec<Member>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    pub id: String,
    /// `ACTIVE`, `PENDING`, `JOINING`, `LEAVING`, `LEFT` or `Unhealthy`.
    pub state: String,
}

/// Worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Healthy,
    /// On its way, with nothing known to be wrong.
    Progressing,
    /// It serves, with less than it should have.
    Degraded,
    /// It does not serve, and will not without a change.
    Failed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Healthy => "healthy",
            State::Progressing => "progressing",
            State::Degraded => "degraded",
            State::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    pub state: State,
    /// Sorted; each starts with a reason of loki-operator's vocabulary: `FailedComponents: …`.
    pub reasons: Vec<String>,
    /// State by component.
    pub components: BTreeMap<String, State>,
}

/// Judges what was found against what was asked for.
pub fn judge(_options: &Options, _observed: &Observed) -> Health {
    Health {
        state: State::Healthy,
        reasons: Vec::new(),
        components: BTreeMap::new(),
    }
}
