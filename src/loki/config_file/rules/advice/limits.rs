//! Limits that Loki takes and its users fall over.

use super::super::super::{Findings, View};
use super::super::text::duration;

const DAY: i128 = 24 * 3600 * 1_000_000_000;
const MIB: f64 = 1024.0 * 1024.0;

/// The limits of all tenants.
pub(super) fn limits(view: View<'_>, out: &mut Findings) {
    let limits = view.at("limits_config");
    values(limits, out);
    // pkg/distributor/distributor.go, New: whatever is not global is local.
    let strategy = limits.text("ingestion_rate_strategy");
    if !matches!(strategy, "global" | "local") {
        let text =
            format!("ingestion_rate_strategy {strategy:?} is taken for local: each distributor grants the whole rate");
        out.warn(limits, "ingestion_rate_strategy", text).hint("Write global, the default, or local.");
    }
    // pkg/validation/limits.go of 3.0, SetGlobalOTLPConfig.
    if limits.minor() == 0 && limits.is_set("otlp_config") {
        out.warn(limits, "otlp_config", "Loki 3.0 does not use limits_config.otlp_config, but its defaults")
            .hint("Set otlp_config by tenant, in the file of runtime_config, or use Loki 3.1 or later.");
    }
    overrides(view, out);
}

fn values(limits: View<'_>, out: &mut Findings) {
    retention(limits, out);
    rates(limits, out);
    let capacity = limits.float("max_query_capacity");
    if !(0.0..=1.0).contains(&capacity) {
        let used = if capacity < 0.0 { 0 } else { 1 };
        let text = format!("max_query_capacity {capacity} is taken for {used}: it is a share of the queriers");
        out.warn(limits, "max_query_capacity", text).hint("Write a number from 0, which is no limit, to 1.");
    }
}

/// Of all limits and of a tenant's; that all of them need the compactor is what [`super::retention`] says.
fn retention(limits: View<'_>, out: &mut Findings) {
    let period = limits.int("retention_period");
    if limits.is_set("retention_period") && 0 < period && period < DAY {
        let text =
            format!("retention_period {} is less than the 24h that Loki's documentation allows", duration(period));
        out.warn(limits, "retention_period", text)
            .hint("The compactor deletes by index tables of a day, each after its compaction: write 24h or more.");
    }
}

/// A tenant's limits; `main` is the whole configuration, if it is known.
pub(in super::super::super) fn tenant(limits: View<'_>, main: Option<View<'_>>, out: &mut Findings) {
    values(limits, out);
    let enabled = |key| main.is_none_or(|main| main.bool(key));
    if enabled("compactor.retention_enabled") || enabled("table_manager.retention_deletes_enabled") {
        return;
    }
    for key in ["retention_period", "retention_stream"] {
        if limits.is_set(key) && !limits.is_zero(key) {
            out.warn(limits, key, format!("{key} is set and nothing deletes: compactor.retention_enabled is false"))
                .hint("Set compactor.retention_enabled: true and compactor.delete_request_store in the main file.");
        }
    }
}

/// What a stream may send against what its tenant may (pkg/distributor, pkg/ingester/stream_rate_calculator.go).
fn rates(limits: View<'_>, out: &mut Findings) {
    let stream = limits.int("per_stream_rate_limit");
    let rate = limits.float("ingestion_rate_mb");
    if limits.is_set("ingestion_rate_mb") && rate >= 1e6 {
        let text = format!("ingestion_rate_mb {rate} is more than a terabyte a second");
        out.warn(limits, "ingestion_rate_mb", text).hint("The unit is MB per second, not bytes.");
    }
    if limits.is_set("per_stream_rate_limit") && 0 < stream && stream < 1024 {
        let text = format!("per_stream_rate_limit {stream} is {stream} bytes per second");
        out.warn(limits, "per_stream_rate_limit", text).hint("Write the unit, such as 3MB.");
        return;
    }
    if limits.is_set("per_stream_rate_limit") && rate > 0.0 && stream as f64 > rate * MIB {
        let text =
            format!("per_stream_rate_limit is above ingestion_rate_mb {rate}, by which the whole tenant is limited");
        out.warn(limits, "per_stream_rate_limit", text)
            .hint("Raise ingestion_rate_mb and ingestion_burst_size_mb as well: they are looked at first.");
    }
    let shards = limits.at("shard_streams");
    let desired = shards.int("desired_rate");
    if (limits.is_set("per_stream_rate_limit") || shards.is_set("desired_rate"))
        && shards.bool("enabled")
        && stream > 0
        && desired > stream
    {
        let path = if shards.is_set("desired_rate") { "shard_streams.desired_rate" } else { "per_stream_rate_limit" };
        out.warn(
            limits,
            path,
            "shard_streams.desired_rate is above per_stream_rate_limit: streams are refused before they are split",
        )
        .hint("Keep shard_streams.desired_rate well below per_stream_rate_limit.");
    }
}

