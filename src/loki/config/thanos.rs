//! The object store clients of the Thanos project (pkg/storage/bucket), which Loki has since 3.4 and prefers from 4.0 on.
//! They have keys of their own.

use serde_json::{Value, json};

use super::storage::{azure_key, chunks_directory};
use crate::loki::options::{S3, Storage};

/// `storage_config.object_store`.
pub fn client(storage: &Storage) -> Value {
    match storage {
        Storage::Filesystem => json!({"filesystem": {"dir": chunks_directory()}}),
        Storage::S3(s3) => json!({"s3": {
            "bucket_name": s3.bucket,
            "bucket_lookup_type": s3.force_path_style.then_some("path"),
            "endpoint": host(s3),
            "insecure": s3.plain_http(),
            "region": s3.region,
            "sts_endpoint": s3.sts_endpoint,
        }}),
        Storage::Gcs(gcs) => json!({"gcs": {"bucket_name": gcs.bucket}}),
        // Workload identity and the node's identity are found by themselves
        // (github.com/thanos-io/objstore, providers/azure).
        Storage::Azure(azure) => json!({"azure": {
            "account_key": azure_key(azure),
            "account_name": azure.account,
            "container_name": azure.container,
            "endpoint_suffix": azure.endpoint_suffix,
            "user_assigned_id": azure.managed_identity,
        }}),
    }
}

/// These clients want a host without a scheme, and do not know Amazon's by themselves.
fn host(s3: &S3) -> String {
    let Some(endpoint) = &s3.endpoint else {
        let domain = if s3.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        return format!("s3.{}.{domain}", s3.region);
    };
    let host = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, host)| host);
    host.trim_end_matches('/').to_owned()
}
