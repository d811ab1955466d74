//! The phases of a managed resource. The guide to them, and its picture, are made of this table, which the tests hold to
//! the trait below and to the protocol:
//!
//! | phase | command | method | call of the protocol | what it does | what it never does |
//! |---|---|---|---|---|---|
//! | check | `validate` | `validate` | `ValidateResourceConfig` | types, rules between attributes, the whole configuration by Loki's own rules | ask the network; fail because a value is not known yet |
//! | check | `plan` | `check` | `PlanResourceChange` | identity, bucket, role and trust, versions, room on the nodes, each object by a server-side dry run | change anything; say something else when Terraform plans again within apply |
//! | check | `plan -destroy` | `check_delete` | `PlanResourceChange` | announces what will be lost | let data go that no flag gave up |
//! | deploy | `apply` | `create` | `ApplyResourceChange` | in the order of dependencies, waits until Loki is healthy, says what it waits for | lose track of what it has made |
//! | deploy | `apply` | `update` | `ApplyResourceChange` | one component after the other; what is shared first, what is obsolete last | take over another manager's fields unless told to |
//! | deploy | `destroy` | `delete` | `ApplyResourceChange` | removes what the inventory in the state names | remove what is not this resource's |
//! | test | `plan`, `apply`, `refresh` | `test` | `ReadResource` | rollouts, rings and health of the live stack with reasons; drift of each object | write to a user's Loki; fail a plan because of ill health |
//! | test | `import` | `import` | `ImportResourceState` | finds what an id or an identity names | change it |

use async_trait::async_trait;

use super::Call;
use super::timeouts::{Limits, Timeouts};
use crate::schema::{AttributePath, Diagnostics, Problem, Schematic, Value};

/// Brings stored JSON from one schema version to the next.
pub type Upgrade = fn(serde_json::Value) -> Result<serde_json::Value, Problem>;

/// What a plan is made of.
pub struct Change<'a, S> {
    /// The state before; none when the resource is created.
    pub prior: Option<&'a S>,
    /// What the user wrote; what is left out is null. Write-only values are here alone.
    pub config: &'a S,
    /// What the state will be: defaults are filled in, and on creation what is computed is unknown. Attributes that
    /// the configuration sets may not be changed here.
    pub planned: S,
    /// Further paths that force a replacement, beside those marked `replace` in the schema.
    pub replace: Vec<AttributePath>,
}

/// A managed resource, as its phases.
///
/// The deploying phases get `state` to keep up to date as they go: it is what Terraform saves, also when the phase
/// fails, is stopped or panics. Set it as soon as something exists. Write-only values stand in what is planned for
/// them, and are left out of every answer by themselves.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// Configuration, plan and state: one struct.
    type State: Schematic;
    /// What tells one object from all others of the type, for ever: its required attributes are needed for an import,
    /// its optional ones are what the provider's configuration can tell as well.
    type Identity: Schematic;
    /// The type's name in a configuration, such as `loki_stack`.
    const TYPE: &'static str;
    /// Further names of the type. Objects can be moved between all of them.
    const ALIASES: &'static [&'static str] = &[];
    /// Step i brings a state of schema version i to i + 1, so there are as many as the schema's version says.
    /// Attributes that are new are null without any doing; those that were removed are dropped by a step.
    const UPGRADES: &'static [Upgrade] = &[];
    /// The same for identities.
    const IDENTITY_UPGRADES: &'static [Upgrade] = &[];
    /// How long each operation may take where `timeouts` says nothing.
    const LIMITS: Limits = Limits::DEFAULT;

    /// The attribute `timeouts` of a configuration, plan or state; none for a type that has no such attribute.
    fn timeouts(_of: &mut Self::State) -> Option<&mut Value<Timeouts>> {
        None
    }

    /// The identity of an object; none, or unknown in parts, while it is not known.
    fn identity(&self, state: &Self::State) -> Option<Self::Identity>;

    /// The id that imports what the identity names.
    fn id_of(&self, identity: &Self::Identity) -> Result<String, Problem>;

    /// Check, offline: what can be said of the configuration alone. Parts of it may be unknown.
    fn validate(&self, config: &Self::State, report: &mut Diagnostics);

    /// Check: the rest, online where the provider's configuration is known. Changes nothing, never fails because
    /// something is unknown, and gives the same answer when Terraform asks again during apply.
    async fn check(&self, call: &Call, change: &mut Change<'_, Self::State>, report: &mut Diagnostics);

    /// Check of a destruction: announces what will be lost, refuses what may not be.
    async fn check_delete(&self, _call: &Call, _prior: &Self::State, _report: &mut Diagnostics) {}

    /// Deploy: `state` is none at first.
    async fn create(
        &self,
        call: &Call,
        planned: &Self::State,
        state: &mut Option<Self::State>,
        report: &mut Diagnostics,
    );

    /// Deploy: `state` is what was there before.
    async fn update(
        &self,
        call: &Call,
        planned: &Self::State,
        state: &mut Option<Self::State>,
        report: &mut Diagnostics,
    );

    /// Deploy: `state` becomes none when all is gone; what is left stays in it.
    async fn delete(&self, call: &Call, state: &mut Option<Self::State>, report: &mut Diagnostics);

    /// Test: health and drift of what is live. `state` becomes none when the resource is gone. Bounded in time.
    async fn test(&self, call: &Call, state: &mut Option<Self::State>, report: &mut Diagnostics);

    /// Finds what `id` names; Terraform reads it afterwards.
    async fn import(&self, call: &Call, id: &str, state: &mut Option<Self::State>, report: &mut Diagnostics);
}
