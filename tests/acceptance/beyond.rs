//! What terraform 1.11 cannot reach, in the lab by a raw client: actions, list resources, import by identity.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use loki_provider::resource::provider::Adapters;
use loki_provider::resource::registry;
use loki_provider::schema::{Block, Cty, Raw};
use serde_json::{Value, json};
use tf::invoke_action::event::Type;
use tonic::transport::Channel;

use crate::process::Plugin;
use crate::support::{Workspace, kubectl, lab};

const ALL: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket = "NAME"
  tags   = { test = "NAME" }
}
resource "loki_irsa_role" "loki" {
  name            = "NAME"
  path            = "/NAME/"
  eks_cluster     = "lab"
  namespace       = "NAME"
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
}
resource "loki_log_agent" "main" {
  kind             = "otel_collector"
  namespace        = "NAME-agents"
  create_namespace = true
  push_url         = loki_stack.main.push_url
  max_silence      = "0s"
}
"#;

fn json(value: &Value) -> Option<tf::DynamicValue> {
    Some(tf::DynamicValue { msgpack: Vec::new(), json: value.to_string().into_bytes() })
}

/// An answer's value of that schema, as JSON.
fn read(schema: &Block, value: Option<tf::DynamicValue>) -> Value {
    let value = Raw::MessagePack(value.expect("a value").msgpack);
    plain(value.decode_as(&schema.kind()).expect("a value of the schema"))
}

fn plain(value: Cty) -> Value {
    match value {
        Cty::Bool(it) => it.into(),
        Cty::Number(it) => it.as_f64().into(),
        Cty::String(it) => it.into(),
        Cty::List(it) => it.into_iter().map(plain).collect(),
        Cty::Map(it) => it.into_iter().map(|(key, value)| (key.to_string(), plain(value))).collect(),
        Cty::Null => Value::Null,
        Cty::Dynamic(_) | Cty::Unknown(_) => panic!("an answer about what exists is known: {value:?}"),
    }
}

/// The same numbers, whatever their form.
fn same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().is_some_and(|a| b.as_f64() == Some(a))
}

/// A client of the provider, configured for the lab.
async fn client(plugin: &Plugin) -> ProviderClient<Channel> {
    let mut client = plugin.provider().await;
    let endpoint = &lab().aws_endpoint;
    let config = json!({
        "aws": {
            "region": "eu-west-1", "access_key": "test", "secret_key": "test", "use_path_style": true,
            "profile": null, "token": null, "assume_role": null,
            "endpoints": { "s3": endpoint, "iam": endpoint, "sts": endpoint, "eks": endpoint },
        },
        "kubernetes": {
            "eks_cluster": "lab", "config_path": null, "config_context": null, "host": null, "token": null,
            "cluster_ca_certificate": null, "client_certificate": null, "client_key": null, "insecure": null,
            "tls_server_name": null, "proxy_url": null, "exec": null, "in_cluster": null,
        },
    });
    let request = tf::configure_provider::Request { config: json(&config), ..Default::default() };
    let said = client.configure_provider(request).await.unwrap().into_inner().diagnostics;
    assert_eq!(said, []);
    client
}

/// The objects that a list finds, with what is said of them.
async fn list(
    client: &mut ProviderClient<Channel>,
    type_name: &str,
    config: Value,
    limit: i64,
) -> Vec<tf::list_resource::Event> {
    let request = tf::list_resource::Request {
        type_name: type_name.to_owned(),
        config: json(&config),
        include_resource_object: true,
        limit,
    };
    let mut events = client.list_resource(request).await.unwrap().into_inner();
    let mut found = Vec::new();
    while let Some(event) = events.message().await.unwrap() {
        assert_eq!(event.diagnostic, [], "{type_name}");
        found.push(event);
    }
    found
}

/// Progress and diagnostics of the action.
async fn test_stack(client: &mut ProviderClient<Channel>, config: Value) -> (Vec<String>, Vec<tf::Diagnostic>) {
    let action_type = "loki_stack_test".to_owned();
    let request =
        tf::plan_action::Request { action_type: action_type.clone(), config: json(&config), ..Default::default() };
    assert_eq!(client.plan_action(request).await.unwrap().into_inner().diagnostics, []);
    let request = tf::invoke_action::Request { action_type, config: json(&config), ..Default::default() };
    let mut events = client.invoke_action(request).await.unwrap().into_inner();
    let mut progress = Vec::new();
    while let Some(event) = events.message().await.unwrap() {
        match event.r#type.expect("a type") {
            Type::Progress(it) => progress.push(it.message),
            Type::Completed(it) => return (progress, it.diagnostics),
        }
    }
    panic!("the action was not completed: {progress:?}")
}

