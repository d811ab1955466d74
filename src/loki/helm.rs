//! What a stack that goes on with a release of the community Helm chart has to know of its objects.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::options::{Azure, Gcs, S3, SchemaPeriod, Storage};

/// Kinds that outlive a release here: data, or what others may be using.
const KEPT: [&str; 7] = [
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "Namespace",
    "CustomResourceDefinition",
    "PriorityClass",
    "Job",
];

/// Whether an object of a release is never deleted: it is data, others may use it, or its author wants it kept
/// (<https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource>).
pub fn is_kept(object: &Value) -> bool {
    let policy = &object["metadata"]["annotations"]["helm.sh/resource-policy"];
    KEPT.iter().any(|kind| object["kind"] == *kind) || policy == "keep"
}

/// Loki's configuration file in an object of the chart's: a ConfigMap, or a Secret.
pub fn config_in(object: &Value) -> Option<String> {
    let text = object["data"]["config.yaml"].as_str()?;
    match object["kind"].as_str() {
        Some("Secret") => String::from_utf8(STANDARD.decode(text).ok()?).ok(),
        Some("ConfigMap") => Some(text.to_owned()),
        _ => None,
    }
}

/// What a configuration file tells of where the logs are, which whoever goes on with it must not change unawares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Schema periods, oldest first.
    pub schema: Vec<SchemaPeriod>,
    /// Where chunks and index are; none where the file does not say it plainly.
    pub storage: Option<Storage>,
    /// Whether there are tenants.
    pub auth_enabled: bool,
    /// What keeps its rings apart from others'.
    pub cluster_label: String,
}

/// Reads a configuration file as far as [`Told`] goes; what cannot be read tells nothing.
pub fn told(config: &str) -> Told {
    let file: Value = serde_saphyr::from_str(config).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let default = SchemaPeriod::default();
    let period = |of: &Value| SchemaPeriod {
        from: text(&of["from"]).unwrap_or_default(),
        version: text(&of["schema"]).unwrap_or_default(),
        store: text(&of["store"]).unwrap_or_default(),
        // Loki's own default is none (pkg/storage/config/schema_config.go).
        index_prefix: text(&of["index"]["prefix"]).unwrap_or_default(),
    };
    let periods = file["schema_config"]["configs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut schema: Vec<SchemaPeriod> =
        periods.iter().map(period).filter(|it| it.from.len() >= default.from.len()).collect();
    schema.sort_by(|a, b| a.from.cmp(&b.from));
    let kind = periods.last().and_then(|it| it["object_store"].as_str()).unwrap_or_default();
    Told {
        schema,
        storage: storage(&file, kind),
        // Loki's own default.
        auth_enabled: file["auth_enabled"].as_bool().unwrap_or(true),
        cluster_label: text(&file["memberlist"]["cluster_label"]).unwrap_or_default(),
    }
}

fn storage(file: &Value, kind: &str) -> Option<Storage> {
    let thanos = file["storage_config"]["use_thanos_objstore"] == true;
    let object_store = match thanos {
        true => [&file["storage_config"]["object_store"], &file["common"]["storage"]["object_store"]],
        false => [&file["common"]["storage"], &file["storage_config"]],
    };
    // A section of the store's own goes before the common one.
    let find = |sections: &[&str], keys: &[&str]| {
        let places = object_store.iter().rev().flat_map(|it| sections.iter().map(|section| &it[*section]));
        places.flat_map(|place| keys.iter().map(|key| &place[*key])).find_map(Value::as_str).map(str::to_owned)
    };
    match kind {
        "s3" | "aws" => {
            let of = |keys: &[&str]| find(&["s3", "aws"], keys);
            let endpoint = of(&["endpoint"]).filter(|endpoint| !endpoint.is_empty());
            let plain = object_store.iter().any(|it| it["s3"]["insecure"] == true || it["aws"]["insecure"] == true);
            let scheme = if plain { "http" } else { "https" };
            Some(Storage::S3(S3 {
                bucket: of(&["bucketnames", "bucket_name"])?,
                region: of(&["region"]).unwrap_or_default(),
                endpoint: endpoint.map(|it| if it.contains("://") { it } else { format!("{scheme}://{it}") }),
                ..S3::default()
            }))
        }
        "gcs" => Some(Storage::Gcs(Gcs { bucket: find(&["gcs"], &["bucket_name"])?, ..Gcs::default() })),
        "azure" => {
            let of = |key: &str| find(&["azure"], &[key]);
            Some(Storage::Azure(Azure {
                account: of("account_name")?,
                container: of("container_name")?,
                ..Azure::default()
            }))
        }
        "filesystem" => Some(Storage::Filesystem),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_and_what_its_author_keeps_stay() {
        let keep = json!({"helm.sh/resource-policy": "keep"});
        assert!(is_kept(&json!({"kind": "Secret", "metadata": {"annotations": keep}})));
        assert!(is_kept(&json!({"kind": "PersistentVolumeClaim"})));
        assert!(!is_kept(&json!({"kind": "StatefulSet"})));
    }

    #[test]
    fn a_configuration_tells_where_the_logs_are() {
        let told = told(
            "auth_enabled: false\ncommon:\n  storage:\n    s3:\n      bucketnames: logs\n      endpoint: minio:9000\n      \
             insecure: true\n      region: eu-central-1\nmemberlist:\n  cluster_label: a\nschema_config:\n  configs:\n  - \
             from: 2024-04-01\n    object_store: s3\n    schema: v13\n    store: tsdb\n    index:\n      prefix: loki_index_\n",
        );
        let period = SchemaPeriod { index_prefix: "loki_index_".into(), ..SchemaPeriod::default() };
        assert_eq!((told.schema, told.auth_enabled, told.cluster_label.as_str()), (vec![period], false, "a"));
        let Some(Storage::S3(s3)) = told.storage else { panic!("a bucket") };
        assert_eq!((s3.bucket.as_str(), s3.endpoint.as_deref()), ("logs", Some("http://minio:9000")));
    }

    #[test]
    fn a_stores_own_section_goes_before_the_common_one() {
        let file = |more: &str| {
            let periods = "schema_config: {configs: [{from: 2024-04-01, object_store: gcs}]}";
            told(&format!("{periods}\ncommon: {{storage: {{gcs: {{bucket_name: a}}}}}}\n{more}")).storage
        };
        let bucket = |name: &str| Some(Storage::Gcs(Gcs { bucket: name.into(), ..Gcs::default() }));
        assert_eq!(file(""), bucket("a"));
        assert_eq!(file("storage_config: {gcs: {bucket_name: b}}"), bucket("b"));
        let thanos = "storage_config: {use_thanos_objstore: true, object_store: {gcs: {bucket_name: c}}}";
        assert_eq!(file(thanos), bucket("c"));
        assert_eq!(told("[").schema, []);
    }
}
