//! What answers queries, and the caches of it.
//!
//! Monolithic and simple scalable Loki find their schedulers by a ring (pkg/loki/config_wrapper.go); distributed Loki
//! has a service for each component.

use serde_json::{Value, json};

use crate::loki::derived::HTTP_PORT;
use crate::loki::options::{Mode, Options};

pub fn frontend(options: &Options) -> Value {
    if options.mode != Mode::Distributed {
        return Value::Null;
    }
    let querier = options.service_host(&options.component_service_name("querier"));
    json!({
        "scheduler_address": scheduler(options),
        // Only queriers follow streams; the frontend passes such requests on (pkg/loki/modules.go, initQueryFrontend).
        "tail_proxy_url": format!("http://{querier}:{HTTP_PORT}"),
    })
}

pub fn frontend_worker(options: &Options) -> Value {
    if options.mode == Mode::Distributed { json!({"scheduler_address": scheduler(options)}) } else { Value::Null }
}

/// A name with the addresses of all schedulers: each frontend and worker connects to every one of them.
fn scheduler(options: &Options) -> String {
    options.component_headless_grpc_address("query-scheduler")
}

pub fn index_gateway(options: &Options) -> Value {
    match options.mode {
        Mode::Monolithic => Value::Null,
        // By a ring, queries would fail as soon as fewer gateways are healthy than a replication factor wants that was made
        // for ingesters (dskit, Ring.GetReplicationSetForOperation): with one gateway and a factor of 3 they always do.
        Mode::Distributed | Mode::SimpleScalable => json!({"mode": "simple"}),
    }
}

/// Index gateways ask the bloom gateways which chunks a query can leave out.
pub fn bloom_gateway(options: &Options) -> Value {
    if !options.has("bloom_gateway") {
        return Value::Null;
    }
    let addresses = format!("dns+{}", options.component_headless_grpc_address("bloom-gateway"));
    json!({"enabled": true, "client": {"addresses": addresses}})
}

pub fn query_range(options: &Options) -> Value {
    let cache = options.caches.results.as_ref().map(|_| memcached(options, "results-cache", "500ms"));
    json!({
        "align_queries_with_step": true,
        "cache_results": true,
        "results_cache": cache.map(|cache| json!({"cache": cache})),
    })
}

pub fn chunk_store(options: &Options) -> Value {
    if options.caches.chunks.is_none() {
        return Value::Null;
    }
    json!({"chunk_cache_config": memcached(options, "chunks-cache", "2s")})
}

/// A cache that the stack's memcached of that name keeps; its pods are found by the SRV records of their headless service.
fn memcached(options: &Options, name: &str, timeout: &str) -> Value {
    let host = options.service_host(&options.component_service_name(name));
    json!({"memcached_client": {
        "addresses": format!("dnssrvnoa+_memcached-client._tcp.{host}"),
        // A pod that comes or goes moves a part of the keys only.
        "consistent_hash": true,
        "timeout": timeout,
    }})
}
