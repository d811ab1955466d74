//! Who may talk to whom: what is not allowed here is refused, in a cluster whose network plugin enforces it.

use serde_json::{Value, json};

use super::common::{metadata, selector};
use super::{gateway, memcached};
use crate::loki::components::{Component, Program, ROLES, role_of};
use crate::loki::derived::{CANARY_PORT, GATEWAY_INTERNAL_PORT, GATEWAY_PORT, GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use crate::loki::object::Object;
use crate::loki::options::{NetworkPolicies, Options, Storage};

/// The label that Kubernetes gives each namespace.
const NAMESPACE: &str = "kubernetes.io/metadata.name";
/// EKS' Pod Identity agent on each node (<https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>).
const POD_IDENTITY_AGENT: &str = "169.254.170.23/32";

/// The policies of a stack.
pub fn policies(options: &Options, given: &NetworkPolicies) -> Vec<Object> {
    let mut policies = vec![
        policy(options, "default", stack(options), vec![], vec![dns()]),
        policy(options, "stack", loki(options), among(options), to_stack(options)),
        policy(options, "metrics", stack(options), metrics(given), vec![]),
        policy(options, "clients", doors(options), clients(options, given), vec![]),
    ];
    if options.storage != Storage::Filesystem {
        policies.push(policy(options, "storage", loki(options), vec![], storage(options, given)));
    }
    if let Some(ruler) = rules(options) {
        policies.push(ruler);
    }
    policies.extend(around(options));
    policies
}

fn policy(options: &Options, name: &str, pods: Value, ingress: Vec<Value>, egress: Vec<Value>) -> Object {
    // A policy that says nothing of a direction would forbid it.
    let default = name == "default";
    let mut types = Vec::new();
    types.extend((default || !ingress.is_empty()).then_some("Ingress"));
    types.extend((default || !egress.is_empty()).then_some("Egress"));
    Object::new(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(options, &format!("{}-{name}", options.name), None),
        "spec": {
            "podSelector": pods,
            "policyTypes": types,
            "ingress": (!ingress.is_empty()).then_some(ingress),
            "egress": (!egress.is_empty()).then_some(egress),
        },
    }))
}

/// All pods of the stack.
fn stack(options: &Options) -> Value {
    json!({"matchLabels": selector(options, None)})
}

/// Those of Loki itself.
fn loki(options: &Options) -> Value {
    let around: Vec<&str> = ROLES.iter().filter(|role| role.program != Program::Loki).map(|role| role.target).collect();
    json!({
        "matchLabels": selector(options, None),
        "matchExpressions": [{"key": "app.kubernetes.io/component", "operator": "NotIn", "values": around}],
    })
}

/// Those of one component.
fn one(options: &Options, component: &Component) -> Value {
    json!({"matchLabels": selector(options, Some(component))})
}

/// Those that clients talk to: the gateway where there is one, else Loki.
fn doors(options: &Options) -> Value {
    match find(options, "gateway") {
        Some(gateway) => one(options, &gateway),
        None => loki(options),
    }
}

fn find(options: &Options, key: &str) -> Option<Component> {
    let target = role_of(key)?.target;
    options.components().into_iter().find(|component| component.target == target)
}

fn port(number: u16) -> Value {
    json!({"port": number, "protocol": "TCP"})
}

fn pods(selector: Value) -> Value {
    json!({"podSelector": selector})
}

fn dns() -> Value {
    let port = |protocol: &str| json!({"port": 53, "protocol": protocol});
    // Anywhere: with a cache on the node (NodeLocal DNSCache) it is no pod that answers.
    json!({"ports": [port("UDP"), port("TCP")]})
}

/// Loki talks to itself by all of its ports, the gateway to its API.
fn among(options: &Options) -> Vec<Value> {
    vec![json!({
        "from": [pods(stack(options))],
        "ports": [port(HTTP_PORT), port(GRPC_PORT), port(MEMBERLIST_PORT)],
    })]
}

fn to_stack(options: &Options) -> Vec<Value> {
    let mut ports = vec![port(HTTP_PORT), port(GRPC_PORT), port(MEMBERLIST_PORT)];
    if options.caches.chunks.is_some() || options.caches.results.is_some() {
        ports.push(port(memcached::PORT));
    }
    vec![json!({"to": [pods(stack(options))], "ports": ports})]
}

