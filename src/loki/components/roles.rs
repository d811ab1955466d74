//! The table of components.

use crate::loki::options::Mode;

/// How the pods of a component are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With names and volumes that outlive the pods.
    StatefulSet,
    /// Any pod is as good as another.
    Deployment,
    /// One pod on each node.
    DaemonSet,
}

impl Kind {
    /// Kubernetes' name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::StatefulSet => "StatefulSet",
            Kind::Deployment => "Deployment",
            Kind::DaemonSet => "DaemonSet",
        }
    }
}

/// What the pods of a component run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Loki, or one target of it.
    Loki,
    /// nginx.
    Gateway,
    /// memcached.
    Memcached,
    /// loki-canary.
    Canary,
}

/// What runs in pods of its own: a target of Loki in one of its modes, or one of the programs around Loki in any mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// The key in `components`, and the name in [`super::sizes`].
    pub key: &'static str,
    /// Loki's `-target`, or the component's name where it is none of Loki's.
    pub target: &'static str,
    /// What its pods run.
    pub program: Program,
    /// The mode in which Loki has the target; of no meaning for what is around Loki.
    pub mode: Mode,
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
    /// When it is named in `components`.
    Optional,
    /// When an attribute of its own is set: `gateway`, `caches`, `canary` or `ruler`.
    OfItsOwn,
}

const fn role(key: &'static str, target: &'static str, kind: Kind, replicas: u32, grace: u32) -> Role {
    let (program, mode, presence) = (Program::Loki, Mode::Distributed, Presence::Always);
    Role { key, target, program, mode, kind, replicas, grace, gossips: true, presence }
}

impl Role {
    const fn optional(self) -> Role {
        Role { presence: Presence::Optional, ..self }
    }

    const fn silent(self) -> Role {
        Role { gossips: false, ..self }
    }

    const fn of(self, mode: Mode) -> Role {
        Role { mode, ..self }
    }

    const fn of_its_own(self) -> Role {
        Role { presence: Presence::OfItsOwn, ..self }
    }

    const fn running(self, program: Program) -> Role {
        Role { program, ..self }.silent().of_its_own()
    }
}

/// All of them, in the order in which a new version is rolled out: first what keeps and serves data, then what asks it,
/// then what takes new lines, and what stands before them all. Kinds, graces and replicas are those of the community
/// chart's distributed example, with volumes for ingesters and two replicas of what answers requests; those of the simple
/// scalable mode, which is there to be taken over, are the chart's own.
pub const ROLES: [Role; 20] = [
    role("chunks_cache", "chunks-cache", Kind::StatefulSet, 1, 60).running(Program::Memcached),
    role("results_cache", "results-cache", Kind::StatefulSet, 1, 60).running(Program::Memcached),
    role("index_gateway", "index-gateway", Kind::StatefulSet, 2, 300),
    role("bloom_gateway", "bloom-gateway", Kind::StatefulSet, 1, 30).optional(),
    role("compactor", "compactor", Kind::StatefulSet, 1, 30),
    role("bloom_planner", "bloom-planner", Kind::StatefulSet, 1, 30).optional(),
    role("bloom_builder", "bloom-builder", Kind::Deployment, 1, 30).optional(),
    role("ingester", "ingester", Kind::StatefulSet, 3, 300),
    role("pattern_ingester", "pattern-ingester", Kind::StatefulSet, 1, 30).optional(),
    role("ruler", "ruler", Kind::StatefulSet, 1, 300).of_its_own(),
    role("backend", "backend", Kind::StatefulSet, 3, 300).of(Mode::SimpleScalable),
    role("write", "write", Kind::StatefulSet, 3, 300).of(Mode::SimpleScalable),
    role("read", "read", Kind::Deployment, 3, 30).of(Mode::SimpleScalable),
    role("query_scheduler", "query-scheduler", Kind::Deployment, 2, 30),
    role("querier", "querier", Kind::Deployment, 2, 30),
    role("query_frontend", "query-frontend", Kind::Deployment, 2, 30),
    role("distributor", "distributor", Kind::Deployment, 2, 30),
    // Its module has no ring (pkg/loki/loki.go).
    role("overrides_exporter", "overrides-exporter", Kind::Deployment, 1, 30).optional().silent(),
    role("gateway", "gateway", Kind::Deployment, 2, 30).running(Program::Gateway),
    role("canary", "canary", Kind::DaemonSet, 1, 30).running(Program::Canary),
];

/// What monolithic Loki is.
pub const MONOLITH: Role = role("all", "all", Kind::StatefulSet, 1, 300).of(Mode::Monolithic);

/// The component of that key.
pub fn role_of(key: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.key == key)
}

/// Whether pods of that target hold what is not in the store yet.
pub fn ingests(target: &str) -> bool {
    ["ingester", "all", "write"].contains(&target)
}

/// Whether pods of that target merge the index and delete what has expired.
pub fn compacts(target: &str) -> bool {
    ["compactor", "all", "backend"].contains(&target)
}
