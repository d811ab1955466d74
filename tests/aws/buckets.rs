//! The port of S3.

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_sdk_s3::types::{ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter};
use futures::StreamExt;
use loki_provider::aws::{
    BucketId, BucketSettings, Emptied, Encryption, Kind, Lifecycle, Optional, Presence, Setting, connect,
};
use tokio_util::sync::CancellationToken;

use crate::support::{ACCOUNT, NO_TAGS, REGION, administrator, bucket_id, neighbour, s3, unique, user};

#[tokio::test]
async fn bucket_names_are_free_or_ours() {
    let aws = administrator();
    let bucket = bucket_id("look");
    assert_eq!(aws.look(&bucket.name, REGION).await.unwrap(), Presence::Absent);
    assert_eq!(aws.bucket_settings(&bucket, Optional::ALL).await.unwrap(), None);

    aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    let ours = Presence::Ours { region: REGION.into() };
    assert_eq!(aws.look(&bucket.name, REGION).await.unwrap(), ours);
    assert_eq!(aws.look(&bucket.name, "us-east-1").await.unwrap(), ours, "the bucket's own region is named");

    let again = aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap_err();
    assert!(matches!(again.kind, Kind::AlreadyExists(_)), "{again}");
    aws.delete_bucket(&bucket).await.unwrap();
    aws.delete_bucket(&bucket).await.expect("a bucket that is gone counts as deleted");
    assert_eq!(aws.look(&bucket.name, REGION).await.unwrap(), Presence::Absent);
}

#[tokio::test]
async fn buckets_are_listed_by_prefix_with_their_regions() {
    let aws = administrator();
    let prefix = unique("listed");
    let elsewhere = BucketId { name: format!("{prefix}-b"), region: "us-east-1".into() };
    let here = BucketId { name: format!("{prefix}-a"), region: REGION.into() };
    let other = bucket_id("unlisted");
    for bucket in [&elsewhere, &here, &other] {
        aws.create_bucket(bucket, &NO_TAGS, false).await.unwrap();
    }
    let listed = async |prefix: &str| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = aws.list_buckets(prefix, after).await.unwrap();
            found.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        // S3 goes by name, moto by age.
        found.sort_by(|a: &BucketId, b| a.name.cmp(&b.name));
        found
    };
    assert_eq!(listed(&prefix).await, [here, elsewhere]);
    assert!(listed("").await.contains(&other));
    let refused = connect(user(&["sts:GetCallerIdentity"]).await).list_buckets("", None).await.unwrap_err();
    assert!(refused.is_access_denied(), "{refused}");
}

#[tokio::test]
async fn a_bucket_in_us_east_1_has_no_location_constraint() {
    let aws = administrator();
    let bucket = BucketId { name: unique("default-location"), region: "us-east-1".into() };
    aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    let found = aws.look(&bucket.name, REGION).await.unwrap();
    assert_eq!(found, Presence::Ours { region: "us-east-1".into() });
    aws.delete_bucket(&bucket).await.unwrap();
}

#[tokio::test]
async fn settings_are_written_one_by_one_and_read_back() {
    let aws = administrator();
    let bucket = bucket_id("settings");
    aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    let lifecycle = |days| Lifecycle { abort_incomplete_uploads_days: days, ..Lifecycle::default() };
    let mut wanted = BucketSettings {
        public_access_blocked: true,
        encryption: Encryption::S3,
        versioning: true,
        lifecycle: lifecycle(Some(7)),
        tags: BTreeMap::from([("team".into(), "logging".into())]),
        ..BucketSettings::bare()
    };
    let live = aws.bucket_settings(&bucket, Optional::ALL).await.unwrap().unwrap();
    assert!(live.acls_disabled, "new buckets have ACLs disabled");
    for setting in wanted.changes_from(&live).into_iter().flatten() {
        aws.put_setting(&bucket, &setting).await.unwrap();
    }
    assert_eq!(aws.bucket_settings(&bucket, Optional::ALL).await.unwrap().unwrap(), wanted);

    let key = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    let changes = [
        Setting::Encryption(Encryption::Kms { key: Some(key), bucket_key: true }),
        Setting::Versioning(false),
        Setting::Lifecycle(lifecycle(Some(3))),
        Setting::Tags(BTreeMap::new()),
    ];
    for setting in changes {
        aws.put_setting(&bucket, &setting).await.unwrap();
        wanted.set(setting);
        assert_eq!(aws.bucket_settings(&bucket, Optional::ALL).await.unwrap().unwrap(), wanted);
    }
}

#[tokio::test]
async fn changes_by_others_are_seen() {
    let (aws, s3) = (administrator(), s3().await);
    let bucket = bucket_id("drift");
    aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    aws.put_setting(&bucket, &Setting::PublicAccessBlocked).await.unwrap();
    s3.delete_public_access_block().bucket(&bucket.name).send().await.unwrap();
    let live = aws.bucket_settings(&bucket, Optional::ALL).await.unwrap().unwrap();
    assert!(!live.public_access_blocked);
    assert!(!live.versioning);
    assert_eq!(live.lifecycle, Lifecycle::default());
}

