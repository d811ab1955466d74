//! `loki_bucket_storage`: what real terraform cannot be made to show, and what goes wrong half-way.

use loki_provider::aws::{BucketId, Encryption, KeyState, Optional, Setting, Settings, connect};
use loki_provider::resource::bucket_storage::{BucketStorage, Logging, ObjectLock, Replication, Transition};
use loki_provider::schema::Value;

use crate::drive::Driver;
use crate::support::{ACCOUNT, NO_TAGS, REGION, administrator, neighbour, s3, sdk, settings, unique, user};

async fn driver(settings: &Settings) -> Driver<BucketStorage> {
    Driver::new("loki_bucket_storage", settings).await
}

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

fn config(what: &str) -> BucketStorage {
    BucketStorage { bucket: Value::Value(unique(what)), ..BucketStorage::default() }
}

fn id(state: &BucketStorage) -> BucketId {
    BucketId { name: state.bucket.clone().unwrap(), region: REGION.into() }
}

async fn put(state: &BucketStorage, key: &str) {
    let request = s3().await.put_object().bucket(id(state).name).key(key);
    request.body(b"line"[..].to_vec().into()).send().await.unwrap();
}

#[tokio::test]
async fn the_plan_knows_everything_and_apply_keeps_to_it() {
    let driver = driver(&settings("test", "test")).await;
    let config = BucketStorage { tags: Value::Value([("team".into(), text("logging"))].into()), ..config("life") };
    let planned = driver.plan(None, Some(&config)).await.sound();
    assert_eq!(planned.region, text(REGION));
    assert_eq!(planned.arn, text(&format!("arn:aws:s3:::{}", config.bucket.clone().unwrap())));

    let state = driver.apply(None, Some(&config)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state, "what was written is no drift");
    assert_eq!(driver.plan(Some(&state), Some(&config)).await.sound(), state, "a second plan changes nothing");

    let fewer = BucketStorage { tags: Value::Null, versioning: Value::Value(false), ..config };
    let state = driver.apply(Some(&state), Some(&fewer)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state);
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
}

#[tokio::test]
async fn a_bucket_whose_setting_fails_stays_in_the_state() {
    let most = ["sts:*", "s3:CreateBucket", "s3:ListBucket", "s3:Get*", "s3:PutBucketPublicAccessBlock"];
    let half = driver(&user(&most).await).await;
    let config = config("half");
    let outcome = half.apply(None, Some(&config)).await;
    outcome.refuses("kms_key_arn", &["could not be set", "s3:PutEncryptionConfiguration", "Allow "]);
    let state = outcome.state.expect("the bucket exists");
    assert_eq!(state.public_access_blocked, Value::Value(true), "was written before");
    assert_eq!(state.versioning, Value::Value(false), "was not");

    let driver = driver(&settings("test", "test")).await;
    let state = driver.apply(Some(&state), Some(&config)).await.sound();
    assert_eq!(state.versioning, Value::Value(true));
}

#[tokio::test]
async fn a_stop_keeps_what_exists() {
    let mut driver = driver(&settings("test", "test")).await;
    let config = BucketStorage { force_destroy: Value::Value(true), ..config("stopped") };
    driver.call.stop.cancel();
    let outcome = driver.apply(None, Some(&config)).await;
    outcome.refuses("", &["Stopped while setting"]);
    let state = outcome.state.expect("the bucket exists");

    driver.call = Default::default();
    let state = driver.apply(Some(&state), Some(&config)).await.sound();
    put(&state, "fake/1").await;
    driver.call.stop.cancel();
    let outcome = driver.apply(Some(&state), None).await;
    outcome.refuses("", &["Stopped while emptying"]);
    assert_eq!(outcome.state, Some(state));
}

#[tokio::test]
async fn names_of_others_are_refused_at_plan() {
    let driver = driver(&settings("test", "test")).await;
    let config = config("theirs");
    connect(neighbour()).create_bucket(&id(&config), &NO_TAGS, false).await.unwrap();
    driver.plan(None, Some(&config)).await.refuses("bucket", &["is taken", "another account"]);
}

