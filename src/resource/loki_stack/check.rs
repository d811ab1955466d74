//! The check phase, offline: the shape of the attributes and what follows from them.

use std::collections::BTreeMap;

use super::options::{options, text};
use super::state::LokiStack;
use super::{around, components, storage, takeover, volumes};
use crate::loki::{self, Object};
use crate::schema::{AttributePath, Diagnostics, Int, Problem, Report, Schematic, Value, at};

/// The day in UTC, the time zone of schema periods.
pub(super) fn day(now: jiff::Timestamp) -> jiff::civil::Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The rules over the options, and where nothing is unknown the file that is rendered for them, as Loki judges it.
pub(super) fn rules(
    wanted: &loki::Options,
    today: Option<jiff::civil::Date>,
    unknown: &[AttributePath],
) -> Vec<loki::Finding> {
    let mut findings = loki::verify(wanted, today);
    findings.extend(match unknown {
        [] => loki::verify::configuration(wanted, today, &findings),
        _ => loki::verify::overrides_shape(wanted),
    });
    findings
}

/// What only the attributes' own shape can say: options cannot express these mistakes.
pub(super) fn shape(state: &LokiStack, report: &mut Diagnostics) {
    if let Value::Value(mode) = &state.mode
        && !["monolithic", "distributed", "simple_scalable"].contains(&mode.as_str())
    {
        report.refuse(
            Problem::new(summary!("The mode is not known"))
                .at(at("mode"))
                .why(format!("{mode:?} is none of: monolithic, distributed, simple_scalable."))
                .fix("Set mode to one of them, or leave it out for \"monolithic\"."),
        );
    }
    for (name, value) in [("replicas", &state.replicas), ("replication_factor", &state.replication_factor)] {
        if let Value::Value(number) = value
            && number.not_whole().is_none()
            && !(1..=1000).contains(&number.get())
        {
            report.refuse(
                Problem::new(summary!("{name} is out of range"))
                    .at(at(name))
                    .why(format!("{} is not between 1 and 1000.", Int::get(number)))
                    .fix("To take Loki down for a while, destroy the stack: the bucket and the volumes stay."),
            );
        }
    }
    let of_pods = &state.security_context;
    components::report_shape(
        at("security_context"),
        "security_context",
        of_pods,
        "an object",
        serde_json::Value::is_object,
        report,
    );
    components::shape(&state.components, report);
    if let Value::Value(of) = &state.storage {
        storage::shape(of, false, report);
    }
}

/// The same of secrets, which stand in the configuration alone.
pub(super) fn secrets_shape(config: &LokiStack, report: &mut Diagnostics) {
    around::shape(config, report);
    if let Value::Value(of) = &config.storage {
        storage::shape(of, true, report);
    }
}

/// What is planned, with the secrets that stand in the configuration alone. The attributes around them have no value that
/// the provider fills in.
pub(super) fn with_secrets(planned: &LokiStack, config: &LokiStack) -> LokiStack {
    LokiStack { storage: config.storage.clone(), gateway: config.gateway.clone(), ..planned.clone() }
}

/// Fills in the numbers that follow from others and that the configuration leaves out.
pub(super) fn fill_counts(config: &LokiStack, planned: &mut LokiStack) {
    if config.replicas.is_null() {
        planned.replicas = replicas(planned);
    }
    if config.replication_factor.is_null() {
        planned.replication_factor = replication_factor(planned);
    }
}

/// What follows from mode, size and components where the configuration sets no number of replicas.
fn replicas(planned: &LokiStack) -> Value<Int> {
    if is_sizing_unknown(planned) {
        return Value::Unknown;
    }
    let derived = options(&LokiStack { replicas: Value::Null, ..planned.clone() });
    Value::Value(i64::from(derived.ingesters()).into())
}

/// Whether mode, size or components are unknown, on which the numbers of pods depend.
fn is_sizing_unknown(planned: &LokiStack) -> bool {
    planned.mode.is_unknown() || planned.size.is_unknown() || planned.unknowns().iter().any(components::is_within)
}

/// What follows from the number of replicas where the configuration sets no replication factor.
fn replication_factor(planned: &LokiStack) -> Value<Int> {
    if planned.replicas.is_unknown() || is_sizing_unknown(planned) {
        return Value::Unknown;
    }
    let derived = options(&LokiStack { replication_factor: Value::Null, ..planned.clone() });
    Value::Value(i64::from(derived.replication_factor()).into())
}

