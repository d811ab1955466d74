//! What a Loki stack is made of, as the user says it. What follows from it is in `derived`.

mod around;
mod rules;
mod storage;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use around::{
    Alerts, Autoscaling, Cache, Caches, Canary, DNS_SERVICE, Datasource, Gateway, Grafana, HttpRoute, Ingress,
    Monitoring, NetworkPolicies, Parent, PodMonitor, User,
};
pub use rules::{RemoteWrite, Ruler};
pub use storage::{AZURE_KEY, Azure, Credentials, GCS_KEY, Gcs, S3, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, Storage};

/// The version deployed when the user names none.
pub const DEFAULT_VERSION: &str = "3.7.8";

/// One Loki stack, under the names of the `loki_stack` resource's attributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Name of the stack: prefix of every object.
    pub name: String,
    /// The namespace of all objects.
    pub namespace: String,
    /// Whether the namespace is one of the rendered objects.
    pub create_namespace: bool,
    /// Release of the community chart that the stack goes on with: its workloads are known by the release's labels and
    /// volumes.
    pub helm_release: Option<String>,
    /// How components are spread over processes.
    pub mode: Mode,
    /// Loki's version without `v`, such as `3.7.8`.
    pub loki_version: String,
    /// Repository (the version becomes the tag), or a whole reference with tag or digest.
    pub image: Option<String>,
    /// When nodes fetch the image.
    pub image_pull_policy: PullPolicy,
    /// Names of Secrets of the namespace that hold registry credentials.
    pub image_pull_secrets: Vec<String>,
    /// Pods of the StatefulSet; of the ingesters' in distributed mode. When absent, what the size says, else 1, or 3
    /// ingesters.
    pub replicas: Option<u32>,
    /// Name of one of the [`super::sizes`], for distributed mode.
    pub size: Option<String>,
    /// What is said of single components of distributed mode, by their [`super::components::Role::key`].
    pub components: BTreeMap<String, Workload>,
    /// Copies of each stream among the replicas; derived from `replicas` when absent.
    pub replication_factor: Option<u32>,
    /// Multi-tenancy: with it every request needs the header `X-Scope-OrgID`.
    pub auth_enabled: bool,
    /// Where logs are kept.
    pub storage: Storage,
    /// Changes with the secrets in [`Options::storage`], which pods read only as they start.
    pub storage_credentials_version: Option<String>,
    /// Whether the store is reached by the Thanos project's clients, which Loki has since 3.4.
    pub use_thanos_objstore: bool,
    /// Which caches the stack has beside Loki's own in memory.
    pub caches: Caches,
    /// The one door to all components; none without it.
    pub gateway: Option<Gateway>,
    /// What writes lines to the stack all the time, and counts those that do not come back; none without it.
    pub canary: Option<Canary>,
    /// What evaluates rules over the logs; none without it.
    pub ruler: Option<Ruler>,
    /// What watches over the stack from outside.
    pub monitoring: Monitoring,
    /// Who may talk to whom; everybody to everybody without it.
    pub network_policies: Option<NetworkPolicies>,
    /// Schema periods, oldest first.
    pub schema: Vec<SchemaPeriod>,
    /// How long logs are kept, as a Prometheus duration such as `90d`; for ever when absent.
    pub retention: Option<String>,
    /// The pods' identity.
    pub service_account: ServiceAccount,
    /// The replicas' volumes.
    pub persistence: Persistence,
    /// CPU and memory of each replica.
    pub resources: Resources,
    /// Further labels of every object and pod.
    pub labels: BTreeMap<String, String>,
    /// Further annotations of every object.
    pub annotations: BTreeMap<String, String>,
    /// Annotations of the pods.
    pub pod_annotations: BTreeMap<String, String>,
    /// Labels that a node must have to run a replica.
    pub node_selector: BTreeMap<String, String>,
    /// Taints of nodes that replicas put up with.
    pub tolerations: Vec<Toleration>,
    /// PriorityClass of the pods.
    pub priority_class_name: Option<String>,
    /// What is other in every pod's security context, as in [`Workload::security_context`].
    pub security_context: Value,
    /// Loki's `limits_config`, over what the other options derive for it.
    pub limits: Limits,
    /// Limits by tenant, in the runtime configuration that Loki reloads by itself.
    pub overrides: BTreeMap<String, Limits>,
    /// What is merged over the configuration file, section by section; nothing when null.
    pub config_overrides: Value,
    /// Seconds between SIGTERM and SIGKILL; derived from the mode when absent.
    pub termination_grace_period_seconds: Option<u32>,
    /// DNS domain of the cluster.
    pub cluster_domain: String,
    /// `IPv4` and `IPv6`, the first one first, of the services; the cluster's own when empty.
    pub ip_families: Vec<String>,
}