#[tokio::test]
async fn the_successor_of_a_bucket_may_have_its_name() {
    let driver = driver(&settings("test", "test")).await;
    let config = config("tainted");
    let state = driver.apply(None, Some(&config)).await.sound();
    // Terraform reads a tainted bucket and then plans one as if there were none.
    driver.read(&state).await.sound();
    driver.plan(None, Some(&config)).await.sound();

    let stranger = self::driver(&settings("test", "test")).await;
    stranger.plan(None, Some(&config)).await.refuses("bucket", &["exists already", "terraform import"]);
}

#[tokio::test]
async fn a_replacement_is_refused_while_the_old_bucket_holds_anything() {
    let driver = driver(&settings("test", "test")).await;
    let config = config("moved");
    let state = driver.apply(None, Some(&config)).await.sound();
    let renamed = BucketStorage { bucket: Value::Value(unique("moved")), ..config.clone() };
    driver.plan(Some(&state), Some(&renamed)).await.sound();
    put(&state, "fake/1").await;
    driver.plan(Some(&state), Some(&renamed)).await.refuses("force_destroy", &["replaced", "1 object", "fake/1"]);

    let forced = BucketStorage { force_destroy: Value::Value(true), ..config };
    let state = driver.apply(Some(&state), Some(&forced)).await.sound();
    driver.plan(Some(&state), Some(&renamed)).await.warns("", &["will be deleted", "fake/1"]);
    driver.plan(Some(&state), None).await.warns("", &["will be deleted"]);
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
    assert_eq!(administrator().bucket_settings(&id(&state), Optional::ALL).await.unwrap(), None);
}

#[tokio::test]
async fn a_bucket_that_is_gone_warns_of_the_loss() {
    let driver = driver(&settings("test", "test")).await;
    let config = config("gone");
    let state = driver.apply(None, Some(&config)).await.sound();
    administrator().delete_bucket(&id(&state)).await.unwrap();
    let outcome = driver.read(&state).await;
    outcome.warns("", &["is gone", "the logs in it are lost"]);
    assert_eq!(outcome.state, None);
}

#[tokio::test]
async fn what_is_unknown_is_not_asked_for() {
    let mut nowhere = settings("test", "test");
    nowhere.endpoints.sts = Some("http://127.0.0.1:1".into());
    nowhere.endpoints.s3 = nowhere.endpoints.sts.clone();
    let config = BucketStorage { bucket: Value::Unknown, ..BucketStorage::default() };
    let planned = driver(&nowhere).await.plan(None, Some(&config)).await.sound();
    assert_eq!((planned.bucket, planned.arn), (Value::Unknown, Value::Unknown));
    assert_eq!(planned.region, text(REGION), "needs no network");
}

