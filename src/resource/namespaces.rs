//! Namespaces that a resource has made, when it goes.

use futures::future::join_all;

use super::loki_stack::troubles;
use super::requests::Requests;
use crate::kube::{Cluster, Error};
use crate::schema::{Diagnostics, Problem, Report};

/// Whether a namespace may go: nothing else is in it. Says so where something is; none where that cannot be told.
pub(super) async fn is_empty(
    requests: &Requests<'_>,
    cluster: &dyn Cluster,
    namespace: &str,
    report: &mut Diagnostics,
) -> Option<bool> {
    match requests.persist(|| leftovers(cluster, namespace)).await {
        Ok(left) if left.is_empty() => Some(true),
        Ok(left) => {
            report.warn(
                Problem::new(summary!("The namespace {namespace:?} is kept"))
                    .why(format!("There is more in it than this resource made: {}.", left.join(", ")))
                    .fix("Delete it yourself (kubectl delete namespace) once nothing in it is needed."),
            );
            Some(false)
        }
        Err(error) => {
            let problem = troubles::failed(summary!("The namespace {namespace:?} cannot be read"), &error);
            requests.fail(&format!("reading the namespace {namespace:?}"), &error, problem, report);
            None
        }
    }
}

/// What else is in a namespace: whatever would be lost with it.
async fn leftovers(cluster: &dyn Cluster, namespace: &str) -> Result<Vec<String>, Error> {
    const KINDS: &[(&str, &str)] = &[
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Pod"),
        ("v1", "Service"),
        ("v1", "ConfigMap"),
        ("v1", "Secret"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "DaemonSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
    ];
    let lists = KINDS.iter().map(|(version, kind)| cluster.list(version, kind, Some(namespace), None));
    let mut left = Vec::new();
    for ((_, kind), objects) in KINDS.iter().zip(join_all(lists).await) {
        for object in objects? {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            // Kubernetes puts this one into every namespace.
            let own = *kind == "ConfigMap" && name == "kube-root-ca.crt";
            if !own && object["metadata"]["deletionTimestamp"].is_null() {
                left.push(format!("{kind} {name}"));
            }
        }
    }
    Ok(left)
}
