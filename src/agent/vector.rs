//! Vector's configuration (<https://vector.dev/docs/reference/configuration/>).

mod remap;

use serde_json::{Map, Value, json};

use super::config::{CA_FILE, CERTIFICATE_FILE, CONFIG, DATA, credential, url};
use super::merge::each_text;
use super::options::{Auth, Options};
use super::promtail::selector_fields;
use crate::loki::json::without_nulls;

/// The least that Vector's buffers on disk take.
pub const LEAST_BUFFER: u64 = 268_435_488;

/// The whole file.
pub fn config(options: &Options) -> Value {
    let program = options.kind.program();
    let mut sources = Map::new();
    let mut transforms = Map::new();
    sources.insert("pods".into(), pods(options));
    sources.insert("agent_metrics".into(), json!({"type": "internal_metrics"}));
    let mut from = "pods";
    if let Some(multiline) = &options.multiline {
        transforms.insert(
            "pods_lines".into(),
            json!({
                "type": "reduce",
                "inputs": ["pods"],
                "group_by": ["file", "stream"],
                "starts_when": {"type": "vrl", "source": remap::first_line(&multiline.first_line)},
                "merge_strategies": {"message": "concat_newline"},
                "expire_after_ms": multiline.max_wait,
                "max_events": multiline.max_lines,
            }),
        );
        from = "pods_lines";
    }
    let remap = |inputs: &str, source: String| json!({"type": "remap", "inputs": [inputs], "drop_on_abort": true, "drop_on_error": false, "source": source});
    transforms.insert("pods_labelled".into(), remap(from, remap::pods(options)));
    let mut inputs = vec!["pods_labelled"];
    if let Some(journal) = &options.journal {
        let units = (!journal.units.is_empty()).then_some(&journal.units);
        sources.insert(
            "journal".into(),
            json!({
                "type": "journald", "journal_directory": journal.path, "include_units": units, "current_boot_only": false,
            }),
        );
        transforms.insert("journal_labelled".into(), remap("journal", remap::journal(options, journal)));
        inputs.push("journal_labelled");
    }
    if let Some(audit) = &options.audit {
        sources.insert("audit".into(), json!({"type": "file", "include": [audit.path], "read_from": "beginning"}));
        transforms.insert("audit_labelled".into(), remap("audit", remap::fixed(options, &audit.labels)));
        inputs.push("audit_labelled");
    }
    let metrics = format!("0.0.0.0:{}", program.metrics.0);
    let whole = without_nulls(json!({
        "data_dir": DATA,
        "api": {"enabled": true, "address": format!("0.0.0.0:{}", program.ready.0)},
        "sources": sources,
        "transforms": transforms,
        "sinks": {
            "loki": sink(options, &inputs),
            "metrics": {"type": "prometheus_exporter", "inputs": ["agent_metrics"], "address": metrics},
        },
    }));
    let mut whole = escaped(whole);
    if !matches!(options.auth, Auth::None) {
        whole["secret"] = json!({"credentials": {
            "type": "directory", "path": super::config::CREDENTIALS, "remove_trailing_whitespace": true,
        }});
    }
    whole
}

fn pods(options: &Options) -> Value {
    let fields = selector_fields(options).map(|fields| fields.trim_start_matches(',').to_owned());
    // Rotated files that are compressed are left out by it unless that is said otherwise.
    let excluded = options.decompress.then(|| json!(["**/*.tmp"]));
    json!({
        "type": "kubernetes_logs",
        "extra_label_selector": options.pods.label_selector,
        "extra_field_selector": fields,
        "exclude_paths_glob_patterns": excluded,
        "read_from": "beginning",
        "use_apiserver_cache": true,
    })
}

fn sink(options: &Options, inputs: &[&str]) -> Value {
    let (endpoint, path) = match url(&options.push_url) {
        Some((.., path)) => (options.push_url.strip_suffix(path).unwrap_or(&options.push_url), Some(path)),
        None => (options.push_url.as_str(), None),
    };
    let tls = &options.tls;
    let seconds = |milliseconds: u64| milliseconds.div_ceil(1000).max(1);
    let auth = match &options.auth {
        Auth::None => Value::Null,
        Auth::Basic { username, .. } => {
            json!({"strategy": "basic", "user": username, "password": "SECRET[credentials.password]"})
        }
        Auth::Bearer(_) => json!({"strategy": "bearer", "token": "SECRET[credentials.token]"}),
    };
    json!({
        "type": "loki",
        "inputs": inputs,
        "endpoint": endpoint,
        "path": path,
        "tenant_id": options.tenant_id,
        "auth": auth,
        "tls": tls.is_set().then(|| json!({
            "ca_file": tls.ca.as_ref().map(|_| format!("{CONFIG}/{CA_FILE}")),
            "crt_file": tls.certificate.as_ref().map(|_| format!("{CONFIG}/{CERTIFICATE_FILE}")),
            "key_file": tls.key.as_ref().map(|_| credential("tls.key")),
            "server_name": tls.server_name,
            "verify_certificate": tls.insecure_skip_verify.then_some(false),
            "verify_hostname": tls.insecure_skip_verify.then_some(false),
        })),
        "encoding": {"codec": "text"},
        "compression": options.compression.as_deref().unwrap_or("snappy"),
        "labels": {"*": "{{ labels }}"},
        "structured_metadata": {"*": "{{ metadata }}"},
        "remove_timestamp": true,
        "out_of_order_action": options.out_of_order.as_deref().unwrap_or("accept"),
        "healthcheck": {"enabled": false},
        // What is read counts as read once Loki has it.
        "acknowledgements": {"enabled": true},
        "batch": {"max_bytes": options.batch.size, "timeout_secs": seconds(options.batch.wait)},
        "buffer": match options.buffer {
            Some(bytes) => json!({"type": "disk", "max_size": bytes.max(LEAST_BUFFER), "when_full": "block"}),
            None => json!({"type": "memory", "max_events": 500, "when_full": "block"}),
        },
        "request": {
            "retry_initial_backoff_secs": seconds(options.retry.min_backoff),
            "retry_max_duration_secs": seconds(options.retry.max_backoff),
            "retry_attempts": Some(options.retry.max_retries).filter(|most| *most > 0),
        },
    })
}

/// What Vector would take for a variable (`$X`, `${X}`), written so that it does not
/// (<https://vector.dev/docs/reference/environment_variables/>).
fn escaped(value: Value) -> Value {
    each_text(value, &|text| text.replace('$', "$$"))
}
