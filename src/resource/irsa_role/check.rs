//! Check online: whether the issuer or the cluster is there, and whether the name is free.

use super::deploy::{is_unfinished, new_role};
use super::state::{Account, Surroundings};
use super::{ADDITIONAL_POLICY, IrsaRole, IrsaRoleResource, STORAGE_POLICY};
use crate::aws::{Aws, Cluster};
use crate::resource::account::problem;
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

impl IrsaRoleResource {
    /// Fills in what follows from the configuration and from what AWS knows, and says what would not work.
    pub(super) async fn plan(&self, prior: Option<&IrsaRole>, planned: &mut IrsaRole, report: &mut Diagnostics) {
        let aws = match self.connections.aws().await {
            Reach::Ready(aws) => Some(aws),
            Reach::Unknown | Reach::Failed => None,
        };
        let aws = aws.as_deref();
        let staying = prior.filter(|prior| prior.name == planned.name && prior.path == planned.path);
        let account = match (staying.and_then(IrsaRole::account), aws) {
            (Some(account), _) => Some(account),
            (None, Some(aws)) => match account(aws).await {
                Ok(account) => Some(account),
                Err(error) => return report.refuse(problem(summary!("The AWS account cannot be determined"), &error)),
            },
            (None, None) => None,
        };
        let (issuer, cluster_arn) = planned_cluster(aws, staying, planned, report).await;
        let default_tags = self.connections.default_tags();
        planned.derive(staying, &Surroundings { account, issuer, cluster_arn, default_tags });
        check_size(planned, report);
        planned.plan_associations(staying);
        let Some(aws) = aws else { return planned.plan_provider(staying, None) };
        let wanted = &*planned;
        let (provider, pods, boundary, name) = tokio::join!(
            super::oidc::look(aws, wanted),
            super::pods::check(aws, wanted),
            super::boundary::check(aws, staying, wanted),
            self.check_name(aws, prior, wanted),
        );
        for found in [pods, boundary, name] {
            report.errors.extend(found.errors);
            report.warnings.extend(found.warnings);
        }
        super::oidc::check(wanted, &provider, report);
        planned.plan_provider(staying, provider.as_ref());
    }

    async fn check_name(&self, aws: &dyn Aws, prior: Option<&IrsaRole>, planned: &IrsaRole) -> Diagnostics {
        let mut report = Diagnostics::default();
        let Some(name) = planned.name.as_ref_option().filter(|name| prior.is_none() && !self.held.has(name)) else {
            return report;
        };
        let (role, quota) = tokio::join!(aws.role(name), aws.role_quota());
        match role {
            Ok(None) => {
                if let Ok(Some(quota)) = quota
                    && quota.used >= quota.limit
                {
                    report.refuse(
                        Problem::new(summary!("The account has no room for another role"))
                            .at(at("name"))
                            .why(format!("It has {} roles, and its quota is {}.", quota.used, quota.limit))
                            .fix("Delete roles that nobody uses, or ask AWS for a higher quota (Service Quotas, IAM, Roles per account)."),
                    );
                }
            }
            Ok(Some(role)) => {
                let taken_over = match new_role(planned) {
                    Ok(new) => is_unfinished(aws, &role, &new).await,
                    Err(_) => false,
                };
                if !taken_over {
                    report.refuse(exists(name, &role.arn));
                    return report;
                }
                report.warn(
                    Problem::new(summary!("The role {name:?} of an interrupted apply is taken over"))
                        .at(at("name"))
                        .why("It exists, exactly as this resource creates it, and has no policy yet.")
                        .fix("Apply finishes it, as if it had been created now."),
                );
            }
            Err(error) if error.is_access_denied() => report.warn(
                problem(summary!("It was not checked whether the role name {name:?} is free"), &error).at(at("name")),
            ),
            Err(error) => report.refuse(problem(summary!("The role name {name:?} cannot be checked"), &error)),
        }
        report
    }
}

/// Why a role is not created.
pub(super) fn exists(name: &str, arn: &str) -> Problem {
    Problem::new(summary!("The role {name:?} exists already"))
        .at(at("name"))
        .why(format!("It is {arn}."))
        .fix(format!("Choose another name, or take it over: terraform import loki_irsa_role.NAME {name}"))
}

