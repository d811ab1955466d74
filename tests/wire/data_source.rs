//! Data sources.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::schema::Value;
use serde_json::json;

use super::fake::{Fake, TYPE, provider, read};
use super::said::{error, garbage, json, panicked, patient, place, stopped, unknown};

fn lookup(config: Option<tf::DynamicValue>) -> tf::read_data_source::Request {
    tf::read_data_source::Request { type_name: TYPE.to_owned(), config, ..Default::default() }
}

#[tokio::test]
async fn a_data_source_is_validated() {
    let (mut provider, _) = provider().await;
    for (config, place_of) in [("a", None), ("nonsense", Some("what")), ("panics", Some(""))] {
        for config in [Fake::new(config).wire(), json(json!({"name": config, "made": null}))] {
            let request = tf::validate_data_resource_config::Request { type_name: TYPE.to_owned(), config };
            let answer = provider.validate_data_resource_config(request).await.unwrap().into_inner();
            assert_eq!((!answer.diagnostics.is_empty()).then(|| place(&answer.diagnostics)).as_deref(), place_of);
        }
    }
}

#[tokio::test]
async fn a_data_source_is_read() {
    let (mut provider, _) = provider().await;
    for config in [Fake::new("a").wire(), json(json!({"name": "a", "made": null}))] {
        let request = tf::read_data_source::Request { provider_meta: garbage(), ..lookup(config) };
        let answer = provider.read_data_source(request).await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, answer.deferred), (vec![], None));
        assert_eq!(read(answer.state), Some(Fake::new("a").completed().made()));
    }
    let answer = provider.read_data_source(lookup(Fake::new("panics").wire())).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
    assert_eq!(read(answer.state), None, "no half a result");
    let answer = provider.read_data_source(lookup(garbage())).await.unwrap().into_inner();
    error(&answer.diagnostics);
}

#[tokio::test]
async fn what_is_not_known_is_deferred_where_the_client_can_wait() {
    let (mut provider, _) = provider().await;
    let unknown_name = Fake { name: Value::Unknown, ..Fake::default() };
    let reasons = [
        (Fake::new("defers").wire(), tf::deferred::Reason::ProviderConfigUnknown),
        (unknown_name.wire(), tf::deferred::Reason::ResourceConfigUnknown),
    ];
    for (config, reason) in reasons {
        let request = tf::read_data_source::Request { client_capabilities: patient(), ..lookup(config.clone()) };
        let answer = provider.read_data_source(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        assert_eq!((answer.deferred.unwrap().reason(), answer.state), (reason, unknown()));
        let answer = provider.read_data_source(lookup(config)).await.unwrap().into_inner();
        error(&answer.diagnostics);
        assert_eq!(answer.deferred, None);
    }
}

#[tokio::test]
async fn a_stop_gives_up_a_lookup() {
    let (mut provider, faker) = provider().await;
    let mut other = provider.clone();
    let in_flight = tokio::spawn(async move { other.read_data_source(lookup(Fake::new("hangs").wire())).await });
    faker.begun.notified().await;
    provider.stop_provider(tf::stop_provider::Request {}).await.unwrap();
    stopped(&in_flight.await.unwrap().unwrap().into_inner().diagnostics);
    faker.ended.notified().await;
}
