//! Requests to a cluster while something is deployed: what passes by itself is waited for, within the time of the call.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::Call;
use super::loki_stack::troubles::capital;
use crate::kube::Error;
use crate::schema::{Diagnostics, Problem, Report};

/// Between two looks at what is on its way, and two attempts at what the API server could not do.
const INTERVAL: Duration = Duration::from_secs(1);
/// For a request under way when the user stops Terraform.
const GRACE: Duration = Duration::from_secs(1);
/// As good as none.
const NO_LIMIT: Duration = Duration::from_hours(24);

/// When a call is over: whoever calls a phase without a limit waits for what it waits for.
pub(super) fn deadline(call: &Call) -> Instant {
    call.limit.map_or_else(|| Instant::now() + NO_LIMIT, |limit| limit.ends())
}

/// How long apply goes on while something is wrong that will hardly pass.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// With a pod that cannot run, such as one whose image does not exist, or that the cluster does not let be made.
    pub stuck: Duration,
    /// With a cluster that refuses to say how what was deployed is. Rights that were granted in the same run take a moment.
    pub refused: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { stuck: Duration::from_secs(60), refused: Duration::from_secs(10) }
    }
}

/// Since when something has held without a break.
#[derive(Default)]
pub(super) struct Since(Option<Instant>);

impl Since {
    /// Whether it held when that was last noted.
    pub(super) fn has_begun(&self) -> bool {
        self.0.is_some()
    }

    /// Whether it had held for as long as `patience` when that was last noted.
    pub(super) fn has_lasted(&self, patience: Duration) -> bool {
        self.0.is_some_and(|since| since.elapsed() >= patience)
    }

    /// Notes whether it holds now; true when it has for as long as `patience`.
    pub(super) fn exceeds(&mut self, patience: Duration, holds: bool) -> bool {
        self.0 = holds.then(|| self.0.unwrap_or_else(Instant::now));
        self.0.is_some_and(|since| since.elapsed() >= patience)
    }
}

/// The requests of one call.
pub(super) struct Requests<'a> {
    call: &'a Call,
    /// Whether the API server has answered in this run: what answered once is waited for.
    reached: AtomicBool,
}

impl<'a> Requests<'a> {
    /// None was made yet.
    pub(super) fn new(call: &'a Call) -> Self {
        Self { call, reached: AtomicBool::new(false) }
    }

    /// Repeats what an API server that answered before may be able to do again in a moment, until the timeout.
    pub(super) async fn persist<T, F>(&self, request: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut last = None;
        loop {
            // A request that is under way may end by itself, so that it is known what it did.
            let stopped = async {
                self.call.stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            let outcome = tokio::select! {
                outcome = request() => outcome,
                () = stopped => {
                    return Err(last.unwrap_or_else(|| Error::Cancelled { what: "waiting for an answer".to_owned() }));
                }
            };
            match outcome {
                Err(error) if error.is_retryable() && self.is_reached() && !self.call.stop.is_cancelled() => {
                    tracing::warn!(%error, "trying again");
                    last = Some(error);
                    self.pause().await;
                }
                outcome => {
                    if !matches!(outcome, Err(Error::Unreachable { .. })) {
                        self.reached.store(true, Ordering::Relaxed);
                    }
                    return outcome;
                }
            }
        }
    }

    fn is_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }

    pub(super) async fn pause(&self) {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = self.call.stop.cancelled() => {}
        }
    }

    /// Reports a step that failed: as the end of the time, as the user's stop, or as what it is.
    pub(super) fn fail(&self, doing: &str, error: &Error, problem: Problem, report: &mut Diagnostics) {
        match self.call.overdue() {
            Some(limit) if error.is_retryable() => {
                report.refuse(limit.problem(doing, &format!("{}.", capital(error))));
            }
            _ if matches!(error, Error::Cancelled { .. }) && self.call.stopped(doing, report) => {}
            _ => report.refuse(problem),
        }
    }
}
