mod lines;

use std::collections::BTreeMap;

pub use self::lines::*;
use crate::resource::Timeouts;
use crate::resource::loki_stack::{PodMonitor, Resources, Toleration};
use crate::schema::{Int, Schematic, Value};

/// An agent on every node of a Kubernetes cluster that ships the logs of all pods to Loki, whichever agent a team prefers:
/// Grafana Alloy, the OpenTelemetry Collector, Vector, Promtail or Fluent Bit. One model describes what is read, what is
/// done to each line and where it goes; the provider writes it in the agent's own language. What a kind cannot do is an
/// error at plan that names a kind that can. `log_agent` is another name of the same type.
///
/// - **Plan** verifies labels, stages, selectors, tenant and TLS, also against the configuration of the stack that
///   `push_url` leads to where that is in the same cluster, reads the whole configuration by the grammar of its language,
///   and lets the API server judge every object by a server-side dry run. `config` shows the configuration.
/// - **Apply** deploys, waits until each node's agent is ready, and then until lines of each node have arrived at Loki. On
///   failure it names the node and what its agent says.
/// - **Read** compares every object with the live one, and fills in `status`: a node whose lines do not arrive is named.
///
/// Another `kind` takes the place of the one before without a gap: the new agents are up and ship before the old ones go.
/// Agents note on the node how far they have read, below `/var/lib/<namespace>-<name>`; Alloy goes on where a Promtail has
/// stopped, other kinds read the files that are still there from their beginning. What then arrives twice with the same
/// labels, Loki stores once.
///
/// Promtail and the OpenTelemetry Collector are run in this provider's tests; the configurations of the other kinds are
/// checked there by their grammars only.
///
/// The user of the provider's `kubernetes` block needs, in the namespace: `get`, `watch`, `create`, `patch` and `delete` of
/// configmaps, serviceaccounts and daemonsets (`apps`), of secrets where a secret is given here, of deployments (`apps`) with
/// `kubernetes_events`, and of podmonitors (`monitoring.coreos.com`) with `pod_monitor`; `list` of pods and events, `get` of
/// pods/log, and of pods/proxy for another `kind`; with `create_namespace` the same of namespaces, and `list` of what may be
/// left in one when it is deleted; in the cluster the same of clusterroles and clusterrolebindings (`rbac.authorization.k8s.io`), and what these
/// grant: `get`, `list` and `watch` of pods, for Vector and Fluent Bit of namespaces as well, for Vector of nodes. In the
/// stack's namespace `get` of configmaps, services, statefulsets and services/proxy: what may not be read is not foreseen, and
/// whether lines arrive is not told.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LogAgent {
    /// Name of the agent and prefix of its objects. Its lines have the label `log_agent` with the value `<namespace>/<name>`.
    #[attr(optional, default = "log-agent", replace)]
    pub name: Value<String>,
    /// Namespace of the agent. Agents read the nodes' files, so its Pod Security Standard has to be `privileged`: that of a
    /// `loki_stack` with `create_namespace` is not.
    #[attr(required, replace)]
    pub namespace: Value<String>,
    /// Whether the namespace is created, as one that lets agents in, and deleted with the agent once nothing else is in it.
    #[attr(optional, default = false)]
    pub create_namespace: Value<bool>,
    /// Which agent: `alloy`, `otel_collector`, `vector`, `promtail` (whose support has ended) or `fluent_bit`.
    #[attr(optional, default = "alloy")]
    pub kind: Value<String>,
    /// Version of the agent. Without it the one that this version of the provider renders for.
    #[attr(optional)]
    pub version: Value<String>,
    /// Image repository (the version becomes its tag), or a whole reference with tag or digest. Without it the project's
    /// own.
    #[attr(optional)]
    pub image: Value<String>,
    /// Names of Secrets in the namespace that hold registry credentials.
    #[attr(optional)]
    pub image_pull_secrets: Value<Vec<Value<String>>>,
    /// Where lines are pushed to, such as `push_url` of a `loki_stack`. For `otel_collector` the OTLP endpoint beside it is
    /// taken.
    #[attr(required)]
    pub push_url: Value<String>,
    /// Tenant (header `X-Scope-OrgID`), where the stack is multi-tenant.
    #[attr(optional)]
    pub tenant_id: Value<String>,
    /// User and password for Loki's gateway.
    #[attr(optional)]
    pub basic_auth: Value<BasicAuth>,
    /// Token for Loki's gateway, in place of user and password.
    #[attr(optional)]
    pub bearer_token: Value<BearerToken>,
    /// How the agent knows Loki, and Loki the agent, where the URL is one of `https`.
    #[attr(optional)]
    pub tls: Value<Tls>,
    /// Labels of all streams, such as `{ cluster = "prod" }`.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
    /// Labels made of what is known of a pod, by the label's name: `namespace`, `pod`, `container`, `node`, `uid`, `stream`
    /// (stdout or stderr), `filename`, `label:<key>` or `annotation:<key>`. Without it `namespace`, `pod`, `container` and
    /// `node` under these names, for `otel_collector` under `k8s_namespace_name`, `k8s_pod_name`, `k8s_container_name` and
    /// `k8s_node_name`, as Loki makes labels of the first three by itself.
    #[attr(optional, computed)]
    pub kubernetes_labels: Value<BTreeMap<String, Value<String>>>,
    /// Structured metadata made of what is known of a pod, as `kubernetes_labels`: for what has many values.
    #[attr(optional)]
    pub structured_metadata: Value<BTreeMap<String, Value<String>>>,
    /// Folder of the pods' files on each node, where the kubelet has another one than usual (`podLogsDir`). For all kinds but
    /// `vector`.
    #[attr(optional, default = "/var/log/pods")]
    pub pod_logs_path: Value<String>,
    /// Namespaces whose pods are read; without it all.
    #[attr(optional)]
    pub namespaces: Value<Vec<Value<String>>>,
    /// Namespaces whose pods are not read.
    #[attr(optional)]
    pub exclude_namespaces: Value<Vec<Value<String>>>,
    /// Label selector of the pods that are read, as kubectl takes it. For `alloy`, `promtail` and `vector`.
    #[attr(optional)]
    pub label_selector: Value<String>,
    /// Field selector of the pods that are read, as kubectl takes it. For `alloy`, `promtail` and `vector`.
    #[attr(optional)]
    pub field_selector: Value<String>,
    /// Lines that belong together, such as stack traces.
    #[attr(optional)]
    pub multiline: Value<Multiline>,
    /// What is done to each line, one after the other. Each element sets one attribute.
    #[attr(optional)]
    pub stages: Value<Vec<Value<Stage>>>,
    /// Rules of Prometheus' relabelling over what is discovered of a pod (`__meta_kubernetes_…`), before it is read. For
    /// `alloy` and `promtail`.
    #[attr(optional)]
    pub relabel: Value<Vec<Value<Relabel>>>,
    /// When a batch is sent: at its size, or after its time.
    #[attr(optional)]
    pub batch: Value<Batch>,
    /// What is done while Loki takes nothing. Without it the agent waits for Loki, however long that takes.
    #[attr(optional)]
    pub retry: Value<Retry>,
    /// How much is kept on each node's disk of what is read and not sent, as a Kubernetes quantity such as `1Gi`: it outlives
    /// the agent's pod. `otel_collector` keeps 256Mi by itself; Promtail cannot. For `alloy` it switches an experimental
    /// write-ahead log on.
    #[attr(optional)]
    pub buffer: Value<String>,
    /// How batches are compressed: `snappy`, `gzip` or `none`, as far as the kind can. Without it as the kind does by itself.
    #[attr(optional)]
    pub compression: Value<String>,
    /// Whether rotated files that are compressed (`.gz`) are read as well. For all kinds but `fluent_bit`.
    #[attr(optional, default = false)]
    pub decompress: Value<bool>,
    /// What is done with a line that is older than the newest of its stream: `accept`, `rewrite_timestamp` or `drop`, which
    /// `vector` can do. Without it Loki decides, which takes what is not older than half of its `max_chunk_age`.
    #[attr(optional)]
    pub out_of_order: Value<String>,
    /// The nodes' journal. For all kinds but `otel_collector`.
    #[attr(optional)]
    pub journal: Value<Journal>,
    /// Kubernetes' events, read by one pod. For `alloy`, `otel_collector` and `fluent_bit`.
    #[attr(optional)]
    pub kubernetes_events: Value<Events>,
    /// The API server's audit log, on nodes that have one.
    #[attr(optional)]
    pub audit_logs: Value<AuditLogs>,
    /// Further configuration in the agent's own language: Alloy's blocks are appended; YAML of the other kinds is merged over
    /// what is rendered (see `config`), map by map. Nothing in it is escaped or expanded by the provider, `{{ }}` neither. It
    /// is kept in a ConfigMap, so secrets do not belong here.
    #[attr(optional)]
    pub extra_config: Value<String>,
    /// Requests and limits of the agent's container.
    #[attr(optional)]
    pub resources: Value<Resources>,
    /// Taints that the agents tolerate. Without it all, as every node has logs.
    #[attr(optional)]
    pub tolerations: Value<Vec<Value<Toleration>>>,
    /// Labels that a node must have to run an agent.
    #[attr(optional)]
    pub node_selector: Value<BTreeMap<String, Value<String>>>,
    /// Name of the pods' priority class, such as `system-node-critical`.
    #[attr(optional)]
    pub priority_class_name: Value<String>,
    /// How an update goes through the nodes.
    #[attr(optional)]
    pub update_strategy: Value<UpdateStrategy>,
    /// The service account of the pods.
    #[attr(optional)]
    pub service_account: Value<ServiceAccount>,
    /// Further folders of the nodes that are mounted read-only at the same path, such as `/var/lib/docker/containers` where
    /// the files of pods are links into it.
    #[attr(optional)]
    pub host_paths: Value<Vec<Value<String>>>,
    /// A PodMonitor, by which the Prometheus Operator's Prometheus reads the agents' metrics.
    #[attr(optional)]
    pub pod_monitor: Value<PodMonitor>,
    /// What is other in the container's security context, in Kubernetes' own shape, as `jsonencode(…)` or YAML: `null` takes
    /// a key out. Without it the agent runs as root, to whom the nodes' logs belong, with no capabilities and a read-only
    /// root file system.
    #[attr(optional)]
    pub security_context: Value<String>,
    /// Further labels of every object and pod.
    #[attr(optional)]
    pub object_labels: Value<BTreeMap<String, Value<String>>>,
    /// Further annotations of every object.
    #[attr(optional)]
    pub annotations: Value<BTreeMap<String, Value<String>>>,
    /// Further annotations of the pods.
    #[attr(optional)]
    pub pod_annotations: Value<BTreeMap<String, Value<String>>>,
    /// A node is silent when no line of it has arrived for so long, as a duration such as `10m`; `0s` never asks. It is
    /// asked for by the label of the node, where the stack is in the same cluster.
    #[attr(optional, default = "10m")]
    pub max_silence: Value<String>,
    /// Whether fields that another manager owns are taken over. Without it such a conflict is an error at plan.
    #[attr(optional, default = false)]
    pub force_conflicts: Value<bool>,
    /// How long each operation may take. Without it `create`, `update` and `delete` have 10m, and `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<Timeouts>,
    /// The configuration of each node's agent, in its own language.
    #[attr(computed)]
    pub config: Value<String>,
    /// Every object of the agent as `kind/namespace/name`, with the SHA-256 of what was rendered for it. An object that is
    /// missing or was changed outside of Terraform differs here, and apply repairs it.
    #[attr(computed, never_null)]
    pub objects: Value<BTreeMap<String, Value<String>>>,
    /// Health of the agent when it was last read.
    #[attr(computed, never_null)]
    pub status: Value<AgentStatus>,
}

