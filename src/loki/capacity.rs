//! Whether the stack's pods would find room on the nodes, and in the namespace's quotas.
//!
//! The scheduler weighs more than this (affinities, volumes' zones); what does not fit here does not fit there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::components::{Component, Kind};
use super::finding::Finding;
use super::options::{Options, Toleration};
use super::quantity::Quantity;

/// CPU in thousandths of a core and memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    cpu: i128,
    memory: i128,
}

impl Room {
    fn holds(self, other: Room) -> bool {
        self.cpu >= other.cpu && self.memory >= other.memory
    }

    fn less(self, other: Room) -> Room {
        Room { cpu: self.cpu - other.cpu, memory: self.memory - other.memory }
    }
}

impl std::fmt::Display for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}m CPU and {}Mi of memory", self.cpu.max(0), (self.memory.max(0)) >> 20)
    }
}

/// A node with what is left on it for the stack.
struct Node<'a> {
    live: &'a Value,
    free: Room,
}

/// Pods of the stack that no node has room for: `nodes` and `pods` are those of the cluster, as it tells them. The stack's
/// own pods count as free, since new ones take their places. Without `pods` the nodes are taken to be empty.
pub fn room(options: &Options, nodes: &[Value], pods: &[Value]) -> Option<Finding> {
    let mut nodes: Vec<Node<'_>> = nodes.iter().filter(|node| takes_pods(node)).map(|live| empty(live)).collect();
    for pod in pods.iter().filter(|pod| uses_room(pod) && !is_own(options, pod)) {
        if let Some(node) = nodes.iter_mut().find(|node| node.live["metadata"]["name"] == pod["spec"]["nodeName"]) {
            node.free = node.free.less(of_pod(pod));
        }
    }
    if nodes.is_empty() {
        return None;
    }
    // The largest first, as they are the hardest to place.
    let mut wanted: Vec<(Room, Component)> =
        options.components().into_iter().map(|component| (of_component(&component), component)).collect();
    wanted.sort_by_key(|(room, _)| std::cmp::Reverse((room.memory, room.cpu)));
    let mut homeless = Vec::new();
    for (room, component) in wanted.iter().filter(|(_, component)| component.kind != Kind::DaemonSet) {
        if !nodes.iter().any(|node| accepts(node.live, component)) {
            homeless.push(format!("the pods of {}, whose labels and tolerations fit no node", component.name));
            continue;
        }
        // Those that reserve nothing are placed anywhere.
        if *room == Room::default() {
            continue;
        }
        let mut missing = 0;
        for _ in 0..component.replicas {
            let fitting = nodes.iter_mut().filter(|node| node.free.holds(*room) && accepts(node.live, component));
            // The emptiest, as the scheduler spreads them.
            match fitting.max_by_key(|node| (node.free.memory, node.free.cpu)) {
                Some(node) => node.free = node.free.less(*room),
                None => missing += 1,
            }
        }
        if missing > 0 {
            homeless.push(format!("{missing} of {} pods of {} ({room} each)", component.replicas, component.name));
        }
    }
    if homeless.is_empty() {
        return None;
    }
    let largest = nodes.iter().map(|node| node.free).max_by_key(|free| (free.memory, free.cpu)).unwrap_or_default();
    Some(
        Finding::warning(
            summary!("The nodes have no room for all pods"),
            format!(
                "There is none for {}. What is left on the emptiest node after the others is {largest}. Unless nodes are \
                 added, as a cluster autoscaler does, these pods stay pending and apply waits for them in vain.",
                homeless.join(", ")
            ),
            "Choose a smaller size, lower resources.requests or replicas, or add nodes.",
        )
        .at("size")
        .and("resources")
        .and("components")
        .and("caches"),
    )
}