/// Fills in the outputs as far as their inputs are known, and the rendered objects when all inputs are.
pub(super) fn fill_outputs(
    planned: &mut LokiStack,
    wanted: &loki::Options,
    rendered: &[Object],
    unknown: &[AttributePath],
) {
    let depends_on_unknown = |names: &[&str]| {
        unknown.iter().any(|path| path.steps.first().is_some_and(|step| names.contains(&step.to_string().as_str())))
    };
    if depends_on_unknown(&["name", "namespace", "cluster_domain", "mode", "components"]) {
        planned.push_url = Value::Unknown;
        planned.query_url = Value::Unknown;
        planned.services = Value::Unknown;
    } else {
        let outputs = loki::outputs(wanted);
        planned.push_url = Value::Value(outputs.push_url);
        planned.query_url = Value::Value(outputs.query_url);
        planned.services = strings(outputs.services);
    }
    planned.objects = match unknown {
        [] => strings(rendered.iter().map(|object| (object.key(), object.digest()))),
        _ => Value::Unknown,
    };
}

pub(in crate::resource) fn strings(
    pairs: impl IntoIterator<Item = (String, String)>,
) -> Value<BTreeMap<String, Value<String>>> {
    Value::Value(pairs.into_iter().map(|(key, value)| (key, Value::Value(value))).collect())
}

/// The status will be another one after any change, and stays as it is without one.
pub(super) fn fill_status(prior: &LokiStack, planned: &mut LokiStack) {
    planned.status = prior.status.clone();
    // New timeouts change nothing in the cluster.
    if *planned != (LokiStack { timeouts: planned.timeouts.clone(), ..prior.clone() }) {
        planned.status = Value::Unknown;
    }
}

/// What may not be changed under logs that are stored already, and what a change of the version meets.
pub(super) fn history(prior: &LokiStack, wanted: &loki::Options, now: jiff::Timestamp) -> Vec<loki::Finding> {
    let before = options(prior);
    let mut findings = takeover::history(prior, &before, wanted);
    // An imported stack has neither until it has been applied.
    if !prior.schema.is_null() {
        findings.extend(loki::history::schema_change(&before.schema, &wanted.schema, now));
    }
    if !prior.storage.is_null() {
        findings.extend(loki::verify::storage_change(&before.storage, &wanted.storage));
    }
    // A version that cannot be deployed is refused for that alone.
    if let (Some(from), Ok(to)) = (text(&prior.loki_version), wanted.loki_version.parse::<loki::version::Version>())
        && to.supported()
        && let Ok(from) = from.parse()
    {
        let steps = loki::history::upgrade(from, to).into_iter();
        findings.extend(steps.map(|finding| finding.at("loki_version")));
    }
    findings
}

/// Says what a change of the volumes means, as far as it is known.
pub(super) fn volumes(prior: &LokiStack, planned: &LokiStack, report: &mut Diagnostics) {
    // An imported stack tells nothing of its volumes until it has been applied.
    let imported = prior.persistence.is_null() && prior.mode.is_null();
    if !imported && !planned.persistence.is_unknown() && !is_sizing_unknown(planned) {
        volumes::announce(prior, planned, report);
    }
}

/// Says what a destruction takes along and what it leaves.
pub(super) fn announce_deletion(prior: &LokiStack, report: &mut Diagnostics) {
    let wanted = options(prior);
    let components = wanted.components();
    let mut volumes =
        components.iter().map(|component| &component.persistence).filter(|volume| volume.enabled).peekable();
    if volumes.peek().is_none() {
        return;
    }
    let namespace = &wanted.namespace;
    if volumes.all(|volume| volume.retain) {
        report.warn(
            Problem::new(summary!("The volumes of the stack are kept"))
                .why(format!(
                    "The claims in namespace {namespace:?} outlive the stack, because persistence.retain is true. What \
                     Loki has not yet written to its object store is in them."
                ))
                .fix("To delete them as well, set persistence.retain = false and apply before destroying."),
        );
    } else {
        report.warn(Problem::new(summary!("The volumes of the stack are deleted")).why(format!(
            "persistence.retain is false, so claims of the stack in namespace {namespace:?} are deleted with their \
             data. What Loki has not yet written to its object store is lost."
        )));
    }
}
