//! `loki_irsa_role`: the IAM role that Loki's service account assumes.

mod check;
mod deploy;
mod list;
mod state;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

pub use list::{IrsaRoleList, IrsaRoleQuery, RoleIdentity};

use super::account::Held;
use super::provider::{Connections, Reach};
use super::{Call, Change, Resource, Timeouts};
use crate::schema::{Diagnostics, Int, Problem, Schematic, Set, Value};

/// An IAM role for Loki's service account (IRSA): trusted by exactly one service account of one namespace and one
/// audience, and allowed exactly what Loki does with its buckets: list them, and read, write and delete their objects.
///
/// Changes to either policy made elsewhere are seen by their meaning, whatever their spelling, and repaired. Policies
/// that others have attached to the role are neither removed nor counted as drift.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct IrsaRole {
    /// Name of the role.
    #[attr(required, replace)]
    pub name: Value<String>,
    /// Path of the role, such as `/teams/logging/`.
    #[attr(optional, replace, default = "/")]
    pub path: Value<String>,
    /// Name of the EKS cluster whose service-account tokens are trusted; its issuer is looked up. Either this or
    /// `oidc_issuer`.
    #[attr(optional)]
    pub eks_cluster: Value<String>,
    /// URL of the issuer of the trusted tokens, such as `https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF`.
    /// Either this or `eks_cluster`.
    #[attr(optional)]
    pub oidc_issuer: Value<String>,
    /// Namespace of the service account.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the service account.
    #[attr(required)]
    pub service_account: Value<String>,
    /// Audience that the tokens must have.
    #[attr(optional, default = "sts.amazonaws.com")]
    pub audience: Value<String>,
    /// Names of the buckets that the role may use.
    #[attr(required)]
    pub buckets: Value<Set<Value<String>>>,
    /// ARN of the policy that caps what the role may do.
    #[attr(optional)]
    pub permissions_boundary: Value<String>,
    /// How long a session of the role may last, in seconds: 3600 to 43200.
    #[attr(optional, default = 3600)]
    pub max_session_duration: Value<Int>,
    /// Tags of the role; those that AWS services set (`aws:…`) are left alone.
    #[attr(optional)]
    pub tags: Value<BTreeMap<String, Value<String>>>,
    /// How long each operation may take. Without it `create`, `update` and `delete` have 10m, and `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<Timeouts>,
    /// Name of the role.
    #[attr(computed, never_null)]
    pub id: Value<String>,
    /// ARN of the role, for `service_account.role_arn` of `loki_stack`.
    #[attr(computed, prefix = "arn:")]
    pub arn: Value<String>,
    /// URL of the issuer that the role trusts.
    #[attr(computed, never_null)]
    pub issuer: Value<String>,
    /// ARN of the account's IAM OIDC provider for that issuer.
    #[attr(computed, prefix = "arn:")]
    pub oidc_provider_arn: Value<String>,
    /// The trust policy (JSON).
    #[attr(computed, never_null)]
    pub trust_policy: Value<String>,
    /// The policy for the buckets (JSON), inline in the role under the name `loki-storage`.
    #[attr(computed, never_null)]
    pub storage_policy: Value<String>,
}

/// Name of the inline policy that is ours.
const STORAGE_POLICY: &str = "loki-storage";

/// The resource, over the provider's connections.
pub struct IrsaRoleResource {
    connections: Arc<Connections>,
    held: Held,
}

impl IrsaRoleResource {
    /// The resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections, held: Held::default() }
    }
}

#[async_trait]
impl Resource for IrsaRoleResource {
    type State = IrsaRole;
    type Identity = RoleIdentity;
    const TYPE: &'static str = "loki_irsa_role";

    fn timeouts(of: &mut IrsaRole) -> Option<&mut Value<Timeouts>> {
        Some(&mut of.timeouts)
    }

    fn identity(&self, state: &IrsaRole) -> Option<RoleIdentity> {
        RoleIdentity::of(state)
    }

    fn id_of(&self, identity: &RoleIdentity) -> Result<String, Problem> {
        Ok(identity.id())
    }

    fn validate(&self, config: &IrsaRole, report: &mut Diagnostics) {
        config.validate(report);
    }

    async fn check(&self, _call: &Call, change: &mut Change<'_, IrsaRole>, report: &mut Diagnostics) {
        if let Some(prior) = change.prior {
            self.held.note(&prior.name);
        }
        self.plan(change.prior, &mut change.planned, report).await;
    }

    async fn check_delete(&self, _call: &Call, prior: &IrsaRole, report: &mut Diagnostics) {
        self.held.note(&prior.name);
        if let (Some(name), Reach::Ready(aws)) = (prior.name.as_ref_option(), self.connections.aws().await) {
            check::free_of_others(aws.as_ref(), name, report).await;
        }
    }

    async fn create(&self, call: &Call, planned: &IrsaRole, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        self.deploy_new(call, planned, state, report).await;
    }

    async fn update(&self, call: &Call, planned: &IrsaRole, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        self.deploy_changes(call, planned, state, report).await;
    }

    async fn delete(&self, call: &Call, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        self.remove(call, state, report).await;
    }

    async fn test(&self, call: &Call, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        if let Some(state) = state {
            self.held.note(&state.name);
        }
        self.read(call, state, report).await;
    }

    async fn import(&self, call: &Call, id: &str, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        self.find(call, id, state, report).await;
    }
}
