//! The pods of a component.

mod loki;

use serde_json::{Map, Value, json};

use super::common::{RING_MEMBER, labels, selector, texts};
use super::stateful_set::canonical;
use super::{canary, gateway, memcached};
use crate::loki::components::{Component, Kind, Program};
use crate::loki::json::unless_empty;
use crate::loki::options::{Options, ResourceList, Resources, Toleration};

pub use loki::data_volume;

/// Files of volumes: the process is their owner's neither as user nor as group everywhere.
pub const FILE_MODE: u32 = 0o644;

/// What is particular to the pods of one program.
pub struct Parts {
    /// Whom the process runs as.
    pub user: u32,
    /// The ServiceAccount; the namespace's default one, which has no rights, where the program needs no identity.
    pub account: Option<String>,
    pub labels: Map<String, Value>,
    pub annotations: Map<String, Value>,
    pub container: Value,
    pub volumes: Vec<Value>,
}

pub fn pod_template(options: &Options, component: &Component) -> Value {
    let parts = match component.program {
        Program::Loki => loki::parts(options, component),
        Program::Gateway => gateway::parts(options, component),
        Program::Memcached => memcached::parts(options, component),
        Program::Canary => canary::parts(options, component),
    };
    let pods = &component.pods;
    let mut own = texts(&pods.pod_labels);
    own.extend(parts.labels);
    own.extend(labels(options, Some(component)));
    if component.gossips {
        own.insert(RING_MEMBER.0.into(), RING_MEMBER.1.into());
    }
    let mut annotations = texts(&pods.pod_annotations);
    annotations.extend(parts.annotations);
    let mut volumes = parts.volumes;
    volumes.extend(pods.extra_volumes.iter().cloned());
    let mut container = parts.container;
    if let Some(mounts) = container["volumeMounts"].as_array_mut() {
        mounts.extend(pods.extra_volume_mounts.iter().cloned());
    } else if !pods.extra_volume_mounts.is_empty() {
        container["volumeMounts"] = pods.extra_volume_mounts.clone().into();
    }
    let pull_secrets: Vec<_> = options.image_pull_secrets.iter().map(|name| json!({"name": name})).collect();
    json!({
        "metadata": {"labels": own, "annotations": unless_empty(annotations)},
        "spec": {
            "serviceAccountName": parts.account,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": component.termination_grace_period_seconds,
            "securityContext": security_context(parts.user, &pods.security_context),
            "affinity": affinity(options, component),
            "topologySpreadConstraints": spread(options, component),
            "nodeSelector": unless_empty(texts(&pods.nodes())),
            "tolerations": (!pods.tolerated().is_empty()).then(|| tolerations(pods.tolerated())),
            "priorityClassName": pods.priority_class_name,
            "imagePullSecrets": (!pull_secrets.is_empty()).then_some(pull_secrets),
            "containers": [container],
            "volumes": (!volumes.is_empty()).then_some(volumes),
        },
    })
}

/// What the restricted Pod Security Standard asks of a pod, with what the user wants otherwise: OpenShift gives pods users
/// of its own, where none is named.
fn security_context(user: u32, other: &Value) -> Value {
    let mut context = json!({
        "runAsUser": user,
        "runAsGroup": user,
        "runAsNonRoot": true,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    });
    if let (Some(context), Some(other)) = (context.as_object_mut(), other.as_object()) {
        context.extend(other.clone());
    }
    context
}

/// What the restricted Pod Security Standard asks of a container, and more.
pub fn confined() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": true,
    })
}

pub fn port(name: &str, number: u16) -> Value {
    json!({"name": name, "containerPort": number, "protocol": "TCP"})
}

/// A probe by HTTP.
pub fn probe(port: &str, path: &str, period_seconds: u32, failure_threshold: u32) -> Value {
    json!({
        "httpGet": {"path": path, "port": port, "scheme": "HTTP"},
        "periodSeconds": period_seconds,
        "timeoutSeconds": 3,
        "successThreshold": 1,
        "failureThreshold": failure_threshold,
    })
}

pub fn mount(volume: &str, path: &str, read_only: bool) -> Value {
    json!({"name": volume, "mountPath": path, "readOnly": read_only.then_some(true)})
}

pub fn config_map_volume(volume: &str, name: String) -> Value {
    json!({"name": volume, "configMap": {"name": name, "defaultMode": FILE_MODE}})
}

pub fn secret_volume(volume: &str, name: &str) -> Value {
    json!({"name": volume, "secret": {"secretName": name, "defaultMode": FILE_MODE}})
}

/// What the user adds to a program's own variables.
pub fn extra_env(component: &Component) -> Vec<Value> {
    component.pods.extra_env.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// Requests and limits. Where only a limit is given, the API server takes it as the request too.
pub fn resources(given: &Resources) -> Value {
    let ResourceList { cpu, memory } = &given.requests;
    let limits = &given.limits;
    let list = |cpu: Option<&String>, memory: Option<&String>| {
        let amounts = [("cpu", cpu), ("memory", memory)];
        let given = amounts.into_iter().filter_map(|(name, amount)| Some((name, canonical(amount?))));
        unless_empty(given.map(|(name, amount)| (name.to_owned(), amount.into())).collect())
    };
    let mut resources = Map::new();
    resources.insert(
        "requests".into(),
        list(cpu.as_ref().or(limits.cpu.as_ref()), memory.as_ref().or(limits.memory.as_ref())),
    );
    resources.insert("limits".into(), list(limits.cpu.as_ref(), limits.memory.as_ref()));
    resources.retain(|_, list| !list.is_null());
    unless_empty(resources)
}

/// Spreads replicas over nodes, then over zones, as far as there are any.
fn affinity(options: &Options, component: &Component) -> Value {
    if !component.pods.affinity.is_null() || component.kind == Kind::DaemonSet {
        return component.pods.affinity.clone();
    }
    let apart = |topology: &str, weight: u32| {
        json!({
            "weight": weight,
            "podAffinityTerm": {
                "topologyKey": topology,
                "labelSelector": {"matchLabels": selector(options, Some(component))},
            },
        })
    };
    json!({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        apart("kubernetes.io/hostname", 100),
        apart("topology.kubernetes.io/zone", 50),
    ]}})
}

/// The user's constraints. Without a selector one would count no pods, so it counts the component's.
fn spread(options: &Options, component: &Component) -> Value {
    let constraint = |given: &Value| {
        let mut constraint = given.clone();
        if let Some(map) = constraint.as_object_mut() {
            map.entry("labelSelector").or_insert_with(|| json!({"matchLabels": selector(options, Some(component))}));
        }
        constraint
    };
    let constraints: Vec<_> = component.pods.topology_spread_constraints.iter().map(constraint).collect();
    if constraints.is_empty() { Value::Null } else { constraints.into() }
}

/// Tolerations in Kubernetes' own shape.
pub fn tolerations(given: &[Toleration]) -> Vec<Value> {
    let toleration = |toleration: &Toleration| {
        json!({
            "key": toleration.key,
            "operator": toleration.operator,
            "value": toleration.value,
            "effect": toleration.effect,
            "tolerationSeconds": toleration.toleration_seconds,
        })
    };
    given.iter().map(toleration).collect()
}
