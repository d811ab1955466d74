//! The account's OIDC provider for the issuer: looked for, created where the user wants that, deleted where nobody else
//! needs it.

use super::IrsaRole;
use super::attributes::Mode;
use crate::aws::{Aws, Kind, OidcProvider, Result};
use crate::resource::Call;
use crate::resource::account::{patiently, problem, tags};
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// What IAM says about the provider; `None` where it does not matter or nobody may ask.
pub(super) async fn look(aws: &dyn Aws, planned: &IrsaRole) -> Option<Result<Option<OidcProvider>>> {
    let issuer = planned.issuer.as_ref_option().filter(|_| planned.mode() == Some(Mode::Irsa))?;
    match aws.oidc_provider(issuer).await {
        // A permission that the rest does without.
        Err(error) if error.is_access_denied() => {
            tracing::info!(%error, "the OIDC provider was not checked");
            None
        }
        looked => Some(looked),
    }
}

/// The account must trust the issuer as well, and the audience must be one that it accepts. Both may be made by the
/// same apply.
pub(super) fn check(planned: &IrsaRole, found: &Option<Result<Option<OidcProvider>>>, report: &mut Diagnostics) {
    let (Some(issuer), Some(audience), Some(found)) =
        (planned.issuer.as_ref_option(), planned.audience.as_ref_option(), found)
    else {
        return;
    };
    let created = planned.create_oidc_provider == Value::Value(true);
    let attribute = if planned.eks_cluster.is_null() { "oidc_issuer" } else { "eks_cluster" };
    let by_command = match planned.eks_cluster.as_ref_option() {
        Some(cluster) => format!("eksctl utils associate-iam-oidc-provider --cluster {cluster} --approve"),
        None => format!("aws iam create-open-id-connect-provider --url {issuer} --client-id-list {audience}"),
    };
    match found {
        Ok(None) if !created => report.warn(
            Problem::new(summary!("The account does not trust the issuer yet"))
                .at(at(attribute))
                .why(format!(
                    "IAM has no OIDC provider for {issuer}. Until there is one, AWS refuses the tokens of the service \
                     account and Loki gets no access to its buckets."
                ))
                .fix(format!(
                    "Set create_oidc_provider = true, create it with the resource aws_iam_openid_connect_provider, or \
                     with: {by_command}"
                )),
        ),
        Ok(Some(provider)) if !created && !provider.audiences.contains(audience) => report.warn(
            Problem::new(summary!("The account does not accept the audience yet"))
                .at(at("audience"))
                .why(format!(
                    "The OIDC provider {} accepts {}, so AWS refuses tokens for {audience:?}.",
                    provider.arn,
                    provider.audiences.join(", ")
                ))
                .fix(format!(
                    "Set create_oidc_provider = true, or add it: aws iam add-client-id-to-open-id-connect-provider \
                     --open-id-connect-provider-arn {} --client-id {audience}",
                    provider.arn
                )),
        ),
        Ok(_) => {}
        Err(error) => {
            report.refuse(problem(summary!("The account's OIDC provider cannot be checked"), error).at(at(attribute)))
        }
    }
}

impl IrsaRole {
    /// Whether the provider is, or will be, this resource's. Unknown where apply has something to do about it.
    pub(super) fn plan_provider(&mut self, prior: Option<&IrsaRole>, found: Option<&Result<Option<OidcProvider>>>) {
        let owned = prior.is_some_and(|prior| prior.owns_oidc_provider == Value::Value(true));
        let wanted = match (&self.create_oidc_provider, self.mode()) {
            (Value::Unknown, _) | (_, None) => None,
            (create, mode) => Some(*create == Value::Value(true) && mode == Some(Mode::Irsa)),
        };
        let audience = self.audience.as_ref_option();
        let accepts = |it: &OidcProvider| audience.is_some_and(|audience| it.audiences.contains(audience));
        self.owns_oidc_provider = match (wanted, found) {
            (Some(false), _) => Value::Value(owned),
            (Some(true), Some(Ok(Some(provider)))) if accepts(provider) => Value::Value(owned),
            // Nobody may look: what is in the state stays, so that there is no change for ever.
            (Some(true), None) if prior.is_some() && self.issuer.as_ref_option().is_some() => Value::Value(owned),
            _ => Value::Unknown,
        };
    }
}

/// Creates the provider, or has it accept the audience, where the user wants that. Whether it is ours.
pub(super) async fn provide(
    call: &Call,
    aws: &dyn Aws,
    new: &IrsaRole,
    owned: bool,
) -> std::result::Result<bool, Problem> {
    let wanted = new.create_oidc_provider == Value::Value(true) && new.mode() == Some(Mode::Irsa);
    let (Some(issuer), Some(audience), true) = (new.issuer.as_ref_option(), new.audience.as_ref_option(), wanted)
    else {
        return Ok(owned);
    };
    let refused = |error: crate::aws::Error| {
        problem(summary!("The account's OIDC provider could not be created"), &error).at(at("create_oidc_provider"))
    };
    match patiently(call, || aws.oidc_provider(issuer)).await.map_err(refused)? {
        Some(provider) if provider.audiences.contains(audience) => Ok(owned),
        Some(provider) => {
            let added = patiently(call, || aws.add_audience(&provider.arn, audience)).await;
            added.map(|()| owned).map_err(refused)
        }
        None => {
            tracing::info!(issuer, "creating the OIDC provider");
            let tags = tags(&new.tags_all);
            match patiently(call, || aws.create_oidc_provider(issuer, audience, &tags)).await {
                Ok(_) => Ok(true),
                // By another resource of this apply, or by an attempt whose answer got lost; which of them cannot be
                // told, and one that stays harms nobody.
                Err(error) if matches!(error.kind, Kind::AlreadyExists(_)) => Ok(owned),
                Err(error) => Err(refused(error)),
            }
        }
    }
}

/// Deletes a provider of ours, unless roles of others trust it. A provider that stays is said.
pub(super) async fn withdraw(call: &Call, aws: &dyn Aws, role: &mut IrsaRole, report: &mut Diagnostics) {
    let Some(arn) = role.oidc_provider_arn.as_ref_option().cloned() else { return };
    let arn = &arn;
    let stays = |why: String| {
        Problem::new(summary!("The OIDC provider stays"))
            .why(why)
            .fix("Delete it when nobody needs it any more: aws iam delete-open-id-connect-provider.")
    };
    match patiently(call, || aws.roles_trusting(arn)).await {
        Ok(roles) if roles.iter().all(|it| Some(it) == role.name.as_ref_option()) => {
            match patiently(call, || aws.delete_oidc_provider(arn)).await {
                Ok(()) => role.owns_oidc_provider = Value::Value(false),
                Err(error) => {
                    report.refuse(problem(summary!("The OIDC provider {arn} could not be deleted"), &error));
                }
            }
        }
        Ok(roles) => report.warn(stays(format!(
            "This resource created {arn}, and other roles trust it by now: {}.",
            roles
                .iter()
                .filter(|it| Some(*it) != role.name.as_ref_option())
                .map(|it| format!("{it:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        ))),
        Err(error) => report.warn(stays(format!("It was not checked whether other roles trust {arn}: {error}."))),
    }
}
