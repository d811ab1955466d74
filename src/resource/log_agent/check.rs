//! The check phase, offline: the shape of the attributes and what follows from them.

use super::attributes::{LogAgent, SecretKey};
use super::options::{bytes, kind, milliseconds, options};
use super::stages;
use crate::agent::options::Source;
use crate::agent::{self, Kind, Options, Target};
use crate::loki::config_file::grammar::duration;
use crate::loki::{Finding, Severity};
use crate::schema::{AttributePath, Diagnostics, Int, Problem, Report, Schematic, Value, at};

/// The rules over the options, and where nothing is unknown or wrong the file that is rendered for them.
pub(super) fn rules(wanted: &Options, target: Option<&Target>, unknown: &[AttributePath]) -> Vec<Finding> {
    let mut findings = agent::verify(wanted, target);
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    if unknown.is_empty() && !wrong {
        findings.extend(agent::verify::configuration(wanted));
    }
    findings
}

/// The inputs that are not known yet; what the provider itself fills in does not count.
pub(super) fn unknown_inputs(state: &LogAgent) -> Vec<AttributePath> {
    let inputs = LogAgent { config: Value::Null, objects: Value::Null, status: Value::Null, ..state.clone() };
    inputs.unknowns()
}

/// Whether what is known suffices to ask a cluster for something.
pub(super) fn ask_for_cluster(unknown: &[AttributePath]) -> bool {
    !unknown.contains(&at("push_url"))
}

/// What is planned, with the secrets that stand in the configuration alone. The attributes around them have no value that
/// the provider fills in.
pub(super) fn with_secrets(planned: &LogAgent, config: &LogAgent) -> LogAgent {
    let mut whole = planned.clone();
    if let (Value::Value(to), Value::Value(from)) = (&mut whole.basic_auth, &config.basic_auth) {
        to.password_wo = from.password_wo.clone();
    }
    if let (Value::Value(to), Value::Value(from)) = (&mut whole.bearer_token, &config.bearer_token) {
        to.token_wo = from.token_wo.clone();
    }
    if let (Value::Value(to), Value::Value(from)) = (&mut whole.tls, &config.tls) {
        to.key_wo = from.key_wo.clone();
    }
    whole
}

/// Fills in the labels that a kind has by itself.
pub(super) fn fill_labels(config: &LogAgent, planned: &mut LogAgent) {
    if !config.kubernetes_labels.is_null() {
        return;
    }
    planned.kubernetes_labels = match planned.kind {
        Value::Unknown => Value::Unknown,
        _ => {
            let name = |source: &Source| {
                let found = Source::NAMES.into_iter().find(|(_, of)| of == source);
                Value::Value(found.map_or("", |(name, _)| name).to_owned())
            };
            let usual = Options::usual_labels(kind(planned));
            Value::Value(usual.iter().map(|(label, source)| (label.clone(), name(source))).collect())
        }
    };
}

/// Fills in the configuration and the rendered objects when all inputs are known.
pub(super) fn fill(planned: &mut LogAgent, unknown: &[AttributePath]) {
    if !unknown.is_empty() {
        planned.config = Value::Unknown;
        planned.objects = Value::Unknown;
        return;
    }
    let wanted = options(planned);
    let text = agent::files(&wanted).map(|files| files.nodes).unwrap_or_default();
    planned.config = Value::Value(text);
    let objects = agent::render(&wanted).into_iter().map(|object| (object.key(), Value::Value(object.digest())));
    planned.objects = Value::Value(objects.collect());
}

/// The status will be another one after any change, and stays as it is without one.
pub(super) fn fill_status(prior: &LogAgent, planned: &mut LogAgent) {
    planned.status = prior.status.clone();
    // New timeouts change nothing in the cluster.
    if *planned != (LogAgent { timeouts: planned.timeouts.clone(), ..prior.clone() }) {
        planned.status = Value::Unknown;
    }
}

