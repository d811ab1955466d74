//! Identity of an agent, and finding agents.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{LogAgent, LogAgentResource, observe};
use crate::kube::FIELD_MANAGER;
use crate::resource::loki_stack::troubles;
use crate::resource::provider::Connections;
use crate::resource::{Call, Found, ListResource, Listed};
use crate::schema::{Diagnostics, Report, Schematic, Value};

/// What names an agent in its cluster for ever.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct AgentIdentity {
    /// Namespace of the agent.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the agent.
    #[attr(required)]
    pub name: Value<String>,
}

impl AgentIdentity {
    /// That of a state, once it has both names.
    pub(super) fn of(state: &LogAgent) -> Option<Self> {
        let _both = state.namespace.as_ref_option().zip(state.name.as_ref_option())?;
        Some(Self { namespace: state.namespace.clone(), name: state.name.clone() })
    }

    /// The import id: `namespace/name`.
    pub(super) fn id(&self) -> String {
        let text = |value: &Value<String>| value.clone().unwrap_or_default();
        format!("{}/{}", text(&self.namespace), text(&self.name))
    }
}

/// Finds the log agents that this provider has deployed, by the label `app.kubernetes.io/managed-by`.
///
/// The user of the provider's `kubernetes` block needs `list` of daemonsets (`apps`) in the namespace, or in all of them, and
/// what reading `loki_log_agent` needs where whole objects are asked for.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LogAgentQuery {
    /// Namespace to look in. Without it: all of them.
    #[attr(optional)]
    pub namespace: Value<String>,
}

/// The list resource, over the provider's connections.
pub struct LogAgentList {
    connections: Arc<Connections>,
}

impl LogAgentList {
    /// The list resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl ListResource for LogAgentList {
    type Config = LogAgentQuery;
    type Resource = LogAgentResource;

    async fn list(
        &self,
        call: &Call,
        config: &LogAgentQuery,
        found: &Found<LogAgentResource>,
        report: &mut Diagnostics,
    ) {
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        let selector = format!("app.kubernetes.io/part-of=log-agent,app.kubernetes.io/managed-by={FIELD_MANAGER}");
        let namespace = config.namespace.as_deref_option();
        let sets = match cluster.list("apps/v1", "DaemonSet", namespace, Some(&selector)).await {
            Ok(sets) => sets,
            Err(error) => return report.refuse(troubles::failed(summary!("The log agents cannot be listed"), &error)),
        };
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let agents: BTreeSet<(String, String)> = sets
            .iter()
            .map(|set| &set["metadata"])
            .filter_map(|it| Some((text(&it["namespace"])?, text(&it["labels"]["app.kubernetes.io/instance"])?)))
            .collect();
        for (namespace, name) in agents {
            let mut state = LogAgent {
                namespace: Value::Value(namespace.clone()),
                name: Value::Value(name.clone()),
                ..LogAgent::default()
            };
            let identity = AgentIdentity::of(&state).unwrap_or_default();
            if found.wants_state() {
                let mut said = Diagnostics::default();
                let adopted = observe::adopt(&*cluster, &namespace, &name, &mut said).await;
                state = adopted.unwrap_or(state);
                let there = observe::refresh(call, &*cluster, &mut state, &mut said).await;
                report.warnings.append(&mut said.errors);
                if !there {
                    continue;
                }
            }
            let listed = Listed { identity, display_name: format!("{namespace}/{name}"), state: Some(state) };
            if !found.tell(listed).await {
                return;
            }
        }
    }
}
