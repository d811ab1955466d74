//! EKS Pod Identity: which service accounts' pods are the role.

use std::collections::BTreeMap;

use futures::future::join_all;

use super::IrsaRole;
use super::attributes::Mode;
use crate::aws::{Aws, Kind, PodAccount, PodIdentity};
use crate::iam::{Pods, PolicyDocument};
use crate::resource::Call;
use crate::resource::account::{once_visible, patiently, problem, tags};
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// The add-on without which no pod gets credentials.
const AGENT: &str = "eks-pod-identity-agent";

impl IrsaRole {
    /// ARN of the cluster that the trust policy names, in the mode `pod_identity`.
    pub(super) fn trusted_cluster(&self) -> Option<String> {
        let policy = PolicyDocument::parse(self.trust_policy.as_ref_option()?).ok()?;
        Pods::read(&policy).map(|pods| pods.cluster_arn)
    }

    /// The service accounts that are to have an association.
    fn pod_accounts(&self) -> Option<Vec<PodAccount>> {
        if self.mode()? == Mode::Irsa {
            return Some(Vec::new());
        }
        let (cluster, namespace) = (self.eks_cluster.as_ref_option()?, self.namespace.as_ref_option()?);
        let account =
            |service_account| PodAccount { cluster: cluster.clone(), namespace: namespace.clone(), service_account };
        Some(self.accounts()?.into_iter().map(account).collect())
    }

    /// The associations that a state remembers: what they are of, and their ids.
    fn associations(&self) -> Vec<(PodAccount, String)> {
        let (Some(cluster), Some(namespace)) = (self.eks_cluster.as_ref_option(), self.namespace.as_ref_option())
        else {
            return Vec::new();
        };
        let known = self.pod_identity_associations.as_ref_option().into_iter().flatten();
        known
            .filter_map(|(service_account, id)| {
                let (cluster, namespace) = (cluster.clone(), namespace.clone());
                let service_account = service_account.clone();
                Some((PodAccount { cluster, namespace, service_account }, id.as_ref_option()?.clone()))
            })
            .collect()
    }

    /// The ids where all associations stay; unknown where apply makes one.
    pub(super) fn plan_associations(&mut self, prior: Option<&IrsaRole>) {
        self.pod_identity_associations = match (self.mode(), self.pod_accounts()) {
            (Some(Mode::Irsa), _) => Value::Null,
            (_, Some(wanted)) => {
                let there = prior.map(IrsaRole::associations).unwrap_or_default();
                let stays = wanted.len() == there.len() && wanted.iter().all(|it| there.iter().any(|(of, _)| of == it));
                if stays { remembered(there) } else { Value::Unknown }
            }
            _ => Value::Unknown,
        };
    }

    /// Notes that only these associations are there.
    fn note(&mut self, there: Vec<(PodAccount, String)>) {
        self.pod_identity_associations = match self.mode() {
            Some(Mode::Irsa) if there.is_empty() => Value::Null,
            _ => remembered(there),
        };
    }
}

fn remembered(there: Vec<(PodAccount, String)>) -> Value<BTreeMap<String, Value<String>>> {
    Value::Value(there.into_iter().map(|(of, id)| (of.service_account, Value::Value(id))).collect())
}

/// Online: whether a service account's pods are another role already, and whether there is an agent.
pub(super) async fn check(aws: &dyn Aws, planned: &IrsaRole) -> Diagnostics {
    let mut report = Diagnostics::default();
    let Some(wanted) = planned.pod_accounts().filter(|wanted| !wanted.is_empty()) else { return report };
    let cluster = &wanted[0].cluster;
    let (addons, found) = tokio::join!(aws.addons(cluster), join_all(wanted.iter().map(|it| aws.pod_identity(it))));
    match addons {
        Ok(addons) if !addons.iter().any(|it| it.name == AGENT) => report.warn(
            Problem::new(summary!("The cluster has no Pod Identity agent"))
                .at(at("mode"))
                .why(format!("The EKS cluster {cluster:?} has no add-on {AGENT}, and without it pods get no credentials."))
                .fix(format!("Install it: aws eks create-addon --cluster-name {cluster} --addon-name {AGENT}. A node group of EKS Auto Mode has it built in.")),
        ),
        Ok(_) => {}
        Err(error) => tracing::info!(%error, "the add-ons were not checked"),
    }
    for (account, found) in wanted.iter().zip(found) {
        match found {
            Ok(Some(PodIdentity { role_arn, .. })) if Some(&role_arn) != planned.arn.as_ref_option() => {
                report.refuse(taken(account, &role_arn));
            }
            Ok(_) => {}
            // The cluster may be made by the same apply; others show when it counts.
            Err(error) => tracing::info!(%error, "the association was not checked"),
        }
    }
    report
}

