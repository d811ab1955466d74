//! The Kubernetes room: a typed port ([`Cluster`]) and its adapter on kube-rs ([`connect`]).
//!
//! Objects are plain JSON, because what this provider applies is rendered elsewhere and what it reads back is
//! compared field by field. Everything that can go wrong is an [`Error`] with a one-sentence text that holds no secret.
//! Inside this room the external crate is `::kube`.

mod adapter;
mod broken;
mod cluster;
mod credentials;
mod diagnosis;
mod drift;
mod error;
mod exec;
mod fields;
pub mod helm;
mod kinds;
mod kubeconfig;
mod pem;
mod pods;
mod requests;
mod rollout;
mod settings;
mod source;
mod status;
mod transport;
mod types;

pub use cluster::Cluster;
pub use credentials::Credentials;
pub use diagnosis::{Diagnosis, blocked, diagnose};
pub use drift::{differences, holds};
pub use error::{Cause, Error, FieldConflict};
pub use fields::take_fields;
pub use pods::{PodStatus, PodTrouble, Run, explain_pods, pod_status};
pub use rollout::{Rollout, rollout};
pub use settings::{Exec, Settings, TokenFuture, TokenSource};
pub use types::{
    Access, Apply, Delete, Event, Logs, ObjectRef, Propagation, ProxyRequest, ProxyTarget, Response, Until, Version,
};

use std::sync::Arc;

/// Name under which the provider owns the fields that it applies.
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>
pub const FIELD_MANAGER: &str = "terraform-provider-loki";

/// What [`connect`] is to those who are handed it: `main` passes the function, resources call it.
pub type Connect = fn(Settings) -> Result<Arc<dyn Cluster>, Error>;

/// Builds the client for the cluster that `settings` and the environment name, without dialling it.
///
/// Must be called inside a Tokio runtime.
///
/// # Errors
/// [`Error::Config`] when no cluster is configured or what is configured cannot be used: a missing file or context,
/// something that is not PEM, an address that is not a URL.
pub fn connect(settings: Settings) -> Result<Arc<dyn Cluster>, Error> {
    let source = source::resolve(&settings, &source::Environment::of_process())?;
    Ok(Arc::new(adapter::Adapter::new(transport::Transport::new(source)?)))
}
