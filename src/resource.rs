//! The phases that every managed resource is written in, and the list of all of them.
//!
//! Plan is the check phase, apply the deploy phase, read the test phase. A resource sees typed states only; decoding,
//! defaults, replacement paths, panics and the shape of the answers are dealt with once, in `erased`.

mod account;
pub mod bucket_storage;
mod erased;
pub mod irsa_role;
pub mod loki_stack;
mod phases;
pub mod provider;
mod registry;

pub(crate) use erased::own_fault;
pub use erased::{Answer, AnyResource, Planned, Typed};
pub(crate) use phases::duration;
pub use phases::{Call, Change, Resource};
pub use registry::{AnyProvider, Registry, registry};