/// Online: refuses while policies of others keep IAM from deleting the role.
pub(super) async fn free_of_others(aws: &dyn Aws, name: &str, report: &mut Diagnostics) -> bool {
    let policies = match aws.role_policies(name).await {
        Ok(policies) => policies,
        // Gone, or not for us to see: deleting shows.
        Err(_) => return true,
    };
    let foreign = |policy: &&String| ![STORAGE_POLICY, ADDITIONAL_POLICY].contains(&policy.as_str());
    let inline = policies.inline.iter().filter(foreign).map(|it| format!("{it:?} (inline)"));
    let others: Vec<String> = inline.chain(policies.attached.iter().map(|arn| format!("{arn:?}"))).collect();
    if !others.is_empty() {
        report.refuse(
            Problem::new(summary!("The role {name:?} cannot be deleted"))
                .why(format!(
                    "Others have given it policies, which this resource does not remove: {}.",
                    others.join(", ")
                ))
                .fix("Detach or delete them, then run Terraform again."),
        );
    }
    others.is_empty()
}

/// The caller's account.
pub(super) async fn account(aws: &dyn Aws) -> crate::aws::Result<Account> {
    let caller = aws.caller().await?;
    Ok(Account { partition: caller.partition, id: caller.account })
}

/// The issuer of the tokens to trust and the ARN of the cluster, as far as they can be known now. A cluster that is not
/// there yet may be created by the same apply, so it is no error.
async fn planned_cluster(
    aws: Option<&dyn Aws>,
    prior: Option<&IrsaRole>,
    planned: &IrsaRole,
    report: &mut Diagnostics,
) -> (Value<String>, Value<String>) {
    let name = match (&planned.oidc_issuer, &planned.eks_cluster) {
        (Value::Value(issuer), _) => return (Value::Value(issuer.clone()), Value::Null),
        (Value::Null, Value::Value(name)) => name,
        _ => return (Value::Unknown, Value::Unknown),
    };
    let before = || {
        let same = prior.filter(|prior| prior.eks_cluster == planned.eks_cluster && prior.mode == planned.mode);
        let kept = |value: Option<String>| value.map_or(Value::Unknown, Value::Value);
        (
            kept(same.and_then(|prior| prior.issuer.as_ref_option().cloned())),
            kept(same.and_then(IrsaRole::trusted_cluster)),
        )
    };
    let Some(aws) = aws else { return before() };
    match aws.describe_cluster(name).await {
        Ok(Cluster { oidc_issuer, arn, .. }) => {
            let (issuer, cluster_arn) = before();
            (oidc_issuer.map_or(issuer, Value::Value), if arn.is_empty() { cluster_arn } else { Value::Value(arn) })
        }
        Err(error) if error.is_not_found() => {
            report.warn(
                Problem::new(summary!("There is no EKS cluster {name:?} yet"))
                    .at(at("eks_cluster"))
                    .why("The trust policy needs to know it, so it is known only after the cluster exists.")
                    .fix("If the same apply creates the cluster, refer to its resource or name it in depends_on. Otherwise check name, region and account."),
            );
            before()
        }
        Err(error) => {
            report.refuse(
                problem(summary!("The EKS cluster {name:?} cannot be looked up"), &error).at(at("eks_cluster")),
            );
            before()
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>: characters of all inline policies of a
/// role, white space not counted.
const POLICY_LIMIT: usize = 10_240;

fn check_size(planned: &IrsaRole, report: &mut Diagnostics) {
    let size = |policy: &Value<String>| {
        let characters = policy.as_ref_option().map(|text| text.chars().filter(|c| !c.is_whitespace()).count());
        characters.unwrap_or_default()
    };
    let (storage, additional) = (size(&planned.storage_policy), size(&planned.additional_policy));
    if storage + additional > POLICY_LIMIT {
        let attribute = if additional > storage { "additional_policy" } else { "buckets" };
        report.refuse(
            Problem::new(summary!("The policies do not fit into one role"))
                .at(at(attribute))
                .why(format!(
                    "The policy for the buckets has {storage} characters, the additional one {additional}; IAM takes \
                     {POLICY_LIMIT} in a role."
                ))
                .fix("Name fewer buckets, or make a managed policy of the additional one and attach it."),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_buckets_do_not_fit() {
        let buckets = (0..150).map(|n| Value::Value(format!("a-rather-long-name-of-a-bucket-{n}"))).collect();
        let mut role = IrsaRole { buckets: Value::Value(buckets), ..IrsaRole::default() };
        let account = Some(Account { partition: "aws".into(), id: "123456789012".into() });
        role.derive(None, &Surroundings { account, ..Surroundings::default() });
        let mut report = Diagnostics::default();
        check_size(&role, &mut report);
        assert_eq!(report.errors[0].attribute.to_string(), "buckets");
    }
}
