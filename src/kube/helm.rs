//! Helm's releases, as the cluster tells of them.
//!
//! Helm keeps a record of each revision in a Secret or a ConfigMap (helm.sh/helm/v3, pkg/storage/driver): the release as
//! JSON, compressed, in base64.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::{Cluster, Error};

/// Annotation of every object of a release: the release's name.
pub const RELEASE: &str = "meta.helm.sh/release-name";
/// Annotation of every object of a release: the namespace of its records.
pub const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// A manifest with more is no chart's: a record must not fill the memory.
const BYTES: u64 = 64 << 20;

/// Kinds without a namespace that charts have.
const CLUSTER_SCOPED: [&str; 9] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "Namespace",
    "PersistentVolume",
    "PriorityClass",
    "SecurityContextConstraints",
    "StorageClass",
];

/// One revision of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// Its chart with its version, such as `loki-18.11.7`.
    pub chart: String,
    /// What Helm has made, with their namespaces.
    pub objects: Vec<Value>,
}

#[derive(Deserialize)]
struct Record {
    chart: Chart,
    manifest: String,
}

#[derive(Deserialize)]
struct Chart {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
}

/// The newest of a release's records, whatever became of it.
fn newest(records: &[Value]) -> Option<&Value> {
    let number = |it: &&Value| it["metadata"]["labels"]["version"].as_str().and_then(|text| text.parse::<u64>().ok());
    records.iter().max_by_key(number)
}

/// What became of a record's revision: `deployed`, `failed`, `pending-upgrade`…
fn status(record: &Value) -> &str {
    record["metadata"]["labels"]["status"].as_str().unwrap_or_default()
}

/// The records of a release's revisions.
///
/// # Errors
/// When they may not be listed.
pub async fn records(cluster: &dyn Cluster, namespace: &str, name: &str) -> Result<Vec<Value>, Error> {
    let selector = format!("owner=helm,name={name}");
    let list = |kind: &'static str| cluster.list("v1", kind, Some(namespace), Some(&selector));
    let secrets = list("Secret").await?;
    // Helm keeps them elsewhere where it is told to (HELM_DRIVER).
    if secrets.is_empty() { list("ConfigMap").await } else { Ok(secrets) }
}

impl Release {
    /// The revision that runs, of the records of all.
    ///
    /// # Errors
    /// Why there is none: Helm is at work, or has failed.
    pub fn running(records: &[Value], namespace: &str) -> Result<Self, &'static str> {
        let newest = newest(records).ok_or("there is none")?;
        match status(newest) {
            "deployed" => Self::read(newest, namespace),
            "failed" => Err("its revision has failed, so that what runs is a mixture"),
            status if status.starts_with("pending") => Err("Helm is at work, or was interrupted"),
            _ => Err("its revision is not deployed"),
        }
    }

    /// Reads a record: a Secret of the type `helm.sh/release.v1`, or the ConfigMap that Helm makes in its place.
    ///
    /// # Errors
    /// Why it is none that can be read. The text holds nothing of the record, which may have secrets.
    fn read(record: &Value, namespace: &str) -> Result<Self, &'static str> {
        let text = record["data"]["release"].as_str().ok_or("it has no data")?;
        let mut bytes = STANDARD.decode(text).map_err(|_| "its data is no base64")?;
        if record["kind"] == "Secret" {
            // Kubernetes' own base64 around Helm's.
            bytes = STANDARD.decode(bytes).map_err(|_| "its data is no base64")?;
        }
        let mut json = Vec::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let unpacked = flate2::read::GzDecoder::new(&bytes[..]).take(BYTES).read_to_end(&mut json);
            unpacked.map_err(|_| "it cannot be unpacked")?;
        } else {
            json = bytes;
        }
        let record: Record = serde_json::from_slice(&json).map_err(|_| "it is no record of Helm's")?;
        let objects: Vec<Value> =
            serde_saphyr::from_multiple(&record.manifest).map_err(|_| "its manifest is no YAML")?;
        let placed = objects.into_iter().filter(Value::is_object).map(|mut object| {
            let kind = object["kind"].as_str().unwrap_or_default();
            if object["metadata"]["namespace"].is_null() && !CLUSTER_SCOPED.contains(&kind) {
                object["metadata"]["namespace"] = namespace.into();
            }
            object
        });
        let Metadata { name, version } = record.chart.metadata;
        Ok(Release { chart: format!("{name}-{version}"), objects: placed.collect() })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;

    use super::*;

    fn record(kind: &str, manifest: &str) -> Value {
        let json = json!({"name": "loki", "version": 3, "manifest": manifest,
                          "chart": {"metadata": {"name": "loki", "version": "6.55.0"}, "templates": []}});
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(json.to_string().as_bytes()).unwrap();
        let text = STANDARD.encode(packer.finish().unwrap());
        let text = if kind == "Secret" { STANDARD.encode(text) } else { text };
        json!({"kind": kind, "metadata": {"labels": {"version": "3", "status": "deployed"}}, "data": {"release": text}})
    }

    const MANIFEST: &str = "---\n# Source: loki/templates/config.yaml\nkind: ConfigMap\nmetadata: {name: loki}\n---\n\
                            kind: ClusterRole\nmetadata: {name: loki-clusterrole}\n---\n---\nkind: Service\n\
                            metadata: {name: loki, namespace: other}\n";

    #[test]
    fn a_record_tells_the_objects_and_their_places() {
        for kind in ["Secret", "ConfigMap"] {
            let release = Release::read(&record(kind, MANIFEST), "logs").unwrap();
            let places: Vec<_> = release.objects.iter().map(|it| it["metadata"]["namespace"].as_str()).collect();
            assert_eq!(places, [Some("logs"), None, Some("other")], "{kind}");
            assert_eq!(release.chart, "loki-6.55.0");
        }
    }

    #[test]
    fn what_is_no_record_says_why() {
        assert_eq!(Release::read(&json!({}), "logs"), Err("it has no data"));
        let odd = json!({"kind": "ConfigMap", "data": {"release": STANDARD.encode("{}")}});
        assert_eq!(Release::read(&odd, "logs"), Err("it is no record of Helm's"));
        assert_eq!(Release::read(&record("Secret", "a: ["), "logs"), Err("its manifest is no YAML"));
    }

    #[test]
    fn the_newest_record_counts_by_number() {
        let of = |version: &str, status: &str| json!({"metadata": {"labels": {"version": version, "status": status}}});
        let records = [of("9", "superseded"), of("10", "deployed"), of("2", "superseded")];
        assert_eq!(newest(&records).map(status), Some("deployed"));
        assert_eq!(newest(&[]), None);
    }

    #[test]
    fn a_release_that_helm_works_on_is_not_read() {
        let of = |status: &str| json!({"metadata": {"labels": {"version": "2", "status": status}}});
        let why = |records: &[Value]| Release::running(records, "logs").unwrap_err();
        assert_eq!(why(&[of("pending-upgrade")]), "Helm is at work, or was interrupted");
        assert_eq!(why(&[]), "there is none");
        assert!(Release::running(&[record("Secret", MANIFEST)], "logs").is_ok());
    }
}
