//! What the provider relies on in the file that it renders.

use crate::loki::finding::Severity::{self, Error, Warning};

/// A place in the file that is not free to be overridden.
pub struct Claim {
    /// Its keys, dotted.
    pub path: &'static str,
    /// An error where another value would break the deployment.
    pub severity: Severity,
    /// What relies on it.
    pub why: &'static str,
    /// What to set instead; empty where nothing can be.
    pub attribute: &'static str,
}

const fn claim(path: &'static str, severity: Severity, attribute: &'static str, why: &'static str) -> Claim {
    Claim { path, severity, why, attribute }
}

const PORTS: &str = "The pods' ports, their probes and the stack's services have this port.";
const BUCKET: &str = "The bucket is what the plan checks and the role is made for.";
const SCHEDULERS: &str = "Queriers and frontends find each other through the schedulers' service.";

#[rustfmt::skip]
pub const CLAIMS: &[Claim] = &[
    claim("auth_enabled", Error, "auth_enabled", "The stack's health is asked for with or without a tenant by it."),
    claim("common.instance_addr", Error, "", "Each pod announces its own address to the rings."),
    claim("common.path_prefix", Error, "", "The data volume is mounted there; the rest of the file system is read-only."),
    claim("common.replication_factor", Error, "replication_factor", "Replicas and disruption budget are checked against it."),
    claim("common.storage", Warning, "storage", "The store is rendered into storage_config, and this is a second answer to the same question."),
    claim("compactor.delete_request_store", Warning, "retention", "It follows from the retention and the storage."),
    claim("compactor.retention_enabled", Warning, "retention", "It follows from the retention: logs are deleted only with both."),
    claim("limits_config.per_tenant_override_config", Error, "", "The provider makes the file of limits by tenant and mounts it."),
    claim("limits_config.retention_period", Warning, "retention", "It also configures the compactor, without which nothing is deleted."),
    claim("memberlist.abort_if_cluster_join_fails", Warning, "", "The first replica has nobody to join, and would exit."),
    claim("memberlist.advertise_port", Error, "", "Members reach each other at the port that the pods open."),
    claim("memberlist.bind_port", Error, "", PORTS),
    claim("memberlist.cluster_label", Warning, "", "It keeps the ring apart from those of other stacks; while it changes, members refuse each other."),
    claim("memberlist.join_members", Error, "", "Members find each other through the stack's memberlist service."),
    claim("runtime_config.file", Error, "", "The provider makes the file and mounts it there."),
    claim("schema_config", Error, "schema", "The schema's history is checked against the state, so that logs stay readable."),
    claim("server.grpc_listen_address", Warning, "", "Other pods reach Loki at the pod's address."),
    claim("server.grpc_listen_port", Error, "", PORTS),
    claim("server.http_listen_address", Warning, "", "The kubelet and other pods reach Loki at the pod's address."),
    claim("server.http_listen_port", Error, "", PORTS),
    claim("server.http_path_prefix", Error, "", "The probes and the stack's URLs have no prefix."),
    claim("server.http_tls_config", Error, "", "The kubelet's probes, agents and Grafana speak plain HTTP to the pods."),
    claim("storage_config.aws.bucketnames", Error, "storage.s3.bucket", BUCKET),
    claim("storage_config.aws.endpoint", Error, "storage.s3.endpoint", BUCKET),
    claim("storage_config.aws.insecure", Warning, "storage.s3.endpoint", "It follows from the endpoint's scheme."),
    claim("storage_config.aws.region", Error, "storage.s3.region", "Requests are signed for it, by the pods' environment as well."),
    claim("storage_config.aws.s3", Error, "storage.s3", BUCKET),
    claim("storage_config.aws.s3forcepathstyle", Warning, "storage.s3.force_path_style", "It is rendered from the storage."),
    claim("storage_config.object_store", Warning, "storage", "Loki reads it only with use_thanos_objstore; the bucket in it is not checked."),
    claim("storage_config.use_thanos_objstore", Warning, "storage", "Those clients read storage_config.object_store and no longer what is rendered for the bucket."),
    claim("target", Warning, "mode", "The pods name their target on the command line, which wins over the file."),
];

/// The same for what only distributed Loki renders; in the other modes they lead away from the ring of schedulers.
#[rustfmt::skip]
pub const DISTRIBUTED: &[Claim] = &[
    claim("common.compactor_grpc_address", Error, "", "Delete requests are asked for at the compactor's service."),
    claim("frontend.downstream_url", Error, "", SCHEDULERS),
    claim("frontend.scheduler_address", Error, "", SCHEDULERS),
    claim("frontend_worker.frontend_address", Error, "", SCHEDULERS),
    claim("frontend_worker.scheduler_address", Error, "", SCHEDULERS),
    claim("index_gateway.mode", Error, "", "The stack's components find its index gateways in this mode."),
];

/// Keys of directories. They must be on a volume, because the rest of the container's file system is read-only.
pub const DIRECTORIES: &[&str] = &[
    "common.scratch_path",
    "compactor.working_directory",
    "ingester.wal.dir",
    "ruler.rule_path",
    "ruler.wal.dir",
    "storage_config.boltdb_shipper.active_index_directory",
    "storage_config.boltdb_shipper.cache_location",
    "storage_config.filesystem.directory",
    "storage_config.object_store.filesystem.dir",
    "storage_config.tsdb_shipper.active_index_directory",
    "storage_config.tsdb_shipper.cache_location",
];

/// Switches that are true for the sake of the logs.
#[rustfmt::skip]
pub const SAFEGUARDS: &[(&str, &str)] = &[
    ("ingester.wal.enabled", "Without the write-ahead log, a pod that crashes loses what it has not flushed yet."),
    ("ingester.wal.flush_on_shutdown", "What a removed replica holds stays on a volume that nobody mounts any more."),
];
