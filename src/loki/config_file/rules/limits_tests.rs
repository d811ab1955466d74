use super::super::testing::{refuses, takes};

fn limit(line: &str) -> String {
    format!("limits_config: {{{line}}}\n")
}

#[track_caller]
fn refused(minor: u32, line: &str, path: &str, text: &str) {
    refuses(minor, &limit(line), &format!("limits_config.{path}"), &format!("limits_config config: {text}"));
}

#[test]
fn streams_are_kept_a_day_or_more_by_a_selector() {
    let rule = |text: &str| format!("retention_stream: [{{{text}}}]");
    takes(7, &limit(&rule(r#"selector: '{a="b"}', period: 24h"#)));
    takes(0, &limit("retention_stream: []"));
    let short = "retention period must be >= 24h was 23h30m";
    refused(0, &rule(r#"selector: '{a="b"}', period: 23h30m"#), "retention_stream[0].period", short);
    let none = "retention period must be >= 24h was 0s";
    refused(7, &rule(r#"selector: '{a="b"}'"#), "retention_stream[0].period", none);
    let text = "invalid labels matchers: parse error : syntax error: unexpected $end";
    refused(7, &rule("period: 24h"), "retention_stream[0].selector", text);
    let all = rule(r#"selector: '{a=~".*"}', period: 24h"#);
    let text = "invalid labels matchers: parse error : queries require at least one regexp or equality matcher that \
                does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but \
                app=~\".+\" will";
    refused(7, &all, "retention_stream[0].selector", text);
}

#[test]
fn policies_have_selectors() {
    let mapping = |selector: &str| format!("policy_stream_mapping: {{ops: [{{selector: '{selector}', priority: 1}}]}}");
    takes(5, &limit(&mapping(r#"{team="ops"}"#)));
    let text = "invalid labels matchers for policy stream mapping: parse error at line 1, col 1: syntax error: \
                unexpected IDENTIFIER";
    refused(5, &mapping("ops"), "policy_stream_mapping.ops[0].selector", text);
    let null = limit("policy_stream_mapping: {ops: [null]}");
    let text = "panic: runtime error: invalid memory address or nil pointer dereference";
    refuses(7, &null, "limits_config.policy_stream_mapping.ops[0]", text);
}

#[test]
fn defaults_for_policies_are_merged_before_the_validation() {
    takes(7, "distributor: {default_policy_stream_mappings: {ops: [{selector: '{team=\"ops\"}'}]}}\n");
    const TEXT: &str = "failed to set default policy stream mappings: validation failed after merging with the \
                        defaults: invalid labels matchers for policy stream mapping: parse error at line 1, col 1: \
                        syntax error: unexpected IDENTIFIER";
    let defaults = "distributor: {default_policy_stream_mappings: {ops: [{selector: ops}]}}\n";
    refuses(7, defaults, "distributor.default_policy_stream_mappings.ops[0].selector", TEXT);
    let merged = "distributor: {default_policy_stream_mappings: {}}\n\
                  limits_config: {policy_stream_mapping: {ops: [{selector: ops}]}}\n";
    refuses(7, merged, "limits_config.policy_stream_mapping.ops[0].selector", TEXT);
}

#[test]
fn choices_are_lokis() {
    takes(7, &limit("deletion_mode: filter-only, tsdb_sharding_strategy: bounded, bloom_block_encoding: LZ4-1m"));
    let modes = "unknown deletion mode: must be one of disabled|filter-only|filter-and-delete";
    refused(0, "deletion_mode: off", "deletion_mode", modes);
    let strategy = "invalid tsdb sharding strategy: invalid shard version Bounded";
    refused(7, "tsdb_sharding_strategy: Bounded", "tsdb_sharding_strategy", strategy);
    let codecs = "invalid encoding: br, supported: none, gzip, lz4-64k, snappy, lz4-256k, lz4-1M, lz4, flate, zstd";
    refused(3, "bloom_block_encoding: br", "bloom_block_encoding", codecs);
}

#[test]
fn otlp_attributes_become_labels_where_they_can() {
    let label = |kind: &str| format!("otlp_config: {{{kind}: [{{action: index_label, attributes: [a]}}]}}");
    let text = "index_label action is only supported for resource_attributes";
    refused(1, &label("scope_attributes"), "otlp_config.scope_attributes[0].action", text);
    refused(4, &label("log_attributes"), "otlp_config.log_attributes[0].action", text);
    takes(5, &limit(&label("log_attributes")));
    // Not looked at.
    takes(0, &limit(&label("scope_attributes")));
}

#[test]
fn sizes_and_intervals_are_positive() {
    takes(0, &limit("tsdb_max_bytes_per_shard: 0"));
    let text = "querier.tsdb-max-bytes-per-shard must be greater than 0";
    refused(1, "tsdb_max_bytes_per_shard: 0", "tsdb_max_bytes_per_shard", text);
    let bucket = "engine_results_cache_time_bucket_interval";
    takes(7, &limit(&format!("{bucket}: 1m")));
    refused(7, &format!("{bucket}: 59s"), bucket, &format!("{bucket} must be >= 1m, got 59s"));
}

#[test]
fn a_level_of_nothing_ends_loki_first() {
    takes(7, "server: {log_level: debug}\n");
    refuses(7, "server: {log_level: null}\ncompactor: null\n", "server.log_level", "invalid log level");
}
