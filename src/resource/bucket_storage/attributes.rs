//! The attributes of a bucket.

use std::collections::BTreeMap;

use crate::resource::Timeouts;
use crate::schema::{Int, Schematic, Set, Value};

/// An S3 bucket for Loki: closed to the public, encrypted, versioned, reached through TLS alone, and cleaned of
/// unfinished uploads.
///
/// It is **never deleted while it holds anything** (objects, older versions, delete markers), unless
/// `force_destroy = true` has been applied before. The plan says so.
///
/// Whether the name is free, yours or someone else's is looked up at plan. A name that is taken in your own account can
/// be imported: `terraform import loki_bucket_storage.NAME BUCKET`. Lifecycle rules, statements of the bucket's policy
/// and tags of AWS services that somebody else put there stay.
///
/// Settings that have no default here (`object_lock`, `logging`, `replication`) are left alone until they are set; taken
/// out of the configuration again, they are ended.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct BucketStorage {
    /// Name of the bucket, by the rules of S3. Either this or `bucket_prefix`. `chunks`, `ruler` and `admin` are refused:
    /// they are the defaults of Loki's Helm chart, and buckets of these names have been registered by strangers to collect
    /// other people's logs.
    #[attr(optional, computed, replace)]
    pub bucket: Value<String>,
    /// How the name begins; the rest is made up when the bucket is created, and stays. Where the provider is killed at that
    /// moment, an empty bucket with the tag `terraform-provider-loki:unfinished` is left over.
    #[attr(optional)]
    pub bucket_prefix: Value<String>,
    /// Purposes that get a bucket of their own, with the same settings: `ruler` and `admin`, in `BUCKET-ruler` and
    /// `BUCKET-admin`. Without it everything is in the one bucket, below prefixes of Loki's own.
    #[attr(optional)]
    pub separate_buckets: Value<Set<Value<String>>>,
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
    /// ARN of the KMS key (or its alias) that encrypts new objects. Without it S3 encrypts with keys of its own (SSE-S3).
    /// Loki's role needs kms:GenerateDataKey and kms:Decrypt on the key: `kms_key_arns` of `loki_irsa_role`.
    #[attr(optional)]
    pub kms_key_arn: Value<String>,
    /// Whether a KMS key is created for the bucket, which rotates every year, under the alias `alias/loki/BUCKET`. Turned
    /// off again the key stays, because what it encrypts is still there; it ends with the bucket.
    #[attr(optional, default = false)]
    pub create_kms_key: Value<bool>,
    /// Days between the end of the bucket and that of the key that was created for it: 7 to 30.
    #[attr(optional, default = 30)]
    pub kms_key_deletion_days: Value<Int>,
    /// Whether one data key serves many objects (an S3 bucket key), which saves most of the calls to KMS. It counts with
    /// a KMS key.
    #[attr(optional, default = true)]
    pub bucket_key: Value<bool>,
    /// Whether requests without TLS are denied by the bucket's policy. Without it: yes, unless the provider itself reaches
    /// S3 at an `http://` endpoint.
    #[attr(optional, computed)]
    pub tls_only: Value<bool>,
    /// Ids of the VPC endpoints (`vpce-…`) through which alone objects may be read, written and deleted, also by
    /// administrators. Everything else about the bucket stays open to Terraform.
    #[attr(optional)]
    pub vpc_endpoint_ids: Value<Set<Value<String>>>,
    /// Days after which the parts of an unfinished upload are removed.
    #[attr(optional, default = 7)]
    pub abort_incomplete_uploads_days: Value<Int>,
    /// Days after which an older version of an object is deleted: what Loki's retention deletes costs money until then.
    /// Without it versions are kept for ever.
    #[attr(optional)]
    pub noncurrent_expiration_days: Value<Int>,
    /// Days after which S3 deletes an object, as a net below Loki's own retention. It needs `retention_period`, and is
    /// refused where it is shorter: Loki's index would point to chunks that are gone.
    #[attr(optional)]
    pub expiration_days: Value<Int>,
    /// The longest time that Loki keeps logs, such as `744h` or `31d`: the `retention` of `loki_stack`, or that of the
    /// tenant or stream that has the longest. `0s` is for ever. `expiration_days` is held against it.
    #[attr(optional)]
    pub retention_period: Value<String>,
    /// Moves of objects to cheaper storage classes, by age. Classes that Loki cannot read from at once are refused.
    #[attr(optional)]
    pub transitions: Value<Vec<Value<Transition>>>,
    /// Lock of new objects against deletion. A bucket that objects can be locked in stays one, and keeps versions.
    #[attr(optional)]
    pub object_lock: Value<ObjectLock>,
    /// Where access to the bucket is logged.
    #[attr(optional)]
    pub logging: Value<Logging>,
    /// Where objects are copied to. It is the whole replication configuration of the bucket.
    #[attr(optional)]
    pub replication: Value<Replication>,
    /// Tags of the bucket, on top of the provider's `default_tags`; those that AWS services set (`aws:…`) are left alone.
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
    /// Names of the buckets by purpose: `chunks`, `ruler` and `admin`. Those without a bucket of their own have the one.
    #[attr(computed)]
    pub buckets: Value<BTreeMap<String, Value<String>>>,
    /// ARN of the KMS key that was created for the bucket, for `kms_key_arns` of `loki_irsa_role`.
    #[attr(computed)]
    pub created_kms_key_arn: Value<String>,
    /// Default encryption: `AES256` (SSE-S3), `aws:kms`, or what somebody else has set.
    #[attr(computed, never_null)]
    pub encryption: Value<String>,
    /// Whether the public access block is complete. Always repaired.
    #[attr(computed, never_null)]
    pub public_access_blocked: Value<bool>,
    /// Whether access control lists are disabled (object ownership BucketOwnerEnforced). Always repaired.
    #[attr(computed, never_null)]
    pub acls_disabled: Value<bool>,
    /// All tags, those of `default_tags` included.
    #[attr(computed)]
    pub tags_all: Value<BTreeMap<String, Value<String>>>,
}

