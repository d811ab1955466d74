//! How long each operation of a resource may take: the `timeouts` attribute, and what happens when the time is over.

use std::time::Duration;

use tokio::time::Instant;

use super::{Call, duration, guarded};
use crate::schema::{AttributePath, Diagnostics, Problem, Report, Schematic, Value, at};

/// How long each operation may take, as durations such as `30s`, `10m` or `1h30m`.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Timeouts {
    /// Time for creating it.
    #[attr(optional)]
    pub create: Value<String>,
    /// Time for reading it: at a refresh, and before each plan.
    #[attr(optional)]
    pub read: Value<String>,
    /// Time for updating it in place.
    #[attr(optional)]
    pub update: Value<String>,
    /// Time for destroying it, which counts once it has been applied.
    #[attr(optional)]
    pub delete: Value<String>,
}

/// As [`Timeouts`], for what is only read.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ReadTimeouts {
    /// Time for reading it, as a duration such as `30s` or `2m`.
    #[attr(optional)]
    pub read: Value<String>,
}

/// As [`Timeouts`], for an ephemeral resource.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct OpenTimeouts {
    /// Time for opening it, as a duration such as `30s` or `2m`.
    #[attr(optional)]
    pub open: Value<String>,
}

/// As [`Timeouts`], for an action.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct InvokeTimeouts {
    /// Time for the whole action, as a duration such as `30s` or `2m`.
    #[attr(optional)]
    pub invoke: Value<String>,
}

/// What the operations of a resource may take where `timeouts` says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For `create`.
    pub create: Duration,
    /// For `read`.
    pub read: Duration,
    /// For `update`.
    pub update: Duration,
    /// For `delete`.
    pub delete: Duration,
}

impl Limits {
    /// For what Kubernetes or AWS do within minutes.
    pub const DEFAULT: Self = Self {
        create: Duration::from_mins(10),
        read: Duration::from_mins(1),
        update: Duration::from_mins(10),
        delete: Duration::from_mins(10),
    };
}

/// The time that one operation has.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    operation: &'static str,
    time: Duration,
    ends: Instant,
}

/// An operation that `timeouts` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Limits {
    /// The time that an operation has from now on.
    pub(super) fn start(&self, operation: Operation, timeouts: Option<&Value<Timeouts>>) -> Limit {
        let default = Timeouts::default();
        let given = timeouts.and_then(Value::as_ref_option).unwrap_or(&default);
        let (name, given, default) = match operation {
            Operation::Create => ("create", &given.create, self.create),
            Operation::Read => ("read", &given.read, self.read),
            Operation::Update => ("update", &given.update, self.update),
            Operation::Delete => ("delete", &given.delete, self.delete),
        };
        Limit::start(name, given, default)
    }
}

impl Limit {
    /// The time that `timeouts.<operation>` gives, from now on; validation has refused what cannot be read.
    pub(super) fn start(operation: &'static str, given: &Value<String>, default: Duration) -> Self {
        let time = given.as_deref_option().and_then(duration).unwrap_or(default);
        // A time that no clock can hold is as good as none at all: a century.
        let ends =
            Instant::now().checked_add(time).unwrap_or_else(|| Instant::now() + 36_500 * Duration::from_hours(24));
        Self { operation, time, ends }
    }

