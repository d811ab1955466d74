use serde_json::json;

use super::common::{metadata, selector};
use super::pod::pod_template;
use crate::loki::components::Component;
use crate::loki::object::Object;
use crate::loki::options::Options;

/// A component with a pod on each node.
pub fn daemon_set(options: &Options, component: &Component) -> Object {
    Object::new(json!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(options, &component.name, Some(component)),
        "spec": {
            "selector": {"matchLabels": selector(options, Some(component))},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
            "revisionHistoryLimit": 10,
            "template": pod_template(options, component),
        },
    }))
}
