//! From the resource's attributes to Loki's options, and from Loki's findings back to attributes.

use std::collections::BTreeMap;

use super::overrides::overrides;
use super::state::{Limits, LokiStack, Persistence, ResourceList, Resources, Toleration};
use super::storage::{credentials_version, storage};
use super::{around, components};
use crate::loki::{self, Finding, Severity, Step, options as o};
use crate::schema::{AttributePath, Diagnostics, Int, Problem, Report, Schematic, Value};

/// The options that a state describes. What is null or unknown takes the option's default.
pub(super) fn options(state: &LokiStack) -> loki::Options {
    let default = loki::Options::default();
    let account = state.service_account.clone().unwrap_or_default();
    loki::Options {
        name: text_or(&state.name, &default.name),
        namespace: text_or(&state.namespace, &default.namespace),
        create_namespace: flag(&state.create_namespace, default.create_namespace),
        helm_release: text(&state.helm_release),
        mode: match text(&state.mode).as_deref() {
            Some("distributed") => o::Mode::Distributed,
            Some("simple_scalable") => o::Mode::SimpleScalable,
            _ => o::Mode::Monolithic,
        },
        size: text(&state.size),
        components: components::options(&state.components),
        loki_version: text_or(&state.loki_version, &default.loki_version),
        image: text(&state.image),
        image_pull_secrets: list(&state.image_pull_secrets),
        replicas: count(&state.replicas),
        replication_factor: count(&state.replication_factor),
        auth_enabled: flag(&state.auth_enabled, default.auth_enabled),
        storage: storage(&state.storage),
        storage_credentials_version: credentials_version(&state.storage),
        schema: match &state.schema {
            Value::Value(periods) => periods.iter().filter_map(Value::as_ref_option).map(period).collect(),
            _ => default.schema.clone(),
        },
        retention: text(&state.retention),
        service_account: o::ServiceAccount {
            create: flag(&account.create, true),
            name: text(&account.name),
            role_arn: text(&account.role_arn),
            annotations: map(&account.annotations),
        },
        persistence: persistence(&state.persistence.clone().unwrap_or_default()),
        resources: resources(&state.resources.clone().unwrap_or_default()),
        labels: map(&state.labels),
        annotations: map(&state.annotations),
        pod_annotations: map(&state.pod_annotations),
        node_selector: map(&state.node_selector),
        tolerations: tolerations(&state.tolerations),
        priority_class_name: text(&state.priority_class_name),
        security_context: components::object(&state.security_context),
        limits: limits(&state.limits),
        overrides: state
            .overrides
            .as_ref_option()
            .into_iter()
            .flatten()
            .map(|(tenant, of_tenant)| (tenant.clone(), limits(of_tenant)))
            .collect(),
        config_overrides: overrides(&state.config_overrides),
        ruler: state.ruler.as_ref_option().map(around::ruler),
        caches: around::caches(&state.caches),
        gateway: state.gateway.as_ref_option().map(|gateway| around::gateway(gateway, state)),
        canary: state.canary.as_ref_option().map(around::canary),
        monitoring: around::monitoring(&state.monitoring),
        network_policies: state.network_policies.as_ref_option().map(around::network_policies),
        ip_families: list(&state.ip_families),
        cluster_domain: text_or(&state.cluster_domain, &default.cluster_domain),
        ..default
    }
}

fn period(period: &super::state::SchemaPeriod) -> o::SchemaPeriod {
    let default = o::SchemaPeriod::default();
    o::SchemaPeriod {
        from: text_or(&period.from, ""),
        version: text_or(&period.version, &default.version),
        store: text_or(&period.store, &default.store),
        index_prefix: text_or(&period.index_prefix, &default.index_prefix),
    }
}

fn limits(value: &Value<Limits>) -> o::Limits {
    map(value).into_iter().map(|(name, text)| (name, text.into())).collect()
}

pub(super) fn persistence(volume: &Persistence) -> o::Persistence {
    let default = o::Persistence::default();
    o::Persistence {
        enabled: flag(&volume.enabled, default.enabled),
        size: text_or(&volume.size, &default.size),
        storage_class: text(&volume.storage_class),
        retain: flag(&volume.retain, default.retain),
    }
}

pub(in crate::resource) fn resources(of: &Resources) -> o::Resources {
    o::Resources { requests: amounts(&of.requests), limits: amounts(&of.limits) }
}

fn amounts(value: &Value<ResourceList>) -> o::ResourceList {
    let value = value.as_ref_option().cloned().unwrap_or_default();
    o::ResourceList { cpu: text(&value.cpu), memory: text(&value.memory) }
}

pub(in crate::resource) fn tolerations(value: &Value<Vec<Value<Toleration>>>) -> Vec<o::Toleration> {
    value.as_ref_option().into_iter().flatten().filter_map(Value::as_ref_option).map(toleration).collect()
}

fn toleration(value: &Toleration) -> o::Toleration {
    o::Toleration {
        key: text(&value.key),
        operator: text(&value.operator),
        value: text(&value.value),
        effect: text(&value.effect),
        toleration_seconds: value.toleration_seconds.as_ref_option().map(Int::get),
    }
}

