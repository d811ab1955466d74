//! Every RPC of the protocol: what its request is made of, and how it is served.

use futures::StreamExt;
use loki_provider::plugin::Services;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_server::Provider;
use prost::Message;
use tonic::Request;

/// The kinds of things that have schemas of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    Provider,
    Resource,
    Data,
    Ephemeral,
    List,
    Action,
}

/// What a field of a request holds.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    /// The name of a type.
    Name(Of),
    /// The name of a function.
    Function,
    /// A DynamicValue of that type.
    Value(Of),
    /// DynamicValues, as a function's arguments.
    Arguments,
    /// A ResourceIdentityData.
    Identity,
    /// A RawState of a resource.
    Stored,
    /// A RawState of an identity.
    StoredIdentity,
    /// Bytes that the provider gave before.
    Private,
    /// An id, a version of Terraform and the like.
    Text,
    /// A number: a version, a limit.
    Number,
    /// ClientCapabilities.
    Capabilities,
}
use Field::{Arguments, Capabilities, Function, Identity, Name, Number, Private, Stored, StoredIdentity, Text, Value};
use Of::{Action, Data, Ephemeral, List, Resource};

/// One RPC.
pub struct Rpc {
    pub name: &'static str,
    /// The fields of its request by their numbers.
    pub fields: &'static [(u32, Field)],
}

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    pub diagnostics: Vec<tf::Diagnostic>,
    /// The DynamicValues of the answer, with what they should be.
    pub values: Vec<(Of, tf::DynamicValue)>,
    /// The error of a function.
    pub function_error: Option<String>,
    /// A gRPC status, which is never an answer.
    pub status: Option<String>,
    /// What is compared when the same is asked twice.
    pub encoded: Vec<u8>,
}

/// What an answer holds, for those that hold something.
trait Says: Message {
    fn said(&self) -> (Vec<tf::Diagnostic>, Vec<(Of, tf::DynamicValue)>);
}

macro_rules! says {
    ($($message:ident::$response:ident { $diagnostics:ident $(, $of:ident: $value:ident)* })+) => {$(
        impl Says for tf::$message::$response {
            fn said(&self) -> (Vec<tf::Diagnostic>, Vec<(Of, tf::DynamicValue)>) {
                let values: Vec<Option<(Of, tf::DynamicValue)>> = vec![$(self.$value.clone().map(|it| (Of::$of, it))),*];
                (self.$diagnostics.clone(), values.into_iter().flatten().collect())
            }
        }
    )+};
}

says! {
    get_metadata::Response { diagnostics }
    get_provider_schema::Response { diagnostics }
    get_resource_identity_schemas::Response { diagnostics }
    get_functions::Response { diagnostics }
    validate_provider_config::Response { diagnostics }
    configure_provider::Response { diagnostics }
    validate_resource_config::Response { diagnostics }
    upgrade_resource_state::Response { diagnostics, Resource: upgraded_state }
    upgrade_resource_identity::Response { diagnostics }
    read_resource::Response { diagnostics, Resource: new_state }
    plan_resource_change::Response { diagnostics, Resource: planned_state }
    apply_resource_change::Response { diagnostics, Resource: new_state }
    import_resource_state::Response { diagnostics }
    move_resource_state::Response { diagnostics, Resource: target_state }
    generate_resource_config::Response { diagnostics, Resource: config }
    validate_data_resource_config::Response { diagnostics }
    read_data_source::Response { diagnostics, Data: state }
    validate_ephemeral_resource_config::Response { diagnostics }
    open_ephemeral_resource::Response { diagnostics, Ephemeral: result }
    renew_ephemeral_resource::Response { diagnostics }
    close_ephemeral_resource::Response { diagnostics }
    validate_list_resource_config::Response { diagnostics }
    list_resource::Event { diagnostic, Resource: resource_object }
    validate_action_config::Response { diagnostics }
    plan_action::Response { diagnostics }
    validate_state_store_config::Response { diagnostics }
    configure_state_store::Response { diagnostics }
    read_state_bytes::ResponseChunk { diagnostics }
    lock_state::Response { diagnostics }
    unlock_state::Response { diagnostics }
    get_states::Response { diagnostics }
    delete_state::Response { diagnostics }
}

impl Says for tf::stop_provider::Response {
    fn said(&self) -> (Vec<tf::Diagnostic>, Vec<(Of, tf::DynamicValue)>) {
        (Vec::new(), Vec::new())
    }
}

impl Says for tf::call_function::Response {
    fn said(&self) -> (Vec<tf::Diagnostic>, Vec<(Of, tf::DynamicValue)>) {
        (Vec::new(), Vec::new())
    }
}

impl Says for tf::invoke_action::Event {
    fn said(&self) -> (Vec<tf::Diagnostic>, Vec<(Of, tf::DynamicValue)>) {
        match &self.r#type {
            Some(tf::invoke_action::event::Type::Completed(completed)) => (completed.diagnostics.clone(), Vec::new()),
            _ => (Vec::new(), Vec::new()),
        }
    }
}

