//! loki-canary: on each node one that writes lines and counts those that do not come back.

use serde_json::{Map, Value, json};

use super::pod::{Parts, confined, extra_env, port, probe, resources};
use crate::loki::components::Component;
use crate::loki::derived::CANARY_PORT;
use crate::loki::options::Options;

/// Name of the port of its metrics.
pub const PORT_NAME: &str = "http-metrics";
/// Any user will do.
const USER: u32 = 10001;

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
    let mut args = vec![
        format!("-addr={}", options.canary_address()),
        // Without it lines go to its output, for an agent to pick up.
        "-push=true".to_owned(),
        "-labelname=pod".to_owned(),
        "-labelvalue=$(POD_NAME)".to_owned(),
        format!("-port={CANARY_PORT}"),
    ];
    if let Some(tenant) = options.canary_tenant() {
        args.push(format!("-tenant-id={tenant}"));
    }
    args.extend(component.pods.extra_args.iter().cloned());
    let mut env = vec![json!({
        "name": "POD_NAME",
        "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}},
    })];
    env.extend(extra_env(component));
    json!({
        "name": "canary",
        "image": options.canary_image(),
        "imagePullPolicy": options.image_pull_policy,
        "args": args,
        "env": env,
        "ports": [port(PORT_NAME, CANARY_PORT)],
        "readinessProbe": probe(PORT_NAME, "/metrics", 5, 3),
        "resources": resources(&component.resources),
        "securityContext": confined(),
    })
}
