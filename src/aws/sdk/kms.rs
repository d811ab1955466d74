//! KMS: the keys of buckets.

use std::collections::BTreeMap;

use aws_sdk_kms::types::{KeyMetadata, KeyState as KmsKeyState, Tag};

use super::{Sdk, Session, iam::found, operations, s3_settings::invalid};
use crate::aws::{Error, Key, KeyState, Keys, Kind, Result};

fn read(metadata: KeyMetadata) -> Key {
    let state = match metadata.key_state {
        Some(KmsKeyState::Enabled) => KeyState::Enabled,
        Some(KmsKeyState::Disabled) => KeyState::Disabled,
        Some(KmsKeyState::PendingDeletion | KmsKeyState::PendingReplicaDeletion) => KeyState::PendingDeletion,
        _ => KeyState::Other,
    };
    Key { arn: metadata.arn.unwrap_or_default(), state }
}

impl Session {
    /// Made where a bucket is, which need not be the provider's region.
    fn kms(&self, region: &str) -> aws_sdk_kms::Client {
        let region = aws_sdk_kms::config::Region::new(region.to_owned());
        let mut config = aws_sdk_kms::config::Builder::from(&self.config).region(region);
        config.set_http_client(Some(self.kms_http.clone()));
        config.set_endpoint_url(self.endpoint(crate::aws::Service::Kms));
        aws_sdk_kms::Client::from_conf(config.build())
    }
}

#[async_trait::async_trait]
impl Keys for Sdk {
    async fn key(&self, region: &str, key: &str) -> Result<Option<Key>> {
        let operation = operations::DESCRIBE_KEY;
        let session = self.session(operation).await?;
        let answer = session.kms(region).describe_key().key_id(key).send().await;
        let answer = found(answer.map_err(|error| session.failure(operation, &error)))?;
        Ok(answer.and_then(|answer| answer.key_metadata).map(read))
    }

    async fn create_key(&self, region: &str, alias: &str, tags: &BTreeMap<String, String>) -> Result<Key> {
        let operation = operations::CREATE_KEY;
        let session = self.session(operation).await?;
        let kms = session.kms(region);
        let tags: std::result::Result<Vec<_>, _> =
            tags.iter().map(|(key, value)| Tag::builder().tag_key(key).tag_value(value).build()).collect();
        let tags = tags.map_err(invalid(operation))?;
        let request = kms.create_key().description(format!("Grafana Loki: {alias}")).set_tags(Some(tags));
        let answer = request.send().await.map_err(|error| session.failure(operation, &error))?;
        let missing = || Error::new(operation, Kind::Other("KMS answers nothing about the new key".to_owned()));
        let key = answer.key_metadata.map(read).ok_or_else(missing)?;
        let operation = operations::CREATE_ALIAS;
        let answer = kms.create_alias().alias_name(alias).target_key_id(&key.arn).send().await;
        if let Err(error) = answer.map_err(|error| session.failure(operation, &error)) {
            // Nobody would find it again: KMS knows no names but aliases.
            let ended = kms.schedule_key_deletion().key_id(&key.arn).pending_window_in_days(7).send().await;
            if ended.is_err() {
                tracing::warn!(key = key.arn, "the key has no alias, and is not used");
            }
            return Err(error);
        }
        let operation = operations::ROTATE_KEY;
        let answer = kms.enable_key_rotation().key_id(&key.arn).send().await;
        answer.map_err(|error| session.failure(operation, &error))?;
        Ok(key)
    }

    async fn restore_key(&self, region: &str, key: &Key) -> Result<()> {
        let session = self.session(operations::ENABLE_KEY).await?;
        let kms = session.kms(region);
        if key.state == KeyState::PendingDeletion {
            let answer = kms.cancel_key_deletion().key_id(&key.arn).send().await;
            answer.map_err(|error| session.failure(operations::CANCEL_KEY_DELETION, &error))?;
        }
        let answer = kms.enable_key().key_id(&key.arn).send().await;
        answer.map_err(|error| session.failure(operations::ENABLE_KEY, &error))?;
        Ok(())
    }

    async fn schedule_key_deletion(&self, region: &str, arn: &str, alias: &str, days: i32) -> Result<()> {
        let ended = self.key(region, arn).await?.is_none_or(|key| key.state == KeyState::PendingDeletion);
        let operation = operations::DELETE_KEY;
        let session = self.session(operation).await?;
        let kms = session.kms(region);
        if !ended {
            let answer = kms.schedule_key_deletion().key_id(arn).pending_window_in_days(days).send().await;
            found(answer.map_err(|error| session.failure(operation, &error)))?;
        }
        let answer = kms.delete_alias().alias_name(alias).send().await;
        found(answer.map_err(|error| session.failure(operations::DELETE_ALIAS, &error)))?;
        Ok(())
    }
}
