use serde_json::{Map, Value, json};

use super::common::{RING_MEMBER, metadata, selector};
use super::{gateway, memcached};
use crate::loki::components::{Component, Program};
use crate::loki::derived::{GATEWAY_INTERNAL_PORT, GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use crate::loki::object::Object;
use crate::loki::options::{Gateway, Options};

/// The services of the stack: per component of Loki one with an address and one without, the rings', and those of what is
/// around Loki.
pub fn services(options: &Options) -> Vec<Object> {
    let mut services = Vec::new();
    for component in options.components() {
        match component.program {
            Program::Loki => {
                services.push(http(options, &component));
                services.push(headless(options, &component));
            }
            Program::Memcached => services.push(cache(options, &component)),
            Program::Gateway => {
                services.push(front(options, &component));
                services.extend(options.canary.as_ref().map(|_| gateway_internal(options, &component)));
            }
            // It is asked for its metrics alone, each pod for its own.
            Program::Canary => {}
        }
    }
    services.push(memberlist(options));
    services
}

/// The addresses of all servers: clients spread the keys over them by themselves.
fn cache(options: &Options, component: &Component) -> Object {
    let mut port = port(memcached::SERVICE_PORT_NAME, memcached::PORT);
    port.insert("targetPort".to_owned(), memcached::PORT_NAME.into());
    service(
        options,
        &component.service_name(),
        Some(component),
        json!({
            "clusterIP": "None",
            "ports": [port],
            "selector": selector(options, Some(component)),
        }),
    )
}

/// Where users are: on the usual port of their scheme.
fn front(options: &Options, component: &Component) -> Object {
    let (name, number) = options.gateway.as_ref().unwrap_or(&Gateway::default()).listens();
    let mut port = port(name, number);
    port.insert("targetPort".to_owned(), gateway::PORT_NAME.into());
    service(
        options,
        &component.service_name(),
        Some(component),
        json!({"type": "ClusterIP", "ports": [port], "selector": selector(options, Some(component))}),
    )
}

/// Where the stack's own canary is let in without a password.
fn gateway_internal(options: &Options, component: &Component) -> Object {
    let port = port(gateway::INTERNAL_PORT_NAME, GATEWAY_INTERNAL_PORT);
    service(
        options,
        &options.gateway_internal_name(),
        Some(component),
        json!({"type": "ClusterIP", "ports": [port], "selector": selector(options, Some(component))}),
    )
}

/// Balances over the replicas that are ready.
fn http(options: &Options, component: &Component) -> Object {
    service(
        options,
        &component.service_name(),
        Some(component),
        json!({
            "type": "ClusterIP",
            "ports": [port("http-metrics", HTTP_PORT), port("grpc", GRPC_PORT)],
            "selector": selector(options, Some(component)),
        }),
    )
}

/// Has the addresses of all replicas, and gives those of a StatefulSet names of their own.
fn headless(options: &Options, component: &Component) -> Object {
    service(
        options,
        &component.headless_service_name(),
        Some(component),
        json!({
            "clusterIP": "None",
            "publishNotReadyAddresses": true,
            "ports": [port("http-metrics", HTTP_PORT), port("grpc", GRPC_PORT)],
            "selector": selector(options, Some(component)),
        }),
    )
}

/// Where ring members find each other. A replica is ready only once it is in the ring, so addresses
/// are published before: otherwise the name of a single replica never resolves.
fn memberlist(options: &Options) -> Object {
    let mut members = selector(options, None);
    members.insert(RING_MEMBER.0.into(), RING_MEMBER.1.into());
    service(
        options,
        &options.memberlist_service_name(),
        None,
        json!({
            "clusterIP": "None",
            "publishNotReadyAddresses": true,
            "ports": [port("http-memberlist", MEMBERLIST_PORT)],
            "selector": members,
        }),
    )
}

fn service(options: &Options, name: &str, component: Option<&Component>, mut spec: Value) -> Object {
    if !options.ip_families.is_empty() {
        spec["ipFamilies"] = options.ip_families.clone().into();
        let policy = if options.ip_families.len() > 1 { "RequireDualStack" } else { "SingleStack" };
        spec["ipFamilyPolicy"] = policy.into();
    }
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(options, name, component),
        "spec": spec,
    }))
}

fn port(name: &str, number: u16) -> Map<String, Value> {
    Map::from_iter([
        ("name".to_owned(), Value::from(name)),
        ("port".to_owned(), Value::from(number)),
        ("protocol".to_owned(), Value::from("TCP")),
        ("targetPort".to_owned(), Value::from(name)),
    ])
}