#[tokio::test]
async fn lifecycle_rules_of_others_stay() {
    let (aws, s3) = (administrator(), s3().await);
    let bucket = bucket_id("lifecycle");
    aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    let theirs = LifecycleRule::builder()
        .id("theirs")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("tmp/").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()
        .unwrap();
    let configuration = aws_sdk_s3::types::BucketLifecycleConfiguration::builder().rules(theirs).build().unwrap();
    let request = s3.put_bucket_lifecycle_configuration().bucket(&bucket.name);
    request.lifecycle_configuration(configuration).send().await.unwrap();
    let rules = async || {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(&bucket.name).send().await.unwrap();
        answer.rules().iter().map(|rule| rule.id().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };

    let ours = Lifecycle { abort_incomplete_uploads_days: Some(7), ..Lifecycle::default() };
    aws.put_setting(&bucket, &Setting::Lifecycle(ours)).await.unwrap();
    assert_eq!(rules().await.len(), 2);
    aws.put_setting(&bucket, &Setting::Lifecycle(Lifecycle::default())).await.unwrap();
    assert_eq!(rules().await, ["theirs"]);
}

/// 1100 objects, one of them overwritten and one deleted, and an unfinished upload.
async fn fill(s3: &aws_sdk_s3::Client, bucket: &BucketId) {
    let put = |key: String| {
        let request = s3.put_object().bucket(&bucket.name).key(key).body(b"line"[..].to_vec().into());
        async move { request.send().await.unwrap() }
    };
    futures::stream::iter(0..1100).map(|n| put(format!("chunks/{n:04}"))).buffer_unordered(8).count().await;
    put("chunks/0000".into()).await;
    s3.delete_object().bucket(&bucket.name).key("chunks/0001").send().await.unwrap();
    s3.create_multipart_upload().bucket(&bucket.name).key("unfinished").send().await.unwrap();
}

#[tokio::test]
async fn a_full_bucket_is_kept_until_it_is_emptied() {
    let (aws, s3) = (administrator(), s3().await);
    let bucket = bucket_id("full");
    aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    aws.put_setting(&bucket, &Setting::Versioning(true)).await.unwrap();
    assert!(aws.contents(&bucket).await.unwrap().is_empty());
    fill(&s3, &bucket).await;

    let contents = aws.contents(&bucket).await.unwrap();
    assert_eq!((contents.entries, contents.more), (1000, true));
    assert!(contents.example.is_some_and(|key| key.starts_with("chunks/")));
    let refused = aws.delete_bucket(&bucket).await.unwrap_err();
    assert!(matches!(refused.kind, Kind::InUse(_)), "{refused}");

    // Stopped before the first batch: all of it is still there.
    let cancel = CancellationToken::new();
    cancel.cancel();
    let stopped = aws.empty(&bucket, &|_| {}, &cancel).await.unwrap_err();
    assert_eq!(stopped.kind, Kind::Cancelled);
    let heard = Mutex::new(Vec::new());
    let hear = |done| heard.lock().unwrap().push(done);
    let done = aws.empty(&bucket, &hear, &CancellationToken::new()).await.unwrap();
    assert_eq!(done, Emptied { entries: 1102, uploads: 1 });
    assert_eq!(heard.lock().unwrap().last(), Some(&done));
    assert!(aws.contents(&bucket).await.unwrap().is_empty());

    // Stopped in the midst of it, it is finished by the next one; how much the first one got is up to the batches under way.
    fill(&s3, &bucket).await;
    let cancel = CancellationToken::new();
    let stop = |_: Emptied| cancel.cancel();
    let stopped = aws.empty(&bucket, &stop, &cancel).await.unwrap_err();
    assert_eq!(stopped.kind, Kind::Cancelled);
    aws.empty(&bucket, &|_| {}, &CancellationToken::new()).await.unwrap();
    assert!(aws.contents(&bucket).await.unwrap().is_empty());
    aws.delete_bucket(&bucket).await.unwrap();
    let gone = aws.empty(&bucket, &|_| {}, &CancellationToken::new()).await.unwrap();
    assert_eq!(gone, Emptied::default());
}

#[tokio::test]
async fn buckets_of_other_accounts_are_foreign() {
    let neighbour = connect(neighbour());
    let bucket = bucket_id("theirs");
    neighbour.create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    assert_eq!(neighbour.look(&bucket.name, REGION).await.unwrap(), Presence::Ours { region: REGION.into() });

    let aws = administrator();
    let found = aws.look(&bucket.name, REGION).await.unwrap();
    assert!(matches!(found, Presence::Foreign { .. }), "{found:?}");
    let taken = aws.create_bucket(&bucket, &NO_TAGS, false).await.unwrap_err();
    assert!(matches!(taken.kind, Kind::OwnedByOther(_)), "{taken}");
}

#[tokio::test]
async fn a_bucket_that_refuses_us_is_foreign_or_ours_and_locked() {
    let bucket = bucket_id("locked");
    administrator().create_bucket(&bucket, &NO_TAGS, false).await.unwrap();
    let stranger = connect(user(&["sts:GetCallerIdentity"]).await);
    let found = stranger.look(&bucket.name, REGION).await.unwrap();
    assert!(matches!(found, Presence::Foreign { .. }), "{found:?}");

    let lister = connect(user(&["sts:GetCallerIdentity", "s3:ListAllMyBuckets"]).await);
    let denied = lister.look(&bucket.name, REGION).await.unwrap_err();
    assert!(denied.is_access_denied(), "{denied}");
    assert!(denied.to_string().contains("belongs to this account"), "{denied}");
}
