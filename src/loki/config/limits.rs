//! `limits_config`.

use serde_json::{Value, json};

use crate::loki::limits::typed;
use crate::loki::options::{Limits, Options};

pub fn limits(options: &Options) -> Value {
    // What runs for them is there to be used.
    let blooms = options.has("bloom_gateway").then_some(true);
    let derived = json!({
        "bloom_creation_enabled": blooms,
        "bloom_gateway_enable_filtering": blooms,
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

pub fn values(limits: &Limits) -> Value {
    limits.iter().map(|(name, value)| (name.clone(), typed(name, value))).collect()
}