/// Says what another kind means for lines on their way.
pub(super) fn announce_kind(prior: &LogAgent, planned: &LogAgent, report: &mut Diagnostics) {
    let imported = prior.push_url.is_null();
    if imported || planned.kind.is_unknown() || prior.kind == planned.kind {
        return;
    }
    let (before, after) = (kind(prior), kind(planned));
    let positions = match (before, after) {
        (Kind::Promtail, Kind::Alloy) => "Alloy goes on where Promtail has stopped reading.",
        _ => {
            "It reads the files that are still on the nodes from their beginning. Loki stores once what arrives twice with the \
             same labels, time and text; with other labels the lines of these files are there twice."
        }
    };
    report.warn(
        Problem::new(summary!("{} takes the place of {}", after.as_str(), before.as_str()))
            .at(at("kind"))
            .why(format!("The new agents are up and ship before the old ones go, so no line is missed. {positions}")),
    );
}

/// What only the attributes' own shape can say: options cannot express these mistakes.
pub(super) fn shape(state: &LogAgent, report: &mut Diagnostics) {
    if let Value::Value(name) = &state.kind
        && Kind::named(name).is_none()
    {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        report.refuse(
            Problem::new(summary!("The kind is not known"))
                .at(at("kind"))
                .why(format!("{name:?} is none of: {}.", names.join(", ")))
                .fix("Set kind to one of them, or leave it out for \"alloy\"."),
        );
    }
    for (attribute, sources) in
        [("kubernetes_labels", &state.kubernetes_labels), ("structured_metadata", &state.structured_metadata)]
    {
        for (name, source) in sources.as_ref_option().into_iter().flatten() {
            if let Value::Value(text) = source
                && Source::parse(text).is_none()
            {
                let names: Vec<_> = Source::NAMES.iter().map(|(name, _)| *name).collect();
                report.refuse(
                    Problem::new(summary!("Nothing of a pod is called {text:?}"))
                        .at(at(attribute).key(name.clone()))
                        .why(format!("There are: {}, label:<key> and annotation:<key>.", names.join(", ")))
                        .fix("Take one of them, such as label:app.kubernetes.io/name. A text that is always the same belongs into labels."),
                );
            }
        }
    }
    if let Value::Value(action) = &state.out_of_order
        && !["accept", "rewrite_timestamp", "drop"].contains(&action.as_str())
    {
        report.refuse(
            Problem::new(summary!("out_of_order is not known"))
                .at(at("out_of_order"))
                .why(format!("{action:?} is none of: accept, rewrite_timestamp, drop."))
                .fix("Set one of them, or leave it out."),
        );
    }
    stages::shape(&state.stages, report);
    durations(state, report);
    sizes(state, report);
    if !state.basic_auth.is_null() && !state.bearer_token.is_null() {
        report.refuse(
            Problem::new(summary!("The agent proves twice who it is"))
                .at(at("bearer_token"))
                .why("basic_auth and bearer_token are both the header Authorization.")
                .fix("Remove one of them."),
        );
    }
    if let Value::Value(text) = &state.security_context
        && !serde_saphyr::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object())
    {
        report.refuse(
            Problem::new(summary!("security_context is no object"))
                .at(at("security_context"))
                .why("It is neither JSON nor YAML of a container's security context.")
                .fix("Write it as jsonencode({ runAsUser = 1000 })."),
        );
    }
}

