//! `limits_config`, and the limits of a tenant (pkg/validation/limits.go, `Limits.Validate`).

use super::components::unknown_encoding;
use super::text::duration;
use crate::loki::config_file::grammar::selector;
use crate::loki::config_file::{Findings, View};

const DAY: i128 = 24 * 3600 * 1_000_000_000;
const MINUTE: i128 = 60 * 1_000_000_000;

/// What has been seen to before a rule is asked.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Seen {
    /// The mapping of policies, which is validated where the distributor's defaults are merged under it.
    pub policies: bool,
    /// What OTLP's attributes become.
    pub otlp: bool,
}

/// The limits of all tenants.
pub(super) fn limits(view: View<'_>, out: &mut Findings) {
    let policies = !view.is_nil("distributor.default_policy_stream_mappings");
    // Loki 3.0 puts the distributor's defaults in the place of what the file says (Limits.SetGlobalOTLPConfig).
    let otlp = view.minor() == 0;
    values(view.at("limits_config"), "CONFIG ERROR: invalid limits_config config", Seen { policies, otlp }, out);
}

/// `Limits.Validate`.
pub(in super::super) fn values(limits: View<'_>, prefix: &str, seen: Seen, out: &mut Findings) {
    retention_streams(limits, prefix, out);
    if !seen.policies {
        policies(limits.at("policy_stream_mapping"), prefix, out);
    }
    deletion_mode(limits, prefix, out);
    if !seen.otlp {
        otlp(limits, prefix, out);
    }
    choices(limits, prefix, out);
    positive(limits, prefix, out);
}

fn retention_streams(limits: View<'_>, prefix: &str, out: &mut Findings) {
    for rule in limits.items("retention_stream") {
        if let Err(error) = check(rule) {
            out.refuse(rule, "selector", format!("{prefix}: invalid labels matchers: {error}")).hint(SELECTOR);
        }
        let period = rule.int("period");
        if period < DAY {
            let text = format!("{prefix}: retention period must be >= 24h was {}", duration(period));
            out.refuse(rule, "period", text)
                .hint("The compactor deletes by index tables of a day: write 24h or more, such as 7d.");
        }
    }
}

/// `PolicyStreamMapping.Validate` (pkg/validation/ingestion_policies.go, from 3.5).
pub(in super::super) fn policies(mapping: View<'_>, prefix: &str, out: &mut Findings) {
    for (_, streams) in mapping.entries("") {
        for stream in streams.items("") {
            if stream.is_nil("") {
                out.refuse(stream, "", "panic: runtime error: invalid memory address or nil pointer dereference")
                    .hint("Remove the empty item: Loki crashes on it.");
            } else if let Err(error) = check(stream) {
                let text = format!("{prefix}: invalid labels matchers for policy stream mapping: {error}");
                out.refuse(stream, "selector", text).hint(SELECTOR);
            }
        }
    }
}

const SELECTOR: &str = "Write a stream selector with at least one matcher that does not match the empty text, in single \
                        quotes for YAML: '{namespace=\"dev\"}'.";

fn check(rule: View<'_>) -> Result<(), String> {
    selector::parse(rule.text("selector"), rule.minor()).map(|_| ())
}

/// pkg/compactor/deletionmode.
fn deletion_mode(limits: View<'_>, prefix: &str, out: &mut Findings) {
    if !matches!(limits.text("deletion_mode"), "disabled" | "filter-only" | "filter-and-delete") {
        let text = format!("{prefix}: unknown deletion mode: must be one of disabled|filter-only|filter-and-delete");
        out.refuse(limits, "deletion_mode", text)
            .hint("filter-and-delete is the default; disabled refuses requests to delete.");
    }
}

/// pkg/loghttp/push/otlp_config.go. Log attributes may become labels from 3.5 on.
fn otlp(limits: View<'_>, prefix: &str, out: &mut Findings) {
    let kinds: &[&str] =
        if limits.minor() >= 5 { &["scope_attributes"] } else { &["scope_attributes", "log_attributes"] };
    for kind in kinds {
        for attribute in limits.at("otlp_config").items(kind) {
            if attribute.text("action") == "index_label" {
                out.refuse(
                    attribute,
                    "action",
                    format!("{prefix}: index_label action is only supported for resource_attributes"),
                )
                .hint("Use structured_metadata or drop here; only resource attributes name streams.");
            }
        }
    }
}

fn choices(limits: View<'_>, prefix: &str, out: &mut Findings) {
    // pkg/logql/shards.go, ParseShardVersion.
    let strategy = limits.text("tsdb_sharding_strategy");
    if !matches!(strategy, "power_of_two" | "bounded") {
        let text = format!("{prefix}: invalid tsdb sharding strategy: invalid shard version {strategy}");
        out.refuse(limits, "tsdb_sharding_strategy", text).hint("Write power_of_two, the default, or bounded.");
    }
    if let Some(text) = unknown_encoding(limits.text("bloom_block_encoding")) {
        out.refuse(limits, "bloom_block_encoding", format!("{prefix}: {text}"))
            .hint("Leave it out for the default, none.");
    }
}

fn positive(limits: View<'_>, prefix: &str, out: &mut Findings) {
    if limits.minor() >= 1 && limits.int("tsdb_max_bytes_per_shard") <= 0 {
        let text = format!("{prefix}: querier.tsdb-max-bytes-per-shard must be greater than 0");
        out.refuse(limits, "tsdb_max_bytes_per_shard", text).hint("Leave it out for the default, 600MB.");
    }
    let bucket = "engine_results_cache_time_bucket_interval";
    if limits.has(bucket) && limits.int(bucket) < MINUTE {
        let text = format!("{prefix}: {bucket} must be >= 1m, got {}", duration(limits.int(bucket)));
        out.refuse(limits, bucket, text).hint("Write 1m or more, or leave it out for the default.");
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
