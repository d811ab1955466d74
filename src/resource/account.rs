//! What the resources of an AWS account share: failures as problems, patience, tags.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Call;
use crate::aws::{Error, Kind, Result};
use crate::iam::name;
use crate::schema::{AttributePath, Diagnostics, Problem, Report, Value, at};
use crate::summary::Summary;

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

/// Deletes something. What AWS says is not there may be too new to be shown, so it is believed only after a while.
pub(super) async fn surely_deleted<F>(call: &Call, delete: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<bool>>,
{
    for pause in &PAUSES[..2] {
        if patiently(call, &delete).await? {
            return Ok(());
        }
        tokio::select! {
            () = call.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(*pause) => {}
        }
    }
    patiently(call, &delete).await.map(|_| ())
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
pub(super) fn problem(what: Summary, error: &Error) -> Problem {
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

/// Sets what is null.
pub(super) fn or<T>(value: &mut Value<T>, otherwise: T) {
    if value.is_null() {
        *value = Value::Value(otherwise);
    }
}

/// The tags of a configuration or state; what is null or unknown is left out.
pub(super) fn tags(tags: &Value<BTreeMap<String, Value<String>>>) -> BTreeMap<String, String> {
    let tags = tags.as_ref_option().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_ref_option()?.clone()))).collect()
}

/// Tags as a state holds them.
pub(super) fn tag_values(tags: BTreeMap<String, String>) -> BTreeMap<String, Value<String>> {
    tags.into_iter().map(|(key, value)| (key, Value::Value(value))).collect()
}

/// The tags of a configuration on top of those of the provider block; unknown where one of them is.
pub(super) fn all_tags(
    default_tags: &BTreeMap<String, String>,
    tags: &Value<BTreeMap<String, Value<String>>>,
) -> Value<BTreeMap<String, Value<String>>> {
    let mut all = tag_values(default_tags.clone());
    match tags {
        Value::Unknown => return Value::Unknown,
        Value::Value(tags) => all.extend(tags.iter().map(|(key, value)| (key.clone(), value.clone()))),
        Value::Null => {}
    }
    Value::Value(all)
}

/// Live tags for the state's `tags`: without those that are there by default, now or when the state was written. Without
/// any, what the state said before about having none.
pub(super) fn live_tags(
    live: &BTreeMap<String, String>,
    before: &Value<BTreeMap<String, Value<String>>>,
    all_before: &Value<BTreeMap<String, Value<String>>>,
    default_tags: &BTreeMap<String, String>,
) -> Value<BTreeMap<String, Value<String>>> {
    let (own, all) = (tags(before), tags(all_before));
    let by_default = |key: &String, value: &String| {
        !own.contains_key(key) && (default_tags.get(key) == Some(value) || all.get(key) == Some(value))
    };
    let live: BTreeMap<_, _> = live
        .iter()
        .filter(|(key, value)| !by_default(key, value))
        .map(|(key, value)| (key.clone(), Value::Value(value.clone())))
        .collect();
    if live.is_empty() && !before.as_ref_option().is_some_and(BTreeMap::is_empty) {
        return Value::Null;
    }
    Value::Value(live)
}

/// Refuses tags that AWS would refuse.
pub(super) fn validate_tags(tags: &Value<BTreeMap<String, Value<String>>>, report: &mut Diagnostics) {
    validate_tags_at(&at("tags"), tags, report);
}

/// The same for tags in another place.
pub(super) fn validate_tags_at(
    path: &AttributePath,
    tags: &Value<BTreeMap<String, Value<String>>>,
    report: &mut Diagnostics,
) {
    let Some(tags) = tags.as_ref_option() else { return };
    for (key, value) in tags {
        if value.is_null() {
            report.refuse(
                Problem::new(summary!("A tag has no value"))
                    .at(path.clone().key(key.clone()))
                    .why("Its value is null.")
                    .fix("Give it a value, which may be \"\", or leave the tag out."),
            );
        }
    }
    let known = tags.iter().map(|(key, value)| (key.as_str(), value.as_deref_option().map_or("", |value| value)));
    for (key, why) in name::tag_problems(known) {
        report.refuse(Problem::new(summary!("AWS would refuse a tag")).at(path.clone().key(key)).why(why));
    }
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>
    const LIMIT: usize = 50;
    if tags.len() > LIMIT {
        let why = format!("A bucket or role has at most {LIMIT} tags; these are {}.", tags.len());
        report.refuse(Problem::new(summary!("AWS would refuse the tags")).at(path.clone()).why(why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn value(pairs: &[(&str, &str)]) -> Value<BTreeMap<String, Value<String>>> {
        Value::Value(tag_values(map(pairs)))
    }

    #[test]
    fn default_tags_are_no_tags_of_the_resource() {
        let defaults = map(&[("env", "prod"), ("team", "platform")]);
        let own = value(&[("team", "logging")]);
        let all = all_tags(&defaults, &own);
        assert_eq!(all, value(&[("env", "prod"), ("team", "logging")]));
        let live = tags(&all);
        assert_eq!(live_tags(&live, &own, &all, &defaults), own);
        // The provider block says something else by now: the old tag is still not the resource's.
        assert_eq!(live_tags(&live, &own, &all, &map(&[("env", "test")])), own);
        assert_eq!(live_tags(&defaults, &Value::Null, &Value::Null, &defaults), Value::Null);
        let drifted = map(&[("env", "test"), ("team", "logging")]);
        assert_eq!(live_tags(&drifted, &own, &all, &defaults), value(&[("env", "test"), ("team", "logging")]));
        assert_eq!(all_tags(&defaults, &Value::Unknown), Value::Unknown);
    }

    #[test]
    fn no_tags_stay_as_they_were_written() {
        let none = BTreeMap::new();
        for written in [Value::Null, Value::Value(BTreeMap::new())] {
            assert_eq!(live_tags(&none, &written, &Value::Null, &none), written);
        }
    }
}