/// Quotas of the namespace that the stack as a whole would exceed. `used` of them is without the stack: it is new.
pub fn quota(options: &Options, quotas: &[Value]) -> Vec<Finding> {
    let mut wanted: BTreeMap<&str, i128> = BTreeMap::new();
    let mut add = |resource: &'static str, amount: i128| *wanted.entry(resource).or_default() += amount;
    for component in options.components().iter().filter(|component| component.kind != Kind::DaemonSet) {
        let replicas = i128::from(component.replicas);
        let room = of_component(component);
        add("pods", replicas);
        for name in ["requests.cpu", "cpu"] {
            add(name, room.cpu * replicas);
        }
        for name in ["requests.memory", "memory"] {
            add(name, room.memory * replicas * 1000);
        }
        if component.persistence.enabled {
            add("persistentvolumeclaims", replicas);
            add("requests.storage", amount(&component.persistence.size) * replicas);
        }
    }
    let mut findings = Vec::new();
    for quota in quotas {
        let status = &quota["status"];
        for (resource, wanted) in &wanted {
            let parse = |list: &Value| list[*resource].as_str().map(amount);
            let Some(hard) = parse(&status["hard"]) else { continue };
            let left = hard - parse(&status["used"]).unwrap_or_default();
            // Counted things are whole, and amounts in thousandths.
            let wanted = if ["pods", "persistentvolumeclaims"].contains(resource) { wanted * 1000 } else { *wanted };
            if wanted > left {
                let name = quota["metadata"]["name"].as_str().unwrap_or_default();
                findings.push(
                    Finding::warning(
                        summary!("The quota {name:?} does not leave enough {resource} for the stack"),
                        format!(
                            "{} is allowed in the namespace and {} is used of it. Kubernetes would not create all pods.",
                            status["hard"][*resource].as_str().unwrap_or_default(),
                            status["used"][*resource].as_str().unwrap_or("0"),
                        ),
                        "Have the quota raised, or deploy less.",
                    )
                    .at("namespace")
                    .and("size")
                    .and("components")
                    .and("resources"),
                );
            }
        }
    }
    findings
}

/// In thousandths.
fn amount(text: &str) -> i128 {
    Quantity::parse(text).map_or(0, Quantity::thousandths)
}

fn of_component(component: &Component) -> Room {
    let (requests, limits) = (&component.resources.requests, &component.resources.limits);
    let of = |request: &Option<String>, limit: &Option<String>| {
        amount(request.as_deref().or(limit.as_deref()).unwrap_or("0"))
    };
    Room { cpu: of(&requests.cpu, &limits.cpu), memory: of(&requests.memory, &limits.memory) / 1000 }
}

/// What a live pod has reserved (init containers come and go before).
fn of_pod(pod: &Value) -> Room {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    containers.fold(Room::default(), |sum, container| {
        let of = |resource: &str| amount(container["resources"]["requests"][resource].as_str().unwrap_or("0"));
        Room { cpu: sum.cpu + of("cpu"), memory: sum.memory + of("memory") / 1000 }
    })
}

fn empty(live: &Value) -> Node<'_> {
    let of = |resource: &str| amount(live["status"]["allocatable"][resource].as_str().unwrap_or("0"));
    Node { live, free: Room { cpu: of("cpu"), memory: of("memory") / 1000 } }
}

fn takes_pods(node: &Value) -> bool {
    node["spec"]["unschedulable"] != true
}

