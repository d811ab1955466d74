//! Port: EKS clusters and the tokens that their API servers accept.

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

    /// Signs a token; no network but for the credentials.
    async fn eks_token(&self, cluster: &str) -> Result<EksToken>;
}
