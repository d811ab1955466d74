//! The secrets of the store, as Loki's pods get them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::common::metadata;
use super::pod::{mount, secret_volume};
use crate::loki::object::{DATA_DIGEST, Object, data_digest};
use crate::loki::options::{AZURE_KEY, Credentials, GCS_KEY, Options, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, Storage};

const VOLUME: &str = "storage-credentials";
const DIRECTORY: &str = "/etc/loki/storage-credentials";
/// Changes when the user says that the secrets have: pods read them when they start only.
const VERSION: &str = "loki.grafana.com/storage-credentials-version";

/// The stack's own Secret; none where there is none, or another one.
pub fn secret(options: &Options) -> Option<Object> {
    match options.storage.credentials()? {
        Credentials::ExistingSecret(_) => None,
        Credentials::Given(values) => {
            Some(opaque(options, &options.storage_secret_name(), values, version_annotation(options)))
        }
    }
}

/// A Secret of the stack. `annotations` change with what is in it.
pub fn opaque(
    options: &Options,
    name: &str,
    values: &BTreeMap<String, String>,
    annotations: impl IntoIterator<Item = (String, Value)>,
) -> Object {
    with_data(metadata(options, name, None), values, annotations)
}

/// A Secret with that metadata, further annotations, and the digest of what is in it.
pub(crate) fn with_data(
    mut metadata: Value,
    values: &BTreeMap<String, String>,
    annotations: impl IntoIterator<Item = (String, Value)>,
) -> Object {
    let data: Value = values.iter().map(|(key, value)| (key.clone(), encoded(value))).collect::<Map<_, _>>().into();
    let mut all = Map::from_iter(annotations);
    all.insert(DATA_DIGEST.to_owned(), data_digest(&data).into());
    if let Value::Object(given) = metadata["annotations"].take() {
        all.extend(given);
    }
    metadata["annotations"] = all.into();
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        // Not `stringData`: the API server answers with this.
        "data": data,
    }))
}

fn encoded(value: &str) -> Value {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(value).into()
}

/// Environment variables of Loki's container.
pub fn env(options: &Options) -> Vec<Value> {
    let Some(secret) = secret_name(options) else { return Vec::new() };
    let from = |key: &str| json!({"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}});
    match &options.storage {
        Storage::S3(_) => vec![from(S3_ACCESS_KEY_ID), from(S3_SECRET_ACCESS_KEY)],
        Storage::Azure(_) => vec![from(AZURE_KEY)],
        Storage::Gcs(_) => {
            vec![json!({"name": "GOOGLE_APPLICATION_CREDENTIALS", "value": format!("{DIRECTORY}/{GCS_KEY}")})]
        }
        Storage::Filesystem => Vec::new(),
    }
}

/// The key of a Google service account is a file.
pub fn mount_of(options: &Options) -> Option<Value> {
    is_file(options).then(|| mount(VOLUME, DIRECTORY, true))
}

pub fn volume(options: &Options) -> Option<Value> {
    let secret = secret_name(options).filter(|_| is_file(options))?;
    Some(secret_volume(VOLUME, &secret))
}

/// What restarts the pods when the secrets have changed.
pub fn version_annotation(options: &Options) -> Option<(String, Value)> {
    let version = options.storage_credentials_version.as_ref()?;
    Some((VERSION.to_owned(), version.as_str().into()))
}

fn is_file(options: &Options) -> bool {
    matches!(options.storage, Storage::Gcs(_)) && options.storage.credentials().is_some()
}

fn secret_name(options: &Options) -> Option<String> {
    Some(match options.storage.credentials()? {
        Credentials::ExistingSecret(name) => name.clone(),
        Credentials::Given(_) => options.storage_secret_name(),
    })
}