impl Default for Options {
    /// One replica that keeps everything on its own volume.
    fn default() -> Self {
        Options {
            name: "loki".into(),
            namespace: "loki".into(),
            create_namespace: false,
            helm_release: None,
            mode: Mode::Monolithic,
            loki_version: DEFAULT_VERSION.into(),
            image: None,
            image_pull_policy: PullPolicy::IfNotPresent,
            image_pull_secrets: Vec::new(),
            replicas: None,
            size: None,
            components: BTreeMap::new(),
            replication_factor: None,
            auth_enabled: false,
            storage: Storage::Filesystem,
            storage_credentials_version: None,
            use_thanos_objstore: false,
            caches: Caches::default(),
            gateway: None,
            canary: None,
            ruler: None,
            monitoring: Monitoring::default(),
            network_policies: None,
            schema: vec![SchemaPeriod::default()],
            retention: None,
            service_account: ServiceAccount::default(),
            persistence: Persistence::default(),
            resources: Resources::default(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            pod_annotations: BTreeMap::new(),
            node_selector: BTreeMap::new(),
            tolerations: Vec::new(),
            priority_class_name: None,
            security_context: Value::Null,
            limits: Limits::new(),
            overrides: BTreeMap::new(),
            config_overrides: Value::Null,
            termination_grace_period_seconds: None,
            cluster_domain: "cluster.local".into(),
            ip_families: Vec::new(),
        }
    }
}

/// Loki's limits by their names in `limits_config`.
pub type Limits = BTreeMap<String, Value>;

/// How Loki's components are spread over processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every component in each replica (`-target=all`).
    Monolithic,
    /// A workload for each component of Loki.
    Distributed,
    /// Three workloads (`-target=read`, `write` and `backend`). Loki 4.0 no longer has it: only to come from.
    SimpleScalable,
}

impl Mode {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Monolithic => "monolithic",
            Mode::Distributed => "distributed",
            Mode::SimpleScalable => "simple scalable",
        }
    }
}

