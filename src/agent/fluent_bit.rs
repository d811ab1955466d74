//! Fluent Bit's configuration as YAML (<https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml>).

mod filters;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::config::{CA_FILE, CERTIFICATE_FILE, CONFIG, DATA, credential, url};
use super::options::{Auth, Options, Source};
use crate::loki::json::without_nulls;

/// Where containers' files have names that tell the pod.
const CONTAINER_LOGS: &str = "/var/log/containers";
const NODE: &str = "${NODE_NAME}";

/// What each node's agent does.
pub fn nodes(options: &Options) -> Value {
    let mut inputs = vec![pods(options)];
    let mut outputs = vec![output(options, "pods.*", pod_labels(options), metadata(options))];
    if let Some(journal) = &options.journal {
        let units: Vec<_> = journal.units.iter().map(|unit| format!("_SYSTEMD_UNIT={unit}")).collect();
        inputs.push(json!({
            "name": "systemd", "tag": "journal", "path": journal.path, "db": format!("{DATA}/journal.db"),
            "systemd_filter": (!units.is_empty()).then_some(units), "read_from_tail": "off",
            "storage.type": options.buffer.map(|_| "filesystem"),
        }));
        let mut labels = fixed(options, &journal.labels);
        labels.push("unit=$_SYSTEMD_UNIT".into());
        let nodes = options.kubernetes_labels.iter().filter(|(_, source)| **source == Source::Node);
        labels.extend(nodes.map(|(label, _)| format!("{label}={NODE}")));
        outputs.push(output(options, "journal", labels, Vec::new()));
    }
    if let Some(audit) = &options.audit {
        inputs.push(tail("audit", std::slice::from_ref(&audit.path), &[], Value::Null, options));
        outputs.push(output(options, "audit", fixed(options, &audit.labels), Vec::new()));
    }
    whole(options, inputs, filters::filters(options), outputs)
}

/// What the one pod does that reads Kubernetes' events.
pub fn events(options: &Options) -> Value {
    let events = options.events.clone().unwrap_or_default();
    let of = |namespace: Option<&String>| json!({"name": "kubernetes_events", "tag": "events", "kube_namespace": namespace, "db": format!("{DATA}/events.db")});
    let inputs = match events.namespaces.as_slice() {
        [] => vec![of(None)],
        names => names.iter().map(|name| of(Some(name))).collect(),
    };
    let outputs = vec![output(options, "events", fixed(options, &events.labels), Vec::new())];
    let mut whole = whole(options, inputs, Vec::new(), outputs);
    if let Some(whole) = whole.as_object_mut() {
        whole.remove("parsers");
        whole.remove("multiline_parsers");
    }
    whole
}

fn whole(options: &Options, inputs: Vec<Value>, filters: Vec<Value>, outputs: Vec<Value>) -> Value {
    let (port, _) = options.kind.program().ready;
    let (parsers, lines) = filters::parsers(options);
    let some = |items: Vec<Value>| if items.is_empty() { Value::Null } else { items.into() };
    without_nulls(json!({
        "service": {
            "flush": options.batch.wait.div_ceil(1000).max(1),
            "log_level": "info",
            "http_server": "on",
            "http_listen": "0.0.0.0",
            "http_port": port,
            "health_check": "on",
            "scheduler.base": options.retry.min_backoff.div_ceil(1000).max(1),
            "scheduler.cap": options.retry.max_backoff.div_ceil(1000).max(2),
            "storage.path": options.buffer.map(|_| format!("{DATA}/storage")),
            "storage.sync": options.buffer.map(|_| "normal"),
        },
        "parsers": some(parsers),
        "multiline_parsers": some(lines),
        "pipeline": {"inputs": inputs, "filters": some(filters), "outputs": outputs},
    }))
}

fn pods(options: &Options) -> Value {
    // <pod>_<namespace>_<container>-<id>.log
    let of = |namespaces: &[String]| -> Vec<String> {
        namespaces.iter().map(|namespace| format!("{CONTAINER_LOGS}/*_{namespace}_*.log")).collect()
    };
    let wanted = match options.pods.namespaces.as_slice() {
        [] => vec![format!("{CONTAINER_LOGS}/*.log")],
        names => of(names),
    };
    tail("pods.*", &wanted, &of(&options.pods.exclude_namespaces), "cri".into(), options)
}

