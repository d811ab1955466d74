use serde_json::json;

use super::common::{metadata, selector};
use crate::loki::components::Component;
use crate::loki::object::Object;
use crate::loki::options::Options;

/// Lets drains take as many replicas as a quorum can miss, and always one: a budget that allows none
/// would block the node's drain for ever.
pub fn disruption_budget(options: &Options, component: &Component) -> Object {
    let whole = component.zone.as_ref().map(|_| Component {
        name: options.component_service_name(component.target),
        zone: None,
        ..component.clone()
    });
    let component = whole.as_ref().unwrap_or(component);
    Object::new(json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(options, &component.name, Some(component)),
        "spec": {
            "maxUnavailable": component.max_unavailable,
            "selector": {"matchLabels": selector(options, Some(component))},
        },
    }))
}
