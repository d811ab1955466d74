//! Identity of a stack, and finding stacks.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::state::LokiStack;
use super::{Stack, observe, troubles};
use crate::kube::FIELD_MANAGER;
use crate::resource::provider::Connections;
use crate::resource::{Call, Found, ListResource, Listed};
use crate::schema::{Diagnostics, Report, Schematic, Value};

/// What names a stack in its cluster for ever.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct StackIdentity {
    /// Namespace of the stack.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the stack.
    #[attr(required)]
    pub name: Value<String>,
}

impl StackIdentity {
    /// That of a state, once it has both names.
    pub(super) fn of(state: &LokiStack) -> Option<Self> {
        let _both = state.namespace.as_ref_option().zip(state.name.as_ref_option())?;
        Some(Self { namespace: state.namespace.clone(), name: state.name.clone() })
    }

    /// The import id: `namespace/name`.
    pub(super) fn id(&self) -> String {
        let text = |value: &Value<String>| value.clone().unwrap_or_default();
        format!("{}/{}", text(&self.namespace), text(&self.name))
    }
}

/// Finds the stacks that this provider has deployed, by the label `app.kubernetes.io/managed-by`.
///
/// The user of the provider's `kubernetes` block needs `list` of configmaps in the namespace, or in all of them, and what reading `loki_stack` needs where whole objects are asked for.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LokiStackQuery {
    /// Namespace to look in. Without it: all of them.
    #[attr(optional)]
    pub namespace: Value<String>,
}

/// The list resource, over the provider's connections.
pub struct StackList {
    connections: Arc<Connections>,
}

impl StackList {
    /// The list resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl ListResource for StackList {
    type Config = LokiStackQuery;
    type Resource = Stack;

    async fn list(&self, call: &Call, config: &LokiStackQuery, found: &Found<Stack>, report: &mut Diagnostics) {
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        let selector = format!("app.kubernetes.io/name=loki,app.kubernetes.io/managed-by={FIELD_MANAGER}");
        let namespace = config.namespace.as_deref_option();
        let maps = match cluster.list("v1", "ConfigMap", namespace, Some(&selector)).await {
            Ok(maps) => maps,
            Err(error) => return report.refuse(troubles::failed(summary!("The stacks cannot be listed"), &error)),
        };
        // Each stack has one with its configuration, whatever its mode.
        let stacks: BTreeSet<(String, String)> = maps
            .iter()
            .map(|map| &map["metadata"])
            .filter_map(|it| Some((it["namespace"].as_str()?, it["name"].as_str()?.strip_suffix("-config")?)))
            .map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
            .collect();
        for (namespace, name) in stacks {
            let names = LokiStack {
                namespace: Value::Value(namespace.clone()),
                name: Value::Value(name.clone()),
                ..LokiStack::default()
            };
            let identity = StackIdentity::of(&names).unwrap_or_default();
            let mut state = names;
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
