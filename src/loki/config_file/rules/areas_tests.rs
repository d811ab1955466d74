//! One refusal and one acceptance of every rule of the query path, the ingesters and the experimental sections.

use super::testing::{refuses, takes};

const SIZES: &str = "Num tokens must not be changed as it will not take effect";

#[test]
fn the_query_path() {
    let shards = "shard_aggregations requires parallelise_shardable_queries=true";
    refuses(
        7,
        "query_range: {parallelise_shardable_queries: false, shard_aggregations: quantile_over_time}",
        "query_range.shard_aggregations",
        &format!("query_range config: {shards}"),
    );
    takes(7, "frontend: {encoding: protobuf}\nquery_range: {shard_aggregations: quantile_over_time}");
    for minor in [0, 7] {
        refuses(
            minor,
            "query_range: {cache_results: true, results_cache: {compression: gzip}}",
            "query_range.results_cache.compression",
            "query_range config: invalid results_cache config: unsupported compression type: gzip",
        );
        takes(minor, "query_range: {cache_results: true, results_cache: {compression: snappy}}");
        takes(minor, "query_range: {cache_results: false, results_cache: {compression: gzip}}");
        refuses(
            minor,
            "querier: {query_store_only: true, query_ingester_only: true}",
            "querier.query_ingester_only",
            "querier config: querier.query_store_only and querier.query_ingester_only cannot both be true",
        );
        takes(minor, "querier: {query_store_only: true}");
        refuses(
            minor,
            "query_scheduler: {scheduler_ring: {num_tokens: 2}}",
            "query_scheduler.scheduler_ring.num_tokens",
            &format!("query_scheduler config: {SIZES}"),
        );
        refuses(
            minor,
            "query_scheduler: {scheduler_ring: {replication_factor: 3}}",
            "query_scheduler.scheduler_ring.replication_factor",
            "query_scheduler config: Replication factor must not be changed as it will not take effect",
        );
        takes(minor, "query_scheduler: {scheduler_ring: {num_tokens: 1, replication_factor: 2}}");
        refuses(
            minor,
            "frontend_worker: {frontend_address: 'a:1', scheduler_address: 'b:1'}",
            "frontend_worker.scheduler_address",
            "frontend_worker config: frontend address and scheduler address are mutually exclusive, please use only one",
        );
        takes(minor, "frontend_worker: {scheduler_address: 'b:1'}");
    }
    let compressed = |kind: &str| format!("frontend_worker: {{grpc_client_config: {{grpc_compression: {kind}}}}}");
    let at = "frontend_worker.grpc_client_config.grpc_compression";
    refuses(0, &compressed("zstd"), at, "frontend_worker config: unsupported compression type: zstd");
    refuses(7, &compressed("zstd"), at, "frontend_worker config: unsupported compression type: \"zstd\"");
    takes(7, &compressed("snappy"));
}

#[test]
fn the_ingester() {
    refuses(
        7,
        "ingester: {chunk_encoding: brotli}",
        "ingester.chunk_encoding",
        "ingester config: invalid encoding: brotli, supported: none, gzip, lz4-64k, snappy, lz4-256k, lz4-1M, lz4, flate, zstd",
    );
    takes(7, "ingester: {chunk_encoding: GZip}");
    for (added, path, text) in [
        ("wal: {checkpoint_duration: 0s}", "wal.checkpoint_duration", "invalid checkpoint duration: 0s"),
        ("index_shards: 0", "index_shards", "invalid ingester index shard factor: 0"),
        (
            "flush_op_backoff: {min_period: 2m, max_period: 1m}",
            "flush_op_backoff.min_period",
            "invalid flush op min backoff: cannot be larger than max backoff",
        ),
        ("flush_op_backoff: {max_retries: 0}", "flush_op_backoff.max_retries", "invalid flush op max retries: 0"),
        ("flush_op_timeout: 0s", "flush_op_timeout", "invalid flush op timeout: 0s"),
        (
            "wal: {disk_full_threshold: 2}",
            "wal.disk_full_threshold",
            "invalid disk full threshold: 2 (must be between 0 and 1)",
        ),
    ] {
        let (path, text) = (format!("ingester.{path}"), format!("ingester config: {text}"));
        refuses(7, &format!("ingester: {{{added}}}"), &path, &text);
    }
    takes(7, "ingester: {wal: {enabled: false, checkpoint_duration: 0s}}");
    takes(7, "ingester: {index_shards: 16, wal: {disk_full_threshold: 1}}");
    takes(0, "ingester: {flush_op_timeout: 0s}");
    takes(1, "ingester: {flush_op_backoff: {min_period: 1m, max_period: 1m, max_retries: 1}, flush_op_timeout: 1s}");
}

