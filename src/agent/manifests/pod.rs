//! The agent's pods.

use serde_json::{Value, json};

use super::access::nodes_ask;
use super::{account, events_file, labels, selector};
use crate::agent::alloy;
use crate::agent::config::{CONFIG, CREDENTIALS, DATA, PROMTAIL_DATA, secrets};
use crate::agent::kind::Kind;
use crate::agent::options::{Auth, Options, Secret};
use crate::loki::json::unless_empty;
use crate::loki::manifests::{FILE_MODE, confined, mount, port, probe, resources, texts, tolerations};

/// What a pod of the agent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It reads the files of its node.
    Node,
    /// It reads the cluster's events.
    Events,
}

/// Files of a node's logs; links in it may lead out of it.
const LOGS: &str = "/var/log";

/// The template of the pods.
pub fn template(options: &Options, role: Role, checksum: &str) -> Value {
    let pods = &options.workload;
    let mut own = labels(options, Some(role));
    own.extend(selector(options, role));
    let mut annotations = texts(&pods.pod_annotations);
    annotations.insert("checksum/config".into(), checksum.into());
    let version = options.credentials_version.as_deref();
    annotations.extend(version.map(|version| (super::VERSION.to_owned(), version.into())));
    let pull_secrets: Vec<_> = options.image_pull_secrets.iter().map(|name| json!({"name": name})).collect();
    // Every node has logs, whatever else may not run there.
    let tolerated = pods.tolerations.as_deref().map(tolerations);
    let all = (role == Role::Node).then(|| vec![json!({"operator": "Exists"})]);
    let spec = json!({
        "serviceAccountName": account(options),
        "automountServiceAccountToken": role == Role::Events || nodes_ask(options),
        "enableServiceLinks": false,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {"runAsUser": 0, "runAsGroup": 0, "seccompProfile": {"type": "RuntimeDefault"}},
        "nodeSelector": unless_empty(texts(&pods.node_selector)),
        "tolerations": tolerated.or(all),
        "priorityClassName": pods.priority_class_name,
        "imagePullSecrets": (!pull_secrets.is_empty()).then_some(pull_secrets),
        "containers": [container(options, role)],
        "volumes": volumes(options, role),
    });
    json!({"metadata": {"labels": own, "annotations": annotations}, "spec": spec})
}

fn container(options: &Options, role: Role) -> Value {
    let program = options.kind.program();
    let (ready, path) = program.ready;
    let (metrics, _) = program.metrics;
    let mut ports = vec![port("http-metrics", metrics)];
    if ready != metrics {
        ports.push(port("http-ready", ready));
    }
    let ready_port = if ready == metrics { "http-metrics" } else { "http-ready" };
    let file = match role {
        Role::Node => program.file.to_owned(),
        Role::Events => events_file(options.kind),
    };
    json!({
        "name": "agent",
        "image": options.image_reference(),
        "imagePullPolicy": "IfNotPresent",
        // The image's own command would come with a configuration of its own.
        "command": (options.kind == Kind::FluentBit).then(|| json!(["/fluent-bit/bin/fluent-bit"])),
        "args": arguments(options, &format!("{CONFIG}/{file}")),
        "env": env(options),
        "ports": ports,
        "readinessProbe": probe(ready_port, path, 5, 3),
        "resources": resources(&options.workload.resources),
        "securityContext": security(&options.workload.security_context),
        "volumeMounts": mounts(options, role),
    })
}

/// Root, to whom the nodes' logs belong, without any of its powers.
fn security(other: &Value) -> Value {
    let mut context = confined();
    if let (Some(context), Some(other)) = (context.as_object_mut(), other.as_object()) {
        context.extend(other.clone());
    }
    context
}

fn arguments(options: &Options, file: &str) -> Vec<String> {
    match options.kind {
        Kind::Alloy => alloy::arguments(options, file),
        Kind::OtelCollector => vec![format!("--config={file}")],
        Kind::Vector => vec!["--config".to_owned(), file.to_owned()],
        Kind::Promtail => vec![format!("-config.file={file}"), "-config.expand-env=true".to_owned()],
        Kind::FluentBit => vec![format!("--config={file}")],
    }
}

