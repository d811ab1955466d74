//! What Loki's limits are called and take, by version: `Limits` in pkg/validation/limits.go of 3.0.0,
//! 3.1.0, 3.2.0, 3.3.0, 3.4.0, 3.5.0, 3.6.3 and 3.7.8.

use serde_json::Value;

use super::json::with_integers;
use Kind::{Bool, Bytes, Duration, Float, GoDuration, Integer, List, Map, Text};

/// What a limit takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Integer,
    Float,
    Text,
    /// A size such as `4MB`, or a number of bytes.
    Bytes,
    /// A Prometheus duration such as `30d`.
    Duration,
    /// A Go duration such as `1h30m`.
    GoDuration,
    List,
    Map,
}

/// One limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub kind: Kind,
    /// First and last minor version of Loki 3 that has it.
    pub minors: (u32, u32),
}

impl Limit {
    const fn new(name: &'static str, kind: Kind, first: u32, last: u32) -> Self {
        Limit { name, kind, minors: (first, last) }
    }

    pub fn find(name: &str) -> Option<&'static Limit> {
        LIMITS.binary_search_by(|limit| limit.name.cmp(name)).ok().map(|index| &LIMITS[index])
    }

    /// The known limit whose name is closest to `name`, if any is close.
    pub fn closest(name: &str) -> Option<&'static Limit> {
        let near = LIMITS.iter().map(|limit| (edits(name, limit.name), limit));
        near.min_by_key(|(edits, _)| *edits).filter(|(edits, _)| *edits <= 3).map(|(_, limit)| limit)
    }
}

