//! Promtail's configuration (<https://grafana.com/docs/loki/latest/send-data/promtail/configuration/>).

mod discovery;
mod stages;

use serde_json::{Map, Value, json};

pub use discovery::{meta, selector_fields};
pub use stages::{dropped, found_as, grouped, paths};

use super::config::{CA_FILE, CERTIFICATE_FILE, CONFIG, DATA, credential, go_duration};
use super::options::{Auth, Options, Source};

/// The whole file. Promtail expands `${VARIABLE}` in it, so what users write is protected from that.
pub fn config(options: &Options) -> Value {
    let (port, _) = options.kind.program().ready;
    json!({
        // A node without pods that are read is ready all the same.
        "server": {"http_listen_port": port, "grpc_listen_port": 0, "log_level": "info", "health_check_target": false},
        // A file that a crash has cut off is no reason to stop.
        "positions": {"filename": format!("{DATA}/positions.yaml"), "ignore_invalid_yaml": true},
        "clients": [client(options)],
        "scrape_configs": scrapes(options),
    })
}

fn client(options: &Options) -> Value {
    let (basic, token) = match &options.auth {
        Auth::None => (Value::Null, Value::Null),
        Auth::Basic { username, .. } => {
            (json!({"username": plain(username), "password_file": credential("password")}), Value::Null)
        }
        Auth::Bearer(_) => (Value::Null, credential("token").into()),
    };
    json!({
        "url": plain(&options.push_url),
        "tenant_id": options.tenant_id.as_deref().map(plain),
        "basic_auth": basic,
        "bearer_token_file": token,
        "tls_config": tls(options),
        "batchwait": go_duration(options.batch.wait),
        "batchsize": options.batch.size,
        "backoff_config": {
            "min_period": go_duration(options.retry.min_backoff),
            "max_period": go_duration(options.retry.max_backoff),
            "max_retries": options.retry.max_retries,
        },
        "external_labels": texts(&options.static_labels()),
    })
}

/// Files of certificates and keys, as all of Grafana's and Prometheus' programs name them.
pub fn tls(options: &Options) -> Value {
    let tls = &options.tls;
    if !tls.is_set() {
        return Value::Null;
    }
    json!({
        "ca_file": tls.ca.as_ref().map(|_| format!("{CONFIG}/{CA_FILE}")),
        "cert_file": tls.certificate.as_ref().map(|_| format!("{CONFIG}/{CERTIFICATE_FILE}")),
        "key_file": tls.key.as_ref().map(|_| credential("tls.key")),
        "server_name": tls.server_name,
        "insecure_skip_verify": tls.insecure_skip_verify.then_some(true),
    })
}

fn scrapes(options: &Options) -> Vec<Value> {
    let mut scrapes = vec![json!({
        "job_name": "pods",
        "decompression": options.decompress.then(|| json!({"enabled": true, "initial_delay": "10s", "format": "gz"})),
        "kubernetes_sd_configs": [discovery::pods(options)],
        "relabel_configs": discovery::relabel(options),
        "pipeline_stages": stages::pipeline(options),
    })];
    if let Some(journal) = &options.journal {
        scrapes.push(json!({
            "job_name": "journal",
            "journal": {
                "path": journal.path,
                "max_age": "12h",
                "matches": (!journal.units.is_empty()).then(|| units(&journal.units)),
                "labels": texts(&journal.labels),
            },
            "relabel_configs": journal_labels(options),
        }));
    }
    if let Some(audit) = &options.audit {
        let mut labels = texts(&audit.labels);
        labels.insert("__path__".into(), plain(&audit.path).into());
        scrapes.push(json!({
            "job_name": "audit",
            "static_configs": [{"targets": ["localhost"], "labels": labels}],
            "pipeline_stages": [{"labeldrop": ["filename"]}],
        }));
    }
    scrapes
}

/// Matches of journald: those of one field are alternatives.
fn units(units: &[String]) -> String {
    let matches: Vec<_> = units.iter().map(|unit| format!("_SYSTEMD_UNIT={unit}")).collect();
    plain(&matches.join(" "))
}

/// What is known of an entry of the journal, under the label that pods' nodes have.
fn journal_labels(options: &Options) -> Vec<Value> {
    let mut rules = vec![json!({"source_labels": ["__journal__systemd_unit"], "target_label": "unit"})];
    let nodes = options.kubernetes_labels.iter().filter(|(_, source)| **source == Source::Node);
    rules.extend(nodes.map(|(label, _)| json!({"replacement": "${NODE_NAME}", "target_label": label})));
    rules
}

/// A text of the user's, so that nothing in it is taken for a variable (github.com/drone/envsubst, parse/scan.go: `$$` is
/// a dollar sign, `\\` a backslash).
pub(super) fn plain(text: &str) -> String {
    text.replace('\\', r"\\").replace('$', "$$")
}

fn texts(map: &std::collections::BTreeMap<String, String>) -> Map<String, Value> {
    map.iter().map(|(key, value)| (key.clone(), plain(value).into())).collect()
}
