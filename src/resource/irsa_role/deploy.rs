//! Deploy and test: create, change, read and delete the role.

use super::check::{account, exists, free_of_others};
use super::{IrsaRole, IrsaRoleResource, STORAGE_POLICY};
use crate::aws::{Aws, Kind, NewRole, Role, RolePolicies};
use crate::iam::PolicyDocument;
use crate::resource::Call;
use crate::resource::account::{live_tags, once_visible, patiently, problem, tags};
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Int, Problem, Report, Value, at};

/// How the descriptions of this provider's roles end.
pub(super) const MARK: &str = "(terraform-provider-loki)";

impl IrsaRoleResource {
    pub(super) async fn deploy_new(
        &self,
        call: &Call,
        planned: &IrsaRole,
        state: &mut Option<IrsaRole>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let new = match complete(aws.as_ref(), None, planned).await {
            Ok(new) => new,
            Err(problem) => return report.refuse(problem),
        };
        let name = new.name.clone().unwrap_or_default();
        let role = match new_role(&new) {
            Ok(role) => role,
            Err(problem) => return report.refuse(problem),
        };
        let there = aws.role(&name).await;
        let created = match &there {
            Ok(Some(there)) if is_unfinished(aws.as_ref(), there, &role).await => {
                tracing::info!(role = name, "going on with the role of an interrupted apply");
                Ok(there.clone())
            }
            Ok(Some(there)) => return report.refuse(exists(&name, &there.arn)),
            _ => {
                tracing::info!(role = name, "creating the role");
                if there.is_ok() {
                    // Noted before IAM has answered: whoever is stopped now loses nothing.
                    *state = Some(IrsaRole { arn: Value::Null, storage_policy: Value::Null, ..new.clone() });
                }
                match patiently(call, || aws.create_role(&role)).await {
                    // It was free a moment ago: the first of several attempts made it, and its answer got lost.
                    Err(error) if matches!(error.kind, Kind::AlreadyExists(_)) => match aws.role(&name).await {
                        Ok(Some(there)) if is_unfinished(aws.as_ref(), &there, &role).await => Ok(there),
                        _ => Err(error),
                    },
                    created => created,
                }
            }
        };
        // From here on it exists: whatever happens, Terraform knows of it.
        let state = match created {
            Ok(created) => {
                let arn = Value::Value(created.arn);
                state.insert(IrsaRole { arn, storage_policy: Value::Null, ..new.clone() })
            }
            Err(error) => {
                // IAM may have made it all the same, where it did not say no.
                if !error.is_retryable() || matches!(aws.role(&name).await, Ok(None)) {
                    *state = None;
                }
                let what = format!("The role {name:?} could not be created");
                return report.refuse(problem(what, &error).at(at("name")));
            }
        };
        self.put_storage_policy(call, aws.as_ref(), &new, state, report).await;
    }

    async fn put_storage_policy(
        &self,
        call: &Call,
        aws: &dyn Aws,
        planned: &IrsaRole,
        state: &mut IrsaRole,
        report: &mut Diagnostics,
    ) {
        let name = planned.name.clone().unwrap_or_default();
        if call.stopped(&format!("setting the policy of the role {name:?}"), report) {
            return;
        }
        let policy = match document(&planned.storage_policy) {
            Ok(policy) => policy,
            Err(problem) => return report.refuse(problem),
        };
        match once_visible(call, || aws.put_inline_policy(&name, STORAGE_POLICY, &policy)).await {
            Ok(()) => {
                state.buckets = planned.buckets.clone();
                state.storage_policy = planned.storage_policy.clone();
            }
            Err(error) => {
                let what = format!("The policy of the role {name:?} could not be set");
                report.refuse(problem(what, &error).at(at("buckets")));
            }
        }
    }

