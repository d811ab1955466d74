//! The OpenTelemetry Collector's configuration (<https://opentelemetry.io/docs/collector/configuration/>), for the
//! components of its contrib distribution. Read in contrib v0.165.1.

mod operators;

use serde_json::{Map, Value, json};

use super::config::{CA_FILE, CERTIFICATE_FILE, CONFIG, DATA, credential, go_duration};
use super::merge::each_text;
use super::options::{Auth, Options, Source};
use crate::loki::json::without_nulls;

/// What is kept on disk where nothing is said: lines that are read and not sent yet outlive the agent's pod.
const QUEUE: u64 = 256 << 20;
const NODE: &str = "${env:NODE_NAME}";

/// Resource attributes whose names have dots, and that Loki makes labels of by itself
/// (`distributor.otlp_config.default_resource_attributes_as_index_labels`), with those that go well with them.
pub const DOTTED: [&str; 20] = [
    "service.name",
    "service.namespace",
    "service.instance.id",
    "deployment.environment",
    "deployment.environment.name",
    "cloud.region",
    "cloud.availability_zone",
    "k8s.cluster.name",
    "k8s.namespace.name",
    "k8s.pod.name",
    "k8s.container.name",
    "container.name",
    "k8s.replicaset.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
    "k8s.node.name",
    "k8s.pod.uid",
];

/// The resource attribute that Loki makes the label of that name of: dots become underscores there.
pub fn attribute(label: &str) -> String {
    DOTTED
        .iter()
        .find(|dotted| dotted.replace('.', "_") == label)
        .map_or_else(|| label.to_owned(), |it| (*it).to_owned())
}

/// What each node's agent does.
pub fn nodes(options: &Options) -> Value {
    let mut receivers = Map::new();
    receivers.insert("file_log/pods".into(), pods(options));
    let mut pipelines = Map::new();
    pipelines.insert("logs/pods".into(), pipeline("file_log/pods", &processors_of_pods(options)));
    let mut processors = processors(options);
    if let Some(audit) = &options.audit {
        receivers.insert("file_log/audit".into(), file(json!([audit.path]), Value::Null, vec![]));
        let labels = audit.labels.iter().chain(&options.labels).map(|(label, value)| upsert(label, value));
        let labels = labels.chain([agent_label(options)]).chain([upsert_raw("k8s.node.name", NODE)]);
        processors.insert("resource/audit".into(), json!({"attributes": labels.collect::<Vec<_>>()}));
        pipelines.insert("logs/audit".into(), pipeline("file_log/audit", &["memory_limiter", "resource/audit"]));
    }
    whole(options, receivers, processors, pipelines)
}

/// What the one pod does that reads Kubernetes' events.
pub fn events(options: &Options) -> Value {
    let events = options.events.clone().unwrap_or_default();
    let mut receivers = Map::new();
    let namespaces = (!events.namespaces.is_empty()).then_some(&events.namespaces);
    receivers.insert(
        "k8sobjects".into(),
        without_nulls(json!({"auth_type": "serviceAccount", "objects": [
            {"name": "events", "mode": "watch", "group": "events.k8s.io", "namespaces": namespaces},
        ]})),
    );
    let labels = events.labels.iter().chain(&options.labels).map(|(label, value)| upsert(label, value));
    let labels: Vec<_> = labels.chain([agent_label(options)]).collect();
    let mut processors = processors(options);
    processors.retain(|name, _| name == "memory_limiter");
    processors.insert("resource/events".into(), json!({"attributes": labels}));
    let mut pipelines = Map::new();
    pipelines.insert("logs/events".into(), pipeline("k8sobjects", &["memory_limiter", "resource/events"]));
    whole(options, receivers, processors, pipelines)
}

