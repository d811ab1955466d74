//! What is refused offline, and how settings and state go together.

use super::attributes::{BucketStorage, Logging, ObjectLock, Replication, Transition};
use super::state::merged;
use crate::aws::{BucketSettings, Encryption};
use crate::resource::testing;
use crate::schema::{Diagnostics, Int, Value};

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:alias/logs";

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

fn days(days: i64) -> Value<Int> {
    Value::Value(Int::Whole(days))
}

fn transition(after: i64, class: &str) -> Value<Transition> {
    Value::Value(Transition { days: days(after), storage_class: text(class) })
}

fn lock(mode: &str) -> Value<ObjectLock> {
    Value::Value(ObjectLock { mode: text(mode), days: days(30) })
}

fn copies(bucket: &str) -> Value<Replication> {
    let role_arn = text("arn:aws:iam::123456789012:role/copy");
    Value::Value(Replication { role_arn, bucket_arn: text(bucket), ..Replication::default() })
}

fn errors(change: impl FnOnce(&mut BucketStorage)) -> Vec<(String, String)> {
    let mut config = BucketStorage { bucket: text("acme-loki"), ..BucketStorage::default() };
    change(&mut config);
    let mut report = Diagnostics::default();
    config.validate(&mut report);
    testing::errors(report)
}

#[test]
fn a_sound_configuration_passes() {
    assert_eq!(errors(|_| {}), []);
    assert_eq!(
        errors(|it| {
            it.region = text("eu-west-1");
            it.kms_key_arn = text(KEY);
            it.tags = Value::Value([("team".into(), Value::Unknown)].into());
            it.abort_incomplete_uploads_days = days(1);
            it.separate_buckets = Value::Value([text("ruler"), text("admin")].into());
            it.expiration_days = days(31);
            it.retention_period = text("744h");
            it.transitions = Value::Value(vec![transition(0, "INTELLIGENT_TIERING"), transition(30, "STANDARD_IA")]);
            it.vpc_endpoint_ids = Value::Value([text("vpce-0123456789abcdef0")].into());
            it.object_lock = lock("GOVERNANCE");
            it.replication = Value::Value(Replication {
                kms_key_arn: text("arn:aws:kms:us-east-1:123456789012:key/1"),
                ..copies("arn:aws:s3:::acme-loki-copy").unwrap()
            });
        }),
        []
    );
    assert_eq!(errors(|it| it.bucket = Value::Unknown), []);
    assert_eq!(
        errors(|it| {
            it.bucket = Value::Null;
            it.bucket_prefix = text("acme-loki-");
        }),
        []
    );
    assert_eq!(
        errors(|it| {
            it.expiration_days = days(1);
            it.retention_period = Value::Unknown;
        }),
        []
    );
}

