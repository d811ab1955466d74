//! Actions.

use tokio::sync::mpsc::Sender;

use super::value::{deferred, raw};
use super::{Plugin, Rpc, StreamRpc, find};
use crate::proto::tfplugin6 as tf;
use crate::proto::tfplugin6::invoke_action::Event;
use crate::proto::tfplugin6::invoke_action::event::{Completed, Progress as Line, Type};
use crate::resource::{AnyAction, Progress};
use crate::schema::{Problem, wire_diagnostics};

impl Plugin {
    fn action(&self, type_name: &str) -> Result<&dyn AnyAction, Problem> {
        find(&self.registry.actions, "action", type_name)
    }
}

impl Rpc for tf::validate_action_config::Request {
    const NAME: &'static str = "ValidateActionConfig";
    type Answer = tf::validate_action_config::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let diagnostics = plugin.action(&self.action_type)?.validate(raw(self.config)).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

impl Rpc for tf::plan_action::Request {
    const NAME: &'static str = "PlanAction";
    type Answer = tf::plan_action::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let action = plugin.action(&self.action_type)?;
        let call = plugin.call(self.client_capabilities);
        answer.diagnostics = wire_diagnostics(action.plan(&call, raw(self.config)).await);
        answer.deferred = deferred(&call);
        Ok(())
    }
}

impl StreamRpc for tf::invoke_action::Request {
    const NAME: &'static str = "InvokeAction";
    type Event = Event;
    const CHANGES_NOTHING: bool = false;

    async fn serve(self, plugin: &Plugin, events: &Sender<Event>) -> Result<Option<Event>, Problem> {
        let action = plugin.action(&self.action_type)?;
        let call = plugin.call(self.client_capabilities);
        let (progress, mut said) = Progress::new();
        let invoke = action.invoke(&call, raw(self.config), progress);
        let pass_on = async {
            while let Some(message) = said.recv().await {
                let event = Event { r#type: Some(Type::Progress(Line { message })) };
                tokio::select! {
                    _ = events.send(event) => {}
                    // A client that does not listen does not keep an action from its end.
                    () = call.stop.cancelled() => {}
                }
            }
        };
        let (diagnostics, ()) = tokio::join!(invoke, pass_on);
        Ok(Some(Event { r#type: Some(Type::Completed(Completed { diagnostics: wire_diagnostics(diagnostics) })) }))
    }
}
