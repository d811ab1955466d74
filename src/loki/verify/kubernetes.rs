//! What Kubernetes takes: names, labels, annotations, quantities, tolerations
//! (apimachinery, `util/validation`).

use std::collections::BTreeMap;

use crate::loki::finding::{Finding, Step};
use crate::loki::options::{Resources, Toleration};
use crate::loki::quantity::Quantity;

/// Longest name of a stack: `<name>-memberlist` is a service, and a name of a service has at most 63
/// characters. (`<name>-<revision>`, a label of a StatefulSet's pods, leaves as many.)
const NAME_LIMIT: usize = 63 - "-memberlist".len();
const LABEL_LIMIT: usize = 63;
const SUBDOMAIN_LIMIT: usize = 253;
/// Labels that selectors or the provider rely on.
const OWN_LABELS: [&str; 6] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/version",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/part-of",
];

/// The name of a stack: services are named after it, so it starts with a letter (RFC 1035).
pub fn name(text: &str) -> Option<Finding> {
    let valid = dns_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase());
    (!valid || text.len() > NAME_LIMIT).then(|| {
        Finding::error(
            summary!("{text:?} cannot be the name of a stack"),
            format!(
                "Services are named after it: lower-case letters, digits and hyphens, starting with a \
                 letter and ending with a letter or digit, at most {NAME_LIMIT} characters, since \
                 \"<name>-memberlist\" may have {LABEL_LIMIT}."
            ),
            "Choose such a name, for example \"loki\".",
        )
    })
}

/// A namespace's name (DNS-1123 label).
pub fn namespace(text: &str) -> Option<Finding> {
    (!dns_label(text)).then(|| {
        Finding::error(
            summary!("{text:?} cannot be the name of a namespace"),
            format!(
                "Kubernetes takes lower-case letters, digits and hyphens, starting and ending with a \
                 letter or digit, at most {LABEL_LIMIT} characters (DNS-1123 label)."
            ),
            "Name an existing namespace, or one to create, in this form.",
        )
    })
}

/// The name of most objects (DNS-1123 subdomain).
pub fn dns_subdomain(text: &str) -> Option<Finding> {
    let valid = text.len() <= SUBDOMAIN_LIMIT && text.split('.').all(dns_part);
    (!valid).then(|| {
        Finding::error(
            summary!("{text:?} is no valid name"),
            format!(
                "Kubernetes takes lower-case letters, digits, hyphens and dots, each part starting and \
                 ending with a letter or digit, at most {SUBDOMAIN_LIMIT} characters (DNS-1123 subdomain)."
            ),
            "Write the name in this form.",
        )
    })
}

/// An image's repository or reference, as far as its form tells.
pub fn image(text: &str) -> Option<Finding> {
    let repository = text.split('@').next().unwrap_or_default();
    let valid = !repository.is_empty()
        && !text.contains("://")
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && !text.starts_with(['/', ':', '.'])
        && !text.ends_with(['/', ':', '@']);
    (!valid).then(|| {
        Finding::error(
            summary!("{text:?} is no image"),
            "An image is [registry/]repository[:tag][@digest], without a scheme and without spaces.",
            "Name a repository, to which Loki's version is added as tag, or a whole reference.",
        )
    })
}

/// Labels of the user's own. Paths start at the key.
pub fn labels(labels: &BTreeMap<String, String>) -> Vec<Finding> {
    let own = labels.keys().filter(|key| OWN_LABELS.contains(&key.as_str())).map(|key| {
        Finding::error(
            summary!("The label {key} is the provider's"),
            "Selectors of services, workloads and budgets rely on it, and selectors cannot change.",
            "Use a key of your own.",
        )
        .under([Step::Key(key.clone())])
    });
    own.chain(node_selector(labels)).collect()
}

/// Keys and values with the grammar of labels. Paths start at the key.
pub fn node_selector(labels: &BTreeMap<String, String>) -> Vec<Finding> {
    let values = labels.iter().filter(|(_, value)| !label_value(value)).map(|(key, value)| {
        Finding::error(
            summary!("{value:?} cannot be the value of a label"),
            format!(
                "Kubernetes takes letters, digits, hyphens, underscores and dots, starting and ending with \
                 a letter or digit, at most {LABEL_LIMIT} characters."
            ),
            "Write the value in this form; for free text use an annotation.",
        )
        .under([Step::Key(key.clone())])
    });
    annotations(labels).into_iter().chain(values).collect()
}

/// Annotations, whose keys have the grammar of labels' keys. Paths start at the key.
pub fn annotations(annotations: &BTreeMap<String, String>) -> Vec<Finding> {
    let wrong = annotations.keys().filter(|key| !qualified_name(key));
    wrong.map(|key| key_finding(key).under([Step::Key(key.clone())])).collect()
}

