//! Deploy and test: create, change, read, empty and delete the bucket.

use std::collections::BTreeMap;

use super::check::{exists, keeps};
use super::list::listed;
use super::{BucketStorage, BucketStorageResource, UNFINISHED};
use crate::aws::{self, Aws, BucketId, BucketSettings, Emptied, Encryption, Kind, Presence, Setting};
use crate::resource::Call;
use crate::resource::account::{once_visible, patiently, problem};
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// How often a bucket is emptied again when objects keep arriving.
const ROUNDS: usize = 3;

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
                    return report.refuse(problem("The bucket's region is not known", &error).at(at("region")));
                }
            }
        }
        new.plan_computed();
        let Some(bucket) = new.bucket_id() else { return };

        // In us-east-1 S3 answers a second creation like a first one: an existing bucket would be taken over unseen.
        let presence = patiently(call, || aws.look(&bucket.name, &bucket.region)).await;
        let marked = match &presence {
            Ok(Presence::Ours { region }) if is_unfinished(aws.as_ref(), &bucket, region).await => {
                tracing::info!(bucket = bucket.name, "going on with the bucket of an interrupted apply");
                true
            }
            Ok(Presence::Ours { region }) => return report.refuse(exists(&bucket.name, region)),
            _ => {
                tracing::info!(bucket = bucket.name, region = bucket.region, "creating the bucket");
                if matches!(presence, Ok(Presence::Absent)) {
                    // Noted before S3 has answered: whoever is stopped now loses nothing.
                    *state = Some(new.unconfirmed());
                }
                match create(call, aws.as_ref(), &bucket).await {
                    Ok(marked) => marked,
                    // It was free a moment ago: the first of several attempts made it, and its answer got lost.
                    Err(error)
                        if matches!((&presence, &error.kind), (Ok(Presence::Absent), Kind::AlreadyExists(_))) =>
                    {
                        true
                    }
                    Err(error) => {
                        // S3 may have made it all the same, where it did not say no.
                        if !error.is_retryable()
                            || matches!(aws.look(&bucket.name, &bucket.region).await, Ok(Presence::Absent))
                        {
                            *state = None;
                        }
                        let what = format!("The bucket {:?} could not be created", bucket.name);
                        return report.refuse(problem(what, &error).at(at("bucket")));
                    }
                }
            }
        };
        // From here on it exists: whatever happens, Terraform knows of it.
        let mut created = new.clone();
        created.reflect(bare());
        *state = Some(created);
        self.settle(call, aws.as_ref(), &bucket, marked, &new, state, report).await;
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
        self.settle(call, aws.as_ref(), &bucket, false, planned, state, report).await;
    }

    /// Writes the settings that differ, and notes each in the state as soon as it is written. The tags come last, and
    /// with them goes the mark of a bucket that is `marked`.
    #[allow(clippy::too_many_arguments, reason = "all of them are of the phase that it is a part of")]
    async fn settle(
        &self,
        call: &Call,
        aws: &dyn Aws,
        bucket: &BucketId,
        marked: bool,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        let Some(state) = state else { return };
        let unread = || format!("The settings of the bucket {:?} could not be read", bucket.name);
        let mut live = match patiently(call, || aws.bucket_settings(bucket)).await {
            Ok(Some(live)) => live,
            Ok(None) => {
                let gone = Problem::new(unread()).why("S3 knows no bucket of this name any more.");
                return report.refuse(gone.fix("Run terraform plan: it shows what is left."));
            }
            Err(error) => return report.refuse(problem(unread(), &error)),
        };
        state.force_destroy = planned.force_destroy;
        if marked {
            // S3 may not show the tags of a new bucket yet.
            live.tags.insert(UNFINISHED.to_owned(), String::new());
        }
        state.reflect(live.clone());
        for setting in planned.settings().changes_from(&live) {
            let (attribute, spoken) = named(&setting);
            if call.stopped(&format!("setting {spoken} of the bucket {:?}", bucket.name), report) {
                return;
            }
            tracing::info!(bucket = bucket.name, "setting {spoken}");
            if let Err(error) = once_visible(call, || aws.put_setting(bucket, &setting)).await {
                let what = format!("The {spoken} of the bucket {:?} could not be set", bucket.name);
                return report.refuse(problem(what, &error).at(at(attribute)));
            }
            live.set(setting);
            state.reflect(live.clone());
        }
        // Empty or null, as it was written.
        state.tags = planned.tags.clone();
    }

    pub(super) async fn remove(&self, call: &Call, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        let Some(bucket) = state.as_ref().and_then(BucketStorage::bucket_id) else { return };
        let force = state.as_ref().is_some_and(|state| state.force_destroy == Value::Value(true));
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let what = || format!("The bucket {:?} could not be deleted", bucket.name);
        let progress = |done: Emptied| {
            tracing::info!(
                bucket = bucket.name,
                "emptying the bucket: {} objects and versions deleted, {} uploads aborted",
                done.entries,
                done.uploads
            );
        };
        for round in 1..=ROUNDS {
            match patiently(call, || aws.contents(&bucket)).await {
                Ok(contents) if contents.is_empty() => {}
                Ok(contents) if !force => return report.refuse(keeps(&bucket.name, "deleted", &contents)),
                Ok(_) => {
                    let emptied = patiently(call, || aws.empty(&bucket, &progress, &call.stop)).await;
                    match emptied {
                        Ok(_) => {}
                        Err(error) if error.kind == Kind::Cancelled => {
                            call.stopped(&format!("emptying the bucket {:?}", bucket.name), report);
                            return;
                        }
                        Err(error) => return report.refuse(problem(what(), &error)),
                    }
                }
                Err(error) => return report.refuse(problem(what(), &error)),
            }
            if call.stopped(&format!("deleting the bucket {:?}", bucket.name), report) {
                return;
            }
            match patiently(call, || aws.delete_bucket(&bucket)).await {
                Ok(()) => {
                    *state = None;
                    return;
                }
                // Something arrived since it was empty.
                Err(error) if matches!(error.kind, Kind::InUse(_)) && round < ROUNDS => {}
                Err(error) => {
                    let fix = "If something still writes to the bucket, stop it first, then run Terraform again.";
                    return report.refuse(problem(what(), &error).fix(fix));
                }
            }
        }
    }

    pub(super) async fn read(&self, call: &Call, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        let Some(current) = state else { return };
        let (Some(bucket), Reach::Ready(aws)) = (current.bucket_id(), self.connections.aws().await.or_deferred(call))
        else {
            return;
        };
        match aws.bucket_settings(&bucket).await {
            Ok(Some(live)) => {
                current.reflect(live);
                current.id = Value::Value(bucket.name.clone());
                current.arn = Value::Value(crate::iam::arn::bucket(&bucket.region, &bucket.name));
            }
            // Its creation was interrupted before it took place.
            Ok(None) if current.is_unconfirmed() => *state = None,
            Ok(None) => {
                report.warn(
                    Problem::new(format!("The bucket {:?} is gone", bucket.name))
                        .why(
                            "Somebody deleted it outside of Terraform, with all that it held: the logs in it are lost.",
                        )
                        .fix("The plan creates an empty bucket in its place. Find out who deleted it: CloudTrail, DeleteBucket."),
                );
                *state = None;
            }
            Err(error) => {
                report.refuse(problem(format!("The bucket {:?} cannot be read", bucket.name), &error));
            }
        }
    }

    pub(super) async fn find(
        &self,
        call: &Call,
        id: &str,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.or_deferred(call).needed("AWS", report) else { return };
        // No bucket has an @ in its name.
        let (id, wanted) = id.split_once('@').map_or((id, None), |(bucket, region)| (bucket, Some(region)));
        let looked = async {
            let region = match wanted {
                Some(region) => region.to_owned(),
                None => aws.region().await?,
            };
            aws.look(id, &region).await
        };
        let looked = looked.await;
        let missing = |why: &str| {
            let fix = "The import id is the name of a bucket of this account, or name@region.";
            Problem::new(format!("The bucket {id:?} cannot be imported")).why(why).fix(fix)
        };
        match looked {
            Ok(Presence::Ours { region }) if wanted.is_some_and(|wanted| wanted != region) => {
                report.refuse(missing(&format!("It is in {region}.")));
            }
            Ok(Presence::Ours { region }) => *state = Some(listed(&BucketId { name: id.to_owned(), region })),
            Ok(Presence::Absent) => report.refuse(missing("S3 knows no bucket of this name.")),
            Ok(Presence::Foreign { .. }) => report.refuse(missing(
                "S3 denies access to it: it belongs to another account, or locks Terraform's identity out.",
            )),
            Err(error) => report.refuse(problem(format!("The bucket {id:?} cannot be imported"), &error)),
        }
    }
}