fn tail(tag: &str, paths: &[String], excluded: &[String], parser: Value, options: &Options) -> Value {
    json!({
        "name": "tail",
        "tag": tag,
        "path": paths.join(","),
        "exclude_path": (!excluded.is_empty()).then(|| excluded.join(",")),
        "multiline.parser": parser,
        "db": format!("{DATA}/{}.db", tag.trim_end_matches(".*")),
        "read_from_head": "on",
        "path_key": options.sources().any(|source| *source == Source::Filename).then_some("filename"),
        "skip_long_lines": "off",
        "buffer_max_size": "1M",
        "mem_buf_limit": "50M",
        "storage.type": options.buffer.map(|_| "filesystem"),
    })
}

/// Where the record has it.
fn accessor(source: &Source) -> String {
    let key = |map: &str, key: &str| format!("$kubernetes['{map}']['{key}']");
    match source {
        Source::Namespace => "$kubernetes['namespace_name']".into(),
        Source::Pod => "$kubernetes['pod_name']".into(),
        Source::Container => "$kubernetes['container_name']".into(),
        Source::Node => NODE.into(),
        Source::Uid => "$kubernetes['pod_id']".into(),
        Source::Stream => "$stream".into(),
        Source::Filename => "$filename".into(),
        Source::Label(name) => key("labels", name),
        Source::Annotation(name) => key("annotations", name),
    }
}

fn fixed(options: &Options, more: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = options.static_labels();
    all.extend(more.clone());
    all.into_iter().map(|(label, value)| format!("{label}={value}")).collect()
}

fn pod_labels(options: &Options) -> Vec<String> {
    let mut labels = fixed(options, &BTreeMap::new());
    labels.extend(options.kubernetes_labels.iter().map(|(label, source)| format!("{label}={}", accessor(source))));
    labels.extend(filters::made_labels(options));
    labels
}

fn metadata(options: &Options) -> Vec<String> {
    let own = options.structured_metadata.iter().map(|(key, source)| format!("{key}={}", accessor(source)));
    own.chain(filters::made_metadata(options)).collect()
}

fn output(options: &Options, matching: &str, labels: Vec<String>, metadata: Vec<String>) -> Value {
    let (scheme, host, port, path) = url(&options.push_url).unwrap_or(("http", &options.push_url, 80, "/"));
    let tls = &options.tls;
    let secured = scheme == "https";
    let mut output = Map::new();
    let mut set = |key: &str, value: Value| drop(output.insert(key.to_owned(), value));
    set("name", "loki".into());
    set("match", matching.into());
    set("host", host.into());
    set("port", port.into());
    set("uri", path.into());
    set("tenant_id", options.tenant_id.clone().into());
    match &options.auth {
        Auth::None => {}
        Auth::Basic { username, .. } => {
            set("http_user", username.clone().into());
            set("http_passwd", "${PASSWORD}".into());
        }
        Auth::Bearer(_) => set("bearer_token", "${TOKEN}".into()),
    }
    set("labels", labels.join(", ").into());
    set("structured_metadata", (!metadata.is_empty()).then(|| metadata.join(", ")).into());
    set("auto_kubernetes_labels", "off".into());
    // Of what is left of a record, one key alone is sent as it is.
    set("remove_keys", filters::removed(options).into());
    set("drop_single_key", "raw".into());
    set("line_format", "json".into());
    set("compress", options.compression.clone().filter(|it| it != "none").into());
    set(
        "retry_limit",
        match options.retry.max_retries {
            0 => "no_limits".into(),
            most => most.into(),
        },
    );
    set("storage.total_limit_size", options.buffer.map(|bytes| format!("{}M", bytes.div_ceil(1 << 20))).into());
    if secured {
        set("tls", "on".into());
        set("tls.verify", if tls.insecure_skip_verify { "off" } else { "on" }.into());
        set("tls.vhost", tls.server_name.clone().into());
        set("tls.ca_file", tls.ca.as_ref().map(|_| format!("{CONFIG}/{CA_FILE}")).into());
        set("tls.crt_file", tls.certificate.as_ref().map(|_| format!("{CONFIG}/{CERTIFICATE_FILE}")).into());
        set("tls.key_file", tls.key.as_ref().map(|_| credential("tls.key")).into());
    }
    output.into()
}
