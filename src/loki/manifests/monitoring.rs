//! What watches over the stack from outside: the Prometheus Operator's objects, and what Grafana's sidecars pick up.

mod alerts;
mod dashboard;

use serde_json::{Value, json};

use super::common::{metadata, selector, texts};
use crate::loki::config::yaml_text;
use crate::loki::object::Object;
use crate::loki::options::{Datasource, Grafana, Options, PodMonitor};
use crate::loki::outputs::outputs;

/// What is asked for of it.
pub fn monitoring(options: &Options) -> Vec<Object> {
    let given = &options.monitoring;
    let mut objects = Vec::new();
    objects.extend(given.pod_monitor.as_ref().map(|given| pod_monitor(options, given)));
    objects.extend(given.alerts.as_ref().map(|given| alerts::rule(options, given)));
    if let Some(grafana) = &given.grafana {
        objects.extend(grafana.datasource.as_ref().map(|given| datasource(options, grafana, given)));
        objects.extend(grafana.dashboards.then(|| dashboards(options, grafana)));
    }
    objects
}

/// The matchers of the stack's own series, by the labels that its PodMonitor gives them.
fn series(options: &Options) -> String {
    format!("namespace=\"{0}\", job=~\"{0}/{1}-.*\"", options.namespace, options.name)
}

/// Metadata with further labels.
fn labelled(options: &Options, name: &str, labels: &std::collections::BTreeMap<String, String>) -> Value {
    let mut metadata = metadata(options, name, None);
    let mut all = texts(labels);
    all.extend(metadata["labels"].as_object().cloned().unwrap_or_default());
    metadata["labels"] = all.into();
    metadata
}

/// Pods, not services: of Loki's services two select each pod, and the canary has none.
fn pod_monitor(options: &Options, given: &PodMonitor) -> Object {
    Object::new(json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": labelled(options, &options.name, &given.labels),
        "spec": {
            "namespaceSelector": {"matchNames": [options.namespace]},
            "selector": {"matchLabels": selector(options, None)},
            "podMetricsEndpoints": [{
                "port": "http-metrics",
                "path": "/metrics",
                "interval": given.interval,
                // The labels of Loki's own dashboards and alerts (production/loki-mixin).
                "relabelings": [
                    {
                        "action": "replace",
                        "sourceLabels": ["__meta_kubernetes_namespace", "__meta_kubernetes_pod_label_app_kubernetes_io_component"],
                        "separator": format!("/{}-", options.name),
                        "targetLabel": "job",
                    },
                    {"action": "replace", "replacement": options.name, "targetLabel": "cluster"},
                ],
            }],
        },
    }))
}

/// <https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources>
fn datasource(options: &Options, grafana: &Grafana, given: &Datasource) -> Object {
    let name = given.name.as_deref().unwrap_or(&options.name);
    let tenant = given.tenant.as_ref();
    let password = given.password_variable.as_ref().map(|variable| format!("$__env{{{variable}}}"));
    let source = json!({
        "name": name,
        "uid": format!("loki-{}-{}", options.namespace, options.name),
        "type": "loki",
        "access": "proxy",
        "url": outputs(options).query_url,
        "basicAuth": given.user.is_some().then_some(true),
        "basicAuthUser": given.user,
        "jsonData": {"maxLines": 1000, "httpHeaderName1": tenant.map(|_| "X-Scope-OrgID")},
        // Grafana keeps headers there; a tenant's ID is no secret.
        "secureJsonData": {"httpHeaderValue1": tenant, "basicAuthPassword": password},
    });
    let text = yaml_text(&crate::loki::json::without_nulls(json!({"apiVersion": 1, "datasources": [source]})));
    config_map(options, grafana, "datasource", "grafana_datasource", "loki.yaml", text)
}

fn dashboards(options: &Options, grafana: &Grafana) -> Object {
    config_map(
        options,
        grafana,
        "dashboards",
        "grafana_dashboard",
        "loki.json",
        dashboard::overview(options).to_string(),
    )
}

/// `label` is by which the sidecars of Grafana's chart know it.
fn config_map(options: &Options, grafana: &Grafana, what: &str, label: &str, file: &str, text: String) -> Object {
    let mut labels = grafana.labels.clone();
    labels.insert(label.to_owned(), "1".to_owned());
    let file = format!("{}-{}-{file}", options.namespace, options.name);
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": labelled(options, &format!("{}-grafana-{what}", options.name), &labels),
        "data": {file: text},
    }))
}
