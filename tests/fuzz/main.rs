//! A fuzzer of the provider's service: every RPC, in this process, over the real registry and fakes of every sort.
//!
//! Requests are made of the provider's own schemas, spoilt on each level from the bytes of the message to a single value,
//! mutated from those that led somewhere new, and strung together to the lives of objects as Terraform leads them. A
//! panic, a hang, growing memory, a gRPC status, an answer that cannot be decoded and a broken contract are failures:
//! they are shrunk and kept in the target folder's `fuzz`.
//!
//! `cargo test` runs it for a while with a fixed seed. `make fuzz` runs it long; see there for the settings.

mod adapters;
mod case;
mod fake;
mod life;
mod offers;
mod requests;
mod rpcs;
mod run;
mod shrink;
mod target;
mod tree;
mod worker;
