//! Applying, reading, deleting, and every way in which the API server refuses.

use loki_provider::kube::{
    Access, Apply, Cause, Delete, Error, FieldConflict, ObjectRef, differences, helm, take_fields,
};
use serde_json::json;

use crate::support::{Namespace, administrator, kubectl, nobody};

const DRY_RUN: Apply = Apply { dry_run: true, force: false };
const FORCED: Apply = Apply { dry_run: false, force: true };

#[tokio::test]
async fn a_dry_run_stores_nothing_and_an_apply_does_not_drift() {
    let space = Namespace::new("apply").await;
    let name = space.named("apps/v1", "StatefulSet", "loki");
    let pod =
        json!({"metadata": {"labels": {"app": "loki"}}, "spec": {"containers": [{"name": "loki", "image": "loki"}]}});
    let spec =
        json!({"replicas": 0, "serviceName": "loki", "selector": {"matchLabels": {"app": "loki"}}, "template": pod});
    let object = space.object("apps/v1", "StatefulSet", "loki", json!({"spec": spec}));

    let imagined = space.cluster.apply(&object, DRY_RUN).await.unwrap();
    assert_eq!(imagined["spec"]["podManagementPolicy"], "OrderedReady", "the API server fills in the defaults");
    assert_eq!(space.cluster.get(&name).await.unwrap(), None);

    space.apply(&object).await;
    let live = space.cluster.get(&name).await.unwrap().unwrap();
    assert_eq!(live["metadata"]["managedFields"][0]["manager"], "terraform-provider-loki");
    let again = space.cluster.apply(&object, DRY_RUN).await.unwrap();
    assert_eq!(differences(&again, &live), Vec::<String>::new());
    space.remove().await;
}

#[tokio::test]
async fn another_managers_fields_are_named_and_only_taken_by_force() {
    let space = Namespace::new("conflict").await;
    let ours = space.config_map("config", json!({"level": "info", "format": "json"}));
    space.apply(&ours).await;
    let patch = r#"{"data": {"level": "debug", "theirs": "kept"}}"#;
    kubectl(&[
        "patch",
        "configmap",
        "config",
        "-n",
        &space.name,
        "--field-manager=operator",
        "--type=merge",
        "-p",
        patch,
    ]);

    let error = space.cluster.apply(&ours, Apply::default()).await.unwrap_err();
    let object = format!("ConfigMap {}/config", space.name);
    assert_eq!(error.to_string(), format!("{object} is in conflict: operator owns .data.level"));
    let Error::Conflict { conflicts, .. } = error else { panic!("{error:?}") };
    assert_eq!(conflicts, [FieldConflict { manager: "operator".into(), field: ".data.level".into() }]);

    let name = space.named("v1", "ConfigMap", "config");
    let live = space.cluster.get(&name).await.unwrap().unwrap();
    let imagined = space.cluster.apply(&ours, Apply { dry_run: true, force: true }).await.unwrap();
    assert_eq!(differences(&imagined, &live), ["data.level"], "what is only theirs is no drift");

    let healed = space.cluster.apply(&ours, FORCED).await.unwrap();
    assert_eq!(healed["data"], json!({"level": "info", "format": "json", "theirs": "kept"}));
    space.remove().await;
}

#[tokio::test]
async fn content_is_refused_field_by_field() {
    let space = Namespace::new("invalid").await;
    let set = |spec| space.object("apps/v1", "StatefulSet", "loki", json!({"spec": spec}));
    let pod = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "Loki", "image": "loki"}]}});
    let good = json!({"serviceName": "x", "selector": {"matchLabels": {"a": "b"}}, "template": pod, "replicas": -1});

    let Error::Invalid { causes, .. } = space.cluster.apply(&set(good), DRY_RUN).await.unwrap_err() else { panic!() };
    let fields: Vec<_> = causes.iter().map(|cause| cause.field.as_str()).collect();
    assert_eq!(fields, ["spec.replicas", "spec.template.spec.containers[0].name"], "{causes:?}");

    let unknown = space.cluster.apply(&set(json!({"replicaz": 1})), DRY_RUN).await.unwrap_err();
    let object = format!("StatefulSet {}/loki", space.name);
    let expected = Cause { field: String::new(), message: ".spec.replicaz: field not declared in schema".into() };
    assert_eq!(unknown, Error::Invalid { object: object.clone(), causes: vec![expected] });

    let type_ = space.cluster.apply(&set(json!({"replicas": "many"})), DRY_RUN).await.unwrap_err();
    assert!(
        matches!(&type_, Error::Invalid { causes, .. } if causes[0].message.contains(".spec.replicas")),
        "{type_:?}"
    );

    let secret = space.object("v1", "Secret", "s", json!({"data": {"key": "hush hush"}}));
    let text = space.cluster.apply(&secret, DRY_RUN).await.unwrap_err().to_string();
    let object = format!("Secret {}/s", space.name);
    assert_eq!(text, format!("the API server refuses {object}: illegal base64 data at input byte 4"));
    let secret =
        space.object("v1", "Secret", "s", json!({"type": "kubernetes.io/tls", "stringData": {"tls.key": "hush"}}));
    let error = space.cluster.apply(&secret, DRY_RUN).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }) && !error.to_string().contains("hush"), "{error:?}");
    space.remove().await;
}

