//! Check: what IAM would refuse, whether the issuer and its OIDC provider are there, whether the name is free.

use super::deploy::{is_unfinished, new_role};
use super::state::Account;
use super::{IrsaRole, IrsaRoleResource, STORAGE_POLICY};
use crate::aws::Aws;
use crate::iam::{arn, name};
use crate::resource::account::{problem, validate_tags};
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Int, Problem, Report, Value, at};

impl IrsaRole {
    /// Offline: what IAM or Kubernetes would refuse.
    pub(super) fn validate(&self, report: &mut Diagnostics) {
        let mut refuse = |attribute: &'static str, what: &str, why: Option<String>| {
            if let Some(why) = why {
                report.refuse(Problem::new(what).at(at(attribute)).why(why));
            }
        };
        let check = |value: &Value<String>, rule: fn(&str) -> Option<String>| {
            value.as_ref_option().and_then(|value| rule(value))
        };
        refuse("name", "IAM would refuse the role's name", check(&self.name, name::role_problem));
        refuse("path", "IAM would refuse the role's path", check(&self.path, name::role_path_problem));
        refuse("namespace", "This is no namespace", check(&self.namespace, name::label_problem));
        refuse("service_account", "This is no service account", check(&self.service_account, name::subdomain_problem));
        refuse("audience", "The audience is not usable", check(&self.audience, name::audience_problem));
        refuse("oidc_issuer", "The issuer is not usable", check(&self.oidc_issuer, issuer_problem));
        let boundary = check(&self.permissions_boundary, arn::policy_problem);
        refuse("permissions_boundary", "The permissions boundary is not usable", boundary);
        self.validate_one_issuer(report);
        self.validate_buckets(report);
        if let Some(seconds) = self.max_session_duration.as_ref_option().map(Int::get)
            && !(3600..=43_200).contains(&seconds)
        {
            report.refuse(
                Problem::new("The session duration is not usable")
                    .at(at("max_session_duration"))
                    .why(format!("IAM wants 3600 (1 hour) to 43200 (12 hours) seconds; this is {seconds}.")),
            );
        }
        validate_tags(&self.tags, report);
    }

    fn validate_one_issuer(&self, report: &mut Diagnostics) {
        let fix = "Set eks_cluster to have the issuer looked up, or oidc_issuer to give it, and leave the other out.";
        match (&self.eks_cluster, &self.oidc_issuer) {
            (Value::Value(_), Value::Value(_)) => report.refuse(
                Problem::new("Two issuers are named")
                    .at(at("oidc_issuer"))
                    .why("The role trusts the tokens of one issuer: that of eks_cluster, or oidc_issuer.")
                    .fix(fix),
            ),
            (Value::Null, Value::Null) => report.refuse(
                Problem::new("No issuer is named")
                    .at(at("eks_cluster"))
                    .why("The role must know whose service-account tokens it trusts.")
                    .fix(fix),
            ),
            _ => {}
        }
    }

    fn validate_buckets(&self, report: &mut Diagnostics) {
        let Some(buckets) = self.buckets.as_ref_option() else { return };
        if buckets.is_empty() {
            let why = "Without a bucket the role allows nothing, and Loki could neither write nor read.";
            report.refuse(Problem::new("No bucket is named").at(at("buckets")).why(why));
        }
        for bucket in buckets {
            let why = match bucket {
                Value::Value(bucket) => name::bucket_problem(bucket).map(|why| format!("{bucket:?}: {why}")),
                Value::Null => Some("One of the names is null.".to_owned()),
                Value::Unknown => None,
            };
            if let Some(why) = why {
                report.refuse(Problem::new("This is no bucket's name").at(at("buckets")).why(why));
            }
        }
    }
}

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
                Err(error) => return report.refuse(problem("The AWS account cannot be determined", &error)),
            },
            (None, None) => None,
        };
        let issuer = planned_issuer(aws, staying, planned, report).await;
        planned.derive(staying, account.as_ref(), issuer);
        check_size(planned, report);
        if let Some(aws) = aws {
            check_provider(aws, planned, report).await;
            if prior.is_none() {
                self.check_name(aws, planned, report).await;
            }
        }
    }

    async fn check_name(&self, aws: &dyn Aws, planned: &IrsaRole, report: &mut Diagnostics) {
        let Some(name) = planned.name.as_ref_option().filter(|name| !self.held.has(name)) else { return };
        match aws.role(name).await {
            Ok(None) => {}
            Ok(Some(role)) => {
                let taken_over = match new_role(planned) {
                    Ok(new) => is_unfinished(aws, &role, &new).await,
                    Err(_) => false,
                };
                if !taken_over {
                    return report.refuse(exists(name, &role.arn));
                }
                report.warn(
                    Problem::new(format!("The role {name:?} of an interrupted apply is taken over"))
                        .at(at("name"))
                        .why("It exists, exactly as this resource creates it, and has no policy yet.")
                        .fix("Apply finishes it, as if it had been created now."),
                );
            }
            Err(error) if error.is_access_denied() => report.warn(
                problem(format!("It was not checked whether the role name {name:?} is free"), &error).at(at("name")),
            ),
            Err(error) => report.refuse(problem(format!("The role name {name:?} cannot be checked"), &error)),
        }
    }
}