#[tokio::test]
async fn what_is_deployed_is_listed_imported_by_identity_and_tested_on_demand() {
    let workspace = Workspace::with("beyond", ALL);
    let name = &workspace.name;
    workspace.apply().succeeds();
    let agents = format!("{name}-agents");
    let plugin = Plugin::start();
    let mut client = client(&plugin).await;

    let offered = registry(Adapters { aws: loki_provider::aws::connect, kube: loki_provider::kube::connect });
    let identities = [
        (
            "loki_bucket_storage",
            json!({ "prefix": name, "tags": { "test": name } }),
            json!({ "bucket": name, "region": "eu-west-1" }),
        ),
        (
            "loki_irsa_role",
            json!({ "path_prefix": format!("/{name}/"), "tags": null }),
            json!({ "name": name, "account_id": "123456789012" }),
        ),
        ("loki_stack", json!({ "namespace": name }), json!({ "namespace": name, "name": "loki" })),
        ("loki_log_agent", json!({ "namespace": agents }), json!({ "namespace": agents, "name": "log-agent" })),
    ];
    for (type_name, config, identity) in identities {
        let found = list(&mut client, type_name, config, 100).await;
        let [event] = &found[..] else { panic!("{type_name}: {found:?}") };
        let listed = event.identity.clone().expect("an identity").identity_data;
        let resource = offered.resources.iter().find(|it| it.type_name() == type_name).expect("it is offered");
        let (schema, of_identity) = (resource.schema(), resource.identity_schema());
        assert_eq!(read(&of_identity, listed), identity, "{type_name}");
        let object = read(&schema, event.resource_object.clone());
        let state = workspace.state(&format!("{type_name}.{}", address(type_name))).expect("it was applied");
        for (attribute, value) in object.as_object().expect("an object") {
            // What only the configuration says cannot be listed.
            if !value.is_null() && !["objects", "status", "oidc_issuer", "config"].contains(&attribute.as_str()) {
                let expected = &state[attribute];
                assert!(same(value, expected), "{type_name}.{attribute}: {value} instead of {expected}");
            }
        }
        let request = tf::import_resource_state::Request {
            type_name: type_name.to_owned(),
            identity: Some(tf::ResourceIdentityData { identity_data: json(&identity) }),
            ..Default::default()
        };
        let imported = client.import_resource_state(request).await.unwrap().into_inner();
        assert_eq!(imported.diagnostics, [], "{type_name}");
        let kept = imported.imported_resources[0].identity.clone().expect("an identity");
        assert_eq!(read(&of_identity, kept.identity_data), identity, "{type_name}: another identity after the import");
    }

    assert_eq!(list(&mut client, "log_agent", json!({ "namespace": agents }), 100).await.len(), 1);

    let config = json!({ "namespace": name, "name": "loki", "tenant": null, "timeouts": null });
    let (progress, said) = test_stack(&mut client, config.clone()).await;
    assert_eq!(said, []);
    for step in [
        "1 of 1 replicas are ready",
        "is ready",
        "ingester ring: 1 of 1",
        "Loki 3.7.8",
        "pushed a line",
        "read the line back",
    ] {
        assert!(progress.iter().any(|text| text.contains(step)), "{step}: {progress:?}");
    }

    kubectl(&["delete", "statefulset", "loki", "-n", name]);
    let (_, said) = test_stack(&mut client, config).await;
    assert!(said[0].summary.contains("is failed") && said[0].detail.contains("does not exist"), "{said:?}");
}

/// The resource's name in the configuration above.
fn address(type_name: &str) -> &'static str {
    match type_name {
        "loki_bucket_storage" => "logs",
        "loki_irsa_role" => "loki",
        _ => "main",
    }
}

#[tokio::test]
async fn a_list_ends_at_its_limit_and_an_identity_elsewhere_is_refused() {
    let buckets = "resource \"loki_bucket_storage\" \"logs\" {\n  count  = 3\n  bucket = \"NAME-${count.index}\"\n}\n";
    let workspace = Workspace::with("limited", buckets);
    workspace.apply().succeeds();
    let plugin = Plugin::start();
    let mut client = client(&plugin).await;
    for (limit, expected) in [(2, 2), (100, 3)] {
        let config = json!({ "prefix": workspace.name, "tags": null });
        assert_eq!(list(&mut client, "loki_bucket_storage", config, limit).await.len(), expected);
    }
    for (type_name, identity, said) in [
        (
            "loki_bucket_storage",
            json!({ "bucket": format!("{}-0", workspace.name), "region": "us-east-1" }),
            "It is in eu-west-1",
        ),
        ("loki_irsa_role", json!({ "name": "any", "account_id": "999999999999" }), "123456789012"),
    ] {
        let request = tf::import_resource_state::Request {
            type_name: type_name.to_owned(),
            identity: Some(tf::ResourceIdentityData { identity_data: json(&identity) }),
            ..Default::default()
        };
        let refused = client.import_resource_state(request).await.unwrap().into_inner().diagnostics;
        assert!(refused[0].detail.contains(said), "{refused:?}");
    }
}