    /// When it ends.
    pub fn ends(&self) -> Instant {
        self.ends
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// `timeouts.create` and its like.
    pub fn path(&self) -> AttributePath {
        at("timeouts").attribute(self.operation)
    }

    /// The diagnostic of its end: `doing` is what was waited for, `seen` what is known about it, in full sentences.
    pub fn problem(&self, doing: &str, seen: &str) -> Problem {
        let kept = if self.operation == "read" { "What is known of it is left as it was." } else { KEPT };
        let sentences = [format!("{}.", self.allowed()), kept.to_owned(), seen.to_owned()];
        Problem::new(summary!("Out of time while {doing}")).at(self.path()).why(sentences.join(" ").trim_end()).fix(
            format!(
                "Run Terraform again to go on from there, or raise timeouts.{} where it needs longer.",
                self.operation
            ),
        )
    }

    /// The diagnostic beside the error that came of what was under way at its end.
    fn beside(&self) -> Problem {
        Problem::new(summary!("The time was over"))
            .at(self.path())
            .why(format!("{}; the error came of what was under way then. {KEPT}", self.allowed()))
            .fix(format!("Mend the cause of the other error, or raise timeouts.{}.", self.operation))
    }

    fn allowed(&self) -> String {
        format!("timeouts.{} allows {}", self.operation, written(self.time))
    }
}

const KEPT: &str = "What exists is kept in the state.";

/// A duration as a user would write it.
pub(super) fn written(time: Duration) -> String {
    let time = jiff::SignedDuration::try_from(time).unwrap_or(jiff::SignedDuration::MAX);
    jiff::fmt::friendly::SpanPrinter::new().duration_to_string(&time)
}

/// Refuses what is no duration, below `timeouts`.
pub(super) fn validate<'a>(
    given: impl IntoIterator<Item = (&'static str, &'a Value<String>)>,
    report: &mut Diagnostics,
) {
    for (operation, value) in given {
        if let Value::Value(text) = value
            && duration(text).is_none()
        {
            report.refuse(
                Problem::new(summary!("The timeout cannot be read"))
                    .at(at("timeouts").attribute(operation))
                    .why(format!("{text:?} is no duration, or none above zero."))
                    .fix("Write it like \"30s\", \"10m\" or \"1h30m\"."),
            );
        }
    }
}

impl Timeouts {
    /// Refuses what is no duration.
    pub(super) fn validate(&self, report: &mut Diagnostics) {
        let Self { create, read, update, delete } = self;
        validate([("create", create), ("read", read), ("update", update), ("delete", delete)], report);
    }
}

/// How long a phase may go on after it was told to stop: enough for an API that answers, and for phases that give up a
/// request by themselves after a second. Whoever presses Ctrl-C gets the state back within 2 s.
const GRACE: Duration = Duration::from_millis(1300);

/// How long a phase whose time is over may take to look what is wrong; nobody waits for it at the keyboard.
const LAST_WORDS: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 15 });

/// Runs a phase that changes something with the time that it has. At the end of the time its stop token is cancelled, so
/// that it ends as it does when the user stops it, with what exists in the state. One that hangs in a request even then is
/// dropped: its state is what it last noted, which is why a phase notes what it is about to make before it asks for it.
pub(super) async fn limited(
    call: &Call,
    limit: Limit,
    report: &mut Diagnostics,
    phase: impl AsyncFnOnce(&Call, &mut Diagnostics),
) {
    let user = call.stop.clone();
    let call = call.limited(limit);
    let given_up = {
        let phase = guarded(report, async |report| phase(&call, report).await);
        let told_to_stop = async {
            tokio::select! {
                () = user.cancelled() => {}
                () = tokio::time::sleep_until(limit.ends) => {
                    call.stop.cancel();
                    tokio::select! {
                        () = user.cancelled() => {}
                        () = tokio::time::sleep(LAST_WORDS) => return,
                    }
                }
            }
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            () = phase => false,
            () = told_to_stop => true,
        }
    };
    if given_up {
        return report.refuse(match limit.is_over() {
            true => limit.problem("waiting for an answer", ""),
            false => unanswered(),
        });
    }
    if !limit.is_over() {
        return;
    }
    let path = limit.path();
    if report.failed() && report.errors.iter().all(|error| error.attribute != path) {
        report.refuse(limit.beside());
    }
}

/// The diagnostic of a phase that was stopped in a request.
fn unanswered() -> Problem {
    Problem::new(summary!("Stopped before a request was answered"))
        .why(
            "Terraform asked the provider to stop, and AWS or the cluster had not answered the last request. What exists \
             already, and what that request may have made, is kept in the state.",
        )
        .fix("Run apply again: it looks what is there and goes on from that.")
}

