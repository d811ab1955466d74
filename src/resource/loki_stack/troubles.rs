//! The cluster's errors as diagnostics.

use std::collections::BTreeSet;

use crate::kube::{Cluster, Error};
use crate::loki::{self, Object};
use crate::schema::{AttributePath, Problem, at};
use crate::summary::Summary;

/// The cluster does not answer.
pub(in crate::resource) fn unreachable(error: &Error, cluster: &dyn Cluster) -> Problem {
    Problem::new(summary!("The Kubernetes cluster cannot be used"))
        .why(format!("{}; the connection is that of {}.", capital(error), cluster.origin()))
        .fix(match remedy(error) {
            "" => "Check the kubernetes block of the provider configuration, and that the cluster runs.",
            remedy => remedy,
        })
}

/// Something failed that is about no attribute in particular.
pub(in crate::resource) fn failed(what: Summary, error: &Error) -> Problem {
    Problem::new(what).why(format!("{}.", capital(error))).fix(remedy(error))
}

/// The objects of a stack that could not be read, in one problem; none without failures.
pub(super) fn unreadable(
    wanted: &loki::Options,
    failures: &[(String, Error)],
    cluster: &dyn Cluster,
) -> Option<Problem> {
    let what = summary!("The stack {}/{} cannot be read", wanted.namespace, wanted.name);
    let denied: BTreeSet<String> = failures
        .iter()
        .filter(|(_, error)| matches!(error, Error::Forbidden { .. }))
        .map(|(_, error)| capital(error))
        .collect();
    let (key, error) =
        failures.iter().find(|(_, error)| !matches!(error, Error::Forbidden { .. })).or(failures.first())?;
    Some(match error {
        Error::Forbidden { .. } => Problem::new(what)
            .at(at("namespace"))
            .why(format!("{}.\nThe connection is that of {}.", Vec::from_iter(denied).join(".\n"), cluster.origin()))
            .fix(remedy(error)),
        // Whatever is asked for is refused alike.
        Error::Unreachable { .. } | Error::Unauthorized { .. } | Error::Credentials { .. } => {
            unreachable(error, cluster)
        }
        _ => Problem::new(what).why(format!("{key}: {}.", capital(error))).fix(remedy(error)),
    })
}

/// Whether Loki is healthy cannot be told, and will not be by asking again.
pub(super) fn unknown_health(error: &Error, cluster: &dyn Cluster) -> Problem {
    Problem::new(summary!("Whether Loki is healthy cannot be asked"))
        .why(format!("{}; the connection is that of {}.", capital(error), cluster.origin()))
        .fix(format!("What was deployed is kept in the state. {}", remedy(error)).trim_end())
}

/// What the user can do about it, where that follows from the error alone.
fn remedy(error: &Error) -> &'static str {
    match error {
        Error::Unreachable { .. } | Error::Timeout { .. } => {
            "Check the kubernetes block of the provider configuration, and that the cluster runs; then run Terraform again."
        }
        Error::Unauthorized { .. } | Error::Credentials { .. } => {
            "Check the credentials of the kubernetes block. A token must outlast the whole run: eks_cluster and exec get \
             new ones as they expire."
        }
        Error::Forbidden { .. } => {
            "Grant the permission to the user of the kubernetes block; the documentation of the resource lists all that it needs."
        }
        error if error.is_retryable() => "Run Terraform again once the cluster's API server is well.",
        _ => "",
    }
}

/// Whether the API server refuses because the fields of a StatefulSet cannot be changed in place.
pub(super) fn is_immutable(object: &Object, error: &Error) -> bool {
    // pkg/apis/apps/validation/validation.go, ValidateStatefulSetUpdate
    let text = "updates to statefulset spec for fields other than";
    object.kind() == "StatefulSet"
        && matches!(error, Error::Invalid { causes, .. } if causes.iter().any(|cause| cause.message.contains(text)))
}

/// The API server refuses an object.
pub(in crate::resource) fn refused(object: &Object, error: &Error) -> Problem {
    let subject = object.namespace().map_or_else(
        || format!("{} {}", object.kind(), object.name()),
        |namespace| format!("{} {namespace}/{}", object.kind(), object.name()),
    );
    let problem = failed(summary!("{subject} cannot be deployed"), error);
    match error {
        Error::Conflict { conflicts, .. } if conflicts.iter().any(|field| field.manager == "helm") => problem.fix(
            "A Helm release has made it. To go on with the release as this stack, import it and set helm_release; the guide \
             \"From the Helm chart\" has each step. Otherwise choose another name.",
        ),
        Error::Conflict { .. } => problem.at(at("force_conflicts")).fix(
            "Leave the field to its other manager, or set force_conflicts = true to take it over.",
        ),
        Error::UnknownKind { api_version, .. } => problem.at(attribute_of(object)).fix(missing_kind(api_version)),
        Error::NotFound { .. } => problem.at(at("namespace")).fix("Set create_namespace = true, or make it first."),
        Error::Denied { .. } => problem.at(attribute_of(object)).fix(
            "The rule is one of the cluster (quota, pod security, a policy webhook): ask its administrator, or change the \
             attributes that it is about.",
        ),
        Error::Invalid { .. } => problem.at(attribute_of(object)),
        _ => problem,
    }
}

/// StatefulSets that change where Kubernetes changes none.
pub(super) fn recreated(names: &[&str]) -> Problem {
    Problem::new(summary!("StatefulSet {} is recreated around its pods", names.join(", StatefulSet "))).why(
        "Fields change that Kubernetes does not change in place, such as the templates of claims. The StatefulSet is \
             deleted alone and made again; its pods run on and are then replaced one by one, and their volumes stay.",
    )
}

/// A kind that the stack has objects of does not exist in the cluster: what the user can do.
fn missing_kind(api_version: &str) -> String {
    let from = match api_version.split('/').next() {
        Some("monitoring.coreos.com") => "the Prometheus Operator (chart prometheus-operator-crds)",
        Some("gateway.networking.k8s.io") => "the Gateway API (standard-install.yaml of its release)",
        Some("keda.sh") => "KEDA (chart keda)",
        _ => "what brings it",
    };
    format!("Install {from} in the cluster first, or remove the attribute.")
}

/// A kind that the cluster does not serve yet.
pub(in crate::resource) fn unserved(object: &Object) -> Problem {
    let (kind, api_version) = (object.kind(), object.api_version());
    Problem::new(summary!("The cluster does not know the kind {kind} yet"))
        .at(attribute_of(object))
        .why(format!(
            "It serves no {kind} of {api_version}. Unless something else in this apply brings it, apply fails."
        ))
        .fix(missing_kind(api_version))
}

/// The attribute that an object follows from most directly.
fn attribute_of(object: &Object) -> AttributePath {
    match object.kind() {
        "Namespace" => at("namespace"),
        "ServiceAccount" => at("service_account"),
        "PodMonitor" => at("monitoring").attribute("pod_monitor"),
        "PrometheusRule" => at("monitoring").attribute("alerts"),
        "HTTPRoute" => at("gateway").attribute("http_route"),
        "Ingress" => at("gateway").attribute("ingress"),
        "HorizontalPodAutoscaler" | "ScaledObject" => at("components"),
        "NetworkPolicy" => at("network_policies"),
        _ => AttributePath::root(),
    }
}

/// The error's sentence with a capital letter, without its full stop.
pub(in crate::resource) fn capital(error: &Error) -> String {
    // A user's name is not to be changed.
    let user = if matches!(error, Error::Forbidden { .. }) { "User " } else { "" };
    let text = format!("{user}{error}");
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
