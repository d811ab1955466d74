use serde_json::{Value, json};

use super::common::{labels, texts};
use crate::loki::json::unless_empty;
use crate::loki::object::Object;
use crate::loki::options::{Options, Storage};

/// Names the role for the EKS pod identity webhook, where there is one.
pub const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";

/// The pods' identity. Loki never calls the API server, so no token of its audience is mounted.
pub fn service_account(options: &Options) -> Object {
    let account = &options.service_account;
    let mut annotations = texts(&options.annotations);
    annotations.extend(texts(&account.annotations));
    if let Some(role) = &account.role_arn {
        annotations.insert(ROLE_ANNOTATION.into(), Value::from(role.as_str()));
    }
    let identity = match &options.storage {
        // <https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>
        Storage::Gcs(gcs) => gcs.service_account.as_ref().map(|account| ("iam.gke.io/gcp-service-account", account)),
        // <https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>
        Storage::Azure(azure) => azure.client_id.as_ref().map(|id| ("azure.workload.identity/client-id", id)),
        Storage::S3(_) | Storage::Filesystem => None,
    };
    annotations.extend(identity.map(|(key, value)| (key.to_owned(), Value::from(value.as_str()))));
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": options.service_account_name(),
            "namespace": options.namespace,
            "labels": labels(options, None),
            "annotations": unless_empty(annotations),
        },
        "automountServiceAccountToken": false,
    }))
}
