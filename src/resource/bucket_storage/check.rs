//! Check: what S3 would refuse, who has the name, what would be lost.

use super::deploy::is_unfinished;
use super::{BucketStorage, BucketStorageResource};
use crate::aws::{Contents, Presence};
use crate::iam::{arn, name};
use crate::resource::account::{problem, validate_tags};
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Int, Problem, Report, Value, at};

/// Default bucket names of Loki's Helm chart.
const DEFAULT_NAMES: [&str; 3] = ["chunks", "ruler", "admin"];

impl BucketStorage {
    /// Offline: what S3 would refuse.
    pub(super) fn validate(&self, report: &mut Diagnostics) {
        if let Some(bucket) = self.bucket.as_deref_option() {
            if let Some(why) = name::bucket_problem(bucket) {
                report.refuse(
                    Problem::new("S3 would refuse the bucket's name")
                        .at(at("bucket"))
                        .why(why)
                        .fix("Choose another name, such as \"acme-loki-prod\"."),
                );
            } else if DEFAULT_NAMES.contains(&bucket) {
                report.refuse(
                    Problem::new("This bucket name is not safe")
                        .at(at("bucket"))
                        .why(format!(
                            "{bucket:?} is a default of Loki's Helm chart. Bucket names are global: strangers hold \
                             buckets of these names, and a Loki with the default name has sent them its logs."
                        ))
                        .fix("Choose a name that says whose it is, such as \"acme-loki-prod\"."),
                );
            }
        }
        if let Some(why) = self.region.as_deref_option().and_then(name::region_problem) {
            report.refuse(Problem::new("The region is not usable").at(at("region")).why(why));
        }
        if let Some(key) = self.kms_key_arn.as_deref_option() {
            self.validate_key(key, report);
        }
        if let Some(days) = self.abort_incomplete_uploads_days.as_ref_option().map(Int::get)
            && !(1..=i64::from(i32::MAX)).contains(&days)
        {
            report.refuse(
                Problem::new("The number of days is not usable")
                    .at(at("abort_incomplete_uploads_days"))
                    .why(format!("S3 counts whole days from 1 on; this is {days}."))
                    .fix("Leave it out for 7 days."),
            );
        }
        validate_tags(&self.tags, report);
    }

    fn validate_key(&self, key: &str, report: &mut Diagnostics) {
        let refusal = Problem::new("The KMS key is not usable").at(at("kms_key_arn"));
        match (arn::kms_region(key), self.region.as_deref_option()) {
            (Err(why), _) => report.refuse(refusal.why(why)),
            (Ok(keys), Some(region)) if keys != region => report.refuse(
                refusal
                    .why(format!("The key is in {keys} and the bucket in {region}; S3 needs both in one region."))
                    .fix("Use a key of the bucket's region, or a replica of a multi-region key there."),
            ),
            _ => {}
        }
    }
}

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
                    return report.refuse(problem("The bucket's region is not known", &error).at(at("region")));
                }
            }
            if let Some(key) = planned.kms_key_arn.as_deref_option() {
                planned.validate_key(key, report);
            }
        }
        let Some(bucket) = planned.bucket_id() else { return };
        let name = &bucket.name;
        match aws.look(name, &bucket.region).await {
            Ok(Presence::Absent) => {}
            Ok(Presence::Ours { .. }) if self.held.has(name) => {}
            Ok(Presence::Ours { region }) if is_unfinished(aws.as_ref(), &bucket, &region).await => report.warn(
                Problem::new(format!("The bucket {name:?} of an interrupted apply is taken over"))
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
                    Problem::new(format!("The bucket name {name:?} is taken"))
                        .at(at("bucket"))
                        .why(format!(
                            "A bucket of this name exists{region} and S3 denies access to it. Bucket names are global, \
                             so it belongs to another account, or to this one and Terraform's identity is locked out."
                        ))
                        .fix("Choose another name, or allow s3:ListBucket on it if it is yours."),
                );
            }
            Err(error) if error.is_access_denied() => report.warn(
                problem(format!("It was not checked whether the bucket name {name:?} is free"), &error)
                    .at(at("bucket")),
            ),
            Err(error) => report.refuse(problem(format!("The bucket name {name:?} cannot be checked"), &error)),
        }
    }

    /// Online: a replacement deletes the bucket there is.
    pub(super) async fn check_update(&self, prior: &BucketStorage, planned: &BucketStorage, report: &mut Diagnostics) {
        let changed = |prior: &Value<String>, planned: &Value<String>| matches!((prior, planned), (Value::Value(prior), Value::Value(planned)) if prior != planned);
        if changed(&prior.bucket, &planned.bucket) || changed(&prior.region, &planned.region) {
            self.check_loss(prior, "replaced", report).await;
        }
    }

    /// Announces, or refuses, the deletion of a bucket that holds something.
    pub(super) async fn check_loss(&self, prior: &BucketStorage, how: &str, report: &mut Diagnostics) {
        let (Some(bucket), Reach::Ready(aws)) = (prior.bucket_id(), self.connections.aws().await) else { return };
        match aws.contents(&bucket).await {
            Ok(contents) if contents.is_empty() => {}
            Ok(contents) if prior.force_destroy == Value::Value(true) => report.warn(
                Problem::new(format!("All that the bucket {:?} holds will be deleted", bucket.name))
                    .why(format!(
                        "The bucket is to be {how}, force_destroy is true, and it holds {}.",
                        amount(&contents)
                    ))
                    .fix("To keep it, do not apply this plan."),
            ),
            Ok(contents) => report.refuse(keeps(&bucket.name, how, &contents)),
            Err(error) => report
                .warn(problem(format!("It was not checked whether the bucket {:?} is empty", bucket.name), &error)),
        }
    }
}

