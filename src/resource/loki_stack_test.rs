//! `loki_stack_test`: the deep test of a stack, on demand.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::loki_health::validate_tenant;
use super::loki_stack::deep::{self, Deep, Untested};
use super::loki_stack::examine::{examine, not_allowed};
use super::provider::Connections;
use super::timeouts::{self, InvokeTimeouts, Limit, bounded};
use super::{Action, Call, Progress};
use crate::loki::health::State;
use crate::schema::{Diagnostics, Problem, Report, Schematic, Value};

/// Tests a Grafana Loki stack from end to end: the replicas of each component, their readiness, the ring and the version;
/// then a line is pushed through the stack's service and read back. It tells of each step, and fails with the reason.
///
/// The line has the label `job="terraform-provider-loki"` and is all that the test writes.
///
/// The user of the provider's `kubernetes` block needs `get` of statefulsets (`apps`), configmaps and pods/proxy, `get`
/// and `create` of services/proxy, and `list` of pods and events, in the namespace.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct StackTest {
    /// Namespace of the stack.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the stack.
    #[attr(required)]
    pub name: Value<String>,
    /// Tenant (header `X-Scope-OrgID`) to test as. Without it a multi-tenant stack is tested as the tenant
    /// `terraform-provider-loki`.
    #[attr(optional)]
    pub tenant: Value<String>,
    /// How long it may take. Without it `invoke` has 2m.
    #[attr(optional)]
    pub timeouts: Value<InvokeTimeouts>,
}

/// Where `timeouts` says nothing.
const INVOKE: Duration = Duration::from_mins(2);

/// The action, over the provider's connections.
pub struct StackTestAction {
    connections: Arc<Connections>,
}

impl StackTestAction {
    /// The action over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn run(&self, limit: Limit, config: &StackTest, progress: &Progress, report: &mut Diagnostics) {
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        let (namespace, name) = (config.namespace.clone().unwrap_or_default(), config.name.clone().unwrap_or_default());
        let found = match examine(&*cluster, &namespace, &name).await {
            Ok(found) => found,
            Err(problem) => return report.refuse(problem),
        };
        for line in found.lines() {
            progress.say(line).await;
        }
        if found.health.state != State::Healthy {
            let why = [found.health.reasons.join("\n"), found.diagnose(&*cluster).await];
            let why: Vec<String> = why.into_iter().filter(|part| !part.is_empty()).collect();
            return report.refuse(
                Problem::new(summary!("The stack {namespace}/{name} is {}", found.health.state.as_str()))
                    .why(why.join("\n\n"))
                    .fix("Mend the cause, then test again. No line has been pushed."),
            );
        }
        let test = Deep { cluster: &*cluster, options: &found.options, tenant: config.tenant.as_deref_option() };
        let ends = limit.ends().min(Instant::now() + deep::PATIENCE);
        let (sender, mut steps) = tokio::sync::mpsc::unbounded_channel();
        let say = move |step| drop(sender.send(step));
        let tell = async {
            while let Some(step) = steps.recv().await {
                progress.say(step).await;
            }
        };
        // The channel ends with the test, and telling with the channel.
        let test = async move {
            let outcome = test.run(ends, &say).await;
            drop(say);
            outcome
        };
        match tokio::join!(test, tell).0 {
            Ok(()) => progress.say(format!("the stack {namespace}/{name} takes logs and returns them")).await,
            Err(Untested::NotAllowed(error)) => report.refuse(not_allowed(&error)),
            Err(Untested::Failed(failure)) => report.refuse(
                Problem::new(summary!("The stack {namespace}/{name} fails the test"))
                    .why(format!("{}.", failure.reason))
                    .fix(failure.fix),
            ),
        }
    }
}

#[async_trait]
impl Action for StackTestAction {
    type Config = StackTest;
    const TYPE: &'static str = "loki_stack_test";

    fn validate(&self, config: &StackTest, report: &mut Diagnostics) {
        if let Value::Value(given) = &config.timeouts {
            timeouts::validate([("invoke", &given.invoke)], report);
        }
        validate_tenant(&config.tenant, report);
    }

    async fn invoke(&self, call: &Call, config: &StackTest, progress: &Progress, report: &mut Diagnostics) {
        let given = config.timeouts.clone().unwrap_or_default();
        let limit = Limit::start("invoke", &given.invoke, INVOKE);
        let run = async |call: &Call, report: &mut Diagnostics| {
            let stopped = tokio::select! {
                () = self.run(limit, config, progress, report) => false,
                () = call.stop.cancelled() => true,
            };
            if stopped {
                call.stopped("testing the stack", report);
            }
        };
        bounded(call, limit, report, run).await;
    }
}
