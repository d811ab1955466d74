//! The deploy phase: apply in order, wait until each node ships, prune; and the way back.

use std::time::Duration;

use tokio::time::Instant;

use super::attributes::LogAgent;
use super::observe::{self, Facts, Watch};
use super::online;
use super::options::options;
use crate::agent::{self, Options, health};
use crate::kube::{Apply, Cluster, Delete, Error, Propagation, Until};
use crate::resource::Call;
use crate::resource::inventory::{self, Inventory};
use crate::resource::loki_stack::{flag, troubles};
use crate::resource::namespaces;
use crate::resource::requests::{Patience, Requests, Since, deadline};
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// How long lines are waited for once all agents are ready: a batch, a retry or two, and Loki's own way.
const ARRIVAL: Duration = Duration::from_secs(60);
/// For saying what is wrong once the time is over.
const LAST_LOOK: Duration = Duration::from_secs(10);

/// One run of the phase.
pub(super) struct Deployment<'a> {
    call: &'a Call,
    cluster: &'a dyn Cluster,
    planned: &'a LogAgent,
    options: Options,
    force: bool,
    deadline: Instant,
    requests: Requests<'a>,
}

impl<'a> Deployment<'a> {
    /// A run that begins now and may take as long as the call.
    pub(super) fn new(call: &'a Call, cluster: &'a dyn Cluster, planned: &'a LogAgent) -> Self {
        let force = flag(&planned.force_conflicts, false);
        let requests = Requests::new(call);
        Self { call, cluster, planned, options: options(planned), force, deadline: deadline(call), requests }
    }

    /// Creates or updates; `state` follows each step.
    pub(super) async fn run(&self, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        let mut inventory = state.as_ref().map(|state| inventory::of(&state.objects)).unwrap_or_default();
        let rendered = agent::render(&self.options);
        // Said before anything is made that could not run.
        if inventory.is_empty()
            && let Ok(Some(live)) = self.cluster.get(&online::namespace_of(&self.options)).await
            && let Some(problem) = online::refuses(&self.options, &live)
        {
            return report.refuse(problem);
        }
        for object in &rendered {
            let doing = format!("deploying {}", object.key());
            if self.call.stopped(&doing, report) {
                return;
            }
            tracing::info!(object = object.key(), "applying");
            let options = Apply { dry_run: false, force: self.force };
            if let Err(error) = self.requests.persist(|| self.cluster.apply(object.as_value(), options)).await {
                // It may have been made all the same; the next read tells. Where nothing was made yet and the cluster
                // cannot be reached, nothing is kept: there is nothing to be tainted.
                let broken = matches!(error, Error::Unreachable { .. }) && !inventory.is_empty();
                if error.is_ambiguous() || broken {
                    inventory.entry(object.key()).or_insert(Value::Value("without an answer".to_owned()));
                    self.save(state, &inventory);
                }
                return self.requests.fail(&doing, &error, troubles::refused(object, &error), report);
            }
            inventory.insert(object.key(), Value::Value(object.digest()));
            self.save(state, &inventory);
        }
        let old: Inventory = inventory
            .iter()
            .filter(|(key, _)| rendered.iter().all(|object| object.key() != **key))
            .map(|(key, noted)| (key.clone(), noted.clone()))
            .collect();
        // What takes over ships before what it replaces goes.
        let replaces = old.keys().any(|key| key.starts_with("DaemonSet/"));
        if !self.settle(replaces, state, report).await {
            return;
        }
        for key in inventory::deletion_order(&old) {
            // A namespace that is no longer the agent's to manage stays, with all that is in it.
            if !key.starts_with(inventory::NAMESPACE) && !self.remove(&key, report).await {
                return;
            }
            inventory.remove(&key);
            self.save(state, &inventory);
        }
    }

    /// Deletes what the inventory holds. What agents have noted on the nodes stays there: one of the same name goes on.
    pub(super) async fn delete(&self, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        let mut inventory = inventory::of(&self.planned.objects);
        for key in inventory::deletion_order(&inventory) {
            if self.call.stopped(&format!("deleting {key}"), report) {
                return;
            }
            if let Some(namespace) = key.strip_prefix(inventory::NAMESPACE) {
                match namespaces::is_empty(&self.requests, self.cluster, namespace, report).await {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return,
                }
            }
            if !self.remove(&key, report).await {
                return;
            }
            inventory.remove(&key);
            self.save(state, &inventory);
        }
        *state = None;
    }