/// The value as the limit takes it. A Terraform map has one type for all its values, so numbers,
/// booleans, lists and maps may come as text: `"16"`, `"true"`, `jsonencode([…])`.
pub fn typed(name: &str, value: &Value) -> Value {
    let kind = Limit::find(name).map(|limit| limit.kind);
    let parsed = match (kind, value) {
        (Some(Bool | Integer | Float | List | Map), Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    };
    with_integers(parsed)
}

/// Levenshtein distance.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

/// Sorted by name.
#[rustfmt::skip]
pub const LIMITS: &[Limit] = &[
    Limit::new("allow_deletes", Bool, 0, 7),
    Limit::new("allow_structured_metadata", Bool, 0, 7),
    Limit::new("block_ingestion_policy_until", Map, 5, 7),
    Limit::new("block_ingestion_status_code", Integer, 2, 7),
    Limit::new("block_ingestion_until", Text, 2, 7),
    Limit::new("blocked_queries", List, 0, 7),
    Limit::new("bloom_block_encoding", Text, 0, 7),
    Limit::new("bloom_build_builder_response_timeout", GoDuration, 1, 7),
    Limit::new("bloom_build_max_builders", Integer, 1, 7),
    Limit::new("bloom_build_task_max_retries", Integer, 1, 7),
    Limit::new("bloom_compactor_enable_compaction", Bool, 0, 1),
    Limit::new("bloom_compactor_max_block_size", Bytes, 0, 1),
    Limit::new("bloom_compactor_max_bloom_size", Bytes, 1, 1),
    Limit::new("bloom_compactor_shard_size", Integer, 0, 1),
    Limit::new("bloom_creation_enabled", Bool, 1, 7),
    Limit::new("bloom_false_positive_rate", Float, 0, 2),
    Limit::new("bloom_gateway_cache_key_interval", GoDuration, 0, 3),
    Limit::new("bloom_gateway_enable_filtering", Bool, 0, 7),
    Limit::new("bloom_gateway_shard_size", Integer, 0, 3),
    Limit::new("bloom_max_block_size", Bytes, 2, 7),
    Limit::new("bloom_max_bloom_size", Bytes, 2, 7),
    Limit::new("bloom_ngram_length", Integer, 0, 2),
    Limit::new("bloom_ngram_skip", Integer, 0, 2),
    Limit::new("bloom_planning_strategy", Text, 3, 7),
    Limit::new("bloom_prefetch_blocks", Bool, 4, 7),
    Limit::new("bloom_split_series_keyspace_by", Integer, 1, 7),
    Limit::new("bloom_task_target_series_chunk_size", Bytes, 3, 7),
    Limit::new("cardinality_limit", Integer, 0, 7),
    Limit::new("creation_grace_period", Duration, 0, 7),
    Limit::new("debug_engine_streams", Bool, 7, 7),
    Limit::new("debug_engine_tasks", Bool, 7, 7),
    Limit::new("deletion_mode", Text, 0, 7),
    Limit::new("discover_generic_fields", Map, 4, 7),
    Limit::new("discover_log_levels", Bool, 0, 7),
    Limit::new("discover_service_name", List, 0, 7),
    Limit::new("enable_multi_variant_queries", Bool, 5, 7),
    Limit::new("enforced_labels", List, 4, 7),
    Limit::new("engine_results_cache_time_bucket_interval", Duration, 7, 7),
    Limit::new("increment_duplicate_timestamp", Bool, 0, 7),
    Limit::new("index_gateway_max_capacity", Float, 7, 7),
    Limit::new("index_gateway_shard_size", Integer, 0, 7),
    Limit::new("ingestion_burst_size_mb", Float, 0, 7),
    Limit::new("ingestion_partitions_tenant_shard_size", Integer, 3, 7),
    Limit::new("ingestion_rate_mb", Float, 0, 7),
    Limit::new("ingestion_rate_strategy", Text, 0, 7),
    Limit::new("log_level_fields", List, 4, 7),
    Limit::new("log_level_from_json_max_depth", Integer, 5, 7),
    Limit::new("max_cache_freshness_per_query", Duration, 0, 7),
    Limit::new("max_chunks_per_query", Integer, 0, 7),
    Limit::new("max_concurrent_tail_requests", Integer, 0, 7),
    Limit::new("max_entries_limit_per_query", Integer, 0, 7),
    Limit::new("max_global_streams_per_user", Integer, 0, 7),
    Limit::new("max_label_name_length", Integer, 0, 7),
    Limit::new("max_label_names_per_series", Integer, 0, 7),
    Limit::new("max_label_value_length", Integer, 0, 7),
    Limit::new("max_line_size", Bytes, 0, 7),
    Limit::new("max_line_size_truncate", Bool, 0, 7),
    Limit::new("max_line_size_truncate_identifier", Text, 6, 7),
    Limit::new("max_metadata_cache_freshness", Duration, 0, 7),
    Limit::new("max_querier_bytes_read", Bytes, 0, 7),
    Limit::new("max_queriers_per_tenant", Integer, 0, 7),
    Limit::new("max_query_bytes_read", Bytes, 0, 7),
    Limit::new("max_query_capacity", Float, 0, 7),
    Limit::new("max_query_length", Duration, 0, 7),
    Limit::new("max_query_lookback", Duration, 0, 7),
    Limit::new("max_query_parallelism", Integer, 0, 7),
    Limit::new("max_query_range", Duration, 0, 7),
    Limit::new("max_query_series", Integer, 0, 7),
    Limit::new("max_scan_task_parallelism", Integer, 7, 7),
    Limit::new("max_stats_cache_freshness", Duration, 0, 7),
    Limit::new("max_streams_matchers_per_query", Integer, 0, 7),
    Limit::new("max_streams_per_user", Integer, 0, 7),
    Limit::new("max_structured_metadata_entries_count", Integer, 0, 7),
    Limit::new("max_structured_metadata_size", Bytes, 0, 7),
    Limit::new("metric_aggregation_enabled", Bool, 3, 7),
    Limit::new("min_sharding_lookback", Duration, 0, 7),
    Limit::new("minimum_labels_number", Integer, 0, 7),
    Limit::new("otlp_config", Map, 0, 7),
    Limit::new("pattern_ingester_tokenizable_json_fields_append", Text, 3, 7),
    Limit::new("pattern_ingester_tokenizable_json_fields_default", Text, 3, 7),
    Limit::new("pattern_ingester_tokenizable_json_fields_delete", Text, 3, 7),
    Limit::new("pattern_persistence_enabled", Bool, 6, 7),
    Limit::new("pattern_persistence_granularity", Duration, 6, 7),
    Limit::new("pattern_rate_threshold", Float, 6, 7),
    Limit::new("per_stream_rate_limit", Bytes, 0, 7),
    Limit::new("per_stream_rate_limit_burst", Bytes, 0, 7),
    Limit::new("per_tenant_override_config", Text, 0, 7),
    Limit::new("per_tenant_override_period", Duration, 0, 7),
    Limit::new("policy_enforced_labels", Map, 5, 7),
    Limit::new("policy_override_limits", Map, 6, 7),
    Limit::new("policy_stream_mapping", Map, 5, 7),
    Limit::new("query_ready_index_num_days", Integer, 0, 7),
    Limit::new("query_timeout", Duration, 0, 7),
    Limit::new("recent_metadata_query_window", Duration, 0, 7),
    Limit::new("reject_old_samples", Bool, 0, 7),
    Limit::new("reject_old_samples_max_age", Duration, 0, 7),
    Limit::new("required_labels", List, 0, 7),
    Limit::new("retention_period", Duration, 0, 7),
    Limit::new("retention_stream", List, 0, 7),
    Limit::new("ruler_alertmanager_config", Map, 0, 7),
    Limit::new("ruler_enable_wal_replay", Bool, 5, 7),
    Limit::new("ruler_max_rule_groups_per_tenant", Integer, 0, 7),
    Limit::new("ruler_max_rules_per_rule_group", Integer, 0, 7),
    Limit::new("ruler_remote_evaluation_max_response_size", Integer, 0, 7),
    Limit::new("ruler_remote_evaluation_timeout", GoDuration, 0, 7),
    Limit::new("ruler_remote_write_config", Map, 0, 7),
    Limit::new("ruler_remote_write_disabled", Bool, 0, 7),
    Limit::new("ruler_remote_write_headers", Map, 0, 7),
    Limit::new("ruler_remote_write_queue_batch_send_deadline", GoDuration, 0, 7),
    Limit::new("ruler_remote_write_queue_capacity", Integer, 0, 7),
    Limit::new("ruler_remote_write_queue_max_backoff", GoDuration, 0, 7),
    Limit::new("ruler_remote_write_queue_max_samples_per_send", Integer, 0, 7),
    Limit::new("ruler_remote_write_queue_max_shards", Integer, 0, 7),
    Limit::new("ruler_remote_write_queue_min_backoff", GoDuration, 0, 7),
    Limit::new("ruler_remote_write_queue_min_shards", Integer, 0, 7),
    Limit::new("ruler_remote_write_queue_retry_on_ratelimit", Bool, 0, 7),
    Limit::new("ruler_remote_write_relabel_configs", List, 0, 7),
    Limit::new("ruler_remote_write_sigv4_config", Map, 0, 7),
    Limit::new("ruler_remote_write_timeout", GoDuration, 0, 7),
    Limit::new("ruler_remote_write_url", Text, 0, 7),
    Limit::new("ruler_tenant_shard_size", Integer, 0, 7),
    Limit::new("s3_sse_kms_encryption_context", Text, 3, 7),
    Limit::new("s3_sse_kms_key_id", Text, 3, 7),
    Limit::new("s3_sse_type", Text, 3, 7),
    Limit::new("shard_aggregations", List, 3, 7),
    Limit::new("shard_streams", Map, 0, 7),
    Limit::new("simulated_push_latency", GoDuration, 5, 7),
    Limit::new("split_ingester_queries_by_interval", Duration, 0, 7),
    Limit::new("split_instant_metric_queries_by_interval", Duration, 0, 7),
    Limit::new("split_metadata_queries_by_interval", Duration, 0, 7),
    Limit::new("split_queries_by_interval", Duration, 0, 7),
    Limit::new("split_recent_metadata_queries_by_interval", Duration, 0, 7),
    Limit::new("tsdb_max_bytes_per_shard", Bytes, 0, 7),
    Limit::new("tsdb_max_query_parallelism", Integer, 0, 7),
    Limit::new("tsdb_precompute_chunks", Bool, 1, 7),
    Limit::new("tsdb_sharding_strategy", Text, 0, 7),
    Limit::new("unordered_writes", Bool, 0, 7),
    Limit::new("use_owned_stream_count", Bool, 1, 7),
    Limit::new("volume_enabled", Bool, 0, 7),
    Limit::new("volume_max_series", Integer, 0, 7),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn table_is_sorted_for_the_search() {
        assert!(LIMITS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert_eq!(Limit::find("retention_period").unwrap().kind, Duration);
        assert!(Limit::find("retention").is_none());
    }

    #[test]
    fn closest_name_is_suggested_only_when_close() {
        assert_eq!(Limit::closest("ingestion_rate").unwrap().name, "ingestion_rate_mb");
        assert!(Limit::closest("replicas").is_none());
    }

    #[test]
    fn text_becomes_what_the_limit_takes() {
        assert_eq!(typed("ingestion_rate_mb", &json!("16")), 16);
        assert_eq!(typed("volume_enabled", &json!("false")), false);
        assert_eq!(typed("required_labels", &json!(r#"["app"]"#)), json!(["app"]));
        assert_eq!(typed("retention_period", &json!("30d")), "30d");
        assert_eq!(typed("deletion_mode", &json!("disabled")), "disabled");
        assert_eq!(typed("ingestion_rate_mb", &json!("many")), "many");
        assert_eq!(typed("max_query_series", &json!(500.0)).to_string(), "500");
    }
}
