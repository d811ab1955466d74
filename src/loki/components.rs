//! The workloads of a stack: what Loki's targets are, and how many pods of what size run each.

use super::derived::tolerated_losses;
use super::options::{Mode, Options, Persistence, ResourceList, Resources, Toleration, Workload};
use super::quantity::Quantity;
use super::sizes::{self, Part};

/// How the pods of a component are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With names and volumes that outlive the pods.
    StatefulSet,
    /// Any pod is as good as another.
    Deployment,
}

impl Kind {
    /// Kubernetes' name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::StatefulSet => "StatefulSet",
            Kind::Deployment => "Deployment",
        }
    }
}

/// A target of Loki that distributed mode runs in pods of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// The key in `components`, and the name in [`super::sizes`].
    pub key: &'static str,
    /// Loki's `-target`.
    pub target: &'static str,
    /// What runs its pods.
    pub kind: Kind,
    /// Pods where neither the user nor a size says how many.
    pub replicas: u32,
    /// Seconds between SIGTERM and SIGKILL: what a component holds must get to the store, or to its heir.
    pub grace: u32,
    /// Whether its pods take part in the rings' gossip.
    pub gossips: bool,
    /// Whether it runs unless it is switched off. A component that runs always cannot be.
    pub presence: Presence,
}

/// When a component runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// No Loki without it.
    Always,
    /// When it is asked for.
    Optional,
}

const fn role(key: &'static str, target: &'static str, kind: Kind, replicas: u32, grace: u32) -> Role {
    Role { key, target, kind, replicas, grace, gossips: true, presence: Presence::Always }
}

impl Role {
    const fn optional(self) -> Role {
        Role { presence: Presence::Optional, ..self }
    }

    const fn silent(self) -> Role {
        Role { gossips: false, ..self }
    }
}

/// All of them, in the order in which a new version is rolled out: first what keeps and serves data, then what asks it,
/// then what takes new lines. Kinds, graces and replicas are those of the community chart's distributed example, with
/// volumes for ingesters and two replicas of what answers requests.
pub const ROLES: [Role; 9] = [
    role("index_gateway", "index-gateway", Kind::StatefulSet, 2, 300),
    role("compactor", "compactor", Kind::StatefulSet, 1, 30),
    role("ingester", "ingester", Kind::StatefulSet, 3, 300),
    role("pattern_ingester", "pattern-ingester", Kind::StatefulSet, 1, 30).optional(),
    role("query_scheduler", "query-scheduler", Kind::Deployment, 2, 30),
    role("querier", "querier", Kind::Deployment, 2, 30),
    role("query_frontend", "query-frontend", Kind::Deployment, 2, 30),
    role("distributor", "distributor", Kind::Deployment, 2, 30),
    // Its module has no ring (pkg/loki/loki.go).
    role("overrides_exporter", "overrides-exporter", Kind::Deployment, 1, 30).optional().silent(),
];

/// The component of that key.
pub fn role_of(key: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.key == key)
}

/// What runs in one kind of pod. Distributed Loki has one per component of Loki, monolithic Loki has
/// the one that is all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Loki's `-target`, and the value of `app.kubernetes.io/component`.
    pub target: &'static str,
    /// Name of the workload and of its PodDisruptionBudget.
    pub name: String,
    /// What runs its pods.
    pub kind: Kind,
    /// Whether its pods take part in the rings' gossip.
    pub gossips: bool,
    /// Pods of the workload.
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

    /// The service that balances over the component's pods.
    pub fn service_name(&self) -> String {
        self.name.clone()
    }

    /// The service that names each pod.
    pub fn headless_service_name(&self) -> String {
        format!("{}-headless", self.name)
    }
}

impl Options {
    /// The workloads of the stack in the order of deployment. Of simple scalable mode there is the configuration only.
    pub fn components(&self) -> Vec<Component> {
        match self.mode {
            Mode::Monolithic => vec![self.monolith()],
            Mode::Distributed => ROLES.iter().filter(|role| self.runs(role)).map(|role| self.component(role)).collect(),
            Mode::SimpleScalable => Vec::new(),
        }
    }

    /// Whether distributed mode runs the component.
    pub fn runs(&self, role: &Role) -> bool {
        // Who says anything of an optional component wants it.
        let asked = self.components.get(role.key).is_some_and(|workload| workload.enabled != Some(false));
        role.presence == Presence::Always || asked
    }

    /// Whether pods of their own run the component of that key.
    pub fn has(&self, key: &str) -> bool {
        self.mode == Mode::Distributed && role_of(key).is_some_and(|role| self.runs(role))
    }

    /// The pods that hold what is not in the store yet.
    pub fn ingesters(&self) -> u32 {
        match self.mode {
            Mode::Distributed => {
                let said = self.components.get("ingester").and_then(|workload| workload.replicas).or(self.replicas);
                said.or(self.part("ingester").map(|part| part.replicas)).unwrap_or(3)
            }
            Mode::Monolithic | Mode::SimpleScalable => self.replicas.unwrap_or(1),
        }
    }

    /// The memory limit of the pods that hold what is not in the store yet, in bytes.
    pub fn ingester_memory_limit(&self) -> Option<i128> {
        match role_of("ingester") {
            Some(role) if self.mode == Mode::Distributed => self.component(role).memory_limit(),
            _ => self.monolith().memory_limit(),
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
        Component {
            target: "all",
            name: self.name.clone(),
            kind: Kind::StatefulSet,
            gossips: true,
            replicas: self.ingesters(),
            max_unavailable: tolerated_losses(self.replication_factor()).max(1),
            termination_grace_period_seconds: self.termination_grace_period_seconds(),
            resources: self.resources.clone(),
            persistence: self.persistence.clone(),
            pods: self.of_all_pods(),
        }
    }

    fn component(&self, role: &Role) -> Component {
        let said = self.components.get(role.key).cloned().unwrap_or_default();
        let part = self.part(role.key);
        // The sizes have no scheduler: as many as there are frontends.
        let counted = if role.key == "query_scheduler" { self.part("query_frontend") } else { part };
        let replicas = match role.key {
            "ingester" => self.ingesters(),
            _ => said.replicas.or(counted.map(|part| part.replicas)).unwrap_or(role.replicas),
        };
        let losses = if role.key == "ingester" { tolerated_losses(self.replication_factor()) } else { replicas / 2 };
        Component {
            target: role.target,
            name: self.component_service_name(role.target),
            kind: role.kind,
            gossips: role.gossips,
            replicas,
            max_unavailable: said.max_unavailable.unwrap_or(losses.max(1)),
            termination_grace_period_seconds: said.termination_grace_period_seconds.unwrap_or(role.grace),
            resources: resources(&said, &self.resources, part),
            persistence: match role.kind {
                Kind::Deployment => Persistence { enabled: false, ..Persistence::default() },
                Kind::StatefulSet => said.persistence.clone().unwrap_or_else(|| volume(&self.persistence, part)),
            },
            pods: said.over(self.of_all_pods()),
        }
    }

    /// What is said of every pod of the stack.
    fn of_all_pods(&self) -> Workload {
        Workload {
            node_selector: Some(self.node_selector.clone()),
            tolerations: Some(self.tolerations.clone()),
            priority_class_name: self.priority_class_name.clone(),
            pod_annotations: self.pod_annotations.clone(),
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
        Workload {
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
#[path = "components_tests.rs"]
mod tests;
