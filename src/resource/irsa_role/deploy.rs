//! Deploy: create and change the role.

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

use super::attributes::Mode;
use super::check::{account, exists};
use super::state::Surroundings;
use super::{ADDITIONAL_POLICY, IrsaRole, IrsaRoleResource, STORAGE_POLICY, oidc, pods};
use crate::aws::{self, Aws, Kind, NewRole, Role, RolePolicies};
use crate::iam::PolicyDocument;
use crate::resource::Call;
use crate::resource::account::{once_visible, patiently, problem, tags};
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
        let new = match self.complete(aws.as_ref(), None, planned).await {
            Ok(new) => new,
            Err(problem) => return report.refuse(problem),
        };
        let name = new.name.clone().unwrap_or_default();
        let role = match new_role(&new) {
            Ok(role) => role,
            Err(problem) => return report.refuse(problem),
        };
        let bare = new.bare();
        let there = patiently(call, || aws.role(&name)).await;
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
                    *state = Some(IrsaRole { arn: Value::Null, ..bare.clone() });
                }
                match patiently(call, || aws.create_role(&role)).await {
                    // It was free a moment ago: the first of several attempts made it, and its answer got lost.
                    Err(error) if matches!(error.kind, Kind::AlreadyExists(_)) => {
                        match once_there(call, aws.as_ref(), &name).await {
                            Ok(Some(there)) if is_unfinished(aws.as_ref(), &there, &role).await => Ok(there),
                            _ => Err(error),
                        }
                    }
                    created => created,
                }
            }
        };
        // From here on it exists: whatever happens, Terraform knows of it.
        let state = match created {
            Ok(created) => state.insert(IrsaRole { arn: Value::Value(created.arn), ..bare }),
            Err(error) => {
                // IAM may have made it all the same, where it did not say no.
                if !error.is_retryable() || matches!(aws.role(&name).await, Ok(None)) {
                    *state = None;
                }
                let what = summary!("The role {name:?} could not be created");
                return report.refuse(problem(what, &error).at(at("name")));
            }
        };
        self.complete_role(call, aws.as_ref(), &new, state, report).await;
    }

    /// What hangs on a role that exists: its policies, the OIDC provider, the associations. Each is noted as soon as it
    /// is done.
    async fn complete_role(
        &self,
        call: &Call,
        aws: &dyn Aws,
        new: &IrsaRole,
        state: &mut IrsaRole,
        report: &mut Diagnostics,
    ) {
        let name = new.name.clone().unwrap_or_default();
        if call.stopped(&format!("setting the policies of the role {name:?}"), report) {
            return;
        }
        let owned = state.owns_oidc_provider == Value::Value(true);
        let wanted = [&new.storage_policy, &new.additional_policy]
            .map(|policy| policy.as_ref_option().map(|_| document(policy)).transpose());
        let [storage, additional] = match wanted {
            [Ok(storage), Ok(additional)] => [storage, additional],
            [Err(problem), _] => return report.refuse(problem.at(at("buckets"))),
            [_, Err(problem)] => return report.refuse(problem.at(at("additional_policy"))),
        };
        let (same_storage, same_additional) =
            (state.storage_policy == new.storage_policy, state.additional_policy == new.additional_policy);
        let parts: [BoxFuture<'_, Hung>; 3] = [
            put_policy(call, aws, &name, STORAGE_POLICY, same_storage, storage.as_ref()).map(Hung::Storage).boxed(),
            put_policy(call, aws, &name, ADDITIONAL_POLICY, same_additional, additional.as_ref())
                .map(Hung::Additional)
                .boxed(),
            oidc::provide(call, aws, new, owned).map(Hung::Provider).boxed(),
        ];
        let what = |error: &aws::Error| problem(summary!("The policy of the role {name:?} could not be set"), error);
        // Each is noted at once: an apply that is stopped does not wait for the others.
        let mut parts: FuturesUnordered<_> = parts.into_iter().collect();
        while let Some(done) = parts.next().await {
            match done {
                Hung::Storage(Ok(())) => {
                    state.buckets = new.buckets.clone();
                    state.prefix = new.prefix.clone();
                    state.kms_key_arns = new.kms_key_arns.clone();
                    state.storage_policy = new.storage_policy.clone();
                }
                Hung::Storage(Err(error)) => report.refuse(what(&error).at(at("buckets"))),
                Hung::Additional(Ok(())) => state.additional_policy = new.additional_policy.clone(),
                Hung::Additional(Err(error)) => report.refuse(what(&error).at(at("additional_policy"))),
                Hung::Provider(Ok(owns)) => state.owns_oidc_provider = Value::Value(owns),
                Hung::Provider(Err(problem)) => report.refuse(problem),
            }
        }
        if !report.failed() {
            pods::associate(call, aws, new, state, report).await;
        }
        if !report.failed() {
            let made = state.pod_identity_associations.clone();
            let owns = state.owns_oidc_provider;
            *state = IrsaRole { pod_identity_associations: made, owns_oidc_provider: owns, ..new.clone() };
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
        let new = match self.complete(aws.as_ref(), Some(state), planned).await {
            Ok(new) => new,
            Err(problem) => return report.refuse(problem),
        };
        let aws = aws.as_ref();
        let name = new.name.clone().unwrap_or_default();
        let what = |part: &str| summary!("The {part} of the role {name:?} could not be changed");
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
        let mut parts: FuturesUnordered<_> = Part::ALL
            .into_iter()
            .map(async |part| {
                let done = patiently(call, || part.put(aws, &name, &new, &trust, &live)).await;
                (part, done)
            })
            .collect();
        while let Some((part, done)) = parts.next().await {
            match done {
                Ok(()) => part.note(state, &new),
                Err(error) => {
                    let (attribute, spoken) = part.named();
                    report.refuse(problem(what(spoken), &error).at(at(attribute)));
                }
            }
        }
        if !report.failed() {
            self.complete_role(call, aws, &new, state, report).await;
        }
    }

    /// The plan with what was unknown in it; what was known stays as it is.
    async fn complete(&self, aws: &dyn Aws, prior: Option<&IrsaRole>, planned: &IrsaRole) -> Result<IrsaRole, Problem> {
        let owner = match prior.and_then(IrsaRole::account) {
            Some(account) => account,
            None => {
                account(aws).await.map_err(|error| problem(summary!("The AWS account cannot be determined"), &error))?
            }
        };
        let mut around = Surroundings {
            account: Some(owner),
            default_tags: self.connections.default_tags(),
            ..Surroundings::default()
        };
        let issuer = planned.issuer.as_ref_option().or(planned.oidc_issuer.as_ref_option());
        match (planned.mode(), planned.trust_policy.as_ref_option(), issuer, planned.eks_cluster.as_ref_option()) {
            (Some(Mode::Irsa), _, Some(issuer), _) => around.issuer = Value::Value(issuer.clone()),
            // What the cluster is needed for is known.
            (Some(Mode::PodIdentity), Some(_), ..) => {}
            (mode, _, _, Some(cluster)) => {
                let what = || summary!("The issuer of the EKS cluster {cluster:?} is not known");
                let described = aws.describe_cluster(cluster).await;
                let described = described.map_err(|error| problem(what(), &error).at(at("eks_cluster")))?;
                around.cluster_arn = Value::Value(described.arn);
                if mode == Some(Mode::Irsa) {
                    around.issuer = Value::Value(described.oidc_issuer.ok_or_else(|| {
                        Problem::new(what())
                            .at(at("eks_cluster"))
                            .why(format!("EKS does not name one; the cluster's status is {}.", described.status))
                            .fix("Wait until the cluster is ACTIVE, then apply again.")
                    })?);
                }
            }
            _ => return Err(Problem::new(summary!("No issuer is named")).at(at("eks_cluster"))),
        }
        let mut new = planned.clone();
        new.derive(prior, &around);
        let keep = |new: &mut Value<String>, planned: &Value<String>| {
            if planned.as_ref_option().is_some() {
                *new = planned.clone();
            }
        };
        keep(&mut new.trust_policy, &planned.trust_policy);
        keep(&mut new.storage_policy, &planned.storage_policy);
        Ok(new)
    }
}

