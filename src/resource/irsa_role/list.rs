//! Identity of a role, and finding roles.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::deploy::MARK;
use super::{IrsaRole, IrsaRoleResource};
use crate::iam::{arn, name};
use crate::resource::account::{patiently, problem, tags};
use crate::resource::provider::Connections;
use crate::resource::{Call, Found, ListResource, Listed};
use crate::schema::{Diagnostics, Problem, Report, Schematic, Value, at};

/// What names a role for ever.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct RoleIdentity {
    /// Name of the role.
    #[attr(required)]
    pub name: Value<String>,
    /// The account of the role. An import that names it fails where Terraform's identity is of another one.
    #[attr(optional)]
    pub account_id: Value<String>,
}

impl RoleIdentity {
    /// That of a state, once it has a name. A role that was asked for without an answer has no ARN, and none yet: an
    /// identity may not gain its account later.
    pub(super) fn of(state: &IrsaRole) -> Option<Self> {
        state.name.as_ref_option()?;
        let account_id = match &state.arn {
            Value::Value(role) => arn::owner(role).map(|(_, account)| account.to_owned()).into(),
            Value::Unknown => Value::Unknown,
            Value::Null => return None,
        };
        Some(Self { name: state.name.clone(), account_id })
    }

    /// The import id: `name`, or `account/name`.
    pub(super) fn id(&self) -> String {
        let account = self.account_id.as_ref_option().map(|account| format!("{account}/")).unwrap_or_default();
        format!("{account}{}", self.name.as_deref_option().unwrap_or_default())
    }
}

/// Finds the IAM roles that this provider has made, by what it writes into their descriptions.
///
/// Terraform's identity needs `iam:ListRoles`, and what reading `loki_irsa_role` needs where tags or whole objects are
/// asked for.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct IrsaRoleQuery {
    /// How the paths begin, such as `/teams/logging/`.
    #[attr(optional, default = "/")]
    pub path_prefix: Value<String>,
    /// Tags that a role must have, each with this value.
    #[attr(optional)]
    pub tags: Value<BTreeMap<String, Value<String>>>,
}

/// The list resource, over the provider's connections.
pub struct IrsaRoleList {
    connections: Arc<Connections>,
    resource: IrsaRoleResource,
}

impl IrsaRoleList {
    /// The list resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { resource: IrsaRoleResource::new(Arc::clone(&connections)), connections }
    }
}

#[async_trait]
impl ListResource for IrsaRoleList {
    type Config = IrsaRoleQuery;
    type Resource = IrsaRoleResource;

    fn validate(&self, config: &IrsaRoleQuery, report: &mut Diagnostics) {
        if let Some(why) = config.path_prefix.as_deref_option().and_then(name::role_path_problem) {
            report.refuse(Problem::new(summary!("IAM would refuse the path")).at(at("path_prefix")).why(why));
        }
    }

    async fn list(
        &self,
        call: &Call,
        config: &IrsaRoleQuery,
        found: &Found<IrsaRoleResource>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let path = config.path_prefix.as_deref_option().unwrap_or("/");
        let wanted = tags(&config.tags);
        let mut after = None;
        loop {
            let page = match patiently(call, || aws.list_roles(path, after.clone())).await {
                Ok(page) => page,
                Err(error) => return report.refuse(problem(summary!("The roles cannot be listed"), &error)),
            };
            for role in page.items.into_iter().filter(|role| role.description.ends_with(MARK)) {
                let (name, arn) = (Value::Value(role.name.clone()), Value::Value(role.arn));
                let mut state = Some(IrsaRole { name, arn, ..IrsaRole::default() });
                if found.wants_state() || !wanted.is_empty() {
                    let mut said = Diagnostics::default();
                    self.resource.find(call, &role.name, &mut state, &mut said).await;
                    self.resource.read(call, &mut state, &mut said).await;
                    if said.failed() {
                        report.warnings.extend(said.errors);
                        continue;
                    }
                }
                // Another one, or gone since it was listed.
                let Some(state) = state else { continue };
                let live = tags(&state.tags);
                if !wanted.iter().all(|(key, value)| live.get(key) == Some(value)) {
                    continue;
                }
                let identity = RoleIdentity::of(&state).unwrap_or_default();
                let listed = Listed { identity, display_name: role.name, state: Some(state) };
                if !found.tell(listed).await {
                    return;
                }
            }
            after = match page.next {
                Some(next) => Some(next),
                None => return,
            };
        }
    }
}