/// Why a role is not created.
pub(super) fn exists(name: &str, arn: &str) -> Problem {
    Problem::new(format!("The role {name:?} exists already"))
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
    let inline = policies.inline.iter().filter(|policy| *policy != STORAGE_POLICY).map(|it| format!("{it:?} (inline)"));
    let others: Vec<String> = inline.chain(policies.attached.iter().map(|arn| format!("{arn:?}"))).collect();
    if !others.is_empty() {
        report.refuse(
            Problem::new(format!("The role {name:?} cannot be deleted"))
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

/// The issuer of the tokens to trust, as far as it can be known now. A cluster that is not there yet may be created by
/// the same apply, so it is no error.
async fn planned_issuer(
    aws: Option<&dyn Aws>,
    prior: Option<&IrsaRole>,
    planned: &IrsaRole,
    report: &mut Diagnostics,
) -> Value<String> {
    let name = match (&planned.oidc_issuer, &planned.eks_cluster) {
        (Value::Value(issuer), _) => return Value::Value(issuer.clone()),
        (Value::Null, Value::Value(name)) => name,
        _ => return Value::Unknown,
    };
    let before = || match prior.filter(|prior| prior.eks_cluster == planned.eks_cluster) {
        Some(IrsaRole { issuer: Value::Value(issuer), .. }) => Value::Value(issuer.clone()),
        _ => Value::Unknown,
    };
    let Some(aws) = aws else { return before() };
    match aws.describe_cluster(name).await {
        Ok(cluster) => cluster.oidc_issuer.map_or_else(before, Value::Value),
        Err(error) if error.is_not_found() => {
            report.warn(
                Problem::new(format!("There is no EKS cluster {name:?} yet"))
                    .at(at("eks_cluster"))
                    .why("The trust policy needs its issuer, so it is known only after the cluster exists.")
                    .fix("If the same apply creates the cluster, refer to its resource or name it in depends_on. Otherwise check name, region and account."),
            );
            before()
        }
        Err(error) => {
            report
                .refuse(problem(format!("The EKS cluster {name:?} cannot be looked up"), &error).at(at("eks_cluster")));
            before()
        }
    }
}

/// The account must trust the issuer as well, and the audience must be one that it accepts. Both may be made by the
/// same apply.
async fn check_provider(aws: &dyn Aws, planned: &IrsaRole, report: &mut Diagnostics) {
    let (Some(issuer), Some(audience)) = (planned.issuer.as_ref_option(), planned.audience.as_ref_option()) else {
        return;
    };
    let attribute = if planned.eks_cluster.is_null() { "oidc_issuer" } else { "eks_cluster" };
    let by_command = match planned.eks_cluster.as_ref_option() {
        Some(cluster) => format!("eksctl utils associate-iam-oidc-provider --cluster {cluster} --approve"),
        None => format!("aws iam create-open-id-connect-provider --url {issuer} --client-id-list {audience}"),
    };
    match aws.oidc_provider(issuer).await {
        Ok(None) => report.warn(
            Problem::new("The account does not trust the issuer yet")
                .at(at(attribute))
                .why(format!(
                    "IAM has no OIDC provider for {issuer}. Until there is one, AWS refuses the tokens of the service \
                     account and Loki gets no access to its buckets."
                ))
                .fix(format!("Create it with the resource aws_iam_openid_connect_provider, or with: {by_command}")),
        ),
        Ok(Some(provider)) if !provider.audiences.contains(audience) => report.warn(
            Problem::new("The account does not accept the audience yet")
                .at(at("audience"))
                .why(format!(
                    "The OIDC provider {} accepts {}, so AWS refuses tokens for {audience:?}.",
                    provider.arn,
                    provider.audiences.join(", ")
                ))
                .fix(format!(
                    "Add it: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {} \
                     --client-id {audience}",
                    provider.arn
                )),
        ),
        Ok(Some(_)) => {}
        // A permission that the rest does without.
        Err(error) if error.is_access_denied() => tracing::info!(%error, "the OIDC provider was not checked"),
        Err(error) => report.refuse(problem("The account's OIDC provider cannot be checked", &error).at(at(attribute))),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>: characters of all inline policies of a
/// role, white space not counted.
const POLICY_LIMIT: usize = 10_240;

fn check_size(planned: &IrsaRole, report: &mut Diagnostics) {
    let Some(policy) = planned.storage_policy.as_ref_option() else { return };
    let size = policy.chars().filter(|c| !c.is_whitespace()).count();
    if size > POLICY_LIMIT {
        report.refuse(
            Problem::new("There are too many buckets for one role")
                .at(at("buckets"))
                .why(format!("The policy has {size} characters; IAM takes {POLICY_LIMIT} in a role.")),
        );
    }
}

fn issuer_problem(issuer: &str) -> Option<String> {
    let fits = url::Url::parse(issuer).is_ok_and(|url| {
        url.scheme() == "https" && url.has_host() && url.query().is_none() && url.fragment().is_none()
    });
    (!fits).then(|| {
        format!(
            "{issuer:?}: an issuer is a URL such as \"https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF\"."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::testing;

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn errors(change: impl FnOnce(&mut IrsaRole)) -> Vec<(String, String)> {
        let mut config = IrsaRole {
            name: text("acme-loki"),
            eks_cluster: text("prod"),
            namespace: text("loki"),
            service_account: text("loki.writer"),
            buckets: Value::Value([text("acme-loki")].into()),
            ..IrsaRole::default()
        };
        change(&mut config);
        let mut report = Diagnostics::default();
        config.validate(&mut report);
        testing::errors(report)
    }

    #[test]
    fn a_sound_configuration_passes() {
        assert_eq!(errors(|_| {}), []);
        assert_eq!(
            errors(|it| {
                it.eks_cluster = Value::Null;
                it.oidc_issuer = text("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC");
                it.path = text("/teams/");
                it.permissions_boundary = text("arn:aws:iam::123456789012:policy/boundary");
                it.max_session_duration = Value::Value(Int::Whole(43_200));
                it.buckets = Value::Value([Value::Unknown].into());
            }),
            []
        );
        assert_eq!(errors(|it| it.oidc_issuer = Value::Unknown), [], "may turn out to be null");
    }

    #[test]
    fn what_would_be_refused_is_refused_with_its_path() {
        type Case = (fn(&mut IrsaRole), &'static str, &'static str);
        let cases: [Case; 13] = [
            (|it| it.name = text("acme loki"), "name", "1 to 64"),
            (|it| it.path = text("teams"), "path", "slash"),
            (|it| it.eks_cluster = Value::Null, "eks_cluster", "No issuer"),
            (|it| it.oidc_issuer = text("https://oidc.example"), "oidc_issuer", "Two issuers"),
            (|it| it.oidc_issuer = text("oidc.example/id/A"), "oidc_issuer", "is a URL"),
            (|it| it.namespace = text("*"), "namespace", "1 to 63"),
            (|it| it.service_account = text("Loki"), "service_account", "lowercase"),
            (|it| it.audience = text(""), "audience", "plain word"),
            (|it| it.buckets = Value::Value([].into()), "buckets", "No bucket"),
            (|it| it.buckets = Value::Value([text("acme_loki")].into()), "buckets", "acme_loki"),
            (|it| it.permissions_boundary = text("boundary"), "permissions_boundary", "six parts"),
            (|it| it.max_session_duration = Value::Value(Int::Whole(60)), "max_session_duration", "3600"),
            (|it| it.tags = Value::Value([("a".into(), Value::Null)].into()), "tags[\"a\"]", "null"),
        ];
        for (change, path, text) in cases {
            let errors = errors(change);
            assert!(errors.iter().any(|(at, said)| at == path && said.contains(text)), "{text}: {errors:?}");
        }
    }

    #[test]
    fn too_many_buckets_do_not_fit() {
        let buckets = (0..150).map(|n| text(&format!("a-rather-long-name-of-a-bucket-{n}"))).collect();
        let mut role = IrsaRole { buckets: Value::Value(buckets), ..IrsaRole::default() };
        let account = Account { partition: "aws".into(), id: "123456789012".into() };
        role.derive(None, Some(&account), Value::Unknown);
        let mut report = Diagnostics::default();
        check_size(&role, &mut report);
        assert_eq!(report.errors[0].attribute.to_string(), "buckets");
    }
}
