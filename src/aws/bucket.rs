//! Port: S3 buckets and those settings of them that a log store cares about.

mod settings;

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

pub use settings::{
    BucketSettings, Encryption, Lifecycle, Lock, LockMode, Logging, Optional, Replication, Setting, Transition,
};

use super::{Page, Result};

/// A bucket and the region it lives in; S3 answers for it only there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketId {
    /// Unique within its partition.
    pub name: String,
    /// As `eu-west-1`.
    pub region: String,
}

/// Whether a bucket name is taken, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The name is free.
    Absent,
    /// It belongs to the caller's account.
    Ours {
        /// Where it lives.
        region: String,
    },
    /// It exists and S3 refuses the caller: another account's (or one of ours with a policy that locks the caller out
    /// and no permission to list the account's buckets).
    Foreign {
        /// Where it lives, as far as S3 says so.
        region: Option<String>,
    },
}

/// A first look into a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Objects, older versions and delete markers seen, up to 1000.
    pub entries: usize,
    /// There are more than those.
    pub more: bool,
    /// The key of one of them.
    pub example: Option<String>,
}

impl Contents {
    /// Nothing that would keep S3 from deleting the bucket.
    pub fn is_empty(&self) -> bool {
        self.entries == 0 && !self.more
    }
}

/// How much a bucket holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Objects.
    pub current: Amount,
    /// Older versions.
    pub noncurrent: Amount,
    /// Markers of deleted objects.
    pub delete_markers: u64,
    /// Uploads that were begun and never finished.
    pub incomplete_uploads: u64,
    /// Objects by the first part of their keys, up to the slash.
    pub by_prefix: BTreeMap<String, Amount>,
    /// Whether everything was counted.
    pub complete: bool,
}

/// Entries and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub entries: u64,
    /// Of all of them.
    pub bytes: u64,
}

/// Progress of emptying a bucket, in total so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emptied {
    /// Object versions and delete markers removed.
    pub entries: u64,
    /// Unfinished uploads aborted.
    pub uploads: u64,
}

/// What can be done with buckets. A method that finds no bucket fails with
/// [`Kind::NotFound`](super::Kind::NotFound), unless it says otherwise.
#[async_trait::async_trait]
pub trait Buckets: Send + Sync {
    /// The endpoint that takes the place of Amazon's S3, by the settings, the environment or the profile; no network.
    async fn s3_endpoint(&self) -> Result<Option<String>>;

    /// Who has this name, looking in `region` first and following S3 to the bucket's own region.
    async fn look(&self, bucket: &str, region: &str) -> Result<Presence>;

    /// Creates it with ACLs disabled and with these tags, which are there from the first moment, and waits until S3
    /// shows it. Tags need the permission `s3:TagResource` as well, and S3-compatible servers may refuse or drop them.
    /// With `lockable` objects can be locked in it, which also turns versioning on for ever.
    /// [`Kind::AlreadyExists`](super::Kind::AlreadyExists) when it is ours,
    /// [`Kind::OwnedByOther`](super::Kind::OwnedByOther) when it is somebody else's.
    async fn create_bucket(&self, bucket: &BucketId, tags: &BTreeMap<String, String>, lockable: bool) -> Result<()>;

    /// The account's buckets whose names begin with `prefix`, of all regions, by name; one page, from `after` on.
    async fn list_buckets(&self, prefix: &str, after: Option<String>) -> Result<Page<BucketId>>;

    /// Every setting, read side by side, of the optional ones those that are asked for; `None` when the bucket is gone.
    async fn bucket_settings(&self, bucket: &BucketId, optional: Optional) -> Result<Option<BucketSettings>>;

    /// Writes one setting. Lifecycle rules, statements of the policy and `aws:…` tags that others put there stay.
    async fn put_setting(&self, bucket: &BucketId, setting: &Setting) -> Result<()>;

    /// Whether it holds any object, version or delete marker. A bucket that is gone is empty.
    async fn contents(&self, bucket: &BucketId) -> Result<Contents>;

    /// Writes an object, reads it back, lists it and deletes it: what Loki does.
    async fn probe(&self, bucket: &BucketId, key: &str) -> Result<()>;

    /// Deletes all versions of one object, and its delete markers.
    async fn purge(&self, bucket: &BucketId, key: &str) -> Result<()>;

    /// Counts what is below a prefix by listing it, about `limit` entries at most.
    async fn usage(&self, bucket: &BucketId, prefix: &str, limit: u64) -> Result<Usage>;

    /// Deletes every object version and delete marker in batches of 1000 and aborts unfinished uploads. `progress`
    /// hears the totals after each batch. [`Kind::Cancelled`](super::Kind::Cancelled) after `cancel`; what is deleted
    /// by then stays deleted.
    async fn empty(
        &self,
        bucket: &BucketId,
        progress: &(dyn Fn(Emptied) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Emptied>;

    /// Deletes an empty bucket; one that is gone counts as deleted. Whether it was there: what is very new S3 may not show.
    /// [`Kind::InUse`](super::Kind::InUse) when it holds something.
    async fn delete_bucket(&self, bucket: &BucketId) -> Result<bool>;
}
