//! Between a bucket's settings and the resource's state.

use std::collections::BTreeMap;

use super::attributes::{BucketStorage, Logging, ObjectLock, Replication, Transition};
use crate::aws::{self, BucketSettings, Encryption};
use crate::iam::{Guards, arn};
use crate::resource::account::{all_tags, live_tags, tag_values, tags};
use crate::schema::{Int, Set, Value};

const SSE_S3: &str = "AES256";
const SSE_KMS: &str = "aws:kms";
const GOVERNANCE: &str = "GOVERNANCE";
const COMPLIANCE: &str = "COMPLIANCE";
/// What Loki's Helm chart has a bucket for.
const PURPOSES: [&str; 3] = ["chunks", "ruler", "admin"];

impl BucketStorage {
    /// Plans what follows from the rest; stays unknown with what it follows from.
    pub(super) fn plan_computed(&mut self, default_tags: &BTreeMap<String, String>) {
        self.id = self.bucket.clone();
        self.arn = match (&self.bucket, &self.region) {
            (Value::Value(bucket), Value::Value(region)) => Value::Value(arn::bucket(region, bucket)),
            _ => Value::Unknown,
        };
        self.buckets = self.by_purpose();
        self.encryption = match (&self.kms_key_arn, &self.create_kms_key) {
            (Value::Value(_), _) | (_, Value::Value(true)) => Value::Value(SSE_KMS.into()),
            (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
            _ => Value::Value(SSE_S3.into()),
        };
        self.public_access_blocked = Value::Value(true);
        self.acls_disabled = Value::Value(true);
        self.tags_all = all_tags(default_tags, &self.tags);
    }

    /// The name of the bucket for each purpose.
    pub(super) fn by_purpose(&self) -> Value<BTreeMap<String, Value<String>>> {
        let own: &[Value<String>] = match &self.separate_buckets {
            Value::Unknown => return Value::Unknown,
            Value::Value(own) => own,
            Value::Null => &[],
        };
        if own.contains(&Value::Unknown) {
            return Value::Unknown;
        }
        let name = |purpose: &str| match &self.bucket {
            Value::Value(bucket) if own.contains(&Value::Value(purpose.to_owned())) => {
                Value::Value(format!("{bucket}-{purpose}"))
            }
            bucket => bucket.clone(),
        };
        Value::Value(PURPOSES.iter().map(|purpose| ((*purpose).to_owned(), name(purpose))).collect())
    }

    /// The settings that a plan wants, or that a state remembers.
    pub(super) fn settings(&self) -> BucketSettings {
        BucketSettings {
            public_access_blocked: true,
            acls_disabled: true,
            encryption: match self.key().cloned() {
                Some(key) => Encryption::Kms { key: Some(key), bucket_key: is(&self.bucket_key, true) },
                None => Encryption::S3,
            },
            versioning: is(&self.versioning, true),
            lifecycle: aws::Lifecycle {
                abort_incomplete_uploads_days: number(&self.abort_incomplete_uploads_days),
                noncurrent_expiration_days: number(&self.noncurrent_expiration_days),
                expiration_days: number(&self.expiration_days),
                transitions: self.wanted_transitions(),
            },
            guards: Guards {
                tls_only: is(&self.tls_only, false),
                vpc_endpoints: strings(&self.vpc_endpoint_ids).collect(),
            },
            lock: self.object_lock.as_ref_option().map(|lock| aws::Lock {
                mode: match lock.mode.as_deref_option().map(|mode| mode as &str) {
                    Some(COMPLIANCE) => aws::LockMode::Compliance,
                    _ => aws::LockMode::Governance,
                },
                days: number(&lock.days).unwrap_or(1),
            }),
            logging: self.logging.as_ref_option().map(|logging| aws::Logging {
                target_bucket: logging.target_bucket.clone().unwrap_or_default(),
                target_prefix: logging.target_prefix.clone().unwrap_or_default(),
            }),
            replication: self.replication.as_ref_option().map(|replication| aws::Replication {
                role_arn: replication.role_arn.clone().unwrap_or_default(),
                bucket_arn: replication.bucket_arn.clone().unwrap_or_default(),
                storage_class: replication.storage_class.clone().as_option(),
                kms_key_arn: replication.kms_key_arn.clone().as_option(),
            }),
            tags: tags(&self.tags_all),
        }
    }

    /// The key that is given, or the one that was created.
    fn key(&self) -> Option<&String> {
        let created = self.created_kms_key_arn.as_ref_option().filter(|_| self.wants_key());
        self.kms_key_arn.as_ref_option().or(created)
    }

    fn wanted_transitions(&self) -> Vec<aws::Transition> {
        let wanted = self.transitions.as_ref_option().into_iter().flatten().filter_map(Value::as_ref_option);
        let mut wanted: Vec<_> = wanted
            .filter_map(|it| {
                let storage_class = it.storage_class.as_ref_option()?.clone();
                Some(aws::Transition { days: number(&it.days)?, storage_class })
            })
            .collect();
        wanted.sort();
        wanted
    }

    /// Notes what is live.
    pub(super) fn reflect(&mut self, live: BucketSettings, default_tags: &BTreeMap<String, String>) {
        self.versioning = Value::Value(live.versioning);
        self.public_access_blocked = Value::Value(live.public_access_blocked);
        self.acls_disabled = Value::Value(live.acls_disabled);
        let (encryption, key) = match live.encryption {
            Encryption::S3 => (SSE_S3.to_owned(), None),
            Encryption::Kms { key, bucket_key } => {
                self.bucket_key = Value::Value(bucket_key);
                (SSE_KMS.to_owned(), key)
            }
            Encryption::Other(name) => (name, None),
        };
        self.encryption = Value::Value(encryption);
        let created = self.created_kms_key_arn.as_ref_option();
        // The one that was created is no given one; where it is missing although there is one, that shows.
        match key {
            Some(key) if self.wants_key() && Some(&key) == created => self.kms_key_arn = Value::Null,
            key => self.kms_key_arn = key.into(),
        }
        let days = |days: Option<i32>| days.map(|days| Int::Whole(days.into())).into();
        // As it was written, where that means the same.
        if live.lifecycle.transitions != self.wanted_transitions() {
            let moved = live.lifecycle.transitions.iter().map(|it| {
                let storage_class = Value::Value(it.storage_class.clone());
                Value::Value(Transition { days: Value::Value(Int::Whole(it.days.into())), storage_class })
            });
            self.transitions = some_of(moved.collect());
        }
        self.abort_incomplete_uploads_days = days(live.lifecycle.abort_incomplete_uploads_days);
        self.noncurrent_expiration_days = days(live.lifecycle.noncurrent_expiration_days);
        self.expiration_days = days(live.lifecycle.expiration_days);
        self.tls_only = Value::Value(live.guards.tls_only);
        if !strings(&self.vpc_endpoint_ids).eq(live.guards.vpc_endpoints.iter().cloned()) {
            let endpoints: Set<_> = live.guards.vpc_endpoints.into_iter().map(Value::Value).collect();
            self.vpc_endpoint_ids = if endpoints.is_empty() { Value::Null } else { Value::Value(endpoints) };
        }
        self.object_lock = live
            .lock
            .map(|lock| ObjectLock {
                mode: Value::Value(
                    if lock.mode == aws::LockMode::Governance { GOVERNANCE } else { COMPLIANCE }.to_owned(),
                ),
                days: Value::Value(Int::Whole(lock.days.into())),
            })
            .into();
        self.logging = live
            .logging
            .map(|logging| Logging {
                target_bucket: Value::Value(logging.target_bucket),
                target_prefix: Value::Value(logging.target_prefix),
            })
            .into();
        self.replication = live
            .replication
            .map(|replication| Replication {
                role_arn: Value::Value(replication.role_arn),
                bucket_arn: Value::Value(replication.bucket_arn),
                storage_class: replication.storage_class.into(),
                kms_key_arn: replication.kms_key_arn.into(),
            })
            .into();
        self.tags = live_tags(&live.tags, &self.tags, &self.tags_all, default_tags);
        self.tags_all = Value::Value(tag_values(live.tags));
    }
}

/// The settings of several buckets that are to be alike, as those of one: where any differs from `wanted`, it shows.
pub(super) fn merged(mut one: BucketSettings, other: BucketSettings, wanted: &BucketSettings) -> BucketSettings {
    macro_rules! differs {
        ($($field:ident),*) => {
            $(if one.$field == wanted.$field { one.$field = other.$field; })*
        };
    }
    differs!(
        public_access_blocked,
        acls_disabled,
        encryption,
        versioning,
        lifecycle,
        guards,
        lock,
        logging,
        replication,
        tags
    );
    one
}

fn is(value: &Value<bool>, otherwise: bool) -> bool {
    value.as_ref_option().copied().unwrap_or(otherwise)
}

/// Validation holds it within an i32.
fn number(value: &Value<Int>) -> Option<i32> {
    value.as_ref_option().and_then(|days| i32::try_from(days.get()).ok())
}

/// Those that are known, in order.
pub(super) fn strings(set: &Value<Set<Value<String>>>) -> impl Iterator<Item = String> {
    set.as_ref_option().into_iter().flat_map(|it| it.iter()).filter_map(|it| it.as_ref_option().cloned())
}

fn some_of<T>(list: Vec<T>) -> Value<Vec<T>> {
    if list.is_empty() { Value::Null } else { Value::Value(list) }
}
