use serde_json::{Value, json};

use super::common::{metadata, selector};
use super::pod::{data_volume, pod_template};
use crate::loki::components::Component;
use crate::loki::object::Object;
use crate::loki::options::Options;
use crate::loki::quantity::Quantity;

/// A component whose replicas keep their names and volumes.
pub fn stateful_set(options: &Options, component: &Component) -> Object {
    let persistence = &component.persistence;
    Object::new(json!({
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(options, &component.name, Some(component)),
        "spec": {
            // Whoever scales it owns the number.
            "replicas": component.pods.autoscaling.is_none().then_some(component.replicas),
            "serviceName": component.headless_service_name(),
            "selector": {"matchLabels": selector(options, Some(component))},
            // Replicas wait for each other in the ring; starting one by one, the first never is ready.
            "podManagementPolicy": "Parallel",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "revisionHistoryLimit": 10,
            // Never on scale-down: a stack scaled to zero for a while must find its data again.
            "persistentVolumeClaimRetentionPolicy": persistence.enabled.then(|| json!({
                "whenDeleted": if persistence.retain { "Retain" } else { "Delete" },
                "whenScaled": "Retain",
            })),
            "template": pod_template(options, component),
            "volumeClaimTemplates": persistence.enabled.then(|| json!([claim(options, component)])),
        },
    }))
}

/// The claim of each replica. The list is compared as a whole, so it holds what the API server fills
/// in; only labels that never change, since the template cannot.
fn claim(options: &Options, component: &Component) -> Value {
    let persistence = &component.persistence;
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": data_volume(options, component), "labels": selector(options, Some(component))},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": canonical(&persistence.size)}},
            "storageClassName": persistence.storage_class,
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    })
}

/// The API server's form of a quantity, and the text itself where it is none.
pub fn canonical(quantity: &str) -> String {
    Quantity::parse(quantity).map_or_else(|| quantity.to_owned(), Quantity::canonical)
}
