//! Whether the role lets the pods' service account in: the commonest reason for a Loki that cannot reach its bucket
//! (loki#20429, #13780, #21832).

use crate::aws::Roles;
use crate::iam::trust::{Denied, WebIdentity};
use crate::kube::Cluster;
use crate::loki::Options;
use crate::loki::finding::Finding;

/// The audience of the token that the pods get.
const AUDIENCE: &str = "sts.amazonaws.com";

/// Why STS would not give the pods the role's credentials; none where that cannot be told, as with a role of another
/// account. `new` is a role that may come in the same apply.
pub(super) async fn denied(
    roles: &(impl Roles + ?Sized),
    cluster: &dyn Cluster,
    options: &Options,
    new: bool,
) -> Option<Finding> {
    let arn = options.service_account.role_arn.as_deref()?;
    options.storage.s3()?;
    let name = arn.rsplit('/').next()?;
    let (role, issuer) = tokio::join!(roles.role(name), cluster.issuer());
    let role = match role.ok()? {
        Some(role) if role.arn == arn => role,
        // Another account's of the same name.
        Some(_) => return None,
        None if new => return None,
        None => {
            return Some(at(Finding::warning(
                summary!("The role {name:?} does not exist"),
                format!("The account that the aws block leads to has no {arn}. STS would refuse Loki's pods."),
                "Check service_account.role_arn, or the account of the aws block.",
            )));
        }
    };
    // Who may not read the issuer still learns of the rest.
    let issuer = issuer.ok();
    let issuer = issuer.as_deref().map(|issuer| issuer.trim_start_matches("https://"));
    let subject = format!("system:serviceaccount:{}:{}", options.namespace, options.service_account_name());
    let denied = role.trust.denies(WebIdentity { issuer, subject: &subject, audience: AUDIENCE })?;
    let why = match denied {
        Denied::NoWebIdentity => "Its trust policy lets in nobody by sts:AssumeRoleWithWebIdentity.".to_owned(),
        Denied::Provider(arns) => format!(
            "Its trust policy is for tokens of {}; this cluster's are of the issuer {}.",
            arns.join(" and "),
            issuer.unwrap_or_default()
        ),
        Denied::Subject(wanted) => {
            format!("Its trust policy lets in {}; Loki's pods are {subject}.", wanted.join(" and "))
        }
        Denied::Audience(wanted) => {
            format!(
                "Its trust policy wants the audience {}; the pods' tokens are for {AUDIENCE}.",
                wanted.join(" and ")
            )
        }
    };
    Some(at(Finding::warning(
        summary!("The role {name:?} does not let Loki in"),
        format!("{why} STS would answer AccessDenied, and Loki would not reach its bucket."),
        "Have loki_irsa_role write the trust policy, with this namespace and service account, or mend it there.",
    )))
}

fn at(finding: Finding) -> Finding {
    finding.at("service_account.role_arn").and("service_account.name").and("namespace").and("storage")
}
