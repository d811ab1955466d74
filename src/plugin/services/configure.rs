//! The provider's own configuration, and Stop.

use super::value::raw;
use super::{Plugin, Rpc};
use crate::proto::tfplugin6 as tf;
use crate::schema::{Problem, wire_diagnostics};

impl Rpc for tf::validate_provider_config::Request {
    const NAME: &'static str = "ValidateProviderConfig";
    type Answer = tf::validate_provider_config::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        answer.diagnostics = wire_diagnostics(plugin.registry.provider.validate(raw(self.config)).await);
        Ok(())
    }
}

impl Rpc for tf::configure_provider::Request {
    const NAME: &'static str = "ConfigureProvider";
    type Answer = tf::configure_provider::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        tracing::debug!(tf_client_version = self.terraform_version, "Configuring");
        let diagnostics =
            plugin.registry.provider.configure(&plugin.call(self.client_capabilities), raw(self.config)).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

impl Rpc for tf::stop_provider::Request {
    const NAME: &'static str = "StopProvider";
    type Answer = tf::stop_provider::Response;

    async fn serve(self, plugin: &Plugin, _answer: &mut Self::Answer) -> Result<(), Problem> {
        tracing::info!("Told to stop: ending what is in flight");
        plugin.ending.stop_calls();
        Ok(())
    }
}
