//! The KMS key that is created for a bucket: it lives as long as what it encrypts.

use super::{BucketStorage, BucketStorageResource};
use crate::aws::{self, Aws, BucketId, Key, KeyState};
use crate::resource::Call;
use crate::resource::account::{patiently, problem, tags};
use crate::schema::{Diagnostics, Int, Problem, Report, Value, at};

/// KMS' own measure, and the longest: whoever wants the logs back has that much time.
const DELETION_DAYS: i32 = 30;

/// Names the key of a bucket for ever; by it an apply that was cut off finds it again.
fn alias(bucket: &BucketId) -> String {
    // An alias takes letters, digits, _, - and /, and no dots.
    format!("alias/loki/{}", bucket.name.replace('.', "_"))
}

impl BucketStorage {
    /// Whether the user wants a key to be created.
    pub(super) fn wants_key(&self) -> bool {
        self.create_kms_key == Value::Value(true)
    }

    /// The key that there is stays; one to come is unknown.
    pub(super) fn plan_key(&mut self, prior: Option<&BucketStorage>) {
        let there = prior.filter(|prior| prior.bucket == self.bucket && prior.region == self.region);
        self.created_kms_key_arn = match there.map(|prior| &prior.created_kms_key_arn) {
            Some(Value::Value(arn)) => Value::Value(arn.clone()),
            _ if self.create_kms_key == Value::Value(false) || self.create_kms_key.is_null() => Value::Null,
            _ => Value::Unknown,
        };
    }

    fn deletion_days(&self) -> i32 {
        let days = self.kms_key_deletion_days.as_ref_option().map(Int::get);
        days.and_then(|days| i32::try_from(days).ok()).unwrap_or(DELETION_DAYS)
    }
}

impl BucketStorageResource {
    /// Creates the key, finds it as an apply that was cut off left it, or has it work again. The plan with its ARN; `None`
    /// when that failed.
    pub(super) async fn provide_key(
        &self,
        call: &Call,
        aws: &dyn Aws,
        bucket: &BucketId,
        planned: &BucketStorage,
        report: &mut Diagnostics,
    ) -> Option<BucketStorage> {
        if !planned.wants_key() || planned.created_kms_key_arn.as_ref_option().is_some() {
            return Some(planned.clone());
        }
        let alias = alias(bucket);
        let key = async {
            let key = match patiently(call, || aws.key(&bucket.region, &alias)).await? {
                Some(key) => key,
                None => {
                    tracing::info!(alias, "creating the KMS key");
                    create(call, aws, bucket, &alias, planned).await?
                }
            };
            if matches!(key.state, KeyState::Disabled | KeyState::PendingDeletion) {
                patiently(call, || aws.restore_key(&bucket.region, &key)).await?;
            }
            Ok::<_, aws::Error>(key.arn)
        };
        match key.await {
            Ok(arn) => Some(BucketStorage { created_kms_key_arn: Value::Value(arn), ..planned.clone() }),
            Err(error) => {
                let what = summary!("The KMS key of the bucket {:?} could not be created", bucket.name);
                report.refuse(problem(what, &error).at(at("create_kms_key")));
                None
            }
        }
    }

    /// Has the key of a bucket that is gone end too.
    pub(super) async fn withdraw_key(
        &self,
        call: &Call,
        aws: &dyn Aws,
        bucket: &BucketId,
        state: &BucketStorage,
        report: &mut Diagnostics,
    ) {
        let Some(arn) = state.created_kms_key_arn.as_ref_option() else { return };
        let (alias, days) = (alias(bucket), state.deletion_days());
        if let Err(error) = patiently(call, || aws.schedule_key_deletion(&bucket.region, arn, &alias, days)).await {
            report.warn(problem(summary!("The KMS key {arn} stays"), &error));
        }
    }

    /// Test: a key that does not work makes every log under it unreadable. It leaves the state, so that the plan mends it.
    pub(super) async fn read_key(
        &self,
        aws: &dyn Aws,
        bucket: &BucketId,
        current: &mut BucketStorage,
        report: &mut Diagnostics,
    ) {
        let Some(arn) = current.created_kms_key_arn.as_ref_option().cloned() else { return };
        let state = match aws.key(&bucket.region, &arn).await {
            Ok(Some(Key { state: KeyState::Enabled | KeyState::Other, .. })) => return,
            Ok(Some(Key { state: KeyState::Disabled, .. })) => "somebody has switched it off",
            Ok(Some(_)) => "somebody has scheduled its deletion",
            Ok(None) => "KMS does not know it any more",
            Err(error) if error.is_access_denied() => return tracing::info!(%error, "the key was not checked"),
            Err(error) => return report.refuse(problem(summary!("The KMS key {arn} cannot be read"), &error)),
        };
        report.warn(
            Problem::new(summary!("The KMS key of the bucket {:?} cannot be used", bucket.name))
                .at(at("create_kms_key"))
                .why(format!("It is {arn}, and {state}. Without it nobody can read the logs that it encrypts."))
                .fix("Apply the plan: where KMS still has the key, it works again then."),
        );
        current.created_kms_key_arn = Value::Null;
    }
}

/// An answer that got lost must not leave a second key behind: each attempt looks for the alias of the one before.
async fn create(
    call: &Call,
    aws: &dyn Aws,
    bucket: &BucketId,
    alias: &str,
    planned: &BucketStorage,
) -> aws::Result<Key> {
    let tags = tags(&planned.tags_all);
    patiently(call, || async {
        match aws.key(&bucket.region, alias).await? {
            Some(key) => Ok(key),
            None => aws.create_key(&bucket.region, alias, &tags).await,
        }
    })
    .await
}
