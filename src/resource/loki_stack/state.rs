mod around;
mod rules;
mod storage;

use std::collections::BTreeMap;

pub use self::around::*;
pub use self::rules::*;
pub use self::storage::*;
use crate::resource::Timeouts;
use crate::schema::{Dynamic, Int, Schematic, Value};

/// Limits by their name.
pub type Limits = BTreeMap<String, Value<String>>;

/// A Grafana Loki stack on Kubernetes, checked before it is deployed and tested whenever Terraform reads it.
///
/// - **Plan** verifies the options by Loki's own rules, and where the cluster can be reached lets the API server judge
///   every object by a server-side dry run.
/// - **Apply** deploys in order of dependency, waits until Loki is healthy, and on failure names the pod with its last
///   events and log lines.
/// - **Read** compares every object with the live one and fills in `status`. Ill health is a warning, never an error.
///
/// Volumes with data outlive the stack unless `persistence.retain` is false.
///
/// The user of the provider's `kubernetes` block needs, in the namespace: `get`, `watch`, `create`, `patch` and `delete`
/// of configmaps, services, serviceaccounts, statefulsets and deployments (`apps`) and poddisruptionbudgets (`policy`), and
/// of secrets, daemonsets (`apps`), networkpolicies and ingresses (`networking.k8s.io`), horizontalpodautoscalers
/// (`autoscaling`) and the kinds of the Prometheus Operator, of KEDA and of the Gateway API where the stack has such;
/// `list` of pods, replicasets (`apps`) and events; `delete` of pods, where a broken one stands in the way of an update;
/// `get` of pods/log, pods/proxy and services/proxy; `list` and `patch` of persistentvolumeclaims, to let volumes grow. With
/// `create_namespace` the same of namespaces, and `list` of what may be left in one when it is deleted.
///
/// To take over a Helm release, `list` of secrets as well, and `get`, `patch` and `delete` of what the release has made.
///
/// With more it foresees more: `list` of nodes and of all pods (whether there is room), and of resourcequotas; `get` of
/// storageclasses, priorityclasses and secrets that are referred to; and where the provider has an `aws` block the rights to
/// read the bucket's region (`s3:ListBucket`) and the role (`iam:GetRole`). What may not be read is not foreseen.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LokiStack {
    /// Name of the stack and prefix of its objects.
    #[attr(required, replace)]
    pub name: Value<String>,
    /// Namespace of the stack.
    #[attr(required, replace)]
    pub namespace: Value<String>,
    /// Whether the namespace is created, and deleted with the stack once nothing else is in it.
    #[attr(optional, default = false)]
    pub create_namespace: Value<bool>,
    /// Release of the community Helm chart that this stack goes on with, in the same namespace: its name, which is kept in
    /// the labels by which workloads and volumes are known. Import the stack that runs (`import { id = "namespace/name" }`,
    /// where the name is the prefix of the release's objects); the plan then tells what of the release is taken over, what
    /// goes, and where this stack's configuration differs from the release's. The guide
    /// [From the Helm chart](../guides/helm.md) has each step.
    #[attr(optional)]
    pub helm_release: Value<String>,
    /// How Loki's components are spread over processes: `monolithic`, where each replica is all of them, or
    /// `distributed`, with a workload for each. There is `simple_scalable` as well, to take such a stack over and to move on
    /// from there: Loki 4 no longer has it.
    #[attr(optional, default = "monolithic")]
    pub mode: Value<String>,
    /// Size of a distributed stack by its ingest: `demo` (1 GB a day), `pico` (50), `extra-small` (100), `small` (500),
    /// `medium` (2000) or `large` (5000). It says how many pods run each component, what they reserve, and how large their
    /// volumes are; `provider::loki::size` tells the numbers. What is said elsewhere goes before.
    #[attr(optional)]
    pub size: Value<String>,
    /// What is said of single components, over what is said of all: of a distributed stack `distributor`, `ingester`,
    /// `querier`, `query_frontend`, `query_scheduler`, `index_gateway` and `compactor`, which run always, and
    /// `pattern_ingester`, `overrides_exporter`, `bloom_planner`, `bloom_builder` and `bloom_gateway`, which run where they
    /// are named here; of a simple scalable one `read`, `write` and `backend`; of monolithic Loki `all`. In any mode
    /// `gateway`, `chunks_cache`, `results_cache`, `canary`, and in a distributed one `ruler`, which run where their own
    /// attribute is set.
    #[attr(optional)]
    pub components: Value<BTreeMap<String, Value<Component>>>,
    /// Version of Loki, 3.0.0 to 3.7.x.
    #[attr(optional, default = "3.7.8")]
    pub loki_version: Value<String>,
    /// Image repository (the version becomes its tag), or a whole reference with tag or digest. Without it
    /// `docker.io/grafana/loki`.
    #[attr(optional)]
    pub image: Value<String>,
    /// Names of Secrets in the namespace that hold registry credentials.
    #[attr(optional)]
    pub image_pull_secrets: Value<Vec<Value<String>>>,
    /// Number of replicas; in distributed mode of the ingesters, in simple scalable mode of `write`. Without it 1, or what
    /// the size says, else 3 that take lines.
    #[attr(optional, computed)]
    pub replicas: Value<Int>,
    /// Copies that are kept of each stream before it is in the object store. Without it what the size says, else 3 where
    /// there are at least 3 replicas, else 1.
    #[attr(optional, computed)]
    pub replication_factor: Value<Int>,
    /// Whether Loki is multi-tenant: every request then names its tenant in the header `X-Scope-OrgID`.
    #[attr(optional, default = false)]
    pub auth_enabled: Value<bool>,
    /// Where chunks and index live: exactly one of `s3`, `gcs`, `azure` and `filesystem`.
    #[attr(required)]
    pub storage: Value<Storage>,
    /// Schema periods, oldest first. Once logs are written a period may not be changed, only be followed by another one
    /// whose first day begins two hours from now or later.
    #[attr(required)]
    pub schema: Value<Vec<Value<SchemaPeriod>>>,
    /// How long logs are kept, as a Prometheus duration such as `90d`; without it for ever.
    #[attr(optional)]
    pub retention: Value<String>,
    /// The service account of the pods.
    #[attr(optional)]
    pub service_account: Value<ServiceAccount>,
    /// The volume of each replica: write-ahead log, index cache, and the chunks of filesystem storage. In distributed mode
    /// that of each pod of `ingester`, `index_gateway`, `compactor` and `pattern_ingester`, in simple scalable mode of
    /// `write` and `backend`.
    #[attr(optional)]
    pub persistence: Value<Persistence>,
    /// Requests and limits of Loki's container; in distributed mode of each component's.
    #[attr(optional)]
    pub resources: Value<Resources>,
    /// Loki's `limits_config`, over what the other attributes derive for it. Each value is read as its limit's type:
    /// `"8"`, `"true"`, `"1h"`, or `jsonencode(…)` for lists and maps.
    #[attr(optional)]
    pub limits: Value<Limits>,
    /// Limits of single tenants, by the tenant's ID and the limit's name, over `limits`; values as there. They are Loki's
    /// runtime configuration: a change reaches the running Loki within about two minutes, without a restart. Without
    /// `auth_enabled` the one tenant is `fake`.
    #[attr(optional)]
    pub overrides: Value<BTreeMap<String, Value<Limits>>>,
    /// The ruler: alerts and recorded metrics made of logs. In distributed mode it has pods of its own.
    #[attr(optional)]
    pub ruler: Value<Ruler>,
    /// Memcached servers for chunks and for results of queries; without them each Loki keeps a little in its own memory.
    #[attr(optional)]
    pub caches: Value<Caches>,
    /// nginx before Loki: one address for pushes and queries, with users, tenants and TLS. What is for operators only
    /// (flush, shutdown, rings, configuration) cannot be reached through it.
    #[attr(optional)]
    pub gateway: Value<Gateway>,
    /// loki-canary on each node: it writes a line each second, reads it back, and tells the stack's `status` of lines that
    /// do not come back. A distributed stack needs the gateway for it.
    #[attr(optional)]
    pub canary: Value<Canary>,
    /// What watches over the stack from outside: the Prometheus Operator's objects, where the cluster knows them, and what
    /// Grafana picks up.
    #[attr(optional)]
    pub monitoring: Value<Monitoring>,
    /// NetworkPolicies that allow what the stack needs, and nothing else.
    #[attr(optional)]
    pub network_policies: Value<NetworkPolicies>,
    /// What is merged over Loki's configuration file, for what no other attribute is for: an object with the file's
    /// sections as its keys, or YAML or JSON text of one. Maps are merged key by key; everything else, lists included,
    /// takes the place of what was rendered; `null` takes a key out, so that Loki's default holds. The plan judges the
    /// merged file by Loki's rules, and says where an override fights what the provider relies on. Text stands as it is
    /// written: of what looks like a variable `${POD_IP}` alone, the pod's own address, is expanded (write `$${POD_IP}`
    /// in Terraform). The file is a ConfigMap, so secrets do not belong here.
    #[attr(optional)]
    pub config_overrides: Value<Dynamic>,
    /// Further labels of every object and pod.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
    /// Further annotations of every object.
    #[attr(optional)]
    pub annotations: Value<BTreeMap<String, Value<String>>>,
    /// Further annotations of the pods.
    #[attr(optional)]
    pub pod_annotations: Value<BTreeMap<String, Value<String>>>,
    /// Labels that a node must have to run Loki.
    #[attr(optional)]
    pub node_selector: Value<BTreeMap<String, Value<String>>>,
    /// Taints that Loki's pods tolerate.
    #[attr(optional)]
    pub tolerations: Value<Vec<Value<Toleration>>>,
    /// Name of the pods' priority class.
    #[attr(optional)]
    pub priority_class_name: Value<String>,
    /// What is other in the pods' security context, in Kubernetes' own shape, as `jsonencode(…)` or YAML: `null` takes a key
    /// out. Without it, it passes the restricted Pod Security Standard with the users of the images. On OpenShift:
    /// `jsonencode({ runAsUser = null, runAsGroup = null, fsGroup = null })`.
    #[attr(optional)]
    pub security_context: Value<String>,
    /// IP families of the services, `IPv4` and `IPv6`, that of the pods' own addresses first; without it the cluster's.
    #[attr(optional)]
    pub ip_families: Value<Vec<Value<String>>>,
    /// DNS domain of the cluster.
    #[attr(optional, default = "cluster.local")]
    pub cluster_domain: Value<String>,
    /// Whether fields that another manager owns are taken over. Without it such a conflict is an error at plan.
    #[attr(optional, default = false)]
    pub force_conflicts: Value<bool>,
    /// How long each operation may take. Without it `create` and `update`, which wait for a healthy Loki, and `delete`
    /// have 10m, and `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<Timeouts>,
    /// URL that agents push logs to, inside the cluster: the gateway's where there is one.
    #[attr(computed, prefix = "http")]
    pub push_url: Value<String>,
    /// Base URL of the query API, as a Grafana data source wants it, inside the cluster: the gateway's where there is one.
    #[attr(computed, prefix = "http")]
    pub query_url: Value<String>,
    /// Names of the services, by what they are for: `http`, `headless` and `memberlist`; in the other modes `memberlist`
    /// and two for each component, such as `querier` and `querier-headless`; and `gateway`, `chunks-cache` and
    /// `results-cache` where there are such.
    #[attr(computed, never_null)]
    pub services: Value<BTreeMap<String, Value<String>>>,
    /// Every object of the stack as `kind/namespace/name`, with the SHA-256 of what was rendered for it. An object that
    /// is missing or was changed outside of Terraform differs here, and apply repairs it.
    #[attr(computed, never_null)]
    pub objects: Value<BTreeMap<String, Value<String>>>,
    /// Health of the stack when it was last read.
    #[attr(computed, never_null)]
    pub status: Value<Status>,
}

