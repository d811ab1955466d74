//! From the resource's attributes to the agent's options.

use std::collections::BTreeMap;

use super::attributes::{LogAgent, SecretKey};
use super::stages::stage;
use crate::agent::options::{self as o, Source};
use crate::agent::{Kind, Options};
use crate::loki::quantity::Quantity;
use crate::resource::loki_stack::{flag, list, map, resources, text, text_or, tolerations};
use crate::schema::{Int, Value};

/// The options that a state describes. What is null or unknown takes the option's default.
pub(super) fn options(state: &LogAgent) -> Options {
    let default = Options::default();
    let kind = kind(state);
    let account = state.service_account.clone().unwrap_or_default();
    let strategy = state.update_strategy.clone().unwrap_or_default();
    let given = sources(&state.kubernetes_labels);
    Options {
        name: text_or(&state.name, &default.name),
        namespace: text_or(&state.namespace, &default.namespace),
        create_namespace: flag(&state.create_namespace, false),
        kind,
        version: text(&state.version),
        image: text(&state.image),
        image_pull_secrets: list(&state.image_pull_secrets),
        push_url: text_or(&state.push_url, ""),
        tenant_id: text(&state.tenant_id),
        auth: auth(state),
        tls: tls(state),
        credentials_version: version(state),
        labels: map(&state.labels),
        kubernetes_labels: if state.kubernetes_labels.as_ref_option().is_some() {
            given
        } else {
            Options::usual_labels(kind)
        },
        structured_metadata: sources(&state.structured_metadata),
        pod_logs: text_or(&state.pod_logs_path, &default.pod_logs),
        pods: o::Pods {
            namespaces: list(&state.namespaces),
            exclude_namespaces: list(&state.exclude_namespaces),
            label_selector: text(&state.label_selector),
            field_selector: text(&state.field_selector),
        },
        multiline: state.multiline.as_ref_option().map(|it| o::Multiline {
            first_line: text_or(&it.first_line, ""),
            max_wait: milliseconds(&it.max_wait).unwrap_or(3000),
            max_lines: number(&it.max_lines).unwrap_or(128),
        }),
        stages: state
            .stages
            .as_ref_option()
            .into_iter()
            .flatten()
            .filter_map(Value::as_ref_option)
            .filter_map(stage)
            .collect(),
        relabel: state
            .relabel
            .as_ref_option()
            .into_iter()
            .flatten()
            .filter_map(Value::as_ref_option)
            .map(relabel)
            .collect(),
        batch: state.batch.as_ref_option().map_or_else(
            || default.batch.clone(),
            |it| o::Batch {
                size: bytes(&it.size).unwrap_or(default.batch.size),
                wait: milliseconds(&it.wait).unwrap_or(default.batch.wait),
            },
        ),
        retry: state.retry.as_ref_option().map_or_else(
            || default.retry.clone(),
            |it| o::Retry {
                min_backoff: milliseconds(&it.min_backoff).unwrap_or(default.retry.min_backoff),
                max_backoff: milliseconds(&it.max_backoff).unwrap_or(default.retry.max_backoff),
                max_retries: number(&it.max_retries).unwrap_or(0),
            },
        ),
        buffer: bytes(&state.buffer),
        compression: text(&state.compression),
        decompress: flag(&state.decompress, false),
        out_of_order: text(&state.out_of_order),
        journal: state.journal.as_ref_option().map(|it| o::Journal {
            path: text_or(&it.path, "/var/log/journal"),
            units: list(&it.units),
            labels: map(&it.labels),
        }),
        events: state
            .kubernetes_events
            .as_ref_option()
            .map(|it| o::Events { namespaces: list(&it.namespaces), labels: map(&it.labels) }),
        audit: state.audit_logs.as_ref_option().map(|it| o::Audit {
            path: text_or(&it.path, "/var/log/kubernetes/audit/audit.log"),
            labels: map(&it.labels),
        }),
        extra_config: text(&state.extra_config),
        workload: o::Workload {
            resources: resources(&state.resources.clone().unwrap_or_default()),
            tolerations: state.tolerations.as_ref_option().map(|_| tolerations(&state.tolerations)),
            node_selector: map(&state.node_selector),
            priority_class_name: text(&state.priority_class_name),
            max_unavailable: text_or(&strategy.max_unavailable, "1"),
            create_service_account: flag(&account.create, true),
            service_account: text(&account.name),
            host_paths: list(&state.host_paths),
            pod_monitor: state
                .pod_monitor
                .as_ref_option()
                .map(|it| crate::loki::options::PodMonitor { interval: text(&it.interval), labels: map(&it.labels) }),
            security_context: text(&state.security_context)
                .and_then(|text| serde_saphyr::from_str(&text).ok())
                .unwrap_or_default(),
            labels: map(&state.object_labels),
            annotations: map(&state.annotations),
            pod_annotations: map(&state.pod_annotations),
        },
    }
}

