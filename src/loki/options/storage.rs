//! Where logs are kept, and as whom they are read and written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Key of a Secret: the access key ID of S3, and the environment variable that it becomes.
pub const S3_ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// Key of a Secret: the secret access key of S3, and the environment variable that it becomes.
pub const S3_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// Key of a Secret: the key of an Azure storage account, and the environment variable that it becomes.
pub const AZURE_KEY: &str = "AZURE_STORAGE_KEY";
/// Key of a Secret: the key of a Google service account as JSON, and its file's name.
pub const GCS_KEY: &str = "key.json";

/// Where chunks and index live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// A bucket.
    S3(S3),
    /// A bucket of Google Cloud Storage.
    Gcs(Gcs),
    /// A container of Azure Blob Storage.
    Azure(Azure),
    /// The replica's own volume; for one replica only.
    Filesystem,
}

/// A bucket of Amazon S3, or of a store that speaks its API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// The bucket's name.
    pub bucket: String,
    /// Region that requests are signed for.
    pub region: String,
    /// `http(s)://host[:port]` of another store than Amazon's.
    pub endpoint: Option<String>,
    /// `http(s)://host[:port]` of another STS than Amazon's.
    pub sts_endpoint: Option<String>,
    /// The bucket in the path instead of the host name.
    pub force_path_style: bool,
    /// Plain HTTP towards the endpoint.
    pub insecure: bool,
    /// Keys in place of the pods' own identity.
    pub credentials: Option<Credentials>,
}

/// Secrets of a store, which pods get from a Secret of the namespace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// The name of a Secret that exists, with the keys that the store's documentation here names.
    ExistingSecret(String),
    /// What the stack's own Secret holds, by its keys. Where the values are not known, as from a state, it is empty.
    Given(BTreeMap<String, String>),
}

/// A bucket of Google Cloud Storage, reached with the pods' identity unless there are credentials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gcs {
    /// The bucket's name.
    pub bucket: String,
    /// The Google service account that the pods' own one stands for, by workload identity.
    pub service_account: Option<String>,
    /// The key of a Google service account, as [`GCS_KEY`].
    pub credentials: Option<Credentials>,
}

/// A container of Azure Blob Storage, reached with the pods' identity unless there are credentials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Azure {
    /// The storage account's name.
    pub account: String,
    /// The container's name.
    pub container: String,
    /// The domain of another cloud than Azure's public one.
    pub endpoint_suffix: Option<String>,
    /// Client ID of a managed identity of the nodes; the pods' workload identity when absent.
    pub managed_identity: Option<String>,
    /// Client ID of the application or managed identity that the pods' workload identity stands for.
    pub client_id: Option<String>,
    /// The key of the storage account, as [`AZURE_KEY`].
    pub credentials: Option<Credentials>,
}
