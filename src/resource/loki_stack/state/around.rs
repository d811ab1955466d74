//! What is around Loki.

use std::collections::BTreeMap;

use crate::schema::{Schematic, Value};

/// Memcached servers.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Caches {
    /// For chunks, which queriers would otherwise fetch again and again.
    #[attr(optional)]
    pub chunks: Value<Cache>,
    /// For results of queries.
    #[attr(optional)]
    pub results: Value<Cache>,
}

/// A group of memcached servers.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Cache {
    /// Memory for items on each server, such as `1Gi`; the pod reserves a fifth more. Without it what the stack's size
    /// says, else 256Mi for chunks and 64Mi for results.
    #[attr(optional)]
    pub memory: Value<String>,
    /// Memcached's image. Without it `docker.io/library/memcached:1.6.39-alpine`.
    #[attr(optional)]
    pub image: Value<String>,
}

/// nginx before Loki.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Gateway {
    /// Who may use the gateway, by name (HTTP basic authentication). Without it, and without `users_secret`, everybody.
    #[attr(optional)]
    pub users: Value<BTreeMap<String, Value<User>>>,
    /// Any text that changes with passwords: Terraform does not see such a change by itself. nginx needs no restart.
    #[attr(optional)]
    pub users_version: Value<String>,
    /// Name of a Secret in the namespace that holds the users' password hashes, as htpasswd writes them, under the key
    /// `.htpasswd`. `users` then only tells their tenants.
    #[attr(optional)]
    pub users_secret: Value<String>,
    /// Name of a Secret of type `kubernetes.io/tls` in the namespace; the gateway then speaks HTTPS on port 443.
    #[attr(optional)]
    pub tls_secret: Value<String>,
    /// The cluster's DNS service, as `name.namespace`. Without it `kube-dns.kube-system`.
    #[attr(optional)]
    pub dns_service: Value<String>,
    /// An Ingress to the gateway.
    #[attr(optional)]
    pub ingress: Value<Ingress>,
    /// An HTTPRoute to the gateway, where the cluster has the Gateway API.
    #[attr(optional)]
    pub http_route: Value<HttpRoute>,
    /// nginx' image, which must run as any user. Without it `docker.io/nginxinc/nginx-unprivileged:1.29-alpine`.
    #[attr(optional)]
    pub image: Value<String>,
}

/// A user of the gateway.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct User {
    /// The tenant that all of the user's requests are of, whatever they say. Without it as they say themselves.
    #[attr(optional)]
    pub tenant: Value<String>,
    /// The password. Its hash is the same at each plan. Needs Terraform 1.11 or newer, as it is kept in neither plan nor
    /// state.
    #[attr(optional, sensitive, write_only)]
    pub password: Value<String>,
    /// Hash of the password as nginx reads it, in place of the password: of crypt(3), `$apr1$` or `{SHA}`. Terraform's
    /// `bcrypt()` makes another one at each plan.
    #[attr(optional, sensitive, write_only)]
    pub password_hash: Value<String>,
}

/// An Ingress to the gateway.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Ingress {
    /// The host name that it is for.
    #[attr(required)]
    pub host: Value<String>,
    /// Name of the IngressClass; without it the cluster's default one.
    #[attr(optional)]
    pub class_name: Value<String>,
    /// Annotations, by which controllers are told more.
    #[attr(optional)]
    pub annotations: Value<BTreeMap<String, Value<String>>>,
    /// Name of a Secret of type `kubernetes.io/tls` in the namespace; without it plain HTTP.
    #[attr(optional)]
    pub tls_secret: Value<String>,
}

/// An HTTPRoute to the gateway.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct HttpRoute {
    /// The host names that it is for; without it all of its Gateways'.
    #[attr(optional)]
    pub hostnames: Value<Vec<Value<String>>>,
    /// The Gateways of the Gateway API that it hangs on.
    #[attr(required)]
    pub parents: Value<Vec<Value<Parent>>>,
}

/// A Gateway of the Gateway API.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Parent {
    /// Its name.
    #[attr(required)]
    pub name: Value<String>,
    /// Its namespace; without it the stack's.
    #[attr(optional)]
    pub namespace: Value<String>,
    /// Name of one of its listeners; without it all of them.
    #[attr(optional)]
    pub section_name: Value<String>,
}

/// What watches over the stack from outside.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Monitoring {
    /// A PodMonitor, by which the Prometheus Operator's Prometheus reads the metrics of all pods.
    #[attr(optional)]
    pub pod_monitor: Value<PodMonitor>,
    /// A PrometheusRule with alerts on those metrics: failing and slow requests, panics, a compactor that stands still,
    /// unhealthy ingesters, refused lines, full volumes, and lines that the canary misses.
    #[attr(optional)]
    pub alerts: Value<Alerts>,
    /// ConfigMaps for the sidecars of Grafana's chart.
    #[attr(optional)]
    pub grafana: Value<Grafana>,
}

/// A PodMonitor.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct PodMonitor {
    /// How often metrics are read, such as `30s`; without it as Prometheus does by itself.
    #[attr(optional)]
    pub interval: Value<String>,
    /// Labels by which a Prometheus chooses its monitors, such as `release = "kube-prometheus-stack"`.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
}

/// A PrometheusRule.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Alerts {
    /// Labels by which a Prometheus chooses its rules.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
    /// Labels of each alert, by which Alertmanager routes it.
    #[attr(optional)]
    pub alert_labels: Value<BTreeMap<String, Value<String>>>,
}

/// What Grafana's sidecars pick up.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Grafana {
    /// The stack as a data source, in a ConfigMap with the label `grafana_datasource`.
    #[attr(optional)]
    pub datasource: Value<Datasource>,
    /// Whether there is a dashboard of the stack, in a ConfigMap with the label `grafana_dashboard`.
    #[attr(optional, default = true)]
    pub dashboards: Value<bool>,
    /// Further labels of the ConfigMaps.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
}

/// A data source.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Datasource {
    /// Its name in Grafana; without it the stack's.
    #[attr(optional)]
    pub name: Value<String>,
    /// The tenant that Grafana reads as, with `auth_enabled`; several are joined by `|`.
    #[attr(optional)]
    pub tenant: Value<String>,
    /// The gateway's user that Grafana is.
    #[attr(optional)]
    pub user: Value<String>,
    /// Name of an environment variable of Grafana that holds the user's password.
    #[attr(optional)]
    pub password_variable: Value<String>,
}

/// loki-canary on each node.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Canary {
    /// loki-canary's image: a repository (Loki's version becomes its tag), or a whole reference. Without it
    /// `docker.io/grafana/loki-canary`.
    #[attr(optional)]
    pub image: Value<String>,
    /// The tenant that it writes as, with `auth_enabled`. Without it `loki-canary`.
    #[attr(optional)]
    pub tenant: Value<String>,
}

/// NetworkPolicies of the stack. They are enforced where the cluster's network plugin does so.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct NetworkPolicies {
    /// Namespaces whose pods may push and query, through the gateway where there is one. Without it all.
    #[attr(optional)]
    pub client_namespaces: Value<Vec<Value<String>>>,
    /// Namespaces whose pods may read metrics. Without it none.
    #[attr(optional)]
    pub metrics_namespaces: Value<Vec<Value<String>>>,
    /// Networks (CIDR) in which the object store and the service that gives credentials for it are. Without it anywhere.
    #[attr(optional)]
    pub egress_cidrs: Value<Vec<Value<String>>>,
}
