//! The deploy phase: apply in order, prune, wait until Loki is healthy; and the way back.

use std::time::Duration;

use tokio::time::Instant;

use super::inventory::{self, Inventory};
use super::observe::{self, Facts};
use super::state::LokiStack;
use super::troubles;
use crate::kube::{Apply, Cluster, Delete, Error, Propagation, Until};
use crate::loki::health::State;
use crate::loki::{self, Object};
use crate::resource::Call;
use crate::schema::{Diagnostics, Problem, Report, Value};

/// Between two looks at a stack that is on its way.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long a pod may wait for what will hardly come, such as an image that does not exist, before apply gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// As good as none.
const NO_LIMIT: Duration = Duration::from_hours(24);

/// One run of the phase.
pub(super) struct Deployment<'a> {
    pub call: &'a Call,
    pub cluster: &'a dyn Cluster,
    pub options: &'a loki::Options,
    pub force: bool,
}

impl Deployment<'_> {
    /// Creates or updates; `state` follows each step.
    pub(super) async fn run(&self, planned: LokiStack, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let deadline = self.deadline();
        let rendered = loki::render(self.options);
        let mut inventory = state.as_ref().map(inventory::of).unwrap_or_default();
        for object in &rendered {
            if self.call.stopped(&format!("deploying {}", object.key()), report) {
                return;
            }
            tracing::info!(object = object.key(), "applying");
            if let Err(problem) = self.apply(object, deadline).await {
                report.refuse(problem);
                return;
            }
            inventory.insert(object.key(), Value::Value(object.digest()));
            save(state, &planned, &inventory);
        }
        let old: Inventory = inventory
            .iter()
            .filter(|(key, _)| rendered.iter().all(|object| object.key() != **key))
            .map(clone)
            .collect();
        for key in inventory::deletion_order(&old) {
            // A namespace that is no longer the stack's to manage stays, with all that is in it.
            if !key.starts_with(inventory::NAMESPACE)
                && let Err(error) = self.remove(&key, Propagation::Background, deadline).await
            {
                report.refuse(self.undeleted(&key, &error));
                return;
            }
            inventory.remove(&key);
            save(state, &planned, &inventory);
        }
        let facts = self.healthy(deadline, report).await;
        if let (Some(state), Some(facts)) = (state.as_mut(), facts) {
            state.status = observe::status(&loki::judge(self.options, &facts.observed));
        }
    }

    fn deadline(&self) -> Instant {
        // Whoever calls a phase without a limit waits for what it waits for.
        self.call.limit.map_or_else(|| Instant::now() + NO_LIMIT, |limit| limit.ends())
    }

    async fn apply(&self, object: &Object, deadline: Instant) -> Result<(), Problem> {
        let options = Apply { dry_run: false, force: self.force };
        let outcome = self.cluster.apply(object.as_value(), options).await;
        let outcome = match outcome {
            Err(error) if troubles::is_immutable(object, &error) => {
                tracing::info!(object = object.key(), "recreating around its running pods: its claims changed");
                match self.remove(&object.key(), Propagation::Orphan, deadline).await {
                    Ok(()) => self.cluster.apply(object.as_value(), options).await,
                    Err(error) => Err(error),
                }
            }
            outcome => outcome,
        };
        outcome.map(drop).map_err(|error| troubles::refused(object, &error))
    }

    async fn remove(&self, key: &str, propagation: Propagation, deadline: Instant) -> Result<(), Error> {
        let Some(object) = inventory::object(key) else { return Ok(()) };
        tracing::info!(object = key, "deleting");
        self.cluster.delete(&object, Delete { propagation, ..Delete::default() }).await?;
        self.cluster.wait_gone(&object, Until { deadline, cancel: &self.call.stop }).await
    }

    fn undeleted(&self, key: &str, error: &Error) -> Problem {
        match self.call.overdue() {
            Some(limit) => {
                limit.problem(&format!("waiting until {key} is gone"), &format!("{}.", troubles::capital(error)))
            }
            None => troubles::failed(&format!("{key} cannot be deleted"), error)
                .fix("Run Terraform again to go on from there."),
        }
    }

    /// Waits until Loki is healthy, with progress in the log. The facts as last seen.
    async fn healthy(&self, deadline: Instant, report: &mut Diagnostics) -> Option<Facts> {
        let mut said = String::new();
        let mut stuck_since: Option<Instant> = None;
        loop {
            let facts = observe::gather(self.cluster, self.options).await;
            let health = loki::judge(self.options, &facts.observed);
            if health.state == State::Healthy {
                tracing::info!("the stack is healthy");
                return Some(facts);
            }
            let text = health.reasons.join("; ");
            if text != said {
                tracing::info!(state = health.state.as_str(), reasons = text, "waiting for the stack");
                said = text;
            }
            // A pod that crashes again and again, or waits for what cannot be had, will not recover by waiting longer.
            if facts.is_stuck() {
                stuck_since.get_or_insert_with(Instant::now);
            } else if !facts.is_waiting() {
                stuck_since = None;
            }
            let gave_up = stuck_since.is_some_and(|since| since.elapsed() >= PATIENCE);
            if gave_up || Instant::now() >= deadline {
                report.refuse(self.explain(&facts, &health, gave_up).await);
                return Some(facts);
            }
            if self.call.stopped("waiting for a healthy stack", report) {
                return Some(facts);
            }
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = self.call.stop.cancelled() => {}
            }
        }
    }

    async fn explain(&self, facts: &Facts, health: &loki::Health, gave_up: bool) -> Problem {
        let mut why = health.reasons.join("\n");
        let diagnosis = facts.diagnose(self.cluster).await;
        if !diagnosis.is_empty() {
            why.push_str("\n\n");
            why.push_str(&diagnosis);
        }
        match self.call.overdue().filter(|_| !gave_up) {
            Some(limit) => limit.problem("waiting for a healthy Loki", &why),
            None => Problem::new("Loki does not start").why(why).fix(
                "What was deployed is kept in the state, and the resource is tainted if it was being created. Mend the \
                 cause and apply again.",
            ),
        }
    }

    /// Deletes what the inventory holds; volumes only by the StatefulSet's own retention policy.
    pub(super) async fn delete(&self, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let Some(prior) = state.clone() else { return };
        let deadline = self.deadline();
        let mut inventory = inventory::of(&prior);
        for key in inventory::deletion_order(&inventory) {
            if self.call.stopped(&format!("deleting {key}"), report) {
                return;
            }
            if let Some(namespace) = key.strip_prefix(inventory::NAMESPACE) {
                match observe::leftovers(self.cluster, namespace).await {
                    Ok(left) if left.is_empty() => {}
                    Ok(left) => {
                        report.warn(
                            Problem::new(format!("The namespace {namespace:?} is kept"))
                                .why(format!("There is more in it than this stack made: {}.", left.join(", ")))
                                .fix("Delete it yourself (kubectl delete namespace) once nothing in it is needed."),
                        );
                        continue;
                    }
                    Err(error) => {
                        report.refuse(troubles::failed("The namespace cannot be read", &error));
                        return;
                    }
                }
            }
            // Foreground: a StatefulSet is gone only when its pods are, which have then flushed what they held.
            if let Err(error) = self.remove(&key, Propagation::Foreground, deadline).await {
                report.refuse(self.undeleted(&key, &error));
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
