//! Identities of managed resources. They are read, planned, applied and imported with the resources themselves.

use super::schema::of_each;
use super::value::identity;
use super::{Plugin, Rpc};
use crate::proto::tfplugin6 as tf;
use crate::schema::{Block, Problem, wire_block, wire_diagnostics};

fn identity_schema(block: &Block) -> tf::ResourceIdentitySchema {
    let attributes = wire_block(block).attributes.into_iter();
    tf::ResourceIdentitySchema {
        version: block.version,
        identity_attributes: attributes
            .map(|it| tf::resource_identity_schema::IdentityAttribute {
                name: it.name,
                r#type: it.r#type,
                required_for_import: it.required,
                optional_for_import: it.optional,
                description: it.description,
            })
            .collect(),
    }
}

impl Rpc for tf::get_resource_identity_schemas::Request {
    const NAME: &'static str = "GetResourceIdentitySchemas";
    type Answer = tf::get_resource_identity_schemas::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        answer.identity_schemas =
            of_each(&plugin.registry.resources, |name, it| (name, identity_schema(&it.identity_schema())));
        Ok(())
    }
}

impl Rpc for tf::upgrade_resource_identity::Request {
    const NAME: &'static str = "UpgradeResourceIdentity";
    type Answer = tf::upgrade_resource_identity::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.type_name)?;
        let stored = self.raw_identity.unwrap_or_default().json;
        let (upgraded, diagnostics) = resource.upgrade_identity(self.version, stored).await;
        answer.upgraded_identity = identity(upgraded);
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}
