//! Labels, selectors and metadata that all objects share.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::loki::components::Component;
use crate::loki::json::unless_empty;
use crate::loki::options::Options;

/// Value of `app.kubernetes.io/managed-by`.
pub const MANAGER: &str = "terraform-provider-loki";
/// Tells the workloads of a component that has one for each zone.
pub const ZONE_LABEL: &str = "loki.grafana.com/zone";
/// What makes a pod a member of the rings' gossip.
pub const RING_MEMBER: (&str, &str) = ("app.kubernetes.io/part-of", "memberlist");

/// Labels that never change for a stack: what services, workloads and budgets select by. Selectors
/// and claim templates of a StatefulSet are immutable, so nothing else may go in.
pub fn selector(options: &Options, component: Option<&Component>) -> Map<String, Value> {
    let mut labels = Map::new();
    labels.insert("app.kubernetes.io/name".into(), "loki".into());
    labels.insert("app.kubernetes.io/instance".into(), options.instance().into());
    if let Some(component) = component {
        labels.insert("app.kubernetes.io/component".into(), component.label.into());
        labels.extend(component.zone.as_ref().map(|zone| (ZONE_LABEL.to_owned(), zone.as_str().into())));
    }
    labels
}

/// [`selector`] as the API takes it: for a component's pods and claims, or all of the stack's objects.
pub fn label_selector(options: &Options, component: Option<&Component>) -> String {
    selector_text(&selector(options, component))
}

/// Labels as the API takes them to select by.
pub fn selector_text(labels: &Map<String, Value>) -> String {
    labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect::<Vec<_>>().join(",")
}

/// Every label of an object or pod. The user's come first, so that they replace none of the stack's.
pub fn labels(options: &Options, component: Option<&Component>) -> Map<String, Value> {
    let mut labels = texts(&options.labels);
    labels.extend(selector(options, component));
    labels.insert("app.kubernetes.io/version".into(), options.loki_version.as_str().into());
    labels.insert("app.kubernetes.io/managed-by".into(), MANAGER.into());
    labels
}

/// Metadata of a namespaced object.
pub fn metadata(options: &Options, name: &str, component: Option<&Component>) -> Value {
    json!({
        "name": name,
        "namespace": options.namespace,
        "labels": labels(options, component),
        "annotations": unless_empty(texts(&options.annotations)),
    })
}

pub fn texts(map: &BTreeMap<String, String>) -> Map<String, Value> {
    map.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()
}
