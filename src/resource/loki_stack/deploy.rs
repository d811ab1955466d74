//! The deploy phase: apply in order, prune, wait until Loki is healthy; and the way back.

mod takeover;

use std::time::Duration;

use tokio::time::Instant;

use super::inventory::{self, Inventory};
use super::observe::{self, Facts};
use super::state::LokiStack;
use super::{troubles, volumes};
use crate::kube::{Apply, Cluster, Delete, Error, Propagation, Until};
use crate::loki::health::{Seen, State};
use crate::loki::{self, Object};
use crate::resource::requests::{Patience, Requests, Since, deadline};
use crate::resource::{Call, namespaces};
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// For saying what is wrong once the time is over.
const LAST_LOOK: Duration = Duration::from_secs(10);

/// What is waited for.
#[derive(Clone, Copy)]
enum Goal<'a> {
    /// All of the stack is well.
    Healthy,
    /// All pods of a workload, such as `StatefulSet/loki`, are new.
    RolledOut(&'a str),
}

/// One run of the phase.
pub(super) struct Deployment<'a> {
    call: &'a Call,
    cluster: &'a dyn Cluster,
    options: &'a loki::Options,
    force: bool,
    patience: Patience,
    deadline: Instant,
    requests: Requests<'a>,
}

impl<'a> Deployment<'a> {
    /// A run that begins now and may take as long as the call.
    pub(super) fn new(call: &'a Call, cluster: &'a dyn Cluster, options: &'a loki::Options, force: bool) -> Self {
        // Whoever calls a phase without a limit waits for what it waits for.
        let deadline = deadline(call);
        Self { call, cluster, options, force, patience: Patience::default(), deadline, requests: Requests::new(call) }
    }

    /// The same run with less patience, or more.
    #[cfg(test)]
    pub(super) fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Creates or updates; `state` follows each step.
    pub(super) async fn run(
        &self,
        planned: LokiStack,
        rendered: &[Object],
        state: &mut Option<LokiStack>,
        report: &mut Diagnostics,
    ) {
        let mut inventory = state.as_ref().map(inventory::of).unwrap_or_default();
        let had_volumes = inventory.keys().any(|key| key.starts_with("StatefulSet/"));
        let mut ordered = None;
        for object in rendered {
            let doing = format!("deploying {}", object.key());
            if self.call.stopped(&doing, report) {
                return;
            }
            let before = inventory.get(&object.key());
            let rolls = inventory::is_workload(&object.key())
                && before.is_some_and(|digest| *digest != Value::Value(object.digest()));
            // One component after the other: what a later one asks of an earlier one is there in its new version, and at
            // no time are pods of two rings away. One that is ill gets all at once what shall mend it.
            if rolls && ordered.is_none() {
                ordered = Some(self.is_well().await);
            }
            if before.is_some_and(inventory::is_of_release)
                && let Err(error) = self.take_over(object).await
            {
                let problem = troubles::failed(summary!("{} cannot be taken over", object.key()), &error);
                self.requests.fail(&doing, &error, problem, report);
                return;
            }
            tracing::info!(object = object.key(), "applying");
            if let Err(error) = self.apply(object).await {
                // It may have been made all the same; the next read tells. Where nothing was made yet and the cluster
                // cannot be reached, nothing is kept: there is nothing to be tainted.
                let broken = matches!(error, Error::Unreachable { .. }) && !inventory.is_empty();
                if error.is_ambiguous() || broken {
                    inventory.entry(object.key()).or_insert(Value::Value("without an answer".to_owned()));
                    save(state, &planned, &inventory);
                }
                self.requests.fail(&doing, &error, troubles::refused(object, &error), report);
                return;
            }
            inventory.insert(object.key(), Value::Value(object.digest()));
            save(state, &planned, &inventory);
            if rolls && ordered == Some(true) {
                let workload = format!("{}/{}", object.kind(), object.name());
                if self.wait(Goal::RolledOut(&workload), report).await.is_none() || report.failed() {
                    return;
                }
            }
        }
        if had_volumes && !self.grow(report).await {
            return;
        }
        let old: Inventory = inventory
            .iter()
            .filter(|(key, _)| rendered.iter().all(|object| object.key() != **key))
            .map(clone)
            .collect();
        // What takes over serves before what it replaces goes.
        let replaces = old.iter().any(|(key, noted)| inventory::is_workload(key) || inventory::is_of_release(noted));
        if replaces && !self.settle(state, report).await {
            return;
        }
        for key in inventory::deletion_order(&old) {
            // A workload is gone only when its pods are, which have then flushed what they held.
            let workload = inventory::is_workload(&key);
            let propagation = if workload { Propagation::Foreground } else { Propagation::Background };
            // A namespace that is no longer the stack's to manage stays, with all that is in it.
            let of_release = old.get(&key).is_some_and(inventory::is_of_release);
            if !key.starts_with(inventory::NAMESPACE)
                && let Err(error) = self.remove_keeping(&key, propagation, of_release).await
            {
                self.fail_to_remove(&key, &error, report);
                return;
            }
            inventory.remove(&key);
            save(state, &planned, &inventory);
        }
        self.settle(state, report).await;
    }