/// What hangs on a role, once it is done.
enum Hung {
    Storage(aws::Result<()>),
    Additional(aws::Result<()>),
    /// Whether the OIDC provider is this resource's.
    Provider(Result<bool, Problem>),
}

/// A part of the role itself, which is written by itself.
#[derive(Clone, Copy)]
enum Part {
    Trust,
    Boundary,
    SessionDuration,
    Tags,
}

impl Part {
    const ALL: [Self; 4] = [Self::Trust, Self::Boundary, Self::SessionDuration, Self::Tags];

    async fn put(
        self,
        aws: &dyn Aws,
        name: &str,
        new: &IrsaRole,
        trust: &PolicyDocument,
        live: &Role,
    ) -> aws::Result<()> {
        match self {
            Self::Trust if *trust != live.trust => aws.put_trust(name, trust).await,
            Self::Boundary => {
                let boundary = new.permissions_boundary.as_ref_option();
                if boundary == live.permissions_boundary.as_ref() {
                    return Ok(());
                }
                aws.put_permissions_boundary(name, boundary.map(String::as_str)).await
            }
            Self::SessionDuration if session_duration(new) != live.max_session_duration => {
                aws.put_max_session_duration(name, session_duration(new)).await
            }
            Self::Tags if tags(&new.tags_all) != live.tags => {
                aws.put_role_tags(name, &live.tags, &tags(&new.tags_all)).await
            }
            _ => Ok(()),
        }
    }

