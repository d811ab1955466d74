//! Every RPC of the protocol is answered, and never with a gRPC status.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use tf::diagnostic::Severity;
use tonic::transport::Channel;

use super::process::Plugin;

/// A value that is neither MessagePack nor JSON.
fn garbage() -> Option<tf::DynamicValue> {
    Some(tf::DynamicValue { msgpack: vec![0xc1, 0xff, 0x00], json: Vec::new() })
}

fn nothing() -> String {
    "loki_nothing".to_owned()
}

/// Asserts one error that says what and what to do.
fn refused(rpc: &str, diagnostics: &[tf::Diagnostic]) {
    let [diagnostic] = diagnostics else { panic!("{rpc}: {diagnostics:?}") };
    assert_eq!(diagnostic.severity(), Severity::Error, "{rpc}");
    assert!(!diagnostic.summary.is_empty() && !diagnostic.detail.is_empty(), "{rpc}: {diagnostic:?}");
}

/// Calls each RPC with a name that the provider does not have.
macro_rules! refuses {
    ($provider:ident: $($rpc:ident { $($field:ident),* })+) => {$(
        let request = tf::$rpc::Request { $($field: nothing(),)* ..Default::default() };
        let answer = $provider.$rpc(request).await.expect(stringify!($rpc)).into_inner();
        refused(stringify!($rpc), &answer.diagnostics);
    )+};
}

#[tokio::test]
#[allow(clippy::needless_update, reason = "some of the requests have no other field")]
async fn what_the_provider_does_not_have_is_refused_by_a_diagnostic() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    refuses! {provider:
        validate_resource_config { type_name }
        upgrade_resource_state { type_name }
        upgrade_resource_identity { type_name }
        read_resource { type_name }
        plan_resource_change { type_name }
        apply_resource_change { type_name }
        import_resource_state { type_name }
        move_resource_state { target_type_name, source_type_name }
        generate_resource_config { type_name }
        validate_data_resource_config { type_name }
        read_data_source { type_name }
        validate_ephemeral_resource_config { type_name }
        open_ephemeral_resource { type_name }
        renew_ephemeral_resource { type_name }
        close_ephemeral_resource { type_name }
        validate_list_resource_config { type_name }
        validate_action_config { action_type }
        plan_action { action_type }
        validate_state_store_config { type_name }
        configure_state_store { type_name }
        lock_state { type_name }
        unlock_state { type_name }
        get_states { type_name }
        delete_state { type_name }
    }
    let function = tf::call_function::Request { name: nothing(), arguments: Vec::new() };
    let error = provider.call_function(function).await.unwrap().into_inner().error.unwrap();
    assert!(error.text.contains("loki_nothing"), "{error:?}");
}

#[tokio::test]
async fn streams_are_answered_by_one_event() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    let request = tf::list_resource::Request { type_name: nothing(), ..Default::default() };
    let mut events = provider.list_resource(request).await.unwrap().into_inner();
    refused("ListResource", &events.message().await.unwrap().unwrap().diagnostic);
    assert!(events.message().await.unwrap().is_none());

    let request = tf::invoke_action::Request { action_type: nothing(), ..Default::default() };
    let mut events = provider.invoke_action(request).await.unwrap().into_inner();
    let Some(tf::invoke_action::event::Type::Completed(completed)) = events.message().await.unwrap().unwrap().r#type
    else {
        panic!("the action is completed")
    };
    refused("InvokeAction", &completed.diagnostics);

    let request = tf::read_state_bytes::Request { type_name: nothing(), ..Default::default() };
    let mut chunks = provider.read_state_bytes(request).await.unwrap().into_inner();
    refused("ReadStateBytes", &chunks.message().await.unwrap().unwrap().diagnostics);

    let chunks = futures::stream::iter([tf::write_state_bytes::RequestChunk::default()]);
    let written = provider.write_state_bytes(chunks).await.unwrap().into_inner();
    refused("WriteStateBytes", &written.diagnostics);
}

#[tokio::test]
async fn metadata_and_schema_agree() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    let metadata = provider.get_metadata(tf::get_metadata::Request {}).await.unwrap().into_inner();
    let schema = provider.get_provider_schema(tf::get_provider_schema::Request {}).await.unwrap().into_inner();
    assert!(metadata.diagnostics.is_empty() && schema.diagnostics.is_empty());
    assert_eq!(metadata.server_capabilities, schema.server_capabilities);
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && capabilities.generate_resource_config);
    let mut named: Vec<_> = metadata.resources.iter().map(|it| it.type_name.as_str()).collect();
    named.sort_unstable();
    assert_eq!(named, schema.resource_schemas.keys().map(String::as_str).collect::<Vec<_>>());
    assert!(!schema.provider.unwrap().block.unwrap().attributes.is_empty());
    let identities = provider.get_resource_identity_schemas(tf::get_resource_identity_schemas::Request {}).await;
    let identities = identities.unwrap().into_inner().identity_schemas;
    assert_eq!(identities.keys().collect::<Vec<_>>(), schema.resource_schemas.keys().collect::<Vec<_>>());
    for (name, identity) in identities {
        assert!(identity.identity_attributes.iter().any(|it| it.required_for_import), "{name}");
    }
    let functions = provider.get_functions(tf::get_functions::Request {}).await.unwrap().into_inner().functions;
    assert_eq!(functions, schema.functions);
    let mut named: Vec<_> = metadata.functions.iter().map(|it| it.name.as_str()).collect();
    named.sort_unstable();
    assert_eq!(named, functions.keys().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_function_is_called_on_a_provider_that_is_not_configured() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    let argument = tf::DynamicValue { msgpack: Vec::new(), json: b"\"1h30m\"".to_vec() };
    let request = tf::call_function::Request { name: "duration_seconds".to_owned(), arguments: vec![argument] };
    let answer = provider.call_function(request).await.unwrap().into_inner();
    // 5400 in MessagePack.
    assert_eq!((answer.error, answer.result.unwrap().msgpack), (None, vec![0xcd, 0x15, 0x18]));
}

async fn validate(provider: &mut ProviderClient<Channel>, config: Option<tf::DynamicValue>) -> Vec<tf::Diagnostic> {
    let request = tf::validate_provider_config::Request { config };
    provider.validate_provider_config(request).await.unwrap().into_inner().diagnostics
}

#[tokio::test]
async fn values_that_cannot_be_read_are_refused_by_a_diagnostic() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    refused("ValidateProviderConfig", &validate(&mut provider, garbage()).await);
    let request = tf::configure_provider::Request { config: garbage(), ..Default::default() };
    let configured = provider.configure_provider(request).await.unwrap().into_inner();
    refused("ConfigureProvider", &configured.diagnostics);
}

#[tokio::test]
async fn a_value_without_bytes_is_null() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    assert_eq!(validate(&mut provider, None).await, []);
    assert_eq!(validate(&mut provider, Some(tf::DynamicValue::default())).await, []);
}

#[tokio::test]
async fn messages_far_above_grpcs_default_of_4_mib_are_read() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await.max_encoding_message_size(256 << 20);
    let large = tf::DynamicValue { msgpack: vec![0xc1; 100 << 20], json: Vec::new() };
    refused("ValidateProviderConfig", &validate(&mut provider, Some(large)).await);
}
