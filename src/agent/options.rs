//! What an agent is made of, as the user says it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::config::POD_LOGS;
use super::kind::Kind;
use super::stage::Stage;
use crate::loki::options::{PodMonitor, Resources, Toleration};

/// One agent on every node, under the names of the resource's attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Prefix of every object, and the value of the label by which the agent's own lines are known.
    pub name: String,
    /// The namespace of all objects.
    pub namespace: String,
    /// Whether the namespace is one of the rendered objects.
    pub create_namespace: bool,
    /// Which agent.
    pub kind: Kind,
    /// Its version; that of [`Kind::program`] when absent.
    pub version: Option<String>,
    /// Repository (the version becomes the tag), or a whole reference with tag or digest.
    pub image: Option<String>,
    /// Names of Secrets of the namespace that hold registry credentials.
    pub image_pull_secrets: Vec<String>,
    /// Where lines are sent: a push URL of Loki's.
    pub push_url: String,
    /// Tenant (header `X-Scope-OrgID`).
    pub tenant_id: Option<String>,
    /// How the agent proves who it is.
    pub auth: Auth,
    /// How the agent knows Loki, where it speaks TLS.
    pub tls: Tls,
    /// Changes with the secrets in [`Options::auth`] and [`Options::tls`].
    pub credentials_version: Option<String>,
    /// Labels that all streams have.
    pub labels: BTreeMap<String, String>,
    /// What is known of the pod, by the label that it becomes.
    pub kubernetes_labels: BTreeMap<String, Source>,
    /// What is known of the pod, by the key of structured metadata that it becomes.
    pub structured_metadata: BTreeMap<String, Source>,
    /// Folder of the pods' files on each node, as the kubelet has it (`podLogsDir`).
    pub pod_logs: String,
    /// Which pods are read.
    pub pods: Pods,
    /// How lines are put together that belong together.
    pub multiline: Option<Multiline>,
    /// What is done to each line.
    pub stages: Vec<Stage>,
    /// Rules over what is known of a pod, before it is read.
    pub relabel: Vec<Relabel>,
    /// When a batch is sent.
    pub batch: Batch,
    /// What is done while Loki takes nothing.
    pub retry: Retry,
    /// Bytes that are kept on the node's disk while Loki takes nothing; none are when absent.
    pub buffer: Option<u64>,
    /// How batches are compressed; as the kind does by itself when absent.
    pub compression: Option<String>,
    /// Whether rotated files that are compressed (`.gz`) are read as well.
    pub decompress: bool,
    /// What is done with lines that are older than the newest of their stream: Loki takes them when absent.
    pub out_of_order: Option<String>,
    /// The nodes' journal; not read when absent.
    pub journal: Option<Journal>,
    /// Kubernetes' events; not read when absent.
    pub events: Option<Events>,
    /// The API server's audit log; not read when absent.
    pub audit: Option<Audit>,
    /// Further configuration in the agent's own language.
    pub extra_config: Option<String>,
    /// The agent's pods.
    pub workload: Workload,
}

/// How the agent proves who it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// By a user's name and password (HTTP Basic).
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// By a token (HTTP Bearer).
    Bearer(Secret),
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq)]
pub enum Secret {
    /// Given, and put into the agent's own Secret. Empty where it is not known.
    Given(String),
    /// In a Secret of the namespace that there is already.
    Existing {
        /// The Secret's name.
        name: String,
        /// The key within.
        key: String,
    },
}

/// How the agent knows Loki.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tls {
    /// Certificates (PEM) of those whose signature is trusted; the system's when absent.
    pub ca: Option<String>,
    /// The name in Loki's certificate; the URL's host when absent.
    pub server_name: Option<String>,
    /// Whether any certificate is taken.
    pub insecure_skip_verify: bool,
    /// The agent's own certificate (PEM).
    pub certificate: Option<String>,
    /// The certificate's key.
    pub key: Option<Secret>,
}

impl Tls {
    /// Whether something of it is set.
    pub fn is_set(&self) -> bool {
        *self != Tls::default()
    }
}

/// Something that is known of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Its namespace.
    Namespace,
    /// Its name.
    Pod,
    /// The container.
    Container,
    /// The node.
    Node,
    /// Its UID.
    Uid,
    /// `stdout` or `stderr`.
    Stream,
    /// The file on the node.
    Filename,
    /// A label of the pod.
    Label(String),
    /// An annotation of the pod.
    Annotation(String),
}