fn taken(account: &PodAccount, role_arn: &str) -> Problem {
    let PodAccount { cluster, namespace, service_account } = account;
    Problem::new(summary!("The pods of the service account {namespace}/{service_account} are another role"))
        .at(at("service_account"))
        .why(format!("The EKS cluster {cluster:?} associates them with {role_arn}, and they can be one role only."))
        .fix("Delete that association, or use another service account.")
}

/// Test: which of the associations are there.
pub(super) async fn read(aws: &dyn Aws, current: &mut IrsaRole, report: &mut Diagnostics) {
    let Some(wanted) = current.pod_accounts().filter(|wanted| !wanted.is_empty()) else { return };
    let found = join_all(wanted.iter().map(|it| aws.pod_identity(it))).await;
    let mut there = Vec::new();
    for (account, found) in wanted.into_iter().zip(found) {
        match found {
            Ok(Some(identity)) if Some(&identity.role_arn) == current.arn.as_ref_option() => {
                there.push((account, identity.id));
            }
            // With the cluster its associations go.
            Ok(_) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => {
                return report.refuse(problem(summary!("The EKS Pod Identity associations cannot be read"), &error));
            }
        }
    }
    current.note(there);
}

/// Deploy: makes the associations that are wanted and ends those that are not any more.
pub(super) async fn associate(
    call: &Call,
    aws: &dyn Aws,
    new: &IrsaRole,
    state: &mut IrsaRole,
    report: &mut Diagnostics,
) {
    let wanted = new.pod_accounts().unwrap_or_default();
    let there = state.associations();
    let mut now = Vec::new();
    for (account, id) in there {
        if wanted.contains(&account) {
            now.push((account, id));
        } else if let Err(error) = patiently(call, || aws.delete_pod_identity(&account.cluster, &id)).await {
            return report.refuse(
                problem(summary!("An EKS Pod Identity association could not be ended"), &error).at(at("mode")),
            );
        }
    }
    let (Some(arn), tags) = (new.arn.as_ref_option(), tags(&new.tags_all)) else { return };
    for account in wanted {
        if now.iter().any(|(it, _)| *it == account) {
            continue;
        }
        match associated(call, aws, &account, arn, &tags).await {
            Ok(id) => now.push((account, id)),
            Err(problem) => {
                report.refuse(problem);
                break;
            }
        }
    }
    // What a state of another cluster or namespace would say of them is not true.
    state.eks_cluster = new.eks_cluster.clone();
    state.namespace = new.namespace.clone();
    state.mode = new.mode.clone();
    state.note(now);
}

async fn associated(
    call: &Call,
    aws: &dyn Aws,
    account: &PodAccount,
    role_arn: &str,
    tags: &BTreeMap<String, String>,
) -> Result<String, Problem> {
    let PodAccount { namespace, service_account, .. } = account;
    let what = || summary!("The pods of the service account {namespace}/{service_account} could not be made the role");
    let refused = |error: &crate::aws::Error| problem(what(), error).at(at("service_account"));
    let look = async || match patiently(call, || aws.pod_identity(account)).await {
        Ok(Some(found)) if found.role_arn == role_arn => Ok(Some(found.id)),
        Ok(Some(found)) => Err(taken(account, &found.role_arn)),
        Ok(None) => Ok(None),
        Err(error) => Err(refused(&error)),
    };
    if let Some(id) = look().await? {
        return Ok(id);
    }
    tracing::info!(namespace, service_account, "associating the service account with the role");
    match once_visible(call, || aws.create_pod_identity(account, role_arn, tags)).await {
        Ok(identity) => Ok(identity.id),
        // It was free a moment ago: an attempt whose answer got lost.
        Err(error) if matches!(error.kind, Kind::AlreadyExists(_)) => look().await?.ok_or_else(|| refused(&error)),
        Err(error) => Err(refused(&error)),
    }
}

/// Deploy: ends all associations of a state.
pub(super) async fn dissociate(call: &Call, aws: &dyn Aws, state: &mut IrsaRole, report: &mut Diagnostics) {
    let none = IrsaRole { mode: Value::Null, ..state.clone() };
    let (mode, cluster) = (state.mode.clone(), state.eks_cluster.clone());
    associate(call, aws, &none, state, report).await;
    (state.mode, state.eks_cluster) = (mode, cluster);
}