fn key_finding(key: &str) -> Finding {
    Finding::error(
        summary!("{key:?} cannot be a key"),
        format!(
            "Kubernetes takes [prefix/]name: the name as a label's value, the prefix a DNS-1123 subdomain; \
             at most {LABEL_LIMIT} and {SUBDOMAIN_LIMIT} characters."
        ),
        "Write the key in this form, for example \"example.com/team\".",
    )
}

/// An amount above zero.
pub fn quantity(text: &str) -> Option<Finding> {
    let why = "Kubernetes reads a number with an optional suffix: n u m k M G T P E, or Ki Mi Gi Ti Pi Ei \
               for powers of 1024.";
    match Quantity::parse(text) {
        Some(quantity) if quantity.is_zero() => Some(Finding::error(
            summary!("The amount {text:?} is nothing"),
            "The amount must be above zero.",
            "Give one.",
        )),
        Some(_) => None,
        None => Some(Finding::error(
            summary!("{text:?} is no quantity"),
            why,
            "Write it for example as \"10Gi\", \"512Mi\", \"2\" or \"500m\".",
        )),
    }
}

/// Requests and limits of a container.
pub fn resources(resources: &Resources) -> Vec<Finding> {
    let (requests, limits) = (&resources.requests, &resources.limits);
    let amounts = [
        ("resources.requests.cpu", &requests.cpu),
        ("resources.requests.memory", &requests.memory),
        ("resources.limits.cpu", &limits.cpu),
        ("resources.limits.memory", &limits.memory),
    ];
    let mut findings: Vec<_> =
        amounts.into_iter().filter_map(|(path, amount)| Some(quantity(amount.as_deref()?)?.at(path))).collect();
    for (of, requested, request, limited, limit) in [
        ("CPU", amounts[0].0, &requests.cpu, amounts[2].0, &limits.cpu),
        ("memory", amounts[1].0, &requests.memory, amounts[3].0, &limits.memory),
    ] {
        let (Some(request), Some(limit)) = (request.as_deref(), limit.as_deref()) else { continue };
        let (Some(more), Some(less)) = (Quantity::parse(request), Quantity::parse(limit)) else { continue };
        if more > less {
            findings.push(
                Finding::error(
                    summary!("The {of} request {request} exceeds the limit {limit}"),
                    "Kubernetes refuses such a pod: must be less than or equal to the limit.",
                    "Lower the request or raise the limit.",
                )
                .at(requested)
                .and(limited),
            );
        }
    }
    findings
}

/// Tolerations (core validation, `ValidateTolerations`).
pub fn tolerations(tolerations: &[Toleration]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, toleration) in tolerations.iter().enumerate() {
        let operator = toleration.operator.as_deref().unwrap_or("Equal");
        let effect = toleration.effect.as_deref().unwrap_or_default();
        let key = toleration.key.as_deref().unwrap_or_default();
        let wrong = if !["Equal", "Exists"].contains(&operator) {
            Some(("operator is neither Equal nor Exists", "Use one of them."))
        } else if !["", "NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect) {
            Some(("effect is none of NoSchedule, PreferNoSchedule and NoExecute", "Use one of them, or none for all."))
        } else if key.is_empty() && operator != "Exists" {
            Some(("key is missing, which only operator Exists allows", "Give a key, or operator = \"Exists\"."))
        } else if operator == "Exists" && toleration.value.as_deref().is_some_and(|value| !value.is_empty()) {
            Some(("value is given together with operator Exists", "Remove the value, or the operator."))
        } else if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            Some(("toleration_seconds is given without effect NoExecute", "Remove it, or set the effect."))
        } else if !key.is_empty() && !qualified_name(key) {
            Some(("key is no label key", "Write it as [prefix/]name."))
        } else {
            None
        };
        findings.extend(wrong.map(|(what, fix)| {
            Finding::error(
                summary!("Kubernetes would refuse this toleration: {what}"),
                "A toleration names a taint of nodes by key, value and effect.",
                fix,
            )
            .under([Step::Attribute("tolerations"), Step::Index(index)])
        }));
    }
    findings
}

fn dns_label(text: &str) -> bool {
    text.len() <= LABEL_LIMIT && dns_part(text)
}

fn dns_part(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn label_value(text: &str) -> bool {
    text.is_empty() || label_name(text)
}

fn label_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= LABEL_LIMIT && text.bytes().all(inner) && edge(text.bytes().next()) && edge(text.bytes().last())
}

fn qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        None => label_name(text),
        Some((prefix, name)) => dns_subdomain(prefix).is_none() && label_name(name),
    }
}

#[cfg(test)]
#[path = "kubernetes_tests.rs"]
mod tests;