impl Source {
    /// What is written for those without a key.
    pub const NAMES: [(&'static str, Source); 7] = [
        ("namespace", Source::Namespace),
        ("pod", Source::Pod),
        ("container", Source::Container),
        ("node", Source::Node),
        ("uid", Source::Uid),
        ("stream", Source::Stream),
        ("filename", Source::Filename),
    ];

    /// Reads `namespace`, `label:app.kubernetes.io/name`, `annotation:team`; none for anything else.
    pub fn parse(text: &str) -> Option<Source> {
        let key = |prefix| text.strip_prefix(prefix).filter(|key: &&str| !key.is_empty()).map(str::to_owned);
        let plain = Source::NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, source)| source);
        plain.or_else(|| key("label:").map(Source::Label)).or_else(|| key("annotation:").map(Source::Annotation))
    }

    /// Whether the API server has to be asked for it: the others are in the file's name or in the agent's own pod.
    pub fn needs_api(&self) -> bool {
        matches!(self, Source::Label(_) | Source::Annotation(_))
    }
}

/// Which pods are read: all, unless something is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pods {
    /// Namespaces that are read; all when empty.
    pub namespaces: Vec<String>,
    /// Namespaces that are not.
    pub exclude_namespaces: Vec<String>,
    /// Label selector of pods, in Kubernetes' grammar.
    pub label_selector: Option<String>,
    /// Field selector of pods, in Kubernetes' grammar.
    pub field_selector: Option<String>,
}

/// How lines are put together.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiline {
    /// What a first line matches (RE2).
    pub first_line: String,
    /// Milliseconds after which what there is is sent.
    pub max_wait: u64,
    /// The most lines.
    pub max_lines: u64,
}

/// A rule of Prometheus' relabelling
/// (<https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config>).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relabel {
    /// Labels whose values are joined.
    pub source_labels: Vec<String>,
    /// What is between them; `;` when absent.
    pub separator: Option<String>,
    /// What the value has to match (RE2); anything when absent.
    pub regex: Option<String>,
    /// What is done; `replace` when absent.
    pub action: Option<String>,
    /// The label that is written.
    pub target_label: Option<String>,
    /// What is written; `$1` when absent.
    pub replacement: Option<String>,
}

/// When a batch is sent: whatever comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Bytes.
    pub size: u64,
    /// Milliseconds.
    pub wait: u64,
}

/// What is done while Loki takes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Milliseconds before the first attempt after the one that failed.
    pub min_backoff: u64,
    /// The most milliseconds between two.
    pub max_backoff: u64,
    /// The most attempts, after which the batch is lost; without end when 0.
    pub max_retries: u64,
}

/// The nodes' journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// Its folder on the nodes.
    pub path: String,
    /// systemd's units; all when empty.
    pub units: Vec<String>,
    /// Labels of its streams.
    pub labels: BTreeMap<String, String>,
}

/// Kubernetes' events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Their namespaces; all when empty.
    pub namespaces: Vec<String>,
    /// Labels of their streams.
    pub labels: BTreeMap<String, String>,
}

/// The API server's audit log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    /// Its file on the nodes of the control plane.
    pub path: String,
    /// Labels of its stream.
    pub labels: BTreeMap<String, String>,
}

/// The agent's pods.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Requests and limits of the container.
    pub resources: Resources,
    /// Taints that are tolerated: all when absent.
    pub tolerations: Option<Vec<Toleration>>,
    /// Labels that a node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Name of the pods' priority class.
    pub priority_class_name: Option<String>,
    /// Pods, or percents of them, that may be away during an update.
    pub max_unavailable: String,
    /// Whether the service account is created.
    pub create_service_account: bool,
    /// The service account's name; the objects' own when absent.
    pub service_account: Option<String>,
    /// Further folders of the nodes that are mounted read-only, at the same path.
    pub host_paths: Vec<String>,
    /// Has the Prometheus Operator's Prometheus read the metrics; none without it.
    pub pod_monitor: Option<PodMonitor>,
    /// What is other in the container's security context, in Kubernetes' own shape.
    pub security_context: Value,
    /// Further labels of every object.
    pub labels: BTreeMap<String, String>,
    /// Further annotations of every object.
    pub annotations: BTreeMap<String, String>,
    /// Further annotations of the pods.
    pub pod_annotations: BTreeMap<String, String>,
}

