//! Check online: who has the name, what follows from the account.

use super::deploy::is_unfinished;
use super::{BucketStorage, BucketStorageResource};
use crate::aws::{Aws, BucketId, Presence};
use crate::resource::account::problem;
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

impl BucketStorageResource {
    /// Online: who has the name. Fills in the region that the configuration leaves out.
    pub(super) async fn check_create(
        &self,
        config: &BucketStorage,
        planned: &mut BucketStorage,
        report: &mut Diagnostics,
    ) {
        let Reach::Ready(aws) = self.connections.aws().await else { return };
        if config.region.is_null() {
            match aws.region().await {
                Ok(region) => planned.region = Value::Value(region),
                Err(error) => {
                    return report
                        .refuse(problem(summary!("The bucket's region is not known"), &error).at(at("region")));
                }
            }
            if let Some(key) = planned.kms_key_arn.as_deref_option() {
                planned.validate_key(key, report);
            }
        }
        for bucket in planned.all_buckets() {
            self.check_name(aws.as_ref(), &bucket, report).await;
        }
    }

    async fn check_name(&self, aws: &dyn Aws, bucket: &BucketId, report: &mut Diagnostics) {
        let name = &bucket.name;
        match aws.look(name, &bucket.region).await {
            Ok(Presence::Absent) => {}
            Ok(Presence::Ours { .. }) if self.held.has(name) => {}
            Ok(Presence::Ours { region }) if is_unfinished(aws, bucket, &region).await => report.warn(
                Problem::new(summary!("The bucket {name:?} of an interrupted apply is taken over"))
                    .at(at("bucket"))
                    .why(
                        "It exists in this account, is empty, and bears this provider's mark of a bucket that was never \
                         finished.",
                    )
                    .fix("Apply finishes it, as if it had been created now."),
            ),
            Ok(Presence::Ours { region }) => report.refuse(exists(name, &region)),
            Ok(Presence::Foreign { region }) => {
                let region = region.map(|region| format!(" (in {region})")).unwrap_or_default();
                report.refuse(
                    Problem::new(summary!("The bucket name {name:?} is taken"))
                        .at(at("bucket"))
                        .why(format!(
                            "A bucket of this name exists{region} and S3 denies access to it. Bucket names are global, \
                             so it belongs to another account, or to this one and Terraform's identity is locked out."
                        ))
                        .fix("Choose another name, or allow s3:ListBucket on it if it is yours."),
                );
            }
            Err(error) if error.is_access_denied() => report.warn(
                problem(summary!("It was not checked whether the bucket name {name:?} is free"), &error)
                    .at(at("bucket")),
            ),
            Err(error) => report.refuse(problem(summary!("The bucket name {name:?} cannot be checked"), &error)),
        }
    }

    /// Online: a replacement deletes the buckets there are, and so does a purpose that gives its bucket up.
    pub(super) async fn check_update(
        &self,
        prior: &BucketStorage,
        config: &BucketStorage,
        planned: &mut BucketStorage,
        report: &mut Diagnostics,
    ) {
        // A name that was made up stays as long as it begins as it should; one that was imported may fit as well.
        let fits = |prefix: &str| prior.bucket.as_deref_option().is_some_and(|bucket| bucket.starts_with(prefix));
        if config.bucket.is_null() && config.bucket_prefix.as_deref_option().is_some_and(|prefix| !fits(prefix)) {
            planned.bucket = Value::Unknown;
        }
        let changed = |prior: &Value<String>, planned: &Value<String>| match (prior, planned) {
            (Value::Value(prior), Value::Value(planned)) => prior != planned,
            // A new name is made up.
            (Value::Value(_), Value::Unknown) => config.bucket.is_null(),
            _ => false,
        };
        if changed(&prior.bucket, &planned.bucket) || changed(&prior.region, &planned.region) {
            return self.check_loss(prior, "replaced", report).await;
        }
        if planned.separate_buckets.is_unknown() {
            return;
        }
        let wanted = planned.separate();
        let given_up = prior.separate().into_iter().filter(|it| !wanted.contains(it)).map(|(_, bucket)| bucket);
        self.check_loss_of(&given_up.collect::<Vec<_>>(), planned, "deleted", report).await;
    }

    /// What the bucket's policy says where the configuration leaves it open.
    pub(super) async fn plan_guards(
        &self,
        config: &BucketStorage,
        planned: &mut BucketStorage,
        report: &mut Diagnostics,
    ) {
        let Reach::Ready(aws) = self.connections.aws().await else { return };
        // It is told where it matters.
        let Ok(plain) = plain_endpoint(aws.as_ref()).await else { return };
        match (&config.tls_only, plain) {
            (Value::Null, plain) => planned.tls_only = Value::Value(plain.is_none()),
            (Value::Value(true), Some(endpoint)) => report.warn(
                Problem::new(summary!("The bucket's policy denies what Terraform itself does"))
                    .at(at("tls_only"))
                    .why(format!(
                        "The provider reaches S3 at {endpoint}, without TLS. A server that heeds the policy refuses \
                         every request to the bucket from then on, Loki's at this endpoint included."
                    ))
                    .fix("Use an https:// endpoint, or set tls_only = false."),
            ),
            _ => {}
        }
    }
}

/// The endpoint at which the provider reaches S3 without TLS, where it is one.
pub(super) async fn plain_endpoint(aws: &dyn Aws) -> crate::aws::Result<Option<String>> {
    Ok(aws.s3_endpoint().await?.filter(|endpoint| endpoint.starts_with("http://")))
}

/// Why a bucket is not created.
pub(super) fn exists(bucket: &str, region: &str) -> Problem {
    Problem::new(summary!("The bucket {bucket:?} exists already"))
        .at(at("bucket"))
        .why(format!("It is in {region} and belongs to the account that Terraform works in."))
        .fix(format!("Choose another name, or take it over: terraform import loki_bucket_storage.NAME {bucket}"))
}
