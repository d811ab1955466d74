//! Deploy: create the buckets and write their settings.

use std::collections::BTreeMap;

use futures::stream::{FuturesUnordered, StreamExt};

use super::check::{exists, plain_endpoint};
use super::{BucketStorage, BucketStorageResource, UNFINISHED};
use crate::aws::{self, Aws, BucketId, BucketSettings, Kind, Optional, Presence, Setting};
use crate::resource::Call;
use crate::resource::account::{once_visible, patiently, problem};
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// What a bucket that has just been made is like.
struct Made {
    /// It still bears the mark of one that is not finished.
    marked: bool,
    /// It was there before, so that its settings have to be read.
    resumed: bool,
}

impl BucketStorageResource {
    pub(super) async fn deploy_new(
        &self,
        call: &Call,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let mut new = planned.clone();
        if new.region.as_ref_option().is_none() {
            match aws.region().await {
                Ok(region) => new.region = Value::Value(region),
                Err(error) => {
                    return report
                        .refuse(problem(summary!("The bucket's region is not known"), &error).at(at("region")));
                }
            }
        }
        if new.tls_only.is_unknown() {
            let plain = plain_endpoint(aws.as_ref()).await.ok().flatten();
            new.tls_only = Value::Value(plain.is_none());
        }
        if let (None, Some(prefix)) = (new.bucket.as_ref_option(), new.bucket_prefix.as_ref_option()) {
            new.bucket = Value::Value(made_up(prefix));
        }
        new.plan_computed(&self.connections.default_tags());
        let Some(bucket) = new.bucket_id() else { return };
        let Some(made) = self.make(call, aws.as_ref(), &bucket, &new, state, report).await else { return };
        // After the bucket: with its state Terraform knows of both.
        let Some(new) = self.provide_key(call, aws.as_ref(), &bucket, &new, report).await else { return };
        if let Some(state) = state {
            state.created_kms_key_arn = new.created_kms_key_arn.clone();
        }
        self.settle(call, aws.as_ref(), &bucket, Some(made), &new, state, report).await;
        self.settle_separate(call, aws.as_ref(), state.clone(), &new, state, report).await;
    }

    /// Creates the bucket, or finds it as an apply that was cut off left it. What is noted in `state` may not exist
    /// until this is done.
    async fn make(
        &self,
        call: &Call,
        aws: &dyn Aws,
        bucket: &BucketId,
        new: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) -> Option<Made> {
        // In us-east-1 S3 answers a second creation like a first one: an existing bucket would be taken over unseen.
        let presence = patiently(call, || aws.look(&bucket.name, &bucket.region)).await;
        let first = state.is_none();
        let made = match &presence {
            Ok(Presence::Ours { region }) if is_unfinished(aws, bucket, region).await => {
                tracing::info!(bucket = bucket.name, "going on with the bucket of an interrupted apply");
                Made { marked: true, resumed: true }
            }
            Ok(Presence::Ours { region }) => {
                report.refuse(exists(&bucket.name, region));
                return None;
            }
            _ => {
                tracing::info!(bucket = bucket.name, region = bucket.region, "creating the bucket");
                if first && matches!(presence, Ok(Presence::Absent)) {
                    // Noted before S3 has answered: whoever is stopped now loses nothing.
                    *state = Some(new.unconfirmed());
                }
                match create(call, aws, bucket, new.object_lock.as_ref_option().is_some()).await {
                    Ok(marked) => Made { marked, resumed: false },
                    // It was free a moment ago: the first of several attempts made it, and its answer got lost.
                    Err(error)
                        if matches!((&presence, &error.kind), (Ok(Presence::Absent), Kind::AlreadyExists(_))) =>
                    {
                        Made { marked: true, resumed: true }
                    }
                    Err(error) => {
                        // S3 may have made it all the same, where it did not say no.
                        if first
                            && (!error.is_retryable()
                                || matches!(aws.look(&bucket.name, &bucket.region).await, Ok(Presence::Absent)))
                        {
                            *state = None;
                        }
                        let what = summary!("The bucket {:?} could not be created", bucket.name);
                        report.refuse(problem(what, &error).at(at("bucket")));
                        return None;
                    }
                }
            }
        };
        if first {
            // From here on it exists: whatever happens, Terraform knows of it.
            let mut created =
                BucketStorage { separate_buckets: Value::Null, created_kms_key_arn: Value::Null, ..new.clone() };
            created.buckets = created.by_purpose();
            created.reflect(BucketSettings::bare(), &BTreeMap::new());
            *state = Some(created);
        }
        Some(made)
    }

