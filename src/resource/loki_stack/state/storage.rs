//! `storage`.

use crate::schema::{Schematic, Value};

/// Where chunks and index live.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Storage {
    /// A bucket of Amazon S3 or of a store that speaks its API, read and written as the service account's role, as whatever
    /// EKS Pod Identity gives the pods, or with `credentials`.
    #[attr(optional)]
    pub s3: Value<S3>,
    /// A bucket of Google Cloud Storage.
    #[attr(optional)]
    pub gcs: Value<Gcs>,
    /// A container of Azure Blob Storage.
    #[attr(optional)]
    pub azure: Value<Azure>,
    /// The replica's own volume; for one replica only.
    #[attr(optional)]
    pub filesystem: Value<Filesystem>,
}

/// A bucket.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct S3 {
    /// Name of the bucket.
    #[attr(required)]
    pub bucket: Value<String>,
    /// Region of the bucket.
    #[attr(required)]
    pub region: Value<String>,
    /// `http(s)://host[:port]` of another store than Amazon's. Leave it out on AWS: together with a role it breaks
    /// Loki's requests.
    #[attr(optional)]
    pub endpoint: Value<String>,
    /// `http(s)://host[:port]` of another STS than Amazon's.
    #[attr(optional)]
    pub sts_endpoint: Value<String>,
    /// Whether requests carry the bucket in the path instead of the host name. Without it: whether `endpoint` is set.
    #[attr(optional)]
    pub force_path_style: Value<bool>,
    /// Access keys, where there is neither a role nor Pod Identity.
    #[attr(optional)]
    pub credentials: Value<S3Credentials>,
}

/// Access keys of a store that speaks S3: those of a Secret that exists, or given here and kept in a Secret of the stack.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct S3Credentials {
    /// Name of a Secret in the namespace with the keys `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    #[attr(optional)]
    pub existing_secret: Value<String>,
    /// The access key ID. Needs Terraform 1.11 or newer, as it is kept in neither plan nor state.
    #[attr(optional, sensitive, write_only)]
    pub access_key_id: Value<String>,
    /// The secret access key.
    #[attr(optional, sensitive, write_only)]
    pub secret_access_key: Value<String>,
    /// Any text that changes with the keys: Loki reads them as it starts, and is restarted when this changes.
    #[attr(optional)]
    pub version: Value<String>,
}

/// A bucket of Google Cloud Storage.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Gcs {
    /// Name of the bucket.
    #[attr(required)]
    pub bucket: Value<String>,
    /// E-mail address of the Google service account that the pods' own one stands for, by workload identity.
    #[attr(optional)]
    pub service_account: Value<String>,
    /// The key of a Google service account, where there is no workload identity.
    #[attr(optional)]
    pub credentials: Value<GcsCredentials>,
}

/// The key of a Google service account: that of a Secret that exists, or given here and kept in a Secret of the stack.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct GcsCredentials {
    /// Name of a Secret in the namespace with the key `key.json`.
    #[attr(optional)]
    pub existing_secret: Value<String>,
    /// The key as JSON. Needs Terraform 1.11 or newer, as it is kept in neither plan nor state.
    #[attr(optional, sensitive, write_only)]
    pub key: Value<String>,
    /// Any text that changes with the key: Loki reads it as it starts, and is restarted when this changes.
    #[attr(optional)]
    pub version: Value<String>,
}

/// A container of Azure Blob Storage.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Azure {
    /// Name of the storage account.
    #[attr(required)]
    pub account: Value<String>,
    /// Name of the container.
    #[attr(required)]
    pub container: Value<String>,
    /// Domain of another cloud than Azure's public one, such as `blob.core.chinacloudapi.cn`.
    #[attr(optional)]
    pub endpoint_suffix: Value<String>,
    /// Client ID of the application or managed identity that the pods' service account stands for, by workload identity.
    #[attr(optional)]
    pub client_id: Value<String>,
    /// Client ID of a managed identity of the nodes, in place of workload identity.
    #[attr(optional)]
    pub managed_identity: Value<String>,
    /// The key of the storage account, where there is no identity.
    #[attr(optional)]
    pub credentials: Value<AzureCredentials>,
}

/// The key of a storage account: that of a Secret that exists, or given here and kept in a Secret of the stack.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct AzureCredentials {
    /// Name of a Secret in the namespace with the key `AZURE_STORAGE_KEY`.
    #[attr(optional)]
    pub existing_secret: Value<String>,
    /// The key. Needs Terraform 1.11 or newer, as it is kept in neither plan nor state.
    #[attr(optional, sensitive, write_only)]
    pub key: Value<String>,
    /// Any text that changes with the key: Loki reads it as it starts, and is restarted when this changes.
    #[attr(optional)]
    pub version: Value<String>,
}

/// The replica's own volume.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Filesystem {}