/// Runs a phase that changes nothing, and drops it at the end of the time; false when it was dropped.
pub(super) async fn bounded(
    call: &Call,
    limit: Limit,
    report: &mut Diagnostics,
    phase: impl AsyncFnOnce(&Call, &mut Diagnostics),
) -> bool {
    let call = call.limited(limit);
    let done = {
        let phase = guarded(report, async |report| phase(&call, report).await);
        tokio::time::timeout_at(limit.ends, phase).await.is_ok()
    };
    if !done {
        report.refuse(limit.problem("waiting for an answer", ""));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    #[test]
    fn durations_are_read_and_refused() {
        for (written, seconds) in [("30s", 30), ("10m", 600), ("1h30m", 5400), ("1h", 3600)] {
            assert_eq!(duration(written), Some(Duration::from_secs(seconds)), "{written}");
        }
        for wrong in ["", "soon", "0s", "-5m", "10", "10 parsecs"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        let timeouts =
            Timeouts { create: text("soon"), update: text("1m"), delete: Value::Unknown, ..Timeouts::default() };
        let mut report = Diagnostics::default();
        timeouts.validate(&mut report);
        let [error] = &report.errors[..] else { panic!("{report:?}") };
        assert_eq!(error.attribute.to_string(), "timeouts.create");
    }

    #[test]
    fn what_is_given_counts_and_else_the_default() {
        let limits = Limits::DEFAULT;
        let given = Value::Value(Timeouts { update: text("90s"), ..Timeouts::default() });
        assert_eq!(limits.start(Operation::Update, Some(&given)).time, Duration::from_secs(90));
        assert_eq!(limits.start(Operation::Create, Some(&given)).time, Duration::from_secs(600));
        assert_eq!(limits.start(Operation::Read, None).time, Duration::from_secs(60));
        let longest = text("9223372036854775807s");
        assert!(!Limit::start("create", &longest, Duration::ZERO).is_over());
    }

    #[tokio::test]
    async fn a_phase_out_of_time_is_stopped_and_says_which_timeout() {
        let limit = Limit::start("create", &text("20ms"), Duration::ZERO);
        let mut report = Diagnostics::default();
        limited(&Call::default(), limit, &mut report, async |call, report| {
            call.stop.cancelled().await;
            assert!(call.stopped("waiting for Loki", report));
        })
        .await;
        let [error] = &report.errors[..] else { panic!("{report:?}") };
        assert_eq!(error.summary, "Out of time while waiting for Loki");
        assert_eq!(error.attribute.to_string(), "timeouts.create");
        assert!(error.detail.contains("timeouts.create allows 20ms."), "{}", error.detail);
    }

    #[tokio::test]
    async fn an_error_after_the_end_is_joined_by_the_timeout_and_success_is_not() {
        let limit = Limit::start("update", &Value::Null, Duration::from_millis(20));
        let run = async |fails: bool| {
            let mut report = Diagnostics::default();
            limited(&Call::default(), limit, &mut report, async |call, report| {
                call.stop.cancelled().await;
                if fails {
                    report.refuse(Problem::new(summary!("Denied")));
                }
            })
            .await;
            report.errors.iter().map(|error| error.attribute.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(run(true).await, ["", "timeouts.update"]);
        assert_eq!(run(false).await, [""; 0]);
    }

    #[tokio::test]
    async fn the_users_stop_is_told_from_the_end_of_the_time() {
        let call = Call::default();
        call.stop.cancel();
        let mut report = Diagnostics::default();
        let limit = Limit::start("create", &Value::Null, Duration::from_secs(60));
        limited(&call, limit, &mut report, async |call, report| assert!(call.stopped("waiting", report))).await;
        assert_eq!(report.errors[0].summary, "Stopped while waiting");
    }

    #[tokio::test]
    async fn a_phase_that_hangs_in_a_request_is_given_up_with_what_it_noted() {
        for by_user in [true, false] {
            let (call, mut state, mut report) = (Call::default(), None, Diagnostics::default());
            if by_user {
                call.stop.cancel();
            }
            let limit = Limit::start("create", &Value::Null, Duration::from_millis(if by_user { 60_000 } else { 20 }));
            limited(&call, limit, &mut report, async |_, _| {
                state = Some("noted");
                std::future::pending().await
            })
            .await;
            assert_eq!(state, Some("noted"));
            let [error] = &report.errors[..] else { panic!("{report:?}") };
            let summary = if by_user { "Stopped before a request" } else { "Out of time while waiting for an answer" };
            assert!(error.summary.contains(summary), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_read_that_hangs_is_dropped() {
        let limit = Limit::start("read", &Value::Null, Duration::from_millis(20));
        let mut report = Diagnostics::default();
        let done = bounded(&Call::default(), limit, &mut report, async |_, _| std::future::pending().await).await;
        assert!(!done);
        assert_eq!(report.errors[0].attribute.to_string(), "timeouts.read");
    }
}