#[test]
fn what_s3_would_refuse_is_refused_with_its_path() {
    type Case = (fn(&mut BucketStorage), &'static str, &'static str);
    let cases: [Case; 33] = [
        (|it| it.bucket = text("Acme_Loki"), "bucket", "lowercase"),
        (|it| it.bucket = text("ruler"), "bucket", "not safe"),
        (|it| it.bucket = Value::Null, "bucket", "no name"),
        (|it| it.bucket_prefix = text("a-"), "bucket_prefix", "two names"),
        (
            |it| {
                it.bucket = Value::Null;
                it.bucket_prefix = text(&"a".repeat(60));
            },
            "bucket_prefix",
            "63",
        ),
        (|it| it.separate_buckets = Value::Value([text("chunks")].into()), "separate_buckets", "the bucket itself"),
        (
            |it| {
                it.bucket = text(&"a".repeat(60));
                it.separate_buckets = Value::Value([text("ruler")].into());
            },
            "separate_buckets",
            "63",
        ),
        (|it| it.region = text("Ireland"), "region", "eu-west-1"),
        (|it| it.kms_key_arn = text("alias/logs"), "kms_key_arn", "ARN"),
        (
            |it| {
                it.region = text("us-east-1");
                it.kms_key_arn = text(KEY);
            },
            "kms_key_arn",
            "one region",
        ),
        (|it| it.kms_key_deletion_days = days(31), "kms_key_deletion_days", "7 to 30"),
        (
            |it| {
                it.kms_key_arn = text(KEY);
                it.create_kms_key = Value::Value(true);
            },
            "create_kms_key",
            "two keys",
        ),
        (|it| it.abort_incomplete_uploads_days = days(0), "abort_incomplete_uploads_days", "from 1 on"),
        (|it| it.noncurrent_expiration_days = days(0), "noncurrent_expiration_days", "from 1 on"),
        (|it| it.expiration_days = days(30), "expiration_days", "nothing says"),
        (
            |it| {
                it.expiration_days = days(30);
                it.retention_period = text("744h");
            },
            "expiration_days",
            "Set it to 32 or more",
        ),
        (
            |it| {
                it.expiration_days = days(30);
                it.retention_period = text("0s");
            },
            "expiration_days",
            "for ever",
        ),
        (|it| it.retention_period = text("a month"), "retention_period", "no duration"),
        (
            |it| it.transitions = Value::Value(vec![transition(90, "GLACIER")]),
            "transitions[0].storage_class",
            "restored",
        ),
        (|it| it.transitions = Value::Value(vec![transition(90, "TAPE")]), "transitions[0].storage_class", "nothing"),
        (|it| it.transitions = Value::Value(vec![transition(7, "STANDARD_IA")]), "transitions[0].days", "from 30 on"),
        (
            |it| it.transitions = Value::Value(vec![transition(60, "STANDARD_IA"), transition(60, "GLACIER_IR")]),
            "transitions[1].days",
            "before it",
        ),
        (
            |it| {
                it.transitions = Value::Value(vec![transition(60, "STANDARD_IA")]);
                it.expiration_days = days(60);
                it.retention_period = text("1d");
            },
            "transitions[0].days",
            "are deleted",
        ),
        (|it| it.vpc_endpoint_ids = Value::Value([].into()), "vpc_endpoint_ids", "no access"),
        (|it| it.vpc_endpoint_ids = Value::Value([text("vpc-1")].into()), "vpc_endpoint_ids", "no id"),
        (|it| it.object_lock = lock("FOREVER"), "object_lock.mode", "none of S3's"),
        (
            |it| {
                it.object_lock = lock("GOVERNANCE");
                it.versioning = Value::Value(false);
            },
            "versioning",
            "object_lock",
        ),
        (
            |it| {
                it.object_lock = lock("COMPLIANCE");
                it.force_destroy = Value::Value(true);
            },
            "force_destroy",
            "Nobody",
        ),
        (
            |it| {
                it.replication = copies("arn:aws:s3:::acme-loki-copy");
                it.versioning = Value::Value(false);
            },
            "versioning",
            "replication",
        ),
        (|it| it.replication = copies("acme-loki-copy"), "replication.bucket_arn", "no ARN"),
        (
            |it| {
                it.kms_key_arn = text(KEY);
                it.replication = copies("arn:aws:s3:::acme-loki-copy");
            },
            "replication.kms_key_arn",
            "only when it has a key",
        ),
        (|it| it.tags = Value::Value([("aws:x".into(), Value::Null)].into()), "tags[\"aws:x\"]", "null"),
        (|it| it.tags = Value::Value([("aws:x".into(), text("y"))].into()), "tags[\"aws:x\"]", "AWS alone"),
    ];
    for (change, path, text) in cases {
        let errors = errors(change);
        assert!(errors.iter().any(|(at, said)| at == path && said.contains(text)), "{path}: {text}: {errors:?}");
    }
}

