//! Actions: planned, invoked with progress, stopped.

use futures::StreamExt;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::invoke_action::event::Type;
use loki_provider::proto::tfplugin6::provider_server::Provider;
use loki_provider::schema::{Raw, Value};
use serde_json::json;
use tonic::{Request, Streaming};

use super::fake::kinds::Errand;
use super::fake::{TYPE, provider, services};
use super::said::{error, garbage, json, panicked, patient, place};

fn config(what: &str) -> Option<tf::DynamicValue> {
    json(json!({"what": what, "times": null}))
}

fn invocation(config: Option<tf::DynamicValue>) -> tf::invoke_action::Request {
    tf::invoke_action::Request { action_type: TYPE.to_owned(), config, client_capabilities: None }
}

/// The progress and the diagnostics; the stream ends with those.
async fn all(mut events: Streaming<tf::invoke_action::Event>) -> (Vec<String>, Vec<tf::Diagnostic>) {
    let mut lines = Vec::new();
    loop {
        match events.message().await.unwrap().expect("it is completed").r#type.unwrap() {
            Type::Progress(line) => lines.push(line.message),
            Type::Completed(completed) => {
                assert_eq!(events.message().await.unwrap(), None, "nothing follows");
                return (lines, completed.diagnostics);
            }
        }
    }
}

#[tokio::test]
async fn an_action_is_validated_and_planned() {
    let (mut provider, _) = provider().await;
    let validate = |config| tf::validate_action_config::Request { action_type: TYPE.to_owned(), config };
    let plan = |config, client_capabilities| tf::plan_action::Request {
        action_type: TYPE.to_owned(),
        config,
        client_capabilities,
    };
    let answer = provider.validate_action_config(validate(config("a"))).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let answer = provider.validate_action_config(validate(config("nonsense"))).await.unwrap().into_inner();
    assert_eq!(place(&answer.diagnostics), "what");
    let answer = provider.validate_action_config(validate(config("panics"))).await.unwrap().into_inner();
    panicked(&answer.diagnostics);

    let Raw::MessagePack(msgpack) = Raw::encode(&Errand { what: Value::Unknown, times: Value::Unknown }).unwrap()
    else {
        panic!("MessagePack")
    };
    let unknown = Some(tf::DynamicValue { msgpack, json: Vec::new() });
    for config in [config("a"), unknown] {
        let answer = provider.plan_action(plan(config, None)).await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.deferred), (vec![], None), "a plan may hold what is unknown");
    }
    let answer = provider.plan_action(plan(config("defers"), patient())).await.unwrap().into_inner();
    assert_eq!(answer.deferred.unwrap().reason(), tf::deferred::Reason::ProviderConfigUnknown);
    for refused in [config("fails"), config("panics"), garbage()] {
        error(&provider.plan_action(plan(refused, None)).await.unwrap().into_inner().diagnostics);
    }
}

#[tokio::test]
async fn an_action_tells_how_it_is_getting_on_and_then_that_it_is_done() {
    let (mut provider, _) = provider().await;
    let events = provider.invoke_action(invocation(config("a"))).await.unwrap().into_inner();
    assert_eq!(all(events).await, (["Time 1", "Time 2", "Time 3"].map(str::to_owned).to_vec(), vec![]));
    let events = provider.invoke_action(invocation(config("panics"))).await.unwrap().into_inner();
    let (lines, diagnostics) = all(events).await;
    assert_eq!(lines.len(), 3);
    panicked(&diagnostics);
    let Raw::MessagePack(msgpack) = Raw::encode(&Errand { what: Value::Unknown, times: Value::Null }).unwrap() else {
        panic!("MessagePack")
    };
    for config in [garbage(), Some(tf::DynamicValue { msgpack, json: Vec::new() })] {
        let events = provider.invoke_action(invocation(config)).await.unwrap().into_inner();
        let (lines, diagnostics) = all(events).await;
        assert_eq!(lines, [""; 0]);
        error(&diagnostics);
    }
}

#[tokio::test]
async fn a_stop_ends_an_action_which_says_so() {
    let (mut provider, faker) = provider().await;
    let events = provider.invoke_action(invocation(config("waits"))).await.unwrap().into_inner();
    let events = tokio::spawn(all(events));
    faker.begun.notified().await;
    provider.stop_provider(tf::stop_provider::Request {}).await.unwrap();
    let (_, diagnostics) = events.await.unwrap();
    assert!(error(&diagnostics).summary.contains("waiting"), "{diagnostics:?}");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_an_action() {
    let (mut provider, faker) = provider().await;
    let mut events = provider.invoke_action(invocation(config("hangs"))).await.unwrap().into_inner();
    for _ in 0..3 {
        events.message().await.unwrap();
    }
    faker.begun.notified().await;
    drop(events);
    faker.ended.notified().await;
}

#[tokio::test]
async fn a_client_that_does_not_listen_does_not_hold_up_the_stop_of_an_action() {
    let (services, faker) = services();
    let config = json(json!({"what": "waits", "times": 100}));
    let mut events = services.invoke_action(Request::new(invocation(config))).await.unwrap().into_inner();
    events.next().await.unwrap().unwrap();
    services.stop_provider(Request::new(tf::stop_provider::Request {})).await.unwrap();
    faker.ended.notified().await;
}
