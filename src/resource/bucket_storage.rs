//! `loki_bucket_storage`: the S3 bucket that holds chunks, index and rules.

mod attributes;
mod check;
mod deploy;
mod key;
mod list;
mod loss;
mod remove;
mod state;
mod test;
#[cfg(test)]
mod tests;
mod validate;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use attributes::{BucketStorage, Logging, ObjectLock, Replication, Transition};
pub use list::{BucketIdentity, BucketStorageList, BucketStorageQuery};

use super::account::{Held, or};
use super::provider::Connections;
use super::{Call, Change, Limits, Resource, Timeouts};
use crate::aws::BucketId;
use crate::schema::{Diagnostics, Problem, Value};

/// Tag of a bucket from its creation until all its settings are written. Where the process is killed in between, and
/// Terraform never hears of the bucket, the next apply knows it by this tag and goes on with it.
const UNFINISHED: &str = "terraform-provider-loki:unfinished";

/// The resource, over the provider's connections.
pub struct BucketStorageResource {
    connections: Arc<Connections>,
    held: Held,
}

impl BucketStorageResource {
    /// The resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections, held: Held::default() }
    }
}

impl BucketStorage {
    /// As it is noted while S3 has not yet said that it exists.
    fn unconfirmed(&self) -> Self {
        let (encryption, public_access_blocked, acls_disabled, created_kms_key_arn) = Default::default();
        Self { encryption, public_access_blocked, acls_disabled, created_kms_key_arn, ..self.clone() }
    }

    /// Whether S3 never said that it exists: every bucket that was seen has an encryption.
    fn is_unconfirmed(&self) -> bool {
        self.encryption.is_null()
    }

    /// What S3 knows nothing of, in a state of an import or of an older version of this provider: as if it had been left
    /// out.
    fn fill_in(&mut self) {
        or(&mut self.bucket_key, true);
        or(&mut self.create_kms_key, false);
        or(&mut self.kms_key_deletion_days, 30.into());
    }

    /// The bucket of a state, which has both parts once it has been created or read.
    fn bucket_id(&self) -> Option<BucketId> {
        let (name, region) = (self.bucket.as_ref_option()?, self.region.as_ref_option()?);
        Some(BucketId { name: name.clone(), region: region.clone() })
    }

    /// The purposes that have a bucket of their own, each with it.
    fn separate(&self) -> Vec<(String, BucketId)> {
        let Some(BucketId { name, region }) = self.bucket_id() else { return Vec::new() };
        let purposes = self.separate_buckets.as_ref_option().map(|it| &**it).unwrap_or_default();
        let bucket = |purpose: &String| BucketId { name: format!("{name}-{purpose}"), region: region.clone() };
        purposes.iter().filter_map(Value::as_ref_option).map(|it| (it.clone(), bucket(it))).collect()
    }

    /// All of them, that for the chunks first.
    fn all_buckets(&self) -> Vec<BucketId> {
        self.bucket_id().into_iter().chain(self.separate().into_iter().map(|(_, bucket)| bucket)).collect()
    }
}

#[async_trait]
impl Resource for BucketStorageResource {
    type State = BucketStorage;
    type Identity = BucketIdentity;
    const TYPE: &'static str = "loki_bucket_storage";
    const LIMITS: Limits = Limits { delete: Duration::from_hours(1), ..Limits::DEFAULT };

    fn timeouts(of: &mut BucketStorage) -> Option<&mut Value<Timeouts>> {
        Some(&mut of.timeouts)
    }

    fn identity(&self, state: &BucketStorage) -> Option<BucketIdentity> {
        BucketIdentity::of(state)
    }

    fn id_of(&self, identity: &BucketIdentity) -> Result<String, Problem> {
        Ok(identity.id())
    }

    fn validate(&self, config: &BucketStorage, report: &mut Diagnostics) {
        config.validate(report);
    }

    async fn check(&self, _call: &Call, change: &mut Change<'_, BucketStorage>, report: &mut Diagnostics) {
        match change.prior {
            Some(prior) => {
                self.held.note(&prior.bucket);
                self.check_update(prior, change.config, &mut change.planned, report).await;
            }
            None => self.check_create(change.config, &mut change.planned, report).await,
        }
        self.plan_guards(change.config, &mut change.planned, report).await;
        change.planned.plan_key(change.prior);
        change.planned.plan_computed(&self.connections.default_tags());
    }

    async fn check_delete(&self, _call: &Call, prior: &BucketStorage, report: &mut Diagnostics) {
        self.held.note(&prior.bucket);
        self.check_loss(prior, "destroyed", report).await;
    }

    async fn create(
        &self,
        call: &Call,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        self.deploy_new(call, planned, state, report).await;
    }

    async fn update(
        &self,
        call: &Call,
        planned: &BucketStorage,
        state: &mut Option<BucketStorage>,
        report: &mut Diagnostics,
    ) {
        self.deploy_changes(call, planned, state, report).await;
    }

    async fn delete(&self, call: &Call, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        self.remove(call, state, report).await;
    }

    async fn test(&self, call: &Call, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        if let Some(state) = state {
            self.held.note(&state.bucket);
        }
        self.read(call, state, report).await;
    }

    async fn import(&self, call: &Call, id: &str, state: &mut Option<BucketStorage>, report: &mut Diagnostics) {
        self.find(call, id, state, report).await;
    }
}