fn whole(
    options: &Options,
    receivers: Map<String, Value>,
    processors: Map<String, Value>,
    pipelines: Map<String, Value>,
) -> Value {
    let program = options.kind.program();
    let mut extensions = Map::new();
    extensions.insert(
        "file_storage".into(),
        json!({"directory": DATA, "create_directory": true, "timeout": "10s", "compaction": {"on_rebound": true, "directory": DATA}}),
    );
    extensions.insert("health_check".into(), json!({"endpoint": format!("0.0.0.0:{}", program.ready.0)}));
    match &options.auth {
        Auth::None => {}
        Auth::Basic { username, .. } => drop(extensions.insert(
            "basicauth".into(),
            json!({"client_auth": {"username": username, "password_file": credential("password")}}),
        )),
        Auth::Bearer(_) => drop(extensions.insert("bearertokenauth".into(), json!({"filename": credential("token")}))),
    }
    let names: Vec<_> = extensions.keys().cloned().collect();
    let exporter = escaped(exporter(options));
    json!({
        "extensions": escaped(extensions.into()),
        "receivers": escaped(receivers.into()),
        "processors": escaped(processors.into()),
        "exporters": {"otlp_http": exporter},
        "service": {
            "extensions": names,
            "pipelines": pipelines,
            "telemetry": {
                "logs": {"level": "info"},
                "metrics": {"readers": [{"pull": {"exporter": {"prometheus": {"host": "0.0.0.0", "port": program.metrics.0}}}}]},
            },
        },
    })
}

fn pipeline(receiver: &str, processors: &[&str]) -> Value {
    json!({"receivers": [receiver], "processors": processors, "exporters": ["otlp_http"]})
}

fn pods(options: &Options) -> Value {
    let endings: &[&str] = if options.decompress { &["*.log", "*.gz"] } else { &["*.log"] };
    let of = |namespaces: &[String]| -> Vec<String> {
        let paths = namespaces.iter().flat_map(|namespace| {
            endings.iter().map(move |ending| format!("{}/{namespace}_*/*/{ending}", options.pod_logs))
        });
        paths.collect()
    };
    let all = ["*".to_owned()];
    let wanted = if options.pods.namespaces.is_empty() { &all[..] } else { &options.pods.namespaces };
    let excluded = of(&options.pods.exclude_namespaces);
    let excluded = if excluded.is_empty() { Value::Null } else { json!(excluded) };
    let mut receiver = file(json!(of(wanted)), excluded, operators::operators(options));
    if options.decompress {
        receiver["compression"] = "auto".into();
    }
    receiver
}

fn file(include: Value, exclude: Value, operators: Vec<Value>) -> Value {
    without_nulls(json!({
        "include": include,
        "exclude": exclude,
        "start_at": "beginning",
        "include_file_path": true,
        "include_file_name": false,
        "storage": "file_storage",
        // What the pipeline does not take is read again, and not passed over.
        "retry_on_failure": {"enabled": true, "max_elapsed_time": "0s"},
        "operators": operators,
    }))
}

fn processors_of_pods(options: &Options) -> Vec<&'static str> {
    let mut names = vec!["memory_limiter"];
    if options.sources().any(Source::needs_api) {
        names.push("k8s_attributes");
    }
    names.push("resource/pods");
    names
}

fn processors(options: &Options) -> Map<String, Value> {
    let mut processors = Map::new();
    processors.insert(
        "memory_limiter".into(),
        json!({"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 25}),
    );
    let (mut labels, mut annotations) = (Vec::new(), Vec::new());
    for (name, source) in options.kubernetes_labels.iter().chain(&options.structured_metadata) {
        let found = |key| json!({"tag_name": attribute(name), "key": key, "from": "pod"});
        match source {
            Source::Label(key) => labels.push(found(key)),
            Source::Annotation(key) => annotations.push(found(key)),
            _ => {}
        }
    }
    let mut attributes: Vec<_> = options.labels.iter().map(|(label, value)| upsert(label, value)).collect();
    attributes.push(agent_label(options));
    if !labels.is_empty() || !annotations.is_empty() {
        processors.insert(
            "k8s_attributes".into(),
            json!({
                "auth_type": "serviceAccount",
                "filter": {"node_from_env_var": "NODE_NAME"},
                "wait_for_metadata": true,
                "extract": {"metadata": ["k8s.pod.uid"], "labels": labels, "annotations": annotations},
                "pod_association": [{"sources": [{"from": "resource_attribute", "name": "k8s.pod.uid"}]}],
            }),
        );
        if !options.sources().any(|source| *source == Source::Uid) {
            attributes.push(json!({"key": "k8s.pod.uid", "action": "delete"}));
        }
    }
    processors.insert("resource/pods".into(), json!({"attributes": attributes}));
    processors
}

fn agent_label(options: &Options) -> Value {
    upsert(super::options::AGENT_LABEL, &options.agent())
}

fn upsert(label: &str, value: &str) -> Value {
    upsert_raw(&attribute(label), value)
}

fn upsert_raw(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value, "action": "upsert"})
}

