use super::*;
use std::collections::VecDeque;
use std::sync::Arc;

use ::kube::Client;
use ::kube::client::Body;
use serde_json::json;

use crate::kube::{Propagation, ProxyTarget};

type Seen = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A cluster whose API server gives these answers in turn, and what it was asked: method and path, content type, body.
fn scripted(answers: Vec<(u16, Value)>) -> (Adapter, Seen) {
    let seen = Seen::default();
    let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
    let kept = seen.clone();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (kept, answers) = (kept.clone(), answers.clone());
        async move {
            let (head, body) = request.into_parts();
            let type_ = head.headers.get("content-type").map(|value| value.to_str().unwrap().to_owned());
            let body = body.collect_bytes().await.unwrap();
            kept.lock().unwrap().push((
                format!("{} {}", head.method, head.uri),
                type_.unwrap_or_default(),
                serde_json::from_slice(&body).unwrap_or_default(),
            ));
            let (status, answer) = answers.lock().unwrap().pop_front().expect("one request too many");
            http::Response::builder().status(status).body(Body::from(answer.to_string().into_bytes()))
        }
    });
    let config = ::kube::Config::new("https://cluster".parse().unwrap());
    let transport = Transport::with_client(Client::new(service, "default"), config, None, "a test".into());
    (Adapter::new(transport), seen)
}

#[tokio::test]
async fn apply_is_strict_and_by_our_manager() {
    let object =
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "loki", "namespace": "ns"}});
    let (cluster, seen) = scripted(vec![(200, object.clone()), (200, object.clone())]);
    cluster.apply(&object, Apply::default()).await.unwrap();
    cluster.apply(&object, Apply { dry_run: true, force: true }).await.unwrap();
    let seen = seen.lock().unwrap();
    let path = "PATCH /apis/apps/v1/namespaces/ns/statefulsets/loki?";
    let query = "fieldManager=terraform-provider-loki&fieldValidation=Strict";
    assert_eq!(seen[0], (format!("{path}&{query}"), "application/apply-patch+yaml".into(), object));
    assert_eq!(seen[1].0, format!("{path}&dryRun=All&force=true&{query}"));
}

#[tokio::test]
async fn delete_states_its_conditions() {
    let name = ObjectRef::cluster_scoped("v1", "Namespace", "ns");
    let (cluster, seen) = scripted(vec![(200, json!({})), (404, json!({}))]);
    let options = Delete { propagation: Propagation::Foreground, uid: Some("u".into()), grace: Some(0) };
    assert!(cluster.delete(&name, options).await.unwrap());
    assert!(!cluster.delete(&name, Delete::default()).await.unwrap());
    let seen = seen.lock().unwrap();
    assert!(seen[0].0.starts_with("DELETE /api/v1/namespaces/ns?"), "{}", seen[0].0);
    let body = json!({"propagationPolicy": "Foreground", "preconditions": {"uid": "u"}, "gracePeriodSeconds": 0});
    assert_eq!(seen[0].2, body);
    assert_eq!(seen[1].2, json!({"propagationPolicy": "Background"}));
}

#[tokio::test]
async fn lists_are_read_to_the_end_and_items_are_complete() {
    let page =
        |name: &str, next: &str| json!({"items": [{"metadata": {"name": name}}], "metadata": {"continue": next}});
    let (cluster, seen) = scripted(vec![(200, page("a", "token")), (200, page("b", ""))]);
    let pods = cluster.list("v1", "Pod", Some("ns"), Some("app=loki")).await.unwrap();
    assert_eq!(pods[1], json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}}));
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].0, "GET /api/v1/namespaces/ns/pods?&labelSelector=app%3Dloki&limit=500");
    assert!(seen[1].0.ends_with("&continue=token"), "{}", seen[1].0);
}