fn durations(state: &LogAgent, report: &mut Diagnostics) {
    let mut of = vec![];
    if let Value::Value(it) = &state.multiline {
        of.push((at("multiline").attribute("max_wait"), &it.max_wait));
    }
    if let Value::Value(it) = &state.batch {
        of.push((at("batch").attribute("wait"), &it.wait));
    }
    if let Value::Value(it) = &state.retry {
        of.push((at("retry").attribute("min_backoff"), &it.min_backoff));
        of.push((at("retry").attribute("max_backoff"), &it.max_backoff));
    }
    let mut wrong = |path: AttributePath, text: &str| {
        report.refuse(
            Problem::new(summary!("That is no duration"))
                .at(path)
                .why(format!("{text:?} cannot be read as one."))
                .fix("Write a number with its unit, such as 500ms, 30s or 10m."),
        );
    };
    for (path, value) in of {
        if let Value::Value(text) = value
            && milliseconds(value).is_none()
        {
            wrong(path, text);
        }
    }
    if let Value::Value(text) = &state.max_silence
        && duration::go(text).is_none_or(|nanoseconds| nanoseconds < 0)
    {
        wrong(at("max_silence"), text);
    }
}

fn sizes(state: &LogAgent, report: &mut Diagnostics) {
    let mut of = vec![(at("buffer"), &state.buffer)];
    if let Value::Value(it) = &state.batch {
        of.push((at("batch").attribute("size"), &it.size));
    }
    for (path, value) in of {
        if let Value::Value(text) = value
            && bytes(value).is_none()
        {
            report.refuse(
                Problem::new(summary!("That is no number of bytes"))
                    .at(path)
                    .why(format!("{text:?} is no Kubernetes quantity of whole bytes above zero."))
                    .fix("Write it such as 512Ki, 1Mi or 1Gi."),
            );
        }
    }
    let mut counts = Vec::new();
    if let Value::Value(it) = &state.multiline {
        counts.push((at("multiline").attribute("max_lines"), &it.max_lines, 1));
    }
    if let Value::Value(it) = &state.retry {
        counts.push((at("retry").attribute("max_retries"), &it.max_retries, 0));
    }
    for (path, value, least) in counts {
        if let Value::Value(number) = value
            && number.not_whole().is_none()
            && !(least..=1_000_000).contains(&number.get())
        {
            report.refuse(
                Problem::new(summary!("The number is out of range"))
                    .at(path)
                    .why(format!("{} is not between {least} and 1000000.", Int::get(number)))
                    .fix("Leave it out for the usual one."),
            );
        }
    }
}

/// That each secret is said in one way, which the configuration alone shows.
pub(super) fn secrets_shape(config: &LogAgent, report: &mut Diagnostics) {
    /// A secret: where it stands, as it is given, where it is otherwise, what it is called, whether it has to be.
    type Said<'a> = (AttributePath, &'a Value<String>, &'a Value<SecretKey>, &'static str, bool);
    let mut of: Vec<Said<'_>> = Vec::new();
    if let Value::Value(it) = &config.basic_auth {
        of.push((at("basic_auth"), &it.password_wo, &it.password_secret, "password", true));
    }
    if let Value::Value(it) = &config.bearer_token {
        of.push((at("bearer_token"), &it.token_wo, &it.token_secret, "token", true));
    }
    if let Value::Value(it) = &config.tls {
        of.push((at("tls"), &it.key_wo, &it.key_secret, "key", false));
    }
    for (path, given, existing, name, needed) in of {
        let (wo, secret) = (format!("{name}_wo"), format!("{name}_secret"));
        if !given.is_null() && !existing.is_null() {
            report.refuse(
                Problem::new(summary!("The {name} is said twice"))
                    .at(path.clone())
                    .why(format!("{wo} and {secret} are both set."))
                    .fix("Remove one of them."),
            );
        }
        if needed && given.is_null() && existing.is_null() {
            report.refuse(
                Problem::new(summary!("The {name} is missing"))
                    .at(path.clone())
                    .why(format!("Neither {wo} nor {secret} is set."))
                    .fix(format!("Set {wo}, or {secret} where it is in a Secret already.")),
            );
        }
        if given.as_ref_option().is_some_and(String::is_empty) {
            report.refuse(
                Problem::new(summary!("The {name} is empty"))
                    .at(path)
                    .why("Loki's gateway would refuse it.")
                    .fix(format!("Set {wo}.")),
            );
        }
    }
}
