//! What becomes of panics, stops and partial states between a resource and the wire.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_server::Provider;
use tf::diagnostic::Severity;
use tonic::Request;

use super::fake::{Fake, TYPE, read, services};
use super::said::{error, garbage, json, panicked, stopped, stored};

fn apply(prior: Option<Fake>, planned: Option<Fake>) -> Request<tf::apply_resource_change::Request> {
    Request::new(tf::apply_resource_change::Request {
        type_name: TYPE.to_owned(),
        prior_state: prior.and_then(|it| it.wire()),
        planned_state: planned.and_then(|it| it.wire()),
        planned_private: b"private".to_vec(),
        ..Default::default()
    })
}

#[tokio::test]
async fn a_panic_in_apply_keeps_what_exists() {
    let (services, _) = services();
    let answer = services.apply_resource_change(apply(None, Some(Fake::new("panics")))).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
    assert_eq!(read(answer.new_state), Some(Fake::new("panics").made()));
    assert_eq!(answer.private, b"private");

    let existing = Fake::new("panics").made();
    let answer = services.apply_resource_change(apply(Some(existing.clone()), None)).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
    assert_eq!(read(answer.new_state), Some(existing), "what could not be destroyed stays in the state");
}

#[tokio::test]
async fn a_panic_outside_of_resources_is_a_diagnostic() {
    let (services, _) = services();
    let schema = services.get_provider_schema(Request::new(tf::get_provider_schema::Request {})).await;
    panicked(&schema.unwrap().into_inner().diagnostics);
    let validated = services.validate_provider_config(Request::new(Default::default())).await;
    panicked(&validated.unwrap().into_inner().diagnostics);
    let configured = services.configure_provider(Request::new(Default::default())).await;
    assert_eq!(configured.unwrap().into_inner().diagnostics[0].severity(), Severity::Warning);
}

#[tokio::test]
async fn stop_ends_a_call_in_flight_with_its_partial_state() {
    let (services, faker) = services();
    let in_flight = tokio::spawn({
        let services = services.clone();
        async move { services.apply_resource_change(apply(None, Some(Fake::new("waits")))).await }
    });
    faker.begun.notified().await;
    services.stop_provider(Request::new(tf::stop_provider::Request {})).await.unwrap();
    let answer = in_flight.await.unwrap().unwrap().into_inner();
    stopped(&answer.diagnostics);
    assert_eq!(read(answer.new_state), Some(Fake::new("waits").made()));

    // A later call is not stopped by the earlier Stop.
    let later = tokio::spawn({
        let services = services.clone();
        async move { services.apply_resource_change(apply(None, Some(Fake::new("waits")))).await }
    });
    faker.begun.notified().await;
    assert!(!later.is_finished());
    services.stop_provider(Request::new(tf::stop_provider::Request {})).await.unwrap();
    later.await.unwrap().unwrap();
}

#[tokio::test]
async fn stop_gives_up_what_changes_nothing_and_keeps_the_object() {
    let (services, faker) = services();
    let request = tf::read_resource::Request {
        type_name: TYPE.to_owned(),
        current_state: Fake::new("hangs").made().wire(),
        private: b"private".to_vec(),
        ..Default::default()
    };
    let in_flight = tokio::spawn({
        let services = services.clone();
        async move { services.read_resource(Request::new(request)).await }
    });
    faker.begun.notified().await;
    services.stop_provider(Request::new(tf::stop_provider::Request {})).await.unwrap();
    let answer = in_flight.await.unwrap().unwrap().into_inner();
    stopped(&answer.diagnostics);
    assert_eq!(read(answer.new_state), Some(Fake::new("hangs").made()));
    assert_eq!(answer.private, b"private");
}

#[tokio::test]
async fn read_keeps_the_object_whatever_happens() {
    let (services, _) = services();
    for (type_name, state) in
        [(TYPE, Fake::new("panics").wire()), ("loki_nothing", Fake::new("x").wire()), (TYPE, garbage())]
    {
        let request = tf::read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: state.clone(),
            private: b"private".to_vec(),
            ..Default::default()
        };
        let answer = services.read_resource(Request::new(request)).await.unwrap().into_inner();
        error(&answer.diagnostics);
        assert_eq!(answer.new_state, state);
        assert_eq!(answer.private, b"private");
    }
}

#[tokio::test]
async fn a_plan_names_what_replaces_and_what_is_unknown() {
    let (services, _) = services();
    let plan = |prior: Option<Fake>, name| tf::plan_resource_change::Request {
        type_name: TYPE.to_owned(),
        prior_state: prior.and_then(|it| it.wire()),
        proposed_new_state: Fake::new(name).wire(),
        config: Fake::new(name).wire(),
        prior_private: b"private".to_vec(),
        ..Default::default()
    };
    let created = services.plan_resource_change(Request::new(plan(None, "a"))).await.unwrap().into_inner();
    assert_eq!(created.diagnostics, []);
    assert!(read(created.planned_state).unwrap().made.is_unknown());
    assert_eq!(created.planned_private, b"private");
    let request = plan(Some(Fake::new("b").made()), "a");
    let replaced = services.plan_resource_change(Request::new(request)).await.unwrap().into_inner();
    let [path] = &replaced.requires_replace[..] else { panic!("{replaced:?}") };
    use tf::attribute_path::step::Selector;
    assert_eq!(path.steps[0].selector, Some(Selector::AttributeName("name".to_owned())));
    let refused = services.plan_resource_change(Request::new(plan(None, "panics"))).await.unwrap().into_inner();
    panicked(&refused.diagnostics);
}

#[tokio::test]
async fn validation_takes_json_as_well() {
    let (services, _) = services();
    let config = json(serde_json::json!({"name": "panics", "made": null}));
    let request = tf::validate_resource_config::Request { type_name: TYPE.to_owned(), config, ..Default::default() };
    let answer = services.validate_resource_config(Request::new(request)).await.unwrap().into_inner();
    panicked(&answer.diagnostics);
}

#[tokio::test]
async fn states_are_upgraded_from_json_alone() {
    let (services, _) = services();
    let upgrade = |raw_state| {
        Request::new(tf::upgrade_resource_state::Request {
            type_name: TYPE.to_owned(),
            version: 1,
            raw_state: Some(raw_state),
        })
    };
    let state = stored(serde_json::json!({"name": "a"})).unwrap();
    let upgraded = services.upgrade_resource_state(upgrade(state)).await.unwrap().into_inner();
    assert_eq!(read(upgraded.upgraded_state), Some(Fake::new("a")));
    let flatmap = [("name".to_owned(), "a".to_owned())].into();
    for state in [tf::RawState { flatmap, ..Default::default() }, tf::RawState::default()] {
        let refused = services.upgrade_resource_state(upgrade(state)).await.unwrap().into_inner();
        error(&refused.diagnostics);
    }
}

#[tokio::test]
async fn an_import_finds_one_object_or_says_that_there_is_none() {
    let (services, _) = services();
    let import = |id: &str| {
        let request =
            tf::import_resource_state::Request { type_name: TYPE.to_owned(), id: id.to_owned(), ..Default::default() };
        Request::new(request)
    };
    let found = services.import_resource_state(import("a")).await.unwrap().into_inner();
    let [object] = &found.imported_resources[..] else { panic!("{found:?}") };
    assert_eq!((object.type_name.as_str(), read(object.state.clone())), (TYPE, Some(Fake::new("a"))));
    for id in ["missing", ""] {
        let refused = services.import_resource_state(import(id)).await.unwrap().into_inner();
        assert!(refused.imported_resources.is_empty());
        error(&refused.diagnostics);
    }
}