    /// Deletes an object, and for a workload waits until its pods are gone, which have then sent what they held.
    async fn remove(&self, key: &str, report: &mut Diagnostics) -> bool {
        let Some(object) = inventory::object(key) else { return true };
        tracing::info!(object = key, "deleting");
        let propagation = if inventory::is_workload(key) { Propagation::Foreground } else { Propagation::Background };
        let delete = Delete { propagation, ..Delete::default() };
        let until = Until { deadline: self.deadline, cancel: &self.call.stop };
        let outcome = match self.requests.persist(|| self.cluster.delete(&object, delete.clone())).await {
            Ok(_) => self.requests.persist(|| self.cluster.wait_gone(&object, until)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            let problem = troubles::failed(summary!("{key} cannot be deleted"), &error);
            self.requests.fail(&format!("waiting until {key} is gone"), &error, problem, report);
            return false;
        }
        true
    }

    /// How the agent was seen last stays: what is planned does not know it.
    fn save(&self, state: &mut Option<LogAgent>, inventory: &Inventory) {
        let seen = state.as_ref().map(|state| state.status.clone()).filter(|status| !status.is_unknown());
        let status = seen.unwrap_or_else(|| self.planned.status.clone());
        *state = Some(LogAgent { objects: Value::Value(inventory.clone()), status, ..self.planned.clone() });
    }

    /// Waits until each node's agent is ready and its lines arrive, and notes how it is; false when it is not. Lines of those
    /// that it replaces have the same labels, so then the new ones are asked themselves.
    async fn settle(&self, replaces: bool, state: &mut Option<LogAgent>, report: &mut Diagnostics) -> bool {
        let watch = observe::watch(self.cluster, self.planned, &self.options.push_url).await;
        let facts = self.wait(replaces, watch.as_ref(), report).await;
        if let (Some(state), Some(facts)) = (state.as_mut(), facts) {
            state.status = observe::status(&facts.judged);
        }
        !report.failed()
    }

    async fn gather(&self, watch: Option<&Watch>) -> Facts {
        observe::gather(self.cluster, &self.options, watch).await
    }

    async fn wait(&self, replaces: bool, watch: Option<&Watch>, report: &mut Diagnostics) -> Option<Facts> {
        let patience = Patience::default();
        let (mut stuck, mut blocked, mut refused) = (Since::default(), Since::default(), Since::default());
        let mut quiet = Since::default();
        let mut said = String::new();
        let mut last: Option<Facts> = None;
        loop {
            let facts = tokio::select! {
                facts = self.gather(watch) => facts,
                () = self.call.stop.cancelled() => return self.ended(last, watch, report).await,
            };
            let rolled_out = facts.has_rolled_out();
            let silent = facts.silent().len();
            let proven = !(rolled_out && replaces && observe::watches(self.planned))
                || quiet.has_lasted(ARRIVAL)
                || observe::have_sent(self.cluster, &self.options, &facts.nodes).await;
            if rolled_out && silent == 0 && proven {
                let nodes = facts.nodes.len();
                tracing::info!(nodes, asked = facts.asked, "the log agent is ready on each node");
                return Some(facts);
            }
            let text = facts.judged.reasons.join("; ");
            if text != said {
                tracing::info!(state = facts.judged.state.as_str(), reasons = text, "waiting for the log agent");
                said = text;
            }
            if quiet.exceeds(ARRIVAL, rolled_out && (silent > 0 || !proven)) && silent > 0 {
                self.tell_silence(&facts, report);
                return Some(facts);
            }
            let seen = &facts.observed;
            // A pod that crashes again and again, or waits for what cannot be had, will not recover by waiting longer.
            let is_stuck = seen.is_stuck() || stuck.has_begun() && seen.is_waiting();
            let gave_up = stuck.exceeds(patience.stuck, is_stuck) | blocked.exceeds(patience.stuck, seen.is_blocked());
            let refusal = facts.unasked.as_ref().filter(|error| !error.is_retryable());
            let is_refused = refused.exceeds(patience.refused, refusal.is_some());
            if gave_up || is_refused {
                let problem = match &facts.unasked {
                    Some(error) => troubles::failed(summary!("Whether the log agent is ready cannot be asked"), error),
                    None => Problem::new(summary!("The log agent does not start")).why(self.reasons(&facts).await).fix(
                        "What was deployed is kept in the state, and the resource is tainted if it was being created. Mend \
                         the cause and apply again.",
                    ),
                };
                report.refuse(problem);
                return Some(facts);
            }
            last = Some(facts);
            self.requests.pause().await;
        }
    }

    /// All agents are ready, and lines of some nodes do not arrive. Where the agent says why, that is an error.
    fn tell_silence(&self, facts: &Facts, report: &mut Diagnostics) {
        let silent = facts.silent();
        let names: Vec<_> = silent.iter().map(|node| node.name.as_str()).collect();
        let what = summary!("No lines arrive of the node {}", names.join(", nor of "));
        let complaint = silent.iter().find(|node| !node.complaint.is_empty());
        match complaint {
            Some(node) => report.refuse(
                Problem::new(what)
                    .at(at("push_url"))
                    .why(health::explained(&node.complaint).trim_start().to_owned())
                    .fix("What was deployed is kept in the state. Mend the cause and apply again."),
            ),
            None => report.warn(
                Problem::new(what)
                    .why(format!("Its agent is ready and complains of nothing; maybe no pod there has written anything in the last {}.", observe::silence(self.planned)))
                    .fix("Set max_silence higher where that is usual."),
            ),
        }
    }

    /// The user has stopped the wait, or its time is over.
    async fn ended(&self, last: Option<Facts>, watch: Option<&Watch>, report: &mut Diagnostics) -> Option<Facts> {
        const DOING: &str = "waiting for the log agent";
        let Some(limit) = self.call.overdue() else {
            self.call.stopped(DOING, report);
            return last;
        };
        // A short time may end in the first look, but nobody waits at the keyboard: what is wrong is worth a last one.
        let facts = tokio::time::timeout(LAST_LOOK, self.gather(watch)).await.ok();
        let last = facts.or(last);
        let why = match &last {
            Some(facts) => self.reasons(facts).await,
            None => String::new(),
        };
        report.refuse(limit.problem(DOING, &why));
        last
    }

    /// What is wrong, with what pods, events and logs say of it.
    async fn reasons(&self, facts: &Facts) -> String {
        let mut why = facts.judged.reasons.join("\n");
        // A cluster that does not answer has no more to say.
        if facts.unasked.is_none() {
            let diagnosis = observe::diagnose(self.cluster, &self.options).await;
            if !diagnosis.is_empty() {
                why.push_str("\n\n");
                why.push_str(&diagnosis);
            }
        }
        why
    }
}
