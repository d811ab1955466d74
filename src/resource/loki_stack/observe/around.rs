//! What the canary has lost, which rules the ruler knows, and whether compactors work.

use futures::future::join_all;

use super::PATIENCE;
use crate::kube::{Cluster, PodStatus, ProxyRequest, ProxyTarget};
use crate::loki::components::compacts;
use crate::loki::health;
use crate::loki::{self, Options};

/// The canaries whose lines do not come back. One that cannot be asked tells nothing.
pub(super) async fn losses(
    cluster: &dyn Cluster,
    namespace: &str,
    canaries: impl Iterator<Item = &PodStatus>,
) -> Vec<String> {
    let asked = canaries.filter(|pod| pod.ready).map(async |pod| {
        let target = ProxyTarget::Pod(pod.name.clone());
        let mut request = ProxyRequest::get(namespace, target, loki::CANARY_PORT, "/metrics");
        request.timeout = PATIENCE;
        let answer = cluster.proxy(&request).await.ok()?;
        (answer.is_success() && health::misses_entries(&answer.body)).then(|| pod.name.clone())
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// The groups that the ruler has loaded, by tenant; none for a tenant that it could not be asked for.
pub(super) async fn rules(cluster: &dyn Cluster, options: &Options) -> Vec<health::Rules> {
    let Some(ruler) = &options.ruler else { return Vec::new() };
    let asked = ruler.groups.keys().map(async |tenant| {
        let service = ProxyTarget::Service(options.ruler_service_name());
        let mut request = ProxyRequest::get(&options.namespace, service, loki::HTTP_PORT, "/prometheus/api/v1/rules");
        request.timeout = PATIENCE;
        request.headers.push(("X-Scope-OrgID".to_owned(), tenant.clone()));
        let answer = cluster.proxy(&request).await.ok().filter(crate::kube::Response::is_success)?;
        Some(health::Rules { tenant: tenant.clone(), groups: health::rule_groups(&answer.body)? })
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// The pods that may compact, as far as they can be asked.
pub(super) async fn compactors(
    cluster: &dyn Cluster,
    options: &Options,
    pods: &[health::Pod],
) -> Vec<health::Compactor> {
    let now = jiff::Timestamp::now().as_second() as f64;
    let ready = pods.iter().filter(|pod| pod.ready && compacts(&pod.component));
    let asked = ready.map(async |pod| {
        let target = ProxyTarget::Pod(pod.name.clone());
        let mut request = ProxyRequest::get(&options.namespace, target, loki::HTTP_PORT, "/metrics");
        request.timeout = PATIENCE;
        let answer = cluster.proxy(&request).await.ok().filter(crate::kube::Response::is_success)?;
        health::compactor(&answer.body, now)
    });
    join_all(asked).await.into_iter().flatten().collect()
}