/// A schema period.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct SchemaPeriod {
    /// First day of the period (UTC), as `YYYY-MM-DD`.
    #[attr(required)]
    pub from: Value<String>,
    /// Version of the schema.
    #[attr(optional, default = "v13")]
    pub version: Value<String>,
    /// Type of the index.
    #[attr(optional, default = "tsdb")]
    pub store: Value<String>,
    /// Prefix of the index's tables in the bucket. Loki that is taken over keeps the one that it has: the community chart's
    /// examples have `loki_index_`.
    #[attr(optional, default = "index_")]
    pub index_prefix: Value<String>,
}

/// The service account of the pods.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ServiceAccount {
    /// Whether it is created; otherwise it must exist.
    #[attr(optional, default = true)]
    pub create: Value<bool>,
    /// Its name; without it the stack's.
    #[attr(optional)]
    pub name: Value<String>,
    /// ARN of the IAM role that Loki assumes with the account's token. It is set in the account's annotation and in the
    /// pods, so it works without the EKS pod identity webhook as well.
    #[attr(optional)]
    pub role_arn: Value<String>,
    /// Further annotations.
    #[attr(optional)]
    pub annotations: Value<BTreeMap<String, Value<String>>>,
}

/// The volume of each replica.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Persistence {
    /// Whether each replica claims a volume; otherwise what is not yet in the object store is lost with the pod.
    #[attr(optional, default = true)]
    pub enabled: Value<bool>,
    /// Size of each claim.
    #[attr(optional, default = "10Gi")]
    pub size: Value<String>,
    /// Storage class; without it the cluster's default.
    #[attr(optional)]
    pub storage_class: Value<String>,
    /// Whether the claims outlive the stack. Set it to false and apply before a destroy that shall delete the data.
    #[attr(optional, default = true)]
    pub retain: Value<bool>,
}

