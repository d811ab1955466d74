//! The stack that lines are sent to, where it is in the same cluster.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::agent::{Options, Target, health};
use crate::kube::{Cluster, ObjectRef, ProxyRequest, ProxyTarget};
use crate::loki;
use crate::loki::query::{Answer, Direction, Period, Request};
use crate::resource::loki_stack::examine;

/// What the services of a stack's ways in end with, after the stack's name.
const ENDINGS: [&str; 4] = ["-gateway", "-distributor", "-write", ""];
/// The time for a question to Loki.
const PATIENCE: Duration = Duration::from_secs(10);

/// A stack.
pub(super) struct Found {
    pub target: Target,
    pub namespace: String,
    pub name: String,
}

/// Service and namespace of a URL within the cluster; none for one that leads elsewhere.
pub(super) fn service(push_url: &str) -> Option<(String, String)> {
    let host = push_url.split_once("://")?.1.split(['/', ':']).next()?;
    let mut parts = host.split('.');
    let (service, namespace) = (parts.next()?, parts.next()?);
    let within = parts.next().is_none_or(|part| part == "svc");
    (within && !service.is_empty() && !namespace.is_empty()).then(|| (service.to_owned(), namespace.to_owned()))
}

/// The stack that the URL leads to, by its live configuration; none where there is none that may be read.
pub(super) async fn find(cluster: &dyn Cluster, push_url: &str) -> Option<Found> {
    let (service, namespace) = service(push_url)?;
    for ending in ENDINGS {
        let Some(name) = service.strip_suffix(ending).filter(|name| !name.is_empty()) else { continue };
        let map = ObjectRef::namespaced("v1", "ConfigMap", &namespace, &format!("{name}-config"));
        let live = cluster.get(&map).await.ok().flatten();
        let text = live.as_ref().and_then(|live| live["data"]["config.yaml"].as_str());
        if let Some(target) = text.and_then(|text| Target::read(&format!("{namespace}/{name}"), text)) {
            let target = Target { through_gateway: ending == "-gateway", ..target };
            return Some(Found { target, namespace, name: name.to_owned() });
        }
    }
    None
}

/// Whether the stack's own network policies let no pods of that namespace in; false where they may not be read.
pub(super) async fn keeps_out(cluster: &dyn Cluster, found: &Found, namespace: &str) -> bool {
    let name = format!("{}-clients", found.name);
    let policy = ObjectRef::namespaced("networking.k8s.io/v1", "NetworkPolicy", &found.namespace, &name);
    cluster.get(&policy).await.ok().flatten().is_some_and(|live| excludes(&live, namespace))
}

/// Whether no rule of the policy names the namespace; one that names nobody lets all in.
fn excludes(policy: &serde_json::Value, namespace: &str) -> bool {
    let rules = policy["spec"]["ingress"].as_array().map_or(&[][..], Vec::as_slice);
    !rules.iter().any(|rule| match rule["from"].as_array() {
        None => true,
        Some(from) if from.is_empty() => true,
        Some(from) => from.iter().any(|peer| {
            let selector = &peer["namespaceSelector"];
            let all = selector.as_object().is_some_and(serde_json::Map::is_empty);
            all || selector.to_string().contains(&format!("{namespace:?}"))
        }),
    })
}

/// The nodes whose lines have arrived within the window; none where that cannot be told.
pub(super) async fn arrived(
    cluster: &dyn Cluster,
    options: &Options,
    found: &Found,
    window: &str,
) -> Option<BTreeSet<String>> {
    let (query, label) = health::query(options, window)?;
    if found.target.auth_enabled && options.tenant_id.is_none() {
        return None;
    }
    let stack = examine::options(cluster, &found.namespace, &found.name).await.ok().flatten()?;
    let request = Request { query, period: Period::default(), step: None, limit: 5000, direction: Direction::Backward };
    let service = ProxyTarget::Service(stack.query_service_name());
    let path = request.path(Timestamp::now());
    let mut proxied = ProxyRequest::get(&found.namespace, service, loki::HTTP_PORT, &path);
    proxied.timeout = PATIENCE;
    proxied.headers.extend(options.tenant_id.clone().map(|tenant| ("X-Scope-OrgID".to_owned(), tenant)));
    let answer = cluster.proxy(&proxied).await.ok().filter(crate::kube::Response::is_success)?;
    let answer = Answer::parse(&answer.body).ok()?;
    Some(answer.series.into_iter().filter_map(|series| series.labels.get(&label).cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_lets_in_whom_it_names() {
        let of = |from: serde_json::Value| serde_json::json!({"spec": {"ingress": [{"from": from}]}});
        let named = |name: &str| {
            let values = [name];
            serde_json::json!([{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": values}]}}])
        };
        assert!(excludes(&of(named("shop")), "log-agents") && !excludes(&of(named("log-agents")), "log-agents"));
        assert!(
            !excludes(&of(serde_json::json!([])), "a")
                && !excludes(&of(serde_json::json!([{"namespaceSelector": {}}])), "a")
        );
    }

    #[test]
    fn urls_within_the_cluster_name_a_service() {
        let expected = Some(("loki".to_owned(), "obs".to_owned()));
        for url in
            ["http://loki.obs.svc.cluster.local:3100/loki/api/v1/push", "http://loki.obs.svc/x", "http://loki.obs:80"]
        {
            assert_eq!(service(url), expected, "{url}");
        }
        for url in ["https://logs.example.com/loki/api/v1/push", "http://loki/x", "loki"] {
            assert_eq!(service(url), None, "{url}");
        }
    }
}