/// A move to a cheaper storage class.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Transition {
    /// Age of the object in days: 30 or more for the classes `STANDARD_IA` and `ONEZONE_IA`.
    #[attr(required)]
    pub days: Value<Int>,
    /// `STANDARD_IA`, `ONEZONE_IA`, `INTELLIGENT_TIERING` or `GLACIER_IR`.
    #[attr(required)]
    pub storage_class: Value<String>,
}

/// A lock of objects.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ObjectLock {
    /// `GOVERNANCE`, which who has `s3:BypassGovernanceRetention` can lift, or `COMPLIANCE`, which nobody can.
    #[attr(required)]
    pub mode: Value<String>,
    /// Days for which a version cannot be deleted.
    #[attr(required)]
    pub days: Value<Int>,
}

/// Access logs.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Logging {
    /// Name of the bucket that takes the logs: of the same region and account, with a policy that lets
    /// `logging.s3.amazonaws.com` write.
    #[attr(required)]
    pub target_bucket: Value<String>,
    /// How the keys of the logs begin.
    #[attr(optional, default = "")]
    pub target_prefix: Value<String>,
}

/// A copy in another bucket.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Replication {
    /// ARN of the role that S3 assumes for it.
    #[attr(required)]
    pub role_arn: Value<String>,
    /// ARN of the bucket, with versioning, that the objects are copied to.
    #[attr(required)]
    pub bucket_arn: Value<String>,
    /// Storage class of the copies. Without it: that of the original.
    #[attr(optional)]
    pub storage_class: Value<String>,
    /// ARN of the KMS key that the copies are encrypted with; needed when the bucket has a `kms_key_arn`.
    #[attr(optional)]
    pub kms_key_arn: Value<String>,
}
