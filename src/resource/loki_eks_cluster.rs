//! `loki_eks_cluster`: what a Loki on EKS needs to know of its cluster.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::account::{patiently, problem};
use super::provider::Connections;
use super::timeouts::{self, Limit, ReadTimeouts, bounded};
use super::{Call, DataSource};
use crate::schema::{Diagnostics, Problem, Report, Schematic, Value, at};

/// An EKS cluster: where it answers, who issues its tokens, and what is installed in it.
///
/// Terraform's identity needs `eks:DescribeCluster`; for the add-ons `eks:ListAddons` and `eks:DescribeAddon`, and for the
/// OIDC provider `iam:GetOpenIDConnectProvider`. What it may not read of the latter two is null.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LokiEksCluster {
    /// Name of the cluster, in the region of the provider.
    #[attr(required)]
    pub name: Value<String>,
    /// How long it may take. Without it `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<ReadTimeouts>,
    /// ARN of the cluster.
    #[attr(computed)]
    pub arn: Value<String>,
    /// `ACTIVE`, `CREATING`, `UPDATING`, `DELETING`, `FAILED` or `PENDING`.
    #[attr(computed)]
    pub status: Value<String>,
    /// Kubernetes version, as `1.34`.
    #[attr(computed)]
    pub version: Value<String>,
    /// URL of the API server; null while the cluster is created.
    #[attr(computed)]
    pub endpoint: Value<String>,
    /// PEM certificates that the API server's chains to; null while the cluster is created.
    #[attr(computed)]
    pub cluster_ca_certificate: Value<String>,
    /// URL of the issuer of its service-account tokens; null while the cluster is created.
    #[attr(computed)]
    pub oidc_issuer: Value<String>,
    /// ARN of the account's IAM OIDC provider for that issuer; null where there is none.
    #[attr(computed)]
    pub oidc_provider_arn: Value<String>,
    /// The add-ons by name, such as `eks-pod-identity-agent`.
    #[attr(computed)]
    pub addons: Value<BTreeMap<String, Value<Addon>>>,
}

/// An add-on of a cluster.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Addon {
    /// Version, as `v1.3.8-eksbuild.2`.
    #[attr(computed)]
    pub version: Value<String>,
    /// `ACTIVE`, `CREATING`, `DEGRADED` and others.
    #[attr(computed)]
    pub status: Value<String>,
}

/// Where `timeouts` says nothing.
const READ: Duration = Duration::from_mins(1);

/// The data source, over the provider's connections.
pub struct EksCluster {
    connections: Arc<Connections>,
}

impl EksCluster {
    /// The data source over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn look(&self, call: &Call, state: &mut LokiEksCluster, report: &mut Diagnostics) {
        let Some(aws) = self.connections.aws().await.or_deferred(call).needed("AWS", report) else { return };
        let name = state.name.clone().unwrap_or_default();
        let (cluster, addons) =
            tokio::join!(patiently(call, || aws.describe_cluster(&name)), patiently(call, || aws.addons(&name)));
        let cluster = match cluster {
            Ok(cluster) => cluster,
            Err(error) if error.is_not_found() => {
                return report.refuse(
                    Problem::new(summary!("There is no EKS cluster {name:?}"))
                        .at(at("name"))
                        .why(format!("{error}."))
                        .fix("Check its name, and the region and the account of the provider's aws block."),
                );
            }
            Err(error) => {
                let what = summary!("The EKS cluster {name:?} cannot be looked up");
                return report.refuse(problem(what, &error).at(at("name")));
            }
        };
        state.oidc_provider_arn = match &cluster.oidc_issuer {
            Some(issuer) => match patiently(call, || aws.oidc_provider(issuer)).await {
                Ok(provider) => provider.map(|provider| provider.arn).into(),
                Err(error) if error.is_access_denied() => Value::Null,
                Err(error) => {
                    return report.refuse(problem(summary!("The account's OIDC provider cannot be looked up"), &error));
                }
            },
            None => Value::Null,
        };
        state.addons = match addons {
            Ok(addons) => Value::Value(
                addons
                    .into_iter()
                    .map(|it| {
                        let addon = Addon { version: Value::Value(it.version), status: Value::Value(it.status) };
                        (it.name, Value::Value(addon))
                    })
                    .collect(),
            ),
            Err(error) if error.is_access_denied() => Value::Null,
            Err(error) => return report.refuse(problem(summary!("The cluster's add-ons cannot be looked up"), &error)),
        };
        state.arn = Value::Value(cluster.arn);
        state.status = Value::Value(cluster.status);
        state.version = Value::Value(cluster.version);
        state.endpoint = cluster.endpoint.into();
        state.cluster_ca_certificate = cluster.ca_pem.into();
        state.oidc_issuer = cluster.oidc_issuer.into();
    }
}

#[async_trait]
impl DataSource for EksCluster {
    type State = LokiEksCluster;
    const TYPE: &'static str = "loki_eks_cluster";

    fn validate(&self, config: &LokiEksCluster, report: &mut Diagnostics) {
        if let Value::Value(given) = &config.timeouts {
            timeouts::validate([("read", &given.read)], report);
        }
    }

    async fn read(&self, call: &Call, state: &mut LokiEksCluster, report: &mut Diagnostics) {
        let given = state.timeouts.clone().unwrap_or_default();
        let limit = Limit::start("read", &given.read, READ);
        bounded(call, limit, report, async |call, report| self.look(call, state, report).await).await;
    }
}
