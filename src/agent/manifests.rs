//! The agent's Kubernetes objects.

mod access;
mod pod;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use self::pod::Role;
use super::config::{CA_FILE, CERTIFICATE_FILE, Files, files, secrets};
use super::kind::Kind;
use super::options::{Options, Secret};
use crate::loki::Object;
use crate::loki::json::unless_empty;
use crate::loki::manifests::{MANAGER, selector_text, texts, with_data};

/// Changes when the user says that the secrets have: some agents read them when they start only.
const VERSION: &str = "loki.grafana.com/credentials-version";

/// Every object of the agent, in the order of deployment. The options are taken to pass [`super::verify()`].
pub fn render(options: &Options) -> Vec<Object> {
    let Ok(files) = files(options) else { return Vec::new() };
    let mut objects = Vec::new();
    if options.create_namespace {
        objects.push(namespace(options));
    }
    if options.workload.create_service_account {
        objects.push(Object::new(json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata(options, &account(options), None),
            "automountServiceAccountToken": false,
        })));
    }
    objects.extend(access::access(options));
    objects.extend(secret(options));
    objects.push(config_map(options, &files));
    objects.extend(pod_monitor(options));
    objects.push(daemon_set(options, &files));
    objects.extend(files.events.as_ref().map(|_| events(options, &files)));
    objects
}

/// Labels that never change for an agent of a kind: what its DaemonSet selects by.
pub fn selector(options: &Options, role: Role) -> Map<String, Value> {
    let component = match role {
        Role::Node => "log-agent",
        Role::Events => "events-agent",
    };
    let mut labels = of_all(options);
    labels.insert("app.kubernetes.io/name".into(), options.kind.slug().into());
    labels.insert("app.kubernetes.io/component".into(), component.into());
    labels
}

/// [`selector`] of the nodes' pods as the API takes it.
pub fn node_selector_text(options: &Options) -> String {
    selector_text(&selector(options, Role::Node))
}

/// What all objects of an agent have, whatever its kind.
fn of_all(options: &Options) -> Map<String, Value> {
    let mut labels = Map::new();
    labels.insert("app.kubernetes.io/instance".into(), options.name.as_str().into());
    labels.insert("app.kubernetes.io/part-of".into(), "log-agent".into());
    labels
}

fn labels(options: &Options, role: Option<Role>) -> Map<String, Value> {
    let mut labels = texts(&options.workload.labels);
    labels.extend(role.map_or_else(|| of_all(options), |role| selector(options, role)));
    labels.insert("app.kubernetes.io/managed-by".into(), MANAGER.into());
    labels
}

fn metadata(options: &Options, name: &str, role: Option<Role>) -> Value {
    json!({
        "name": name,
        "namespace": options.namespace,
        "labels": labels(options, role),
        "annotations": unless_empty(texts(&options.workload.annotations)),
    })
}

/// Label of a namespace: what pods may do in it (<https://kubernetes.io/docs/concepts/security/pod-security-admission/>).
pub const POD_SECURITY: &str = "pod-security.kubernetes.io/enforce";

/// Pods that read the nodes' files are allowed in it.
fn namespace(options: &Options) -> Object {
    let mut labels = texts(&options.workload.labels);
    labels.insert("app.kubernetes.io/managed-by".into(), MANAGER.into());
    labels.insert(POD_SECURITY.into(), "privileged".into());
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": options.namespace, "labels": labels, "annotations": unless_empty(texts(&options.workload.annotations))},
    }))
}

fn account(options: &Options) -> String {
    options.workload.service_account.clone().unwrap_or_else(|| options.object_name())
}

/// The agent's own Secret; none where nothing was given.
fn secret(options: &Options) -> Option<Object> {
    let given: BTreeMap<String, String> = secrets(options)
        .into_iter()
        .filter_map(|(file, secret)| match secret {
            Secret::Given(text) => Some((file.to_owned(), text.clone())),
            Secret::Existing { .. } => None,
        })
        .collect();
    let version = options.credentials_version.iter().map(|it| (VERSION.to_owned(), it.as_str().into()));
    (!given.is_empty()).then(|| with_data(metadata(options, &options.secret_name(), None), &given, version))
}

fn config_map(options: &Options, files: &Files) -> Object {
    let mut data = Map::new();
    data.insert(options.kind.program().file.into(), files.nodes.as_str().into());
    if let Some(events) = &files.events {
        data.insert(events_file(options.kind), events.as_str().into());
    }
    data.extend(options.tls.ca.as_ref().map(|text| (CA_FILE.to_owned(), text.as_str().into())));
    data.extend(options.tls.certificate.as_ref().map(|text| (CERTIFICATE_FILE.to_owned(), text.as_str().into())));
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(options, &options.object_name(), None),
        "data": data,
    }))
}

fn events_file(kind: Kind) -> String {
    format!("events-{}", kind.program().file)
}

fn daemon_set(options: &Options, files: &Files) -> Object {
    let unavailable: Value = match options.workload.max_unavailable.parse::<u32>() {
        Ok(number) => number.into(),
        Err(_) => options.workload.max_unavailable.as_str().into(),
    };
    Object::new(json!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(options, &options.object_name(), Some(Role::Node)),
        "spec": {
            "selector": {"matchLabels": selector(options, Role::Node)},
            // Two agents of one node would write the same positions, so the old one goes first.
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": unavailable}},
            "revisionHistoryLimit": 10,
            "template": pod::template(options, Role::Node, &checksum(options, &files.nodes)),
        },
    }))
}

/// One pod reads events: each of several would send all.
fn events(options: &Options, files: &Files) -> Object {
    let text = files.events.as_deref().unwrap_or_default();
    Object::new(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(options, &format!("{}-events", options.object_name()), Some(Role::Events)),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": selector(options, Role::Events)},
            "strategy": {"type": "Recreate"},
            "revisionHistoryLimit": 10,
            "template": pod::template(options, Role::Events, &checksum(options, text)),
        },
    }))
}

/// What restarts the pods when their configuration changes.
fn checksum(options: &Options, text: &str) -> String {
    let tls = [&options.tls.ca, &options.tls.certificate].map(|text| text.as_deref().unwrap_or_default());
    hex::encode(Sha256::digest([text, tls[0], tls[1]].join("\0")))
}

fn pod_monitor(options: &Options) -> Option<Object> {
    let given = options.workload.pod_monitor.as_ref()?;
    let mut metadata = metadata(options, &options.object_name(), None);
    if let Some(labels) = metadata["labels"].as_object_mut() {
        labels.extend(texts(&given.labels));
    }
    Some(Object::new(json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": metadata,
        "spec": {
            "namespaceSelector": {"matchNames": [options.namespace]},
            "selector": {"matchLabels": selector(options, Role::Node)},
            "podMetricsEndpoints": [
                {"port": "http-metrics", "path": options.kind.program().metrics.1, "interval": given.interval},
            ],
        },
    })))
}
