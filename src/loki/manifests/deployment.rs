use serde_json::json;

use super::common::{metadata, selector};
use super::pod::pod_template;
use crate::loki::components::Component;
use crate::loki::object::Object;
use crate::loki::options::Options;

/// A component of which any replica is as good as another.
pub fn deployment(options: &Options, component: &Component) -> Object {
    Object::new(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(options, &component.name, Some(component)),
        "spec": {
            // Whoever scales it owns the number.
            "replicas": component.pods.autoscaling.is_none().then_some(component.replicas),
            "selector": {"matchLabels": selector(options, Some(component))},
            // A new pod serves before an old one goes: also a single replica is updated without a gap.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "revisionHistoryLimit": 10,
            "template": pod_template(options, component),
        },
    }))
}
