//! `loki_bucket_storage`: what real terraform cannot be made to show, and what goes wrong half-way.

use loki_provider::aws::{BucketId, Settings, connect};
use loki_provider::resource::bucket_storage::BucketStorage;
use loki_provider::schema::Value;

use crate::drive::Driver;
use crate::support::{NO_TAGS, REGION, administrator, neighbour, s3, settings, unique, user};

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
    connect(neighbour()).create_bucket(&id(&config), &NO_TAGS).await.unwrap();
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
    assert_eq!(administrator().bucket_settings(&id(&state)).await.unwrap(), None);
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