/// Creates the bucket, with the mark of one that is not finished. Whether it was marked: a user may lack the permission
/// for that, and a server that is not Amazon's may not know it.
async fn create(call: &Call, aws: &dyn Aws, bucket: &BucketId) -> aws::Result<bool> {
    let mark = BTreeMap::from([(UNFINISHED.to_owned(), String::new())]);
    match patiently(call, || aws.create_bucket(bucket, &mark)).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_access_denied() || matches!(error.kind, Kind::InvalidInput(_) | Kind::Other(_)) => {
            tracing::info!(%error, "creating the bucket without the mark of an unfinished one");
            let unmarked = BTreeMap::new();
            patiently(call, || aws.create_bucket(bucket, &unmarked)).await.map(|()| false)
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
    let (settings, contents) = tokio::join!(aws.bucket_settings(bucket), aws.contents(bucket));
    matches!(settings, Ok(Some(settings)) if settings.tags.contains_key(UNFINISHED))
        && contents.is_ok_and(|contents| contents.is_empty())
}

/// What is sure of a bucket that has just been created.
fn bare() -> BucketSettings {
    BucketSettings {
        public_access_blocked: false,
        acls_disabled: true,
        encryption: Encryption::S3,
        versioning: false,
        abort_incomplete_uploads_days: None,
        tags: BTreeMap::new(),
    }
}

/// The attribute that a setting belongs to, and how it is spoken of.
fn named(setting: &Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::PublicAccessBlocked => ("public_access_blocked", "public access block"),
        Setting::AclsDisabled => ("acls_disabled", "object ownership"),
        Setting::Encryption(_) => ("kms_key_arn", "encryption"),
        Setting::Versioning(_) => ("versioning", "versioning"),
        Setting::AbortIncompleteUploads(_) => ("abort_incomplete_uploads_days", "lifecycle rule"),
        Setting::Tags(_) => ("tags", "tags"),
    }
}
