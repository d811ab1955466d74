use serde_json::Value;

use super::*;
use crate::agent::options::{Auth, Events};

fn options(kind: Kind) -> Options {
    let kubernetes_labels = Options::usual_labels(kind);
    Options { kind, kubernetes_labels, push_url: "http://loki:3100/loki/api/v1/push".into(), ..Options::default() }
}

fn keys(options: &Options) -> Vec<String> {
    render(options).iter().map(Object::key).collect()
}

fn pod(options: &Options) -> Value {
    let set = render(options).into_iter().find(|object| object.kind() == "DaemonSet").unwrap();
    set.as_value()["spec"]["template"]["spec"].clone()
}

#[test]
fn what_needs_no_rights_has_none() {
    let otel = options(Kind::OtelCollector);
    let expected =
        ["ServiceAccount", "ConfigMap", "DaemonSet"].map(|kind| format!("{kind}/loki/log-agent-otel-collector"));
    assert_eq!(keys(&otel), expected);
    assert_eq!(pod(&otel)["automountServiceAccountToken"], false);
    let alloy = keys(&options(Kind::Alloy));
    assert!(alloy.contains(&"ClusterRole//loki-log-agent-alloy".to_owned()), "{alloy:?}");
}

#[test]
fn nodes_are_read_only_but_for_the_agents_own_folder() {
    for kind in Kind::ALL {
        let pod = pod(&options(kind));
        let container = &pod["containers"][0];
        let writable: Vec<_> = container["volumeMounts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|mount| mount["readOnly"].is_null())
            .map(|mount| mount["name"].as_str().unwrap())
            .collect();
        assert!(writable.iter().all(|name| ["data", "tmp"].contains(name)), "{kind:?}: {writable:?}");
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        assert_eq!(pod["tolerations"], serde_json::json!([{"operator": "Exists"}]));
    }
}

#[test]
fn secrets_are_in_no_other_object() {
    for kind in Kind::ALL {
        let auth = Auth::Basic { username: "u".into(), password: Secret::Given("hunter2".into()) };
        let objects = render(&Options { auth, ..options(kind) });
        let of_secret = objects.iter().filter(|object| object.kind() == "Secret").count();
        assert_eq!(of_secret, 1);
        let rest = objects.iter().filter(|object| object.kind() != "Secret");
        assert!(rest.clone().all(|object| !object.as_value().to_string().contains("hunter2")), "{kind:?}");
        let existing = Secret::Existing { name: "mine".into(), key: "pw".into() };
        let auth = Auth::Basic { username: "u".into(), password: existing };
        let text = pod(&Options { auth, ..options(kind) }).to_string();
        assert!(text.contains("\"mine\"") && text.contains("\"pw\""), "{kind:?}: {text}");
    }
}

#[test]
fn a_namespace_of_its_own_lets_agents_in() {
    let objects = render(&Options { create_namespace: true, ..options(Kind::Alloy) });
    assert_eq!(
        (objects[0].key().as_str(), &objects[0].as_value()["metadata"]["labels"][POD_SECURITY]),
        ("Namespace//loki", &Value::from("privileged"))
    );
}

#[test]
fn one_pod_reads_events() {
    for kind in [Kind::Alloy, Kind::OtelCollector, Kind::FluentBit] {
        let objects = render(&Options { events: Some(Events::default()), ..options(kind) });
        let deployment = objects.iter().find(|object| object.kind() == "Deployment").unwrap();
        assert_eq!(deployment.as_value()["spec"]["replicas"], 1);
        let role = objects.iter().find(|object| object.kind() == "ClusterRole").unwrap();
        assert!(role.as_value()["rules"].to_string().contains("events"));
    }
}

#[test]
fn pods_follow_their_configuration() {
    let set = |options: &Options| {
        let set = render(options).into_iter().find(|object| object.kind() == "DaemonSet").unwrap();
        set.as_value()["spec"]["template"]["metadata"]["annotations"]["checksum/config"].clone()
    };
    let one = options(Kind::Promtail);
    let other = Options { tenant_id: Some("a".into()), ..one.clone() };
    assert_ne!(set(&one), set(&other));
    assert_eq!(set(&one), set(&one.clone()));
}

#[test]
fn images_have_the_kinds_own_tags() {
    let of = |kind, version: Option<&str>, image: Option<&str>| {
        Options { version: version.map(str::to_owned), image: image.map(str::to_owned), ..options(kind) }
            .image_reference()
    };
    assert_eq!(of(Kind::Alloy, Some("v1.13.0"), None), "docker.io/grafana/alloy:v1.13.0");
    assert_eq!(of(Kind::Vector, Some("0.52.0"), Some("mirror:5000/vector")), "mirror:5000/vector:0.52.0-debian");
    assert_eq!(of(Kind::Promtail, None, Some("mirror/promtail:1")), "mirror/promtail:1");
}
