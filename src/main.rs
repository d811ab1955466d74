//! Starts the provider with its resources.

use std::process::ExitCode;

use async_trait::async_trait;
use loki_provider::plugin;
use loki_provider::resource::{AnyProvider, Call, Registry};
use loki_provider::schema::{Block, Diagnostics, Raw};

fn main() -> ExitCode {
    plugin::run(|| Registry { provider: Box::new(Unconfigured), resources: Vec::new() })
}

/// A provider without settings.
struct Unconfigured;

#[async_trait]
impl AnyProvider for Unconfigured {
    fn schema(&self) -> Block {
        Block::default()
    }

    fn fields(&self) -> &'static [&'static str] {
        &[]
    }

    async fn validate(&self, _config: Raw) -> Diagnostics {
        Diagnostics::default()
    }

    async fn configure(&self, _call: &Call, _config: Raw) -> Diagnostics {
        Diagnostics::default()
    }
}
