//! Caches that are paid for and not used.

use super::super::super::{Findings, View};

/// Results' caches, and the switches that put them to use.
const RESULTS: [(&str, &str); 6] = [
    ("results_cache", "cache_results"),
    ("index_stats_results_cache", "cache_index_stats_results"),
    ("volume_results_cache", "cache_volume_results"),
    ("series_results_cache", "cache_series_results"),
    ("label_results_cache", "cache_label_results"),
    ("instant_metric_results_cache", "cache_instant_metric_results"),
];

pub(super) fn caches(view: View<'_>, out: &mut Findings) {
    let range = view.at("query_range");
    for (cache, switch) in RESULTS {
        // Others fall back to the settings of the first.
        let set = range.is_set(cache) && range.has(switch);
        let fallback =
            cache == "results_cache" && RESULTS[1..].iter().any(|(_, other)| range.is_set(other) && range.bool(other));
        if set && !range.bool(switch) && !fallback && has_store(range.at(cache).at("cache")) {
            out.warn(range, cache, format!("query_range.{cache} is set and not used: query_range.{switch} is false"))
                .hint(format!("Set query_range.{switch}: true, or delete the cache."));
        }
    }
    let only_tsdb = view.items("schema_config.configs").iter().all(|period| period.text("store") == "tsdb");
    let index = "storage_config.index_queries_cache_config";
    if only_tsdb && view.is_set(index) && has_store(view.at(index)) {
        out.warn(view, index, "tsdb does not use the cache of index queries")
            .hint("Delete index_queries_cache_config.");
    }
    for cache in ["chunk_store_config.chunk_cache_config", "query_range.results_cache.cache"] {
        let cache = view.at(cache);
        let named = |keys: &[&str]| keys.iter().any(|key| cache.is_set(key) && !cache.is_zero(key));
        if named(&["redis.endpoint"]) && named(&["memcached_client.host", "memcached_client.addresses"]) {
            // pkg/storage/chunk/cache/cache.go, New.
            out.warn(
                cache,
                "redis.endpoint",
                "use of multiple cache storage systems is not supported: Loki fails when it starts",
            )
            .hint("Keep one of memcached_client and redis.");
        }
    }
}

/// Whether the file names a server for a cache, or turns the embedded one on.
fn has_store(cache: View<'_>) -> bool {
    ["memcached_client.host", "memcached_client.addresses", "redis.endpoint", "embedded_cache.enabled"]
        .iter()
        .any(|key| cache.is_set(key) && !cache.is_zero(key))
}
