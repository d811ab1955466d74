//! A Loki stack as pure functions: options in; findings, config, Kubernetes objects and a judgement
//! of its health out.
//!
//! The law of this room: no IO, no clock, no randomness; nothing of Terraform, of AWS' or of
//! Kubernetes' clients. Rules quote Loki where Loki has a text for them.

pub mod finding;
pub mod health;
pub mod object;
pub mod options;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

pub use finding::{Finding, Severity, Step};
pub use health::{Health, Observed, judge};
pub use object::Object;
pub use options::Options;

/// What other resources need of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Where agents push to (HTTP).
    pub push_url: String,
    /// Base URL of the query API, as a Grafana data source wants it.
    pub query_url: String,
    /// Service name by role: `http`, `headless`, `memberlist`.
    pub services: BTreeMap<String, String>,
}

/// Every rule over whole options. `today` (UTC) tells which schema period is in force; without it the
/// rules that need a date assume the last one.
pub fn verify(_options: &Options, _today: Option<Date>) -> Vec<Finding> {
    Vec::new()
}

/// Loki's configuration file as a value.
pub fn config(_options: &Options) -> Value {
    Value::Null
}

/// Loki's configuration file as YAML text with a deterministic order of keys.
pub fn config_yaml(_options: &Options) -> String {
    String::new()
}

/// Every object of the stack, in the order of deployment. The options are taken to pass [`verify`].
pub fn render(_options: &Options) -> Vec<Object> {
    Vec::new()
}

pub fn outputs(options: &Options) -> Outputs {
    let host = format!(
        "{}.{}.svc.{}",
        options.name, options.namespace, options.cluster_domain
    );
    Outputs {
        push_url: format!("http://{host}:3100/loki/api/v1/push"),
        query_url: format!("http://{host}:3100"),
        services: BTreeMap::new(),
    }
}
