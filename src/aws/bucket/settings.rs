//! The settings of a bucket, and what has to be written to come from one state of them to another.

use std::collections::BTreeMap;

use crate::iam::Guards;

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
    /// Our lifecycle rules, as far as they are in effect.
    pub lifecycle: Lifecycle,
    /// Our statements of the bucket's policy.
    pub guards: Guards,
    /// What new objects are locked by; `None` also where it was not asked for.
    pub lock: Option<Lock>,
    /// Where access is logged; `None` also where it was not asked for.
    pub logging: Option<Logging>,
    /// Where objects are copied to; `None` also where it was not asked for.
    pub replication: Option<Replication>,
    /// Without the tags that AWS itself sets (`aws:…`).
    pub tags: BTreeMap<String, String>,
}

/// The settings that cost a request each and that few buckets have: they are read only when they are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Optional {
    /// [`BucketSettings::lock`].
    pub lock: bool,
    /// [`BucketSettings::logging`].
    pub logging: bool,
    /// [`BucketSettings::replication`].
    pub replication: bool,
}

impl Optional {
    /// Every one.
    pub const ALL: Self = Self { lock: true, logging: true, replication: true };

    /// Those of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            lock: self.lock || other.lock,
            logging: self.logging || other.logging,
            replication: self.replication || other.replication,
        }
    }
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

/// What S3 does by itself as time passes; each part is a rule of its own for the whole bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Days until the parts of an unfinished upload are dropped.
    pub abort_incomplete_uploads_days: Option<i32>,
    /// Days until an overwritten or deleted object's version is dropped; delete markers without versions go with them.
    pub noncurrent_expiration_days: Option<i32>,
    /// Days until an object is deleted.
    pub expiration_days: Option<i32>,
    /// Storage classes that objects move to, by age.
    pub transitions: Vec<Transition>,
}

/// A move to a cheaper storage class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transition {
    /// Age of the object in days.
    pub days: i32,
    /// By its S3 name, as `STANDARD_IA`.
    pub storage_class: String,
}

/// What new objects are locked by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Who may lift it.
    pub mode: LockMode,
    /// How long a version cannot be deleted.
    pub days: i32,
}

/// Who may lift a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Who has `s3:BypassGovernanceRetention`.
    Governance,
    /// Nobody.
    Compliance,
}

/// Where access is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// Name of a bucket of the same region and account.
    pub target_bucket: String,
    /// How the logs' keys begin.
    pub target_prefix: String,
}

/// Where objects are copied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replication {
    /// ARN of the role that S3 assumes.
    pub role_arn: String,
    /// ARN of the bucket.
    pub bucket_arn: String,
    /// Storage class of the copies, by its S3 name; `None` for that of the source.
    pub storage_class: Option<String>,
    /// ARN of the key that the copies are encrypted with; objects under SSE-KMS are copied only with one.
    pub kms_key_arn: Option<String>,
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
    /// Our lifecycle rules.
    Lifecycle(Lifecycle),
    /// Our statements of the bucket's policy.
    Guards(Guards),
    /// The lock of new objects; `None` takes it away from objects to come.
    Lock(Option<Lock>),
    /// Where access is logged; `None` ends it.
    Logging(Option<Logging>),
    /// Where objects are copied to; `None` ends it.
    Replication(Option<Replication>),
    /// All tags but `aws:…`.
    Tags(BTreeMap<String, String>),
}

impl BucketSettings {
    /// What is sure of a bucket that has just been created: servers that are not Amazon's may not encrypt by themselves.
    pub fn bare() -> Self {
        Self {
            public_access_blocked: false,
            acls_disabled: true,
            encryption: Encryption::Other("none".to_owned()),
            versioning: false,
            lifecycle: Lifecycle::default(),
            guards: Guards::default(),
            lock: None,
            logging: None,
            replication: None,
            tags: BTreeMap::new(),
        }
    }

    /// The optional settings that these have.
    pub fn optional(&self) -> Optional {
        Optional { lock: self.lock.is_some(), logging: self.logging.is_some(), replication: self.replication.is_some() }
    }