/// What is said of one component of a distributed stack. What is absent is as for the whole stack, else as in its size,
/// else as is usual for the component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// Whether an optional component runs, which it does when anything is said of it.
    pub enabled: Option<bool>,
    /// Pods, in all zones together.
    pub replicas: Option<u32>,
    /// Availability zones that ingesters are spread over, each line going to as many zones as it has copies; where nodes
    /// are does not matter when empty.
    pub zones: Vec<String>,
    /// How many pods there are by their load, in place of `replicas`.
    pub autoscaling: Option<Autoscaling>,
    /// Pods that a drain may take at once.
    pub max_unavailable: Option<u32>,
    /// CPU and memory of each pod.
    pub resources: Option<Resources>,
    /// The volume of each pod; for components that have one.
    pub persistence: Option<Persistence>,
    /// Labels that a node must have to run a pod.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Taints of nodes that pods put up with.
    pub tolerations: Option<Vec<Toleration>>,
    /// PriorityClass of the pods.
    pub priority_class_name: Option<String>,
    /// Seconds between SIGTERM and SIGKILL.
    pub termination_grace_period_seconds: Option<u32>,
    /// Further annotations of the pods.
    pub pod_annotations: BTreeMap<String, String>,
    /// Further labels of the pods.
    pub pod_labels: BTreeMap<String, String>,
    /// Further arguments of Loki, after the stack's own: of two that set the same, the last one holds.
    pub extra_args: Vec<String>,
    /// Further environment variables of Loki.
    pub extra_env: BTreeMap<String, String>,
    /// Loki's image for this component alone, as [`Options::image`].
    pub image: Option<String>,
    /// Further volumes of the pods, in Kubernetes' own shape.
    pub extra_volumes: Vec<Value>,
    /// Where the container sees them, in Kubernetes' own shape.
    pub extra_volume_mounts: Vec<Value>,
    /// The pods' affinity in Kubernetes' own shape, in place of the one that spreads them; nothing when null.
    pub affinity: Value,
    /// What is other in the pods' security context, in Kubernetes' own shape: null takes a key out; nothing when null itself.
    pub security_context: Value,
    /// The pods' topology spread constraints in Kubernetes' own shape; a constraint without a selector gets the
    /// component's.
    pub topology_spread_constraints: Vec<Value>,
}

/// One `schema_config.configs` entry; `object_store` follows from [`Options::storage`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchemaPeriod {
    /// First day of the period (UTC), `YYYY-MM-DD`.
    pub from: String,
    /// `v13`, Loki's newest.
    pub version: String,
    /// Index type.
    pub store: String,
    /// Prefix of the index tables; to be kept when existing data is adopted.
    pub index_prefix: String,
}

impl Default for SchemaPeriod {
    /// Right for a new stack: any past date is as good as another while there is no data.
    fn default() -> Self {
        SchemaPeriod {
            from: "2024-04-01".into(),
            version: "v13".into(),
            store: "tsdb".into(),
            index_prefix: "index_".into(),
        }
    }
}

/// The ServiceAccount that pods run as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceAccount {
    /// Whether the ServiceAccount is one of the rendered objects.
    pub create: bool,
    /// The stack's name when absent.
    pub name: Option<String>,
    /// IAM role whose credentials the pods get through their projected token.
    pub role_arn: Option<String>,
    /// Further annotations of the ServiceAccount.
    pub annotations: BTreeMap<String, String>,
}

impl Default for ServiceAccount {
    fn default() -> Self {
        ServiceAccount { create: true, name: None, role_arn: None, annotations: BTreeMap::new() }
    }
}

/// The volume under `/var/loki`: write-ahead log, index cache, and the chunks of filesystem storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Persistence {
    /// A claim per replica; otherwise an emptyDir.
    pub enabled: bool,
    /// Size of each claim, as a Kubernetes quantity.
    pub size: String,
    /// The cluster's default class when absent.
    pub storage_class: Option<String>,
    /// Keep the claims when the StatefulSet is deleted. They are kept on scale-down either way.
    pub retain: bool,
}

impl Default for Persistence {
    fn default() -> Self {
        Persistence { enabled: true, size: "10Gi".into(), storage_class: None, retain: true }
    }
}

/// Resources of a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// What a node must have free for a replica; the limits where absent.
    pub requests: ResourceList,
    /// What a replica may use at most.
    pub limits: ResourceList,
}

/// Amounts as Kubernetes quantities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceList {
    /// Cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// A pod's toleration, in Kubernetes' own shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Toleration {
    /// The taint's key; every taint when absent, with operator `Exists`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `Equal` (Kubernetes' default) or `Exists`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The taint's value, for operator `Equal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; every effect when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// How long `NoExecute` is put up with, in seconds; for ever when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toleration_seconds: Option<i64>,
}

/// When a node fetches an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullPolicy {
    /// At every start of a container.
    Always,
    /// When the node has none of that name.
    IfNotPresent,
    /// Not at all: the node has it, or the pod fails.
    Never,
}