impl Answer {
    fn take(&mut self, message: &impl Says) {
        let (diagnostics, values) = message.said();
        self.diagnostics.extend(diagnostics);
        self.values.extend(values);
        self.encoded.extend(message.encode_to_vec());
    }
}

macro_rules! rpcs {
    (
        unary: $($rpc:ident { $($number:literal: $field:expr),* })+;
        streams: $($stream:ident { $($in:literal: $of:expr),* })+;
    ) => {
        pub const RPCS: &[Rpc] = &[
            $(Rpc { name: stringify!($rpc), fields: &[$(($number, $field)),*] },)+
            $(Rpc { name: stringify!($stream), fields: &[$(($in, $of)),*] },)+
        ];

        /// Serves a request; none where the bytes are no request, which tonic answers without us.
        pub async fn serve(services: &Services, name: &str, bytes: &[u8]) -> Option<Answer> {
            let mut answer = Answer::default();
            match name {
                $(stringify!($rpc) => {
                    match services.$rpc(Request::new(tf::$rpc::Request::decode(bytes).ok()?)).await {
                        Ok(response) => answer.take(&response.into_inner()),
                        Err(status) => answer.status = Some(status.to_string()),
                    }
                })+
                $(stringify!($stream) => {
                    match services.$stream(Request::new(tf::$stream::Request::decode(bytes).ok()?)).await {
                        Ok(response) => {
                            let mut events = response.into_inner();
                            while let Some(event) = events.next().await {
                                match event {
                                    Ok(event) => answer.take(&event),
                                    Err(status) => answer.status = Some(status.to_string()),
                                }
                            }
                        }
                        Err(status) => answer.status = Some(status.to_string()),
                    }
                })+
                _ => return None,
            }
            Some(answer)
        }
    };
}

rpcs! {
    unary:
        get_metadata {}
        get_provider_schema {}
        get_resource_identity_schemas {}
        get_functions {}
        stop_provider {}
        validate_provider_config { 1: Value(Of::Provider) }
        configure_provider { 1: Text, 2: Value(Of::Provider), 3: Capabilities }
        validate_resource_config { 1: Name(Resource), 2: Value(Resource), 3: Capabilities }
        upgrade_resource_state { 1: Name(Resource), 2: Number, 3: Stored }
        upgrade_resource_identity { 1: Name(Resource), 2: Number, 3: StoredIdentity }
        read_resource { 1: Name(Resource), 2: Value(Resource), 3: Private, 5: Capabilities, 6: Identity }
        plan_resource_change {
            1: Name(Resource), 2: Value(Resource), 3: Value(Resource), 4: Value(Resource), 5: Private, 7: Capabilities,
            8: Identity
        }
        apply_resource_change {
            1: Name(Resource), 2: Value(Resource), 3: Value(Resource), 4: Value(Resource), 5: Private, 7: Identity
        }
        import_resource_state { 1: Name(Resource), 2: Text, 3: Capabilities, 4: Identity }
        move_resource_state {
            1: Text, 2: Name(Resource), 3: Number, 4: Stored, 5: Name(Resource), 6: Private, 7: StoredIdentity, 8: Number
        }
        generate_resource_config { 1: Name(Resource), 2: Value(Resource) }
        validate_data_resource_config { 1: Name(Data), 2: Value(Data) }
        read_data_source { 1: Name(Data), 2: Value(Data), 4: Capabilities }
        call_function { 1: Function, 2: Arguments }
        validate_ephemeral_resource_config { 1: Name(Ephemeral), 2: Value(Ephemeral) }
        open_ephemeral_resource { 1: Name(Ephemeral), 2: Value(Ephemeral), 3: Capabilities }
        renew_ephemeral_resource { 1: Name(Ephemeral), 2: Private }
        close_ephemeral_resource { 1: Name(Ephemeral), 2: Private }
        validate_list_resource_config { 1: Name(List), 2: Value(List), 3: Value(List), 4: Value(List) }
        validate_action_config { 1: Name(Action), 2: Value(Action) }
        plan_action { 1: Name(Action), 2: Value(Action), 3: Capabilities }
        validate_state_store_config { 1: Text, 2: Value(Of::Provider) }
        configure_state_store { 1: Text, 2: Value(Of::Provider) }
        lock_state { 1: Text, 2: Text, 3: Text }
        unlock_state { 1: Text, 2: Text, 3: Text }
        get_states { 1: Text }
        delete_state { 1: Text, 2: Text };
    streams:
        list_resource { 1: Name(List), 2: Value(List), 3: Number, 4: Number }
        invoke_action { 1: Name(Action), 2: Value(Action), 3: Capabilities }
        read_state_bytes { 1: Text, 2: Text };
}