    /// What has to be written to turn `live` into `self`, and no more. Those of one list depend on nothing in it; a list
    /// comes after the one before it. The tags are the last.
    pub fn changes_from(&self, live: &BucketSettings) -> [Vec<Setting>; 3] {
        let mut first = Vec::new();
        // Closed to the public before anything else.
        if self.public_access_blocked && !live.public_access_blocked {
            first.push(Setting::PublicAccessBlocked);
        }
        if self.acls_disabled && !live.acls_disabled {
            first.push(Setting::AclsDisabled);
        }
        if self.encryption != live.encryption {
            first.push(Setting::Encryption(self.encryption.clone()));
        }
        // Versions are kept while they are copied or locked: S3 refuses otherwise.
        let versioning = (self.versioning != live.versioning).then_some(Setting::Versioning(self.versioning));
        let mut then = Vec::new();
        match versioning {
            Some(on @ Setting::Versioning(true)) => first.push(on),
            Some(off) => then.push(off),
            None => {}
        }
        let mut second = |changed: bool, setting: Setting, ends: bool| match (changed, ends) {
            (false, _) => {}
            (true, false) => then.push(setting),
            (true, true) => first.push(setting),
        };
        second(self.lifecycle != live.lifecycle, Setting::Lifecycle(self.lifecycle.clone()), false);
        second(self.guards != live.guards, Setting::Guards(self.guards.clone()), false);
        second(self.lock != live.lock, Setting::Lock(self.lock.clone()), false);
        second(self.logging != live.logging, Setting::Logging(self.logging.clone()), false);
        let ends = self.replication.is_none();
        second(self.replication != live.replication, Setting::Replication(self.replication.clone()), ends);
        let tags = (self.tags != live.tags).then(|| Setting::Tags(self.tags.clone()));
        [first, then, tags.into_iter().collect()]
    }

    /// Notes that `setting` has been written.
    pub fn set(&mut self, setting: Setting) {
        match setting {
            Setting::PublicAccessBlocked => self.public_access_blocked = true,
            Setting::AclsDisabled => self.acls_disabled = true,
            Setting::Encryption(encryption) => self.encryption = encryption,
            Setting::Versioning(on) => self.versioning = on,
            Setting::Lifecycle(lifecycle) => self.lifecycle = lifecycle,
            Setting::Guards(guards) => self.guards = guards,
            Setting::Lock(lock) => self.lock = lock,
            Setting::Logging(logging) => self.logging = logging,
            Setting::Replication(replication) => self.replication = replication,
            Setting::Tags(tags) => self.tags = tags,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> BucketSettings {
        BucketSettings {
            public_access_blocked: true,
            encryption: Encryption::S3,
            versioning: true,
            ..BucketSettings::bare()
        }
    }

    fn replicated() -> BucketSettings {
        let replication = Replication {
            role_arn: "arn:aws:iam::123456789012:role/copy".into(),
            bucket_arn: "arn:aws:s3:::copies".into(),
            storage_class: None,
            kms_key_arn: None,
        };
        BucketSettings { replication: Some(replication), ..wanted() }
    }

    #[test]
    fn only_what_differs_is_written() {
        assert_eq!(wanted().changes_from(&wanted()), [vec![], vec![], vec![]]);
        let mut live = wanted();
        live.versioning = false;
        live.public_access_blocked = false;
        live.tags.insert("a".into(), "b".into());
        let changes = wanted().changes_from(&live);
        let first = vec![Setting::PublicAccessBlocked, Setting::Versioning(true)];
        assert_eq!(changes, [first, vec![], vec![Setting::Tags(BTreeMap::new())]]);
        for change in changes.into_iter().flatten() {
            live.set(change);
        }
        assert_eq!(live, wanted());
    }

    #[test]
    fn versions_are_kept_while_they_are_copied() {
        let [first, then, _] = replicated().changes_from(&BucketSettings::bare());
        assert!(first.contains(&Setting::Versioning(true)));
        assert!(matches!(then[..], [Setting::Replication(Some(_))]));
        let off = BucketSettings { versioning: false, ..wanted() };
        let [first, then, _] = off.changes_from(&replicated());
        assert_eq!((first, then), (vec![Setting::Replication(None)], vec![Setting::Versioning(false)]));
    }
}