fn uses_room(pod: &Value) -> bool {
    !["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default())
}

fn is_own(options: &Options, pod: &Value) -> bool {
    let labels = &pod["metadata"]["labels"];
    pod["metadata"]["namespace"] == options.namespace.as_str()
        && labels["app.kubernetes.io/name"] == "loki"
        && labels["app.kubernetes.io/instance"] == options.name.as_str()
}

/// Whether the node has the labels that pods want, and no taint that they do not put up with.
fn accepts(node: &Value, component: &Component) -> bool {
    let labels = &node["metadata"]["labels"];
    let chosen = component.pods.nodes().iter().all(|(key, value)| labels[key] == value.as_str());
    let mut taints = node["spec"]["taints"].as_array().into_iter().flatten();
    chosen
        && taints.all(|taint| {
            taint["effect"] == "PreferNoSchedule" || component.pods.tolerated().iter().any(|it| tolerates(it, taint))
        })
}

/// As the scheduler has it (k8s.io/api/core/v1, `Toleration.ToleratesTaint`).
fn tolerates(toleration: &Toleration, taint: &Value) -> bool {
    let fits = |own: &Option<String>, theirs: &Value| own.as_deref().is_none_or(|own| own.is_empty() || theirs == own);
    let exists = toleration.operator.as_deref() == Some("Exists");
    let value = taint["value"].as_str().unwrap_or_default();
    fits(&toleration.effect, &taint["effect"])
        && fits(&toleration.key, &taint["key"])
        && (exists || toleration.value.as_deref().unwrap_or_default() == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::{Mode, S3, Storage};
    use serde_json::json;

    fn stack(size: &str) -> Options {
        let storage = Storage::S3(S3 { bucket: "acme".into(), region: "eu-west-1".into(), ..S3::default() });
        Options { mode: Mode::Distributed, size: Some(size.into()), storage, ..Options::default() }
    }

    fn node(name: &str, cpu: &str, memory: &str) -> Value {
        json!({"metadata": {"name": name, "labels": {"pool": "logs"}}, "spec": {},
               "status": {"allocatable": {"cpu": cpu, "memory": memory}}})
    }

    fn why(options: &Options, nodes: &[Value], pods: &[Value]) -> String {
        room(options, nodes, pods).map_or_else(String::new, |finding| finding.why)
    }

    #[test]
    fn a_small_stack_fits_large_nodes_and_no_small_one() {
        let large: Vec<Value> = (0..3).map(|i| node(&format!("n{i}"), "16", "64Gi")).collect();
        assert_eq!(why(&stack("small"), &large, &[]), "");
        let small = [node("n", "4", "8Gi")];
        assert!(why(&stack("small"), &small, &[]).contains("3 of 3 pods of loki-ingester (2500m CPU and 13568Mi"));
        assert_eq!(why(&stack("demo"), &small, &[]), "", "nothing is reserved");
        assert_eq!(why(&stack("small"), &[], &[]), "", "an autoscaler begins with none");
    }

    #[test]
    fn what_others_use_is_gone_and_what_the_stack_uses_is_its_own() {
        let options = stack("pico");
        let nodes = [node("n", "8", "20Gi")];
        assert_eq!(why(&options, &nodes, &[]), "");
        let pod = |namespace: &str, phase: &str| {
            json!({
                "metadata": {"namespace": namespace, "labels":
                    {"app.kubernetes.io/name": "loki", "app.kubernetes.io/instance": "loki"}},
                "spec": {"nodeName": "n", "containers": [{"resources": {"requests": {"memory": "10Gi"}}}]},
                "status": {"phase": phase},
            })
        };
        assert!(why(&options, &nodes, &[pod("other", "Running")]).contains("loki-"));
        assert_eq!(why(&options, &nodes, &[pod("loki", "Running"), pod("other", "Succeeded")]), "");
    }

    #[test]
    fn nodes_may_be_for_others() {
        let mut options = stack("pico");
        let mut tainted = node("n", "64", "256Gi");
        tainted["spec"]["taints"] = json!([{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]);
        assert!(why(&options, &[tainted.clone()], &[]).contains("the pods of loki-ingester, whose labels"));
        options.tolerations =
            vec![Toleration { key: Some("dedicated".into()), value: Some("gpu".into()), ..Toleration::default() }];
        assert_eq!(why(&options, &[tainted.clone()], &[]), "");
        options.node_selector.insert("pool".into(), "web".into());
        assert!(!why(&options, &[tainted], &[]).is_empty());
    }

    #[test]
    fn a_quota_is_asked_before() {
        let quota =
            |hard: Value, used: Value| json!({"metadata": {"name": "team"}, "status": {"hard": hard, "used": used}});
        let of = |hard: Value, used: Value| {
            let found = super::quota(&stack("pico"), &[quota(hard, used)]);
            found.into_iter().map(|finding| finding.summary).collect::<Vec<_>>()
        };
        assert_eq!(of(json!({"pods": "50", "requests.memory": "100Gi"}), json!({"pods": "1"})), [""; 0]);
        assert_eq!(
            of(json!({"pods": "4"}), json!({})),
            ["The quota \"team\" does not leave enough pods for the stack"]
        );
        assert_eq!(
            of(json!({"requests.memory": "20Gi"}), json!({"requests.memory": "15Gi"})),
            ["The quota \"team\" does not leave enough requests.memory for the stack"]
        );
        assert_eq!(of(json!({"requests.storage": "100Gi"}), json!({})).len(), 1);
    }
}