    pub(super) async fn deploy_changes(
        &self,
        call: &Call,
        planned: &IrsaRole,
        state: &mut Option<IrsaRole>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let Some(state) = state else { return };
        let new = match complete(aws.as_ref(), Some(state), planned).await {
            Ok(new) => new,
            Err(problem) => return report.refuse(problem),
        };
        let aws = aws.as_ref();
        let name = new.name.clone().unwrap_or_default();
        let what = |part: &str| format!("The {part} of the role {name:?} could not be changed");
        let live = match patiently(call, || aws.role(&name)).await {
            Ok(Some(live)) => live,
            Ok(None) => {
                let gone = Problem::new(what("settings")).why("IAM knows no role of this name any more.");
                return report.refuse(gone.fix("Run terraform plan: it shows what is left."));
            }
            Err(error) => return report.refuse(problem(what("settings"), &error)),
        };

        let trust = match document(&new.trust_policy) {
            Ok(trust) => trust,
            Err(problem) => return report.refuse(problem),
        };
        if trust != live.trust
            && let Err(error) = patiently(call, || aws.put_trust(&name, &trust)).await
        {
            return report.refuse(problem(what("trust policy"), &error).at(at("service_account")));
        }
        state.trust_as(&new);

        if new.storage_policy != state.storage_policy {
            self.put_storage_policy(call, aws, &new, state, report).await;
            if report.failed() {
                return;
            }
        }
        state.buckets = new.buckets.clone();

        let boundary = new.permissions_boundary.as_ref_option();
        if boundary != live.permissions_boundary.as_ref() {
            let put = || aws.put_permissions_boundary(&name, boundary.map(String::as_str));
            if let Err(error) = patiently(call, put).await {
                return report.refuse(problem(what("permissions boundary"), &error).at(at("permissions_boundary")));
            }
        }
        state.permissions_boundary = new.permissions_boundary.clone();

        let seconds = session_duration(&new);
        if seconds != live.max_session_duration
            && let Err(error) = patiently(call, || aws.put_max_session_duration(&name, seconds)).await
        {
            return report.refuse(problem(what("session duration"), &error).at(at("max_session_duration")));
        }
        state.max_session_duration = new.max_session_duration.clone();

        let wanted = tags(&new.tags);
        if wanted != live.tags
            && let Err(error) = patiently(call, || aws.put_role_tags(&name, &live.tags, &wanted)).await
        {
            return report.refuse(problem(what("tags"), &error).at(at("tags")));
        }
        *state = new;
    }

    pub(super) async fn remove(&self, call: &Call, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        let Some(name) = state.as_ref().and_then(|state| state.name.as_ref_option().cloned()) else { return };
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        if !free_of_others(aws.as_ref(), &name, report).await {
            return;
        }
        match patiently(call, || aws.delete_role(&name, &[STORAGE_POLICY])).await {
            Ok(()) => *state = None,
            Err(error) => report.refuse(problem(format!("The role {name:?} could not be deleted"), &error)),
        }
    }

    pub(super) async fn read(&self, call: &Call, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        let Some(current) = state else { return };
        let (Some(name), Reach::Ready(aws)) =
            (current.name.as_ref_option().cloned(), self.connections.aws().await.or_deferred(call))
        else {
            return;
        };
        match tokio::try_join!(aws.role(&name), aws.inline_policy(&name, STORAGE_POLICY)) {
            Ok((Some(live), policy)) => {
                current.id = Value::Value(live.name);
                current.arn = Value::Value(live.arn);
                current.path = Value::Value(live.path);
                current.trust_policy = text(&live.trust, &current.trust_policy);
                current.storage_policy = policy.map_or(Value::Null, |policy| text(&policy, &current.storage_policy));
                current.permissions_boundary = live.permissions_boundary.into();
                current.max_session_duration = Value::Value(Int::Whole(live.max_session_duration.into()));
                current.tags = live_tags(live.tags, &current.tags);
            }
            // Its creation was interrupted before it took place.
            Ok((None, _)) if current.arn.is_null() => *state = None,
            Ok((None, _)) => {
                report.warn(
                    Problem::new(format!("The role {name:?} is gone"))
                        .why("Somebody deleted it outside of Terraform. A Loki that uses it cannot reach its buckets.")
                        .fix("Apply the plan: it creates the role again, with the same ARN."),
                );
                *state = None;
            }
            Err(error) => report.refuse(problem(format!("The role {name:?} cannot be read"), &error)),
        }
    }

    pub(super) async fn find(&self, call: &Call, id: &str, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        let Some(aws) = self.connections.aws().await.or_deferred(call).needed("AWS", report) else { return };
        let what = || format!("The role {id:?} cannot be imported");
        // No role has a / in its name.
        let id = match id.split_once('/') {
            None => id,
            Some((wanted, name)) => match account(aws.as_ref()).await {
                Ok(ours) if ours.id == wanted => name,
                Ok(ours) => {
                    let other =
                        Problem::new(what()).why(format!("Terraform's identity is of the account {}.", ours.id));
                    return report.refuse(other.fix("Check the aws block of the provider configuration."));
                }
                Err(error) => return report.refuse(problem(what(), &error)),
            },
        };
        let (role, policy) = match tokio::try_join!(aws.role(id), aws.inline_policy(id, STORAGE_POLICY)) {
            Ok((Some(role), policy)) => (role, policy),
            Ok((None, _)) => {
                let missing = Problem::new(what()).why("IAM knows no role of this name.");
                let fix = "The import id is the name of a role of this account, or account/name; not its ARN.";
                return report.refuse(missing.fix(fix));
            }
            Err(error) => return report.refuse(problem(what(), &error)),
        };
        let (name, arn) = (Value::Value(role.name), Value::Value(role.arn));
        let mut found = IrsaRole { name, arn, ..IrsaRole::default() };
        // What the policies say in the form that this resource writes needs no change afterwards.
        if let Some(trusted) = role.trust.trusted() {
            found.oidc_issuer = Value::Value(trusted.issuer.clone());
            found.issuer = Value::Value(trusted.issuer);
            found.oidc_provider_arn = Value::Value(trusted.provider_arn);
            found.namespace = Value::Value(trusted.namespace);
            found.service_account = Value::Value(trusted.service_account);
            found.audience = Value::Value(trusted.audience);
        }
        if let Some(buckets) = policy.and_then(|policy| policy.loki_buckets()) {
            found.buckets = Value::Value(buckets.into_iter().map(Value::Value).collect());
        }
        *state = Some(found);
    }
}

