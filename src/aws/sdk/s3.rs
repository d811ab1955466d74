//! S3: buckets. Their settings are in `s3_settings`, emptying them in `empty`.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::{
    client::Waiters,
    types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership, Tag},
};
use tokio_util::sync::CancellationToken;

use super::{Sdk, Session, operations};
use crate::aws::{
    BucketId, BucketSettings, Buckets, Contents, Emptied, Error, Identity, Kind, Optional, Page, Presence, Result,
    Service, Setting, Usage,
};

/// S3 shows a new bucket everywhere within seconds.
const VISIBLE_WITHIN: Duration = Duration::from_secs(60);
/// Buckets per page of a list: the most that S3 gives where it may give fewer.
const PAGE: i32 = 1000;
/// The one region whose name must not be given as a location (API_CreateBucket).
const DEFAULT_LOCATION: &str = "us-east-1";
/// The header in which S3 names a bucket's region, also in refusals.
const REGION_HEADER: &str = "x-amz-bucket-region";

#[async_trait::async_trait]
impl Buckets for Sdk {
    async fn s3_endpoint(&self) -> Result<Option<String>> {
        Ok(self.session(operations::HEAD_BUCKET).await?.endpoint(Service::S3))
    }

    async fn look(&self, bucket: &str, region: &str) -> Result<Presence> {
        let operation = operations::HEAD_BUCKET;
        // Answers to HEAD carry no reason, so bad credentials are found here, where they are told apart.
        let account = self.caller().await?.account;
        let session = self.session(operation).await?;
        let mut region = region.to_owned();
        let mut redirected = false;
        loop {
            let head = session.s3(&region).head_bucket().bucket(bucket);
            // Without this a bucket of another account that lets us in would look like ours.
            let error = match head.expected_bucket_owner(&account).send().await {
                Ok(answer) => {
                    let region = answer.bucket_region.unwrap_or(region);
                    return Ok(Presence::Ours { region });
                }
                Err(error) => error,
            };
            let response = error.raw_response();
            let status = response.map_or(0, |response| response.status().as_u16());
            let home = response.and_then(|response| response.headers().get(REGION_HEADER));
            match (status, home) {
                (404, _) => return Ok(Presence::Absent),
                (301 | 307 | 400 | 403, Some(home)) if home != region && !redirected => {
                    region = home.to_owned();
                    redirected = true;
                }
                (301 | 403, home) => {
                    let region = home.map(str::to_owned);
                    return refused(session, bucket, &account, region).await;
                }
                _ => return Err(session.failure(operation, &error)),
            }
        }
    }

    async fn create_bucket(&self, bucket: &BucketId, tags: &BTreeMap<String, String>, lockable: bool) -> Result<()> {
        let operation = operations::CREATE_BUCKET;
        let session = self.session(operation).await?;
        let s3 = session.s3(&bucket.region);
        let location = (bucket.region != DEFAULT_LOCATION).then(|| BucketLocationConstraint::from(&*bucket.region));
        let tags: std::result::Result<Vec<_>, _> =
            tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let tags = tags.map_err(|error| Error::new(operation, Kind::InvalidInput(error.to_string())))?;
        // An empty configuration is not the same as none.
        let configuration = (location.is_some() || !tags.is_empty()).then(|| {
            let tags = Some(tags).filter(|tags| !tags.is_empty());
            CreateBucketConfiguration::builder().set_location_constraint(location).set_tags(tags).build()
        });
        s3.create_bucket()
            .bucket(&bucket.name)
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .set_object_lock_enabled_for_bucket(lockable.then_some(true))
            .set_create_bucket_configuration(configuration)
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        // It exists from here on: a slow S3 is no reason to report a failed creation.
        let visible = s3.wait_until_bucket_exists().bucket(&bucket.name);
        if let Err(error) = visible.wait(VISIBLE_WITHIN).await {
            tracing::warn!(bucket = bucket.name, %error, "S3 does not show the new bucket yet");
        }
        Ok(())
    }

