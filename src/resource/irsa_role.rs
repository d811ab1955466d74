//! `loki_irsa_role`: the IAM role that Loki's service account assumes.

mod attributes;
mod boundary;
mod check;
mod deploy;
mod list;
mod oidc;
mod pods;
mod probe;
mod remove;
mod state;
mod test;
mod validate;

use std::sync::Arc;

use async_trait::async_trait;

pub use attributes::IrsaRole;
pub use list::{IrsaRoleList, IrsaRoleQuery, RoleIdentity};

use super::account::{Held, or};
use super::provider::{Connections, Reach};
use super::{Call, Change, Resource, Timeouts};
use crate::schema::{Diagnostics, Problem, Value};

/// Names of the inline policies that are ours.
const STORAGE_POLICY: &str = "loki-storage";
const ADDITIONAL_POLICY: &str = "loki-additional";

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

impl IrsaRole {
    /// What IAM knows nothing of, in a state of an import or of an older version of this provider: as if it had been left
    /// out.
    fn fill_in(&mut self) {
        or(&mut self.mode, "irsa".to_owned());
        or(&mut self.create_oidc_provider, false);
        or(&mut self.owns_oidc_provider, false);
        or(&mut self.verify_access, false);
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
