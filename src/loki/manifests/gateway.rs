//! nginx before the components: which path goes where, and who may send it.
//!
//! What is for operators only (flush, shutdown, rings, configuration, metrics) is not reachable through it.

mod nginx;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::common::metadata;
use super::pod::{Parts, config_map_volume, confined, extra_env, mount, port, probe, resources, secret_volume};
use super::secrets;
use crate::loki::components::Component;
use crate::loki::derived::{GATEWAY_INTERNAL_PORT, GATEWAY_PORT};
use crate::loki::object::Object;
use crate::loki::options::{Gateway, Options};

/// Key of the users in their Secret, as ingress-nginx and the community chart have it.
pub const USERS_FILE: &str = ".htpasswd";
/// Name of the port that users reach.
pub const PORT_NAME: &str = "http";
/// Name of the port that the stack's own canary reaches.
pub const INTERNAL_PORT_NAME: &str = "internal";

/// Names of the users, so that one more or less is a change of the Secret.
const USERS: &str = "loki.grafana.com/gateway-users";
/// Changes when the user says that passwords have.
const USERS_VERSION: &str = "loki.grafana.com/gateway-users-version";
/// The community chart's; it runs as any user and writes to /tmp only.
const IMAGE: &str = "docker.io/nginxinc/nginx-unprivileged:1.29-alpine";
/// The image's user.
const USER: u32 = 101;
const CONFIG_DIRECTORY: &str = "/etc/nginx/loki";
const CONFIG_FILE: &str = "nginx.conf";
const USERS_DIRECTORY: &str = "/etc/nginx/users";
const TLS_DIRECTORY: &str = "/etc/nginx/tls";

/// nginx' configuration.
pub fn config_map(options: &Options, gateway: &Gateway) -> Object {
    let data = Map::from_iter([(CONFIG_FILE.to_owned(), nginx::configuration(options, gateway).into())]);
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(options, &options.gateway_name(), None),
        "data": data,
    }))
}

/// The users' password hashes; none where they are in a Secret that exists, or where everybody may come in.
pub fn users(options: &Options, gateway: &Gateway) -> Option<Object> {
    let name = options.gateway_users_secret_name().filter(|_| gateway.users_secret.is_none())?;
    let hashes = gateway.users.iter().filter_map(|(name, user)| Some((name, user.password_hash.as_ref()?)));
    let lines: String = hashes.map(|(name, hash)| format!("{name}:{hash}\n")).collect();
    let names: Vec<&str> = gateway.users.keys().map(String::as_str).collect();
    let mut annotations = vec![(USERS.to_owned(), Value::from(names.join(",")))];
    annotations
        .extend(gateway.users_version.as_ref().map(|version| (USERS_VERSION.to_owned(), version.as_str().into())));
    Some(secrets::opaque(options, &name, &BTreeMap::from([(USERS_FILE.to_owned(), lines)]), annotations))
}

pub fn parts(options: &Options, component: &Component) -> Parts {
    let gateway = options.gateway.clone().unwrap_or_default();
    let checksum = hex::encode(Sha256::digest(nginx::configuration(options, &gateway)));
    // Users are read with each request, so a change of passwords needs no restart.
    let mut volumes = vec![config_map_volume("config", options.gateway_name()), json!({"name": "tmp", "emptyDir": {}})];
    volumes.extend(options.gateway_users_secret_name().map(|name| secret_volume("users", &name)));
    volumes.extend(gateway.tls_secret.as_deref().map(|name| secret_volume("tls", name)));
    Parts {
        user: USER,
        account: None,
        labels: Map::new(),
        annotations: Map::from_iter([("checksum/config".to_owned(), checksum.into())]),
        container: container(options, &gateway, component),
        volumes,
    }
}

fn container(options: &Options, gateway: &Gateway, component: &Component) -> Value {
    let mut mounts = vec![mount("config", CONFIG_DIRECTORY, true), mount("tmp", "/tmp", false)];
    mounts.extend(options.gateway_users_secret_name().map(|_| mount("users", USERS_DIRECTORY, true)));
    mounts.extend(gateway.tls_secret.as_ref().map(|_| mount("tls", TLS_DIRECTORY, true)));
    let mut ports = vec![port(PORT_NAME, GATEWAY_PORT)];
    if options.canary.is_some() {
        ports.push(port(INTERNAL_PORT_NAME, GATEWAY_INTERNAL_PORT));
    }
    let mut args: Vec<String> =
        ["-c", &format!("{CONFIG_DIRECTORY}/{CONFIG_FILE}"), "-e", "/dev/stderr", "-g", "daemon off;"]
            .map(Into::into)
            .into();
    args.extend(component.pods.extra_args.iter().cloned());
    let env = extra_env(component);
    let ready = |period: u32, failures: u32| {
        let mut probe = probe(PORT_NAME, "/", period, failures);
        if gateway.tls_secret.is_some() {
            probe["httpGet"]["scheme"] = "HTTPS".into();
        }
        probe
    };
    json!({
        "name": "nginx",
        "image": gateway.image.as_deref().unwrap_or(IMAGE),
        "imagePullPolicy": options.image_pull_policy,
        // Not the image's own entry point, which would write into the configuration.
        "command": ["nginx"],
        "args": args,
        "env": (!env.is_empty()).then_some(env),
        "ports": ports,
        "readinessProbe": ready(5, 3),
        "livenessProbe": ready(10, 6),
        "resources": resources(&component.resources),
        "securityContext": confined(),
        "volumeMounts": mounts,
    })
}