/// What is said of one component.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Component {
    /// Whether an optional component runs.
    #[attr(optional)]
    pub enabled: Value<bool>,
    /// Number of pods, in all zones together.
    #[attr(optional)]
    pub replicas: Value<Int>,
    /// Availability zones that ingesters are spread over, as the nodes' label `topology.kubernetes.io/zone` names them. Each
    /// zone gets a StatefulSet of its own, each copy of a line another zone; new versions roll out zone by zone.
    #[attr(optional)]
    pub zones: Value<Vec<Value<String>>>,
    /// How many pods there are by their load, in place of `replicas`.
    #[attr(optional)]
    pub autoscaling: Value<Autoscaling>,
    /// Pods that a drain may take at once. Without it as many as a quorum can miss, at least 1.
    #[attr(optional)]
    pub max_unavailable: Value<Int>,
    /// Requests and limits of Loki's container.
    #[attr(optional)]
    pub resources: Value<Resources>,
    /// The volume of each pod. Queriers have none unless they are given one here, which makes them a StatefulSet.
    #[attr(optional)]
    pub persistence: Value<Persistence>,
    /// Labels that a node must have to run a pod.
    #[attr(optional)]
    pub node_selector: Value<BTreeMap<String, Value<String>>>,
    /// Taints that the pods tolerate.
    #[attr(optional)]
    pub tolerations: Value<Vec<Value<Toleration>>>,
    /// Name of the pods' priority class.
    #[attr(optional)]
    pub priority_class_name: Value<String>,
    /// The pods' affinity in Kubernetes' own shape, as `jsonencode(…)` or YAML. Without it they are spread over nodes and
    /// zones as far as there are any.
    #[attr(optional)]
    pub affinity: Value<String>,
    /// List of the pods' topology spread constraints in Kubernetes' own shape, as `jsonencode(…)` or YAML. One without
    /// `labelSelector` counts the component's pods.
    #[attr(optional)]
    pub topology_spread_constraints: Value<String>,
    /// What is other in the security context of these pods, as the stack's `security_context` and over it.
    #[attr(optional)]
    pub security_context: Value<String>,
    /// Seconds that a pod has to write what it holds and to leave. Without it 300 for what holds logs or the index, else
    /// 30.
    #[attr(optional)]
    pub termination_grace_period_seconds: Value<Int>,
    /// Further annotations of the pods.
    #[attr(optional)]
    pub pod_annotations: Value<BTreeMap<String, Value<String>>>,
    /// Further labels of the pods.
    #[attr(optional)]
    pub pod_labels: Value<BTreeMap<String, Value<String>>>,
    /// Further arguments of Loki, such as `-log.level=debug`; they go before its configuration file.
    #[attr(optional)]
    pub extra_args: Value<Vec<Value<String>>>,
    /// Further environment variables of Loki. They are in the plan, the state and the workload: no secrets.
    #[attr(optional)]
    pub extra_env: Value<BTreeMap<String, Value<String>>>,
    /// Loki's image for this component alone, as the stack's `image`: to try one out, or to roll one out step by step.
    #[attr(optional)]
    pub image: Value<String>,
    /// List of further volumes of the pods in Kubernetes' own shape, as `jsonencode(…)` or YAML.
    #[attr(optional)]
    pub extra_volumes: Value<String>,
    /// List of the places where Loki's container sees them (`volumeMounts`), as `jsonencode(…)` or YAML.
    #[attr(optional)]
    pub extra_volume_mounts: Value<String>,
}

