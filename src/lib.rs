//! A Terraform/OpenTofu provider that deploys and keeps checking Grafana Loki stacks.
//!
//! The law of its rooms, held by `tests/architecture.rs`:
//!
//! | room | what it is | may use | never |
//! |---|---|---|---|
//! | `plugin` | go-plugin's handshake, TLS, sockets, logs, stop; one file per RPC group | `resource`, `schema`, `proto`, `summary` | a resource's name |
//! | `resource` | the phases, the registry, one file or folder per resource | `schema`, `loki`, `agent`, `iam`, `functions`, `aws`, `kube`, `summary` | environment variables, sockets |
//! | `functions` | the provider's functions: pure | `resource`, `schema`, `loki`, `iam`, `summary` | IO, clocks, randomness |
//! | `schema` | the vocabulary of resources, and schema <-> protocol | `proto`, `summary` | IO, clocks, randomness |
//! | `loki` | Loki's configuration, rules and manifests: pure | `summary` | IO, clocks, randomness |
//! | `agent` | the agents' configurations, rules and manifests: pure | `loki`, `summary` | IO, clocks, randomness |
//! | `iam` | AWS' names, ARNs and policy documents: pure | | IO, clocks, randomness |
//! | `aws` | typed ports and their adapters | `iam` | |
//! | `kube` | typed ports and their adapters | | |
//! | `summary` | the first lines of diagnostics and their ids: pure | | IO, clocks, randomness |
//! | `proto` | the generated wire types | | |
//!
//! `main` builds the adapters, hands them to the registry, and the registry to the plugin.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

// The derive names this crate by its public name, inside and outside of it.
extern crate self as loki_provider;

#[macro_use]
pub mod summary;

pub mod agent;
pub mod aws;
pub mod functions;
pub mod iam;
pub mod kube;
pub mod loki;
pub mod plugin;
pub mod proto;
pub mod resource;
pub mod schema;
