//! The way to the stack's gateway from outside of the cluster.

use serde_json::{Map, Value, json};

use super::common::{metadata, texts};
use crate::loki::object::Object;
use crate::loki::options::{Gateway, HttpRoute, Ingress, Options};

/// What is asked for of both ways.
pub fn entrances(options: &Options, gateway: &Gateway) -> Vec<Object> {
    let ingress = gateway.ingress.iter().map(|given| ingress(options, gateway, given));
    let route = gateway.http_route.iter().map(|given| http_route(options, gateway, given));
    ingress.chain(route).collect()
}

fn ingress(options: &Options, gateway: &Gateway, given: &Ingress) -> Object {
    let backend = json!({"service": {"name": options.gateway_name(), "port": {"number": gateway.listens().1}}});
    let mut metadata = metadata(options, &options.gateway_name(), None);
    let mut annotations: Map<String, Value> = metadata["annotations"].as_object().cloned().unwrap_or_default();
    annotations.extend(texts(&given.annotations));
    metadata["annotations"] = crate::loki::json::unless_empty(annotations);
    Object::new(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": {
            "ingressClassName": given.class_name,
            "rules": [{
                "host": given.host,
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
            }],
            "tls": given.tls_secret.as_ref().map(|secret| json!([{"hosts": [given.host], "secretName": secret}])),
        },
    }))
}

fn http_route(options: &Options, gateway: &Gateway, given: &HttpRoute) -> Object {
    let parents = given.parents.iter().map(|parent| {
        json!({
            "group": "gateway.networking.k8s.io",
            "kind": "Gateway",
            "name": parent.name,
            "namespace": parent.namespace,
            "sectionName": parent.section_name,
        })
    });
    Object::new(json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(options, &options.gateway_name(), None),
        "spec": {
            "hostnames": (!given.hostnames.is_empty()).then_some(&given.hostnames),
            "parentRefs": parents.collect::<Vec<_>>(),
            "rules": [{
                "backendRefs": [{
                    "group": "",
                    "kind": "Service",
                    "name": options.gateway_name(),
                    "port": gateway.listens().1,
                    "weight": 1,
                }],
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                // As long as a query may take; followed streams end with it.
                "timeouts": {"request": "10m"},
            }],
        },
    }))
}
