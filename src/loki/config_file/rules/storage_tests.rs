use crate::loki::config_file::verify;
use crate::loki::finding::Severity;

const BASE: &str = "\
auth_enabled: false
common: {path_prefix: /loki, replication_factor: 1, ring: {kvstore: {store: inmemory}}}
schema_config: {configs: [{from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}
";

/// The first refusal of a storage_config, which must come with a hint.
fn refusal(minor: u32, storage: &str) -> String {
    let text = format!("{BASE}storage_config: {storage}\n");
    let found = verify(&text, minor, None);
    match found.first().filter(|finding| finding.severity == Severity::Error) {
        Some(first) => {
            assert!(!first.hint.is_empty() || first.text.starts_with("field "), "{first:?}");
            first.text.clone()
        }
        None => String::new(),
    }
}

#[track_caller]
fn refused(minor: u32, storage: &str, text: &str) {
    let found = refusal(minor, storage);
    let rest = found.strip_prefix("CONFIG ERROR: invalid storage_config config: ");
    assert!(rest.is_some_and(|rest| rest.starts_with(text)), "3.{minor} {storage}: {found}");
}

#[track_caller]
fn taken(minor: u32, storage: &str) {
    assert_eq!(refusal(minor, storage), "", "3.{minor} {storage}");
}

#[test]
fn storage_classes_are_those_of_each_client() {
    for minor in 0..=7 {
        refused(
            minor,
            "{aws: {storage_class: SNOW}}",
            "invalid AWS Storage config: invalid S3 Storage config: unsupported S3 storage class: SNOW. Supported values: \
             GLACIER, DEEP_ARCHIVE",
        );
        taken(minor, "{aws: {storage_class: GLACIER_IR}}");
    }
    for minor in 3..=7 {
        taken(minor, "{object_store: {s3: {storage_class: SNOW}}}");
        refused(
            minor,
            "{object_store: {s3: {storage_class: standard}}}",
            "invalid object store config: unsupported S3 storage class (supported values: STANDARD, REDUCED_REDUNDANCY",
        );
    }
    refused(6, "{object_store: {s3: {storage_class: FSX_ONTAP}}}", "invalid object store config: unsupported S3");
    taken(7, "{object_store: {s3: {storage_class: FSX_ONTAP}}}");
}

#[test]
fn signatures_are_of_version_4() {
    let text = "invalid AWS Storage config: invalid S3 Storage config: unsupported signature version";
    refused(0, "{aws: {signature_version: v2}}", text);
    taken(0, "{aws: {signature_version: v4}}");
    let text = "invalid AWS Storage config with name mine: invalid S3 Storage config: unsupported signature version";
    refused(7, "{named_stores: {aws: {mine: {signature_version: v2}}}}", text);
}

#[test]
fn azure_needs_a_cloud_and_a_whole_principal() {
    refused(
        7,
        "{azure: {environment: Mars}}",
        "invalid Azure Storage config: unsupported Azure blob storage environment: Mars, please select one of: AzureGlobal, \
         AzureChinaCloud, AzureGermanCloud, AzureUSGovernment ",
    );
    taken(7, "{azure: {environment: AzureChinaCloud}}");
    refused(
        7,
        "{azure: {use_service_principal: true, tenant_id: t}}",
        "invalid Azure Storage config: client_id is required if authentication using Service Principal is enabled",
    );
    taken(7, "{azure: {use_service_principal: true, tenant_id: t, client_id: c, client_secret: s}}");
}

#[test]
fn cassandra_has_one_password_and_one_verified_host() {
    refused(0, "{cassandra: {password: a, password_file: b}}", "invalid Cassandra Storage config: The password and");
    refused(
        0,
        "{cassandra: {SSL: true, addresses: 'a,b'}}",
        "invalid Cassandra Storage config: Host verification is only possible for a single host.",
    );
    taken(0, "{cassandra: {SSL: true, addresses: a}}");
}

#[test]
fn blooms_need_a_folder_and_a_known_allocation() {
    let text = "invalid bloom shipper config: at least one working directory must be specified";
    refused(7, "{bloom_shipper: {working_directory: null}}", text);
    refused(
        7,
        "{bloom_shipper: {memory_management: {bloom_page_alloc_type: x}}}",
        "invalid bloom shipper config: bloom_page_alloc_type must be one of: simple (simple heap allocations",
    );
    taken(7, "{bloom_shipper: {memory_management: {bloom_page_alloc_type: simple}}}");
}

#[test]
fn buckets_of_the_thanos_clients_are_judged_since_3_3() {
    let prefix = "{object_store: {storage_prefix: a-b}}";
    refused(4, prefix, "invalid object store config: storage prefix contains invalid characters");
    taken(5, prefix);
    refused(7, "{object_store: {storage_prefix: a/b}}", "invalid object store config: storage prefix contains");
    let text = "invalid object store config: the endpoint must not prefixed with the bucket name";
    refused(7, "{object_store: {s3: {bucket_name: a, endpoint: a.s3.org}}}", text);
    taken(7, "{object_store: {s3: {bucket_name: a, endpoint: s3.org}}}");
    let text = "invalid object store config: sts-endpoint must be a valid url";
    for url in ["sts.org", "'http://a b'", "'https://'", "'http://%zz'", "'http://user@'"] {
        refused(7, &format!("{{object_store: {{s3: {{sts_endpoint: {url}}}}}}}"), text);
    }
    taken(7, "{object_store: {s3: {sts_endpoint: 'https://sts.org'}}}");
    refused(7, "{object_store: {s3: {sse: {type: x}}}}", "invalid object store config: unsupported S3 SSE type");
    refused(
        7,
        "{object_store: {s3: {sse: {type: SSE-KMS, kms_encryption_context: '[]'}}}}",
        "invalid object store config: invalid S3 SSE encryption context",
    );
    taken(7, "{object_store: {s3: {sse: {type: SSE-KMS, kms_encryption_context: '{\"a\": \"b\"}'}}}}");
}

#[test]
fn named_stores_have_names_of_their_own() {
    let text = "named store \"s3\" should not match with the name of a predefined storage type";
    refused(7, "{named_stores: {filesystem: {s3: {directory: a}}}}", text);
    let text = "named store \"mine\" is already defined under ";
    refused(0, "{named_stores: {filesystem: {mine: {directory: a}}, gcs: {mine: {bucket_name: b}}}}", text);
    taken(0, "{named_stores: {filesystem: {mine: {directory: a}}, gcs: {other: {bucket_name: b}}}}");
    let text = "invalid object store config: named store \"gcs\" should not match";
    refused(7, "{object_store: {named_stores: {s3: {gcs: {bucket_name: b}}}}}", text);
}

#[test]
fn alibabas_client_waits() {
    let text = "invalid Alibaba Storage config: read write timeout must be greater than 0";
    refused(7, "{alibabacloud: {read_write_timeout_sec: 0}}", text);
    taken(7, "{alibabacloud: {read_write_timeout_sec: 1}}");
}
