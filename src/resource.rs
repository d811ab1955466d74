//! The phases that every managed resource is written in, the traits of all else that the provider offers, and the list
//! of it all.
//!
//! Plan is the check phase, apply the deploy phase, read the test phase. A resource sees typed states only; decoding,
//! defaults, replacement paths, panics and the shape of the answers are dealt with once, in `erased`.

mod account;
mod action;
pub mod bucket_storage;
mod call;
pub mod contract;
mod data_source;
mod ephemeral;
mod erased;
mod function;
mod inventory;
pub mod irsa_role;
mod list;
mod log_agent;
mod loki_bucket_usage;
mod loki_eks_cluster;
mod loki_health;
mod loki_kubeconfig;
mod loki_manifests;
mod loki_query;
pub mod loki_stack;
mod loki_stack_test;
mod namespaces;
mod phases;
pub mod provider;
mod registry;
mod requests;
#[cfg(test)]
mod testing;
mod timeouts;

pub use action::{Action, Progress};
pub(crate) use call::duration;
pub use call::{Call, Client, Deferral};
pub use data_source::DataSource;
pub use ephemeral::{EphemeralResource, Lease};
use erased::guarded;
pub(crate) use erased::own_fault;
pub use erased::{
    Answer, AnyAction, AnyDataSource, AnyEphemeralResource, AnyFunction, AnyListResource, AnyResource, ListEvent,
    Lookup, Offer, Opened, Planned,
};
pub use function::{Function, FunctionProblem, Parameter, Signature};
pub use list::{Found, ListResource, Listed};
pub use phases::{Change, Resource, Upgrade};
pub use registry::{AnyProvider, Registry, registry};
pub use timeouts::{InvokeTimeouts, Limit, Limits, OpenTimeouts, ReadTimeouts, Timeouts};
