//! Loki's configuration file, by concern.
//!
//! Only what differs from Loki's defaults is written. Directories (write-ahead log, index, compactor)
//! follow from `common.path_prefix`, and rings from `common.ring` (pkg/loki/config_wrapper.go).

mod limits;
mod reads;
mod ruler;
mod shared;
mod storage;
#[cfg(test)]
mod tests;
mod thanos;
mod writes;
mod yaml;

use serde_json::{Map, Value, json};

use super::config_overrides::merged;
use super::json::without_nulls;
use super::options::Options;

/// Where the data volume is mounted.
pub const DATA_DIRECTORY: &str = "/var/loki";
/// Where the runtime configuration is mounted.
pub const RUNTIME_CONFIG_DIRECTORY: &str = "/etc/loki/runtime-config";
/// File name of the runtime configuration, and key of its ConfigMap.
pub const RUNTIME_CONFIG_FILE: &str = "runtime-config.yaml";

/// Where rules are mounted, a folder for each tenant.
pub const RULES_DIRECTORY: &str = "/etc/loki/rules";

/// An environment variable that the file refers to: the pod's address, which Loki would otherwise look for among private
/// interfaces that some clusters do not have (loki#8634).
pub const POD_IP: &str = "${POD_IP}";

/// The other one: the key of an Azure storage account, which no client of Loki's finds by itself. The file is no place for
/// secrets.
pub const AZURE_KEY: &str = "${AZURE_STORAGE_KEY}";

/// Loki's configuration file as a value: what is rendered, with the user's overrides merged over it.
pub fn config(options: &Options) -> Value {
    merged(rendered(options), &options.config_overrides)
}

/// What the options alone make of the file.
pub fn rendered(options: &Options) -> Value {
    without_nulls(json!({
        "analytics": {"reporting_enabled": false},
        "auth_enabled": options.auth_enabled,
        "bloom_build": writes::bloom_build(options),
        "bloom_gateway": reads::bloom_gateway(options),
        "chunk_store_config": reads::chunk_store(options),
        "common": shared::common(options),
        "compactor": writes::compactor(options),
        "frontend": reads::frontend(options),
        "frontend_worker": reads::frontend_worker(options),
        "index_gateway": reads::index_gateway(options),
        "ingester": writes::ingester(options),
        "limits_config": limits::limits(options),
        "memberlist": shared::memberlist(options),
        "pattern_ingester": {"enabled": options.has("pattern_ingester")},
        "query_range": reads::query_range(options),
        "ruler": ruler::ruler(options),
        "runtime_config": {"file": format!("{RUNTIME_CONFIG_DIRECTORY}/{RUNTIME_CONFIG_FILE}")},
        "schema_config": {"configs": storage::schema(options)},
        "server": shared::server(),
        "storage_config": storage::storage(options),
        "tracing": {"enabled": false},
    }))
}

/// Loki's configuration file as YAML with a deterministic order of keys. Loki expands environment
/// variables in it (`-config.expand-env=true`); whatever the user wrote is protected from that, but
/// for [`POD_IP`] and [`AZURE_KEY`].
pub fn config_yaml(options: &Options) -> String {
    yaml::protected(&yaml::text(&config(options)))
}

/// The same as Loki reads it once the variables are expanded, with that address of the pod.
pub fn expanded(options: &Options, pod_ip: &str) -> String {
    // Any text is as good as the key: it is never tried.
    yaml::text(&config(options)).replace(POD_IP, pod_ip).replace(AZURE_KEY, "a2V5")
}

/// Any value as YAML that Loki reads back as the same value.
pub fn yaml_text(value: &Value) -> String {
    yaml::text(value)
}

/// The runtime configuration: limits by tenant. Loki does not expand variables in it.
pub fn runtime_config_yaml(options: &Options) -> String {
    let overrides: Map<_, _> =
        options.overrides.iter().map(|(tenant, limits)| (tenant.clone(), limits::values(limits))).collect();
    yaml::text(&json!({"overrides": overrides}))
}