/// The kind; the default one where it is not known, or none of them.
pub(super) fn kind(state: &LogAgent) -> Kind {
    text(&state.kind).as_deref().and_then(Kind::named).unwrap_or_default()
}

fn sources(value: &Value<BTreeMap<String, Value<String>>>) -> BTreeMap<String, Source> {
    map(value).into_iter().filter_map(|(name, text)| Some((name, Source::parse(&text)?))).collect()
}

fn auth(state: &LogAgent) -> o::Auth {
    if let Some(basic) = state.basic_auth.as_ref_option() {
        return o::Auth::Basic {
            username: text_or(&basic.username, "unknown"),
            password: secret(&basic.password_secret, &basic.password_wo),
        };
    }
    let bearer = state.bearer_token.as_ref_option();
    bearer.map_or(o::Auth::None, |bearer| o::Auth::Bearer(secret(&bearer.token_secret, &bearer.token_wo)))
}

/// The secret; an empty one where it is given, and stands in the configuration alone.
fn secret(existing: &Value<SecretKey>, given: &Value<String>) -> o::Secret {
    match existing.as_ref_option() {
        Some(of) => o::Secret::Existing { name: text_or(&of.name, ""), key: text_or(&of.key, "") },
        None => o::Secret::Given(text_or(given, "")),
    }
}

fn tls(state: &LogAgent) -> o::Tls {
    let Some(tls) = state.tls.as_ref_option() else { return o::Tls::default() };
    let keyed = !tls.key_secret.is_null() || !tls.key_wo.is_null() || !tls.key_wo_version.is_null();
    // A key that was given is known while it is applied only, and goes with a certificate.
    let keyed = keyed || !tls.certificate.is_null();
    o::Tls {
        ca: text(&tls.ca),
        server_name: text(&tls.server_name),
        insecure_skip_verify: flag(&tls.insecure_skip_verify, false),
        certificate: text(&tls.certificate),
        key: keyed.then(|| secret(&tls.key_secret, &tls.key_wo)),
    }
}

/// Changes with any of the secrets that are given.
fn version(state: &LogAgent) -> Option<String> {
    let of = [
        state.basic_auth.as_ref_option().map(|it| &it.password_wo_version),
        state.bearer_token.as_ref_option().map(|it| &it.token_wo_version),
        state.tls.as_ref_option().map(|it| &it.key_wo_version),
    ];
    let texts: Vec<_> =
        of.into_iter().flatten().filter_map(Value::as_ref_option).map(|version| version.get().to_string()).collect();
    (!texts.is_empty()).then(|| texts.join("-"))
}

fn relabel(rule: &super::attributes::Relabel) -> o::Relabel {
    o::Relabel {
        source_labels: list(&rule.source_labels),
        separator: text(&rule.separator),
        regex: text(&rule.regex),
        action: text(&rule.action),
        target_label: text(&rule.target_label),
        replacement: text(&rule.replacement),
    }
}

/// A duration of Go's, above zero.
pub(super) fn milliseconds(value: &Value<String>) -> Option<u64> {
    let nanoseconds = crate::loki::config_file::grammar::duration::go(value.as_ref_option()?)?;
    u64::try_from(nanoseconds / 1_000_000).ok().filter(|milliseconds| *milliseconds > 0)
}

/// A Kubernetes quantity of whole bytes, above zero.
pub(super) fn bytes(value: &Value<String>) -> Option<u64> {
    u64::try_from(Quantity::parse(value.as_ref_option()?)?.units()).ok().filter(|bytes| *bytes > 0)
}

fn number(value: &Value<Int>) -> Option<u64> {
    value.as_ref_option().and_then(|value| u64::try_from(value.get()).ok())
}
