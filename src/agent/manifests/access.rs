//! What an agent may ask the API server for: nothing, where it needs nothing.

use serde_json::{Value, json};

use super::{account, metadata};
use crate::agent::kind::Kind;
use crate::agent::options::{Options, Source};
use crate::loki::Object;

/// Whether the agents of the nodes ask the API server.
pub fn nodes_ask(options: &Options) -> bool {
    match options.kind {
        // Files are found without it; labels and annotations of pods are not.
        Kind::OtelCollector => options.sources().any(Source::needs_api),
        Kind::Alloy | Kind::Vector | Kind::Promtail | Kind::FluentBit => true,
    }
}

fn rules(options: &Options) -> Vec<Value> {
    let rule = |groups: &[&str], resources: &[&str], verbs: &[&str]| json!({"apiGroups": groups, "resources": resources, "verbs": verbs});
    let watched = ["get", "list", "watch"];
    let mut rules = Vec::new();
    if nodes_ask(options) {
        rules.push(match options.kind {
            // discovery.kubernetes and kubernetes_sd_configs of the role pod; k8s_attributes of one node's pods.
            Kind::Alloy | Kind::Promtail | Kind::OtelCollector => rule(&[""], &["pods"], &watched),
            Kind::Vector => rule(&[""], &["pods", "namespaces", "nodes"], &["list", "watch"]),
            Kind::FluentBit => rule(&[""], &["pods", "namespaces"], &watched),
        });
    }
    if options.events.is_some() {
        rules.push(rule(&["", "events.k8s.io"], &["events"], &watched));
        if options.kind == Kind::FluentBit {
            rules.push(rule(&[""], &["namespaces"], &watched));
        }
    }
    rules
}

/// ClusterRole and ClusterRoleBinding: pods of all namespaces are read. Their names hold the agent's namespace, as they
/// have none of their own.
pub fn access(options: &Options) -> Vec<Object> {
    let rules = rules(options);
    if rules.is_empty() {
        return Vec::new();
    }
    let name = format!("{}-{}", options.namespace, options.object_name());
    let mut metadata = metadata(options, &name, None);
    metadata["namespace"] = Value::Null;
    vec![
        Object::new(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules,
        })),
        Object::new(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": account(options), "namespace": options.namespace}],
        })),
    ]
}