/// How many pods there are by their load: a HorizontalPodAutoscaler, or with `keda_triggers` a ScaledObject. Pods are taken
/// away one at a time.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Autoscaling {
    /// The least number of pods.
    #[attr(required)]
    pub min_replicas: Value<Int>,
    /// The greatest number of pods.
    #[attr(required)]
    pub max_replicas: Value<Int>,
    /// CPU that the pods shall use on average, in percent of what they request.
    #[attr(optional)]
    pub cpu_percent: Value<Int>,
    /// Memory that the pods shall use on average, in percent of what they request.
    #[attr(optional)]
    pub memory_percent: Value<Int>,
    /// List of KEDA's triggers in its own shape, as `jsonencode(…)` or YAML, in place of the percentages.
    #[attr(optional)]
    pub keda_triggers: Value<String>,
}

/// Requests and limits of a container.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// What the scheduler reserves.
    #[attr(optional)]
    pub requests: Value<ResourceList>,
    /// What the container may not exceed. With a memory limit Go's garbage collector is told of it (`GOMEMLIMIT`).
    #[attr(optional)]
    pub limits: Value<ResourceList>,
}

/// Amounts of CPU and memory.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ResourceList {
    /// CPU, such as `500m`.
    #[attr(optional)]
    pub cpu: Value<String>,
    /// Memory, such as `1Gi`.
    #[attr(optional)]
    pub memory: Value<String>,
}

/// A taint that is tolerated.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Toleration {
    /// Key of the taint; without it every key, with operator `Exists`.
    #[attr(optional)]
    pub key: Value<String>,
    /// `Equal` or `Exists`.
    #[attr(optional)]
    pub operator: Value<String>,
    /// Value of the taint.
    #[attr(optional)]
    pub value: Value<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; without it every effect.
    #[attr(optional)]
    pub effect: Value<String>,
    /// Seconds that a `NoExecute` taint is tolerated.
    #[attr(optional)]
    pub toleration_seconds: Value<Int>,
}

/// Health of a stack.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// `healthy`, `progressing`, `degraded`, `failed`, or `unknown` where the cluster could not be asked; `reasons` says
    /// why.
    #[attr(computed)]
    pub state: Value<String>,
    /// What is wrong, one sentence each.
    #[attr(computed)]
    pub reasons: Value<Vec<Value<String>>>,
    /// State by component.
    #[attr(computed)]
    pub components: Value<BTreeMap<String, Value<String>>>,
}
