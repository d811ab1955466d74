//! Port: IAM roles for service accounts.

use std::collections::BTreeMap;

use super::{Page, Result};
use crate::iam::PolicyDocument;

/// A role as IAM holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Unique within the account.
    pub name: String,
    /// As `arn:aws:iam::123456789012:role/name`.
    pub arn: String,
    /// `/` or `/…/`.
    pub path: String,
    /// For the console.
    pub description: String,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// Seconds.
    pub max_session_duration: i32,
    /// ARN of the policy that caps what the role may do.
    pub permissions_boundary: Option<String>,
    /// Without the tags that AWS itself sets (`aws:…`).
    pub tags: BTreeMap<String, String>,
}

/// A role as IAM lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRole {
    /// Unique within the account.
    pub name: String,
    /// As `arn:aws:iam::123456789012:role/name`.
    pub arn: String,
    /// As it was given on creation.
    pub description: String,
}

/// What it takes to create a role.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// Unique within the account.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// For the console.
    pub description: String,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// Seconds, 3600 to 43200.
    pub max_session_duration: i32,
    /// ARN of the policy that caps what the role may do.
    pub permissions_boundary: Option<String>,
    /// All tags.
    pub tags: BTreeMap<String, String>,
}

/// The policies that hang on a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolePolicies {
    /// Names of inline policies.
    pub inline: Vec<String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
}

/// An account's trust in an issuer of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcProvider {
    /// As `arn:aws:iam::123456789012:role/name`.
    pub arn: String,
    /// The audiences it accepts.
    pub audiences: Vec<String>,
}

/// A quota of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many there are.
    pub used: i32,
    /// How many there may be.
    pub limit: i32,
}

/// Whose requests are simulated.
#[derive(Clone, Copy, Debug)]
pub enum Simulated<'a> {
    /// Those of a role that exists, by its ARN: also what its boundary and the organization say.
    Role(&'a str),
    /// Those of a role to come, with this managed policy as its boundary.
    Within(&'a str),
}

/// The requests that are simulated: each action on each resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As `s3:GetObject`.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<String>,
}

/// A request that would be denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// As `s3:GetObject`.
    pub action: String,
    /// ARN.
    pub resource: String,
    /// By what.
    pub by: RefusedBy,
}

/// What denies a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// A statement that denies it.
    Statement,
    /// The permissions boundary does not allow it.
    Boundary,
    /// A policy of the organization does not allow it.
    Organization,
    /// Nothing allows it.
    Nothing,
}

/// IAM, as far as roles for service accounts need it. A method that finds no role fails with
/// [`Kind::NotFound`](super::Kind::NotFound), unless it says otherwise.
#[async_trait::async_trait]
pub trait Roles: Send + Sync {
    /// `None` when there is no such role.
    async fn role(&self, name: &str) -> Result<Option<Role>>;

    /// How many roles the account has and may have; `None` where IAM does not say.
    async fn role_quota(&self) -> Result<Option<Quota>>;

    /// The account's roles whose paths begin with `path_prefix` (`/` for all); one page, from `after` on.
    async fn list_roles(&self, path_prefix: &str, after: Option<String>) -> Result<Page<ListedRole>>;

    /// [`Kind::AlreadyExists`](super::Kind::AlreadyExists) when the name is taken.
    async fn create_role(&self, role: &NewRole) -> Result<Role>;

    /// Replaces the trust policy.
    async fn put_trust(&self, role: &str, trust: &PolicyDocument) -> Result<()>;

    /// How long a session may last, 3600 to 43200 seconds.
    async fn put_max_session_duration(&self, role: &str, seconds: i32) -> Result<()>;

    /// `None` takes the boundary off.
    async fn put_permissions_boundary(&self, role: &str, arn: Option<&str>) -> Result<()>;

    /// Makes the role's tags `wanted`, given what they are `now`.
    async fn put_role_tags(
        &self,
        role: &str,
        now: &BTreeMap<String, String>,
        wanted: &BTreeMap<String, String>,
    ) -> Result<()>;

    /// `None` when the role or its inline policy is missing.
    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<PolicyDocument>>;

    /// Creates or replaces it.
    async fn put_inline_policy(&self, role: &str, policy: &str, document: &PolicyDocument) -> Result<()>;

    /// Takes an inline policy away; one that is gone counts as taken away.
    async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<()>;

    /// What hangs on the role, to explain why it cannot be deleted.
    async fn role_policies(&self, role: &str) -> Result<RolePolicies>;

    /// Deletes the inline policies named, then the role; a part that is gone already counts as deleted.
    /// Whether the role was there: what is very new IAM may not show.
    /// [`Kind::InUse`](super::Kind::InUse) when policies of others hang on it: those are never removed.
    async fn delete_role(&self, role: &str, inline_policies: &[&str]) -> Result<bool>;

    /// The account's OIDC provider for an issuer (`https://…`), `None` when there is none.
    async fn oidc_provider(&self, issuer: &str) -> Result<Option<OidcProvider>>;

    /// Creates it for one audience. [`Kind::AlreadyExists`](super::Kind::AlreadyExists) when the account has one.
    async fn create_oidc_provider(
        &self,
        issuer: &str,
        audience: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<OidcProvider>;

    /// Has an OIDC provider accept one more audience.
    async fn add_audience(&self, provider_arn: &str, audience: &str) -> Result<()>;

    /// Deletes an OIDC provider; one that is gone counts as deleted.
    async fn delete_oidc_provider(&self, provider_arn: &str) -> Result<()>;

    /// Names of the account's roles whose trust policies speak of an OIDC provider.
    async fn roles_trusting(&self, provider_arn: &str) -> Result<Vec<String>>;

    /// What a role, with this policy besides those that it has, would be denied. Without a role: what the policy alone is
    /// denied within a boundary, a managed policy's ARN.
    async fn simulate(&self, whose: Simulated<'_>, policy: &PolicyDocument, asked: &Asked) -> Result<Vec<Refused>>;
}
