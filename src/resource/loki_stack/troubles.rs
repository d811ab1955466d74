//! The cluster's errors as diagnostics.

use crate::kube::{Cluster, Error};
use crate::loki::Object;
use crate::schema::{AttributePath, Problem, at};

/// The cluster does not answer.
pub(super) fn unreachable(error: &Error, cluster: &dyn Cluster) -> Problem {
    Problem::new("The Kubernetes cluster cannot be used")
        .why(format!("{}; the connection is that of {}.", capital(error), cluster.origin()))
        .fix("Check the kubernetes block of the provider configuration, and that the cluster runs.")
}

/// Something failed that is about no object in particular.
pub(super) fn failed(what: &str, error: &Error) -> Problem {
    Problem::new(what).why(format!("{}.", capital(error)))
}

/// Whether the API server refuses because the fields of a StatefulSet cannot be changed in place.
pub(super) fn is_immutable(object: &Object, error: &Error) -> bool {
    // pkg/apis/apps/validation/validation.go, ValidateStatefulSetUpdate
    let text = "updates to statefulset spec for fields other than";
    object.kind() == "StatefulSet"
        && matches!(error, Error::Invalid { causes, .. } if causes.iter().any(|cause| cause.message.contains(text)))
}

/// The API server refuses an object.
pub(super) fn refused(object: &Object, error: &Error) -> Problem {
    let subject = object.namespace().map_or_else(
        || format!("{} {}", object.kind(), object.name()),
        |namespace| format!("{} {namespace}/{}", object.kind(), object.name()),
    );
    let problem = Problem::new(format!("{subject} cannot be deployed")).why(format!("{}.", capital(error)));
    match error {
        Error::Conflict { .. } => problem.at(at("force_conflicts")).fix(
            "Leave the field to its other manager, or set force_conflicts = true to take it over.",
        ),
        Error::Forbidden { .. } => problem.fix(
            "Grant the permission to the user of the kubernetes block; docs/resources/stack.md lists all that are needed.",
        ),
        Error::NotFound { .. } => problem.at(at("namespace")).fix("Set create_namespace = true, or make it first."),
        Error::Denied { .. } => problem.at(attribute_of(object)).fix(
            "The rule is one of the cluster (quota, pod security, a policy webhook): ask its administrator, or change the \
             attributes that it is about.",
        ),
        Error::Invalid { .. } => problem.at(attribute_of(object)),
        _ => problem,
    }
}

/// The attribute that an object follows from most directly.
fn attribute_of(object: &Object) -> AttributePath {
    match object.kind() {
        "Namespace" => at("namespace"),
        "ServiceAccount" => at("service_account"),
        _ => AttributePath::root(),
    }
}

/// The error's sentence with a capital letter, without its full stop.
pub(super) fn capital(error: &Error) -> String {
    // A user's name is not to be changed.
    let user = if matches!(error, Error::Forbidden { .. }) { "User " } else { "" };
    let text = format!("{user}{error}");
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
