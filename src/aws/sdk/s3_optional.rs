//! S3: the settings that not every bucket has: policy, object lock, access logs, replication.

use aws_sdk_s3::types::{
    BucketLoggingStatus, DefaultRetention, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination,
    EncryptionConfiguration, LoggingEnabled, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
    ObjectLockRule, ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus,
    SourceSelectionCriteria, SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus, StorageClass,
};

use super::{Session, operations, s3_settings::invalid};
use crate::aws::{BucketId, Error, Kind, Lock, LockMode, Logging, Replication, Result};
use crate::iam::{Guards, PolicyDocument, arn};

/// The one replication rule that is ours.
const RULE: &str = "terraform-provider-loki";

impl Session {
    async fn policy(&self, bucket: &BucketId) -> Result<Option<PolicyDocument>> {
        let operation = operations::GET_POLICY;
        let answer = self.s3(&bucket.region).get_bucket_policy().bucket(&bucket.name).send().await;
        let text = self.set_or_not(operation, "NoSuchBucketPolicy", answer)?.and_then(|answer| answer.policy);
        let parsed = text.map(|text| PolicyDocument::parse(&text)).transpose();
        parsed.map_err(|detail| Error::new(operation, Kind::Other(detail)))
    }

    pub(super) async fn guards(&self, bucket: &BucketId) -> Result<Guards> {
        let policy = self.policy(bucket).await?;
        Ok(policy.map(|policy| Guards::of(&policy, &arn::bucket(&bucket.region, &bucket.name))).unwrap_or_default())
    }

    /// S3 only takes the whole policy, so the statements of others are read and written back.
    pub(super) async fn set_guards(&self, bucket: &BucketId, guards: &Guards) -> Result<()> {
        let live = self.policy(bucket).await?;
        let s3 = self.s3(&bucket.region);
        match guards.placed_in(live.as_ref(), &arn::bucket(&bucket.region, &bucket.name)) {
            Some(policy) => {
                let answer = s3.put_bucket_policy().bucket(&bucket.name).policy(policy.to_string()).send().await;
                answer.map_err(|error| self.failure(operations::PUT_POLICY, &error))?;
            }
            None => {
                let answer = s3.delete_bucket_policy().bucket(&bucket.name).send().await;
                answer.map_err(|error| self.failure(operations::DELETE_POLICY, &error))?;
            }
        }
        Ok(())
    }

    pub(super) async fn lock(&self, bucket: &BucketId) -> Result<Option<Lock>> {
        let operation = operations::GET_LOCK;
        let answer = self.s3(&bucket.region).get_object_lock_configuration().bucket(&bucket.name).send().await;
        let answer = self.set_or_not(operation, "ObjectLockConfigurationNotFoundError", answer)?;
        let retention = answer
            .and_then(|answer| answer.object_lock_configuration)
            .and_then(|configuration| configuration.rule)
            .and_then(|rule| rule.default_retention);
        Ok(retention.and_then(|retention| {
            let mode = match retention.mode? {
                ObjectLockRetentionMode::Governance => LockMode::Governance,
                _ => LockMode::Compliance,
            };
            // Somebody else may have written years: S3 counts 365 days for each.
            let days = retention.days.filter(|days| *days > 0).or(retention.years.map(|years| years * 365))?;
            Some(Lock { mode, days })
        }))
    }

