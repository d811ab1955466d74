use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tracing::Instrument;
use tracing::field::Empty;

use super::Plugin;
use crate::plugin::ADDRESS;
use crate::proto::tfplugin6 as tf;
use crate::proto::tfplugin6::invoke_action::event::{Completed, Type};
use crate::resource::own_fault;
use crate::schema::{Diagnostics, Problem, Report, wire_diagnostics};

/// An RPC, implemented by its request.
pub(super) trait Rpc: Sized + Send + 'static {
    /// The name in the protocol.
    const NAME: &'static str;
    /// The response.
    type Answer: Answer;
    /// Whether the call may be given up at any moment when the user stops Terraform, because it changes nothing. One that
    /// does change something watches for the stop by itself.
    const CHANGES_NOTHING: bool = true;

    /// The answer to begin with: what remains true if the call is not served. Terraform overwrites what it holds with
    /// what the answer holds, so an empty answer may lose an object.
    fn unserved(&self) -> Self::Answer {
        Self::Answer::default()
    }

    /// Serves the call. A problem is added to what the answer holds by then.
    fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// A response that can say what went wrong.
pub(super) trait Answer: Default + Send + Sync + 'static {
    /// Adds an error.
    fn refuse(&mut self, problem: Problem);

    /// What it says by now.
    fn diagnostics(&self) -> &[tf::Diagnostic] {
        &[]
    }
}

/// An RPC that is answered by a stream of events, implemented by its request. A client that goes away ends its work at
/// the next `await`.
pub(super) trait StreamRpc: Sized + Send + 'static {
    /// The name in the protocol.
    const NAME: &'static str;
    /// The message of the stream.
    type Event: Answer;
    /// As [`Rpc::CHANGES_NOTHING`].
    const CHANGES_NOTHING: bool = true;

    /// Serves the call and returns the last event, if there is one. A problem is an event as well.
    fn serve(
        self,
        plugin: &Plugin,
        events: &Sender<Self::Event>,
    ) -> impl Future<Output = Result<Option<Self::Event>, Problem>> + Send;
}

/// Serves a call in its span of the log. A panic becomes a diagnostic, and the process lives on.
pub(super) async fn answer<R: Rpc>(plugin: &Arc<Plugin>, request: R) -> R::Answer {
    if R::CHANGES_NOTHING {
        return answered(plugin, request).await;
    }
    // What changes something goes on without the client that asked for it: half of it would be worse.
    let (unserved, plugin) = (request.unserved(), Arc::clone(plugin));
    let task = tokio::spawn(async move { answered(&plugin, request).await }.in_current_span());
    task.await.unwrap_or_else(|_| {
        let mut answer = unserved;
        answer.refuse(own_fault("the process ended before there was an answer"));
        answer
    })
}

async fn answered<R: Rpc>(plugin: &Plugin, request: R) -> R::Answer {
    let _in_flight = plugin.ending.in_flight().await;
    async {
        let started = Instant::now();
        let mut answer = request.unserved();
        let outcome = attempted(plugin, R::CHANGES_NOTHING, async { request.serve(plugin, &mut answer).await }).await;
        if let Err(problem) = outcome {
            answer.refuse(problem);
        }
        log(&answer, started);
        answer
    }
    .instrument(span(plugin, R::NAME))
    .await
}

/// Serves a call by a stream, otherwise as [`answer`].
pub(super) fn events<R: StreamRpc>(plugin: &Arc<Plugin>, request: R) -> BoxStream<'static, Result<R::Event, Status>> {
    let (plugin, (sender, receiver)) = (Arc::clone(plugin), mpsc::channel(1));
    let span = span(&plugin, R::NAME);
    let work = async move {
        let in_flight = plugin.ending.in_flight().await;
        let started = Instant::now();
        let last = attempted(&plugin, R::CHANGES_NOTHING, async { request.serve(&plugin, &sender).await }).await;
        let last = last.unwrap_or_else(|problem| {
            let mut event = R::Event::default();
            event.refuse(problem);
            Some(event)
        });
        log(last.as_ref().unwrap_or(&R::Event::default()), started);
        // The work is done; a client that does not take its last event does not keep the process.
        drop(in_flight);
        if let Some(last) = last {
            let _ = sender.send(last).await;
        }
    };
    // A task, since a stream is polled only as fast as the client reads; dropping the set aborts it.
    let mut tasks = JoinSet::new();
    tasks.spawn(work.instrument(span));
    let events = ReceiverStream::new(receiver).inspect(move |_| {
        let _kept_with_the_stream = &tasks;
    });
    events.map(Ok).boxed()
}

/// Of the highest level, so that errors carry its fields where nothing else is logged.
fn span(plugin: &Plugin, name: &'static str) -> tracing::Span {
    tracing::error_span!(
        "rpc",
        tf_rpc = name,
        tf_req_id = plugin.request_id(),
        tf_provider_addr = ADDRESS,
        tf_resource_type = Empty,
    )
}