/// User and password.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct BasicAuth {
    /// The user's name.
    #[attr(required)]
    pub username: Value<String>,
    /// The password. Needs Terraform 1.11 or newer, as it is kept in neither plan nor state.
    #[attr(optional, sensitive, write_only)]
    pub password_wo: Value<String>,
    /// Change it with the password, so that the change is seen.
    #[attr(optional)]
    pub password_wo_version: Value<Int>,
    /// Where the password is in a Secret of the namespace, in place of the password.
    #[attr(optional)]
    pub password_secret: Value<SecretKey>,
}

/// A token.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct BearerToken {
    /// The token. Needs Terraform 1.11 or newer, as it is kept in neither plan nor state.
    #[attr(optional, sensitive, write_only)]
    pub token_wo: Value<String>,
    /// Change it with the token, so that the change is seen.
    #[attr(optional)]
    pub token_wo_version: Value<Int>,
    /// Where the token is in a Secret of the namespace, in place of the token.
    #[attr(optional)]
    pub token_secret: Value<SecretKey>,
}

/// A key of a Secret in the agent's namespace.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct SecretKey {
    /// Name of the Secret.
    #[attr(required)]
    pub name: Value<String>,
    /// Key within it.
    #[attr(required)]
    pub key: Value<String>,
}