fn env(options: &Options) -> Vec<Value> {
    let field = |name: &str, path: &str| json!({"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}});
    let mut env = vec![field("NODE_NAME", "spec.nodeName")];
    match options.kind {
        Kind::Vector => env.push(field("VECTOR_SELF_NODE_NAME", "spec.nodeName")),
        // Promtail reads the files of targets alone that are on the host of that name.
        Kind::Promtail => env.push(field("HOSTNAME", "spec.nodeName")),
        // It reads no secret from a file.
        Kind::FluentBit => {
            let secret = match &options.auth {
                Auth::None => None,
                Auth::Basic { password, .. } => Some(("PASSWORD", "password", password)),
                Auth::Bearer(token) => Some(("TOKEN", "token", token)),
            };
            env.extend(secret.map(|(name, file, secret)| {
                let (of, key) = place(options, file, secret);
                json!({"name": name, "valueFrom": {"secretKeyRef": {"name": of, "key": key}}})
            }));
        }
        Kind::Alloy | Kind::OtelCollector => {}
    }
    env
}

/// Name and key of a secret.
fn place(options: &Options, file: &str, secret: &Secret) -> (String, String) {
    match secret {
        Secret::Given(_) => (options.secret_name(), file.to_owned()),
        Secret::Existing { name, key } => (name.clone(), key.clone()),
    }
}

fn mounts(options: &Options, role: Role) -> Vec<Value> {
    let mut mounts = vec![mount("config", CONFIG, true)];
    if !secrets(options).is_empty() {
        mounts.push(mount("credentials", CREDENTIALS, true));
    }
    mounts.push(mount("tmp", "/tmp", false));
    if role == Role::Events {
        mounts.push(mount("data", DATA, false));
        return mounts;
    }
    let within = |path: &str, folder: &str| json!({"name": "data", "mountPath": path, "subPath": folder});
    mounts.push(within(DATA, &options.kind.slug()));
    if options.kind == Kind::Alloy {
        mounts.push(within(PROMTAIL_DATA, &Kind::Promtail.slug()));
    }
    mounts.push(mount("logs", LOGS, true));
    for (index, path) in further(options).iter().enumerate() {
        mounts.push(mount(&format!("host-{index}"), path, true));
    }
    mounts
}

/// Further folders of the node.
fn further(options: &Options) -> Vec<String> {
    let mut paths = options.workload.host_paths.clone();
    paths.push(options.pod_logs.clone());
    if let Some(journal) = &options.journal {
        paths.push(journal.path.clone());
        // By it journald's files are told from those of other machines.
        paths.push("/etc/machine-id".to_owned());
    }
    let folder =
        |audit: &crate::agent::options::Audit| audit.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    paths.extend(options.audit.as_ref().and_then(folder));
    // What is below the logs is there already.
    paths.retain(|path| path != LOGS && !path.starts_with("/var/log/"));
    paths.sort();
    paths.dedup();
    paths
}

fn volumes(options: &Options, role: Role) -> Vec<Value> {
    let mut volumes =
        vec![json!({"name": "config", "configMap": {"name": options.object_name(), "defaultMode": FILE_MODE}})];
    let mut sources: Vec<(String, Vec<Value>)> = Vec::new();
    for (file, secret) in secrets(options) {
        let (of, key) = place(options, file, secret);
        let item = json!({"key": key, "path": file});
        match sources.iter_mut().find(|(name, _)| *name == of) {
            Some((_, items)) => items.push(item),
            None => sources.push((of, vec![item])),
        }
    }
    if !sources.is_empty() {
        let projected: Vec<_> =
            sources.into_iter().map(|(name, items)| json!({"secret": {"name": name, "items": items}})).collect();
        volumes.push(json!({"name": "credentials", "projected": {"sources": projected, "defaultMode": FILE_MODE}}));
    }
    volumes.push(json!({"name": "tmp", "emptyDir": {}}));
    let host = |name: &str, path: &str, kind: &str| json!({"name": name, "hostPath": {"path": path, "type": kind}});
    if role == Role::Events {
        volumes.push(json!({"name": "data", "emptyDir": {}}));
        return volumes;
    }
    let data = format!("/var/lib/{}-{}", options.namespace, options.name);
    volumes.push(host("data", &data, "DirectoryOrCreate"));
    volumes.push(host("logs", LOGS, ""));
    volumes.extend(further(options).iter().enumerate().map(|(index, path)| host(&format!("host-{index}"), path, "")));
    volumes
}
