//! What Loki derives for one section from others before it validates (pkg/loki/config_wrapper.go,
//! ApplyDynamicConfig), as far as its validation or a user can see the outcome.

use super::value::{Entry, Value};
use super::view::View;
use super::{Config, Findings};

mod ring;
mod storage;

/// Derives, and refuses what Loki refuses on the way.
pub(super) fn apply(config: &mut Config, findings: &mut Findings) {
    path_prefix(config);
    ring::apply(config);
    if tokens_path(config.view(), findings) {
        return;
    }
    storage::common(config, findings);
    if findings.refused() {
        return;
    }
    index_directories(config);
    caches(config);
    config.set("ingester.lifecycler.final_sleep", 0i64);
    let factor = config.view().int("common.replication_factor");
    config.set("ingester.lifecycler.ring.replication_factor", factor);
    chunk_retain(config);
    querier_worker(config, findings);
}

fn prefix(config: &Config) -> Option<String> {
    let prefix = config.view().text("common.path_prefix");
    (!prefix.is_empty()).then(|| prefix.strip_suffix('/').unwrap_or(prefix).to_owned())
}

fn path_prefix(config: &mut Config) {
    let Some(prefix) = prefix(config) else { return };
    for (path, folder) in
        [("ruler.rule_path", "rules-temp"), ("ingester.wal.dir", "wal"), ("compactor.working_directory", "compactor")]
    {
        if config.view().is_default(path) {
            config.set(path, format!("{prefix}/{folder}"));
        }
    }
    const BLOOMS: &str = "storage_config.bloom_shipper.working_directory";
    if config.view().is_default(BLOOMS) {
        config.set(BLOOMS, Value::List(vec![Entry::derived(format!("{prefix}/blooms").into())]));
    }
}

/// Whether tokens are to be kept in a folder that nobody named.
fn tokens_path(view: View<'_>, findings: &mut Findings) -> bool {
    let missing = view.bool("common.persist_tokens") && view.text("common.path_prefix").is_empty();
    if missing {
        findings
            .refuse(
                view,
                "common.persist_tokens",
                "failed parsing config: if persist_tokens is true, path_prefix MUST be defined",
            )
            .hint("Set common.path_prefix to a folder that outlives the process, such as /var/loki.");
    }
    missing
}

fn index_directories(config: &mut Config) {
    let Some(prefix) = prefix(config) else { return };
    for (store, section) in [("boltdb-shipper", "boltdb_shipper"), ("tsdb", "tsdb_shipper")] {
        let used = config.view().items("schema_config.configs").iter().any(|period| period.text("store") == store);
        if !used {
            continue;
        }
        for (key, folder) in [("active_index_directory", "active"), ("cache_location", "cache")] {
            let path = format!("storage_config.{section}.{key}");
            if config.view().text(&path).is_empty() {
                config.set(&path, format!("{prefix}/{}-{folder}", section.replace('_', "-")));
            }
        }
    }
}

/// pkg/storage/chunk/cache/cache.go, IsCacheConfigured.
pub(super) fn is_cache_configured(cache: View<'_>) -> bool {
    !cache.text("memcached_client.host").is_empty()
        || !cache.text("memcached_client.addresses").is_empty()
        || !cache.text("redis.endpoint").is_empty()
        || cache.bool("embedded_cache.enabled")
}

fn caches(config: &mut Config) {
    const RESULTS: &str = "query_range.results_cache.cache";
    let embedded = !is_cache_configured(config.view().at(RESULTS));
    for cache in ["chunk_store_config.chunk_cache_config", RESULTS] {
        if !is_cache_configured(config.view().at(cache)) {
            config.set(&format!("{cache}.embedded_cache.enabled"), true);
        }
    }
    for kind in ["index_stats", "volume", "series", "label", "instant_metric"] {
        let cache = format!("query_range.{kind}_results_cache.cache");
        if config.view().has(&cache) && !is_cache_configured(config.view().at(&cache)) {
            let prefix = config.view().text(&format!("{cache}.prefix")).to_owned();
            config.copy(RESULTS, &cache);
            if embedded {
                // Copied before the file switches it off again.
                config.set(&format!("{cache}.embedded_cache.enabled"), true);
            }
            config.set(&format!("{cache}.prefix"), prefix);
        }
    }
}

fn chunk_retain(config: &mut Config) {
    let view = config.view();
    if view.is_default("storage_config.index_queries_cache_config") {
        return;
    }
    let periods = view.items("schema_config.configs");
    let active = super::rules::active_period(&periods, None);
    if periods.get(active).is_some_and(|period| period.text("store") == "boltdb-shipper") {
        const MINUTE: i128 = 60_000_000_000;
        let validity = view.int("storage_config.index_cache_validity");
        config.set("ingester.chunk_retain_period", validity + MINUTE);
    }
}

fn querier_worker(config: &mut Config, findings: &mut Findings) {
    const OLD: &str = "frontend_worker.grpc_client_config";
    const NEW: [&str; 2] =
        ["frontend_worker.query_frontend_grpc_client", "frontend_worker.query_scheduler_grpc_client"];
    let view = config.view();
    if view.minor() < 1 || view.is_default(OLD) {
        return;
    }
    if NEW.iter().any(|path| !view.is_default(path)) {
        findings
            .refuse(
                view,
                OLD,
                "failed parsing config: both `grpc_client_config` and (`query_frontend_grpc_client` or \
                 `query_scheduler_grpc_client`) are set at the same time. Please use only `query_frontend_grpc_client` \
                 and `query_scheduler_grpc_client`",
            )
            .hint("Move what grpc_client_config holds into the other two and delete it.");
        return;
    }
    for path in NEW {
        config.copy(OLD, path);
    }
}

#[cfg(test)]
#[path = "dynamic_tests.rs"]
mod tests;
