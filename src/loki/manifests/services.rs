use serde_json::{Map, Value, json};

use super::common::{RING_MEMBER, metadata, selector};
use crate::loki::components::Component;
use crate::loki::derived::{GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use crate::loki::object::Object;
use crate::loki::options::Options;

/// The services of the stack: per component one with an address and one without, and the rings'.
pub fn services(options: &Options) -> Vec<Object> {
    let mut services = Vec::new();
    for component in options.components() {
        services.push(http(options, &component));
        services.push(headless(options, &component));
    }
    services.push(memberlist(options));
    services
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

fn service(options: &Options, name: &str, component: Option<&Component>, spec: Value) -> Object {
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
