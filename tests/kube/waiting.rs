//! Waiting: by watching, by looking where watching is not allowed, and what ends it.

use std::time::{Duration, Instant};

use loki_provider::kube::{Apply, Delete, Error, Until};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Namespace, nobody};

const LONG: Duration = Duration::from_secs(60);

fn level(live: Option<&Value>) -> Option<&str> {
    live?["data"]["level"].as_str()
}

#[tokio::test]
async fn a_change_is_seen_when_it_happens() {
    let space = Namespace::new("watch").await;
    let name = space.named("v1", "ConfigMap", "c");
    let never = CancellationToken::new();
    let mut seen: Vec<Option<String>> = Vec::new();
    let mut done = |live: Option<&Value>| {
        seen.push(level(live).map(str::to_owned));
        level(live) == Some("debug")
    };
    let wait = space.cluster.wait(&name, Until::after(LONG, &never), &mut done);
    let change = async {
        // Each step gives the watch time to tell it, but none is needed for the outcome.
        for value in ["info", "warn", "debug"] {
            tokio::time::sleep(Duration::from_millis(300)).await;
            space.apply(&space.config_map("c", json!({"level": value}))).await;
        }
        Instant::now()
    };
    let (last, changed) = tokio::join!(wait, change);
    assert!(changed.elapsed() < Duration::from_secs(2), "noticed after {:?}", changed.elapsed());
    assert_eq!(level(last.unwrap().as_ref()), Some("debug"));
    assert_eq!(seen.first(), Some(&None), "the present state comes first");
    space.remove().await;
}

#[tokio::test]
async fn a_deadline_names_what_holds_the_object() {
    let space = Namespace::new("gone").await;
    let name = space.named("v1", "ConfigMap", "c");
    let mut object = space.config_map("c", json!({}));
    object["metadata"]["finalizers"] = json!(["example.com/hold"]);
    space.apply(&object).await;
    space.cluster.delete(&name, Delete::default()).await.unwrap();

    let never = CancellationToken::new();
    let short = Until::after(Duration::from_secs(1), &never);
    let text = space.cluster.wait_gone(&name, short).await.unwrap_err().to_string();
    assert_eq!(text, format!("{name} is not gone (held by the finalizers example.com/hold) within 1 s"));

    let release = async { space.apply(&space.config_map("c", json!({}))).await };
    let (gone, _) = tokio::join!(space.cluster.wait_gone(&name, Until::after(LONG, &never)), release);
    gone.unwrap();
    space.remove().await;
}

#[tokio::test]
async fn cancelling_ends_a_wait_at_once() {
    let space = Namespace::new("cancel").await;
    let cancel = CancellationToken::new();
    let name = space.named("v1", "ConfigMap", "never");
    let started = Instant::now();
    let mut never = |_: Option<&Value>| {
        // The watch has not even begun.
        cancel.cancel();
        false
    };
    let error = space.cluster.wait(&name, Until::after(LONG, &cancel), &mut never).await.unwrap_err();
    assert_eq!(error, Error::Cancelled { what: format!("waiting for {name}") });
    assert!(started.elapsed() < Duration::from_secs(2));
    space.remove().await;
}

#[tokio::test]
async fn who_may_only_get_can_wait_too() {
    let space = Namespace::new("poll").await;
    let never = CancellationToken::new();
    let name = space.named("v1", "ConfigMap", "c");
    let error = nobody().wait(&name, Until::after(LONG, &never), &mut |_| true).await.unwrap_err();
    assert_eq!(error.to_string(), format!("nobody may not get configmaps in namespace {}", space.name));

    let group = "rbac.authorization.k8s.io";
    let rules = json!({"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]});
    space.apply(&space.object("rbac.authorization.k8s.io/v1", "Role", "getter", rules)).await;
    let binding = json!({"roleRef": {"apiGroup": group, "kind": "Role", "name": "getter"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "nobody"}]});
    space.apply(&space.object("rbac.authorization.k8s.io/v1", "RoleBinding", "getter", binding)).await;
    // The authorizer's cache follows shortly.
    while matches!(nobody().get(&name).await, Err(Error::Forbidden { .. })) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let watcher = nobody();
    let mut there = |live: Option<&Value>| live.is_some();
    let wait = watcher.wait(&name, Until::after(LONG, &never), &mut there);
    let object = space.config_map("c", json!({"level": "info"}));
    let (last, _) = tokio::join!(wait, space.cluster.apply(&object, Apply::default()));
    assert_eq!(level(last.unwrap().as_ref()), Some("info"));
    space.remove().await;
}
