//! What the provider offers.

use super::{Plugin, Rpc};
use crate::proto::tfplugin6 as tf;
use crate::schema::{Block, Problem, wire_block};

fn capabilities() -> tf::ServerCapabilities {
    tf::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: false,
        generate_resource_config: false,
    }
}

fn schema(block: &Block) -> tf::Schema {
    tf::Schema { version: block.version, block: Some(wire_block(block)) }
}

impl Rpc for tf::get_metadata::Request {
    const NAME: &'static str = "GetMetadata";
    type Answer = tf::get_metadata::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        answer.server_capabilities = Some(capabilities());
        let names = plugin.registry.resources.iter().map(|resource| resource.type_name().to_owned());
        answer.resources = names.map(|type_name| tf::get_metadata::ResourceMetadata { type_name }).collect();
        Ok(())
    }
}

impl Rpc for tf::get_provider_schema::Request {
    const NAME: &'static str = "GetProviderSchema";
    type Answer = tf::get_provider_schema::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        answer.server_capabilities = Some(capabilities());
        answer.provider = Some(schema(&plugin.registry.provider.schema()));
        let resources = plugin.registry.resources.iter();
        answer.resource_schemas = resources.map(|it| (it.type_name().to_owned(), schema(&it.schema()))).collect();
        Ok(())
    }
}

impl Rpc for tf::get_resource_identity_schemas::Request {
    const NAME: &'static str = "GetResourceIdentitySchemas";
    type Answer = tf::get_resource_identity_schemas::Response;

    async fn serve(self, _plugin: &Plugin, _answer: &mut Self::Answer) -> Result<(), Problem> {
        Ok(())
    }
}

impl Rpc for tf::get_functions::Request {
    const NAME: &'static str = "GetFunctions";
    type Answer = tf::get_functions::Response;

    async fn serve(self, _plugin: &Plugin, _answer: &mut Self::Answer) -> Result<(), Problem> {
        Ok(())
    }
}
