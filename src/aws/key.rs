//! Port: KMS keys, as far as a bucket of one's own needs them.

use std::collections::BTreeMap;

use super::Result;

/// A key as KMS describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As `arn:aws:kms:eu-west-1:123456789012:key/1234abcd-…`.
    pub arn: String,
    /// Whether it can be used.
    pub state: KeyState,
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It can.
    Enabled,
    /// Somebody has switched it off.
    Disabled,
    /// It ends within days, and with it everything that it encrypts.
    PendingDeletion,
    /// Neither of these, such as an import that is not finished.
    Other,
}

/// KMS in a region. A method that finds no key fails with [`Kind::NotFound`](super::Kind::NotFound), unless it says
/// otherwise.
#[async_trait::async_trait]
pub trait Keys: Send + Sync {
    /// By ARN, id or alias; `None` when there is none.
    async fn key(&self, region: &str, key: &str) -> Result<Option<Key>>;

    /// Creates a symmetric key that rotates every year, with its alias (`alias/…`), which is free.
    async fn create_key(&self, region: &str, alias: &str, tags: &BTreeMap<String, String>) -> Result<Key>;

    /// Makes a key that is switched off, or about to end, usable again.
    async fn restore_key(&self, region: &str, key: &Key) -> Result<()>;

    /// Has a key end in so many days (7 to 30), and its alias now. One that is ending already, or gone, counts as done.
    async fn schedule_key_deletion(&self, region: &str, arn: &str, alias: &str, days: i32) -> Result<()>;
}
