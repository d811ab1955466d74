//! `storage` as plain data, and what only its own shape can say.

use std::collections::BTreeMap;

use super::options::{flag, text, text_or};
use super::state::{Azure, Gcs, S3, Storage};
use crate::loki::options as o;
use crate::schema::{AttributePath, Diagnostics, Problem, Report, Value, at};

/// The store that is set; the pods' own volume where none is.
pub(super) fn storage(value: &Value<Storage>) -> o::Storage {
    match value.as_ref_option() {
        Some(Storage { s3: Value::Value(s3), .. }) => o::Storage::S3(bucket(s3)),
        Some(Storage { gcs: Value::Value(gcs), .. }) => o::Storage::Gcs(o::Gcs {
            bucket: text_or(&gcs.bucket, ""),
            service_account: text(&gcs.service_account),
            credentials: secrets_of_gcs(gcs).map(|it| it.plain()),
        }),
        Some(Storage { azure: Value::Value(azure), .. }) => o::Storage::Azure(o::Azure {
            account: text_or(&azure.account, ""),
            container: text_or(&azure.container, ""),
            endpoint_suffix: text(&azure.endpoint_suffix),
            managed_identity: text(&azure.managed_identity),
            client_id: text(&azure.client_id),
            credentials: secrets_of_azure(azure).map(|it| it.plain()),
        }),
        _ => o::Storage::Filesystem,
    }
}

fn bucket(s3: &S3) -> o::S3 {
    let endpoint = text(&s3.endpoint);
    o::S3 {
        bucket: text_or(&s3.bucket, ""),
        region: text_or(&s3.region, ""),
        force_path_style: flag(&s3.force_path_style, endpoint.is_some()),
        insecure: endpoint.as_deref().is_some_and(|url| url.starts_with("http://")),
        endpoint,
        sts_endpoint: text(&s3.sts_endpoint),
        credentials: secrets_of_s3(s3).map(|it| it.plain()),
    }
}

/// What changes when the secrets of the store do.
pub(super) fn credentials_version(value: &Value<Storage>) -> Option<String> {
    secrets(value.as_ref_option()?).and_then(|secrets| text(secrets.version))
}

/// `credentials` of whichever store.
struct Secrets<'a> {
    store: &'static str,
    existing: &'a Value<String>,
    version: &'a Value<String>,
    /// The attributes by the key that they have in a Secret.
    given: Vec<(&'static str, &'static str, &'a Value<String>)>,
}

fn secrets(storage: &Storage) -> Option<Secrets<'_>> {
    let s3 = storage.s3.as_ref_option().and_then(secrets_of_s3);
    let gcs = || storage.gcs.as_ref_option().and_then(secrets_of_gcs);
    let azure = || storage.azure.as_ref_option().and_then(secrets_of_azure);
    s3.or_else(gcs).or_else(azure)
}

fn secrets_of_s3(s3: &S3) -> Option<Secrets<'_>> {
    let credentials = s3.credentials.as_ref_option()?;
    Some(Secrets {
        store: "s3",
        existing: &credentials.existing_secret,
        version: &credentials.version,
        given: vec![
            ("access_key_id", o::S3_ACCESS_KEY_ID, &credentials.access_key_id),
            ("secret_access_key", o::S3_SECRET_ACCESS_KEY, &credentials.secret_access_key),
        ],
    })
}

fn secrets_of_gcs(gcs: &Gcs) -> Option<Secrets<'_>> {
    let credentials = gcs.credentials.as_ref_option()?;
    Some(Secrets {
        store: "gcs",
        existing: &credentials.existing_secret,
        version: &credentials.version,
        given: vec![("key", o::GCS_KEY, &credentials.key)],
    })
}

fn secrets_of_azure(azure: &Azure) -> Option<Secrets<'_>> {
    let credentials = azure.credentials.as_ref_option()?;
    Some(Secrets {
        store: "azure",
        existing: &credentials.existing_secret,
        version: &credentials.version,
        given: vec![("key", o::AZURE_KEY, &credentials.key)],
    })
}