#[test]
fn patterns_and_the_index_gateway() {
    refuses(
        7,
        "index_gateway: {ring: {num_tokens: 64}}",
        "index_gateway.ring.num_tokens",
        &format!("index_gateway config: {SIZES}"),
    );
    takes(7, "index_gateway: {ring: {num_tokens: 128}}");
    for (minor, added, path, text) in [
        (
            0,
            "lifecycler: {ring: {replication_factor: 2}}",
            "lifecycler.ring.replication_factor",
            "pattern ingester replication factor must be 1",
        ),
        (6, "volume_threshold: 2", "volume_threshold", "volume_threshold (2) must be between 0 and 1"),
        (
            6,
            "{retain_for: 1h, max_chunk_age: 2h}",
            "retain_for",
            "retain-for (1h0m0s) must be greater than or equal to chunk-duration (2h0m0s)",
        ),
        (
            6,
            "{max_chunk_age: 1s, pattern_sample_interval: 2s}",
            "max_chunk_age",
            "chunk-duration (1s) must be greater than or equal to sample-interval (2s)",
        ),
        (
            7,
            "lifecycler: {heartbeat_period: 0s}",
            "lifecycler.heartbeat_period",
            "heartbeat period must be greater than 0",
        ),
        (
            7,
            "lifecycler: {heartbeat_timeout: 0s}",
            "lifecycler.heartbeat_timeout",
            "heartbeat timeout must be greater than 0",
        ),
    ] {
        let added = if added.starts_with('{') { added.to_owned() } else { format!("{{{added}}}") };
        let (path, text) = (format!("pattern_ingester.{path}"), format!("pattern_ingester config: {text}"));
        refuses(minor, &format!("pattern_ingester: {added}"), &path, &text);
    }
    takes(7, "pattern_ingester: {lifecycler: {ring: {heartbeat_timeout: 0s}}}");
    takes(6, "pattern_ingester: {lifecycler: {heartbeat_timeout: 0s}, volume_threshold: 1}");
}

#[test]
fn blooms() {
    for (minor, added, path, text) in [
        (7, "bloom_build: {enabled: true}", "bloom_build.builder.planner_address", "planner address is required"),
        (
            7,
            "bloom_build: {enabled: true, planner: {min_table_offset: 3, max_table_offset: 2}}",
            "bloom_build.planner.min_table_offset",
            "min-table-offset (3) must be less than or equal to max-table-offset (2)",
        ),
        (
            7,
            "bloom_build: {enabled: true, planner: {queue: {store_tasks_on_disk: true, tasks_disk_directory: ''}}}",
            "bloom_build.planner.queue.tasks_disk_directory",
            "tasks_disk_directory must be set when store_tasks_on_disk is true",
        ),
        (
            1,
            "bloom_compactor: {enabled: true, retention: {enabled: true, max_lookback_days: 0}}",
            "bloom_compactor.retention.max_lookback_days",
            "max lookback days must be a positive number",
        ),
        (
            7,
            "bloom_gateway: {enabled: true}",
            "bloom_gateway.client.addresses",
            "addresses requires a list of comma separated strings in DNS service discovery format with at least one item",
        ),
    ] {
        let (section, within) = path.split_once('.').unwrap();
        let part = match within.split('.').next().unwrap() {
            part @ ("planner" | "builder") => format!("invalid bloom {part} configuration: "),
            _ => String::new(),
        };
        refuses(minor, added, path, &format!("{section} config: {part}{text}"));
    }
    takes(7, "bloom_build: {enabled: true, builder: {planner_address: 'x:1'}}");
    takes(7, "bloom_build: {enabled: false, planner: {min_table_offset: 3, max_table_offset: 2}}");
    takes(7, "bloom_gateway: {enabled: true, client: {addresses: 'x:1'}}");
    takes(1, "bloom_compactor: {enabled: true}");
}

#[test]
fn experiments() {
    let kafka = |more: &str| {
        let config = format!("kafka_config: {{address: 'k:1', {more}}}");
        format!("ingester: {{kafka_ingestion: {{enabled: true}}}}\n{config}")
    };
    for (more, path, text) in [
        ("topic: ''", "topic", "the Kafka topic has not been configured"),
        (
            "topic: t, producer_max_record_size_bytes: 1",
            "producer_max_record_size_bytes",
            "the configured producer max record size bytes must be a value between 1048576 and 15983616",
        ),
        ("topic: t, sasl_username: u", "sasl_password", "both sasl username and password must be set"),
    ] {
        refuses(4, &kafka(more), &format!("kafka_config.{path}"), &format!("kafka_config config: {text}"));
    }
    takes(4, &kafka("topic: t, sasl_username: u, sasl_password: p"));
    takes(4, "kafka_config: {topic: ''}");
    for (minor, added, path, text) in [
        (5, "window_size: 0s", "window_size", "window-size must be greater than 0"),
        (
            7,
            "enabled: true, topic: t, consumer_group: g, active_window: 0s",
            "active_window",
            "active window must be greater than 0",
        ),
        (
            6,
            "enabled: true, topic: t, consumer_group: g, rate_window: 5m, bucket_size: 2m",
            "rate_window",
            "rate-window must be a multiple of bucket-size",
        ),
    ] {
        let (path, text) = (format!("ingest_limits.{path}"), format!("ingest_limits config: {text}"));
        refuses(minor, &format!("ingest_limits: {{{added}}}"), &path, &text);
    }
    takes(6, "ingest_limits: {enabled: false, active_window: 0s}");
    takes(6, "ingest_limits: {enabled: true, topic: t, consumer_group: g}");
    refuses(
        5,
        "block_scheduler: {strategy: none}",
        "block_scheduler.strategy",
        "block_scheduler config: invalid strategy: none",
    );
    takes(5, "block_scheduler: {strategy: record-count}");
    refuses(
        4,
        "block_builder: {poll_interval: 0s}",
        "block_builder.poll_interval",
        "block_builder config: poll interval must be greater than 0",
    );
    takes(4, "block_builder: {poll_interval: 1s}");
    refuses(5, "ui: {enabled: true, node_name: ''}", "ui.node_name", "ui config: node name is required");
    takes(5, "ui: {enabled: true, node_name: x}");
}
