//! List resources: streamed, limited, stopped.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::schema::{Raw, Value};
use serde_json::json;
use tonic::Streaming;

use super::fake::kinds::Errand;
use super::fake::{ALIAS, Fake, FakeIdentity, TYPE, provider, read};
use super::said::{error, garbage, json, panicked, place, stopped};

fn query(what: &str) -> tf::list_resource::Request {
    let config = json(json!({"what": what, "times": null}));
    tf::list_resource::Request { type_name: TYPE.to_owned(), config, ..Default::default() }
}

async fn all(mut events: Streaming<tf::list_resource::Event>) -> Vec<tf::list_resource::Event> {
    let mut all = Vec::new();
    while let Some(event) = events.message().await.unwrap() {
        all.push(event);
    }
    all
}

fn names(events: &[tf::list_resource::Event]) -> Vec<&str> {
    events.iter().map(|event| event.display_name.as_str()).collect()
}

#[tokio::test]
async fn a_list_is_validated() {
    let (mut provider, _) = provider().await;
    let validate = |what: &str| tf::validate_list_resource_config::Request {
        type_name: TYPE.to_owned(),
        config: query(what).config,
        include_resource_object: json(json!(true)),
        limit: garbage(),
    };
    let answer = provider.validate_list_resource_config(validate("a")).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let answer = provider.validate_list_resource_config(validate("nonsense")).await.unwrap().into_inner();
    assert_eq!(place(&answer.diagnostics), "what");
    let answer = provider.validate_list_resource_config(validate("panics")).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
}

#[tokio::test]
async fn objects_are_named_by_identity_and_shown_when_asked_for() {
    let (mut provider, _) = provider().await;
    for type_name in [TYPE, ALIAS] {
        let request = tf::list_resource::Request { type_name: type_name.to_owned(), ..query("a") };
        let events = all(provider.list_resource(request).await.unwrap().into_inner()).await;
        assert_eq!(names(&events), ["fake 0", "fake 1", "fake 2"]);
        assert!(events.iter().all(|it| it.resource_object.is_none() && it.diagnostic.is_empty()));
        let identity = events[1].identity.clone().unwrap().identity_data.unwrap();
        let identity = Raw::MessagePack(identity.msgpack).decode::<FakeIdentity>().unwrap().unwrap();
        assert_eq!(identity.name, Value::Value("fake 1".to_owned()));
    }
    let request = tf::list_resource::Request { include_resource_object: true, ..query("a") };
    let events = all(provider.list_resource(request).await.unwrap().into_inner()).await;
    assert_eq!(read(events[2].resource_object.clone()), Some(Fake::new("fake 2").made()));
}

#[tokio::test]
async fn a_list_ends_at_its_limit() {
    let (mut provider, faker) = provider().await;
    let request = tf::list_resource::Request { limit: 2, ..query("panics") };
    let events = all(provider.list_resource(request).await.unwrap().into_inner()).await;
    assert_eq!(names(&events), ["fake 0", "fake 1"]);
    assert_eq!(faker.noted(), ["fake 0", "fake 1"], "no more are looked for");
}

#[tokio::test]
async fn what_goes_wrong_comes_after_what_was_found() {
    let (mut provider, _) = provider().await;
    for what in ["fails", "panics"] {
        let events = all(provider.list_resource(query(what)).await.unwrap().into_inner()).await;
        assert_eq!(names(&events), ["fake 0", "fake 1", "fake 2", ""]);
        error(&events[3].diagnostic);
        assert_eq!(events[3].identity, None);
    }
    let Raw::MessagePack(msgpack) = Raw::encode(&Errand { what: Value::Unknown, times: Value::Null }).unwrap() else {
        panic!("MessagePack")
    };
    for config in [garbage(), Some(tf::DynamicValue { msgpack, json: Vec::new() })] {
        let request = tf::list_resource::Request { config, ..query("") };
        let events = all(provider.list_resource(request).await.unwrap().into_inner()).await;
        assert_eq!(names(&events), [""]);
        error(&events[0].diagnostic);
    }
}

#[tokio::test]
async fn a_stop_ends_a_list() {
    let (mut provider, faker) = provider().await;
    let events = tokio::spawn(all(provider.list_resource(query("hangs")).await.unwrap().into_inner()));
    faker.begun.notified().await;
    provider.stop_provider(tf::stop_provider::Request {}).await.unwrap();
    let events = events.await.unwrap();
    assert_eq!(events.len(), 4);
    stopped(&events[3].diagnostic);
    faker.ended.notified().await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_a_list() {
    let (mut provider, faker) = provider().await;
    let mut events = provider.list_resource(query("hangs")).await.unwrap().into_inner();
    for _ in 0..3 {
        events.message().await.unwrap();
    }
    faker.begun.notified().await;
    drop(events);
    faker.ended.notified().await;
}
