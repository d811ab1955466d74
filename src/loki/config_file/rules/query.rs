//! The query path: query_range, querier, query_scheduler, frontend_worker.

use super::{grpc_client, refuse};
use crate::loki::config_file::dynamic::is_cache_configured;
use crate::loki::config_file::{Findings, View};

type Broken = super::storage::Broken;

/// pkg/querier/queryrange, Config.Validate. Loki calls it twice and says it twice.
pub(super) fn query_range(view: View<'_>, out: &mut Findings) {
    const SECTION: &str = "query_range";
    if out.has(SECTION) {
        return;
    }
    let range = view.at(SECTION);
    let cache = |flag: &str, section: &str, name: &str| -> Option<Broken> {
        if !range.bool(flag) {
            return None;
        }
        results_cache(range.at(section))
            .map(|(path, text, hint)| (format!("{section}.{path}"), format!("invalid {name} config: {text}"), hint))
    };
    let sharded = !range.items("shard_aggregations").is_empty() && !range.bool("parallelise_shardable_queries");
    let found = cache("cache_results", "results_cache", "results_cache")
        .or_else(|| {
            sharded.then(|| {
                (
                    "shard_aggregations".into(),
                    "shard_aggregations requires parallelise_shardable_queries=true".into(),
                    "Set parallelise_shardable_queries: true.",
                )
            })
        })
        .or_else(|| cache("cache_index_stats_results", "index_stats_results_cache", "index_stats_results_cache"));
    refuse(out, range, SECTION, found);
}

/// pkg/storage/chunk/cache/resultscache, Config.Validate.
fn results_cache(cache: View<'_>) -> Option<Broken> {
    let compression = cache.text("compression");
    if !["", "snappy"].contains(&compression) {
        let text = format!("unsupported compression type: {compression}");
        return Some(("compression".into(), text, "Use snappy, or leave compression out."));
    }
    (!is_cache_configured(cache.at("cache")))
        .then(|| ("cache".into(), "no cache configured".into(), "Configure one, or leave the section out."))
}

/// pkg/querier, Config.Validate.
pub(super) fn querier(view: View<'_>, out: &mut Findings) {
    let querier = view.at("querier");
    if querier.bool("query_store_only") && querier.bool("query_ingester_only") {
        let text = "querier.query_store_only and querier.query_ingester_only cannot both be true";
        refuse(out, querier, "querier", Some(("query_ingester_only".into(), text.into(), "Set one of them.")));
    }
    const START: &str = "dataobj_storage_start";
    let start = querier.text(START);
    if view.minor() == 6 && !start.is_empty() && start.parse::<jiff::civil::Date>().is_err() {
        let text = format!(
            "data_obj_storage_start must be a valid date: parsing time {start:?} as \"2006-01-02\": cannot parse {start:?} \
             as \"2006\""
        );
        refuse(out, querier, "querier", Some((START.into(), text, "Write it as 2024-04-01.")));
    }
}

/// pkg/scheduler, Config.Validate.
pub(super) fn query_scheduler(view: View<'_>, out: &mut Findings) {
    let scheduler = view.at("query_scheduler");
    for (key, wanted, text) in [
        ("num_tokens", 1, "Num tokens must not be changed as it will not take effect"),
        ("replication_factor", 2, "Replication factor must not be changed as it will not take effect"),
    ] {
        let path = format!("scheduler_ring.{key}");
        if scheduler.int(&path) != wanted {
            let hint = "Leave it out of query_scheduler.scheduler_ring.";
            return refuse(out, scheduler, "query_scheduler", Some((path, text.into(), hint)));
        }
    }
}

/// pkg/querier/worker, Config.Validate.
pub(super) fn frontend_worker(view: View<'_>, out: &mut Findings) {
    let worker = view.at("frontend_worker");
    let both = !worker.text("frontend_address").is_empty() && !worker.text("scheduler_address").is_empty();
    let clients: &[&str] = match view.minor() {
        0 => &["grpc_client_config"],
        // What the old key says is copied to the new ones: then the old one is the one to look at.
        _ if worker.is_set("grpc_client_config") => {
            &["grpc_client_config", "query_frontend_grpc_client", "query_scheduler_grpc_client"]
        }
        _ => &["query_frontend_grpc_client", "grpc_client_config", "query_scheduler_grpc_client"],
    };
    let found = if both {
        let text = "frontend address and scheduler address are mutually exclusive, please use only one";
        Some(("scheduler_address".into(), text.into(), "Keep scheduler_address."))
    } else {
        clients.iter().find_map(|client| {
            grpc_client(worker.at(client)).map(|(path, text, hint)| (format!("{client}.{path}"), text, hint))
        })
    };
    refuse(out, worker, "frontend_worker", found);
}
