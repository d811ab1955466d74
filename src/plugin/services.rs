//! The calls: one file per group of RPCs, each RPC an [`Rpc`] of its request type.

mod absent;
mod action;
mod configure;
mod data_source;
mod ephemeral;
mod function;
mod go_plugin;
mod identity;
mod list;
mod movement;
mod resource;
mod rpc;
mod schema;
mod value;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream::BoxStream;
use tonic::{Request, Response, Status, Streaming};

pub(super) use go_plugin::GoPlugin;
use rpc::{Rpc, StreamRpc, answer, events};

use super::ending::Ending;
use crate::proto::tfplugin6 as tf;
use crate::proto::tfplugin6::provider_server::Provider;
use crate::resource::{AnyResource, Call, Client, Offer, Registry};
use crate::schema::Problem;

/// The provider as Terraform calls it.
#[derive(Clone)]
pub struct Services(Arc<Plugin>);

/// What the calls share.
struct Plugin {
    registry: Registry,
    ending: Ending,
    requests: AtomicU64,
}

impl Services {
    /// Serves the registry's provider and resources.
    pub fn new(registry: Registry) -> Self {
        Self::ending_with(registry, Ending::default())
    }

    /// As [`Self::new`], until that end.
    pub(super) fn ending_with(registry: Registry, ending: Ending) -> Self {
        Self(Arc::new(Plugin { registry, ending, requests: AtomicU64::new(1) }))
    }

    pub(super) fn ending(&self) -> Ending {
        self.0.ending.clone()
    }
}

impl Plugin {
    /// What a resource knows of the call that it serves.
    fn call(&self, client: Option<tf::ClientCapabilities>) -> Call {
        let client = client.unwrap_or_default();
        let client = Client {
            deferral_allowed: client.deferral_allowed,
            write_only_allowed: client.write_only_attributes_allowed,
        };
        Call::new(self.ending.of_call(), client)
    }

    /// The managed resource of that type, which the log names from here on.
    fn resource(&self, type_name: &str) -> Result<&dyn AnyResource, Problem> {
        find(&self.registry.resources, "resource", type_name)
    }

    /// A name for the call that no other call has, of this process or of another.
    fn request_id(&self) -> String {
        format!("{}-{}", std::process::id(), self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

/// What is offered under that name, which the log names from here on.
fn find<'a, T: Offer + ?Sized>(offers: &'a [Box<T>], kind: &str, name: &str) -> Result<&'a T, Problem> {
    tracing::Span::current().record("tf_resource_type", name);
    let found = offers.iter().find(|offer| offer.names().contains(&name));
    found.map(AsRef::as_ref).ok_or_else(|| absent::nothing(kind, name))
}

type Served<T> = Result<Response<T>, Status>;

/// Every RPC of the protocol. A gRPC status is never the answer: what goes wrong is a diagnostic in the response.
macro_rules! provider {
    (unary: $($rpc:ident)+; streams: $($stream:ident -> $event:ident as $name:ident)+;) => {
        #[tonic::async_trait]
        impl Provider for Services {
            $(
                async fn $rpc(&self, request: Request<tf::$rpc::Request>) -> Served<tf::$rpc::Response> {
                    Ok(Response::new(answer(&self.0, request.into_inner()).await))
                }
            )+
            $(
                type $name = BoxStream<'static, Result<tf::$stream::$event, Status>>;

                async fn $stream(&self, request: Request<tf::$stream::Request>) -> Served<Self::$name> {
                    Ok(Response::new(events(&self.0, request.into_inner())))
                }
            )+

            async fn write_state_bytes(
                &self,
                request: Request<Streaming<tf::write_state_bytes::RequestChunk>>,
            ) -> Served<tf::write_state_bytes::Response> {
                // The chunks are not read: there is nothing to write them to.
                drop(request);
                Ok(Response::new(answer(&self.0, tf::write_state_bytes::RequestChunk::default()).await))
            }
        }
    };
}

provider! {
    unary:
        get_metadata get_provider_schema get_resource_identity_schemas get_functions
        validate_provider_config configure_provider stop_provider
        validate_resource_config upgrade_resource_state upgrade_resource_identity read_resource plan_resource_change
        apply_resource_change import_resource_state move_resource_state generate_resource_config
        validate_data_resource_config read_data_source
        call_function
        validate_ephemeral_resource_config open_ephemeral_resource renew_ephemeral_resource close_ephemeral_resource
        validate_list_resource_config
        validate_action_config plan_action
        validate_state_store_config configure_state_store lock_state unlock_state get_states delete_state;
    streams:
        list_resource -> Event as ListResourceStream
        invoke_action -> Event as InvokeActionStream
        read_state_bytes -> ResponseChunk as ReadStateBytesStream;
}
