//! Check offline: what S3 would refuse, and what Loki could not live with.

use super::attributes::{BucketStorage, Transition};
use super::deploy::MADE_UP;
use crate::iam::{arn, name};
use crate::loki::duration;
use crate::resource::account::validate_tags;
use crate::schema::{AttributePath, Diagnostics, Int, Problem, Report, Value, at};

/// Default bucket names of Loki's Helm chart.
const DEFAULT_NAMES: [&str; 3] = ["chunks", "ruler", "admin"];
/// Purposes that may have a bucket of their own; the chunks have the one that is always there.
const SEPARATE: [&str; 2] = ["ruler", "admin"];
/// Storage classes that S3 reads from at once, and the least age at which it moves objects there.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
const CLASSES: [(&str, i64); 4] =
    [("STANDARD_IA", 30), ("ONEZONE_IA", 30), ("INTELLIGENT_TIERING", 0), ("GLACIER_IR", 0)];
/// Classes that an object has to be restored from first.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

impl BucketStorage {
    /// Offline: what S3 would refuse.
    pub(super) fn validate(&self, report: &mut Diagnostics) {
        self.validate_name(report);
        if let Some(why) = self.region.as_deref_option().and_then(name::region_problem) {
            report.refuse(Problem::new(summary!("The region is not usable")).at(at("region")).why(why));
        }
        if let Some(key) = self.kms_key_arn.as_deref_option() {
            self.validate_key(key, report);
            if self.wants_key() {
                report.refuse(
                    Problem::new(summary!("The bucket has two keys"))
                        .at(at("create_kms_key"))
                        .why("kms_key_arn is set as well.")
                        .fix("Keep kms_key_arn for this very key, or create_kms_key for one of the bucket's own."),
                );
            }
        }
        if let Some(days) = self.kms_key_deletion_days.as_ref_option().map(Int::get).filter(|it| !(7..=30).contains(it))
        {
            report.refuse(
                Problem::new(summary!("The number of days is not usable"))
                    .at(at("kms_key_deletion_days"))
                    .why(format!("KMS takes 7 to 30; this is {days}.")),
            );
        }
        let days = [
            ("abort_incomplete_uploads_days", &self.abort_incomplete_uploads_days),
            ("noncurrent_expiration_days", &self.noncurrent_expiration_days),
            ("expiration_days", &self.expiration_days),
        ];
        for (attribute, value) in days {
            whole_days(at(attribute), value, 1, report);
        }
        self.validate_expiration(report);
        self.validate_transitions(report);
        self.validate_endpoints(report);
        self.validate_lock(report);
        self.validate_copies(report);
        validate_tags(&self.tags, report);
    }

    fn validate_name(&self, report: &mut Diagnostics) {
        let fix = "Choose another name, such as \"acme-loki-prod\".";
        let refused = |attribute, why| {
            Problem::new(summary!("S3 would refuse the bucket's name")).at(at(attribute)).why(why).fix(fix)
        };
        match (&self.bucket, &self.bucket_prefix) {
            (Value::Null, Value::Null) => report.refuse(
                Problem::new(summary!("The bucket has no name"))
                    .at(at("bucket"))
                    .why("Neither bucket nor bucket_prefix is set."),
            ),
            (Value::Value(_), Value::Value(_)) => report.refuse(
                Problem::new(summary!("The bucket has two names"))
                    .at(at("bucket_prefix"))
                    .why("Both bucket and bucket_prefix are set.")
                    .fix("Keep bucket for this very name, or bucket_prefix for one that is made up."),
            ),
            _ => {}
        }
        if let Some(prefix) = self.bucket_prefix.as_deref_option()
            && let Some(why) = name::bucket_problem(&format!("{prefix}{}", "a".repeat(MADE_UP)))
        {
            report.refuse(refused("bucket_prefix", format!("With {MADE_UP} more characters: {why}")));
        }
        let Some(bucket) = self.bucket.as_deref_option() else { return self.validate_separate(None, report) };
        if let Some(why) = name::bucket_problem(bucket) {
            report.refuse(refused("bucket", why));
        } else if DEFAULT_NAMES.contains(&bucket) {
            report.refuse(
                Problem::new(summary!("This bucket name is not safe"))
                    .at(at("bucket"))
                    .why(format!(
                        "{bucket:?} is a default of Loki's Helm chart. Bucket names are global: strangers hold \
                         buckets of these names, and a Loki with the default name has sent them its logs."
                    ))
                    .fix("Choose a name that says whose it is, such as \"acme-loki-prod\"."),
            );
        } else {
            self.validate_separate(Some(bucket), report);
        }
    }