/// Reports findings at their attributes; those about a value that is not known yet are left for later.
pub(in crate::resource) fn report_findings(
    findings: Vec<Finding>,
    unknown: &[AttributePath],
    warnings: bool,
    report: &mut Diagnostics,
) {
    for finding in findings {
        if finding.weighed().any(|steps| unknown.iter().any(|unknown| overlaps(unknown, &path(steps)))) {
            continue;
        }
        let path = path(&finding.path);
        let problem = Problem::new(finding.summary).at(path).why(finding.why).fix(finding.fix);
        match finding.severity {
            Severity::Error => report.refuse(problem),
            Severity::Warning if warnings => report.warn(problem),
            Severity::Warning => {}
        }
    }
}

/// One path leads to or into the other.
fn overlaps(a: &AttributePath, b: &AttributePath) -> bool {
    a.steps.iter().zip(&b.steps).all(|(a, b)| a == b)
}

fn path(steps: &[Step]) -> AttributePath {
    steps.iter().fold(AttributePath::root(), |path, step| match step {
        Step::Attribute(name) => path.attribute(*name),
        Step::Index(index) => path.index(i64::try_from(*index).unwrap_or(i64::MAX)),
        Step::Key(key) => path.key(key.clone()),
    })
}

/// The inputs that are not known yet; what the provider itself fills in does not count.
pub(super) fn unknown_inputs(state: &LokiStack) -> Vec<AttributePath> {
    let inputs = LokiStack {
        push_url: Value::Null,
        query_url: Value::Null,
        services: Value::Null,
        objects: Value::Null,
        status: Value::Null,
        ..state.clone()
    };
    inputs.unknowns()
}

pub(in crate::resource) fn text(value: &Value<String>) -> Option<String> {
    value.as_ref_option().cloned()
}

pub(in crate::resource) fn text_or(value: &Value<String>, default: &str) -> String {
    value.as_ref_option().map_or(default, String::as_str).to_owned()
}

pub(in crate::resource) fn flag(value: &Value<bool>, default: bool) -> bool {
    value.as_ref_option().copied().unwrap_or(default)
}

pub(super) fn count(value: &Value<Int>) -> Option<u32> {
    value.as_ref_option().and_then(|value| u32::try_from(value.get()).ok())
}

pub(in crate::resource) fn list(value: &Value<Vec<Value<String>>>) -> Vec<String> {
    value.as_ref_option().into_iter().flatten().filter_map(text).collect()
}

pub(in crate::resource) fn map(value: &Value<BTreeMap<String, Value<String>>>) -> BTreeMap<String, String> {
    value.as_ref_option().into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::loki_stack::state::{Filesystem, SchemaPeriod, Storage};

    fn value(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn stack() -> LokiStack {
        LokiStack {
            name: value("loki"),
            namespace: value("logs"),
            storage: Value::Value(Storage { filesystem: Value::Value(Filesystem {}), ..Storage::default() }),
            schema: Value::Value(vec![Value::Value(SchemaPeriod {
                from: value("2024-04-01"),
                ..SchemaPeriod::default()
            })]),
            ..LokiStack::default()
        }
    }

    fn errors(state: &LokiStack) -> Vec<String> {
        let mut report = Diagnostics::default();
        report_findings(loki::verify(&options(state), None), &state.unknowns(), false, &mut report);
        report.errors.into_iter().map(|error| error.attribute.to_string()).collect()
    }

    #[test]
    fn what_is_left_out_takes_the_options_defaults() {
        let expected = loki::Options { namespace: "logs".to_owned(), ..loki::Options::default() };
        assert_eq!(options(&stack()), expected);
    }

    #[test]
    fn findings_point_at_attributes() {
        let few = LokiStack { replication_factor: Value::Value(Int::Whole(3)), ..stack() };
        assert_eq!(errors(&few), ["replication_factor"]);
        let mut dated = stack();
        dated.schema =
            Value::Value(vec![Value::Value(SchemaPeriod { from: value("soon"), ..SchemaPeriod::default() })]);
        assert_eq!(errors(&dated), ["schema[0].from"]);
    }

    #[test]
    fn tenants_limits_are_judged_at_their_tenant() {
        let of = |limit: &str, text: Value<String>| {
            let limits = Value::Value(BTreeMap::from([(limit.to_owned(), text)]));
            let overrides = Value::Value(BTreeMap::from([("acme".to_owned(), limits)]));
            errors(&LokiStack { auth_enabled: Value::Value(true), overrides, ..stack() })
        };
        assert_eq!(of("retention_period", value("30d")), [""; 0]);
        assert_eq!(of("retention_perod", value("30d")), ["overrides[\"acme\"][\"retention_perod\"]"]);
        assert_eq!(of("retention_period", value("1h")), ["overrides[\"acme\"][\"retention_period\"]"]);
        assert_eq!(of("retention_period", Value::Unknown), [""; 0]);
    }

    #[test]
    fn what_is_unknown_is_not_judged() {
        let replicas =
            LokiStack { replication_factor: Value::Value(Int::Whole(3)), replicas: Value::Unknown, ..stack() };
        assert_eq!(errors(&replicas), [""; 0]);
        let schema = LokiStack { schema: Value::Unknown, name: Value::Unknown, ..stack() };
        assert_eq!(errors(&schema), [""; 0]);
    }
}
