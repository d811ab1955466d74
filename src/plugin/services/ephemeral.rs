//! Ephemeral resources.

use prost_types::Timestamp;

use super::value::{deferred, dynamic, raw, unknown};
use super::{Plugin, Rpc, find};
use crate::proto::tfplugin6 as tf;
use crate::resource::{AnyEphemeralResource, Lease};
use crate::schema::{Problem, wire_diagnostics};

impl Plugin {
    fn ephemeral_resource(&self, type_name: &str) -> Result<&dyn AnyEphemeralResource, Problem> {
        find(&self.registry.ephemeral_resources, "ephemeral resource", type_name)
    }
}

/// What Terraform returns later, and when it does so at the latest.
fn parts(lease: Option<Lease<Vec<u8>>>) -> (Option<Vec<u8>>, Option<Timestamp>) {
    match lease {
        Some(lease) => (Some(lease.private), lease.renew_at.map(Timestamp::from)),
        None => (None, None),
    }
}

impl Rpc for tf::validate_ephemeral_resource_config::Request {
    const NAME: &'static str = "ValidateEphemeralResourceConfig";
    type Answer = tf::validate_ephemeral_resource_config::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let diagnostics = plugin.ephemeral_resource(&self.type_name)?.validate(raw(self.config)).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

impl Rpc for tf::open_ephemeral_resource::Request {
    const NAME: &'static str = "OpenEphemeralResource";
    type Answer = tf::open_ephemeral_resource::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.ephemeral_resource(&self.type_name)?;
        let call = plugin.call(self.client_capabilities);
        let opened = resource.open(&call, raw(self.config)).await;
        answer.deferred = deferred(&call);
        answer.result = if answer.deferred.is_some() { unknown() } else { dynamic(opened.result) };
        (answer.private, answer.renew_at) = parts(opened.lease);
        answer.diagnostics = wire_diagnostics(opened.diagnostics);
        Ok(())
    }
}

impl Rpc for tf::renew_ephemeral_resource::Request {
    const NAME: &'static str = "RenewEphemeralResource";
    type Answer = tf::renew_ephemeral_resource::Response;

    fn unserved(&self) -> Self::Answer {
        Self::Answer { private: self.private.clone(), ..Self::Answer::default() }
    }

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.ephemeral_resource(&self.type_name)?;
        let renewed = resource.renew(&plugin.call(None), self.private.unwrap_or_default()).await;
        (answer.private, answer.renew_at) = parts(renewed.lease);
        answer.diagnostics = wire_diagnostics(renewed.diagnostics);
        Ok(())
    }
}

impl Rpc for tf::close_ephemeral_resource::Request {
    const NAME: &'static str = "CloseEphemeralResource";
    type Answer = tf::close_ephemeral_resource::Response;
    const CHANGES_NOTHING: bool = false;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.ephemeral_resource(&self.type_name)?;
        let diagnostics = resource.close(&plugin.call(None), self.private.unwrap_or_default()).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}