    fn validate_separate(&self, bucket: Option<&str>, report: &mut Diagnostics) {
        for purpose in self.separate_buckets.as_ref_option().into_iter().flat_map(|it| it.iter()) {
            let purpose = match purpose {
                Value::Value(purpose) => purpose.as_str(),
                Value::Null => "",
                Value::Unknown => continue,
            };
            let why = match bucket.map(|bucket| name::bucket_problem(&format!("{bucket}-{purpose}"))) {
                _ if !SEPARATE.contains(&purpose) => Some(format!(
                    "{purpose:?} is no purpose that Loki has a bucket for: {} can have one, and the chunks have the \
                     bucket itself.",
                    SEPARATE.map(|it| format!("{it:?}")).join(" and ")
                )),
                Some(Some(why)) => Some(format!(
                    "The bucket for it would be named \"{}-{purpose}\": {why}",
                    bucket.unwrap_or_default()
                )),
                _ => None,
            };
            if let Some(why) = why {
                report.refuse(
                    Problem::new(summary!("The separate bucket is not usable")).at(at("separate_buckets")).why(why),
                );
            }
        }
    }

    pub(super) fn validate_key(&self, key: &str, report: &mut Diagnostics) {
        let refusal = Problem::new(summary!("The KMS key is not usable")).at(at("kms_key_arn"));
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

    /// Loki deletes by its own retention, and its index must not point to what S3 has deleted before.
    /// <https://grafana.com/docs/loki/latest/operations/storage/retention/>
    fn validate_expiration(&self, report: &mut Diagnostics) {
        let retention = match self.retention_period.as_deref_option() {
            None => None,
            Some(text) => match duration::parse(text) {
                Some(time) => Some((text, time)),
                None => {
                    return report.refuse(
                        Problem::new(summary!("The retention period cannot be read"))
                            .at(at("retention_period"))
                            .why(format!("{text:?} is no duration of Loki's."))
                            .fix("Write it as in Loki's configuration: \"744h\", \"31d\", or \"0s\" for ever."),
                    );
                }
            },
        };
        let Some(days) = self.expiration_days.as_ref_option().map(Int::get) else { return };
        let refusal = Problem::new(summary!("S3 would delete logs that Loki still keeps")).at(at("expiration_days"));
        match retention {
            None if self.retention_period.is_null() => report.refuse(
                refusal
                    .why("expiration_days is set, and nothing says for how long Loki keeps its logs.")
                    .fix("Set retention_period to Loki's longest retention, as \"744h\", or leave expiration_days out: Loki's compactor deletes by itself."),
            ),
            Some((_, 0)) => report.refuse(
                refusal
                    .why(format!("S3 deletes objects after {days} days, and Loki keeps them for ever."))
                    .fix("Leave expiration_days out, or give Loki a retention."),
            ),
            Some((text, time)) if u64::try_from(days).is_ok_and(|days| days.saturating_mul(duration::DAY) < time) => {
                report.refuse(
                    refusal
                        .why(format!(
                            "S3 deletes objects after {days} days, and Loki keeps logs for {text}: from then on its \
                             index points to chunks that are gone, and queries fail."
                        ))
                        .fix(format!("Set it to {} or more, or leave it out.", time.div_ceil(duration::DAY) + 1)),
                );
            }
            _ => {}
        }
    }

    fn validate_transitions(&self, report: &mut Diagnostics) {
        let mut before: Option<(i64, String)> = None;
        for (index, transition) in (0i64..).zip(self.transitions.as_ref_option().into_iter().flatten()) {
            let path = at("transitions").index(index);
            let Value::Value(Transition { days, storage_class }) = transition else { continue };
            let Some(class) = storage_class.as_deref_option() else { continue };
            let least = CLASSES.iter().find(|(name, _)| *name == class).map(|(_, least)| *least);
            let Some(least) = least else {
                let names = CLASSES.map(|(name, _)| name).join(", ");
                let why = if ARCHIVES.contains(&class) {
                    format!(
                        "An object in {class} has to be restored before anybody can read it, for hours; Loki's queries fail on it."
                    )
                } else {
                    format!("S3 moves nothing to {class:?}.")
                };
                report.refuse(
                    Problem::new(summary!("The storage class is not usable"))
                        .at(path.attribute("storage_class"))
                        .why(why)
                        .fix(format!("Use one of {names}.")),
                );
                continue;
            };
            let path = path.attribute("days");
            whole_days(path.clone(), days, least, report);
            let Some(days) = days.as_ref_option().map(Int::get) else { continue };
            let late = |what: String| Problem::new(summary!("The transition comes too late")).at(path).why(what);
            if let Some((earlier, class)) = before.filter(|(earlier, _)| *earlier >= days) {
                report.refuse(late(format!("The one before it moves objects to {class} after {earlier} days.")));
            } else if let Some(end) = self.expiration_days.as_ref_option().map(Int::get).filter(|end| *end <= days) {
                report.refuse(late(format!("Objects are deleted after {end} days.")));
            }
            before = Some((days, class.to_string()));
        }
    }

    fn validate_endpoints(&self, report: &mut Diagnostics) {
        let Some(endpoints) = self.vpc_endpoint_ids.as_ref_option() else { return };
        let refusal =
            |why: &str| Problem::new(summary!("The VPC endpoint is not usable")).at(at("vpc_endpoint_ids")).why(why);
        if endpoints.is_empty() {
            report
                .refuse(refusal("The set is empty, and access through no endpoint is no access.").fix("Leave it out."));
        }
        for endpoint in endpoints.iter() {
            let sound = |id: &str| {
                id.strip_prefix("vpce-").is_some_and(|it| it.chars().all(|c| c.is_ascii_hexdigit()) && it.len() >= 8)
            };
            match endpoint {
                Value::Value(id) if !sound(id) => report.refuse(refusal(&format!(
                    "{id:?} is no id of a VPC endpoint, such as \"vpce-0123456789abcdef0\"."
                ))),
                Value::Null => report.refuse(refusal("One of the ids is null.")),
                _ => {}
            }
        }
    }

    fn validate_lock(&self, report: &mut Diagnostics) {
        let Some(lock) = self.object_lock.as_ref_option() else { return };
        let path = at("object_lock");
        let mode = lock.mode.as_deref_option().map(|mode| mode as &str);
        if let Some(mode) = mode.filter(|mode| !["GOVERNANCE", "COMPLIANCE"].contains(mode)) {
            report.refuse(
                Problem::new(summary!("The mode of the lock is not known"))
                    .at(path.clone().attribute("mode"))
                    .why(format!("{mode:?} is none of S3's."))
                    .fix("Use \"GOVERNANCE\" or \"COMPLIANCE\"."),
            );
        }
        whole_days(path.clone().attribute("days"), &lock.days, 1, report);
        if self.versioning == Value::Value(false) {
            report.refuse(needs_versions("Objects are locked by version", "object_lock"));
        }
        if mode == Some("COMPLIANCE") && self.force_destroy == Value::Value(true) {
            report.refuse(
                Problem::new(summary!("The bucket could not be emptied"))
                    .at(at("force_destroy"))
                    .why("Nobody can delete versions under a COMPLIANCE lock before its time is over.")
                    .fix("Use the mode \"GOVERNANCE\", or leave force_destroy out."),
            );
        }
    }

    fn validate_copies(&self, report: &mut Diagnostics) {
        let Some(replication) = self.replication.as_ref_option() else { return };
        let path = at("replication");
        if self.versioning == Value::Value(false) {
            report.refuse(needs_versions("S3 copies versions", "replication"));
        }
        if let Some(why) = replication.role_arn.as_deref_option().and_then(|arn| arn::role_name(arn).err()) {
            report.refuse(
                Problem::new(summary!("The role is not usable")).at(path.clone().attribute("role_arn")).why(why),
            );
        }
        if let Some(bucket) = replication.bucket_arn.as_deref_option()
            && bucket.split_once(":s3:::").is_none_or(|(_, it)| name::bucket_problem(it).is_some())
        {
            report.refuse(
                Problem::new(summary!("The target of the copies is not usable"))
                    .at(path.clone().attribute("bucket_arn"))
                    .why(format!("{bucket:?} is no ARN of a bucket, such as \"arn:aws:s3:::acme-loki-copy\".")),
            );
        }
        if (self.kms_key_arn.as_ref_option().is_some() || self.wants_key()) && replication.kms_key_arn.is_null() {
            report.refuse(
                Problem::new(summary!("The copies need a key"))
                    .at(path.attribute("kms_key_arn"))
                    .why("The bucket's objects are encrypted with a KMS key, and S3 copies such objects only when it has a key for the copies.")
                    .fix("Set replication.kms_key_arn to a key in the region of the target."),
            );
        }
    }
}

fn needs_versions(why: &str, attribute: &str) -> Problem {
    Problem::new(summary!("The bucket needs versions"))
        .at(at("versioning"))
        .why(format!("{why}, and versioning is false."))
        .fix(format!("Set versioning = true, or leave {attribute} out."))
}

fn whole_days(path: AttributePath, days: &Value<Int>, least: i64, report: &mut Diagnostics) {
    let Some(days) = days.as_ref_option().map(Int::get) else { return };
    if !(least..=i64::from(i32::MAX)).contains(&days) {
        report.refuse(
            Problem::new(summary!("The number of days is not usable"))
                .at(path)
                .why(format!("S3 counts whole days from {least} on; this is {days}.")),
        );
    }
}
