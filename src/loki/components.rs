//! The workloads of a stack: what Loki's targets are, and how many pods of what size run each.

mod roles;

use serde_json::Value;

use super::derived::tolerated_losses;
use super::options::{Cache, Mode, Options, Persistence, ResourceList, Resources, Toleration, Workload};
use super::quantity::Quantity;
use super::sizes::{self, Part};

pub use roles::{Kind, MONOLITH, Presence, Program, ROLES, Role, compacts, ingests, role_of};

/// What the community chart calls its monolithic Loki.
pub const CHARTS_MONOLITH: &str = "single-binary";

/// Kubernetes' label of a node's availability zone.
const ZONE: &str = "topology.kubernetes.io/zone";

/// What runs in one kind of pod. Distributed Loki has one per component of Loki, monolithic Loki has
/// the one that is all of them, and simple scalable Loki has three.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Loki's `-target`.
    pub target: &'static str,
    /// Value of `app.kubernetes.io/component`.
    pub label: &'static str,
    /// What its pods run.
    pub program: Program,
    /// Name of the workload.
    pub name: String,
    /// The availability zone that all its pods are in, where the component has a workload for each zone.
    pub zone: Option<String>,
    /// What runs its pods.
    pub kind: Kind,
    /// Whether its pods take part in the rings' gossip.
    pub gossips: bool,
    /// Pods of the workload; the least number of them where they are scaled by their load.
    pub replicas: u32,
    /// How many replicas may be down at once without losing a quorum.
    pub max_unavailable: u32,
    /// Seconds between SIGTERM and SIGKILL.
    pub termination_grace_period_seconds: u32,
    /// CPU and memory of each pod.
    pub resources: Resources,
    /// The volume of each pod; not enabled for Deployments.
    pub persistence: Persistence,
    /// What else is said of its pods, the stack's own options included.
    pub pods: Workload,
}

impl Component {
    /// The memory limit in bytes, where there is a readable one.
    pub fn memory_limit(&self) -> Option<i128> {
        self.resources.limits.memory.as_deref().and_then(Quantity::parse).map(Quantity::units)
    }

    /// Whether its pods evaluate rules, where the stack has a ruler.
    pub fn evaluates_rules(&self) -> bool {
        matches!(self.target, "ruler" | "all" | "backend")
    }

    /// The service that balances over the component's pods.
    pub fn service_name(&self) -> String {
        self.name.clone()
    }

    /// The service that names each pod.
    pub fn headless_service_name(&self) -> String {
        match self.program {
            // Its one service: clients spread keys over the pods by themselves.
            Program::Memcached => self.name.clone(),
            Program::Loki | Program::Gateway | Program::Canary => format!("{}-headless", self.name),
        }
    }
}

impl Options {
    /// The workloads of the stack in the order of deployment.
    pub fn components(&self) -> Vec<Component> {
        let mut components: Vec<Component> =
            ROLES.iter().filter(|role| self.runs(role)).flat_map(|role| self.by_zone(self.component(role))).collect();
        if self.mode == Mode::Monolithic {
            // After the caches that it asks, before what asks it.
            let around = components.iter().position(|it| it.program != Program::Memcached);
            components.insert(around.unwrap_or(components.len()), self.monolith());
        }
        components
    }

    /// The availability zones that ingesters are spread over; none where they do not care.
    pub fn zones(&self) -> &[String] {
        let ingester = self.components.get("ingester").filter(|_| self.mode == Mode::Distributed);
        ingester.map_or(&[], |workload| &workload.zones)
    }

    /// The component once for each zone, with its share of the replicas; the first zones have one more where they do not
    /// divide. What is in several zones rolls out one zone after the other.
    fn by_zone(&self, component: Component) -> Vec<Component> {
        let zones = if component.target == "ingester" { self.zones() } else { &[] };
        if zones.is_empty() {
            return vec![component];
        }
        let count = u32::try_from(zones.len()).unwrap_or(u32::MAX);
        let (each, rest) = (component.replicas / count, component.replicas % count);
        let in_zone = |(zone, index): (&String, u32)| {
            let mut own = component.clone();
            own.name = format!("{}-{zone}", component.name);
            own.zone = Some(zone.clone());
            own.replicas = each + u32::from(index < rest);
            own.pods.node_selector.get_or_insert_default().insert(ZONE.to_owned(), zone.clone());
            own
        };
        zones.iter().zip(0..).map(in_zone).collect()
    }

