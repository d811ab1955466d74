//! Test: whether the role can do what Loki does, by doing it as one of its service accounts.

use futures::future::join_all;

use super::attributes::Mode;
use super::{IrsaRole, IrsaRoleResource};
use crate::aws::{Aws, BucketId};
use crate::kube;
use crate::resource::Call;
use crate::resource::account::once_visible;
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

impl IrsaRoleResource {
    /// Where the user asks for it: takes a token of the service account, signs in with it, and writes, reads and deletes
    /// an object in each bucket. What fails is a warning: the state of the role is known all the same.
    pub(super) async fn probe(&self, call: &Call, own: &dyn Aws, role: &IrsaRole, report: &mut Diagnostics) {
        let wanted = role.verify_access == Value::Value(true) && role.mode() == Some(Mode::Irsa);
        let (Some(arn), Some(audience), Some(namespace)) =
            (role.arn.as_ref_option(), role.audience.as_ref_option(), role.namespace.as_ref_option())
        else {
            return;
        };
        let Some(account) = role.accounts().and_then(|accounts| accounts.into_iter().next()).filter(|_| wanted) else {
            return;
        };
        let told = |why: String, fix: &str| {
            Problem::new(summary!("The role cannot do what Loki does"))
                .at(at("verify_access"))
                .why(why)
                .fix(fix.to_owned())
        };
        let mut said = Diagnostics::default();
        let Reach::Ready(cluster) = self.connections.kube(&mut said).await else {
            report.warnings.extend(said.errors);
            return;
        };
        let token = match cluster.service_account_token(namespace, &account, audience).await {
            Ok(token) => token,
            // It comes with the stack; until then there is nothing to test.
            Err(kube::Error::NotFound { .. }) => {
                return tracing::info!(namespace, account, "no service account yet, so the role is not tested");
            }
            Err(error) => {
                let why = format!("No token of the service account {namespace}/{account} can be had: {error}.");
                return report.warn(told(why, "Allow create of serviceaccounts/token, or leave verify_access out."));
            }
        };
        let aws = self.connections.aws_as(arn, token);
        let region = match aws.region().await {
            Ok(region) => region,
            Err(error) => return report.warn(told(format!("{error}."), "Set region in the provider's aws block.")),
        };
        let buckets = role.buckets.as_ref_option().into_iter().flat_map(|it| it.iter());
        let probes = buckets.filter_map(|it| it.as_ref_option()).map(async |name| {
            let bucket = BucketId { name: name.clone(), region: region.clone() };
            let below = role.prefix.as_ref_option().map(|prefix| format!("{}/", prefix.trim_matches('/')));
            let key = format!("{}terraform-provider-loki/probe", below.unwrap_or_default());
            // IAM may not have spread the role's policy yet.
            let done = once_visible(call, || aws.probe(&bucket, &key)).await;
            // In a bucket with versions the role can only hide it. Terraform's identity may do more.
            if let Err(error) = own.purge(&bucket, &key).await {
                tracing::info!(%error, "versions of the probe stay");
            }
            (name, done)
        });
        for (name, done) in join_all(probes).await {
            if let Err(error) = done {
                let why = format!("As the service account {namespace}/{account}, in the bucket {name:?}: {error}.");
                report.warn(told(
                    why,
                    "See what denies it: the role's policies and boundary, the bucket's policy, the KMS key's policy, the organization's.",
                ));
            }
        }
    }
}
