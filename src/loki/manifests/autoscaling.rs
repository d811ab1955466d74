//! Who scales a component by its load: Kubernetes' own autoscaler, or KEDA where there are triggers for it.

use serde_json::{Value, json};

use super::common::metadata;
use crate::loki::components::Component;
use crate::loki::object::Object;
use crate::loki::options::{Autoscaling, Options};

/// None for a component with a fixed number of pods.
pub fn autoscaler(options: &Options, component: &Component) -> Option<Object> {
    let scaling = component.pods.autoscaling.as_ref()?;
    let target = json!({"apiVersion": "apps/v1", "kind": component.kind.as_str(), "name": component.name});
    Some(if scaling.keda_triggers.is_empty() {
        horizontal(options, component, scaling, target)
    } else {
        keda(options, component, scaling, target)
    })
}

fn horizontal(options: &Options, component: &Component, scaling: &Autoscaling, target: Value) -> Object {
    let metric = |name: &str, percent: u32| {
        json!({"type": "Resource", "resource": {
            "name": name,
            "target": {"type": "Utilization", "averageUtilization": percent},
        }})
    };
    let mut metrics = Vec::new();
    metrics.extend(scaling.cpu_percent.map(|percent| metric("cpu", percent)));
    metrics.extend(scaling.memory_percent.map(|percent| metric("memory", percent)));
    Object::new(json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(options, &component.name, Some(component)),
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": component.replicas,
            "maxReplicas": scaling.max_replicas,
            "metrics": metrics,
            "behavior": {"scaleDown": slowly(component)},
        },
    }))
}

/// A pod that leaves writes what it holds to the store first, and only so many copies of a line may be away.
fn slowly(component: &Component) -> Value {
    let seconds = component.termination_grace_period_seconds.max(60);
    json!({
        "stabilizationWindowSeconds": 300,
        "selectPolicy": "Min",
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": seconds}],
    })
}

fn keda(options: &Options, component: &Component, scaling: &Autoscaling, target: Value) -> Object {
    Object::new(json!({
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": metadata(options, &component.name, Some(component)),
        "spec": {
            "scaleTargetRef": target,
            "minReplicaCount": component.replicas,
            "maxReplicaCount": scaling.max_replicas,
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": slowly(component)}}},
            "triggers": scaling.keda_triggers,
        },
    }))
}
