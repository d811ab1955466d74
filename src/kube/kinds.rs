//! Kind to resource: `StatefulSet` is `statefulsets` and lives in a namespace.

/// How the API addresses a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) plural: String,
    pub(super) namespaced: bool,
}

/// Group, kind, plural, namespaced: the kinds that the provider renders or looks at. Others are discovered.
const KNOWN: &[(&str, &str, &str, bool)] = &[
    ("", "ConfigMap", "configmaps", true),
    ("", "Event", "events", true),
    ("", "LimitRange", "limitranges", true),
    ("", "Namespace", "namespaces", false),
    ("", "Node", "nodes", false),
    ("", "PersistentVolume", "persistentvolumes", false),
    ("", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("", "Pod", "pods", true),
    ("", "ResourceQuota", "resourcequotas", true),
    ("", "Secret", "secrets", true),
    ("", "Service", "services", true),
    ("", "ServiceAccount", "serviceaccounts", true),
    ("apps", "ControllerRevision", "controllerrevisions", true),
    ("apps", "DaemonSet", "daemonsets", true),
    ("apps", "Deployment", "deployments", true),
    ("apps", "ReplicaSet", "replicasets", true),
    ("apps", "StatefulSet", "statefulsets", true),
    ("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
    ("batch", "CronJob", "cronjobs", true),
    ("batch", "Job", "jobs", true),
    ("discovery.k8s.io", "EndpointSlice", "endpointslices", true),
    ("networking.k8s.io", "Ingress", "ingresses", true),
    ("networking.k8s.io", "IngressClass", "ingressclasses", false),
    ("networking.k8s.io", "NetworkPolicy", "networkpolicies", true),
    ("policy", "PodDisruptionBudget", "poddisruptionbudgets", true),
    ("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", false),
    ("rbac.authorization.k8s.io", "Role", "roles", true),
    ("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", true),
    ("scheduling.k8s.io", "PriorityClass", "priorityclasses", false),
    ("storage.k8s.io", "StorageClass", "storageclasses", false),
];

/// `apps/v1` to `apps`, `v1` to the core group's empty name.
pub(super) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The resource of a kind that needs no discovery.
pub(super) fn known(api_version: &str, kind: &str) -> Option<Resource> {
    let group = group(api_version);
    let row = KNOWN.iter().find(|row| (row.0, row.1) == (group, kind))?;
    Some(Resource { plural: row.2.into(), namespaced: row.3 })
}

/// The plural of a kind: that of the table, and by the rule that all others follow.
pub(super) fn plural(api_version: &str, kind: &str) -> String {
    if let Some(resource) = known(api_version, kind) {
        return resource.plural;
    }
    let lower = kind.to_lowercase();
    match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if lower.ends_with('s') => format!("{lower}es"),
        None => format!("{lower}s"),
    }
}

/// Path of a group version: `/apis/apps/v1`, `/api/v1`.
pub(super) fn root(api_version: &str) -> String {
    if group(api_version).is_empty() { format!("/api/{api_version}") } else { format!("/apis/{api_version}") }
}

/// Picks a kind out of an `APIResourceList`; subresources repeat their parent's kind under `plural/name`.
pub(super) fn discovered(list: &serde_json::Value, kind: &str) -> Option<Resource> {
    let resources = list["resources"].as_array()?;
    let name = |one: &serde_json::Value| one["name"].as_str().unwrap_or_default().to_owned();
    let one = resources.iter().find(|one| one["kind"] == kind && !name(one).contains('/'))?;
    Some(Resource { plural: name(one), namespaced: one["namespaced"].as_bool()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_tell_kinds_of_one_name_apart() {
        assert!(known("v1", "Event").is_some() && known("example.com/v1", "Event").is_none());
        assert_eq!(known("apps/v1", "StatefulSet").unwrap().plural, "statefulsets");
        assert_eq!((root("v1"), root("apps/v1")), ("/api/v1".into(), "/apis/apps/v1".into()));
    }

    #[test]
    fn discovery_skips_subresources() {
        let list = json!({"resources": [
            {"name": "widgets/scale", "kind": "Widget", "namespaced": true},
            {"name": "widgets", "kind": "Widget", "namespaced": false},
        ]});
        assert_eq!(discovered(&list, "Widget"), Some(Resource { plural: "widgets".into(), namespaced: false }));
        assert_eq!(discovered(&list, "Gadget"), None);
    }
}
