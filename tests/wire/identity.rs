//! Identities: in every answer, upgraded, and as what an import goes by.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::schema::{Raw, Value};
use serde_json::json;

use super::fake::{ALIAS, Fake, FakeIdentity, TYPE, provider, read};
use super::said::{error, garbage, json, panicked, patient, stored, unknown};

fn identity(name: &str) -> Option<tf::ResourceIdentityData> {
    let identity = FakeIdentity { name: Value::Value(name.to_owned()) };
    let Raw::MessagePack(msgpack) = Raw::encode(&identity).unwrap() else { panic!("MessagePack") };
    Some(tf::ResourceIdentityData { identity_data: Some(tf::DynamicValue { msgpack, json: Vec::new() }) })
}

#[tokio::test]
async fn every_name_of_a_resource_has_its_identity_schema() {
    let (mut provider, _) = provider().await;
    let request = tf::get_resource_identity_schemas::Request {};
    let schemas = provider.get_resource_identity_schemas(request).await.unwrap().into_inner().identity_schemas;
    assert_eq!(schemas.keys().collect::<Vec<_>>(), [ALIAS, TYPE]);
    let schema = &schemas[TYPE];
    let [name] = &schema.identity_attributes[..] else { panic!("{schema:?}") };
    assert_eq!((schema.version, name.name.as_str(), name.r#type.as_slice()), (1, "name", &b"\"string\""[..]));
    assert!(name.required_for_import && !name.optional_for_import);
}

#[tokio::test]
async fn an_identity_of_an_older_version_is_upgraded() {
    let (mut provider, _) = provider().await;
    let upgrade = |version, raw_identity| tf::upgrade_resource_identity::Request {
        type_name: TYPE.to_owned(),
        version,
        raw_identity,
    };
    for (version, old) in [(0, json!({"title": "a"})), (1, json!({"name": "a"}))] {
        let answer = provider.upgrade_resource_identity(upgrade(version, stored(old))).await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.upgraded_identity), (vec![], identity("a")));
    }
    for (version, old) in [(2, stored(json!({"name": "a"}))), (-1, stored(json!({}))), (1, None)] {
        let answer = provider.upgrade_resource_identity(upgrade(version, old)).await.unwrap().into_inner();
        error(&answer.diagnostics);
        assert_eq!(answer.upgraded_identity, None);
    }
}

#[tokio::test]
async fn plan_apply_and_read_answer_with_the_identity() {
    let (mut provider, _) = provider().await;
    let plan = |config: &Fake, prior: Option<Fake>, prior_identity| tf::plan_resource_change::Request {
        type_name: TYPE.to_owned(),
        prior_state: prior.and_then(|prior| prior.wire()),
        proposed_new_state: config.wire(),
        config: config.wire(),
        prior_identity,
        ..Default::default()
    };
    let new = Fake::new("a");
    let planned = provider.plan_resource_change(plan(&new, None, None)).await.unwrap().into_inner();
    assert_eq!(planned.planned_identity, identity("a"));
    let unknown_name = Fake { name: Value::Unknown, ..Fake::default() };
    let planned = provider.plan_resource_change(plan(&unknown_name, None, None)).await.unwrap().into_inner();
    assert_eq!((planned.diagnostics, planned.planned_identity), (vec![], None), "not known yet");
    let request = plan(&unknown_name, Some(Fake::new("b").made()), identity("b"));
    let planned = provider.plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(planned.planned_identity, None, "another object, not known yet");
    let request = plan(&Fake::new("c"), Some(Fake::new("b").made()), identity("b"));
    let planned = provider.plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(planned.planned_identity, identity("c"));

    let request = tf::apply_resource_change::Request {
        type_name: TYPE.to_owned(),
        planned_state: new.wire(),
        config: new.wire(),
        planned_identity: identity("a"),
        ..Default::default()
    };
    let applied = provider.apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(applied.new_identity, identity("a"));
    let request = tf::apply_resource_change::Request {
        type_name: TYPE.to_owned(),
        prior_state: applied.new_state.clone(),
        planned_identity: identity("a"),
        ..Default::default()
    };
    let destroyed = provider.apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!((read(destroyed.new_state), destroyed.new_identity), (None, None));

    // An object of a version of the provider that had no identities gets its own.
    let request = tf::read_resource::Request {
        type_name: TYPE.to_owned(),
        current_state: applied.new_state,
        ..Default::default()
    };
    let refreshed = provider.read_resource(request).await.unwrap().into_inner();
    assert_eq!(refreshed.new_identity, identity("a"));
}

#[tokio::test]
async fn an_import_goes_by_identity_or_id() {
    let (mut provider, _) = provider().await;
    let import = |id: &str, identity| tf::import_resource_state::Request {
        type_name: TYPE.to_owned(),
        id: id.to_owned(),
        identity,
        client_capabilities: None,
    };
    let by_json = tf::ResourceIdentityData { identity_data: json(json!({"name": "a"})) };
    for request in [import("a", None), import("", identity("a")), import("", Some(by_json))] {
        let answer = provider.import_resource_state(request).await.unwrap().into_inner();
        let [found] = &answer.imported_resources[..] else { panic!("{answer:?}") };
        assert_eq!((read(found.state.clone()), found.identity.clone()), (Some(Fake::new("a")), identity("a")));
    }
    let broken = tf::ResourceIdentityData { identity_data: garbage() };
    let empty = tf::ResourceIdentityData { identity_data: None };
    for refused in [identity("missing"), identity("odd"), Some(broken), Some(empty), None] {
        let answer = provider.import_resource_state(import("", refused)).await.unwrap().into_inner();
        error(&answer.diagnostics);
        assert!(answer.imported_resources.is_empty());
    }
    panicked(&provider.import_resource_state(import("panics", None)).await.unwrap().into_inner().diagnostics);
    let request = tf::import_resource_state::Request { client_capabilities: patient(), ..import("defers", None) };
    let answer = provider.import_resource_state(request).await.unwrap().into_inner();
    let [found] = &answer.imported_resources[..] else { panic!("{answer:?}") };
    assert_eq!((answer.diagnostics, found.state.clone()), (vec![], unknown()));
    assert_eq!(answer.deferred.unwrap().reason(), tf::deferred::Reason::ProviderConfigUnknown);
}
