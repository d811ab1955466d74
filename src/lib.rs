//! A Terraform/OpenTofu provider that deploys and keeps checking Grafana Loki stacks.
//!
//! The law of its rooms, held by `tests/architecture.rs`:
//!
//! | room | what it is | may not touch |
//! |---|---|---|
//! | `plugin` | go-plugin's handshake, TLS, sockets, logs, stop; one file per RPC group | `loki`, `aws`, `kube`, any resource's name |
//! | `schema` | the vocabulary of resources, and schema <-> protocol | everything but `proto` |
//! | `resource` | the phases, the registry, one file or folder per resource | `proto`, environment variables, sockets |
//! | `loki` | Loki's configuration, rules and manifests: pure | IO, clocks, randomness, every other room |
//! | `aws`, `kube` | typed ports and their adapters | each other, `loki`, `resource` |
//!
//! Arrows: `main -> plugin -> resource -> schema`; `resource/<type> -> {loki, aws, kube}`. `main` builds the
//! adapters and hands them in.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

// The derive names this crate by its public name, inside and outside of it.
extern crate self as loki_provider;

pub mod aws;
pub mod kube;
pub mod loki;
pub mod plugin;
pub mod proto;
pub mod resource;
pub mod schema;
