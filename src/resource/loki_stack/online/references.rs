//! What the stack refers to and does not make: it may yet be made in the same apply, so that it is missing is a warning.

use futures::future::join_all;
use serde_json::Value;

use crate::kube::{Cluster, Error, ObjectRef};
use crate::loki::finding::Finding;
use crate::loki::manifests::GATEWAY_USERS_FILE;
use crate::loki::options::{self as o, Credentials, Options, Storage};
use crate::loki::{Object, components::Kind};

/// An object that must be there, with the keys that it must hold.
struct Reference {
    object: ObjectRef,
    keys: Vec<&'static str>,
    path: &'static str,
    /// What fails without it.
    why: &'static str,
}

/// What is referred to and is not there, or is not what it must be. Who may not read an object is not told.
pub(super) async fn missing(cluster: &dyn Cluster, options: &Options, rendered: &[Object]) -> Vec<Finding> {
    let references = of(options, rendered);
    let looks = join_all(references.iter().map(|reference| cluster.get(&reference.object))).await;
    references.iter().zip(looks).filter_map(|(reference, look)| judge(reference, look)).collect()
}

fn judge(reference: &Reference, look: Result<Option<Value>, Error>) -> Option<Finding> {
    let object = &reference.object;
    let live = match look {
        Ok(Some(live)) => live,
        Ok(None) => {
            let why =
                format!("{} Unless something else in this apply makes it, the stack does not start.", reference.why);
            return Some(
                Finding::warning(summary!("{object} does not exist yet"), why, "Make it, or name another one.")
                    .at(reference.path),
            );
        }
        Err(_) => return None,
    };
    let lacking: Vec<&str> = reference.keys.iter().copied().filter(|key| live["data"][*key].is_null()).collect();
    (!lacking.is_empty()).then(|| {
        let why = format!("{} It has no key {}.", reference.why, lacking.join(" and "));
        Finding::error(summary!("{object} does not hold what it must"), why, "Add it to the Secret.").at(reference.path)
    })
}

fn of(options: &Options, rendered: &[Object]) -> Vec<Reference> {
    let namespaced = |kind: &str, name: &str| ObjectRef::namespaced("v1", kind, &options.namespace, name);
    let mut references = Vec::new();
    let mut secret = |name: &str, keys: Vec<&'static str>, path: &'static str, why: &'static str| {
        references.push(Reference { object: namespaced("Secret", name), keys, path, why });
    };
    if let Some(Credentials::ExistingSecret(name)) = options.storage.credentials() {
        let (keys, path) = match &options.storage {
            Storage::S3(_) => {
                (vec![o::S3_ACCESS_KEY_ID, o::S3_SECRET_ACCESS_KEY], "storage.s3.credentials.existing_secret")
            }
            Storage::Gcs(_) => (vec![o::GCS_KEY], "storage.gcs.credentials.existing_secret"),
            Storage::Azure(_) | Storage::Filesystem => {
                (vec![o::AZURE_KEY], "storage.azure.credentials.existing_secret")
            }
        };
        secret(name, keys, path, "Loki's pods get the credentials of the store from it.");
    }
    for name in &options.image_pull_secrets {
        secret(name, vec![], "image_pull_secrets", "The nodes fetch the images with it.");
    }
    if let Some(gateway) = &options.gateway {
        if let Some(name) = &gateway.users_secret {
            secret(name, vec![GATEWAY_USERS_FILE], "gateway.users_secret", "The gateway reads its users from it.");
        }
        if let Some(name) = &gateway.tls_secret {
            secret(name, vec!["tls.crt", "tls.key"], "gateway.tls_secret", "The gateway has its certificate from it.");
        }
        let dns = gateway.dns_service.as_deref().unwrap_or(o::DNS_SERVICE);
        if let Some((name, namespace)) = dns.split_once('.') {
            references.push(Reference {
                object: ObjectRef::namespaced("v1", "Service", namespace, name),
                keys: vec![],
                path: "gateway.dns_service",
                why: "nginx asks it for the addresses of Loki's components, and does not start without it.",
            });
        }
    }
    if !options.service_account.create {
        references.push(Reference {
            object: namespaced("ServiceAccount", options.service_account_name()),
            keys: vec![],
            path: "service_account.name",
            why: "The pods run as it, since service_account.create is false.",
        });
    }
    let cluster_wide = |api: &str, kind: &str, name: &str| ObjectRef::cluster_scoped(api, kind, name);
    let components = options.components();
    let stateful = components.iter().filter(|it| it.kind == Kind::StatefulSet && it.persistence.enabled);
    let mut classes: Vec<&str> =
        stateful.filter_map(|it| it.persistence.storage_class.as_deref()).filter(|class| !class.is_empty()).collect();
    classes.sort_unstable();
    classes.dedup();
    references.extend(classes.into_iter().map(|class| Reference {
        object: cluster_wide("storage.k8s.io/v1", "StorageClass", class),
        keys: vec![],
        path: "persistence.storage_class",
        why: "The pods' volumes are of that class.",
    }));
    references.extend(options.priority_class_name.as_deref().map(|class| Reference {
        object: cluster_wide("scheduling.k8s.io/v1", "PriorityClass", class),
        keys: vec![],
        path: "priority_class_name",
        why: "Kubernetes admits no pods of a priority class that is not there.",
    }));
    // What the stack makes itself is no reference.
    let own = |reference: &Reference| {
        rendered.iter().any(|object| object.kind() == reference.object.kind && object.name() == reference.object.name)
    };
    references.retain(|reference| !own(reference));
    references
}
