//! Deploy: empty and delete the buckets.

use super::loss::keeps;
use super::{BucketStorage, BucketStorageResource};
use crate::aws::{Aws, BucketId, Emptied, Kind, Optional, Setting};
use crate::iam::Guards;
use crate::resource::Call;
use crate::resource::account::{patiently, problem, surely_deleted};
use crate::schema::{Diagnostics, Problem, Report, Value};

/// How often a bucket is emptied again when objects keep arriving.
const ROUNDS: usize = 3;

impl BucketStorageResource {
    pub(super) async fn remove(&self, call: &Call, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        let Some(current) = state.clone() else { return };
        let force = current.force_destroy == Value::Value(true);
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        // The one that names the others is the last: until then the state can tell them.
        for (purpose, bucket) in current.separate() {
            if !self.delete(call, aws.as_ref(), &bucket, force, report).await {
                return;
            }
            if let Some(Value::Value(own)) = state.as_mut().map(|state| &mut state.separate_buckets) {
                *own = own.iter().filter(|it| it.as_ref_option() != Some(&purpose)).cloned().collect();
            }
        }
        if let Some(bucket) = current.bucket_id()
            && self.delete(call, aws.as_ref(), &bucket, force, report).await
        {
            self.withdraw_key(call, aws.as_ref(), &bucket, &current, report).await;
            *state = None;
        }
    }

    /// Deletes a bucket, and before that all it holds where that is the user's will; whether it is gone.
    pub(super) async fn delete(
        &self,
        call: &Call,
        aws: &dyn Aws,
        bucket: &BucketId,
        force: bool,
        report: &mut Diagnostics,
    ) -> bool {
        for round in 1..=ROUNDS {
            match patiently(call, || aws.contents(bucket)).await {
                Ok(contents) if contents.is_empty() => {}
                Ok(contents) if !force => {
                    report.refuse(keeps(&bucket.name, "deleted", &contents));
                    return false;
                }
                Ok(_) => {
                    if !empty(call, aws, bucket, report).await {
                        return false;
                    }
                }
                Err(error) => {
                    report.refuse(problem(what(bucket), &error));
                    return false;
                }
            }
            if call.stopped(&format!("deleting the bucket {:?}", bucket.name), report) {
                return false;
            }
            match surely_deleted(call, || aws.delete_bucket(bucket)).await {
                Ok(()) => return true,
                // Something arrived since it was empty.
                Err(error) if matches!(error.kind, Kind::InUse(_)) && round < ROUNDS => {}
                Err(error) => {
                    let fix = "If something still writes to the bucket, stop it first, then run Terraform again.";
                    report.refuse(problem(what(bucket), &error).fix(fix));
                    return false;
                }
            }
        }
        false
    }
}

fn what(bucket: &BucketId) -> crate::summary::Summary {
    summary!("The bucket {:?} could not be deleted", bucket.name)
}

/// Whether everything has been deleted.
async fn empty(call: &Call, aws: &dyn Aws, bucket: &BucketId, report: &mut Diagnostics) -> bool {
    let began = std::time::Instant::now();
    let progress = |done: Emptied| {
        let rate = done.entries as f64 / began.elapsed().as_secs_f64().max(0.001);
        tracing::info!(
            bucket = bucket.name,
            "emptying the bucket: {} objects and versions deleted ({rate:.0}/s), {} uploads aborted",
            done.entries,
            done.uploads
        );
    };
    // The limit to VPC endpoints holds for who empties it too.
    if let Ok(Some(live)) = aws.bucket_settings(bucket, Optional::default()).await
        && !live.guards.vpc_endpoints.is_empty()
    {
        let open = Setting::Guards(Guards { vpc_endpoints: [].into(), ..live.guards });
        if let Err(error) = patiently(call, || aws.put_setting(bucket, &open)).await {
            report.refuse(problem(what(bucket), &error));
            return false;
        }
    }
    match patiently(call, || aws.empty(bucket, &progress, &call.stop)).await {
        Ok(_) => true,
        Err(error) if error.kind == Kind::Cancelled => {
            call.stopped(&format!("emptying the bucket {:?}", bucket.name), report);
            false
        }
        Err(error) if error.is_access_denied() => {
            let locked = Problem::new(what(bucket)).why(format!("{error}.")).fix(
                "Allow s3:DeleteObject and s3:DeleteObjectVersion to the identity that Terraform runs as. Versions \
                 under an object lock go when their time is over.",
            );
            report.refuse(locked);
            false
        }
        Err(error) => {
            report.refuse(problem(what(bucket), &error));
            false
        }
    }
}
