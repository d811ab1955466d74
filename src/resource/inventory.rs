//! The objects that a resource has made in the cluster, as its state lists them.

use std::collections::BTreeMap;

use crate::kube::ObjectRef;
use crate::schema::Value;

/// Digest of the rendered object by its key, or what became of it.
pub(super) type Inventory = BTreeMap<String, Value<String>>;

/// What the names of Helm's records begin with.
pub(super) const HELM_RECORD: &str = "/sh.helm.release.v1.";

/// How it begins what is noted of an object of a Helm release that a stack has not taken over yet.
const OF_RELEASE: &str = "of the Helm release ";

/// What is noted of an object of a Helm release.
pub(super) fn of_release(release: &str) -> Value<String> {
    Value::Value(format!("{OF_RELEASE}{release}"))
}

/// Whether an object is a Helm release's still.
pub(super) fn is_of_release(noted: &Value<String>) -> bool {
    matches!(noted, Value::Value(text) if text.starts_with(OF_RELEASE))
}

/// How the key of a namespace begins.
pub(super) const NAMESPACE: &str = "Namespace//";

/// A state's inventory; empty for a state without one.
pub(super) fn of(objects: &Value<Inventory>) -> Inventory {
    objects.as_ref_option().cloned().unwrap_or_default()
}

/// The object of a key, `kind/namespace/name` with an empty middle at cluster scope; none for what is no key.
pub(super) fn object(key: &str) -> Option<ObjectRef> {
    let mut parts = key.splitn(3, '/');
    let (kind, namespace, name) = (parts.next()?, parts.next()?, parts.next()?);
    // The versions that the Loki room renders, and Helm's chart; keys leave them out so that a new version is no new object.
    let api_version = match kind {
        "StatefulSet" | "Deployment" | "DaemonSet" => "apps/v1",
        "PodDisruptionBudget" => "policy/v1",
        "NetworkPolicy" | "Ingress" => "networking.k8s.io/v1",
        "HTTPRoute" => "gateway.networking.k8s.io/v1",
        "PodMonitor" | "PrometheusRule" | "ServiceMonitor" => "monitoring.coreos.com/v1",
        "ClusterRole" | "ClusterRoleBinding" | "Role" | "RoleBinding" => "rbac.authorization.k8s.io/v1",
        "ScaledObject" => "keda.sh/v1alpha1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        _ => "v1",
    };
    Some(match namespace {
        "" => ObjectRef::cluster_scoped(api_version, kind, name),
        namespace => ObjectRef::namespaced(api_version, kind, namespace, name),
    })
}

/// Whether the key is that of what runs pods.
pub(super) fn is_workload(key: &str) -> bool {
    matches!(key.split('/').next(), Some("StatefulSet" | "Deployment" | "DaemonSet"))
}

/// The keys in the order in which they are deleted: workloads first, so that nothing misses what it needs while it
/// shuts down, the namespace last.
pub(super) fn deletion_order(inventory: &Inventory) -> Vec<String> {
    let rank = |key: &str| match key {
        key if is_workload(key) => 0,
        // By them a take-over that is cut off goes on.
        key if key.contains(HELM_RECORD) => 2,
        key if key.starts_with(NAMESPACE) => 3,
        _ => 1,
    };
    let mut keys: Vec<String> = inventory.keys().cloned().collect();
    keys.sort_by_key(|key| rank(key));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_object() {
        assert_eq!(object("Namespace//logs"), Some(ObjectRef::cluster_scoped("v1", "Namespace", "logs")));
        let set = ObjectRef::namespaced("apps/v1", "StatefulSet", "logs", "loki");
        assert_eq!(object("StatefulSet/logs/loki"), Some(set));
        assert_eq!(object("nonsense"), None);
    }

    #[test]
    fn workloads_go_first_and_the_namespace_last() {
        let record = "Secret/a/sh.helm.release.v1.b.v1";
        let keys = ["ConfigMap/a/b", "Namespace//a", "StatefulSet/a/b", "Service/a/b", record];
        let inventory = keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
        assert_eq!(
            deletion_order(&inventory),
            ["StatefulSet/a/b", "ConfigMap/a/b", "Service/a/b", record, "Namespace//a"]
        );
    }
}
