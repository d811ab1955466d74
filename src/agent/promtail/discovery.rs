//! Which pods are read, and what of them becomes a label: Prometheus' discovery of Kubernetes' pods.

use serde_json::{Value, json};

use super::plain;
use crate::agent::options::{Options, Source};

/// Discovery of the node's own pods alone: the API server has little to send.
pub fn pods(options: &Options) -> Value {
    let namespaces = &options.pods.namespaces;
    json!({
        "role": "pod",
        "namespaces": (!namespaces.is_empty()).then(|| json!({"names": namespaces})),
        "selectors": [{
            "role": "pod",
            "field": format!("spec.nodeName=${{NODE_NAME}}{}", selector_fields(options).map(|it| plain(&it)).unwrap_or_default()),
            "label": options.pods.label_selector.as_deref().map(plain),
        }],
    })
}

/// Further terms of the field selector, each after a comma: namespaces that are not read, and what the user wants.
pub fn selector_fields(options: &Options) -> Option<String> {
    let excluded = options.pods.exclude_namespaces.iter().map(|it| format!(",metadata.namespace!={it}"));
    let own = options.pods.field_selector.iter().map(|it| format!(",{it}"));
    let text: String = excluded.chain(own).collect();
    (!text.is_empty()).then_some(text)
}

/// The label of discovery that holds it; none for what a stage of the pipeline finds.
pub fn meta(source: &Source) -> Option<String> {
    let clean = |key: &str| key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
    Some(match source {
        Source::Namespace => "__meta_kubernetes_namespace".into(),
        Source::Pod => "__meta_kubernetes_pod_name".into(),
        Source::Container => "__meta_kubernetes_pod_container_name".into(),
        Source::Node => "__meta_kubernetes_pod_node_name".into(),
        Source::Uid => "__meta_kubernetes_pod_uid".into(),
        Source::Label(key) => format!("__meta_kubernetes_pod_label_{}", clean(key)),
        Source::Annotation(key) => format!("__meta_kubernetes_pod_annotation_{}", clean(key)),
        Source::Stream | Source::Filename => return None,
    })
}

/// Rules that name each container's files, and make labels of what is known.
pub fn relabel(options: &Options) -> Vec<Value> {
    let files = if options.decompress { "*{.log,.gz}" } else { "*.log" };
    // A label cannot be named in these rules but by a group, whose dollar sign is not a variable's.
    let path = format!("{}/*$$1/{files}", plain(&options.pod_logs));
    let mut rules = vec![
        json!({"source_labels": ["__meta_kubernetes_pod_node_name"], "target_label": "__host__"}),
        json!({
            "source_labels": ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"],
            "separator": "/", "target_label": "__path__", "replacement": path,
        }),
        // Pods that the kubelet makes of its own files have another name there.
        json!({
            "source_labels": [
                "__meta_kubernetes_pod_annotationpresent_kubernetes_io_config_hash",
                "__meta_kubernetes_pod_annotation_kubernetes_io_config_hash",
                "__meta_kubernetes_pod_container_name",
            ],
            "separator": "/", "regex": "true/(.*)", "target_label": "__path__", "replacement": path,
        }),
    ];
    for (label, source) in options.kubernetes_labels.iter().chain(&options.structured_metadata) {
        rules.extend(meta(source).map(|meta| json!({"source_labels": [meta], "target_label": label})));
    }
    rules.extend(options.relabel.iter().map(|rule| {
        json!({
            "source_labels": (!rule.source_labels.is_empty()).then_some(&rule.source_labels),
            "separator": rule.separator.as_deref().map(plain),
            "regex": rule.regex.as_deref().map(plain),
            "action": rule.action,
            "target_label": rule.target_label,
            "replacement": rule.replacement.as_deref().map(plain),
        })
    }));
    rules
}
