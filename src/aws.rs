//! AWS: typed ports for S3, KMS, IAM, STS and EKS, and their adapter on the AWS SDK.
//!
//! A caller sees the traits [`Identity`], [`Buckets`], [`Keys`], [`Roles`] and [`Clusters`], gathered in [`Aws`], and one
//! [`Error`] that says which operation failed, why, and whether it is worth trying again. SDK types stay behind
//! [`connect`]. Settings of the provider block beat the environment, which is read as the AWS SDKs read it.
//!
//! The pure parts (names, ARNs, policy documents) are [`crate::iam`].

mod bucket;
mod cluster;
mod error;
mod identity;
mod key;
mod role;
mod sdk;
mod settings;

pub use bucket::{
    Amount, BucketId, BucketSettings, Buckets, Contents, Emptied, Encryption, Lifecycle, Lock, LockMode, Logging,
    Optional, Presence, Replication, Setting, Transition, Usage,
};
pub use cluster::{Addon, Cluster, Clusters, EKS_TOKEN_LIFETIME, EksToken, PodAccount, PodIdentity};
pub use error::{Error, Kind, Operation, Result, Service};
pub use identity::{Caller, Identity};
pub use key::{Key, KeyState, Keys};
pub use role::{
    Asked, ListedRole, NewRole, OidcProvider, Quota, Refused, RefusedBy, Role, RolePolicies, Roles, Simulated,
};
pub use sdk::connect;
pub use settings::{AssumeRole, AssumeRoleWithWebIdentity, Endpoints, Settings, WebIdentityToken};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Those of this part; it may be empty although others follow.
    pub items: Vec<T>,
    /// What the next part is asked for with; `None` when this is the last.
    pub next: Option<String>,
}

/// Every AWS port at once: what a resource is given.
pub trait Aws: Identity + Buckets + Keys + Roles + Clusters + std::fmt::Debug {}

impl<T: Identity + Buckets + Keys + Roles + Clusters + std::fmt::Debug> Aws for T {}
