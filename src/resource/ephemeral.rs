use std::time::SystemTime;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Call;
use crate::schema::{Diagnostics, Schematic};

/// What an open ephemeral resource is renewed and closed by.
#[derive(Clone, Debug)]
pub struct Lease<P> {
    /// Handed to `renew` and `close`. Terraform keeps it in memory only.
    pub private: P,
    /// When it has to be renewed at the latest; none for never.
    pub renew_at: Option<SystemTime>,
}

/// An ephemeral resource: a value for the time of one run, which reaches neither plan nor state.
#[async_trait]
pub trait EphemeralResource: Send + Sync + 'static {
    /// Configuration and result: one struct.
    type Result: Schematic;
    /// What renewing and closing need.
    type Private: Serialize + DeserializeOwned + Send + Sync;
    /// The type's name in a configuration.
    const TYPE: &'static str;

    /// What can be said of the configuration alone, offline. Parts of it may be unknown.
    fn validate(&self, _config: &Self::Result, _report: &mut Diagnostics) {}

    /// Opens; may happen in plan and in apply. `result` begins as the configuration with the defaults filled in; what
    /// it sets may not be changed. None, without an error, where there is nothing to renew or to close. Given up at any
    /// `await` when the user stops, so what it makes has to end by itself.
    async fn open(
        &self,
        call: &Call,
        result: &mut Self::Result,
        report: &mut Diagnostics,
    ) -> Option<Lease<Self::Private>>;

    /// Renews; none keeps the lease as it is, without another renewal.
    async fn renew(
        &self,
        _call: &Call,
        _private: Self::Private,
        _report: &mut Diagnostics,
    ) -> Option<Lease<Self::Private>> {
        None
    }

    /// Closes.
    async fn close(&self, _call: &Call, _private: Self::Private, _report: &mut Diagnostics) {}
}