fn namespaces(names: &[String]) -> Option<Vec<Value>> {
    let of = |name: &String| json!({"namespaceSelector": {"matchLabels": {NAMESPACE: name}}});
    (!names.is_empty()).then(|| names.iter().map(of).collect())
}

/// Who reads metrics, from pods of any component.
fn metrics(given: &NetworkPolicies) -> Vec<Value> {
    let ports = [port(HTTP_PORT), port(CANARY_PORT)];
    namespaces(&given.metrics_namespaces).map(|from| json!({"from": from, "ports": ports})).into_iter().collect()
}

/// Agents and Grafana. The API server, through which this provider looks at Loki, is let in by Kubernetes' own rules in
/// some clusters only: it is in no pod.
fn clients(options: &Options, given: &NetworkPolicies) -> Vec<Value> {
    let number = if options.gateway.is_some() { GATEWAY_PORT } else { HTTP_PORT };
    vec![json!({"from": namespaces(&given.client_namespaces), "ports": [port(number)]})]
}

/// The object store and whoever gives credentials for it.
fn storage(options: &Options, given: &NetworkPolicies) -> Vec<Value> {
    let blocks: Vec<Value> = given.egress_cidrs.iter().map(|cidr| json!({"ipBlock": {"cidr": cidr}})).collect();
    let mut ports = vec![443];
    let endpoints = options.storage.s3().into_iter().flat_map(|s3| [&s3.endpoint, &s3.sts_endpoint]);
    for endpoint in endpoints.flatten() {
        ports.extend(url::Url::parse(endpoint).ok().and_then(|url| url.port_or_known_default()));
    }
    ports.sort_unstable();
    ports.dedup();
    let ports: Vec<Value> = ports.into_iter().map(port).collect();
    let mut rules = vec![json!({"to": (!blocks.is_empty()).then_some(blocks), "ports": ports})];
    if options.storage.s3().is_some() {
        rules.push(json!({"to": [{"ipBlock": {"cidr": POD_IDENTITY_AGENT}}], "ports": [port(80)]}));
    }
    rules
}

/// Alertmanagers, and the store of recorded metrics.
fn rules(options: &Options) -> Option<Object> {
    let ruler = options.ruler.as_ref()?;
    let remote = ruler.remote_write.iter().map(|remote| &remote.url);
    let urls = ruler.alertmanager_urls.iter().chain(remote);
    let mut ports: Vec<u16> = urls.filter_map(|url| url::Url::parse(url).ok()?.port_or_known_default()).collect();
    ports.sort_unstable();
    ports.dedup();
    let evaluating = options.components().into_iter().find(Component::evaluates_rules)?;
    let egress = vec![json!({"ports": ports.iter().copied().map(port).collect::<Vec<_>>()})];
    (!ports.is_empty()).then(|| policy(options, "rules", one(options, &evaluating), vec![], egress))
}

/// What is around Loki: each with those that it talks to.
fn around(options: &Options) -> Vec<Object> {
    let mut policies = Vec::new();
    for key in ["chunks_cache", "results_cache"] {
        if let Some(cache) = find(options, key) {
            let from = vec![json!({"from": [pods(loki(options))], "ports": [port(memcached::PORT)]})];
            policies.push(policy(options, cache.target, one(options, &cache), from, vec![]));
        }
    }
    let front = find(options, "gateway");
    if let Some(front) = &front {
        let to = vec![json!({"to": [pods(loki(options))], "ports": [port(HTTP_PORT)]})];
        policies.push(policy(options, "gateway", one(options, front), vec![], to));
    }
    if let Some(canary) = find(options, "canary") {
        let (to, number) = match &front {
            Some(front) => (one(options, front), GATEWAY_INTERNAL_PORT),
            None => (loki(options), HTTP_PORT),
        };
        let to_port = vec![json!({"to": [pods(to)], "ports": [port(number)]})];
        policies.push(policy(options, "canary", one(options, &canary), vec![], to_port));
        if let Some(front) = &front {
            let from = vec![json!({"from": [pods(one(options, &canary))], "ports": [port(GATEWAY_INTERNAL_PORT)]})];
            policies.push(policy(options, gateway::INTERNAL_PORT_NAME, one(options, front), from, vec![]));
        }
    }
    policies
}
