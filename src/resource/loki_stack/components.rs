//! `components` as plain data.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::options::{count, flag, list, map, persistence, resources, text, tolerations};
use super::state::Component;
use crate::loki::options::{Autoscaling, Workload};
use crate::schema::{AttributePath, AttributePathStep, Diagnostics, Int, Problem, Report, Value};

/// What is said of each component. What is null or unknown is as if nothing were said.
pub(super) fn options(given: &Value<BTreeMap<String, Value<Component>>>) -> BTreeMap<String, Workload> {
    let given = given.as_ref_option().into_iter().flatten();
    given.filter_map(|(key, of)| Some((key.clone(), workload(of.as_ref_option()?)))).collect()
}

fn workload(of: &Component) -> Workload {
    let pods = |value: &Value<Int>| count(value);
    Workload {
        enabled: of.enabled.as_ref_option().map(|_| flag(&of.enabled, true)),
        replicas: pods(&of.replicas),
        zones: list(&of.zones),
        autoscaling: of.autoscaling.as_ref_option().map(|scaling| Autoscaling {
            min_replicas: pods(&scaling.min_replicas).unwrap_or(1),
            max_replicas: pods(&scaling.max_replicas).unwrap_or(1),
            cpu_percent: pods(&scaling.cpu_percent),
            memory_percent: pods(&scaling.memory_percent),
            keda_triggers: objects(&scaling.keda_triggers),
        }),
        max_unavailable: pods(&of.max_unavailable),
        resources: of.resources.as_ref_option().map(resources),
        persistence: of.persistence.as_ref_option().map(persistence),
        node_selector: of.node_selector.as_ref_option().map(|_| map(&of.node_selector)),
        tolerations: of.tolerations.as_ref_option().map(|_| tolerations(&of.tolerations)),
        priority_class_name: text(&of.priority_class_name),
        termination_grace_period_seconds: pods(&of.termination_grace_period_seconds),
        pod_annotations: map(&of.pod_annotations),
        pod_labels: map(&of.pod_labels),
        extra_args: list(&of.extra_args),
        extra_env: map(&of.extra_env),
        affinity: object(&of.affinity),
        security_context: object(&of.security_context),
        topology_spread_constraints: objects(&of.topology_spread_constraints),
        image: text(&of.image),
        extra_volumes: objects(&of.extra_volumes),
        extra_volume_mounts: objects(&of.extra_volume_mounts),
    }
}

/// What is in Kubernetes' own shape; null where it is nothing.
pub(super) fn object(value: &Value<String>) -> Json {
    text(value).and_then(|text| read(&text).ok()).unwrap_or_default()
}

/// A list in Kubernetes' own shape.
fn objects(value: &Value<String>) -> Vec<Json> {
    match text(value).map(|text| read(&text)) {
        Some(Ok(Json::Array(items))) => items,
        _ => Vec::new(),
    }
}

fn read(text: &str) -> Result<Json, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

/// What options cannot express: numbers that are no counts, and text that is not of Kubernetes' shape.
pub(super) fn shape(given: &Value<BTreeMap<String, Value<Component>>>, report: &mut Diagnostics) {
    for (key, of) in given.as_ref_option().into_iter().flatten() {
        let Some(of) = of.as_ref_option() else { continue };
        let at = |name: &'static str| AttributePath::root().attribute("components").key(key.clone()).attribute(name);
        for (name, number, most) in [
            ("replicas", &of.replicas, 1000),
            ("max_unavailable", &of.max_unavailable, 1000),
            ("termination_grace_period_seconds", &of.termination_grace_period_seconds, 86_400),
        ] {
            if let Value::Value(number) = number
                && number.not_whole().is_none()
                && !(0..=most).contains(&number.get())
            {
                report.refuse(
                    Problem::new(summary!("{name} is out of range"))
                        .at(at(name))
                        .why(format!("{} is not between 0 and {most}.", Int::get(number)))
                        .fix("Write a number in that range, or leave it out."),
                );
            }
        }
        let mut must_be = |name: &'static str, text: &Value<String>, what: &str, fits: fn(&Json) -> bool| {
            report_shape(at(name), name, text, what, fits, report);
        };
        must_be("affinity", &of.affinity, "an object", Json::is_object);
        must_be("security_context", &of.security_context, "an object", Json::is_object);
        let objects = |value: &Json| value.as_array().is_some_and(|items| items.iter().all(Json::is_object));
        must_be("topology_spread_constraints", &of.topology_spread_constraints, "a list of objects", objects);
        must_be("extra_volumes", &of.extra_volumes, "a list of objects", objects);
        must_be("extra_volume_mounts", &of.extra_volume_mounts, "a list of objects", objects);
        if let Value::Value(scaling) = &of.autoscaling {
            must_be("autoscaling", &scaling.keda_triggers, "a list of objects", objects);
        }
    }
}

/// Refuses text that is not of Kubernetes' shape.
pub(super) fn report_shape(
    at: AttributePath,
    name: &str,
    text: &Value<String>,
    what: &str,
    fits: fn(&Json) -> bool,
    report: &mut Diagnostics,
) {
    let Value::Value(text) = text else { return };
    let why = match read(text) {
        Ok(value) if fits(&value) => return,
        Ok(_) => format!("It is not {what}."),
        Err(error) => format!("It is neither JSON nor YAML: {error}."),
    };
    report.refuse(
        Problem::new(summary!("{name} cannot be read"))
            .at(at)
            .why(why)
            .fix(format!("Write {what} in Kubernetes' own shape, as jsonencode(…) or YAML.")),
    );
}

/// Whether an unknown value is, or is in, what is said of components.
pub(super) fn is_within(path: &AttributePath) -> bool {
    path.steps.first() == Some(&AttributePathStep::Attribute("components".into()))
}
