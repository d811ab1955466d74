//! Running pods, and pods that do not run.

use std::time::Duration;

use loki_provider::kube::{
    Delete, Error, Logs, ObjectRef, Propagation, ProxyRequest, ProxyTarget, Until, diagnose, explain_pods, rollout,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{Namespace, dns};

const COREFILE: &str = ".:1053 {\n  ready\n  errors\n}\n";

/// A Deployment with a Service on the port of CoreDNS's readiness endpoint.
async fn running() -> Namespace {
    let space = Namespace::new("running").await;
    space.apply(&space.config_map("dns", json!({"Corefile": COREFILE}))).await;
    let extra = json!({
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns"}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
    });
    let workload = space.object("apps/v1", "Deployment", "dns", dns(&["-conf", "/etc/coredns/Corefile"], extra));
    space.apply(&workload).await;
    let ports = json!([{"name": "ready", "port": 80, "targetPort": 8181}]);
    let service = json!({"spec": {"selector": {"app": "dns"}, "ports": ports}});
    space.apply(&space.object("v1", "Service", "dns", service)).await;
    space.wait("apps/v1", "Deployment", "dns", |live| live.is_some_and(|live| rollout(live).done)).await;
    space
}

#[tokio::test]
async fn a_running_pod_answers_through_the_api_server() {
    let space = running().await;
    let cluster = &space.cluster;
    let pods = cluster.list("v1", "Pod", Some(&space.name), Some("app=dns")).await.unwrap();
    assert_eq!(explain_pods(&pods), []);
    let pod = pods[0]["metadata"]["name"].as_str().unwrap().to_owned();

    let to_pod = ProxyRequest::get(&space.name, ProxyTarget::Pod(pod.clone()), 8181, "/ready");
    let response = cluster.proxy(&to_pod).await.unwrap();
    assert_eq!((response.status, response.body.as_str()), (200, "OK"));
    let to_service = ProxyRequest::get(&space.name, ProxyTarget::Service("dns".into()), 80, "/nothing-here");
    assert_eq!(cluster.proxy(&to_service).await.unwrap().status, 404, "the backend's answer is no error");
    let by_name = ProxyRequest { port: "ready".into(), path: "ready".into(), ..to_service.clone() };
    // Endpoints follow the pod's readiness a moment later.
    while cluster.proxy(&by_name).await.unwrap().status == 503 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(cluster.proxy(&by_name).await.unwrap().is_success());
    let closed = ProxyRequest { port: "1".into(), ..to_pod };
    let reason = cluster.proxy(&closed).await.unwrap().reason();
    assert!(reason.contains("connection refused"), "{reason}");

    let logs =
        Logs { namespace: space.name.clone(), pod: pod.clone(), container: None, tail_lines: 1, previous: false };
    let text = cluster.pod_logs(&logs).await.unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let error = cluster.pod_logs(&Logs { previous: true, ..logs }).await.unwrap_err();
    assert!(matches!(error, Error::Api { code: 400, .. }), "{error:?}");

    let events = cluster.events(&space.name, "Pod", &pod).await.unwrap();
    // On a slow machine the readiness probe fails once before the server listens.
    let reasons: Vec<_> = events.iter().map(|event| event.reason.as_str()).filter(|it| *it != "Unhealthy").collect();
    assert_eq!((reasons.first(), reasons.last()), (Some(&"Scheduled"), Some(&"Started")), "oldest first");

    // A Service without endpoints.
    let name = space.named("apps/v1", "Deployment", "dns");
    let foreground = Delete { propagation: Propagation::Foreground, ..Delete::default() };
    assert!(cluster.delete(&name, foreground).await.unwrap());
    let never = CancellationToken::new();
    cluster.wait_gone(&name, Until::after(Duration::from_secs(60), &never)).await.unwrap();
    assert_eq!(cluster.list("v1", "Pod", Some(&space.name), Some("app=dns")).await.unwrap(), Vec::<Value>::new());
    let mut response = cluster.proxy(&to_service).await.unwrap();
    while response.status == 404 {
        response = cluster.proxy(&to_service).await.unwrap();
    }
    assert_eq!((response.status, response.reason().as_str()), (503, "no endpoints available for service \"dns\""));
    space.remove().await;
}

/// Waits until a pod of the workload is in trouble for `reason`, and explains it.
async fn trouble(space: &Namespace, workload: &ObjectRef, reason: &str) -> String {
    let started = std::time::Instant::now();
    loop {
        let found = diagnose(&*space.cluster, workload).await;
        if found.iter().any(|one| one.reason == reason) {
            return found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        }
        assert!(started.elapsed() < Duration::from_secs(60), "no {reason} but {found:#?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn a_crashing_container_is_explained_by_its_last_words() {
    let space = Namespace::new("crash").await;
    space.apply(&space.object("apps/v1", "Deployment", "dns", dns(&["-nonsense"], json!({})))).await;
    let text = trouble(&space, &space.named("apps/v1", "Deployment", "dns"), "CrashLoopBackOff").await;
    assert!(text.contains("container dns exited with code "), "{text}");
    assert!(text.contains("BackOff"), "{text}");
    assert!(text.contains("flag provided but not defined: -nonsense"), "{text}");
    space.remove().await;
}

#[tokio::test]
async fn pods_that_cannot_start_are_explained_by_the_cluster() {
    let space = Namespace::new("pending").await;
    let deployment = |name: &str, extra: Value| space.object("apps/v1", "Deployment", name, dns(&[], extra));

    let huge = json!({"resources": {"requests": {"memory": "1Pi"}}});
    space.apply(&deployment("huge", huge)).await;
    let text = trouble(&space, &space.named("apps/v1", "Deployment", "huge"), "Unschedulable").await;
    assert!(text.contains("Insufficient memory") && text.contains("FailedScheduling"), "{text}");
    let foreground = Delete { propagation: Propagation::Foreground, ..Delete::default() };
    space.cluster.delete(&space.named("apps/v1", "Deployment", "huge"), foreground).await.unwrap();

    let secret = json!({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "a"}}}]});
    space.apply(&deployment("secret", secret)).await;
    let text = trouble(&space, &space.named("apps/v1", "Deployment", "secret"), "CreateContainerConfigError").await;
    assert!(text.contains("container dns: secret \"absent\" not found"), "{text}");
    space.remove().await;
}

#[tokio::test]
async fn a_workload_without_pods_is_explained_by_its_own_events() {
    let space = Namespace::new("podless").await;
    space.apply(&space.object("v1", "ResourceQuota", "none", json!({"spec": {"hard": {"pods": "0"}}}))).await;
    space
        .wait("v1", "ResourceQuota", "none", |live| live.is_some_and(|quota| quota["status"]["hard"].is_object()))
        .await;
    space.apply(&space.object("apps/v1", "Deployment", "dns", dns(&[], json!({})))).await;
    let name = space.named("apps/v1", "Deployment", "dns");
    let mut text = String::new();
    for _ in 0..60 {
        text = diagnose(&*space.cluster, &name).await[0].to_string();
        if text.contains("FailedCreate") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(text.starts_with(&format!("{name}: has no pods")) && text.contains("exceeded quota: none"), "{text}");
    space.remove().await;
}
