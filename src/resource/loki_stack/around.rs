//! What is around Loki as plain data, and what only its own shape can say.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::options::{flag, list, map, text, text_or};
use super::state::{self, LokiStack, RuleGroup, User};
use crate::loki::{options as o, password};
use crate::schema::{AttributePath, Diagnostics, Int, Problem, Report, Value};

/// The tenant of rules that name none: the only one of a Loki without multi-tenancy.
const ONLY_TENANT: &str = "fake";

pub(super) fn caches(value: &Value<state::Caches>) -> o::Caches {
    let cache = |cache: &state::Cache| o::Cache { memory: text(&cache.memory), image: text(&cache.image) };
    let value = value.as_ref_option().cloned().unwrap_or_default();
    o::Caches { chunks: value.chunks.as_ref_option().map(cache), results: value.results.as_ref_option().map(cache) }
}

pub(super) fn gateway(gateway: &state::Gateway, stack: &LokiStack) -> o::Gateway {
    let owner = format!("{}/{}", text_or(&stack.namespace, ""), text_or(&stack.name, ""));
    let users = gateway.users.as_ref_option().into_iter().flatten();
    o::Gateway {
        image: text(&gateway.image),
        users: users.map(|(name, of)| (name.clone(), user(&format!("{owner}/{name}"), of))).collect(),
        users_version: text(&gateway.users_version),
        users_secret: text(&gateway.users_secret),
        tls_secret: text(&gateway.tls_secret),
        dns_service: text(&gateway.dns_service),
        ingress: gateway.ingress.as_ref_option().map(|ingress| o::Ingress {
            host: text_or(&ingress.host, ""),
            class_name: text(&ingress.class_name),
            annotations: map(&ingress.annotations),
            tls_secret: text(&ingress.tls_secret),
        }),
        http_route: gateway.http_route.as_ref_option().map(|route| o::HttpRoute {
            hostnames: list(&route.hostnames),
            parents: route.parents.as_ref_option().into_iter().flatten().filter_map(parent).collect(),
        }),
    }
}

fn parent(of: &Value<state::Parent>) -> Option<o::Parent> {
    let of = of.as_ref_option()?;
    Some(o::Parent {
        name: text_or(&of.name, ""),
        namespace: text(&of.namespace),
        section_name: text(&of.section_name),
    })
}

pub(super) fn monitoring(value: &Value<state::Monitoring>) -> o::Monitoring {
    let Some(given) = value.as_ref_option() else { return o::Monitoring::default() };
    o::Monitoring {
        pod_monitor: given
            .pod_monitor
            .as_ref_option()
            .map(|of| o::PodMonitor { interval: text(&of.interval), labels: map(&of.labels) }),
        alerts: given
            .alerts
            .as_ref_option()
            .map(|of| o::Alerts { labels: map(&of.labels), alert_labels: map(&of.alert_labels) }),
        grafana: given.grafana.as_ref_option().map(|of| o::Grafana {
            datasource: of.datasource.as_ref_option().map(|of| o::Datasource {
                name: text(&of.name),
                tenant: text(&of.tenant),
                user: text(&of.user),
                password_variable: text(&of.password_variable),
            }),
            dashboards: flag(&of.dashboards, true),
            labels: map(&of.labels),
        }),
    }
}

fn user(owner: &str, of: &Value<User>) -> o::User {
    let of = of.as_ref_option().cloned().unwrap_or_default();
    let hash = || password::hash(&text(&of.password)?, owner);
    o::User { tenant: text(&of.tenant), password_hash: text(&of.password_hash).or_else(hash) }
}

pub(super) fn canary(canary: &state::Canary) -> o::Canary {
    o::Canary { image: text(&canary.image), tenant: text(&canary.tenant) }
}

pub(super) fn network_policies(given: &state::NetworkPolicies) -> o::NetworkPolicies {
    o::NetworkPolicies {
        client_namespaces: list(&given.client_namespaces),
        metrics_namespaces: list(&given.metrics_namespaces),
        egress_cidrs: list(&given.egress_cidrs),
    }
}

pub(super) fn ruler(ruler: &state::Ruler) -> o::Ruler {
    let mut groups: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for of in ruler.groups.as_ref_option().into_iter().flatten().filter_map(Value::as_ref_option) {
        groups.entry(text_or(&of.tenant, ONLY_TENANT)).or_default().push(group(of));
    }
    o::Ruler {
        groups,
        alertmanager_urls: list(&ruler.alertmanager_urls),
        remote_write: ruler
            .remote_write
            .as_ref_option()
            .map(|remote| o::RemoteWrite { url: text_or(&remote.url, ""), headers: map(&remote.headers) }),
        external_url: text(&ruler.external_url),
    }
}

/// In the shape of Prometheus' rule files, without what is not set.
fn group(of: &RuleGroup) -> Json {
    let rules = of.rules.as_ref_option().into_iter().flatten().filter_map(Value::as_ref_option);
    let rules: Vec<Json> = rules
        .map(|rule| {
            set(json!({
                "alert": text(&rule.alert),
                "record": text(&rule.record),
                "expr": text(&rule.expr),
                "for": text(&rule.r#for),
                "keep_firing_for": text(&rule.keep_firing_for),
                "labels": rule.labels.as_ref_option().map(|_| map(&rule.labels)),
                "annotations": rule.annotations.as_ref_option().map(|_| map(&rule.annotations)),
            }))
        })
        .collect();
    set(json!({
        "name": text(&of.name),
        "interval": text(&of.interval),
        "limit": of.limit.as_ref_option().map(Int::get),
        "rules": rules,
    }))
}

fn set(value: Json) -> Json {
    let Json::Object(members) = value else { return value };
    Json::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

/// What options cannot express: users without a password, or with two. Passwords stand in the configuration alone.
pub(super) fn shape(config: &LokiStack, report: &mut Diagnostics) {
    let Some(gateway) = config.gateway.as_ref_option() else { return };
    for (name, user) in gateway.users.as_ref_option().into_iter().flatten() {
        let Some(user) = user.as_ref_option() else { continue };
        let place = || AttributePath::root().attribute("gateway").attribute("users").key(name.clone());
        match (user.password.is_null(), user.password_hash.is_null()) {
            (false, false) => report.refuse(
                Problem::new(summary!("The user {name:?} has a password and a hash of one"))
                    .at(place())
                    .why("They may be of two passwords.")
                    .fix("Remove one of them."),
            ),
            (true, true) if gateway.users_secret.is_null() => report.refuse(
                Problem::new(summary!("The user {name:?} has no password"))
                    .at(place())
                    .why("Nobody could come in as that user.")
                    .fix(
                        "Set password or password_hash, which need Terraform 1.11 or newer, or name a Secret with the \
                         users' hashes in gateway.users_secret.",
                    ),
            ),
            _ => {}
        }
    }
}