    fn note(self, state: &mut IrsaRole, new: &IrsaRole) {
        match self {
            Self::Trust => state.trust_as(new),
            Self::Boundary => state.permissions_boundary = new.permissions_boundary.clone(),
            Self::SessionDuration => state.max_session_duration = new.max_session_duration.clone(),
            Self::Tags => {
                state.tags = new.tags.clone();
                state.tags_all = new.tags_all.clone();
            }
        }
    }

    /// The attribute that it belongs to, and how it is spoken of.
    fn named(self) -> (&'static str, &'static str) {
        match self {
            Self::Trust => ("service_account", "trust policy"),
            Self::Boundary => ("permissions_boundary", "permissions boundary"),
            Self::SessionDuration => ("max_session_duration", "session duration"),
            Self::Tags => ("tags", "tags"),
        }
    }
}

/// Writes an inline policy, unless it is the `same` as before; takes away one that is not wanted any more.
async fn put_policy(
    call: &Call,
    aws: &dyn Aws,
    role: &str,
    policy: &str,
    same: bool,
    wanted: Option<&PolicyDocument>,
) -> aws::Result<()> {
    match wanted {
        _ if same => Ok(()),
        Some(document) => once_visible(call, || aws.put_inline_policy(role, policy, document)).await,
        None => patiently(call, || aws.delete_inline_policy(role, policy)).await,
    }
}

/// IAM does not show a role everywhere at once.
async fn once_there(call: &Call, aws: &dyn Aws, name: &str) -> aws::Result<Option<Role>> {
    let seen = once_visible(call, || async {
        let missing = || aws::Error::missing(format!("the role {name:?}"));
        aws.role(name).await?.ok_or_else(missing)
    });
    match seen.await {
        Ok(role) => Ok(Some(role)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl IrsaRole {
    /// As it is while nothing hangs on the role yet.
    fn bare(&self) -> Self {
        let (storage_policy, additional_policy, pod_identity_associations) = Default::default();
        let owns_oidc_provider = Value::Value(false);
        Self { storage_policy, additional_policy, pod_identity_associations, owns_oidc_provider, ..self.clone() }
    }

    /// Notes that the trust policy is that of `new`.
    fn trust_as(&mut self, new: &IrsaRole) {
        self.service_accounts = new.service_accounts.clone();
        self.oidc_issuer = new.oidc_issuer.clone();
        self.issuer = new.issuer.clone();
        self.oidc_provider_arn = new.oidc_provider_arn.clone();
        self.service_account = new.service_account.clone();
        self.audience = new.audience.clone();
        self.trust_policy = new.trust_policy.clone();
    }
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
        tags: tags(&role.tags_all),
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
    PolicyDocument::parse(text).map_err(|why| Problem::new(summary!("A policy of the role is not usable")).why(why))
}

/// Validation holds it within an i32.
fn session_duration(role: &IrsaRole) -> i32 {
    let seconds = role.max_session_duration.as_ref_option().map_or(3600, Int::get);
    i32::try_from(seconds).unwrap_or(3600)
}

/// IAM takes 1000 characters.
fn description(role: &IrsaRole) -> String {
    let namespace = role.namespace.as_ref_option().cloned().unwrap_or_default();
    match role.accounts().unwrap_or_default().as_slice() {
        [one] => format!("Grafana Loki: service account {namespace}/{one} {MARK}"),
        several => format!("Grafana Loki: {} service accounts of {namespace} {MARK}", several.len()),
    }
}