impl IrsaRole {
    /// Notes that the trust policy is that of `new`.
    fn trust_as(&mut self, new: &IrsaRole) {
        self.eks_cluster = new.eks_cluster.clone();
        self.oidc_issuer = new.oidc_issuer.clone();
        self.issuer = new.issuer.clone();
        self.oidc_provider_arn = new.oidc_provider_arn.clone();
        self.namespace = new.namespace.clone();
        self.service_account = new.service_account.clone();
        self.audience = new.audience.clone();
        self.trust_policy = new.trust_policy.clone();
    }
}

/// The plan with what was unknown in it; what was known stays as it is.
async fn complete(aws: &dyn Aws, prior: Option<&IrsaRole>, planned: &IrsaRole) -> Result<IrsaRole, Problem> {
    let owner = match prior.and_then(IrsaRole::account) {
        Some(account) => account,
        None => account(aws).await.map_err(|error| problem("The AWS account cannot be determined", &error))?,
    };
    let issuer = match (&planned.issuer, &planned.oidc_issuer, planned.eks_cluster.as_ref_option()) {
        (Value::Value(issuer), _, _) | (_, Value::Value(issuer), _) => issuer.clone(),
        (_, _, Some(cluster)) => {
            let what = || format!("The issuer of the EKS cluster {cluster:?} is not known");
            let described = aws.describe_cluster(cluster).await;
            let described = described.map_err(|error| problem(what(), &error).at(at("eks_cluster")))?;
            described.oidc_issuer.ok_or_else(|| {
                Problem::new(what())
                    .at(at("eks_cluster"))
                    .why(format!("EKS does not name one; the cluster's status is {}.", described.status))
                    .fix("Wait until the cluster is ACTIVE, then apply again.")
            })?
        }
        _ => return Err(Problem::new("No issuer is named").at(at("eks_cluster"))),
    };
    let mut new = planned.clone();
    new.derive(prior, Some(&owner), Value::Value(issuer));
    let keep = |new: &mut Value<String>, planned: &Value<String>| {
        if planned.as_ref_option().is_some() {
            *new = planned.clone();
        }
    };
    keep(&mut new.trust_policy, &planned.trust_policy);
    keep(&mut new.storage_policy, &planned.storage_policy);
    Ok(new)
}

/// The role as it is created; its policies follow.
pub(super) fn new_role(role: &IrsaRole) -> Result<NewRole, Problem> {
    Ok(NewRole {
        name: role.name.clone().unwrap_or_default(),
        path: role.path.clone().unwrap_or_else(|| "/".into()),
        description: description(role),
        trust: document(&role.trust_policy)?,
        max_session_duration: session_duration(role),
        permissions_boundary: role.permissions_boundary.as_ref_option().cloned(),
        tags: tags(&role.tags),
    })
}

/// Whether the role is one that an apply created and then could not finish, or tell Terraform of: exactly as it is to be
/// created, and without any policy, so that nobody can be using it.
pub(super) async fn is_unfinished(aws: &dyn Aws, there: &Role, role: &NewRole) -> bool {
    there.path == role.path
        && there.description == role.description
        && there.trust == role.trust
        && there.max_session_duration == role.max_session_duration
        && there.permissions_boundary == role.permissions_boundary
        && there.tags == role.tags
        && aws.role_policies(&role.name).await.is_ok_and(|policies| policies == RolePolicies::default())
}

fn document(policy: &Value<String>) -> Result<PolicyDocument, Problem> {
    let text = policy.as_ref_option().map_or("", String::as_str);
    PolicyDocument::parse(text).map_err(|why| Problem::new("A policy of the role is not usable").why(why))
}

fn text(live: &PolicyDocument, before: &Value<String>) -> Value<String> {
    Value::Value(live.text_like(before.as_ref_option().map(String::as_str)))
}

/// Validation holds it within an i32.
fn session_duration(role: &IrsaRole) -> i32 {
    let seconds = role.max_session_duration.as_ref_option().map_or(3600, Int::get);
    i32::try_from(seconds).unwrap_or(3600)
}

fn description(role: &IrsaRole) -> String {
    let part = |value: &Value<String>| value.as_ref_option().cloned().unwrap_or_default();
    format!("Grafana Loki: service account {}/{} {MARK}", part(&role.namespace), part(&role.service_account))
}
