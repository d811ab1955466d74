//! `loki_kubeconfig`: the connection to a cluster, for other providers and tools.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::provider::Connections;
use super::timeouts::{self, Limit, OpenTimeouts, bounded};
use super::{Call, EphemeralResource, Lease};
use crate::iam::{arn, name};
use crate::schema::{Diagnostics, Problem, Report, Schematic, Value, at};

/// A kubeconfig, and its parts, for the cluster of the provider's `kubernetes` block or for another EKS cluster. It
/// reaches neither state nor plan, and no file is written.
///
/// For an EKS cluster a token is made whenever it is opened, once in the plan and once in the apply. EKS gives a token 15
/// minutes, and Terraform cannot hand a newer one to whoever took the first, so nothing is renewed: what runs longer gets
/// its own, as this provider does. With a `kubernetes` block that names a kubeconfig, a host or a credential plugin, it
/// holds what these say; a plugin is run once, and its token stands in its place.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct KubeConfig {
    /// Name of an EKS cluster. Without it: the cluster of the provider's `kubernetes` block.
    #[attr(optional)]
    pub eks_cluster: Value<String>,
    /// Region of `eks_cluster`. Without it: the region of the provider.
    #[attr(optional)]
    pub region: Value<String>,
    /// ARN of an IAM role to assume for `eks_cluster`, after those of the provider's `aws` block: the user that the
    /// cluster sees.
    #[attr(optional)]
    pub role_arn: Value<String>,
    /// How long it may take. Without it `open` has 1m.
    #[attr(optional)]
    pub timeouts: Value<OpenTimeouts>,
    /// The kubeconfig (YAML), with one context.
    #[attr(computed, sensitive)]
    pub kubeconfig: Value<String>,
    /// URL of the API server.
    #[attr(computed)]
    pub host: Value<String>,
    /// PEM certificates that the API server's must chain to; null where the system's are meant.
    #[attr(computed)]
    pub cluster_ca_certificate: Value<String>,
    /// Bearer token; null where a client certificate is used.
    #[attr(computed, sensitive)]
    pub token: Value<String>,
    /// PEM client certificate, where one is used.
    #[attr(computed)]
    pub client_certificate: Value<String>,
    /// PEM key of the client certificate.
    #[attr(computed, sensitive)]
    pub client_key: Value<String>,
    /// The end of the credentials (RFC 3339, UTC); null where it is not known.
    #[attr(computed)]
    pub expires_at: Value<String>,
}

/// Where `timeouts` says nothing.
const OPEN: Duration = Duration::from_mins(1);

/// The ephemeral resource, over the provider's connections.
pub struct KubeConfigResource {
    connections: Arc<Connections>,
}

impl KubeConfigResource {
    /// The ephemeral resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn fill(&self, call: &Call, result: &mut KubeConfig, report: &mut Diagnostics) {
        let named = result.eks_cluster.as_deref_option();
        let (region, role) = (result.region.as_deref_option(), result.role_arn.as_deref_option());
        let Some((name, found)) = self.connections.credentials(call, named, region, role, report).await else { return };
        let secret = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned()).into();
        result.kubeconfig = Value::Value(found.kubeconfig(&name).expose_secret().to_owned());
        result.host = Value::Value(found.host.clone());
        result.token = secret(&found.token);
        result.client_key = secret(&found.client_key);
        result.expires_at = found.expires_at.map(timestamp).into();
        result.cluster_ca_certificate = found.cluster_ca_certificate.into();
        result.client_certificate = found.client_certificate.into();
    }
}

/// Whole seconds, rounded down: who goes by it must not be late.
fn timestamp(at: SystemTime) -> String {
    let at = jiff::Timestamp::try_from(at).unwrap_or(jiff::Timestamp::MAX);
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[async_trait]
impl EphemeralResource for KubeConfigResource {
    type Result = KubeConfig;
    type Private = ();
    const TYPE: &'static str = "loki_kubeconfig";

    fn validate(&self, config: &KubeConfig, report: &mut Diagnostics) {
        if let Value::Value(given) = &config.timeouts {
            timeouts::validate([("open", &given.open)], report);
        }
        for (attribute, value) in [("region", &config.region), ("role_arn", &config.role_arn)] {
            if config.eks_cluster.is_null() && !value.is_null() {
                report.refuse(
                    Problem::new(summary!("{attribute} needs eks_cluster"))
                        .at(at(attribute))
                        .why("Without eks_cluster it is the cluster of the provider's kubernetes block.")
                        .fix(format!("Set eks_cluster as well, or leave {attribute} out.")),
                );
            }
        }
        if let Some(why) = config.region.as_deref_option().and_then(name::region_problem) {
            report.refuse(Problem::new(summary!("The region is not usable")).at(at("region")).why(why));
        }
        if let Some(why) = config.role_arn.as_deref_option().and_then(|role| arn::role_name(role).err()) {
            report.refuse(Problem::new(summary!("The role is not usable")).at(at("role_arn")).why(why));
        }
    }

    async fn open(&self, call: &Call, result: &mut KubeConfig, report: &mut Diagnostics) -> Option<Lease<()>> {
        let given = result.timeouts.clone().unwrap_or_default();
        let limit = Limit::start("open", &given.open, OPEN);
        bounded(call, limit, report, async |call, report| self.fill(call, result, report).await).await;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_rounded_down() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_999);
        assert_eq!(timestamp(at), "2023-11-14T22:13:20Z");
    }
}
