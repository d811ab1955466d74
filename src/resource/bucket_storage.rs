//! `loki_bucket_storage`: the S3 bucket that holds chunks, index and rules.

mod check;
mod deploy;
mod list;
mod state;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use list::{BucketIdentity, BucketStorageList, BucketStorageQuery};

use super::account::Held;
use super::provider::Connections;
use super::{Call, Change, Limits, Resource, Timeouts};
use crate::aws::BucketId;
use crate::schema::{Diagnostics, Int, Problem, Schematic, Value};

/// An S3 bucket for Loki: closed to the public, encrypted, versioned, and cleaned of unfinished uploads.
///
/// It is **never deleted while it holds anything** (objects, older versions, delete markers), unless
/// `force_destroy = true` has been applied before. The plan says so.
///
/// Whether the name is free, yours or someone else's is looked up at plan. A name that is taken in your own account can
/// be imported: `terraform import loki_bucket_storage.NAME BUCKET`.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct BucketStorage {
    /// Name of the bucket, by the rules of S3. `chunks`, `ruler` and `admin` are refused: they are the defaults of
    /// Loki's Helm chart, and buckets of these names have been registered by strangers to collect other people's logs.
    #[attr(required, replace)]
    pub bucket: Value<String>,
    /// Region of the bucket. Without it: the region of the provider.
    #[attr(optional, computed, replace)]
    pub region: Value<String>,
    /// Whether destroying or replacing the resource deletes all that the bucket holds. It counts once it has been
    /// applied.
    #[attr(optional, default = false)]
    pub force_destroy: Value<bool>,
    /// Whether overwritten and deleted objects are kept as older versions.
    #[attr(optional, default = true)]
    pub versioning: Value<bool>,
    /// ARN of the KMS key (or its alias) that encrypts new objects, with a bucket key. Without it S3 encrypts with keys
    /// of its own (SSE-S3). Loki's role needs kms:GenerateDataKey and kms:Decrypt on the key.
    #[attr(optional)]
    pub kms_key_arn: Value<String>,
    /// Days after which the parts of an unfinished upload are removed.
    #[attr(optional, default = 7)]
    pub abort_incomplete_uploads_days: Value<Int>,
    /// Tags of the bucket; those that AWS services set (`aws:…`) are left alone.
    #[attr(optional)]
    pub tags: Value<BTreeMap<String, Value<String>>>,
    /// How long each operation may take. Without it `create` and `update` have 10m, `read` has 1m, and `delete`, which
    /// may have to empty the bucket, has 1h.
    #[attr(optional)]
    pub timeouts: Value<Timeouts>,
    /// Name of the bucket.
    #[attr(computed, never_null)]
    pub id: Value<String>,
    /// ARN of the bucket.
    #[attr(computed, prefix = "arn:")]
    pub arn: Value<String>,
    /// Default encryption: `AES256` (SSE-S3), `aws:kms`, or what somebody else has set.
    #[attr(computed, never_null)]
    pub encryption: Value<String>,
    /// Whether the public access block is complete. Always repaired.
    #[attr(computed, never_null)]
    pub public_access_blocked: Value<bool>,
    /// Whether access control lists are disabled (object ownership BucketOwnerEnforced). Always repaired.
    #[attr(computed, never_null)]
    pub acls_disabled: Value<bool>,
}

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
        let (encryption, public_access_blocked, acls_disabled) = Default::default();
        Self { encryption, public_access_blocked, acls_disabled, ..self.clone() }
    }

    /// Whether S3 never said that it exists: every bucket that was seen has an encryption.
    fn is_unconfirmed(&self) -> bool {
        self.encryption.is_null()
    }

    /// The bucket of a state, which has both parts once it has been created or read.
    fn bucket_id(&self) -> Option<BucketId> {
        let (name, region) = (self.bucket.as_ref_option()?, self.region.as_ref_option()?);
        Some(BucketId { name: name.clone(), region: region.clone() })
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
                self.check_update(prior, &change.planned, report).await;
            }
            None => self.check_create(change.config, &mut change.planned, report).await,
        }
        change.planned.plan_computed();
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