#[tokio::test]
async fn an_unknown_kind_is_discovered_once() {
    let found = json!({"resources": [{"name": "prometheuses", "kind": "Prometheus", "namespaced": true}]});
    let (cluster, seen) = scripted(vec![(200, found.clone()), (404, json!({})), (404, json!({})), (200, found)]);
    let name = ObjectRef::namespaced("monitoring.coreos.com/v1", "Prometheus", "ns", "p");
    for _ in 0..2 {
        assert_eq!(cluster.get(&name).await.unwrap(), None);
    }
    let absent = ObjectRef { kind: "Probe".into(), ..name };
    assert_eq!(cluster.get(&absent).await.unwrap(), None);
    let paths: Vec<_> = seen.lock().unwrap().iter().map(|one| one.0.clone()).collect();
    let object = "GET /apis/monitoring.coreos.com/v1/namespaces/ns/prometheuses/p";
    let group = "GET /apis/monitoring.coreos.com/v1";
    assert_eq!(paths, [group, object, object, group]);
}

#[tokio::test]
async fn a_namespaced_object_without_namespace_is_not_sent() {
    let (cluster, _) = scripted(vec![]);
    let name = ObjectRef::cluster_scoped("v1", "Secret", "s");
    assert_eq!(cluster.get(&name).await.unwrap_err().to_string(), "Secret s has no namespace");
}

#[tokio::test]
async fn access_reviews_split_subresources() {
    let (cluster, seen) = scripted(vec![(201, json!({"status": {"allowed": true}}))]);
    assert!(cluster.can_i(&Access::new("get", "", "pods/log", Some("ns"))).await.unwrap());
    let attributes = seen.lock().unwrap()[0].2["spec"]["resourceAttributes"].clone();
    let expected = json!({"verb": "get", "group": "", "resource": "pods", "subresource": "log", "namespace": "ns"});
    assert_eq!(attributes, expected);
}

#[tokio::test]
async fn a_proxied_refusal_is_told_from_the_api_servers() {
    let status = json!({"apiVersion": "v1", "kind": "Status", "message":
        r#"services "loki" is forbidden: User "ci" cannot get resource "services/proxy" in API group "" in the namespace "ns""#});
    let (cluster, seen) = scripted(vec![(403, json!("tenant refused")), (403, status)]);
    let request = ProxyRequest::get("ns", ProxyTarget::Service("loki".into()), 3100, "/loki/api/v1/query?query=%7B%7D");
    let response = cluster.proxy(&request).await.unwrap();
    assert_eq!((response.status, response.reason().as_str()), (403, "\"tenant refused\""));
    let error = cluster.proxy(&request).await.unwrap_err();
    assert_eq!(error.to_string(), "ci may not get services/proxy in namespace ns");
    let path = "GET /api/v1/namespaces/ns/services/loki:3100/proxy/loki/api/v1/query?query=%7B%7D";
    assert_eq!(seen.lock().unwrap()[0].0, path);
}

#[tokio::test]
async fn vendors_versions_are_read() {
    let (cluster, _) = scripted(vec![
        (200, json!({"major": "1", "minor": "34+", "gitVersion": "v1.34.4-eks-1"})),
        (200, json!({"hello": "world"})),
    ]);
    let version = cluster.version().await.unwrap();
    assert_eq!((version.major, version.minor), (1, 34));
    assert!(cluster.version().await.unwrap_err().to_string().contains("is this a Kubernetes API server?"));
}

#[test]
fn events_of_old_and_new_reporters_are_read() {
    let old = json!({"reason": "BackOff", "type": "Warning", "count": 3, "lastTimestamp": "2024-01-02T03:04:05Z", "eventTime": null});
    let new = json!({"reason": "Scheduled", "eventTime": "2024-01-02T03:04:05.678901Z", "lastTimestamp": null,
        "series": {"count": 7, "lastObservedTime": "2024-01-02T04:00:00.000000Z"}});
    assert_eq!(event(&old).count, 3);
    assert_eq!(event(&old).last.unwrap().to_string(), "2024-01-02T03:04:05Z");
    assert_eq!((event(&new).count, event(&new).last.unwrap().to_string().as_str()), (7, "2024-01-02T04:00:00Z"));
}