/// How the agent knows Loki, and Loki the agent.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Tls {
    /// Certificates (PEM) of the authorities that are trusted; without it the image's own.
    #[attr(optional)]
    pub ca: Value<String>,
    /// The name in Loki's certificate; without it the URL's host.
    #[attr(optional)]
    pub server_name: Value<String>,
    /// Whether any certificate is taken for Loki's.
    #[attr(optional, default = false)]
    pub insecure_skip_verify: Value<bool>,
    /// The agent's own certificate (PEM).
    #[attr(optional)]
    pub certificate: Value<String>,
    /// The certificate's key (PEM). Needs Terraform 1.11 or newer, as it is kept in neither plan nor state.
    #[attr(optional, sensitive, write_only)]
    pub key_wo: Value<String>,
    /// Change it with the key, so that the change is seen.
    #[attr(optional)]
    pub key_wo_version: Value<Int>,
    /// Where the key is in a Secret of the namespace, in place of the key.
    #[attr(optional)]
    pub key_secret: Value<SecretKey>,
}

/// How an update goes through the nodes.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct UpdateStrategy {
    /// Nodes, or percents of them, that may be without an agent at once.
    #[attr(optional, default = "1")]
    pub max_unavailable: Value<String>,
}

/// The service account of the pods.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ServiceAccount {
    /// Whether it is created; otherwise it must exist.
    #[attr(optional, default = true)]
    pub create: Value<bool>,
    /// Its name; without it that of the agent's objects.
    #[attr(optional)]
    pub name: Value<String>,
}

/// Health of an agent.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct AgentStatus {
    /// `healthy`, `progressing`, `degraded`, `failed`, or `unknown` where the cluster could not be asked; `reasons` says
    /// why.
    #[attr(computed)]
    pub state: Value<String>,
    /// What is wrong, one sentence each.
    #[attr(computed)]
    pub reasons: Value<Vec<Value<String>>>,
    /// Each node by its name: `shipping`, `silent`, `not ready`, or `ready` where Loki could not be asked.
    #[attr(computed)]
    pub nodes: Value<BTreeMap<String, Value<String>>>,
}
