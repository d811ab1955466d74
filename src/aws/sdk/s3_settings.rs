//! S3: a bucket's settings, one API call each way per setting. Those that few buckets have are in `s3_optional`, the
//! lifecycle rules in `s3_lifecycle`.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    error::SdkError,
    types::{
        BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
        PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
        ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging, VersioningConfiguration,
    },
};
use aws_smithy_types::error::{metadata::ProvideErrorMetadata, operation::BuildError};

use super::{Session, operations};
use crate::aws::{BucketId, BucketSettings, Encryption, Error, Kind, Operation, Optional, Result, Setting};

impl Session {
    pub(super) async fn read_settings(&self, bucket: &BucketId, optional: Optional) -> Result<Option<BucketSettings>> {
        let read = tokio::try_join!(
            self.public_access_blocked(bucket),
            self.acls_disabled(bucket),
            self.encryption(bucket),
            self.versioning(bucket),
            self.our_lifecycle(bucket),
            self.guards(bucket),
            self.tags(bucket),
            when(optional.lock, self.lock(bucket)),
            when(optional.logging, self.logging(bucket)),
            when(optional.replication, self.replication(bucket)),
        );
        match read {
            Ok((
                public_access_blocked,
                acls_disabled,
                encryption,
                versioning,
                lifecycle,
                guards,
                tags,
                lock,
                logging,
                replication,
            )) => Ok(Some(BucketSettings {
                public_access_blocked,
                acls_disabled,
                encryption,
                versioning,
                lifecycle,
                guards,
                lock,
                logging,
                replication,
                tags: own_tags(tags),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn write_setting(&self, bucket: &BucketId, setting: &Setting) -> Result<()> {
        match setting {
            Setting::PublicAccessBlocked => self.block_public_access(bucket).await,
            Setting::AclsDisabled => self.disable_acls(bucket).await,
            Setting::Encryption(encryption) => self.encrypt(bucket, encryption).await,
            Setting::Versioning(on) => self.set_versioning(bucket, *on).await,
            Setting::Lifecycle(lifecycle) => self.set_our_lifecycle(bucket, lifecycle).await,
            Setting::Guards(guards) => self.set_guards(bucket, guards).await,
            Setting::Lock(lock) => self.set_lock(bucket, lock.as_ref()).await,
            Setting::Logging(logging) => self.set_logging(bucket, logging.as_ref()).await,
            Setting::Replication(replication) => self.set_replication(bucket, replication.as_ref()).await,
            Setting::Tags(tags) => self.set_tags(bucket, tags).await,
        }
    }

    /// The answer, or `None` when S3 says with `unset` that nobody has set it. A missing bucket is another 404.
    pub(super) fn set_or_not<T, E>(
        &self,
        operation: Operation,
        unset: &str,
        answer: std::result::Result<T, SdkError<E>>,
    ) -> Result<Option<T>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code() == Some(unset) => Ok(None),
            Err(error) => Err(self.failure(operation, &error)),
        }
    }

    async fn public_access_blocked(&self, bucket: &BucketId) -> Result<bool> {
        let operation = operations::GET_PUBLIC_ACCESS;
        let request = self.s3(&bucket.region).get_public_access_block();
        let answer = request.bucket(&bucket.name).send().await;
        let answer = self.set_or_not(operation, "NoSuchPublicAccessBlockConfiguration", answer)?;
        let block = answer.and_then(|answer| answer.public_access_block_configuration);
        Ok(block.is_some_and(|block| {
            [
                block.block_public_acls,
                block.block_public_policy,
                block.ignore_public_acls,
                block.restrict_public_buckets,
            ]
            .iter()
            .all(|switch| *switch == Some(true))
        }))
    }

    async fn block_public_access(&self, bucket: &BucketId) -> Result<()> {
        let operation = operations::PUT_PUBLIC_ACCESS;
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        let request = self.s3(&bucket.region).put_public_access_block();
        let request = request.bucket(&bucket.name);
        let answer = request.public_access_block_configuration(block).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }

    async fn acls_disabled(&self, bucket: &BucketId) -> Result<bool> {
        let operation = operations::GET_OWNERSHIP;
        let request = self.s3(&bucket.region).get_bucket_ownership_controls();
        let answer = request.bucket(&bucket.name).send().await;
        let answer = self.set_or_not(operation, "OwnershipControlsNotFoundError", answer)?;
        let controls = answer.and_then(|answer| answer.ownership_controls);
        Ok(controls.is_some_and(|controls| {
            controls.rules.iter().any(|rule| rule.object_ownership == ObjectOwnership::BucketOwnerEnforced)
        }))
    }

    async fn disable_acls(&self, bucket: &BucketId) -> Result<()> {
        let operation = operations::PUT_OWNERSHIP;
        let controls = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build()
            .and_then(|rule| OwnershipControls::builder().rules(rule).build())
            .map_err(invalid(operation))?;
        let request = self.s3(&bucket.region).put_bucket_ownership_controls();
        let request = request.bucket(&bucket.name);
        let answer = request.ownership_controls(controls).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }

    async fn encryption(&self, bucket: &BucketId) -> Result<Encryption> {
        let operation = operations::GET_ENCRYPTION;
        let request = self.s3(&bucket.region).get_bucket_encryption();
        let answer = request.bucket(&bucket.name).send().await;
        let unset = "ServerSideEncryptionConfigurationNotFoundError";
        let answer = self.set_or_not(operation, unset, answer)?;
        let rule = answer
            .and_then(|answer| answer.server_side_encryption_configuration)
            .and_then(|configuration| configuration.rules.into_iter().next());
        let Some(rule) = rule else {
            return Ok(Encryption::Other("none".into()));
        };
        let bucket_key = rule.bucket_key_enabled.unwrap_or_default();
        let Some(default) = rule.apply_server_side_encryption_by_default else {
            return Ok(Encryption::Other("none".into()));
        };
        Ok(match default.sse_algorithm {
            ServerSideEncryption::Aes256 => Encryption::S3,
            ServerSideEncryption::AwsKms => Encryption::Kms { key: default.kms_master_key_id, bucket_key },
            other => Encryption::Other(other.as_str().to_owned()),
        })
    }

    async fn encrypt(&self, bucket: &BucketId, encryption: &Encryption) -> Result<()> {
        let operation = operations::PUT_ENCRYPTION;
        let (algorithm, key, bucket_key) = match encryption {
            Encryption::S3 => (ServerSideEncryption::Aes256, None, true),
            Encryption::Kms { key, bucket_key } => (ServerSideEncryption::AwsKms, key.clone(), *bucket_key),
            Encryption::Other(name) => (ServerSideEncryption::from(name.as_str()), None, false),
        };
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(key)
            .build()
            .map_err(invalid(operation))?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            .bucket_key_enabled(bucket_key)
            .build();
        let configuration =
            ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(invalid(operation))?;
        let request = self.s3(&bucket.region).put_bucket_encryption();
        let request = request.bucket(&bucket.name);
        let answer = request.server_side_encryption_configuration(configuration).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }

    async fn versioning(&self, bucket: &BucketId) -> Result<bool> {
        let request = self.s3(&bucket.region).get_bucket_versioning();
        let answer = request.bucket(&bucket.name).send().await;
        let answer = answer.map_err(|error| self.failure(operations::GET_VERSIONING, &error))?;
        Ok(answer.status == Some(BucketVersioningStatus::Enabled))
    }

    async fn set_versioning(&self, bucket: &BucketId, on: bool) -> Result<()> {
        let operation = operations::PUT_VERSIONING;
        // Once on, versioning is never off again, only suspended.
        let status = match on {
            true => BucketVersioningStatus::Enabled,
            false => BucketVersioningStatus::Suspended,
        };
        let configuration = VersioningConfiguration::builder().status(status).build();
        let request = self.s3(&bucket.region).put_bucket_versioning();
        let request = request.bucket(&bucket.name);
        let answer = request.versioning_configuration(configuration).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }

    /// All of them, AWS' own included.
    async fn tags(&self, bucket: &BucketId) -> Result<Vec<Tag>> {
        let request = self.s3(&bucket.region).get_bucket_tagging();
        let answer = request.bucket(&bucket.name).send().await;
        let answer = self.set_or_not(operations::GET_TAGS, "NoSuchTagSet", answer)?;
        Ok(answer.map(|answer| answer.tag_set).unwrap_or_default())
    }

    async fn set_tags(&self, bucket: &BucketId, wanted: &BTreeMap<String, String>) -> Result<()> {
        let operation = operations::PUT_TAGS;
        let mut tags = self.tags(bucket).await?;
        // S3 refuses a change that drops the tags that AWS itself has set.
        tags.retain(|tag| tag.key.starts_with(AWS_TAG));
        for (key, value) in wanted {
            let tag = Tag::builder().key(key).value(value).build();
            tags.push(tag.map_err(invalid(operation))?);
        }
        let s3 = self.s3(&bucket.region);
        if tags.is_empty() {
            let answer = s3.delete_bucket_tagging().bucket(&bucket.name).send().await;
            answer.map_err(|error| self.failure(operations::DELETE_TAGS, &error))?;
            return Ok(());
        }
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(invalid(operation))?;
        let request = s3.put_bucket_tagging().bucket(&bucket.name);
        let answer = request.tagging(tagging).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }
}

/// What is asked for only `when` it is wanted.
async fn when<T>(wanted: bool, asked: impl Future<Output = Result<Option<T>>>) -> Result<Option<T>> {
    if wanted { asked.await } else { Ok(None) }
}

/// The prefix of tags that AWS services set and nobody else can.
const AWS_TAG: &str = "aws:";

fn own_tags(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().filter(|tag| !tag.key.starts_with(AWS_TAG)).map(|tag| (tag.key, tag.value)).collect()
}

/// The SDK's builders check that required fields are there.
pub(super) fn invalid(operation: Operation) -> impl Fn(BuildError) -> Error {
    move |error| {
        let detail = error.to_string();
        Error::new(operation, Kind::InvalidInput(detail))
    }
}
