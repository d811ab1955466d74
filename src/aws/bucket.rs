//! Port: S3 buckets and those settings of them that a log store cares about.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

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

/// The live or wanted settings of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketSettings {
    /// All four switches of the public access block.
    pub public_access_blocked: bool,
    /// Object ownership is `BucketOwnerEnforced`.
    pub acls_disabled: bool,
    /// Default encryption of new objects.
    pub encryption: Encryption,
    /// Whether deleted and overwritten objects are kept as versions.
    pub versioning: bool,
    /// Our lifecycle rule's days until the parts of an unfinished upload are dropped; `None` without an effective rule.
    pub abort_incomplete_uploads_days: Option<i32>,
    /// Without the tags that AWS itself sets (`aws:…`).
    pub tags: BTreeMap<String, String>,
}

/// Default encryption of new objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// SSE-S3 (AES256).
    S3,
    /// SSE-KMS; without a key AWS' own `aws/s3` key. A bucket key saves most of the calls to KMS.
    Kms {
        /// ARN, id or alias, as it was set.
        key: Option<String>,
        /// One data key for many objects.
        bucket_key: bool,
    },
    /// Something this provider does not set, by its S3 name (`aws:kms:dsse`), or `none`.
    Other(String),
}

/// One setting to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// All four switches on.
    PublicAccessBlocked,
    /// `BucketOwnerEnforced`.
    AclsDisabled,
    /// Default encryption.
    Encryption(Encryption),
    /// Enabled, or suspended.
    Versioning(bool),
    /// Our lifecycle rule; `None` takes it away.
    AbortIncompleteUploads(Option<i32>),
    /// All tags but `aws:…`.
    Tags(BTreeMap<String, String>),
}

impl BucketSettings {
    /// What has to be written to turn `live` into `self`, and no more.
    pub fn changes_from(&self, live: &BucketSettings) -> Vec<Setting> {
        let mut changes = Vec::new();
        // Closed to the public before anything else.
        if self.public_access_blocked && !live.public_access_blocked {
            changes.push(Setting::PublicAccessBlocked);
        }
        if self.acls_disabled && !live.acls_disabled {
            changes.push(Setting::AclsDisabled);
        }
        if self.encryption != live.encryption {
            changes.push(Setting::Encryption(self.encryption.clone()));
        }
        if self.versioning != live.versioning {
            changes.push(Setting::Versioning(self.versioning));
        }
        if self.abort_incomplete_uploads_days != live.abort_incomplete_uploads_days {
            changes.push(Setting::AbortIncompleteUploads(self.abort_incomplete_uploads_days));
        }
        if self.tags != live.tags {
            changes.push(Setting::Tags(self.tags.clone()));
        }
        changes
    }

    /// Notes that `setting` has been written.
    pub fn set(&mut self, setting: Setting) {
        match setting {
            Setting::PublicAccessBlocked => self.public_access_blocked = true,
            Setting::AclsDisabled => self.acls_disabled = true,
            Setting::Encryption(encryption) => self.encryption = encryption,
            Setting::Versioning(on) => self.versioning = on,
            Setting::AbortIncompleteUploads(days) => self.abort_incomplete_uploads_days = days,
            Setting::Tags(tags) => self.tags = tags,
        }
    }
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
    /// Who has this name, looking in `region` first and following S3 to the bucket's own region.
    async fn look(&self, bucket: &str, region: &str) -> Result<Presence>;

    /// Creates it with ACLs disabled and with these tags, which are there from the first moment, and waits until S3
    /// shows it. Tags need the permission `s3:TagResource` as well, and S3-compatible servers may refuse or drop them.
    /// [`Kind::AlreadyExists`](super::Kind::AlreadyExists) when it is ours,
    /// [`Kind::OwnedByOther`](super::Kind::OwnedByOther) when it is somebody else's.
    async fn create_bucket(&self, bucket: &BucketId, tags: &BTreeMap<String, String>) -> Result<()>;

    /// The account's buckets whose names begin with `prefix`, of all regions, by name; one page, from `after` on.
    async fn list_buckets(&self, prefix: &str, after: Option<String>) -> Result<Page<BucketId>>;

    /// Every setting, read side by side; `None` when the bucket is gone.
    async fn bucket_settings(&self, bucket: &BucketId) -> Result<Option<BucketSettings>>;

    /// Writes one setting. Lifecycle rules and `aws:…` tags that others put there stay.
    async fn put_setting(&self, bucket: &BucketId, setting: &Setting) -> Result<()>;

    /// Whether it holds any object, version or delete marker. A bucket that is gone is empty.
    async fn contents(&self, bucket: &BucketId) -> Result<Contents>;

    /// Deletes every object version and delete marker in batches of 1000 and aborts unfinished uploads. `progress`
    /// hears the totals after each batch. [`Kind::Cancelled`](super::Kind::Cancelled) after `cancel`; what is deleted
    /// by then stays deleted.
    async fn empty(
        &self,
        bucket: &BucketId,
        progress: &(dyn Fn(Emptied) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Emptied>;

    /// Deletes an empty bucket; one that is gone counts as deleted.
    /// [`Kind::InUse`](super::Kind::InUse) when it holds something.
    async fn delete_bucket(&self, bucket: &BucketId) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> BucketSettings {
        BucketSettings {
            public_access_blocked: true,
            acls_disabled: true,
            encryption: Encryption::S3,
            versioning: true,
            abort_incomplete_uploads_days: Some(7),
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        assert!(wanted().changes_from(&wanted()).is_empty());
        let mut live = wanted();
        live.versioning = false;
        live.public_access_blocked = false;
        let changes = wanted().changes_from(&live);
        assert_eq!(changes, [Setting::PublicAccessBlocked, Setting::Versioning(true)]);
        for change in changes {
            live.set(change);
        }
        assert_eq!(live, wanted());
    }
}
