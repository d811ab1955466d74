use async_trait::async_trait;

use super::Call;
use crate::schema::{Diagnostics, Schematic};

/// A data source: looks something up and changes nothing.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// Configuration and result: one struct.
    type State: Schematic;
    /// The type's name in a configuration.
    const TYPE: &'static str;

    /// What can be said of the configuration alone, offline. Parts of it may be unknown.
    fn validate(&self, _config: &Self::State, _report: &mut Diagnostics) {}

    /// Reads. `state` begins as the configuration with the defaults filled in; what it sets may not be changed. It is
    /// no part of the answer when an error is reported. Bounded in time, and given up when the user stops.
    async fn read(&self, call: &Call, state: &mut Self::State, report: &mut Diagnostics);
}
