//! Test: what the buckets are like, and finding one to adopt.

use super::list::listed;
use super::state::merged;
use super::{BucketStorage, BucketStorageResource};
use crate::aws::{Aws, BucketId, BucketSettings, Optional, Presence};
use crate::resource::Call;
use crate::resource::account::problem;
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Problem, Report, Value};

impl BucketStorageResource {
    pub(super) async fn read(&self, call: &Call, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        let Some(current) = state else { return };
        current.fill_in();
        let (Some(bucket), Reach::Ready(aws)) = (current.bucket_id(), self.connections.aws().await.or_deferred(call))
        else {
            return;
        };
        self.read_key(aws.as_ref(), &bucket, current, report).await;
        let wanted = current.settings();
        // An import knows nothing yet.
        let optional = if current.is_unconfirmed() { Optional::ALL } else { wanted.optional() };
        let separate = current.separate();
        let others = futures::future::join_all(separate.iter().map(|(_, it)| aws.bucket_settings(it, optional)));
        let (one, others) = tokio::join!(aws.bucket_settings(&bucket, optional), others);
        match one {
            Ok(Some(live)) => {
                let live = with_separate(current, &separate, live, others, &wanted, report);
                current.reflect(live, &self.connections.default_tags());
                current.id = Value::Value(bucket.name.clone());
                current.arn = Value::Value(crate::iam::arn::bucket(&bucket.region, &bucket.name));
                current.buckets = current.by_purpose();
            }
            // Its creation was interrupted before it took place.
            Ok(None) if current.is_unconfirmed() => *state = None,
            Ok(None) => {
                report.warn(
                    Problem::new(summary!("The bucket {:?} is gone", bucket.name))
                        .why(
                            "Somebody deleted it outside of Terraform, with all that it held: the logs in it are lost.",
                        )
                        .fix("The plan creates an empty bucket in its place. Find out who deleted it: CloudTrail, DeleteBucket."),
                );
                *state = None;
            }
            Err(error) => {
                report.refuse(problem(summary!("The bucket {:?} cannot be read", bucket.name), &error));
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
        let looked = look(aws.as_ref(), id, wanted).await;
        let missing = |why: &str| {
            let fix = "The import id is the name of a bucket of this account, or name@region.";
            Problem::new(summary!("The bucket {id:?} cannot be imported")).why(why).fix(fix)
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
            Err(error) => report.refuse(problem(summary!("The bucket {id:?} cannot be imported"), &error)),
        }
    }
}

async fn look(aws: &dyn Aws, bucket: &str, region: Option<&str>) -> crate::aws::Result<Presence> {
    let region = match region {
        Some(region) => region.to_owned(),
        None => aws.region().await?,
    };
    aws.look(bucket, &region).await
}

/// The settings of all buckets as those of one; a bucket of a single purpose that is gone leaves the state.
fn with_separate(
    current: &mut BucketStorage,
    separate: &[(String, BucketId)],
    mut live: BucketSettings,
    others: Vec<crate::aws::Result<Option<BucketSettings>>>,
    wanted: &BucketSettings,
    report: &mut Diagnostics,
) -> BucketSettings {
    let mut own = Vec::new();
    for ((purpose, bucket), other) in separate.iter().zip(others) {
        match other {
            Ok(Some(other)) => {
                live = merged(live, other, wanted);
                own.push(Value::Value(purpose.clone()));
            }
            Ok(None) => report.warn(
                Problem::new(summary!("The bucket {:?} is gone", bucket.name))
                    .why("Somebody deleted it outside of Terraform, with all that it held.")
                    .fix("The plan creates an empty bucket in its place. Find out who deleted it: CloudTrail, DeleteBucket."),
            ),
            Err(error) => {
                own.push(Value::Value(purpose.clone()));
                report.refuse(problem(summary!("The bucket {:?} cannot be read", bucket.name), &error));
            }
        }
    }
    if own.len() != separate.len() {
        current.separate_buckets = Value::Value(own.into_iter().collect());
    }
    live
}