#[tokio::test]
async fn a_missing_namespace_and_a_missing_kind_are_named() {
    let cluster = administrator();
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "no-such-namespace"}});
    let error = cluster.apply(&object, DRY_RUN).await.unwrap_err();
    let expected = "Namespace no-such-namespace (of ConfigMap no-such-namespace/c) does not exist in the cluster";
    assert_eq!(error.to_string(), expected);

    let absent = ObjectRef::namespaced("no.such/v1", "Probe", "default", "loki");
    assert_eq!(cluster.get(&absent).await, Ok(None), "what has no kind does not exist");
    let object =
        json!({"apiVersion": "no.such/v1", "kind": "Probe", "metadata": {"name": "p", "namespace": "default"}});
    let error = cluster.apply(&object, DRY_RUN).await.unwrap_err();
    assert_eq!(error.to_string(), "kind Probe of no.such/v1 does not exist in the cluster");
    assert_eq!(cluster.serves("no.such/v1", "Probe").await, Ok(false));
    assert_eq!(cluster.serves("apiregistration.k8s.io/v1", "APIService").await, Ok(true));
}

#[tokio::test]
async fn a_kind_outside_the_table_is_discovered() {
    let cluster = administrator();
    let found = cluster.list("apiregistration.k8s.io/v1", "APIService", None, None).await.unwrap();
    assert!(found.iter().any(|service| service["metadata"]["name"] == "v1.apps" && service["kind"] == "APIService"));
}

#[tokio::test]
async fn missing_permissions_are_told_before_and_after() {
    let space = Namespace::new("forbidden").await;
    let create = Access::new("create", "", "configmaps", Some(&space.name));
    assert!(space.cluster.can_i(&create).await.unwrap());
    assert!(!nobody().can_i(&create).await.unwrap());

    let error = nobody().apply(&space.config_map("c", json!({})), Apply::default()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("nobody may not patch configmaps in namespace {}", space.name));
    nobody().version().await.expect("the version is open to every user, so that a plan can ask for it");
    space.remove().await;
}

#[tokio::test]
async fn an_exceeded_quota_is_no_missing_permission() {
    let space = Namespace::new("quota").await;
    space.apply(&space.object("v1", "ResourceQuota", "none", json!({"spec": {"hard": {"count/secrets": "0"}}}))).await;
    space
        .wait("v1", "ResourceQuota", "none", |live| live.is_some_and(|quota| quota["status"]["hard"].is_object()))
        .await;
    let error = space.cluster.apply(&space.object("v1", "Secret", "s", json!({})), Apply::default()).await.unwrap_err();
    assert!(matches!(&error, Error::Denied { message, .. } if message.contains("exceeded quota: none")), "{error:?}");
    space.remove().await;
}

#[tokio::test]
async fn a_deletion_spares_an_object_that_took_the_name() {
    let space = Namespace::new("delete").await;
    let live = space.apply(&space.config_map("c", json!({}))).await;
    let name = space.named("v1", "ConfigMap", "c");
    let other = Delete { uid: Some("00000000-0000-0000-0000-000000000000".into()), ..Delete::default() };
    let error = space.cluster.delete(&name, other).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict { message, .. } if message.contains("UID")), "{error:?}");

    let uid = live["metadata"]["uid"].as_str().map(str::to_owned);
    assert!(space.cluster.delete(&name, Delete { uid, ..Delete::default() }).await.unwrap());
    assert_eq!(space.cluster.get(&name).await.unwrap(), None);
    assert!(!space.cluster.delete(&name, Delete::default()).await.unwrap());
    space.remove().await;
}

#[tokio::test]
async fn fields_that_are_taken_over_go_with_the_next_apply_and_others_stay() {
    let space = Namespace::new("taken").await;
    let name = space.named("v1", "ConfigMap", "config");
    let helms = format!(
        r#"{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "config", "annotations": {{"{}": "logs"}}}},
            "data": {{"level": "debug", "old": "goes"}}}}"#,
        helm::RELEASE
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), helms).unwrap();
    let path = file.path().to_str().unwrap();
    kubectl(&["create", "-n", &space.name, "--field-manager=helm", "-f", path]);
    let theirs = r#"{"data": {"theirs": "kept"}}"#;
    let patch =
        ["patch", "configmap", "config", "-n", &space.name, "--field-manager=operator", "--type=merge", "-p", theirs];
    kubectl(&patch);
    let ours = space.config_map("config", json!({"level": "info"}));
    let refused = space.cluster.apply(&ours, Apply::default()).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { .. }), "{refused}");

    take_fields(&*space.cluster, &name, helm::RELEASE).await.unwrap();
    let live = space.cluster.get(&name).await.unwrap().unwrap();
    assert_eq!(live["data"]["old"], "goes", "nothing changes yet");
    let now = space.cluster.apply(&ours, Apply::default()).await.unwrap();
    assert_eq!(now["data"], json!({"level": "info", "theirs": "kept"}));
    assert_eq!(now["metadata"]["annotations"], json!(null));
    take_fields(&*space.cluster, &name, helm::RELEASE).await.unwrap();
    take_fields(&*space.cluster, &space.named("v1", "ConfigMap", "absent"), helm::RELEASE).await.unwrap();
    space.remove().await;
}
