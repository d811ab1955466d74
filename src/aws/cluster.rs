//! Port: EKS clusters and the tokens that their API servers accept.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::Result;

/// What `eks:DescribeCluster` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// As asked for.
    pub name: String,
    /// As `arn:aws:eks:eu-west-1:123456789012:cluster/prod`.
    pub arn: String,
    /// The API server's URL; missing while EKS creates the cluster, as are the next two.
    pub endpoint: Option<String>,
    /// The API server's certificate authority, PEM.
    pub ca_pem: Option<String>,
    /// `https://oidc.eks.REGION.amazonaws.com/id/ID`, the issuer of service-account tokens.
    pub oidc_issuer: Option<String>,
    /// Kubernetes version as `1.33`.
    pub version: String,
    /// `CREATING`, `ACTIVE`, `UPDATING`, `DELETING`, `FAILED` or `PENDING`.
    pub status: String,
}

/// An add-on of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addon {
    /// As `eks-pod-identity-agent`.
    pub name: String,
    /// As `v1.3.4-eksbuild.1`.
    pub version: String,
    /// `ACTIVE`, `CREATING`, `DEGRADED` and others.
    pub status: String,
}

/// A service account of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodAccount {
    /// Name of the EKS cluster.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub service_account: String,
}

/// An EKS Pod Identity association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodIdentity {
    /// As `a-0123456789abcdefg`.
    pub id: String,
    /// The role of the pods.
    pub role_arn: String,
}

/// How long an API server accepts a token, counted from the signature (aws-iam-authenticator, pkg/token).
pub const EKS_TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// A bearer token for an EKS cluster's API server.
#[derive(Clone, Debug)]
pub struct EksToken {
    /// `k8s-aws-v1.…`
    pub token: SecretString,
    /// The end of [`EKS_TOKEN_LIFETIME`], or of the credentials that signed it if they end earlier. Renew a minute
    /// ahead.
    pub expires_at: SystemTime,
}

/// EKS, as far as connecting to a cluster needs it.
#[async_trait::async_trait]
pub trait Clusters: Send + Sync {
    /// [`Kind::NotFound`](super::Kind::NotFound) when the account has no such cluster in this region.
    async fn describe_cluster(&self, name: &str) -> Result<Cluster>;

    /// Names of the add-ons that EKS has installed in a cluster.
    async fn addons(&self, cluster: &str) -> Result<Vec<Addon>>;

    /// The association of a service account with a role, `None` when there is none.
    async fn pod_identity(&self, account: &PodAccount) -> Result<Option<PodIdentity>>;

    /// Has the pods of a service account be a role. [`Kind::AlreadyExists`](super::Kind::AlreadyExists) when they are one.
    async fn create_pod_identity(
        &self,
        account: &PodAccount,
        role_arn: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<PodIdentity>;

    /// Ends an association; one that is gone counts as ended.
    async fn delete_pod_identity(&self, cluster: &str, id: &str) -> Result<()>;

    /// Signs a token; no network but for the credentials.
    async fn eks_token(&self, cluster: &str) -> Result<EksToken>;
}
