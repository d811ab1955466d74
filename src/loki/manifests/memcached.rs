//! The caches: memcached servers, which clients find by the SRV records of a headless service.

use serde_json::{Map, Value, json};

use super::pod::{Parts, confined, extra_env, port, resources};
use crate::loki::components::Component;
use crate::loki::options::Options;

/// Name of the service's port, and so of the SRV record.
pub const SERVICE_PORT_NAME: &str = "memcached-client";
/// Name of the pods' port, which may have 15 characters.
pub const PORT_NAME: &str = "client";
/// Memcached's own port.
pub const PORT: u16 = 11211;
/// What the community chart uses too.
const IMAGE: &str = "docker.io/library/memcached:1.6.39-alpine";
/// The image's user.
const USER: u32 = 11211;
/// Chunks are of 1.5 MiB at most, answers to queries may be larger; memcached's own limit is 1 MiB.
const LARGEST_ITEM: &str = "5m";
/// Each Loki keeps up to 16 connections a server.
const CONNECTIONS: &str = "16384";

pub fn parts(options: &Options, component: &Component) -> Parts {
    Parts {
        user: USER,
        account: None,
        labels: Map::new(),
        annotations: Map::new(),
        container: container(options, component),
        volumes: Vec::new(),
    }
}

fn container(options: &Options, component: &Component) -> Value {
    let (key, cache) = match component.target {
        "chunks-cache" => ("chunks_cache", &options.caches.chunks),
        _ => ("results_cache", &options.caches.results),
    };
    let image = cache.as_ref().and_then(|cache| cache.image.as_deref()).unwrap_or(IMAGE);
    let mut args: Vec<String> =
        ["-m", &options.cache_mebibytes(key).to_string(), "-I", LARGEST_ITEM, "-c", CONNECTIONS].map(Into::into).into();
    args.extend(component.pods.extra_args.iter().cloned());
    let probe = |period: u32, failures: u32| {
        json!({
            "tcpSocket": {"port": PORT_NAME},
            "periodSeconds": period,
            "timeoutSeconds": 3,
            "successThreshold": 1,
            "failureThreshold": failures,
        })
    };
    let env = extra_env(component);
    json!({
        "name": "memcached",
        "image": image,
        "imagePullPolicy": options.image_pull_policy,
        "args": args,
        "env": (!env.is_empty()).then_some(env),
        "ports": [port(PORT_NAME, PORT)],
        "readinessProbe": probe(5, 3),
        "livenessProbe": probe(10, 6),
        "resources": resources(&component.resources),
        "securityContext": confined(),
    })
}