    /// Whether the component runs in pods of its own.
    pub fn runs(&self, role: &Role) -> bool {
        // Who says anything of an optional component wants it.
        let asked = self.components.get(role.key).is_some_and(|workload| workload.enabled != Some(false));
        match (role.program, role.presence) {
            (Program::Loki, _) if self.mode != role.mode => false,
            (_, Presence::Always) => true,
            (_, Presence::Optional) => asked,
            (_, Presence::OfItsOwn) => match role.key {
                "chunks_cache" => self.caches.chunks.is_some(),
                "results_cache" => self.caches.results.is_some(),
                "gateway" => self.gateway.is_some(),
                "canary" => self.canary.is_some(),
                _ => self.ruler.is_some(),
            },
        }
    }

    /// Whether pods of their own run the component of that key.
    pub fn has(&self, key: &str) -> bool {
        role_of(key).is_some_and(|role| self.runs(role))
    }

    /// The pods that hold what is not in the store yet.
    pub fn ingesters(&self) -> u32 {
        match self.ingester() {
            Some(role) => {
                let ingester = self.components.get(role.key);
                let least = ingester.and_then(|it| it.autoscaling.as_ref()).map(|scaling| scaling.min_replicas.max(1));
                let said = least.or(ingester.and_then(|workload| workload.replicas)).or(self.replicas);
                said.or(self.part(role.key).map(|part| part.replicas)).unwrap_or(role.replicas)
            }
            None => self.replicas.unwrap_or(1),
        }
    }

    /// Who holds what is not in the store yet; none where every pod is everything.
    fn ingester(&self) -> Option<&'static Role> {
        match self.mode {
            Mode::Monolithic => None,
            Mode::Distributed => role_of("ingester"),
            Mode::SimpleScalable => role_of("write"),
        }
    }

    /// The memory limit of the pods that hold what is not in the store yet, in bytes.
    pub fn ingester_memory_limit(&self) -> Option<i128> {
        match self.ingester() {
            Some(role) => self.component(role).memory_limit(),
            None => self.monolith().memory_limit(),
        }
    }

    /// The stack's size, where it has one that is known.
    pub fn preset(&self) -> Option<&'static sizes::Size> {
        let name = self.size.as_deref()?;
        sizes::SIZES.iter().find(|size| size.name == name)
    }

    fn part(&self, key: &str) -> Option<&'static Part> {
        self.preset()?.components.iter().find(|part| part.name == key)
    }

    fn monolith(&self) -> Component {
        let said = self.components.get(MONOLITH.key).cloned().unwrap_or_default();
        Component {
            target: "all",
            label: if self.helm_release.is_some() { CHARTS_MONOLITH } else { "all" },
            program: Program::Loki,
            name: self.name.clone(),
            zone: None,
            kind: Kind::StatefulSet,
            gossips: true,
            replicas: self.ingesters(),
            max_unavailable: said.max_unavailable.unwrap_or(tolerated_losses(self.replication_factor()).max(1)),
            termination_grace_period_seconds: said
                .termination_grace_period_seconds
                .unwrap_or(self.termination_grace_period_seconds()),
            resources: said.resources.clone().unwrap_or_else(|| self.resources.clone()),
            persistence: said.persistence.clone().unwrap_or_else(|| self.persistence.clone()),
            pods: said.over(self.of_all_pods()),
        }
    }

    fn component(&self, role: &Role) -> Component {
        let said = self.components.get(role.key).cloned().unwrap_or_default();
        let part = self.part(role.key);
        // The sizes have no scheduler: as many as there are frontends.
        let counted = if role.key == "query_scheduler" { self.part("query_frontend") } else { part };
        let ingests = self.ingester() == Some(role);
        let replicas = match role.key {
            _ if ingests => self.ingesters(),
            _ if said.autoscaling.is_some() => {
                said.autoscaling.as_ref().map_or(1, |scaling| scaling.min_replicas.max(1))
            }
            _ => said.replicas.or(counted.map(|part| part.replicas)).unwrap_or(role.replicas),
        };
        let losses = if ingests { tolerated_losses(self.replication_factor()) } else { replicas / 2 };
        let resources = match role.program {
            Program::Loki => resources(&said, &self.resources, part),
            Program::Gateway => resources(&said, &Resources::default(), part),
            Program::Memcached => said.resources.clone().unwrap_or_else(|| self.cache_resources(role.key)),
            Program::Canary => said.resources.clone().unwrap_or_default(),
        };
        // Queriers keep their part of the index on a volume where they are given one.
        let kept = role.key == "querier" && said.persistence.as_ref().is_some_and(|volume| volume.enabled);
        let kind = if kept { Kind::StatefulSet } else { role.kind };
        let persistence = match (role.program, kind) {
            (Program::Loki, Kind::StatefulSet) => {
                said.persistence.clone().unwrap_or_else(|| volume(&self.persistence, part))
            }
            _ => Persistence { enabled: false, ..Persistence::default() },
        };
        Component {
            target: role.target,
            label: role.target,
            program: role.program,
            name: self.component_service_name(role.target),
            zone: None,
            kind,
            gossips: role.gossips,
            replicas,
            max_unavailable: said.max_unavailable.unwrap_or(losses.max(1)),
            termination_grace_period_seconds: said.termination_grace_period_seconds.unwrap_or(role.grace),
            resources,
            persistence,
            pods: said.over(self.of_all_pods()),
        }
    }

    /// Mebibytes for the items of each of a cache's servers: what is said, else what the size has. The community chart's
    /// 8 GiB for chunks leave pods pending on most clusters (loki#17556).
    pub fn cache_mebibytes(&self, key: &str) -> i128 {
        let (said, usual) = match key {
            "chunks_cache" => (&self.caches.chunks, self.preset().map_or(256, |size| size.chunks_cache_mebibytes)),
            _ => (&self.caches.results, self.preset().map_or(64, |size| size.results_cache_mebibytes)),
        };
        let said = said.as_ref().and_then(|cache: &Cache| Quantity::parse(cache.memory.as_deref()?));
        said.map_or(i128::from(usual), |memory| memory.units() >> 20).max(1)
    }

    /// A fifth more memory than the items take, as the community chart has it: for connections and tables.
    fn cache_resources(&self, key: &str) -> Resources {
        let memory = Some(format!("{}Mi", self.cache_mebibytes(key) * 6 / 5 + 16));
        let requests = ResourceList { cpu: Some("50m".to_owned()), memory: memory.clone() };
        Resources { requests, limits: ResourceList { cpu: None, memory } }
    }

    /// What is said of every pod of the stack.
    fn of_all_pods(&self) -> Workload {
        Workload {
            node_selector: Some(self.node_selector.clone()),
            tolerations: Some(self.tolerations.clone()),
            priority_class_name: self.priority_class_name.clone(),
            pod_annotations: self.pod_annotations.clone(),
            security_context: self.security_context.clone(),
            ..Workload::default()
        }
    }
}