fn exporter(options: &Options) -> Value {
    let tls = &options.tls;
    let authenticator = match &options.auth {
        Auth::None => None,
        Auth::Basic { .. } => Some("basicauth"),
        Auth::Bearer(_) => Some("bearertokenauth"),
    };
    without_nulls(json!({
        "logs_endpoint": logs_url(&options.push_url),
        "headers": options.tenant_id.as_ref().map(|tenant| json!({"X-Scope-OrgID": tenant})),
        "compression": options.compression,
        "auth": authenticator.map(|name| json!({"authenticator": name})),
        "tls": tls.is_set().then(|| json!({
            "ca_file": tls.ca.as_ref().map(|_| format!("{CONFIG}/{CA_FILE}")),
            "cert_file": tls.certificate.as_ref().map(|_| format!("{CONFIG}/{CERTIFICATE_FILE}")),
            "key_file": tls.key.as_ref().map(|_| credential("tls.key")),
            "server_name_override": tls.server_name,
            "insecure_skip_verify": tls.insecure_skip_verify.then_some(true),
        })),
        "retry_on_failure": {
            "enabled": true,
            "initial_interval": go_duration(options.retry.min_backoff),
            "max_interval": go_duration(options.retry.max_backoff),
            "max_elapsed_time": "0s",
        },
        "sending_queue": {
            "enabled": true,
            "storage": "file_storage",
            "sizer": "bytes",
            "queue_size": options.buffer.unwrap_or(QUEUE),
            // A full queue holds reading up; nothing is left out.
            "block_on_overflow": true,
            "num_consumers": 4,
            "batch": {
                "sizer": "bytes",
                "min_size": options.batch.size,
                "max_size": options.batch.size,
                "flush_timeout": go_duration(options.batch.wait),
            },
        },
    }))
}

/// Loki's endpoint for logs of OTLP beside its push URL.
pub fn logs_url(push_url: &str) -> String {
    let url = push_url.trim_end_matches('/');
    let url = url.strip_suffix("/loki/api/v1/push").map_or_else(|| url.to_owned(), |base| format!("{base}/otlp"));
    if url.ends_with("/v1/logs") { url } else { format!("{url}/v1/logs") }
}

/// What the Collector would take for a variable (`${env:X}`), written so that it does not
/// (<https://opentelemetry.io/docs/collector/configuration/#environment-variables>).
fn escaped(value: Value) -> Value {
    each_text(value, &|text| text.replace('$', "$$").replace(&NODE.replace('$', "$$"), NODE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_of_otlp_is_beside_that_of_pushes() {
        assert_eq!(logs_url("http://loki:3100/loki/api/v1/push"), "http://loki:3100/otlp/v1/logs");
        assert_eq!(logs_url("http://loki:3100/otlp"), "http://loki:3100/otlp/v1/logs");
        assert_eq!(logs_url("http://loki:3100/otlp/v1/logs/"), "http://loki:3100/otlp/v1/logs");
    }

    #[test]
    fn a_dollar_sign_is_one_afterwards() {
        assert_eq!(escaped(json!({"a": ["x$1"], "b": NODE})), json!({"a": ["x$$1"], "b": NODE}));
    }
}
