//! Agents that ship logs to Loki, as pure functions: options in; findings, the agent's own configuration and Kubernetes
//! objects out.
//!
//! The law of this room: no IO, no clock, no randomness; nothing of Terraform, of AWS' or of Kubernetes' clients. Each kind
//! of agent has a renderer of its own over one common model ([`Options`]); what a kind cannot do is a finding, and never
//! left out in silence.

mod alloy;
mod capability;
mod config;
mod fluent_bit;
pub mod grammar;
pub mod health;
pub mod kind;
pub mod manifests;
mod merge;
pub mod options;
mod otel;
mod promtail;
pub mod selector;
pub mod stage;
pub mod target;
mod vector;
pub mod verify;

pub use config::{Files, files, secrets, url};
pub use kind::Kind;
pub use manifests::render;
pub use options::Options;
pub use target::Target;
pub use verify::verify;
