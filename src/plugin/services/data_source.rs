//! Data sources.

use super::value::{deferred, dynamic, raw, unknown};
use super::{Plugin, Rpc, find};
use crate::proto::tfplugin6 as tf;
use crate::resource::AnyDataSource;
use crate::schema::{Problem, wire_diagnostics};

impl Plugin {
    fn data_source(&self, type_name: &str) -> Result<&dyn AnyDataSource, Problem> {
        find(&self.registry.data_sources, "data source", type_name)
    }
}

impl Rpc for tf::validate_data_resource_config::Request {
    const NAME: &'static str = "ValidateDataResourceConfig";
    type Answer = tf::validate_data_resource_config::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let diagnostics = plugin.data_source(&self.type_name)?.validate(raw(self.config)).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

impl Rpc for tf::read_data_source::Request {
    const NAME: &'static str = "ReadDataSource";
    type Answer = tf::read_data_source::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let data_source = plugin.data_source(&self.type_name)?;
        let call = plugin.call(self.client_capabilities);
        let read = data_source.read(&call, raw(self.config)).await;
        answer.deferred = deferred(&call);
        answer.state = if answer.deferred.is_some() { unknown() } else { dynamic(read.state) };
        answer.diagnostics = wire_diagnostics(read.diagnostics);
        Ok(())
    }
}
