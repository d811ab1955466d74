//! The `provider "loki"` block: what it says, and the connections that follow from it.

mod config;
mod connections;

use std::sync::Arc;

use async_trait::async_trait;

pub use config::{AssumeRole, AssumeRoleWithWebIdentity, Aws, Endpoints, Exec, Kubernetes, ProviderConfig};
pub use connections::{Adapters, Connections, Reach};

use super::erased::{decode, guarded, whole_numbers};
use super::{AnyProvider, Call};
use crate::schema::{Block, Diagnostics, Problem, Raw, Report, Schematic, at};

/// Serves the provider block and keeps its settings for the resources.
pub struct Provider {
    connections: Arc<Connections>,
}

impl Provider {
    /// A provider whose settings go to these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl AnyProvider for Provider {
    fn schema(&self) -> Block {
        ProviderConfig::block()
    }

    async fn validate(&self, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        if let Some(Some(config)) = decode::<ProviderConfig>(&config, &mut report) {
            whole_numbers(&config, &mut report);
            guarded(&mut report, async |report| config.validate(report)).await;
        }
        report
    }

    async fn configure(&self, _call: &Call, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        if let Some(config) = decode::<ProviderConfig>(&config, &mut report) {
            let config = config.unwrap_or_default();
            let offline = |name: &'static str, unknown: &[crate::schema::AttributePath]| {
                let whole = |path: &crate::schema::AttributePath| path.steps.is_empty();
                let written = |path| if whole(path) { name.to_owned() } else { format!("{name}.{path}") };
                let unknown: Vec<String> = unknown.iter().map(written).collect();
                Problem::new(summary!("This plan does not check {name} online"))
                    .at(at(name))
                    .why(format!("{} is known only after apply, so nothing is dialled yet.", unknown.join(", ")))
                    .fix(
                        "What can be said offline has been checked. The rest is checked when apply plans again, \
                         before anything is changed.",
                    )
            };
            if let Some(unknown) = config.aws_unknown() {
                report.warn(offline("aws", &unknown));
            }
            if let Some(unknown) = config.kubernetes_unknown() {
                report.warn(offline("kubernetes", &unknown));
            }
            self.connections.configure(config);
        }
        report
    }
}