    /// Grows volumes that are smaller than wanted; false when that fails.
    async fn grow(&self, report: &mut Diagnostics) -> bool {
        match self.requests.persist(|| volumes::grow(self.cluster, self.options)).await {
            Ok(()) => true,
            // Whoever may not look at claims has made none smaller than wanted.
            Err(Error::Forbidden { verb, .. }) if verb == "list" || verb == "get" => true,
            Err(error) => {
                let problem = troubles::failed(summary!("The volumes cannot grow"), &error).at(at("persistence"));
                self.requests.fail("growing volumes", &error, problem, report);
                false
            }
        }
    }

    /// Whether what is there of the stack, in the version that it is, serves well.
    async fn is_well(&self) -> bool {
        let mut observed = observe::gather(self.cluster, self.options).await.observed;
        observed.rollouts.retain(|rollout| rollout.seen != Seen::Absent);
        observed.version = None;
        observed.rules.clear();
        loki::judge(self.options, &observed).state == State::Healthy
    }

    /// Waits until Loki is healthy, and notes how it is; false when it is not.
    async fn settle(&self, state: &mut Option<LokiStack>, report: &mut Diagnostics) -> bool {
        let facts = self.wait(Goal::Healthy, report).await;
        if let (Some(state), Some(facts)) = (state.as_mut(), facts) {
            state.status = observe::status(&loki::judge(self.options, &facts.observed));
        }
        !report.failed()
    }

    async fn apply(&self, object: &Object) -> Result<(), Error> {
        let options = Apply { dry_run: false, force: self.force };
        let apply = || self.cluster.apply(object.as_value(), options);
        match self.requests.persist(apply).await {
            Err(error) if troubles::is_immutable(object, &error) => {
                tracing::info!(object = object.key(), "recreating around its running pods: its claims changed");
                self.remove(&object.key(), Propagation::Orphan).await?;
                self.requests.persist(apply).await.map(drop)
            }
            outcome => outcome.map(drop),
        }
    }

    async fn remove(&self, key: &str, propagation: Propagation) -> Result<(), Error> {
        let Some(object) = inventory::object(key) else { return Ok(()) };
        tracing::info!(object = key, "deleting");
        let delete = Delete { propagation, ..Delete::default() };
        self.requests.persist(|| self.cluster.delete(&object, delete.clone())).await?;
        let until = Until { deadline: self.deadline, cancel: &self.call.stop };
        self.requests.persist(|| self.cluster.wait_gone(&object, until)).await
    }

    fn fail_to_remove(&self, key: &str, error: &Error, report: &mut Diagnostics) {
        let problem = troubles::failed(summary!("{key} cannot be deleted"), error);
        self.requests.fail(&format!("waiting until {key} is gone"), error, problem, report);
    }