fn planned(change: impl FnOnce(&mut BucketStorage)) -> BucketStorage {
    let mut planned = BucketStorage {
        bucket: text("logs"),
        region: text("cn-north-1"),
        versioning: Value::Value(true),
        bucket_key: Value::Value(true),
        tls_only: Value::Value(true),
        abort_incomplete_uploads_days: days(7),
        ..BucketStorage::default()
    };
    change(&mut planned);
    planned.plan_computed(&[].into());
    planned
}

fn everything(it: &mut BucketStorage) {
    it.kms_key_arn = text("k");
    it.bucket_key = Value::Value(false);
    it.tags = Value::Value([("a".into(), text("b"))].into());
    it.noncurrent_expiration_days = days(30);
    it.expiration_days = days(400);
    // In an order that S3 does not keep.
    it.transitions = Value::Value(vec![transition(90, "GLACIER_IR"), transition(30, "STANDARD_IA")]);
    it.vpc_endpoint_ids = Value::Value([text("vpce-2"), text("vpce-1")].into());
    it.object_lock = lock("COMPLIANCE");
    it.logging = Value::Value(Logging { target_bucket: text("access-logs"), target_prefix: text("loki/") });
    it.replication = copies("arn:aws:s3:::copy");
}

#[test]
fn a_bucket_as_planned_is_no_drift() {
    assert_eq!(planned(|_| {}).arn, text("arn:aws-cn:s3:::logs"));
    for planned in [planned(|_| {}), planned(everything)] {
        let mut state = planned.clone();
        state.reflect(planned.settings(), &[].into());
        assert_eq!(state, planned);
    }
}

#[test]
fn each_setting_shows_its_drift() {
    let drifts: [fn(&mut BucketSettings); 15] = [
        |live| live.public_access_blocked = false,
        |live| live.acls_disabled = false,
        |live| live.encryption = Encryption::Other("none".into()),
        |live| live.encryption = Encryption::Kms { key: None, bucket_key: true },
        |live| live.encryption = Encryption::Kms { key: Some("k".into()), bucket_key: true },
        |live| live.versioning = false,
        |live| live.lifecycle.abort_incomplete_uploads_days = None,
        |live| live.lifecycle.noncurrent_expiration_days = None,
        |live| live.lifecycle.expiration_days = Some(1),
        |live| live.lifecycle.transitions.truncate(1),
        |live| live.guards.tls_only = false,
        |live| live.guards.vpc_endpoints = [].into(),
        |live| live.lock = None,
        |live| live.replication = None,
        |live| live.tags = [("a".into(), "c".into())].into(),
    ];
    for (number, drift) in drifts.iter().enumerate() {
        let (mut state, mut live) = (planned(everything), planned(everything).settings());
        drift(&mut live);
        state.reflect(live.clone(), &[].into());
        assert_ne!(state, planned(everything), "drift {number}");
        let wanted = planned(everything).settings();
        assert_eq!(merged(wanted.clone(), live.clone(), &wanted), live, "of another bucket");
        assert_eq!(merged(live.clone(), wanted.clone(), &wanted), live);
    }
}

#[test]
fn a_purpose_may_have_a_bucket_of_its_own() {
    let planned = planned(|it| it.separate_buckets = Value::Value([text("ruler")].into()));
    let names = [("chunks", "logs"), ("ruler", "logs-ruler"), ("admin", "logs")];
    let names = names.map(|(purpose, name)| (purpose.to_owned(), text(name))).into();
    assert_eq!(planned.buckets, Value::Value(names));
    let all: Vec<_> = planned.all_buckets().into_iter().map(|it| it.name).collect();
    assert_eq!(all, ["logs", "logs-ruler"]);
}

#[test]
fn what_follows_from_the_unknown_is_unknown() {
    let planned = planned(|it| {
        it.region = Value::Unknown;
        it.kms_key_arn = Value::Unknown;
        it.separate_buckets = Value::Value([Value::Unknown].into());
    });
    assert_eq!((planned.arn, planned.encryption, planned.buckets), (Value::Unknown, Value::Unknown, Value::Unknown));
    assert_eq!(planned.id, text("logs"));
}