    pub(super) async fn deploy_changes(
        &self,
        call: &Call,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let Some(bucket) = planned.bucket_id() else { return };
        let Some(planned) = self.provide_key(call, aws.as_ref(), &bucket, planned, report).await else { return };
        let prior = state.clone();
        if let Some(state) = state {
            state.create_kms_key = planned.create_kms_key;
            state.created_kms_key_arn = planned.created_kms_key_arn.clone();
        }
        self.settle(call, aws.as_ref(), &bucket, None, &planned, state, report).await;
        self.settle_separate(call, aws.as_ref(), prior, &planned, state, report).await;
    }

    /// The same for the buckets of single purposes: those that are missing are created, those that are there settled, and
    /// those that are not wanted any more deleted. They may have what only `prior` knows of.
    async fn settle_separate(
        &self,
        call: &Call,
        aws: &dyn Aws,
        prior: Option<BucketStorage>,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        let Some(current) = state.as_ref().filter(|_| !report.failed()) else { return };
        let (wanted, there) = (planned.separate(), current.separate());
        for (purpose, bucket) in &wanted {
            let made = if there.iter().any(|(_, it)| it == bucket) {
                None
            } else {
                let Some(made) = self.make(call, aws, bucket, planned, state, report).await else { return };
                if let Some(state) = state {
                    let own = state.separate_buckets.as_ref_option().into_iter().flat_map(|it| it.iter()).cloned();
                    state.separate_buckets = Value::Value(own.chain([Value::Value(purpose.clone())]).collect());
                    state.buckets = state.by_purpose();
                }
                Some(made)
            };
            let mut own = prior.clone();
            self.settle(call, aws, bucket, made, planned, &mut own, report).await;
            if report.failed() {
                return;
            }
        }
        for (purpose, bucket) in there.iter().filter(|it| !wanted.contains(it)) {
            let force = planned.force_destroy == Value::Value(true);
            if !self.delete(call, aws, bucket, force, report).await {
                return;
            }
            if let Some(state) = state {
                let own = state.separate_buckets.as_ref_option().into_iter().flat_map(|it| it.iter());
                let left = own.filter(|it| it.as_ref_option() != Some(purpose)).cloned().collect();
                state.separate_buckets = Value::Value(left);
                state.buckets = state.by_purpose();
            }
        }
        if let Some(state) = state {
            state.separate_buckets = planned.separate_buckets.clone();
            state.buckets = state.by_purpose();
        }
    }

    /// Writes the settings that differ, and notes in the state which have been written. The tags come last, and with them
    /// goes the mark of a bucket that has just been `made`.
    #[allow(clippy::too_many_arguments, reason = "all of them are of the phase that it is a part of")]
    async fn settle(
        &self,
        call: &Call,
        aws: &dyn Aws,
        bucket: &BucketId,
        made: Option<Made>,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        let Some(state) = state else { return };
        let wanted = planned.settings();
        let optional = wanted.optional().or(state.settings().optional());
        let Some(mut live) = current(call, aws, bucket, made.as_ref(), optional, report).await else { return };
        state.force_destroy = planned.force_destroy;
        state.bucket_prefix = planned.bucket_prefix.clone();
        state.retention_period = planned.retention_period.clone();
        if made.is_some_and(|made| made.marked) {
            // S3 may not show the tags of a new bucket yet.
            live.tags.insert(UNFINISHED.to_owned(), String::new());
        }
        let default_tags = self.connections.default_tags();
        state.reflect(live.clone(), &default_tags);
        for settings in wanted.changes_from(&live) {
            let Some(setting) = settings.first() else { continue };
            let doing = format!("setting {} of the bucket {:?}", named(setting).1, bucket.name);
            if call.stopped(&doing, report) {
                return;
            }
            let mut written: FuturesUnordered<_> = settings
                .into_iter()
                .map(async |setting| {
                    tracing::info!(bucket = bucket.name, "setting {}", named(&setting).1);
                    let done = once_visible(call, || aws.put_setting(bucket, &setting)).await;
                    (setting, done)
                })
                .collect();
            // Each is noted at once: an apply that is stopped does not wait for the others.
            while let Some((setting, done)) = written.next().await {
                match done {
                    Ok(()) => {
                        live.set(setting);
                        state.reflect(live.clone(), &default_tags);
                    }
                    Err(error) => {
                        let (attribute, spoken) = named(&setting);
                        let what = summary!("The {spoken} of the bucket {:?} could not be set", bucket.name);
                        report.refuse(problem(what, &error).at(at(attribute)));
                    }
                }
            }
            if report.failed() {
                return;
            }
        }
        // As they were written: empty or null, in this order, and with this key for no encryption.
        let BucketStorage { separate_buckets, buckets, id, arn, .. } = state.clone();
        *state = BucketStorage { separate_buckets, buckets, id, arn, ..planned.clone() };
    }
}

