//! What takes logs and what tidies them up.

use serde_json::{Value, json};

use crate::loki::options::Options;

pub fn ingester(options: &Options) -> Value {
    json!({
        // A replica that died without leaving would keep every other one from becoming ready. A
        // single one has nothing to forget, and would warn of that at every heartbeat.
        "autoforget_unhealthy": options.ingesters() > 1,
        "chunk_encoding": "snappy",
        // Not for all rings: the others' members are in no zone.
        "lifecycler": (!options.zones().is_empty()).then(|| json!({"ring": {"zone_awareness_enabled": true}})),
        "wal": {
            // What a removed replica holds must be in the store, not in a claim nobody mounts.
            "flush_on_shutdown": true,
            "replay_memory_ceiling": replay_memory_ceiling(options),
        },
    })
}

pub fn compactor(options: &Options) -> Value {
    let retention = options.retention_enabled();
    json!({
        "retention_enabled": retention,
        // Required with retention since Loki 3.0 (pkg/compactor/config.go).
        "delete_request_store": retention.then(|| options.storage.object_store()),
    })
}

/// Builders connect to the one planner by themselves.
pub fn bloom_build(options: &Options) -> Value {
    if !options.has("bloom_planner") {
        return Value::Null;
    }
    json!({
        "enabled": true,
        "builder": {"planner_address": options.component_grpc_address("bloom-planner")},
    })
}

/// Three quarters of the memory limit, as Loki's documentation advises for the replay of the
/// write-ahead log; Loki's 4 GB where there is no limit.
fn replay_memory_ceiling(options: &Options) -> Option<String> {
    let mebibytes = options.ingester_memory_limit()? * 3 / 4 / (1 << 20);
    (mebibytes > 0).then(|| format!("{mebibytes}MB"))
}
