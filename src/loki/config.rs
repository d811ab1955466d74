//! Loki's configuration file.
//!
//! Only what differs from Loki's defaults is written. Directories (write-ahead log, index, compactor)
//! follow from `common.path_prefix`, and rings from `common.ring` (pkg/loki/config_wrapper.go).

use serde_json::{Map, Value, json};

use super::derived::{GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use super::json::without_nulls;
use super::limits::typed;
use super::options::{Limits, Options, Storage};

/// Where the data volume is mounted.
pub const DATA_DIRECTORY: &str = "/var/loki";
/// Where the runtime configuration is mounted.
pub const RUNTIME_CONFIG_DIRECTORY: &str = "/etc/loki/runtime-config";
/// File name of the runtime configuration, and key of its ConfigMap.
pub const RUNTIME_CONFIG_FILE: &str = "runtime-config.yaml";

/// The one environment variable that the file refers to: the pod's address, which Loki would
/// otherwise look for among private interfaces that some clusters do not have (loki#8634).
const POD_IP: &str = "${POD_IP}";
/// Loki's default of 4 MiB refuses the answers of busy queries; loki-operator's choice.
const GRPC_MESSAGE_BYTES: u64 = 100 << 20;

/// Loki's configuration file as a value.
pub fn config(options: &Options) -> Value {
    let version = options.version();
    let retention = options.retention_enabled();
    let memberlist = options.service_host(&options.memberlist_service_name());
    without_nulls(json!({
        "analytics": {"reporting_enabled": false},
        "auth_enabled": options.auth_enabled,
        "common": {
            "instance_addr": POD_IP,
            "path_prefix": DATA_DIRECTORY,
            "replication_factor": options.replication_factor(),
            "ring": {"kvstore": {"store": "memberlist"}},
        },
        "compactor": {
            "retention_enabled": retention,
            // Required with retention since Loki 3.0 (pkg/compactor/config.go).
            "delete_request_store": retention.then(|| options.storage.object_store()),
        },
        "ingester": {
            // A replica that died without leaving would keep every other one from becoming ready. A
            // single one has nothing to forget, and would warn of that at every heartbeat.
            "autoforget_unhealthy": options.replicas > 1,
            "chunk_encoding": "snappy",
            "wal": {
                // What a removed replica holds must be in the store, not in a claim nobody mounts.
                "flush_on_shutdown": true,
                "replay_memory_ceiling": replay_memory_ceiling(options),
            },
        },
        "limits_config": limits(options),
        "memberlist": {
            // The service's name resolves only once a replica has an address: retry, do not exit.
            "abort_if_cluster_join_fails": false,
            "bind_port": MEMBERLIST_PORT,
            // Keeps this ring apart from others' when a pod's address is given to another stack.
            "cluster_label": format!("{}.{}", options.name, options.namespace),
            "join_members": [format!("{memberlist}:{MEMBERLIST_PORT}")],
            // Mends a ring whose members started without seeing each other.
            "rejoin_interval": "1m",
        },
        "pattern_ingester": {"enabled": false},
        "query_range": {"align_queries_with_step": true, "cache_results": true},
        "runtime_config": {"file": format!("{RUNTIME_CONFIG_DIRECTORY}/{RUNTIME_CONFIG_FILE}")},
        "schema_config": {"configs": schema(options)},
        "server": {
            "grpc_listen_port": GRPC_PORT,
            "grpc_server_max_recv_msg_size": GRPC_MESSAGE_BYTES,
            "grpc_server_max_send_msg_size": GRPC_MESSAGE_BYTES,
            "http_listen_port": HTTP_PORT,
            // Loki's 30 s would cut off queries long before their `query_timeout`.
            "http_server_read_timeout": "10m",
            "http_server_write_timeout": "10m",
        },
        "storage_config": storage(
            &options.storage,
            // Explicit because its default changes in Loki 4.0; there is no such key before 3.4.
            version.since(4).then_some(false),
        ),
        "tracing": {"enabled": false},
    }))
}

/// Loki's configuration file as YAML with a deterministic order of keys. Loki expands environment
/// variables in it (`-config.expand-env=true`); whatever the user wrote is protected from that.
pub fn config_yaml(options: &Options) -> String {
    // envsubst reads `$$` as a dollar sign and `\\` as a backslash (github.com/drone/envsubst, parse/scan.go).
    yaml(&config(options)).replace('\\', r"\\").replace('$', "$$").replace(&POD_IP.replace('$', "$$"), POD_IP)
}

/// The runtime configuration: limits by tenant. Loki does not expand variables in it.
pub fn runtime_config_yaml(options: &Options) -> String {
    let overrides: Map<_, _> =
        options.overrides.iter().map(|(tenant, limits)| (tenant.clone(), values(limits))).collect();
    yaml(&json!({"overrides": overrides}))
}

/// YAML without block scalars, so that a value stays on its line.
fn yaml(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    // The serializer fails only for types that serde_json's values are not made of.
    serde_saphyr::to_string_with_options(value, options).unwrap_or_default()
}

fn limits(options: &Options) -> Value {
    let derived = json!({
        "max_cache_freshness_per_query": "10m",
        "query_timeout": "5m",
        "retention_period": options.retention,
        // Grafana's log volume panels ask for it.
        "volume_enabled": true,
    });
    let mut limits = derived.as_object().cloned().unwrap_or_default();
    if let Value::Object(given) = values(&options.limits) {
        limits.extend(given);
    }
    Value::Object(limits)
}

fn values(limits: &Limits) -> Value {
    limits.iter().map(|(name, value)| (name.clone(), typed(name, value))).collect()
}

fn schema(options: &Options) -> Vec<Value> {
    let period = |period: &super::options::SchemaPeriod| {
        json!({
            "from": period.from,
            // Loki: tsdb must always have periodic config for index set to 24h.
            "index": {"prefix": period.index_prefix, "period": "24h"},
            "object_store": options.storage.object_store(),
            "schema": period.version,
            "store": period.store,
        })
    };
    options.schema.iter().map(period).collect()
}

fn storage(storage: &Storage, use_thanos_objstore: Option<bool>) -> Value {
    let (filesystem, aws) = match storage {
        Storage::Filesystem => (json!({"directory": format!("{DATA_DIRECTORY}/chunks")}), Value::Null),
        Storage::S3(s3) => {
            let aws = json!({
                "bucketnames": s3.bucket,
                "region": s3.region,
                // Only where one is given: on Amazon, an endpoint breaks web identity (loki#12095).
                "endpoint": s3.endpoint,
                "insecure": s3.plain_http(),
                "s3forcepathstyle": s3.force_path_style,
            });
            (Value::Null, aws)
        }
    };
    json!({"aws": aws, "filesystem": filesystem, "use_thanos_objstore": use_thanos_objstore})
}

/// Three quarters of the memory limit, as Loki's documentation advises for the replay of the
/// write-ahead log; Loki's 4 GB where there is no limit.
fn replay_memory_ceiling(options: &Options) -> Option<String> {
    let mebibytes = options.memory_limit()? * 3 / 4 / (1 << 20);
    (mebibytes > 0).then(|| format!("{mebibytes}MB"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::S3;

    fn at(options: &Options, pointer: &str) -> Value {
        config(options).pointer(pointer).cloned().unwrap_or_default()
    }

    #[test]
    fn no_endpoint_unless_one_is_given() {
        let storage = |endpoint: Option<&str>| Options {
            storage: Storage::S3(S3 {
                bucket: "acme-loki".into(),
                region: "eu-west-1".into(),
                endpoint: endpoint.map(Into::into),
                ..S3::default()
            }),
            ..Options::default()
        };
        let aws = at(&storage(None), "/storage_config/aws");
        assert_eq!(aws.get("endpoint"), None);
        assert_eq!(aws["insecure"], false);
        let aws = at(&storage(Some("http://10.0.0.1:5000")), "/storage_config/aws");
        assert_eq!(aws["endpoint"], "http://10.0.0.1:5000");
        assert_eq!(aws["insecure"], true, "told by the scheme");
    }

    #[test]
    fn retention_brings_its_delete_request_store() {
        let options = Options { retention: Some("90d".into()), ..Options::default() };
        assert_eq!(at(&options, "/compactor/delete_request_store"), "filesystem");
        assert_eq!(at(&options, "/limits_config/retention_period"), "90d");
        let forever = Options::default();
        assert_eq!(at(&forever, "/compactor"), json!({"retention_enabled": false}));
        assert_eq!(at(&forever, "/limits_config/retention_period"), Value::Null);
    }

    #[test]
    fn thanos_switch_is_said_where_loki_knows_it() {
        let switch = |version: &str| {
            let options = Options { loki_version: version.into(), ..Options::default() };
            at(&options, "/storage_config/use_thanos_objstore")
        };
        assert_eq!(switch("3.3.4"), Value::Null);
        assert_eq!(switch("3.4.0"), false);
    }

    #[test]
    fn given_limits_win_and_stay_literal() {
        let mut options = Options::default();
        options.limits.insert("query_timeout".into(), "1m".into());
        options.limits.insert("ingestion_rate_mb".into(), json!(16.0));
        options.limits.insert("required_labels".into(), json!(["${HOME}\\d"]));
        let text = config_yaml(&options);
        assert!(text.contains("query_timeout: 1m\n"), "{text}");
        assert!(text.contains("ingestion_rate_mb: 16\n"), "{text}");
        assert!(text.contains("$${HOME}"), "{text}");
        assert!(text.contains("instance_addr: ${POD_IP}\n"), "{text}");
    }

    #[test]
    fn replay_ceiling_follows_the_memory_limit() {
        let mut options = Options::default();
        assert_eq!(at(&options, "/ingester/wal/replay_memory_ceiling"), Value::Null);
        options.resources.limits.memory = Some("1Gi".into());
        assert_eq!(at(&options, "/ingester/wal/replay_memory_ceiling"), "768MB");
    }
}
