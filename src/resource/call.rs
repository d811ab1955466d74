use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::timeouts::Limit;
use crate::schema::{Diagnostics, Problem, Report};

/// One call of Terraform.
#[derive(Clone, Default)]
pub struct Call {
    /// Cancelled when the user stops Terraform, or the time is over: end soon, with what exists in the state.
    pub stop: CancellationToken,
    /// The time that the phase has, where it has a limit.
    pub limit: Option<Limit>,
    /// What the Terraform that calls can deal with.
    pub client: Client,
    deferral: Arc<OnceLock<Deferral>>,
}

/// What a client says of itself; an older one says nothing, which is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// It takes "not now" for an answer, and asks again in a later round.
    pub deferral_allowed: bool,
    /// It keeps write-only values out of plan and state.
    pub write_only_allowed: bool,
}

/// Why an answer is put off to a later round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferral {
    /// The configuration of the object holds unknown values.
    ConfigUnknown,
    /// The configuration of the provider holds unknown values.
    ProviderConfigUnknown,
    /// Something that has to be there first is not.
    AbsentPrerequisite,
}

impl Call {
    /// A call of that client which ends with the token.
    pub fn new(stop: CancellationToken, client: Client) -> Self {
        Self { stop, limit: None, client, deferral: Arc::default() }
    }

    /// The same call with a limit, and a stop of its own that the user's stop cancels as well.
    pub(super) fn limited(&self, limit: Limit) -> Self {
        Self { stop: self.stop.child_token(), limit: Some(limit), ..self.clone() }
    }

    /// The limit, once the time is over.
    pub(crate) fn overdue(&self) -> Option<Limit> {
        self.limit.filter(Limit::is_over)
    }

    /// Puts the answer off, where the client can deal with that; false where it cannot. The first reason counts.
    pub fn defer(&self, reason: Deferral) -> bool {
        self.client.deferral_allowed && {
            self.deferral.get_or_init(|| reason);
            true
        }
    }

    /// Why the answer has been put off, if it has.
    pub fn deferred(&self) -> Option<Deferral> {
        self.deferral.get().copied()
    }

    /// Reports that the operation was stopped, by the user or by the end of its time; true when it was.
    pub fn stopped(&self, doing: &str, report: &mut Diagnostics) -> bool {
        let stopped = self.stop.is_cancelled();
        if stopped && let Some(limit) = self.overdue() {
            report.refuse(limit.problem(doing, ""));
        } else if stopped {
            report.refuse(
                Problem::new(summary!("Stopped while {doing}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_client_that_knows_deferral_is_put_off() {
        let old = Call::default();
        assert!(!old.defer(Deferral::ProviderConfigUnknown));
        assert_eq!(old.deferred(), None);
        let new = Call::new(CancellationToken::new(), Client { deferral_allowed: true, ..Client::default() });
        assert!(new.clone().defer(Deferral::ProviderConfigUnknown) && new.defer(Deferral::AbsentPrerequisite));
        assert_eq!(new.deferred(), Some(Deferral::ProviderConfigUnknown));
    }
}