impl Secrets<'_> {
    fn plain(&self) -> o::Credentials {
        match text(self.existing) {
            Some(name) => o::Credentials::ExistingSecret(name),
            None => {
                let values = self.given.iter().filter_map(|(_, key, value)| Some(((*key).to_owned(), text(value)?)));
                o::Credentials::Given(values.collect::<BTreeMap<_, _>>())
            }
        }
    }
}

/// What options cannot express: two stores, or none; secrets that are given twice, in part or not at all.
pub(super) fn shape(storage: &Storage, config: bool, report: &mut Diagnostics) {
    exactly_one(storage, report);
    let Some(secrets) = secrets(storage).filter(|_| config) else { return };
    let place = || AttributePath::root().attribute("storage").attribute(secrets.store).attribute("credentials");
    let set: Vec<_> = secrets.given.iter().filter(|(_, _, value)| !value.is_null()).map(|(name, ..)| *name).collect();
    let names = || secrets.given.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(" and ");
    if !secrets.existing.is_null() && !set.is_empty() {
        report.refuse(
            Problem::new(summary!("The credentials are given twice"))
                .at(place())
                .why(format!("existing_secret is set, and so is {}.", set.join(" and ")))
                .fix("Keep one of them."),
        );
    } else if secrets.existing.is_null() && set.len() < secrets.given.len() {
        report.refuse(
            Problem::new(summary!("The credentials are not whole"))
                .at(place())
                .why(format!("Without existing_secret, {} must be set.", names()))
                .fix(
                    "Set them, with a value that Terraform does not keep (an ephemeral one or a variable), or name a \
                     Secret that exists in existing_secret.",
                ),
        );
    }
}

fn exactly_one(storage: &Storage, report: &mut Diagnostics) {
    let stores = [
        ("s3", storage.s3.is_null()),
        ("gcs", storage.gcs.is_null()),
        ("azure", storage.azure.is_null()),
        ("filesystem", storage.filesystem.is_null()),
    ];
    let set: Vec<&str> = stores.iter().filter(|(_, null)| !null).map(|(name, _)| *name).collect();
    let why = match set.as_slice() {
        [] => "None of s3, gcs, azure and filesystem is set.".to_owned(),
        [_] => return,
        several => format!("These are set: {}.", several.join(", ")),
    };
    report.refuse(
        Problem::new(summary!("A stack has exactly one storage"))
            .at(at("storage"))
            .why(why)
            .fix("Set storage = { s3 = { bucket = …, region = … } }, or storage = { filesystem = {} } for a trial."),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::loki_stack::state::S3Credentials;

    fn value(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    #[test]
    fn a_plain_endpoint_means_path_style_without_tls() {
        let s3 =
            |endpoint: Value<String>| bucket(&S3 { bucket: value("b"), region: value("r"), endpoint, ..S3::default() });
        let moto = s3(value("http://10.0.0.1:5000"));
        assert!(moto.force_path_style && moto.insecure);
        let aws = s3(Value::Null);
        assert!(!aws.force_path_style && !aws.insecure);
    }

    #[test]
    fn credentials_are_whole_and_given_once() {
        let errors = |credentials: S3Credentials| {
            let s3 = S3 { credentials: Value::Value(credentials), ..S3::default() };
            let mut report = Diagnostics::default();
            shape(&Storage { s3: Value::Value(s3), ..Storage::default() }, true, &mut report);
            report.errors.into_iter().map(|error| error.summary).collect::<Vec<_>>()
        };
        let none = S3Credentials::default;
        assert_eq!(errors(none()), ["The credentials are not whole"]);
        assert_eq!(errors(S3Credentials { access_key_id: value("a"), ..none() }), ["The credentials are not whole"]);
        let given = || S3Credentials { access_key_id: value("a"), secret_access_key: Value::Unknown, ..none() };
        assert_eq!(errors(given()), [""; 0]);
        assert_eq!(errors(S3Credentials { existing_secret: value("keys"), ..none() }), [""; 0]);
        assert_eq!(
            errors(S3Credentials { existing_secret: value("keys"), ..given() }),
            ["The credentials are given twice"]
        );
    }
}