/// What the bucket's settings are before any is written.
async fn current(
    call: &Call,
    aws: &dyn Aws,
    bucket: &BucketId,
    made: Option<&Made>,
    optional: Optional,
    report: &mut Diagnostics,
) -> Option<BucketSettings> {
    if made.is_some_and(|made| !made.resumed) {
        return Some(BucketSettings::bare());
    }
    let unread = || summary!("The settings of the bucket {:?} could not be read", bucket.name);
    match patiently(call, || aws.bucket_settings(bucket, optional)).await {
        Ok(Some(live)) => Some(live),
        // S3 does not show it everywhere yet.
        Ok(None) if made.is_some() => Some(BucketSettings::bare()),
        Ok(None) => {
            let gone = Problem::new(unread()).why("S3 knows no bucket of this name any more.");
            report.refuse(gone.fix("Run terraform plan: it shows what is left."));
            None
        }
        Err(error) => {
            report.refuse(problem(unread(), &error));
            None
        }
    }
}

/// Creates the bucket, with the mark of one that is not finished. Whether it was marked: a user may lack the permission
/// for that, and a server that is not Amazon's may not know it.
async fn create(call: &Call, aws: &dyn Aws, bucket: &BucketId, lockable: bool) -> aws::Result<bool> {
    let mark = BTreeMap::from([(UNFINISHED.to_owned(), String::new())]);
    match patiently(call, || aws.create_bucket(bucket, &mark, lockable)).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_access_denied() || matches!(error.kind, Kind::InvalidInput(_) | Kind::Other(_)) => {
            tracing::info!(%error, "creating the bucket without the mark of an unfinished one");
            let unmarked = BTreeMap::new();
            patiently(call, || aws.create_bucket(bucket, &unmarked, lockable)).await.map(|()| false)
        }
        Err(error) => Err(error),
    }
}

/// Whether the bucket is one that an apply created and then could not finish, or tell Terraform of: it still bears the
/// mark, is where it was wanted, and is empty.
pub(super) async fn is_unfinished(aws: &dyn Aws, bucket: &BucketId, region: &str) -> bool {
    if bucket.region != region {
        return false;
    }
    let (settings, contents) = tokio::join!(aws.bucket_settings(bucket, Optional::default()), aws.contents(bucket));
    matches!(settings, Ok(Some(settings)) if settings.tags.contains_key(UNFINISHED))
        && contents.is_ok_and(|contents| contents.is_empty())
}

/// Length of what is made up of a name.
pub(super) const MADE_UP: usize = 12;

fn made_up(prefix: &str) -> String {
    let letter = || char::from_digit(fastrand::u32(..36), 36).unwrap_or('0');
    prefix.chars().chain(std::iter::repeat_with(letter).take(MADE_UP)).collect()
}

/// The attribute that a setting belongs to, and how it is spoken of.
fn named(setting: &Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::PublicAccessBlocked => ("public_access_blocked", "public access block"),
        Setting::AclsDisabled => ("acls_disabled", "object ownership"),
        Setting::Encryption(_) => ("kms_key_arn", "encryption"),
        Setting::Versioning(_) => ("versioning", "versioning"),
        Setting::Lifecycle(_) => ("abort_incomplete_uploads_days", "lifecycle rules"),
        Setting::Guards(_) => ("tls_only", "policy"),
        Setting::Lock(_) => ("object_lock", "object lock"),
        Setting::Logging(_) => ("logging", "access log"),
        Setting::Replication(_) => ("replication", "replication"),
        Setting::Tags(_) => ("tags", "tags"),
    }
}
