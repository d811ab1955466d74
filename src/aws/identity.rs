//! Port: who we are.

use super::Result;

/// The identity that AWS sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// Of the user or the assumed role.
    pub arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov`: the second part of every ARN of this account.
    pub partition: String,
}

/// Who and where the settings make us.
#[async_trait::async_trait]
pub trait Identity: Send + Sync {
    /// `sts:GetCallerIdentity`, which every identity may call; asked once and remembered.
    async fn caller(&self) -> Result<Caller>;

    /// The region of the settings, the environment or the profile, in this order. The instance metadata service is
    /// asked last, and for one second at most. [`Kind::NoRegion`](super::Kind::NoRegion) when nobody knows one.
    async fn region(&self) -> Result<String>;
}
