//! What the resources of an AWS account share: failures as problems, patience, tags.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Call;
use crate::aws::{Error, Kind, Result};
use crate::iam::name;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// Pauses between attempts, on top of the SDK's own three; S3 and IAM settle within seconds after a change.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// Names that a state of this run holds. What is to be replaced or tainted exists while its successor of the same name is
/// planned, and Terraform does not say so in that plan.
#[derive(Default)]
pub(super) struct Held(Mutex<HashSet<String>>);

impl Held {
    /// Notes a state's name, where it is known.
    pub(super) fn note(&self, name: &Value<String>) {
        if let Some(name) = name.as_ref_option() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        }
    }

    /// Whether the name has been noted.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }
}

/// Repeats what AWS may grant a little later, until the user stops it.
pub(super) async fn patiently<T, F>(call: &Call, operation: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    repeatedly(call, Error::is_retryable, operation).await
}

/// As [`patiently`], for something that exists, maybe too new for AWS to show it everywhere.
pub(super) async fn once_visible<T, F>(call: &Call, operation: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    repeatedly(call, |error| error.is_retryable() || error.is_not_found(), operation).await
}

async fn repeatedly<T, F>(call: &Call, again: impl Fn(&Error) -> bool, operation: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for pause in PAUSES {
        match operation().await {
            Err(error) if again(&error) && !call.stop.is_cancelled() => {
                tracing::info!(%error, "trying again in {pause:?}");
                tokio::select! {
                    () = call.stop.cancelled() => return Err(error),
                    () = tokio::time::sleep(pause) => {}
                }
            }
            done => return done,
        }
    }
    operation().await
}

/// The error as a diagnostic; `what` is what could not be done, as in "The bucket could not be created".
pub(super) fn problem(what: impl Into<String>, error: &Error) -> Problem {
    let fix = match &error.kind {
        Kind::AccessDenied { action, .. } => format!("Allow {action} to the identity that Terraform runs as."),
        Kind::Unreachable { .. } => {
            "Check that this machine reaches the endpoint: network, proxy, VPC endpoint, endpoints in the provider block."
                .to_owned()
        }
        Kind::LimitExceeded(_) => "Ask AWS for a higher quota, or remove what is not needed any more.".to_owned(),
        _ if error.is_retryable() => "Run Terraform again.".to_owned(),
        // The sentence of the others says what to do, or only the user can know.
        _ => String::new(),
    };
    Problem::new(what).why(format!("{error}.")).fix(fix)
}

/// The tags of a configuration or state; what is null or unknown is left out.
pub(super) fn tags(tags: &Value<BTreeMap<String, Value<String>>>) -> BTreeMap<String, String> {
    let tags = tags.as_ref_option().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_ref_option()?.clone()))).collect()
}

/// Live tags for the state: without any, what the state said before about having none.
pub(super) fn live_tags(
    live: BTreeMap<String, String>,
    before: &Value<BTreeMap<String, Value<String>>>,
) -> Value<BTreeMap<String, Value<String>>> {
    if live.is_empty() && !before.as_ref_option().is_some_and(BTreeMap::is_empty) {
        return Value::Null;
    }
    Value::Value(live.into_iter().map(|(key, value)| (key, Value::Value(value))).collect())
}

/// Refuses tags that AWS would refuse.
pub(super) fn validate_tags(tags: &Value<BTreeMap<String, Value<String>>>, report: &mut Diagnostics) {
    let Some(tags) = tags.as_ref_option() else { return };
    for (key, value) in tags {
        if value.is_null() {
            report.refuse(
                Problem::new("A tag has no value")
                    .at(at("tags").key(key.clone()))
                    .why("Its value is null.")
                    .fix("Give it a value, which may be \"\", or leave the tag out."),
            );
        }
    }
    let known = tags.iter().map(|(key, value)| (key.as_str(), value.as_deref_option().map_or("", |value| value)));
    for (key, why) in name::tag_problems(known) {
        report.refuse(Problem::new("AWS would refuse a tag").at(at("tags").key(key)).why(why));
    }
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>
    const LIMIT: usize = 50;
    if tags.len() > LIMIT {
        let why = format!("A bucket or role has at most {LIMIT} tags; these are {}.", tags.len());
        report.refuse(Problem::new("AWS would refuse the tags").at(at("tags")).why(why));
    }
}
