//! Objects that move between the names of a resource, and states of older versions.

use loki_provider::proto::tfplugin6 as tf;
use serde_json::{Value as Json, json};

use super::fake::{ALIAS, Fake, TYPE, provider, read};
use super::said::{error, panicked, stored};

fn movement(from: &str, to: &str, state: Json) -> tf::move_resource_state::Request {
    tf::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/lokiops/loki".to_owned(),
        source_type_name: from.to_owned(),
        source_schema_version: 1,
        source_state: stored(state),
        target_type_name: to.to_owned(),
        source_private: b"private".to_vec(),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_object_moves_between_the_names_of_its_resource_with_all_that_belongs_to_it() {
    let (mut provider, _) = provider().await;
    let state = json!({"name": "a", "made": "half"});
    for (from, to) in [(TYPE, ALIAS), (ALIAS, TYPE), (TYPE, TYPE)] {
        for host in ["registry.terraform.io/lokiops", "registry.opentofu.org/lokiops", "mirror.example.com/platform"] {
            let request = tf::move_resource_state::Request {
                source_provider_address: format!("{host}/loki"),
                ..movement(from, to, state.clone())
            };
            let moved = provider.move_resource_state(request).await.unwrap().into_inner();
            assert_eq!(moved.diagnostics, []);
            assert_eq!(read(moved.target_state), Some(Fake::new("a").made()));
            assert_eq!(moved.target_private, b"private");
            assert!(moved.target_identity.is_some(), "it follows from the state");
        }
    }
    let old = tf::move_resource_state::Request {
        source_schema_version: 0,
        source_identity: stored(json!({"title": "b"})),
        ..movement(ALIAS, TYPE, json!({"title": "a", "made": "half"}))
    };
    let moved = provider.move_resource_state(old).await.unwrap().into_inner();
    assert_eq!((moved.diagnostics, read(moved.target_state)), (vec![], Some(Fake::new("a").made())));
    let identity = moved.target_identity.unwrap().identity_data.unwrap().msgpack;
    assert!(identity.ends_with(b"b"), "it is carried over, and upgraded as well: {identity:?}");
}

#[tokio::test]
async fn what_is_not_of_this_resource_is_refused_with_what_to_do() {
    let (mut provider, _) = provider().await;
    let foreign = tf::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/hashicorp/aws".to_owned(),
        ..movement(TYPE, TYPE, json!({"name": "a"}))
    };
    for request in [foreign, movement("aws_s3_bucket", TYPE, json!({})), movement("loki_other", ALIAS, json!({}))] {
        let answer = provider.move_resource_state(request).await.unwrap().into_inner();
        let error = error(&answer.diagnostics);
        assert!(error.detail.contains("removed") && error.detail.contains("import"), "{error:?}");
        assert_eq!(answer.target_state, None);
    }
    let newer = tf::move_resource_state::Request { source_schema_version: 2, ..movement(TYPE, ALIAS, json!({})) };
    error(&provider.move_resource_state(newer).await.unwrap().into_inner().diagnostics);
}

#[tokio::test]
async fn a_state_of_an_older_version_takes_every_step() {
    let (mut provider, _) = provider().await;
    let upgrade = |version, state| tf::upgrade_resource_state::Request {
        type_name: TYPE.to_owned(),
        version,
        raw_state: stored(state),
    };
    let request = upgrade(0, json!({"title": "a", "made": "half", "dropped": true}));
    let upgraded = provider.upgrade_resource_state(request).await.unwrap().into_inner();
    assert_eq!((upgraded.diagnostics, read(upgraded.upgraded_state)), (vec![], Some(Fake::new("a").made())));
    let broken = provider.upgrade_resource_state(upgrade(0, json!({"title": "broken"}))).await.unwrap().into_inner();
    assert_eq!(error(&broken.diagnostics).summary, "The title is broken");
    let panics = provider.upgrade_resource_state(upgrade(0, json!({"title": "panics"}))).await.unwrap().into_inner();
    panicked(&panics.diagnostics);
    for version in [2, -1] {
        let newer = upgrade(version, json!({"name": "a"}));
        let refused = provider.upgrade_resource_state(newer).await.unwrap().into_inner();
        let error = error(&refused.diagnostics);
        assert!(error.detail.contains(&format!("version {version}")), "{error:?}");
        assert!(error.detail.contains("required_providers"), "{error:?}");
    }
}