    /// Waits until Loki is where it shall be, with progress in the log. The facts as last seen.
    async fn wait(&self, goal: Goal<'_>, report: &mut Diagnostics) -> Option<Facts> {
        let mut said = String::new();
        let (mut stuck, mut blocked, mut refused) = (Since::default(), Since::default(), Since::default());
        let mut last: Option<Facts> = None;
        loop {
            let facts = tokio::select! {
                facts = observe::gather(self.cluster, self.options) => facts,
                () = self.call.stop.cancelled() => return self.ended(last, report).await,
            };
            let health = loki::judge(self.options, &facts.observed);
            match goal {
                Goal::Healthy if health.state == State::Healthy => {
                    tracing::info!("the stack is healthy");
                    return Some(facts);
                }
                Goal::RolledOut(workload) if facts.has_rolled_out(workload) => {
                    tracing::info!(workload, "rolled out");
                    return Some(facts);
                }
                Goal::Healthy | Goal::RolledOut(_) => {}
            }
            self.unstick(&facts).await;
            let text = health.reasons.join("; ");
            if text != said {
                tracing::info!(state = health.state.as_str(), reasons = text, "waiting for the stack");
                said = text;
            }
            let seen = &facts.observed;
            // A pod that crashes again and again, or waits for what cannot be had, will not recover by waiting longer.
            let is_stuck = seen.is_stuck() || stuck.has_begun() && seen.is_waiting();
            let gave_up =
                stuck.exceeds(self.patience.stuck, is_stuck) | blocked.exceeds(self.patience.stuck, seen.is_blocked());
            let refusal = facts.unasked().filter(|error| !error.is_retryable());
            let is_refused = refused.exceeds(self.patience.refused, refusal.is_some());
            if gave_up || is_refused {
                report.refuse(self.explain(&facts, &health).await);
                return Some(facts);
            }
            last = Some(facts);
            self.requests.pause().await;
        }
    }

    /// Takes away pods that Kubernetes does not replace by itself; their volumes stay.
    async fn unstick(&self, facts: &Facts) {
        for pod in facts.outdated() {
            tracing::info!(pod = pod.name, "deleting a pod of an older revision that is not replaced by itself");
            // Who may not do so waits for as long as Kubernetes takes by itself.
            if let Err(error) = self.cluster.delete(pod, Delete::default()).await {
                tracing::warn!(pod = pod.name, %error, "it cannot be deleted");
            }
        }
    }

    /// The user has stopped the wait, or its time is over.
    async fn ended(&self, last: Option<Facts>, report: &mut Diagnostics) -> Option<Facts> {
        const DOING: &str = "waiting for a healthy Loki";
        let Some(limit) = self.call.overdue() else {
            self.call.stopped(DOING, report);
            return last;
        };
        // A short time may end in the first look, but nobody waits at the keyboard: what is wrong is worth a last one.
        let facts = tokio::time::timeout(LAST_LOOK, observe::gather(self.cluster, self.options)).await.ok();
        let last = facts.or(last);
        let why = match &last {
            Some(facts) => self.reasons(facts, &loki::judge(self.options, &facts.observed)).await,
            None => String::new(),
        };
        report.refuse(limit.problem(DOING, &why));
        last
    }

    /// Why apply gives up before its time.
    async fn explain(&self, facts: &Facts, health: &loki::Health) -> Problem {
        match facts.unasked() {
            Some(error) => troubles::unknown_health(error, self.cluster),
            None => Problem::new(summary!("Loki does not start")).why(self.reasons(facts, health).await).fix(
                "What was deployed is kept in the state, and the resource is tainted if it was being created. Mend the \
                 cause and apply again.",
            ),
        }
    }

    /// What is wrong, with what pods, events and logs say of it.
    async fn reasons(&self, facts: &Facts, health: &loki::Health) -> String {
        let mut why = health.reasons.join("\n");
        // A cluster that does not answer has no more to say.
        if facts.unasked().is_none() {
            let diagnosis = facts.diagnose(self.cluster).await;
            if !diagnosis.is_empty() {
                why.push_str("\n\n");
                why.push_str(&diagnosis);
            }
        }
        why
    }

    /// Deletes what the inventory holds; volumes only by the StatefulSet's own retention policy.
    pub(super) async fn delete(&self, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let Some(prior) = state.clone() else { return };
        let mut inventory = inventory::of(&prior);
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
            // Foreground: a StatefulSet is gone only when its pods are, which have then flushed what they held.
            let of_release = inventory.get(&key).is_some_and(inventory::is_of_release);
            if let Err(error) = self.remove_keeping(&key, Propagation::Foreground, of_release).await {
                self.fail_to_remove(&key, &error, report);
                return;
            }
            inventory.remove(&key);
            save(state, &prior, &inventory);
        }
        *state = None;
    }
}

fn save(state: &mut Option<LokiStack>, planned: &LokiStack, inventory: &Inventory) {
    *state = Some(LokiStack { objects: Value::Value(inventory.clone()), ..planned.clone() });
}

fn clone((key, value): (&String, &Value<String>)) -> (String, Value<String>) {
    (key.clone(), value.clone())
}