/// A bucket with every setting there is, and what they need.
async fn everything() -> BucketStorage {
    let (logs, copies) = (unique("access-logs"), unique("copies"));
    for bucket in [&logs, &copies] {
        let bucket = BucketId { name: bucket.clone(), region: REGION.into() };
        administrator().create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
        administrator().put_setting(&bucket, &Setting::Versioning(true)).await.unwrap();
    }
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{logs}/*"),
    }]});
    s3().await.put_bucket_policy().bucket(&logs).policy(policy.to_string()).send().await.unwrap();
    let transition = |days: i64, class: &str| {
        Value::Value(Transition { days: Value::Value(days.into()), storage_class: text(class) })
    };
    BucketStorage {
        kms_key_arn: text(&format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab")),
        bucket_key: Value::Value(false),
        tls_only: Value::Value(true),
        vpc_endpoint_ids: Value::Value([text("vpce-0123456789abcdef0")].into()),
        noncurrent_expiration_days: Value::Value(30.into()),
        expiration_days: Value::Value(400.into()),
        retention_period: text("31d"),
        transitions: Value::Value(vec![transition(30, "STANDARD_IA"), transition(90, "GLACIER_IR")]),
        object_lock: Value::Value(ObjectLock { mode: text("GOVERNANCE"), days: Value::Value(1.into()) }),
        logging: Value::Value(Logging { target_bucket: text(&logs), target_prefix: text("loki/") }),
        replication: Value::Value(Replication {
            role_arn: text(&format!("arn:aws:iam::{ACCOUNT}:role/copy")),
            bucket_arn: text(&format!("arn:aws:s3:::{copies}")),
            storage_class: Value::Null,
            kms_key_arn: text(&format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/copies")),
        }),
        separate_buckets: Value::Value([text("ruler")].into()),
        ..config("everything")
    }
}

#[tokio::test]
async fn every_setting_is_written_read_back_and_ended() {
    let driver = driver(&settings("test", "test")).await;
    let all = everything().await;
    driver.plan(None, Some(&all)).await.warns("tls_only", &["without TLS"]);
    let state = driver.apply(None, Some(&all)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state, "what was written is no drift");
    assert_eq!(driver.plan(Some(&state), Some(&all)).await.sound(), state, "a second plan changes nothing");
    let ruler = format!("{}-ruler", state.bucket.clone().unwrap());
    let locked = s3().await.get_object_lock_configuration().bucket(&ruler).send().await.unwrap();
    assert!(locked.object_lock_configuration.unwrap().rule.is_some(), "both buckets have them");

    let both = BucketStorage { separate_buckets: all.separate_buckets.clone(), ..BucketStorage::default() };
    let both = BucketStorage { bucket: all.bucket.clone(), ..both };
    let state = driver.apply(Some(&state), Some(&both)).await.sound();
    let of_ruler = BucketId { name: ruler.clone(), region: REGION.into() };
    let live = administrator().bucket_settings(&of_ruler, Optional::ALL).await.unwrap().unwrap();
    assert_eq!((live.lock, live.logging, live.replication), (None, None, None), "ended in both");
    let few = BucketStorage { separate_buckets: Value::Null, ..both };
    let state = driver.apply(Some(&state), Some(&few)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state);
    let bucket = id(&state);
    let live = administrator().bucket_settings(&bucket, Optional::ALL).await.unwrap().unwrap();
    assert_eq!((live.lock, live.logging, live.replication), (None, None, None));
    assert!(!live.guards.tls_only && live.guards.vpc_endpoints.is_empty());
    assert!(s3().await.head_bucket().bucket(&ruler).send().await.is_err(), "the bucket of its own is given up");
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
}

#[tokio::test]
async fn drift_of_each_setting_is_seen_and_repaired() {
    let driver = driver(&settings("test", "test")).await;
    let all = everything().await;
    let state = driver.apply(None, Some(&all)).await.sound();
    let (s3, bucket) = (s3().await, state.bucket.clone().unwrap());
    let drift = async |what: &str| match what {
        "policy" => s3.delete_bucket_policy().bucket(&bucket).send().await.map(|_| ()).unwrap(),
        "lifecycle" => s3.delete_bucket_lifecycle().bucket(&bucket).send().await.map(|_| ()).unwrap(),
        "replication" => s3.delete_bucket_replication().bucket(&bucket).send().await.map(|_| ()).unwrap(),
        "encryption" => s3.delete_bucket_encryption().bucket(&bucket).send().await.map(|_| ()).unwrap(),
        "access block" => s3.delete_public_access_block().bucket(&bucket).send().await.map(|_| ()).unwrap(),
        "ownership" => s3.delete_bucket_ownership_controls().bucket(&bucket).send().await.map(|_| ()).unwrap(),
        "tags" => {
            let tag = aws_sdk_s3::types::Tag::builder().key("theirs").value("x").build().unwrap();
            let tagging = aws_sdk_s3::types::Tagging::builder().tag_set(tag).build().unwrap();
            s3.put_bucket_tagging().bucket(&bucket).tagging(tagging).send().await.map(|_| ()).unwrap();
        }
        "lock" => {
            let setting = Setting::Lock(None);
            administrator().put_setting(&id(&state), &setting).await.unwrap();
        }
        "logging" => administrator().put_setting(&id(&state), &Setting::Logging(None)).await.unwrap(),
        "ruler" => {
            let ruler = BucketId { name: format!("{bucket}-ruler"), region: REGION.into() };
            administrator().delete_bucket(&ruler).await.unwrap();
        }
        other => panic!("{other}"),
    };
    let all_of_them = [
        "policy",
        "lifecycle",
        "replication",
        "encryption",
        "access block",
        "ownership",
        "tags",
        "lock",
        "logging",
        "ruler",
    ];
    for what in all_of_them {
        drift(what).await;
        let drifted = driver.read(&state).await.state.expect("the bucket is there");
        assert_ne!(drifted, state, "{what}");
        let repaired = driver.apply(Some(&drifted), Some(&all)).await.state.expect("the bucket is there");
        assert_eq!(repaired, state, "{what}");
        assert_eq!(driver.read(&repaired).await.sound(), state, "{what}");
    }
}

#[tokio::test]
async fn a_name_is_made_up_once_and_stays() {
    let driver = driver(&settings("test", "test")).await;
    let prefix = unique("made-up");
    let config = BucketStorage { bucket_prefix: text(&prefix), ..BucketStorage::default() };
    let planned = driver.plan(None, Some(&config)).await.sound();
    assert_eq!(planned.bucket, Value::Unknown);
    let state = driver.apply(None, Some(&config)).await.sound();
    let name = state.bucket.clone().unwrap();
    assert!(name.starts_with(&prefix) && name.len() == prefix.len() + 12, "{name}");
    assert_eq!(driver.plan(Some(&state), Some(&config)).await.sound(), state, "a second plan changes nothing");
    assert_eq!(driver.read(&state).await.sound(), state);

    // One that was imported fits as well.
    let imported = driver.import(&name).await.sound();
    let read = driver.read(&imported).await.sound();
    assert_eq!(driver.plan(Some(&read), Some(&config)).await.sound().bucket, text(&name));
    let other = BucketStorage { bucket_prefix: text("another-prefix-"), ..config };
    assert_eq!(driver.plan(Some(&state), Some(&other)).await.sound().bucket, Value::Unknown);
}

#[tokio::test]
async fn a_purpose_gives_its_bucket_up_only_when_it_is_empty() {
    let driver = driver(&settings("test", "test")).await;
    let both = BucketStorage { separate_buckets: Value::Value([text("ruler")].into()), ..config("purposes") };
    let state = driver.apply(None, Some(&both)).await.sound();
    let ruler = format!("{}-ruler", both.bucket.clone().unwrap());
    let put = s3().await.put_object().bucket(&ruler).key("rules/a").body(b"x"[..].to_vec().into());
    put.send().await.unwrap();
    let one = BucketStorage { separate_buckets: Value::Null, ..both };
    driver.plan(Some(&state), Some(&one)).await.refuses("force_destroy", &["-ruler", "is not empty", "rules/a"]);
    driver.plan(Some(&state), None).await.refuses("force_destroy", &["-ruler", "is not empty"]);
    let forced = BucketStorage { force_destroy: Value::Value(true), ..one };
    driver.plan(Some(&state), Some(&forced)).await.warns("", &["-ruler", "will be deleted"]);
    let state = driver.apply(Some(&state), Some(&forced)).await.sound();
    assert!(s3().await.head_bucket().bucket(&ruler).send().await.is_err());
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
}

#[tokio::test]
async fn default_tags_go_to_the_bucket_and_not_to_its_tags() {
    let block = serde_json::json!({"default_tags": {"env": "prod", "team": "platform"}});
    let driver = Driver::<BucketStorage>::with("loki_bucket_storage", &settings("test", "test"), &block).await;
    let config = BucketStorage { tags: Value::Value([("team".into(), text("logging"))].into()), ..config("tagged") };
    let state = driver.apply(None, Some(&config)).await.sound();
    let live = administrator().bucket_settings(&id(&state), Optional::default()).await.unwrap().unwrap().tags;
    assert_eq!(live, [("env".to_owned(), "prod".to_owned()), ("team".to_owned(), "logging".to_owned())].into());
    assert_eq!(driver.read(&state).await.sound(), state);
    let block = serde_json::json!({"default_tags": {"env": "test"}});
    let driver = Driver::<BucketStorage>::with("loki_bucket_storage", &settings("test", "test"), &block).await;
    let state = driver.read(&state).await.sound();
    assert_eq!(state.tags, config.tags);
    let state = driver.apply(Some(&state), Some(&config)).await.sound();
    let live = administrator().bucket_settings(&id(&state), Optional::default()).await.unwrap().unwrap().tags;
    assert_eq!(live["env"], "test");
}

#[tokio::test]
async fn an_account_that_is_kept_out_is_asked_nothing() {
    for (block, words) in [
        (serde_json::json!({"allowed_account_ids": ["210987654321"]}), "allows 210987654321 alone"),
        (serde_json::json!({"forbidden_account_ids": [ACCOUNT]}), "forbids it"),
    ] {
        let driver = Driver::<BucketStorage>::with("loki_bucket_storage", &settings("test", "test"), &block).await;
        driver.plan(None, Some(&config("kept-out"))).await.refuses("", &[ACCOUNT, words]);
    }
    let block = serde_json::json!({"allowed_account_ids": [ACCOUNT]});
    let driver = Driver::<BucketStorage>::with("loki_bucket_storage", &settings("test", "test"), &block).await;
    driver.plan(None, Some(&config("let-in"))).await.sound();
}

#[tokio::test]
async fn a_key_of_the_buckets_own_lives_and_ends_with_it() {
    let driver = driver(&settings("test", "test")).await;
    let config = BucketStorage { create_kms_key: Value::Value(true), ..config("own-key") };
    let planned = driver.plan(None, Some(&config)).await.sound();
    assert_eq!((planned.created_kms_key_arn, planned.encryption), (Value::Unknown, text("aws:kms")));
    let state = driver.apply(None, Some(&config)).await.sound();
    let key = state.created_kms_key_arn.clone().unwrap();
    assert_eq!(state.kms_key_arn, Value::Null);
    assert_eq!(driver.read(&state).await.sound(), state, "what was written is no drift");
    assert_eq!(driver.plan(Some(&state), Some(&config)).await.sound(), state, "a second plan changes nothing");
    let aws = administrator();
    let encryption = async || aws.bucket_settings(&id(&state), Optional::default()).await.unwrap().unwrap().encryption;
    assert_eq!(encryption().await, Encryption::Kms { key: Some(key.clone()), bucket_key: true });

    // Somebody is about to destroy everything that it encrypts.
    let kms = aws_sdk_kms::Client::new(&sdk().await);
    kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    let drifted = driver.read(&state).await;
    drifted.warns("create_kms_key", &["cannot be used", "scheduled its deletion", "works again then"]);
    let state = driver.apply(drifted.state.as_ref(), Some(&config)).await.sound();
    assert_eq!(state.created_kms_key_arn, text(&key));
    assert_eq!(aws.key(REGION, &key).await.unwrap().unwrap().state, KeyState::Enabled);

    // Not wanted any more, it stays for what it encrypts, and ends with the bucket.
    let plain = BucketStorage { create_kms_key: Value::Value(false), ..config };
    let state = driver.apply(Some(&state), Some(&plain)).await.sound();
    assert_eq!(encryption().await, Encryption::S3);
    assert_eq!(driver.read(&state).await.sound(), state);
    assert_eq!(aws.key(REGION, &key).await.unwrap().unwrap().state, KeyState::Enabled);
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
    assert_eq!(aws.key(REGION, &key).await.unwrap().unwrap().state, KeyState::PendingDeletion);
}
