//! `loki_health`: whether a stack is well, as data.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::loki_stack::deep::{self, Deep, Untested};
use super::loki_stack::examine::{self, examine, not_allowed};
use super::provider::Connections;
use super::timeouts::{self, Limit, ReadTimeouts, bounded};
use super::{Call, DataSource};
use crate::loki::health::State;
use crate::schema::{Diagnostics, Int, Problem, Report, Schematic, Value, at};

/// The health of a Grafana Loki stack, judged as `loki_stack` judges it: roll-outs, pods, readiness, ring and version.
///
/// Ill health is data and no error, so it suits `check` blocks, postconditions and the continuous validation of HCP
/// Terraform. It is read in every plan, and holds nothing that changes while nothing happens (no times, no latencies).
/// A cluster that cannot be asked is an error.
///
/// With `deep = true` each read **writes one line** to the stack and reads it back: the line has the label
/// `job="terraform-provider-loki"`, so there is one further stream for each tenant that is tested.
///
/// The user of the provider's `kubernetes` block needs `get` of statefulsets (`apps`), configmaps and services/proxy and
/// pods/proxy, and `list` of pods and events, in the namespace; with `deep` also `create` of services/proxy.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LokiHealth {
    /// Namespace of the stack.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the stack.
    #[attr(required)]
    pub name: Value<String>,
    /// Whether a line is pushed and read back as well.
    #[attr(optional, default = false)]
    pub deep: Value<bool>,
    /// Tenant (header `X-Scope-OrgID`) of the deep test. Without it a multi-tenant stack is tested as the tenant
    /// `terraform-provider-loki`.
    #[attr(optional)]
    pub tenant: Value<String>,
    /// Whether any other state than `healthy` is an error.
    #[attr(optional, default = false)]
    pub fail_unless_healthy: Value<bool>,
    /// How long it may take. Without it `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<ReadTimeouts>,
    /// Whether `state` is `healthy`.
    #[attr(computed)]
    pub healthy: Value<bool>,
    /// `healthy`, `progressing`, `degraded`, `failed`, or `unknown` where permissions hide what it depends on.
    #[attr(computed)]
    pub state: Value<String>,
    /// What is wrong, one sentence each.
    #[attr(computed)]
    pub reasons: Value<Vec<Value<String>>>,
    /// The components by name; a monolithic stack has one, `all`.
    #[attr(computed)]
    pub components: Value<BTreeMap<String, Value<ComponentHealth>>>,
    /// Version of the Loki that answers; null where none does.
    #[attr(computed)]
    pub version: Value<String>,
    /// Whether the pushed line was read back; null without `deep`.
    #[attr(computed)]
    pub readable: Value<bool>,
}

/// Health of a component.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ComponentHealth {
    /// State of the component, as that of the stack.
    #[attr(computed)]
    pub state: Value<String>,
    /// Replicas that its workload asks for.
    #[attr(computed)]
    pub replicas: Value<Int>,
    /// Replicas that are ready.
    #[attr(computed)]
    pub ready_replicas: Value<Int>,
}

/// Where `timeouts` says nothing.
const READ: Duration = Duration::from_mins(1);
/// The end of the deep test lies this much before that of the read, so that its failure is data.
const MARGIN: Duration = Duration::from_millis(500);

/// The data source, over the provider's connections.
pub struct Health {
    connections: Arc<Connections>,
}

impl Health {
    /// The data source over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn look(&self, call: &Call, limit: Limit, state: &mut LokiHealth, report: &mut Diagnostics) {
        let Some(cluster) = self.connections.kube(report).await.or_deferred(call).needed("Kubernetes", report) else {
            return;
        };
        let (namespace, name) = (state.namespace.clone().unwrap_or_default(), state.name.clone().unwrap_or_default());
        let mut found = match examine(&*cluster, &namespace, &name).await {
            Ok(found) => found,
            Err(problem) => return report.refuse(problem),
        };
        if state.deep == Value::Value(true) {
            let tenant = state.tenant.as_deref_option();
            let test = Deep { cluster: &*cluster, options: &found.options, tenant };
            let ends = limit.ends().checked_sub(MARGIN).unwrap_or(limit.ends()).min(Instant::now() + deep::PATIENCE);
            // A stack without a replica that could answer is not asked: the reason is known.
            let serves = found.components.values().any(|component| component.ready > 0);
            state.readable = Value::Value(serves);
            if serves {
                match test.run(ends, &|step| tracing::info!("{step}")).await {
                    Ok(()) => {}
                    Err(Untested::Failed(failure)) => {
                        state.readable = Value::Value(false);
                        found.health.failed_deep_test(&failure);
                    }
                    Err(Untested::NotAllowed(error)) => return report.refuse(not_allowed(&error).at(at("deep"))),
                }
            }
        }
        let health = found.health;
        let text = |text: &str| Value::Value(text.to_owned());
        state.healthy = Value::Value(health.state == State::Healthy);
        state.state = text(health.state.as_str());
        state.reasons = Value::Value(health.reasons.iter().map(|reason| text(reason)).collect());
        let component = |(component, found): (String, examine::Component)| {
            let health = ComponentHealth {
                state: text(found.state.as_str()),
                replicas: Value::Value(Int::Whole(found.replicas.into())),
                ready_replicas: Value::Value(Int::Whole(found.ready.into())),
            };
            (component, Value::Value(health))
        };
        state.components = Value::Value(found.components.into_iter().map(component).collect());
        state.version = found.version.into();
        if state.fail_unless_healthy == Value::Value(true) && health.state != State::Healthy {
            report.refuse(
                Problem::new(summary!("The stack {namespace}/{name} is {}", health.state.as_str()))
                    .at(at("fail_unless_healthy"))
                    .why(health.reasons.join("\n"))
                    .fix("Mend the cause, or leave fail_unless_healthy out to have the state as data."),
            );
        }
    }
}

#[async_trait]
impl DataSource for Health {
    type State = LokiHealth;
    const TYPE: &'static str = "loki_health";

    fn validate(&self, config: &LokiHealth, report: &mut Diagnostics) {
        if let Value::Value(given) = &config.timeouts {
            timeouts::validate([("read", &given.read)], report);
        }
        validate_tenant(&config.tenant, report);
    }

    async fn read(&self, call: &Call, state: &mut LokiHealth, report: &mut Diagnostics) {
        let given = state.timeouts.clone().unwrap_or_default();
        let limit = Limit::start("read", &given.read, READ);
        bounded(call, limit, report, async |call, report| self.look(call, limit, state, report).await).await;
    }
}

/// Refuses a tenant that cannot be one.
pub(super) fn validate_tenant(tenant: &Value<String>, report: &mut Diagnostics) {
    if matches!(tenant, Value::Value(tenant) if tenant.is_empty() || !tenant.is_ascii()) {
        report.refuse(Problem::new(summary!("This is no tenant")).at(at("tenant")).why(
            "Loki takes letters, digits and !-_.*'() of ASCII, at least one and 150 at most, for the name of a tenant.",
        ));
    }
}