/// What the component says, else what the stack says of all, else what its size reserves.
fn resources(said: &Workload, all: &Resources, part: Option<&Part>) -> Resources {
    let given = said.resources.clone().unwrap_or_else(|| all.clone());
    if given != Resources::default() {
        return given;
    }
    let requests = part.and_then(|part| part.requests);
    let requests = requests
        .map(|(cpu, memory)| ResourceList { cpu: Some(cpu.to_owned()), memory: Some(memory.to_owned()) })
        .unwrap_or_default();
    Resources { requests, limits: ResourceList::default() }
}

/// The stack's volumes in the size's capacity, where the stack's own is the default.
fn volume(all: &Persistence, part: Option<&Part>) -> Persistence {
    let sizes = part.map(|part| [part.storage, part.wal_storage]).unwrap_or_default();
    let units = sizes.into_iter().flatten().filter_map(Quantity::parse).map(Quantity::units).sum::<i128>();
    if units == 0 || all.size != Persistence::default().size {
        return all.clone();
    }
    // The write-ahead log has no volume of its own: one that holds both.
    Persistence { size: format!("{}Gi", units >> 30), ..all.clone() }
}

impl Workload {
    /// This one, where it is silent that one.
    fn over(self, all: Workload) -> Workload {
        let mut pod_annotations = all.pod_annotations;
        pod_annotations.extend(self.pod_annotations);
        let security_context = match (all.security_context, self.security_context) {
            (Value::Object(mut all), Value::Object(own)) => {
                all.extend(own);
                all.into()
            }
            (all, Value::Null) => all,
            (_, own) => own,
        };
        Workload {
            security_context,
            node_selector: self.node_selector.or(all.node_selector),
            tolerations: self.tolerations.or(all.tolerations),
            priority_class_name: self.priority_class_name.or(all.priority_class_name),
            pod_annotations,
            ..self
        }
    }

    /// The nodes' labels that its pods want.
    pub fn nodes(&self) -> std::collections::BTreeMap<String, String> {
        self.node_selector.clone().unwrap_or_default()
    }

    /// The taints that its pods put up with.
    pub fn tolerated(&self) -> &[Toleration] {
        self.tolerations.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
