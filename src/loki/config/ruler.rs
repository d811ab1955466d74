//! What evaluates rules.

use serde_json::{Value, json};

use super::RULES_DIRECTORY;
use crate::loki::options::{Mode, Options, Ruler};

pub fn ruler(options: &Options) -> Value {
    let Some(ruler) = &options.ruler else { return Value::Null };
    json!({
        "alertmanager_url": (!ruler.alertmanager_urls.is_empty()).then(|| ruler.alertmanager_urls.join(",")),
        // Alertmanager has no other API since 0.27; said because it became Loki's default in 3.2 only.
        "enable_alertmanager_v2": true,
        "enable_api": true,
        // Otherwise each replica would evaluate every rule, and send every alert.
        "enable_sharding": options.mode == Mode::Distributed || options.ingesters() > 1,
        "external_url": ruler.external_url,
        "remote_write": remote_write(options, ruler),
        "storage": {"type": "local", "local": {"directory": RULES_DIRECTORY}},
    })
}

fn remote_write(options: &Options, ruler: &Ruler) -> Value {
    let Some(remote) = &ruler.remote_write else { return Value::Null };
    let headers = (!remote.headers.is_empty()).then_some(&remote.headers);
    json!({
        "enabled": true,
        // A name of the stack's own: metrics of two stacks are told apart in Loki's queue metrics.
        "clients": {options.name.as_str(): {"name": options.name, "url": remote.url, "headers": headers}},
    })
}
