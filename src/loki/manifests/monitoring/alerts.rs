//! Alerts after Loki's own (production/loki-mixin/alerts.libsonnet), with those on the canary and on full volumes.

use serde_json::{Value, json};

use super::{labelled, series};
use crate::loki::object::Object;
use crate::loki::options::{Alerts, Options};

pub fn rule(options: &Options, given: &Alerts) -> Object {
    let of = series(options);
    let alert = |name: &str, expr: String, wait: &str, severity: &str, summary: &str| -> Value {
        let mut labels = given.alert_labels.clone();
        labels.entry("severity".to_owned()).or_insert_with(|| severity.to_owned());
        json!({"alert": name, "expr": expr, "for": wait, "labels": labels, "annotations": {"summary": summary}})
    };
    let mut rules = vec![
        alert(
            "LokiRequestErrors",
            format!(
                "100 * sum by (namespace, job, route) (rate(loki_request_duration_seconds_count{{{of}, status_code=~\"5..\"}}[2m])) \
                 / sum by (namespace, job, route) (rate(loki_request_duration_seconds_count{{{of}}}[2m])) > 10"
            ),
            "15m",
            "critical",
            "{{ $labels.job }} {{ $labels.route }} answers {{ printf \"%.2f\" $value }} % of its requests with errors.",
        ),
        alert(
            "LokiRequestPanics",
            format!("sum by (namespace, job) (increase(loki_panic_total{{{of}}}[10m])) > 0"),
            "0m",
            "critical",
            "{{ $labels.job }} has panicked {{ printf \"%.0f\" $value }} times.",
        ),
        alert(
            "LokiRequestLatency",
            format!(
                "histogram_quantile(0.99, sum by (namespace, job, route, le) \
                 (rate(loki_request_duration_seconds_bucket{{{of}, route!~\"(?i).*tail.*|/schedulerpb.SchedulerForQuerier/QuerierLoop\"}}[5m]))) > 10"
            ),
            "15m",
            "warning",
            "{{ $labels.job }} {{ $labels.route }} takes {{ printf \"%.2f\" $value }} s at its 99th percentile.",
        ),
        alert(
            "LokiCompactorHasNotSuccessfullyRunCompaction",
            format!(
                "min by (namespace) (time() - loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds{{{of}}} > 0) > 60 * 60 * 3"
            ),
            "1h",
            "critical",
            "The compactor has not run for three hours: the index grows, and nothing is deleted.",
        ),
        alert(
            "LokiIngesterUnhealthy",
            format!("max by (namespace) (loki_ring_members{{{of}, name=\"ingester\", state=\"Unhealthy\"}}) > 0"),
            "15m",
            "critical",
            "Ingesters in the ring are unhealthy; with one more, pushes fail.",
        ),
        alert(
            "LokiDiscardedLines",
            format!("sum by (namespace, reason) (rate(loki_discarded_samples_total{{{of}}}[5m])) > 0"),
            "15m",
            "warning",
            "Lines are refused: {{ $labels.reason }}.",
        ),
        alert(
            "LokiVolumeAlmostFull",
            format!(
                "min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{{namespace=\"{0}\", persistentvolumeclaim=~\"data-{1}(-.*)?\"}} \
                 / kubelet_volume_stats_capacity_bytes{{namespace=\"{0}\", persistentvolumeclaim=~\"data-{1}(-.*)?\"}}) < 0.15",
                options.namespace, options.name
            ),
            "10m",
            "critical",
            "{{ $labels.persistentvolumeclaim }} is nearly full; an ingester without room for its write-ahead log stops.",
        ),
    ];
    if options.canary.is_some() {
        rules.push(alert(
            "LokiCanaryMissingEntries",
            format!(
                "sum by (namespace) (increase(loki_canary_missing_entries_total{{namespace=\"{}\"}}[1h])) > 0",
                options.namespace
            ),
            "0m",
            "critical",
            "Lines that the canary wrote do not come back.",
        ));
    }
    Object::new(json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": labelled(options, &options.name, &given.labels),
        "spec": {"groups": [{"name": format!("{}/{}", options.namespace, options.name), "rules": rules}]},
    }))
}
