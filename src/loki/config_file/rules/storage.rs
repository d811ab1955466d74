//! Stores of chunks and index (pkg/storage/factory.go, its clients, and pkg/storage/bucket).

use crate::loki::config_file::grammar::url;
use crate::loki::config_file::{Findings, View};

/// Amazon's storage classes as the legacy client knows them (pkg/storage/common/aws).
const STORAGE_CLASSES: [&str; 9] = [
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "OUTPOSTS",
    "REDUCED_REDUNDANCY",
    "STANDARD",
    "STANDARD_IA",
];
/// The same as Amazon's SDK has them (ObjectStorageClass), which the Thanos client takes; the last two since 3.7.
const SDK_STORAGE_CLASSES: [&str; 13] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "GLACIER",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
    "FSX_ONTAP",
];
const AZURE_CLOUDS: [&str; 4] = ["AzureGlobal", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernment"];
/// Names that belong to kinds of stores (pkg/storage/factory.go, populateStoreType).
const RESERVED: [&str; 15] = [
    "aws",
    "aws-dynamo",
    "s3",
    "gcp",
    "gcp-columnkey",
    "bigtable",
    "bigtable-hashed",
    "gcs",
    "azure",
    "bos",
    "swift",
    "cassandra",
    "filesystem",
    "inmemory",
    "grpc-store",
];

/// A refusal without its prefixes: where, Loki's text, what to do.
pub(super) type Broken = (String, String, &'static str);

fn broken(path: impl Into<String>, text: impl Into<String>, hint: &'static str) -> Option<Broken> {
    Some((path.into(), text.into(), hint))
}

/// storage.Config.Validate: the first of its refusals.
pub(super) fn storage(view: View<'_>, out: &mut Findings) {
    let storage = view.at("storage_config");
    let found = wrapped("invalid Cassandra Storage config", cassandra(storage.at("cassandra")), "cassandra")
        .or_else(|| {
            let text = super::grpc_client(storage.at("bigtable.grpc_client_config"));
            wrapped("invalid GCP Storage Storage config", text, "bigtable.grpc_client_config")
        })
        .or_else(|| wrapped("invalid Azure Storage config", azure(storage.at("azure")), "azure"))
        .or_else(|| {
            let text = wrapped("invalid S3 Storage config", s3(storage.at("aws")), "");
            wrapped("invalid AWS Storage config", text, "aws")
        })
        .or_else(|| wrapped("invalid bloom shipper config", blooms(storage.at("bloom_shipper")), "bloom_shipper"))
        .or_else(|| {
            let found = if view.minor() >= 3 { object_store(storage.at("object_store")) } else { None };
            wrapped("invalid object store config", found, "object_store")
        })
        .or_else(|| {
            let bad = view.minor() >= 4 && storage.int("alibabacloud.read_write_timeout_sec") <= 0;
            let text = "invalid Alibaba Storage config: read write timeout must be greater than 0";
            if bad { broken("alibabacloud.read_write_timeout_sec", text, "Set a number of seconds.") } else { None }
        })
        .or_else(|| named_stores(storage.at("named_stores"), &RESERVED));
    if let Some((path, text, hint)) = found {
        out.refuse(storage, &path, format!("CONFIG ERROR: invalid storage_config config: {text}")).hint(hint);
    }
}

/// pkg/ruler/rulestore, Config.Validate, since 3.3.
pub(super) fn ruler_storage(view: View<'_>, out: &mut Findings) {
    let storage = view.at("ruler_storage");
    if view.minor() >= 3 {
        super::refuse(out, storage, "ruler_storage", bucket(storage));
    }
}

fn wrapped(around: &str, found: Option<Broken>, at: &str) -> Option<Broken> {
    found.map(|(path, text, hint)| {
        let path = match (at.is_empty(), path.is_empty()) {
            (true, _) => path,
            (_, true) => at.to_owned(),
            _ => format!("{at}.{path}"),
        };
        (path, format!("{around}: {text}"), hint)
    })
}

fn cassandra(view: View<'_>) -> Option<Broken> {
    let set = |key: &str| !view.text(key).is_empty();
    let tls = view.bool("SSL");
    if set("password") && set("password_file") {
        return broken(
            "password_file",
            "The password and password_file config options are mutually exclusive.",
            "Keep one.",
        );
    }
    if tls && view.bool("host_verification") && view.text("addresses").split(',').count() != 1 {
        let text = "Host verification is only possible for a single host.";
        return broken("host_verification", text, "Name one address, or do not verify.");
    }
    if tls && set("tls_cert_path") && !set("tls_key_path") {
        let text = "TLS certificate specified, but private key configuration is missing.";
        return broken("tls_cert_path", text, "Set tls_key_path.");
    }
    if tls && set("tls_key_path") && !set("tls_cert_path") {
        let text = "TLS private key specified, but certificate configuration is missing.";
        return broken("tls_key_path", text, "Set tls_cert_path.");
    }
    None
}

/// pkg/storage/chunk/client/azure, BlobStorageConfig.Validate.
pub(super) fn azure(view: View<'_>) -> Option<Broken> {
    let cloud = view.text("environment");
    if !AZURE_CLOUDS.contains(&cloud) {
        let text = format!(
            "unsupported Azure blob storage environment: {cloud}, please select one of: {} ",
            AZURE_CLOUDS.join(", ")
        );
        return broken("environment", text, "Leave environment out for Azure's global cloud.");
    }
    if view.bool("use_service_principal") {
        for key in ["tenant_id", "client_id", "client_secret"] {
            if view.text(key).trim().is_empty() {
                let text = format!("{key} is required if authentication using Service Principal is enabled");
                return broken(key, text, "Set it, or use_federated_token: true for workload identity.");
            }
        }
    }
    None
}

/// pkg/storage/chunk/client/aws, S3Config.Validate.
pub(super) fn s3(view: View<'_>) -> Option<Broken> {
    if view.text("signature_version") != "v4" {
        return broken("signature_version", "unsupported signature version", "Leave signature_version out.");
    }
    let class = view.text("storage_class");
    if !STORAGE_CLASSES.contains(&class) {
        let text = format!("unsupported S3 storage class: {class}. Supported values: {}", STORAGE_CLASSES.join(", "));
        return broken("storage_class", text, "Leave storage_class out for STANDARD.");
    }
    None
}

/// pkg/storage/stores/shipper/bloomshipper/config, Config.Validate.
fn blooms(view: View<'_>) -> Option<Broken> {
    if view.items("working_directory").is_empty() {
        let text = "at least one working directory must be specified";
        return broken("working_directory", text, "Leave working_directory out.");
    }
    if view.minor() < 2 {
        return None;
    }
    let allocation = view.text("memory_management.bloom_page_alloc_type");
    if !["simple", "dynamic", "fixed"].contains(&allocation) {
        let text = "bloom_page_alloc_type must be one of: simple (simple heap allocations using Go's make([]byte, n) and no \
                    re-cycling of buffers), dynamic (a buffer pool with variable sized buckets and best effort re-cycling \
                    of buffers using Go's sync.Pool), fixed (a fixed size memory pool with configurable slab sizes, see \
                    mem-pool-buckets)";
        return broken("memory_management.bloom_page_alloc_type", text, "Use simple, dynamic or fixed.");
    }
    if allocation == "fixed" && view.items("memory_management.bloom_page_mem_pool_buckets").is_empty() {
        let text = "fixed memory pool requires at least one bucket";
        return broken("memory_management.bloom_page_mem_pool_buckets", text, "Name the buckets, or use dynamic.");
    }
    None
}

/// pkg/storage/bucket, Config.Validate since 3.3; with named stores since 3.5.
fn object_store(view: View<'_>) -> Option<Broken> {
    bucket(view).or_else(|| {
        let stores = view.at("named_stores");
        stores
            .entries("s3")
            .into_iter()
            .find_map(|(name, store)| {
                let around = format!("invalid S3 Storage config with name {name}");
                wrapped(&around, thanos_s3(store), &format!("named_stores.s3.{name}"))
            })
            .or_else(|| {
                if view.minor() < 4 {
                    return None;
                }
                named(stores, super::schema::thanos_backends(view.minor()))
                    .map(|(path, text, hint)| (format!("named_stores.{path}"), text, hint))
            })
    })
}

/// One store of the Thanos clients.
pub(super) fn bucket(view: View<'_>) -> Option<Broken> {
    let dashes = view.minor() >= 5;
    let fits = |c: char| c.is_ascii_alphanumeric() || dashes && c == '-';
    let prefix = view.text("storage_prefix");
    if !prefix.chars().all(fits) {
        let (text, hint) = if dashes {
            (
                "storage prefix contains invalid characters, it may only contain digits, English alphabet letters and dashes",
                "Use letters, digits and dashes.",
            )
        } else {
            (
                "storage prefix contains invalid characters, it may only contain digits and English alphabet letters",
                "Use letters and digits.",
            )
        };
        return broken("storage_prefix", text, hint);
    }
    wrapped_at(thanos_s3(view.at("s3")), "s3")
}

fn wrapped_at(found: Option<Broken>, at: &str) -> Option<Broken> {
    found.map(|(path, text, hint)| (format!("{at}.{path}"), text, hint))
}

/// pkg/storage/bucket/s3, Config.Validate.
pub(super) fn thanos_s3(view: View<'_>) -> Option<Broken> {
    if view.minor() < 3 {
        if view.has("signature_version") && view.text("signature_version") != "v4" {
            return broken("signature_version", "unsupported signature version", "Leave signature_version out.");
        }
        let class = view.text("storage_class");
        if view.has("storage_class") && !STORAGE_CLASSES.contains(&class) {
            let text =
                format!("unsupported S3 storage class: {class}. Supported values: {}", STORAGE_CLASSES.join(", "));
            return broken("storage_class", text, "Leave storage_class out for STANDARD.");
        }
        return sse(view.at("sse"));
    }
    let (endpoint, bucket) = (view.text("endpoint"), view.text("bucket_name"));
    let host = endpoint.split('.').next().unwrap_or_default();
    if !bucket.is_empty() && !host.is_empty() && host == bucket {
        let text = "the endpoint must not prefixed with the bucket name";
        return broken("endpoint", text, "Name the store's host alone.");
    }
    let sts = view.text("sts_endpoint");
    if !sts.is_empty() && !is_url(sts, view.minor()) {
        return broken("sts_endpoint", "sts-endpoint must be a valid url", "Write it with its scheme: https://…");
    }
    let class = view.text("storage_class");
    let classes = &SDK_STORAGE_CLASSES[..if view.minor() >= 7 { 13 } else { 11 }];
    if !class.is_empty() && !classes.contains(&class) {
        let text = format!("unsupported S3 storage class (supported values: {})", classes.join(", "));
        return broken("storage_class", text, "Leave storage_class out.");
    }
    sse(view.at("sse"))
}

/// SSEConfig.Validate.
fn sse(view: View<'_>) -> Option<Broken> {
    let kind = view.text("type");
    if !["", "SSE-KMS", "SSE-S3"].contains(&kind) {
        return broken("sse.type", "unsupported S3 SSE type", "Use SSE-S3 or SSE-KMS.");
    }
    let context = view.text("kms_encryption_context");
    let parsed = serde_json::from_str::<std::collections::BTreeMap<String, Option<String>>>(context);
    if !context.is_empty() && context.trim() != "null" && parsed.is_err() {
        let text = "invalid S3 SSE encryption context";
        return broken("sse.kms_encryption_context", text, "Write a JSON object of texts.");
    }
    None
}

/// Go's url.Parse with a scheme and a host (pkg/storage/bucket/s3, via pkg/util/validation's IsValidURL).
fn is_url(text: &str, minor: u32) -> bool {
    let Some(scheme) = url::scheme(text).filter(|_| url::check(text, minor).is_ok()) else { return false };
    let rest = text[scheme.len()..].strip_prefix("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    !host.is_empty()
}

/// NamedStores.Validate of the legacy clients.
fn named_stores(stores: View<'_>, reserved: &[&str]) -> Option<Broken> {
    for (kind, around, check) in [
        ("aws", "invalid AWS Storage config", named_s3 as fn(View<'_>) -> Option<Broken>),
        ("azure", "invalid Azure Storage config", azure),
    ] {
        for (name, store) in stores.entries(kind) {
            let found =
                wrapped(&format!("{around} with name {name}"), check(store), &format!("named_stores.{kind}.{name}"));
            if found.is_some() {
                return found;
            }
        }
    }
    named(stores, reserved).map(|(path, text, hint)| (format!("named_stores.{path}"), text, hint))
}

fn named_s3(view: View<'_>) -> Option<Broken> {
    wrapped("invalid S3 Storage config", s3(view), "")
}

/// Names of stores that are taken, by a kind of stores or twice.
fn named(stores: View<'_>, reserved: &[&str]) -> Option<Broken> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    // Loki leaves the stores of IBM's COS out.
    let kinds = ["aws", "s3", "azure", "alibabacloud", "bos", "filesystem", "gcs", "swift"];
    for kind in kinds.into_iter().filter(|kind| stores.has(kind)) {
        for (name, _) in stores.entries(kind) {
            if reserved.contains(&name) {
                let text = format!("named store {name:?} should not match with the name of a predefined storage type");
                return broken(format!("{kind}.{name}"), text, "Give the store a name of its own.");
            }
            if let Some((_, before)) = seen.iter().find(|(other, _)| *other == name) {
                let text = format!("named store {name:?} is already defined under {before}");
                return broken(format!("{kind}.{name}"), text, "Give each store a name of its own.");
            }
            seen.push((name, kind));
        }
    }
    None
}

#[cfg(test)]
#[path = "storage_tests.rs"]
mod tests;
