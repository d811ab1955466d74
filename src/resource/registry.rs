use std::sync::Arc;

use async_trait::async_trait;

use super::bucket_storage::{BucketStorageList, BucketStorageResource};
use super::irsa_role::{IrsaRoleList, IrsaRoleResource};
use super::log_agent::{LogAgentList, LogAgentResource};
use super::loki_bucket_usage::BucketUsage;
use super::loki_eks_cluster::EksCluster;
use super::loki_health::Health;
use super::loki_kubeconfig::KubeConfigResource;
use super::loki_manifests::Manifests;
use super::loki_query::Query;
use super::loki_stack::{Stack, StackList};
use super::loki_stack_test::StackTestAction;
use super::provider::{Adapters, Connections, Provider};
use super::{AnyAction, AnyDataSource, AnyEphemeralResource, AnyFunction, AnyListResource, AnyResource, Call};
use crate::functions::{
    BucketPolicy, ConfigDiff, DurationSeconds, SchemaConfig, Size, TrustPolicy, VerifyConfig, VerifyRuntimeConfig,
};
use crate::schema::{Block, Diagnostics, Raw};

/// The provider's own configuration, as the plugin room sees it.
#[async_trait]
pub trait AnyProvider: Send + Sync {
    /// The schema of the `provider` block.
    fn schema(&self) -> Block;
    /// ValidateProviderConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// ConfigureProvider: keeps the settings. It dials nothing: values may still be unknown at plan.
    async fn configure(&self, call: &Call, config: Raw) -> Diagnostics;
}

/// All that the provider offers: one list of each kind, from which schema, documentation and services follow. Each kind
/// has a method that adds to its list.
pub struct Registry {
    /// The provider's own configuration.
    pub provider: Box<dyn AnyProvider>,
    /// The managed resources.
    pub resources: Vec<Box<dyn AnyResource>>,
    /// The data sources.
    pub data_sources: Vec<Box<dyn AnyDataSource>>,
    /// The ephemeral resources.
    pub ephemeral_resources: Vec<Box<dyn AnyEphemeralResource>>,
    /// The actions.
    pub actions: Vec<Box<dyn AnyAction>>,
    /// The list resources.
    pub list_resources: Vec<Box<dyn AnyListResource>>,
    /// The functions.
    pub functions: Vec<Box<dyn AnyFunction>>,
}

impl Registry {
    /// A provider that offers nothing yet.
    pub fn new(provider: impl AnyProvider + 'static) -> Self {
        Self {
            provider: Box::new(provider),
            resources: Vec::new(),
            data_sources: Vec::new(),
            ephemeral_resources: Vec::new(),
            actions: Vec::new(),
            list_resources: Vec::new(),
            functions: Vec::new(),
        }
    }
}

/// The provider over these adapters: the one list of all that it offers.
pub fn registry(adapters: Adapters) -> Registry {
    let connections = Arc::new(Connections::new(adapters));
    Registry::new(Provider::new(Arc::clone(&connections)))
        .resource(BucketStorageResource::new(Arc::clone(&connections)))
        .resource(IrsaRoleResource::new(Arc::clone(&connections)))
        .resource(LogAgentResource::new(Arc::clone(&connections)))
        .resource(Stack::new(Arc::clone(&connections)))
        .data_source(BucketUsage::new(Arc::clone(&connections)))
        .data_source(EksCluster::new(Arc::clone(&connections)))
        .data_source(Health::new(Arc::clone(&connections)))
        .data_source(Manifests)
        .data_source(Query::new(Arc::clone(&connections)))
        .ephemeral_resource(KubeConfigResource::new(Arc::clone(&connections)))
        .action(StackTestAction::new(Arc::clone(&connections)))
        .list_resource(BucketStorageList::new(Arc::clone(&connections)))
        .list_resource(IrsaRoleList::new(Arc::clone(&connections)))
        .list_resource(LogAgentList::new(Arc::clone(&connections)))
        .list_resource(StackList::new(connections))
        .function(DurationSeconds)
        .function(VerifyConfig)
        .function(VerifyRuntimeConfig)
        .function(ConfigDiff)
        .function(SchemaConfig)
        .function(Size)
        .function(BucketPolicy)
        .function(TrustPolicy)
}
