use std::sync::Arc;

use async_trait::async_trait;

use super::bucket_storage::BucketStorageResource;
use super::irsa_role::IrsaRoleResource;
use super::loki_stack::Stack;
use super::provider::{Adapters, Connections, Provider};
use super::{AnyResource, Call, Typed};
use crate::schema::{Block, Diagnostics, Raw};

/// The provider's own configuration, as the plugin room sees it.
#[async_trait]
pub trait AnyProvider: Send + Sync {
    /// The schema of the `provider` block.
    fn schema(&self) -> Block;
    /// The attributes' names in the order of the documentation.
    fn fields(&self) -> &'static [&'static str];
    /// ValidateProviderConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// ConfigureProvider: keeps the settings. It dials nothing: values may still be unknown at plan.
    async fn configure(&self, call: &Call, config: Raw) -> Diagnostics;
}

/// All that the provider offers: one list, from which schema, documentation and services follow.
pub struct Registry {
    /// The provider's own configuration.
    pub provider: Box<dyn AnyProvider>,
    /// The managed resources.
    pub resources: Vec<Box<dyn AnyResource>>,
}

impl Registry {
    /// The resource of that type name.
    pub fn resource(&self, type_name: &str) -> Option<&dyn AnyResource> {
        self.resources.iter().find(|resource| resource.type_name() == type_name).map(AsRef::as_ref)
    }
}

/// The provider over these adapters: the one list of all that it offers.
pub fn registry(adapters: Adapters) -> Registry {
    let connections = Arc::new(Connections::new(adapters));
    Registry {
        resources: vec![
            Box::new(Typed(BucketStorageResource::new(Arc::clone(&connections)))),
            Box::new(Typed(IrsaRoleResource::new(Arc::clone(&connections)))),
            Box::new(Typed(Stack::new(Arc::clone(&connections)))),
        ],
        provider: Box::new(Provider::new(connections)),
    }
}
