//! Where logs are, and by which schema.

use serde_json::{Value, json};

use super::{AZURE_KEY, DATA_DIRECTORY, thanos};
use crate::loki::options::{Azure, Mode, Options, SchemaPeriod, Storage};

pub fn schema(options: &Options) -> Vec<Value> {
    let period = |period: &SchemaPeriod| {
        json!({
            "from": period.from,
            // Loki: tsdb must always have periodic config for index set to 24h.
            "index": {"prefix": period.index_prefix, "period": "24h"},
            "object_store": options.storage.object_store(),
            "schema": period.version,
            "store": period.store,
        })
    };
    options.schema.iter().map(period).collect()
}

pub fn storage(options: &Options) -> Value {
    // Said explicitly because its default changes in Loki 4.0; there is no such key before 3.4.
    let known = options.version().since(4);
    let thanos = known && options.use_thanos_objstore;
    let mut section = if thanos { json!({"object_store": thanos::client(&options.storage)}) } else { legacy(options) };
    section["use_thanos_objstore"] = known.then_some(thanos).into();
    if options.mode != Mode::Monolithic {
        for (store, shipper) in [("tsdb", "tsdb_shipper"), ("boltdb-shipper", "boltdb_shipper")] {
            if options.schema.iter().any(|period| period.store == store) {
                section[shipper] = json!({"index_gateway_client": {"server_address": index_gateways(options)}});
            }
        }
    }
    section
}

/// The addresses of all index gateways: whoever asks one that does not answer asks the next.
fn index_gateways(options: &Options) -> String {
    let gateways = if options.mode == Mode::SimpleScalable { "backend" } else { "index-gateway" };
    format!("dns+{}", options.component_headless_grpc_address(gateways))
}

/// The clients of Loki's own, a section each (pkg/storage/factory.go).
fn legacy(options: &Options) -> Value {
    match &options.storage {
        Storage::Filesystem => json!({"filesystem": {"directory": chunks_directory()}}),
        Storage::S3(s3) => json!({"aws": {
            "bucketnames": s3.bucket,
            "region": s3.region,
            // Only where one is given: on Amazon, an endpoint breaks web identity (loki#12095).
            "endpoint": s3.endpoint,
            "insecure": s3.plain_http(),
            "s3forcepathstyle": s3.force_path_style,
        }}),
        Storage::Gcs(gcs) => json!({"gcs": {"bucket_name": gcs.bucket}}),
        Storage::Azure(azure) => json!({"azure": {
            "account_name": azure.account,
            "container_name": azure.container,
            "endpoint_suffix": azure.endpoint_suffix,
            "account_key": azure_key(azure),
            // The token of the pod's service account (workload identity), or the identity of its node.
            "use_federated_token": azure.managed_identity.is_none() && azure.credentials.is_none(),
            "use_managed_identity": azure.managed_identity.is_some(),
            "user_assigned_id": azure.managed_identity,
        }}),
    }
}

/// Where filesystem storage keeps chunks.
pub fn chunks_directory() -> String {
    format!("{DATA_DIRECTORY}/chunks")
}

/// The account's key as the environment has it, for those who have no identity.
pub fn azure_key(azure: &Azure) -> Option<&'static str> {
    azure.credentials.as_ref().map(|_| AZURE_KEY)
}
