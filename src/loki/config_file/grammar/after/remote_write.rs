//! Remote write of Prometheus (config/config.go, RemoteWriteConfig.UnmarshalYAML): 0.51 in Loki 3.0 and 3.1, 0.53 in
//! 3.2 and 3.3, 0.55 in 3.4, 3.2 and later in 3.5 and later.

use super::super::super::value::Value;
use super::super::quote::lower;
use super::{Members, http_client};

pub(super) fn check(config: Members<'_>, minor: u32) -> Option<String> {
    if !config.has("url") {
        return Some("url for remote_write is empty".into());
    }
    if let Some(Value::List(rules)) = config.get("write_relabel_configs")
        && rules.iter().any(|rule| rule.value == Value::Null)
    {
        return Some("empty or null relabeling rule in remote write config".into());
    }
    headers(config, minor)
        .or_else(|| message(config, minor))
        .or_else(|| http_client::client(config, minor))
        .or_else(|| if minor >= 7 { queue(config) } else { None })
        .or_else(|| authentication(config, minor))
}

/// validateHeaders; in Go, the first of several is any of them.
fn headers(config: Members<'_>, minor: u32) -> Option<String> {
    const RESERVED: [&str; 16] = [
        "host",
        "content-encoding",
        "content-length",
        "content-type",
        "user-agent",
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "www-authenticate",
        "accept-encoding",
        "x-prometheus-remote-write-version",
        "x-prometheus-remote-read-version",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ];
    let choices = if minor >= 4 { "azuread or google_iam" } else { "or azuread" };
    let judge = |name: &String| match lower(name).as_str() {
        "authorization" => Some(format!(
            "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, {choices} parameter"
        )),
        reserved if RESERVED.contains(&reserved) => {
            Some(format!("{name} is a reserved header. It must not be changed"))
        }
        _ => None,
    };
    config.nested("headers")?.0.keys().find_map(judge)
}

fn message(config: Members<'_>, minor: u32) -> Option<String> {
    const KNOWN: [&str; 2] = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"];
    let message = config.text_or("protobuf_message", KNOWN[0]);
    if minor < 2 || KNOWN.contains(&message) {
        return None;
    }
    let what = if minor >= 7 { "type for remote write protobuf message" } else { "remote write protobuf message" };
    Some(format!("invalid protobuf_message value: unknown {what} {message}, supported: {}", KNOWN.join(", ")))
}

/// QueueConfig.Validate.
fn queue(config: Members<'_>) -> Option<String> {
    const MILLISECOND: i128 = 1_000_000;
    let empty = std::collections::BTreeMap::new();
    let queue = match config.get("queue_config") {
        // Null sets every number to zero.
        Some(Value::Null) => return Some("remote write queue max_shards must be positive".into()),
        Some(Value::Map(members)) => Members(members),
        _ => Members(&empty),
    };
    let (most, least) = (queue.int_or("max_shards", 50), queue.int_or("min_shards", 1));
    let text = if most <= 0 {
        "max_shards must be positive"
    } else if least <= 0 {
        "min_shards must be positive"
    } else if least > most {
        "min_shards must not be greater than max_shards"
    } else if queue.int_or("max_samples_per_send", 2000) <= 0 {
        "max_samples_per_send must be positive"
    } else if queue.int_or("capacity", 10_000) <= 0 {
        "capacity must be positive"
    } else if queue.int_or("max_backoff", 5000 * MILLISECOND) < queue.int_or("min_backoff", 30 * MILLISECOND) {
        "max_backoff must not be less than min_backoff"
    } else {
        return None;
    };
    Some(format!("remote write queue {text}"))
}

/// validateAuthConfigs. A bearer token is an authorization by now.
fn authentication(config: Members<'_>, minor: u32) -> Option<String> {
    let token = config.count(&["bearer_token", "bearer_token_file"]) > 0;
    let all = [
        ("basic_auth", config.has("basic_auth")),
        ("authorization", config.has("authorization") || token),
        ("oauth2", config.has("oauth2")),
        ("sigv4", config.has("sigv4")),
        ("azuread", config.has("azuread")),
        ("google_iam", config.has("google_iam")),
    ];
    let set: Vec<_> = all.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect();
    if set.len() < 2 {
        return None;
    }
    if minor < 4 {
        return Some("at most one of basic_auth, authorization, oauth2, sigv4, & azuread must be configured".into());
    }
    Some(format!(
        "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently \
         configured: [{}]",
        set.join(" ")
    ))
}
