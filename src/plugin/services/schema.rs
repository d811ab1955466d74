//! What the provider offers.

use std::collections::BTreeMap;

use super::function::definitions;
use super::{Plugin, Rpc};
use crate::proto::tfplugin6 as tf;
use crate::resource::Offer;
use crate::schema::{Block, Problem, wire_block};

fn capabilities() -> tf::ServerCapabilities {
    tf::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}

/// What `f` makes of each name of each offer.
pub(super) fn of_each<T: Offer + ?Sized, R, C: FromIterator<R>>(offers: &[Box<T>], f: impl Fn(String, &T) -> R) -> C {
    let f = &f;
    offers.iter().flat_map(|it| it.names().into_iter().map(move |name| f(name.to_owned(), it.as_ref()))).collect()
}

fn schemas<T: Offer + ?Sized>(offers: &[Box<T>]) -> BTreeMap<String, tf::Schema> {
    of_each(offers, |name, it| (name, schema(&it.schema())))
}

fn schema(block: &Block) -> tf::Schema {
    tf::Schema { version: block.version, block: Some(wire_block(block)) }
}

impl Rpc for tf::get_metadata::Request {
    const NAME: &'static str = "GetMetadata";
    type Answer = tf::get_metadata::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        use tf::get_metadata::{
            ActionMetadata, DataSourceMetadata, EphemeralResourceMetadata, FunctionMetadata, ListResourceMetadata,
            ResourceMetadata,
        };
        let it = &plugin.registry;
        answer.server_capabilities = Some(capabilities());
        answer.resources = of_each(&it.resources, |type_name, _| ResourceMetadata { type_name });
        answer.data_sources = of_each(&it.data_sources, |type_name, _| DataSourceMetadata { type_name });
        answer.ephemeral_resources =
            of_each(&it.ephemeral_resources, |type_name, _| EphemeralResourceMetadata { type_name });
        answer.list_resources = of_each(&it.list_resources, |type_name, _| ListResourceMetadata { type_name });
        answer.actions = of_each(&it.actions, |type_name, _| ActionMetadata { type_name });
        answer.functions = it.functions.iter().map(|it| FunctionMetadata { name: it.name().to_owned() }).collect();
        Ok(())
    }
}

impl Rpc for tf::get_provider_schema::Request {
    const NAME: &'static str = "GetProviderSchema";
    type Answer = tf::get_provider_schema::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let it = &plugin.registry;
        answer.server_capabilities = Some(capabilities());
        answer.provider = Some(schema(&it.provider.schema()));
        answer.resource_schemas = schemas(&it.resources);
        answer.data_source_schemas = schemas(&it.data_sources);
        answer.ephemeral_resource_schemas = schemas(&it.ephemeral_resources);
        answer.list_resource_schemas = schemas(&it.list_resources);
        answer.functions = definitions(plugin);
        let action = |schema| tf::ActionSchema { schema: Some(schema) };
        answer.action_schemas = schemas(&it.actions).into_iter().map(|(name, it)| (name, action(it))).collect();
        Ok(())
    }
}
