//! Ephemeral resources: opened, renewed and closed.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::schema::Value;
use serde_json::json;

use super::fake::{Fake, TYPE, provider, read};
use super::said::{error, garbage, json, panicked, patient, place, stopped, unknown};

fn opening(name: &str) -> tf::open_ephemeral_resource::Request {
    let config = Fake::new(name).wire();
    tf::open_ephemeral_resource::Request { type_name: TYPE.to_owned(), config, client_capabilities: None }
}

fn renewal(private: Option<Vec<u8>>) -> tf::renew_ephemeral_resource::Request {
    tf::renew_ephemeral_resource::Request { type_name: TYPE.to_owned(), private }
}

fn closing(private: Option<Vec<u8>>) -> tf::close_ephemeral_resource::Request {
    tf::close_ephemeral_resource::Request { type_name: TYPE.to_owned(), private }
}

#[tokio::test]
async fn an_ephemeral_resource_is_validated() {
    let (mut provider, _) = provider().await;
    let validate = |config| tf::validate_ephemeral_resource_config::Request { type_name: TYPE.to_owned(), config };
    let config = json(json!({"name": "a", "made": null}));
    let answer = provider.validate_ephemeral_resource_config(validate(config)).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let config = Fake::new("nonsense").wire();
    let answer = provider.validate_ephemeral_resource_config(validate(config)).await.unwrap().into_inner();
    assert_eq!(place(&answer.diagnostics), "what");
    let config = Fake::new("panics").wire();
    let answer = provider.validate_ephemeral_resource_config(validate(config)).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
}

#[tokio::test]
async fn it_is_opened_renewed_and_closed_with_what_was_handed_out() {
    let (mut provider, faker) = provider().await;
    let opened = provider.open_ephemeral_resource(opening("a")).await.unwrap().into_inner();
    assert_eq!((opened.diagnostics, opened.deferred), (vec![], None));
    assert_eq!(read(opened.result), Some(Fake::new("a").completed().made()));
    assert_eq!(opened.renew_at.unwrap().seconds, 60);
    let renewed = provider.renew_ephemeral_resource(renewal(opened.private)).await.unwrap().into_inner();
    assert_eq!((renewed.diagnostics, renewed.renew_at), (vec![], None));
    let closed = provider.close_ephemeral_resource(closing(renewed.private)).await.unwrap().into_inner();
    assert_eq!(closed.diagnostics, []);
    assert_eq!(faker.noted(), ["a again"]);

    let opened = provider.open_ephemeral_resource(opening("endless")).await.unwrap().into_inner();
    assert_eq!((opened.private.clone(), opened.renew_at), (None, None));
    let closed = provider.close_ephemeral_resource(closing(opened.private)).await.unwrap().into_inner();
    assert_eq!(closed.diagnostics, []);
}

#[tokio::test]
async fn what_could_not_be_opened_is_closed_again() {
    let (mut provider, faker) = provider().await;
    let opened = provider.open_ephemeral_resource(opening("fails")).await.unwrap().into_inner();
    error(&opened.diagnostics);
    assert_eq!((read(opened.result), opened.private), (None, None));
    assert_eq!(faker.noted(), ["fails"], "Terraform closes only what was opened");
    let opened = provider.open_ephemeral_resource(opening("panics")).await.unwrap().into_inner();
    panicked(&opened.diagnostics);
}

#[tokio::test]
async fn what_was_not_handed_out_here_is_refused_and_still_to_be_closed() {
    let (mut provider, _) = provider().await;
    for private in [&b"hunter2"[..], br#"{"version":2,"lease":"a"}"#] {
        let answer = provider.renew_ephemeral_resource(renewal(Some(private.to_vec()))).await.unwrap().into_inner();
        assert!(!error(&answer.diagnostics).detail.contains("hunter2"));
        assert_eq!(answer.private.as_deref(), Some(private));
        let answer = provider.close_ephemeral_resource(closing(Some(private.to_vec()))).await.unwrap().into_inner();
        error(&answer.diagnostics);
    }
    let panics = br#"{"version":1,"lease":"panics"}"#.to_vec();
    let answer = provider.renew_ephemeral_resource(renewal(Some(panics.clone()))).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
    assert_eq!(answer.private, Some(panics));
    let panics = br#"{"version":1,"lease":"closing panics"}"#.to_vec();
    panicked(&provider.close_ephemeral_resource(closing(Some(panics))).await.unwrap().into_inner().diagnostics);
}

#[tokio::test]
async fn what_is_not_known_is_deferred_where_the_client_can_wait() {
    let (mut provider, faker) = provider().await;
    let config = Fake { name: Value::Unknown, ..Fake::default() }.wire();
    for request in [opening("defers"), tf::open_ephemeral_resource::Request { config, ..opening("") }] {
        let patient = tf::open_ephemeral_resource::Request { client_capabilities: patient(), ..request.clone() };
        let answer = provider.open_ephemeral_resource(patient).await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.result, answer.private), (vec![], unknown(), None));
        assert!(answer.deferred.is_some());
        let answer = provider.open_ephemeral_resource(request).await.unwrap().into_inner();
        error(&answer.diagnostics);
    }
    assert_eq!(faker.noted(), ["defers", "defers"], "what it made nevertheless is closed");
    let request = tf::open_ephemeral_resource::Request { config: garbage(), ..opening("") };
    error(&provider.open_ephemeral_resource(request).await.unwrap().into_inner().diagnostics);
}

#[tokio::test]
async fn a_stop_gives_up_opening_and_renewing_but_not_closing() {
    let (mut provider, faker) = provider().await;
    let mut other = provider.clone();
    let open = tokio::spawn(async move { other.open_ephemeral_resource(opening("hangs")).await });
    faker.begun.notified().await;
    provider.stop_provider(tf::stop_provider::Request {}).await.unwrap();
    stopped(&open.await.unwrap().unwrap().into_inner().diagnostics);
    faker.ended.notified().await;

    let private = br#"{"version":1,"lease":"hangs"}"#.to_vec();
    let (mut other, of_renewal) = (provider.clone(), private.clone());
    let renew = tokio::spawn(async move { other.renew_ephemeral_resource(renewal(Some(of_renewal))).await });
    faker.begun.notified().await;
    provider.stop_provider(tf::stop_provider::Request {}).await.unwrap();
    let renewed = renew.await.unwrap().unwrap().into_inner();
    stopped(&renewed.diagnostics);
    assert_eq!(renewed.private, Some(private));

    let private = br#"{"version":1,"lease":"closing waits"}"#.to_vec();
    let mut other = provider.clone();
    let close = tokio::spawn(async move { other.close_ephemeral_resource(closing(Some(private))).await });
    faker.begun.notified().await;
    provider.stop_provider(tf::stop_provider::Request {}).await.unwrap();
    let closed = close.await.unwrap().unwrap().into_inner();
    assert!(error(&closed.diagnostics).summary.contains("waiting"), "it ends by itself: {closed:?}");
}