    async fn list_buckets(&self, prefix: &str, after: Option<String>) -> Result<Page<BucketId>> {
        let operation = operations::LIST_BUCKETS;
        let session = self.session(operation).await?;
        let request = session.s3(&session.region).list_buckets().max_buckets(PAGE).set_continuation_token(after);
        let request = request.set_prefix(Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()));
        let answer = request.send().await.map_err(|error| session.failure(operation, &error))?;
        let mut items = Vec::new();
        for bucket in answer.buckets.unwrap_or_default() {
            let Some(name) = bucket.name else { continue };
            let region = match bucket.bucket_region {
                Some(region) => region,
                // Stores that speak S3's API may leave it out.
                None => match self.look(&name, &session.region).await? {
                    Presence::Ours { region } => region,
                    Presence::Absent | Presence::Foreign { .. } => continue,
                },
            };
            items.push(BucketId { name, region });
        }
        Ok(Page { items, next: answer.continuation_token.filter(|token| !token.is_empty()) })
    }

    async fn bucket_settings(&self, bucket: &BucketId, optional: Optional) -> Result<Option<BucketSettings>> {
        let session = self.session(operations::HEAD_BUCKET).await?;
        session.read_settings(bucket, optional).await
    }

    async fn put_setting(&self, bucket: &BucketId, setting: &Setting) -> Result<()> {
        let session = self.session(operations::HEAD_BUCKET).await?;
        session.write_setting(bucket, setting).await
    }

    async fn contents(&self, bucket: &BucketId) -> Result<Contents> {
        let session = self.session(operations::LIST_VERSIONS).await?;
        session.contents(bucket).await
    }

    async fn probe(&self, bucket: &BucketId, key: &str) -> Result<()> {
        self.session(operations::PUT_OBJECT).await?.probe(bucket, key).await
    }

    async fn purge(&self, bucket: &BucketId, key: &str) -> Result<()> {
        self.session(operations::DELETE_OBJECTS).await?.purge(bucket, key).await
    }

    async fn usage(&self, bucket: &BucketId, prefix: &str, limit: u64) -> Result<Usage> {
        self.session(operations::LIST_VERSIONS).await?.usage(bucket, prefix, limit).await
    }

    async fn empty(
        &self,
        bucket: &BucketId,
        progress: &(dyn Fn(Emptied) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Emptied> {
        let session = self.session(operations::LIST_VERSIONS).await?;
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Error::new(operations::DELETE_OBJECTS, Kind::Cancelled)),
            done = session.empty(bucket, progress) => done,
        }
    }

    async fn delete_bucket(&self, bucket: &BucketId) -> Result<bool> {
        let operation = operations::DELETE_BUCKET;
        let session = self.session(operation).await?;
        let request = session.s3(&bucket.region).delete_bucket();
        match request.bucket(&bucket.name).send().await {
            Ok(_) => Ok(true),
            Err(error) => match session.failure(operation, &error) {
                error if error.is_not_found() => Ok(false),
                error => Err(error),
            },
        }
    }
}

/// S3 says 403 both for buckets of others and for ours that we may not list: the account's own list tells them apart,
/// if we may read that.
async fn refused(session: &Session, bucket: &str, account: &str, region: Option<String>) -> Result<Presence> {
    let own = session.s3(&session.region).list_buckets().prefix(bucket);
    let listed = own.send().await.ok();
    let is_ours = listed.iter().flat_map(|listed| listed.buckets()).any(|ours| ours.name() == Some(bucket));
    if !is_ours {
        return Ok(Presence::Foreign { region });
    }
    let action = operations::HEAD_BUCKET.action.to_owned();
    let detail = format!("bucket {bucket:?} belongs to this account ({account}), but the caller may not list it");
    Err(Error::new(operations::HEAD_BUCKET, Kind::AccessDenied { action, detail }))
}