/// Runs until there is an outcome, or until the user stops Terraform where nothing is changed by that.
async fn attempted<T>(
    plugin: &Plugin,
    changes_nothing: bool,
    serve: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let stop = plugin.ending.of_call();
    let serve = AssertUnwindSafe(serve).catch_unwind();
    let outcome = tokio::select! {
        // What is ready is answered, stopped or not.
        biased;
        outcome = serve => outcome,
        () = stop.cancelled(), if changes_nothing => Ok(Err(stopped())),
    };
    outcome.unwrap_or_else(|_| Err(own_fault("a part of it panicked; TF_LOG=error shows where")))
}

fn stopped() -> Problem {
    Problem::new(summary!("Stopped before there was an answer"))
        .why("Terraform asked the provider to stop. This call changed nothing.")
        .fix("Run the command again.")
}

fn log(answer: &impl Answer, started: Instant) {
    let is_error = |it: &&tf::Diagnostic| it.severity() == tf::diagnostic::Severity::Error;
    let diagnostics = answer.diagnostics();
    let errors = diagnostics.iter().filter(is_error).count();
    for diagnostic in diagnostics.iter().filter(is_error) {
        tracing::error!(diagnostic_summary = diagnostic.summary, "Response contains error diagnostic");
    }
    tracing::debug!(
        tf_req_duration_ms = started.elapsed().as_millis(),
        diagnostic_error_count = errors,
        diagnostic_warning_count = diagnostics.len() - errors,
        "Served request"
    );
}

/// The problem as the protocol has it.
pub(super) fn diagnostic(problem: Problem) -> Vec<tf::Diagnostic> {
    let mut diagnostics = Diagnostics::default();
    diagnostics.refuse(problem);
    wire_diagnostics(diagnostics)
}

macro_rules! with_diagnostics {
    ($($message:ident::$response:ident.$field:ident)+) => {$(
        impl Answer for tf::$message::$response {
            fn refuse(&mut self, problem: Problem) {
                self.$field.extend(diagnostic(problem));
            }

            fn diagnostics(&self) -> &[tf::Diagnostic] {
                &self.$field
            }
        }
    )+};
}

with_diagnostics! {
    get_metadata::Response.diagnostics
    get_provider_schema::Response.diagnostics
    get_resource_identity_schemas::Response.diagnostics
    get_functions::Response.diagnostics
    validate_provider_config::Response.diagnostics
    configure_provider::Response.diagnostics
    validate_resource_config::Response.diagnostics
    upgrade_resource_state::Response.diagnostics
    upgrade_resource_identity::Response.diagnostics
    read_resource::Response.diagnostics
    plan_resource_change::Response.diagnostics
    apply_resource_change::Response.diagnostics
    import_resource_state::Response.diagnostics
    move_resource_state::Response.diagnostics
    generate_resource_config::Response.diagnostics
    validate_data_resource_config::Response.diagnostics
    read_data_source::Response.diagnostics
    validate_ephemeral_resource_config::Response.diagnostics
    open_ephemeral_resource::Response.diagnostics
    renew_ephemeral_resource::Response.diagnostics
    close_ephemeral_resource::Response.diagnostics
    validate_list_resource_config::Response.diagnostics
    list_resource::Event.diagnostic
    validate_action_config::Response.diagnostics
    plan_action::Response.diagnostics
    validate_state_store_config::Response.diagnostics
    configure_state_store::Response.diagnostics
    read_state_bytes::ResponseChunk.diagnostics
    write_state_bytes::Response.diagnostics
    lock_state::Response.diagnostics
    unlock_state::Response.diagnostics
    get_states::Response.diagnostics
    delete_state::Response.diagnostics
}

/// The text of a problem for a response that has a string instead of diagnostics.
fn text(problem: Problem) -> String {
    let diagnostic = diagnostic(problem).remove(0);
    format!("{}. {}", diagnostic.summary, diagnostic.detail)
}

impl Answer for tf::stop_provider::Response {
    fn refuse(&mut self, problem: Problem) {
        self.error = text(problem);
    }
}

impl Answer for tf::call_function::Response {
    fn refuse(&mut self, problem: Problem) {
        self.error = Some(tf::FunctionError { text: text(problem), function_argument: None });
    }
}

impl Answer for tf::invoke_action::Event {
    fn refuse(&mut self, problem: Problem) {
        self.r#type = Some(Type::Completed(Completed { diagnostics: diagnostic(problem) }));
    }

    fn diagnostics(&self) -> &[tf::Diagnostic] {
        match &self.r#type {
            Some(Type::Completed(completed)) => &completed.diagnostics,
            _ => &[],
        }
    }
}
