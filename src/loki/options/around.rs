//! What a stack has around Loki itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Kubernetes' usual DNS service as `name.namespace`, under which CoreDNS too is found.
pub const DNS_SERVICE: &str = "kube-dns.kube-system";

/// Memcached servers of the stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caches {
    /// For chunks; none without it.
    pub chunks: Option<Cache>,
    /// For the results of queries; none without it.
    pub results: Option<Cache>,
}

/// A group of memcached servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Memory for items on each server, as a Kubernetes quantity; what the stack's size says when absent.
    pub memory: Option<String>,
    /// Memcached's image.
    pub image: Option<String>,
}

/// nginx in front of the components: one address for pushes and queries, and whoever may use it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// nginx' image; it must run as any user.
    pub image: Option<String>,
    /// Who may use it, by name; everybody without them and without [`Gateway::users_secret`].
    pub users: BTreeMap<String, User>,
    /// Changes with the users' passwords.
    pub users_version: Option<String>,
    /// Name of a Secret with the users' password hashes in the form of Apache's htpasswd, under `.htpasswd`.
    pub users_secret: Option<String>,
    /// Name of a Secret of type `kubernetes.io/tls`; plain HTTP without it.
    pub tls_secret: Option<String>,
    /// The cluster's DNS service, as `name.namespace`.
    pub dns_service: Option<String>,
    /// The way in from outside through an ingress controller; none without it.
    pub ingress: Option<Ingress>,
    /// The way in from outside through a Gateway of the Gateway API; none without it.
    pub http_route: Option<HttpRoute>,
}

impl Gateway {
    /// The scheme that it speaks, and the port of its service.
    pub fn listens(&self) -> (&'static str, u16) {
        if self.tls_secret.is_some() { ("https", 443) } else { ("http", 80) }
    }
}

/// An Ingress to the stack's gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ingress {
    /// The host name that it is for.
    pub host: String,
    /// The IngressClass; the cluster's default one when absent.
    pub class_name: Option<String>,
    /// Annotations, by which controllers are told more.
    pub annotations: BTreeMap<String, String>,
    /// Name of a Secret of type `kubernetes.io/tls`; plain HTTP without it.
    pub tls_secret: Option<String>,
}

/// An HTTPRoute to the stack's gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpRoute {
    /// The host names that it is for; all of the Gateways' when empty.
    pub hostnames: Vec<String>,
    /// The Gateways that it hangs on.
    pub parents: Vec<Parent>,
}

/// A Gateway of the Gateway API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parent {
    /// Its name.
    pub name: String,
    /// Its namespace; the stack's when absent.
    pub namespace: Option<String>,
    /// One of its listeners; all when absent.
    pub section_name: Option<String>,
}

/// What watches over a stack from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Monitoring {
    /// Has the Prometheus Operator's Prometheus read the metrics of all pods; none without it.
    pub pod_monitor: Option<PodMonitor>,
    /// Alerts on those metrics; none without it.
    pub alerts: Option<Alerts>,
    /// What Grafana's sidecars pick up; nothing without it.
    pub grafana: Option<Grafana>,
}

/// A PodMonitor of the Prometheus Operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PodMonitor {
    /// How often metrics are read; as Prometheus does by itself when absent.
    pub interval: Option<String>,
    /// Labels by which a Prometheus chooses its monitors.
    pub labels: BTreeMap<String, String>,
}

/// A PrometheusRule of the Prometheus Operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// Labels by which a Prometheus chooses its rules.
    pub labels: BTreeMap<String, String>,
    /// Labels of each alert, by which Alertmanager routes it.
    pub alert_labels: BTreeMap<String, String>,
}

/// ConfigMaps for the sidecars of Grafana's chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grafana {
    /// The data source; none without it.
    pub datasource: Option<Datasource>,
    /// Dashboards.
    pub dashboards: bool,
    /// Further labels of the ConfigMaps.
    pub labels: BTreeMap<String, String>,
}

/// A data source of Grafana.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Datasource {
    /// Its name in Grafana; the stack's when absent.
    pub name: Option<String>,
    /// The tenant that it reads as.
    pub tenant: Option<String>,
    /// The gateway's user that it is; the password is Grafana's environment variable of [`Datasource::password_variable`].
    pub user: Option<String>,
    /// Name of an environment variable of Grafana.
    pub password_variable: Option<String>,
}

/// How many pods there are by their load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Autoscaling {
    /// The least number of pods.
    pub min_replicas: u32,
    /// The greatest number of pods.
    pub max_replicas: u32,
    /// CPU that the pods shall use on average, in percent of what they request.
    pub cpu_percent: Option<u32>,
    /// Memory that the pods shall use on average, in percent of what they request.
    pub memory_percent: Option<u32>,
    /// Triggers of KEDA in its own shape, in place of the percentages.
    pub keda_triggers: Vec<serde_json::Value>,
}

/// A user of the gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The tenant that all its requests are of; as they say themselves when absent.
    pub tenant: Option<String>,
    /// Hash of the password as nginx reads it (crypt(3), `$apr1$` or `{SHA}`); not known when absent.
    pub password_hash: Option<String>,
}

/// loki-canary on each node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Canary {
    /// loki-canary's image; the version becomes the tag of a repository.
    pub image: Option<String>,
    /// The tenant that it writes as, where Loki is multi-tenant; `loki-canary` when absent.
    pub tenant: Option<String>,
}

/// The NetworkPolicies of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkPolicies {
    /// Namespaces from which Loki, or its gateway, may be reached; all when empty.
    pub client_namespaces: Vec<String>,
    /// Namespaces from which metrics may be read.
    pub metrics_namespaces: Vec<String>,
    /// Networks (CIDR) in which the object store and its identity service are; anywhere when empty.
    pub egress_cidrs: Vec<String>,
}
