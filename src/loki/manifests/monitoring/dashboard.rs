//! A dashboard of the stack: what comes in, what is asked, how long it takes, and what holds it.

use serde_json::{Value, json};

use super::series;
use crate::loki::options::{Options, Storage};

/// Columns of Grafana's grid.
const COLUMNS: usize = 24;
const WIDTH: usize = 12;
const HEIGHT: usize = 8;

/// The histogram of requests to the object store (pkg/storage/chunk/client, pkg/storage/bucket). A file system has none, and
/// an empty panel.
fn store_metric(options: &Options) -> &'static str {
    match &options.storage {
        _ if options.use_thanos_objstore => "loki_objstore_bucket_operation_duration_seconds",
        Storage::Azure(_) => "loki_azure_blob_request_duration_seconds",
        Storage::Gcs(_) => "loki_gcs_request_duration_seconds",
        Storage::S3(_) | Storage::Filesystem => "loki_s3_request_duration_seconds",
    }
}

pub fn overview(options: &Options) -> Value {
    let of = series(options);
    let panels = [
        (
            "Lines received",
            "short",
            "{{tenant}}",
            format!("sum by (tenant) (rate(loki_distributor_lines_received_total{{{of}}}[$__rate_interval]))"),
        ),
        (
            "Bytes received",
            "Bps",
            "{{tenant}}",
            format!("sum by (tenant) (rate(loki_distributor_bytes_received_total{{{of}}}[$__rate_interval]))"),
        ),
        (
            "Lines refused",
            "short",
            "{{reason}}",
            format!("sum by (reason) (rate(loki_discarded_samples_total{{{of}}}[$__rate_interval]))"),
        ),
        (
            "Requests",
            "reqps",
            "{{status_code}}",
            format!("sum by (status_code) (rate(loki_request_duration_seconds_count{{{of}}}[$__rate_interval]))"),
        ),
        (
            "Push, 99th percentile",
            "s",
            "{{job}}",
            format!(
                "histogram_quantile(0.99, sum by (job, le) (rate(loki_request_duration_seconds_bucket{{{of}, route=~\"loki_api_v1_push|/logproto.Pusher/Push|otlp_v1_logs\"}}[$__rate_interval])))"
            ),
        ),
        (
            "Query, 99th percentile",
            "s",
            "{{route}}",
            format!(
                "histogram_quantile(0.99, sum by (route, le) (rate(loki_request_duration_seconds_bucket{{{of}, route=~\"loki_api_v1_query.*|loki_api_v1_labels?.*|loki_api_v1_series\"}}[$__rate_interval])))"
            ),
        ),
        ("Streams in memory", "short", "{{pod}}", format!("sum by (pod) (loki_ingester_memory_streams{{{of}}})")),
        (
            "Chunks written",
            "short",
            "{{reason}}",
            format!("sum by (reason) (rate(loki_ingester_chunks_flushed_total{{{of}}}[$__rate_interval]))"),
        ),
        ("Ring members", "short", "{{name}} {{state}}", format!("max by (name, state) (loki_ring_members{{{of}}})")),
        (
            "Object store, 99th percentile",
            "s",
            "{{operation}}",
            format!(
                "histogram_quantile(0.99, sum by (operation, le) (rate({}_bucket{{{of}}}[$__rate_interval])))",
                store_metric(options)
            ),
        ),
        ("Memory", "bytes", "{{pod}}", format!("sum by (pod) (go_memstats_heap_inuse_bytes{{{of}}})")),
        (
            "Canary: missing lines",
            "short",
            "{{pod}}",
            format!(
                "sum by (pod) (increase(loki_canary_missing_entries_total{{namespace=\"{}\"}}[$__rate_interval]))",
                options.namespace
            ),
        ),
    ];
    let panels: Vec<Value> = panels
        .iter()
        .enumerate()
        .map(|(index, (title, unit, legend, expr))| {
            let place = index * WIDTH;
            json!({
                "id": index + 1,
                "type": "timeseries",
                "title": title,
                "datasource": {"type": "prometheus", "uid": "${datasource}"},
                "gridPos": {"h": HEIGHT, "w": WIDTH, "x": place % COLUMNS, "y": place / COLUMNS * HEIGHT},
                "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
                "targets": [{"refId": "A", "expr": expr, "legendFormat": legend}],
            })
        })
        .collect();
    json!({
        "uid": format!("loki-{}-{}", options.namespace, options.name),
        "title": format!("Loki {}/{}", options.namespace, options.name),
        "tags": ["loki"],
        "schemaVersion": 39,
        "editable": true,
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}]},
        "panels": panels,
    })
}
