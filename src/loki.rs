//! A Loki stack as pure functions: options in; findings, config, Kubernetes objects and a judgement
//! of its health out.
//!
//! The law of this room: no IO, no clock, no randomness; nothing of Terraform, of AWS' or of
//! Kubernetes' clients. Rules quote Loki where Loki has a text for them.

pub mod capacity;
pub mod components;
pub mod config;
pub mod config_file;
pub mod config_overrides;
pub mod deep;
mod deployed;
mod derived;
pub mod duration;
pub mod finding;
pub mod health;
pub mod helm;
pub mod history;
pub(crate) mod json;
mod limits;
pub mod manifests;
pub mod object;
pub mod options;
mod outputs;
pub mod password;
pub mod quantity;
pub mod query;
pub mod sizes;
pub mod verify;
pub mod version;

pub use components::Component;
pub use config::{config, config_yaml};
pub use deployed::deployed;
pub use derived::{CANARY_PORT, HTTP_PORT};
pub use finding::{Finding, Severity, Step};
pub use health::{Health, Observed, judge};
pub use manifests::render;
pub use object::Object;
pub use options::Options;
pub use outputs::{Outputs, outputs};
pub use verify::verify;
