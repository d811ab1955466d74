//! List resources.

use tokio::sync::mpsc::{self, Sender};

use super::value::{dynamic, identity, raw};
use super::{Plugin, Rpc, StreamRpc, find};
use crate::proto::tfplugin6 as tf;
use crate::resource::{AnyListResource, ListEvent};
use crate::schema::{Problem, wire_diagnostics};

impl Plugin {
    fn list_resource(&self, type_name: &str) -> Result<&dyn AnyListResource, Problem> {
        find(&self.registry.list_resources, "list resource", type_name)
    }
}

impl Rpc for tf::validate_list_resource_config::Request {
    const NAME: &'static str = "ValidateListResourceConfig";
    type Answer = tf::validate_list_resource_config::Response;

    // The limit and the wish for objects are Terraform's own attributes, which it checks itself.
    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let diagnostics = plugin.list_resource(&self.type_name)?.validate(raw(self.config)).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

fn event(found: ListEvent) -> tf::list_resource::Event {
    tf::list_resource::Event {
        identity: identity(Some(found.identity)),
        display_name: found.display_name,
        resource_object: found.state.and_then(dynamic),
        diagnostic: wire_diagnostics(found.diagnostics),
    }
}

impl StreamRpc for tf::list_resource::Request {
    const NAME: &'static str = "ListResource";
    type Event = tf::list_resource::Event;

    async fn serve(self, plugin: &Plugin, events: &Sender<Self::Event>) -> Result<Option<Self::Event>, Problem> {
        let resource = plugin.list_resource(&self.type_name)?;
        let limit = usize::try_from(self.limit).ok().filter(|limit| *limit > 0);
        let (sender, mut found) = mpsc::channel(1);
        let call = plugin.call(None);
        let list = resource.list(&call, raw(self.config), limit, self.include_resource_object, sender);
        let pass_on = async {
            while let Some(found) = found.recv().await {
                let _ = events.send(event(found)).await;
            }
        };
        let (diagnostics, ()) = tokio::join!(list, pass_on);
        // What there is to say about the whole comes last, without an object.
        let diagnostic = wire_diagnostics(diagnostics);
        Ok((!diagnostic.is_empty()).then(|| Self::Event { diagnostic, ..Self::Event::default() }))
    }
}