/// The label by which the agent's lines are known.
pub const AGENT_LABEL: &str = "log_agent";

impl Options {
    /// What all of a kind's objects are called.
    pub fn object_name(&self) -> String {
        format!("{}-{}", self.name, self.kind.slug())
    }

    /// Name of the Secret that holds what was given.
    pub fn secret_name(&self) -> String {
        format!("{}-credentials", self.name)
    }

    /// The value of [`AGENT_LABEL`].
    pub fn agent(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Every label that is the same for all streams, the agent's own one among them.
    pub fn static_labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.labels.clone();
        labels.insert(AGENT_LABEL.to_owned(), self.agent());
        labels
    }

    /// The label that holds the node, where there is one.
    pub fn node_label(&self) -> Option<&str> {
        self.kubernetes_labels.iter().find(|(_, source)| **source == Source::Node).map(|(label, _)| label.as_str())
    }

    /// What of a pod is asked for, as a label or as structured metadata.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.kubernetes_labels.values().chain(self.structured_metadata.values())
    }

    /// The labels that stages make.
    pub fn stage_labels(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().flat_map(|stage| match stage {
            Stage::Labels { values } => values.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        })
    }

    /// The image's reference.
    pub fn image_reference(&self) -> String {
        let program = self.kind.program();
        let (before, after) = program.tag;
        // Alloy's releases are called v1.12.0, and so may be the version.
        let version = self.version.as_deref().unwrap_or(program.version).trim_start_matches('v');
        match self.image.as_deref() {
            None => format!("{}:{before}{version}{after}", program.repository),
            // A port of the registry is before the last slash.
            Some(image) if image.contains('@') || image.rsplit('/').next().is_some_and(|it| it.contains(':')) => {
                image.to_owned()
            }
            Some(image) => format!("{image}:{before}{version}{after}"),
        }
    }

    /// Labels of pods as the kind calls them when the user says nothing. Of what comes by OTLP Loki makes labels by itself
    /// where it has these names.
    pub fn usual_labels(kind: Kind) -> BTreeMap<String, Source> {
        let names = match kind {
            Kind::OtelCollector => ["k8s_namespace_name", "k8s_pod_name", "k8s_container_name", "k8s_node_name"],
            _ => ["namespace", "pod", "container", "node"],
        };
        let sources = [Source::Namespace, Source::Pod, Source::Container, Source::Node];
        names.map(str::to_owned).into_iter().zip(sources).collect()
    }
}

impl Default for Options {
    /// Alloy, for all pods.
    fn default() -> Self {
        Options {
            name: "log-agent".into(),
            namespace: "loki".into(),
            create_namespace: false,
            kind: Kind::Alloy,
            version: None,
            image: None,
            image_pull_secrets: Vec::new(),
            push_url: String::new(),
            tenant_id: None,
            auth: Auth::None,
            tls: Tls::default(),
            credentials_version: None,
            labels: BTreeMap::new(),
            kubernetes_labels: Options::usual_labels(Kind::Alloy),
            structured_metadata: BTreeMap::new(),
            pod_logs: POD_LOGS.into(),
            pods: Pods::default(),
            multiline: None,
            stages: Vec::new(),
            relabel: Vec::new(),
            batch: Batch { size: 1 << 20, wait: 1000 },
            retry: Retry { min_backoff: 500, max_backoff: 30_000, max_retries: 0 },
            buffer: None,
            compression: None,
            decompress: false,
            out_of_order: None,
            journal: None,
            events: None,
            audit: None,
            extra_config: None,
            workload: Workload::default(),
        }
    }
}

impl Default for Workload {
    fn default() -> Self {
        Workload {
            resources: Resources::default(),
            tolerations: None,
            node_selector: BTreeMap::new(),
            priority_class_name: None,
            max_unavailable: "1".into(),
            create_service_account: true,
            service_account: None,
            host_paths: Vec::new(),
            pod_monitor: None,
            security_context: Value::Null,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            pod_annotations: BTreeMap::new(),
        }
    }
}
