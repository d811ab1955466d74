//! Values that stand in the configuration alone, and configurations made of states.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::schema::{Int, Value};
use serde_json::json;

use super::fake::{Fake, Further, TYPE, provider, read};
use super::said::{error, garbage, json, patient, place};

fn with_secrets() -> Fake {
    let text = |text: &str| Value::Value(text.to_owned());
    let further = Further { secret: text("deeper"), label: text("none") };
    Fake { secret: text("hunter2"), further: Value::Value(vec![Value::Value(further)]), ..Fake::new("a") }
}

fn without_secrets() -> Fake {
    let further = Further { secret: Value::Null, label: Value::Value("none".to_owned()) };
    Fake { further: Value::Value(vec![Value::Value(further)]), size: Value::Value(Int::Whole(3)), ..Fake::new("a") }
}

#[tokio::test]
async fn a_client_that_would_write_them_down_is_refused_at_their_place() {
    let (mut provider, _) = provider().await;
    let validate = |config, client_capabilities| tf::validate_resource_config::Request {
        type_name: TYPE.to_owned(),
        config,
        client_capabilities,
    };
    let top = json(json!({"name": "a", "secret": "hunter2"}));
    let deep = json(json!({"name": "a", "further": [{"label": "x"}, {"secret": "hunter2"}]}));
    for (config, at) in [(top, "secret"), (deep, "further.1.secret")] {
        for old in [None, Some(tf::ClientCapabilities { deferral_allowed: true, ..Default::default() })] {
            let answer = provider.validate_resource_config(validate(config.clone(), old)).await.unwrap().into_inner();
            assert_eq!(place(&answer.diagnostics), at);
            assert!(!error(&answer.diagnostics).detail.contains("hunter2"));
        }
        let answer = provider.validate_resource_config(validate(config, patient())).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
    }
    let config = json(json!({"name": "a", "further": [{"label": "x"}]}));
    let answer = provider.validate_resource_config(validate(config, None)).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, [], "whoever sets none needs no newer client");
}

#[tokio::test]
async fn they_reach_the_deployment_and_no_answer() {
    let (mut provider, faker) = provider().await;
    for prior in [None, Some(Fake { size: Value::Value(Int::Whole(1)), ..without_secrets() }.made())] {
        let made = prior.clone().map_or(Value::Null, |prior| prior.made);
        let request = tf::plan_resource_change::Request {
            type_name: TYPE.to_owned(),
            prior_state: prior.clone().and_then(|it| it.wire()),
            // Core takes what is computed from the prior state, and may hand the secrets over here as well.
            proposed_new_state: Fake { made: made.clone(), ..with_secrets() }.wire(),
            config: with_secrets().wire(),
            ..Default::default()
        };
        let planned = provider.plan_resource_change(request).await.unwrap().into_inner();
        let plan = read(planned.planned_state.clone()).unwrap();
        assert_eq!((planned.diagnostics, Fake { made: Value::Null, ..plan }), (vec![], without_secrets()));
        let request = tf::apply_resource_change::Request {
            type_name: TYPE.to_owned(),
            prior_state: prior.and_then(|it| it.wire()),
            planned_state: planned.planned_state,
            config: with_secrets().wire(),
            ..Default::default()
        };
        let applied = provider.apply_resource_change(request).await.unwrap().into_inner();
        assert_eq!((applied.diagnostics, read(applied.new_state)), (vec![], Some(without_secrets().made())));
        let handed = std::mem::take(&mut *faker.noted.lock().unwrap());
        assert_eq!(handed, ["secret hunter2", "further Some(\"deeper\")"]);
    }
}

#[tokio::test]
async fn a_configuration_is_made_of_what_has_to_be_written() {
    let (mut provider, _) = provider().await;
    let generate = |state| tf::generate_resource_config::Request { type_name: TYPE.to_owned(), state };
    let none = Further::default();
    let short = Fake { further: Value::Value(vec![Value::Value(none)]), ..Fake::new("a") };
    let large = Fake { size: Value::Value(Int::Whole(9)), ..Fake::new("a") };
    let empty = Fake { further: Value::Value(vec![]), ..large.clone() };
    for (state, config) in [(without_secrets().made(), short), (empty.made(), large)] {
        let answer = provider.generate_resource_config(generate(state.wire())).await.unwrap().into_inner();
        assert_eq!((answer.diagnostics, read(answer.config)), (vec![], Some(config)));
    }
    let answer = provider.generate_resource_config(generate(garbage())).await.unwrap().into_inner();
    error(&answer.diagnostics);
}