/// Why a bucket is not created.
pub(super) fn exists(bucket: &str, region: &str) -> Problem {
    Problem::new(format!("The bucket {bucket:?} exists already"))
        .at(at("bucket"))
        .why(format!("It is in {region} and belongs to the account that Terraform works in."))
        .fix(format!("Choose another name, or take it over: terraform import loki_bucket_storage.NAME {bucket}"))
}

/// Why a bucket is not deleted, and what to do.
pub(super) fn keeps(bucket: &str, how: &str, contents: &Contents) -> Problem {
    Problem::new(format!("The bucket {bucket:?} is not empty"))
        .at(at("force_destroy"))
        .why(format!("It is to be {how} and holds {}.", amount(contents)))
        .fix(
            "To delete all of it: set force_destroy = true, run terraform apply, then destroy or replace. To keep it \
             without Terraform: terraform state rm.",
        )
}

/// In words: `3 objects or versions, such as "fake/1/2"`.
fn amount(contents: &Contents) -> String {
    let (some, plural) = match (contents.entries, contents.more) {
        (1, false) => ("1".to_owned(), ""),
        (entries, false) => (entries.to_string(), "s"),
        (entries, true) => (format!("more than {entries}"), "s"),
    };
    let example = contents.example.as_ref().map(|key| format!(", such as {key:?}")).unwrap_or_default();
    format!("{some} object{plural} or version{plural}{example}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::testing;

    fn errors(change: impl FnOnce(&mut BucketStorage)) -> Vec<(String, String)> {
        let mut config = BucketStorage { bucket: Value::Value("acme-loki".into()), ..BucketStorage::default() };
        change(&mut config);
        let mut report = Diagnostics::default();
        config.validate(&mut report);
        testing::errors(report)
    }

    #[test]
    fn a_sound_configuration_passes() {
        assert_eq!(errors(|_| {}), []);
        assert_eq!(
            errors(|config| {
                config.region = Value::Value("eu-west-1".into());
                config.kms_key_arn = Value::Value("arn:aws:kms:eu-west-1:123456789012:alias/logs".into());
                config.tags = Value::Value([("team".into(), Value::Unknown)].into());
                config.abort_incomplete_uploads_days = Value::Value(Int::Whole(1));
            }),
            []
        );
        assert_eq!(errors(|config| config.bucket = Value::Unknown), []);
    }

    #[test]
    fn what_s3_would_refuse_is_refused_with_its_path() {
        type Case = (fn(&mut BucketStorage), &'static str, &'static str);
        let cases: [Case; 9] = [
            (|it| it.bucket = Value::Value("Acme_Loki".into()), "bucket", "lowercase"),
            (|it| it.bucket = Value::Value("chunks".into()), "bucket", "Helm chart"),
            (|it| it.bucket = Value::Value("admin".into()), "bucket", "Helm chart"),
            (|it| it.region = Value::Value("eu-west-1b".into()), "region", "availability zone"),
            (|it| it.kms_key_arn = Value::Value("alias/logs".into()), "kms_key_arn", "six parts"),
            (
                |it| {
                    it.region = Value::Value("eu-west-1".into());
                    it.kms_key_arn = Value::Value("arn:aws:kms:us-east-1:123456789012:key/1".into());
                },
                "kms_key_arn",
                "one region",
            ),
            (
                |it| it.abort_incomplete_uploads_days = Value::Value(Int::Whole(0)),
                "abort_incomplete_uploads_days",
                "from 1 on",
            ),
            (|it| it.tags = Value::Value([("aws:x".into(), Value::Null)].into()), "tags[\"aws:x\"]", "null"),
            (
                |it| it.tags = Value::Value([("aws:x".into(), Value::Value("y".into()))].into()),
                "tags[\"aws:x\"]",
                "AWS alone",
            ),
        ];
        for (change, path, text) in cases {
            let errors = errors(change);
            assert!(errors.iter().any(|(at, said)| at == path && said.contains(text)), "{text}: {errors:?}");
        }
    }

    #[test]
    fn the_refusal_says_how_much_and_what_to_do() {
        let contents = Contents { entries: 1000, more: true, example: Some("fake/1".into()) };
        let diagnostic: crate::schema::Diagnostic = keeps("logs", "destroyed", &contents).into();
        assert!(diagnostic.detail.contains("more than 1000 objects or versions, such as \"fake/1\""));
        assert!(diagnostic.detail.contains("set force_destroy = true, run terraform apply"));
        assert_eq!(amount(&Contents { entries: 1, ..Contents::default() }), "1 object or version");
    }
}