    /// A bucket that objects can be locked in stays one; without a rule nothing new is locked.
    pub(super) async fn set_lock(&self, bucket: &BucketId, lock: Option<&Lock>) -> Result<()> {
        let rule = lock.map(|lock| {
            let mode = match lock.mode {
                LockMode::Governance => ObjectLockRetentionMode::Governance,
                LockMode::Compliance => ObjectLockRetentionMode::Compliance,
            };
            let retention = DefaultRetention::builder().mode(mode).days(lock.days).build();
            ObjectLockRule::builder().default_retention(retention).build()
        });
        let configuration =
            ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).set_rule(rule).build();
        let request = self.s3(&bucket.region).put_object_lock_configuration().bucket(&bucket.name);
        let answer = request.object_lock_configuration(configuration).send().await;
        answer.map_err(|error| self.failure(operations::PUT_LOCK, &error))?;
        Ok(())
    }

    pub(super) async fn logging(&self, bucket: &BucketId) -> Result<Option<Logging>> {
        let operation = operations::GET_LOGGING;
        let answer = self.s3(&bucket.region).get_bucket_logging().bucket(&bucket.name).send().await;
        let answer = answer.map_err(|error| self.failure(operation, &error))?;
        Ok(answer
            .logging_enabled
            .map(|logging| Logging { target_bucket: logging.target_bucket, target_prefix: logging.target_prefix }))
    }

    pub(super) async fn set_logging(&self, bucket: &BucketId, logging: Option<&Logging>) -> Result<()> {
        let operation = operations::PUT_LOGGING;
        let enabled = logging.map(|logging| {
            LoggingEnabled::builder()
                .target_bucket(&logging.target_bucket)
                .target_prefix(&logging.target_prefix)
                .build()
                .map_err(invalid(operation))
        });
        let status = BucketLoggingStatus::builder().set_logging_enabled(enabled.transpose()?).build();
        let request = self.s3(&bucket.region).put_bucket_logging().bucket(&bucket.name);
        let answer = request.bucket_logging_status(status).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }

    pub(super) async fn replication(&self, bucket: &BucketId) -> Result<Option<Replication>> {
        let operation = operations::GET_REPLICATION;
        let answer = self.s3(&bucket.region).get_bucket_replication().bucket(&bucket.name).send().await;
        let answer = self.set_or_not(operation, "ReplicationConfigurationNotFoundError", answer)?;
        let Some(configuration) = answer.and_then(|answer| answer.replication_configuration) else { return Ok(None) };
        let whole = |rule: &ReplicationRule| {
            rule.status == ReplicationRuleStatus::Enabled
                && rule.filter().is_none_or(|it| it.tag().is_none() && it.prefix().is_none_or(str::is_empty))
        };
        let found = configuration.rules.into_iter().find(whole).and_then(|rule| rule.destination);
        Ok(found.map(|destination| Replication {
            role_arn: configuration.role,
            bucket_arn: destination.bucket,
            storage_class: destination.storage_class.map(|class| class.as_str().to_owned()),
            kms_key_arn: destination.encryption_configuration.and_then(|it| it.replica_kms_key_id),
        }))
    }

    pub(super) async fn set_replication(&self, bucket: &BucketId, replication: Option<&Replication>) -> Result<()> {
        let s3 = self.s3(&bucket.region);
        let Some(wanted) = replication else {
            let answer = s3.delete_bucket_replication().bucket(&bucket.name).send().await;
            answer.map_err(|error| self.failure(operations::DELETE_REPLICATION, &error))?;
            return Ok(());
        };
        let operation = operations::PUT_REPLICATION;
        let key = wanted.kms_key_arn.as_ref();
        let destination = Destination::builder()
            .bucket(&wanted.bucket_arn)
            .set_storage_class(wanted.storage_class.as_deref().map(StorageClass::from))
            .set_encryption_configuration(
                key.map(|key| EncryptionConfiguration::builder().replica_kms_key_id(key).build()),
            )
            .build()
            .map_err(invalid(operation))?;
        let encrypted = key
            .map(|_| SseKmsEncryptedObjects::builder().status(SseKmsEncryptedObjectsStatus::Enabled).build())
            .transpose()
            .map_err(invalid(operation))?;
        // What Loki deletes by its retention is to go from the copy too.
        let markers = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Enabled).build();
        let rule = ReplicationRule::builder()
            .id(RULE)
            .priority(1)
            .status(ReplicationRuleStatus::Enabled)
            .filter(ReplicationRuleFilter::builder().prefix("").build())
            .delete_marker_replication(markers)
            .destination(destination)
            .set_source_selection_criteria(
                encrypted.map(|it| SourceSelectionCriteria::builder().sse_kms_encrypted_objects(it).build()),
            )
            .build()
            .map_err(invalid(operation))?;
        let configuration = ReplicationConfiguration::builder()
            .role(&wanted.role_arn)
            .rules(rule)
            .build()
            .map_err(invalid(operation))?;
        let request = s3.put_bucket_replication().bucket(&bucket.name);
        let answer = request.replication_configuration(configuration).send().await;
        answer.map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }
}