/// pkg/loki/modules.go, initRuntimeConfig: one file for what changes at run time.
fn overrides(view: View<'_>, out: &mut Findings) {
    let limits = view.at("limits_config");
    if view.items("runtime_config.file").is_empty() {
        return;
    }
    for key in ["per_tenant_override_config", "per_tenant_override_period"] {
        if limits.is_set(key) {
            out.warn(limits, key, format!("{key} is not used: runtime_config.file is set"))
                .hint("Set one of the two; runtime_config has a period of its own.");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::loki::config_file::rules::testing::{quiet, warns};

    fn limits(text: &str) -> String {
        format!("limits_config: {{{text}}}\n")
    }

    #[test]
    fn sensible_limits_are_not_commented() {
        const KEPT: &str = "compactor: {retention_enabled: true, delete_request_store: filesystem}\n";
        for minor in 0..=7 {
            quiet(minor, "");
            quiet(minor, &format!("{KEPT}limits_config: {{retention_period: 30d}}\n"));
            quiet(minor, &limits("ingestion_rate_mb: 16, ingestion_burst_size_mb: 32, per_stream_rate_limit: 8MB"));
            quiet(minor, &limits("ingestion_rate_mb: 1, ingestion_burst_size_mb: 2, max_query_capacity: 0.5"));
        }
    }

    #[test]
    fn streams_are_limited_by_their_tenant() {
        let path = "limits_config.per_stream_rate_limit";
        warns(7, &limits("per_stream_rate_limit: 10MB"), path, "above ingestion_rate_mb 4");
        quiet(7, &limits("per_stream_rate_limit: 10MB, ingestion_rate_mb: 10"));
        warns(7, &limits("per_stream_rate_limit: 3"), path, "3 bytes per second");
        warns(7, &limits("per_stream_rate_limit: 1MB"), path, "refused before they are split");
        quiet(7, &limits("per_stream_rate_limit: 1MB, shard_streams: {enabled: false}"));
        let path = "limits_config.shard_streams.desired_rate";
        warns(0, &limits("shard_streams: {desired_rate: 4MB, enabled: true}"), path, "refused before they are split");
        warns(7, &limits("ingestion_rate_mb: 4194304"), "limits_config.ingestion_rate_mb", "a terabyte");
    }

    #[test]
    fn what_is_taken_for_something_else_is_named() {
        warns(7, &limits("max_query_capacity: 50"), "limits_config.max_query_capacity", "taken for 1");
        let path = "limits_config.ingestion_rate_strategy";
        warns(7, &limits("ingestion_rate_strategy: Global"), path, "taken for local");
        let otlp = limits("otlp_config: {resource_attributes: {ignore_defaults: true}}");
        warns(0, &otlp, "limits_config.otlp_config", "Loki 3.0 does not use");
        quiet(1, &otlp);
        const KEPT: &str = "compactor: {retention_enabled: true, delete_request_store: filesystem}\n";
        let short = format!("{KEPT}limits_config: {{retention_period: 12h}}\n");
        warns(7, &short, "limits_config.retention_period", "12h is less than the 24h");
        let both = "runtime_config: {file: /a.yaml}\nlimits_config: {per_tenant_override_config: /b.yaml}\n";
        warns(7, both, "limits_config.per_tenant_override_config", "runtime_config.file is set");
    }
}
