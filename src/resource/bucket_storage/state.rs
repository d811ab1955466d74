//! Between a bucket's settings and the resource's state.

use super::BucketStorage;
use crate::aws::{BucketSettings, Encryption};
use crate::iam::arn;
use crate::resource::account::{live_tags, tags};
use crate::schema::{Int, Value};

const SSE_S3: &str = "AES256";
const SSE_KMS: &str = "aws:kms";

impl BucketStorage {
    /// Plans what follows from the rest; stays unknown with what it follows from.
    pub(super) fn plan_computed(&mut self) {
        self.id = self.bucket.clone();
        self.arn = match (&self.bucket, &self.region) {
            (Value::Value(bucket), Value::Value(region)) => Value::Value(arn::bucket(region, bucket)),
            _ => Value::Unknown,
        };
        self.encryption = match self.kms_key_arn {
            Value::Unknown => Value::Unknown,
            Value::Null => Value::Value(SSE_S3.into()),
            Value::Value(_) => Value::Value(SSE_KMS.into()),
        };
        self.public_access_blocked = Value::Value(true);
        self.acls_disabled = Value::Value(true);
    }

    /// The settings that a plan wants.
    pub(super) fn settings(&self) -> BucketSettings {
        let key = self.kms_key_arn.as_ref_option().cloned();
        let days = self.abort_incomplete_uploads_days.as_ref_option().map(Int::get);
        BucketSettings {
            public_access_blocked: true,
            acls_disabled: true,
            encryption: match key {
                Some(key) => Encryption::Kms { key: Some(key), bucket_key: true },
                None => Encryption::S3,
            },
            versioning: self.versioning.as_ref_option().copied().unwrap_or(true),
            // Validation holds it within an i32.
            abort_incomplete_uploads_days: days.and_then(|days| i32::try_from(days).ok()),
            tags: tags(&self.tags),
        }
    }

    /// Notes what is live.
    pub(super) fn reflect(&mut self, live: BucketSettings) {
        self.versioning = Value::Value(live.versioning);
        self.abort_incomplete_uploads_days =
            live.abort_incomplete_uploads_days.map(|days| Int::Whole(days.into())).into();
        self.tags = live_tags(live.tags, &self.tags);
        self.public_access_blocked = Value::Value(live.public_access_blocked);
        self.acls_disabled = Value::Value(live.acls_disabled);
        let (encryption, key) = match live.encryption {
            Encryption::S3 => (SSE_S3.to_owned(), None),
            Encryption::Kms { key, bucket_key: true } => (SSE_KMS.to_owned(), key),
            Encryption::Kms { key, bucket_key: false } => (format!("{SSE_KMS} without bucket key"), key),
            Encryption::Other(name) => (name, None),
        };
        self.encryption = Value::Value(encryption);
        self.kms_key_arn = key.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned() -> BucketStorage {
        let mut planned = BucketStorage {
            bucket: Value::Value("logs".into()),
            region: Value::Value("cn-north-1".into()),
            versioning: Value::Value(true),
            abort_incomplete_uploads_days: Value::Value(Int::Whole(7)),
            ..BucketStorage::default()
        };
        planned.plan_computed();
        planned
    }

    #[test]
    fn a_bucket_as_planned_is_no_drift() {
        let mut state = planned();
        assert_eq!(state.arn, Value::Value("arn:aws-cn:s3:::logs".into()));
        state.reflect(planned().settings());
        assert_eq!(state, planned());

        let kms = BucketStorage { kms_key_arn: Value::Value("k".into()), ..planned() };
        let mut kms = BucketStorage { tags: Value::Value([("a".into(), Value::Value("b".into()))].into()), ..kms };
        kms.plan_computed();
        let mut state = kms.clone();
        state.reflect(kms.settings());
        assert_eq!(state, kms);
    }

    #[test]
    fn each_setting_shows_its_drift() {
        let drifts: [fn(&mut BucketSettings); 7] = [
            |live| live.public_access_blocked = false,
            |live| live.acls_disabled = false,
            |live| live.encryption = Encryption::Other("none".into()),
            |live| live.encryption = Encryption::Kms { key: None, bucket_key: true },
            |live| live.versioning = false,
            |live| live.abort_incomplete_uploads_days = None,
            |live| live.tags = [("a".into(), "b".into())].into(),
        ];
        for (number, drift) in drifts.iter().enumerate() {
            let (mut state, mut live) = (planned(), planned().settings());
            drift(&mut live);
            state.reflect(live);
            assert_ne!(state, planned(), "drift {number}");
        }
    }

    #[test]
    fn no_tags_stay_as_they_were_written() {
        for tags in [Value::Null, Value::Value([].into())] {
            let mut state = BucketStorage { tags: tags.clone(), ..planned() };
            state.reflect(planned().settings());
            assert_eq!(state.tags, tags);
        }
    }

    #[test]
    fn what_follows_from_the_unknown_is_unknown() {
        let mut planned = BucketStorage { region: Value::Unknown, kms_key_arn: Value::Unknown, ..planned() };
        planned.plan_computed();
        assert_eq!((planned.arn, planned.encryption), (Value::Unknown, Value::Unknown));
        assert_eq!(planned.id, Value::Value("logs".into()));
    }
}
