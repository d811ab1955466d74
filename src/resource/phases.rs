use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::schema::{AttributePath, Diagnostics, Problem, Report, Schematic};

/// One call of Terraform.
#[derive(Clone, Default)]
pub struct Call {
    /// Cancelled when the user stops Terraform: end soon, with what exists in the state.
    pub stop: CancellationToken,
}

/// What a plan is made of.
pub struct Change<'a, S> {
    /// The state before; none when the resource is created.
    pub prior: Option<&'a S>,
    /// What the user wrote; what is left out is null.
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
/// fails, is stopped or panics. Set it as soon as something exists.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// Configuration, plan and state: one struct.
    type State: Schematic;
    /// The type's name in a configuration, such as `loki_stack`.
    const TYPE: &'static str;

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

    /// Brings a state of an older schema version, as JSON, to the form of today's. Attributes that are new are null
    /// without any doing.
    fn upgrade(&self, _version: i64, state: serde_json::Value) -> Result<serde_json::Value, Problem> {
        Ok(state)
    }
}

impl Call {
    /// Reports that the user stopped the operation; true when it was stopped.
    pub fn stopped(&self, doing: &str, report: &mut Diagnostics) -> bool {
        let stopped = self.stop.is_cancelled();
        if stopped {
            report.refuse(
                Problem::new(format!("Stopped while {doing}"))
                    .why("Terraform asked the provider to stop. What exists already is kept in the state.")
                    .fix("Run apply again to go on from there."),
            );
        }
        stopped
    }
}

/// A positive duration as Terraform's users write it: `15m`, `1h30m`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    text.parse::<jiff::SignedDuration>().ok().and_then(|it| Duration::try_from(it).ok()).filter(|it| !it.is_zero())
}
