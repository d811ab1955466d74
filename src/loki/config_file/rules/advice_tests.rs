use crate::loki::config_file::{FileFinding, verify, verify_at};
use crate::loki::finding::Severity;

/// A file that gives no reason for advice.
const GOOD: &str = "\
auth_enabled: false
common: {path_prefix: /loki, replication_factor: 1, ring: {kvstore: {store: inmemory}}}
schema_config: {configs: [{from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}
storage_config: {filesystem: {directory: /loki/chunks}}
";

fn warnings(text: &str, minor: u32) -> Vec<FileFinding> {
    let mut found = verify(text, minor, None);
    found.retain(|finding| finding.severity == Severity::Warning);
    found
}

/// What is warned of when parts of the good file are replaced and lines added.
fn advised(minor: u32, replaced: &[(&str, &str)], added: &str) -> Vec<(String, String)> {
    let mut text = GOOD.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text.push_str(added);
    let found = warnings(&text, minor);
    assert!(found.iter().all(|finding| !finding.hint.is_empty()), "{found:?}");
    found.into_iter().map(|finding| (finding.path, finding.text)).collect()
}

#[track_caller]
fn one(found: Vec<(String, String)>, path: &str, part: &str) {
    assert!(matches!(&found[..], [(at, text)] if at == path && text.contains(part)), "{found:#?}");
}

const S3: [(&str, &str); 2] = [
    ("object_store: filesystem", "object_store: s3"),
    (
        "{filesystem: {directory: /loki/chunks}}",
        "{use_thanos_objstore: false, aws: {bucketnames: acme, region: eu-west-1}}",
    ),
];

#[test]
fn a_good_file_gets_no_advice() {
    for minor in 0..=7 {
        assert_eq!(warnings(GOOD, minor), [], "{minor}");
        if minor >= 4 {
            assert_eq!(advised(minor, &S3, ""), [], "{minor}");
        }
    }
}

#[test]
fn tenants_are_asked_for_by_default() {
    one(advised(7, &[("auth_enabled: false\n", "")], ""), "auth_enabled", "no org id");
}

#[test]
fn replication_needs_others() {
    let found = advised(7, &[("replication_factor: 1, ", "")], "");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].0 == "common.ring.kvstore.store" && found[0].1.contains("inmemory"));
    assert!(found[1].0 == "schema_config.configs[0].object_store" && found[1].1.contains("filesystem"));
    let lonely = [S3[0], S3[1], ("replication_factor: 1", "replication_factor: 3"), ("inmemory", "memberlist")];
    one(advised(7, &lonely, ""), "common.ring.kvstore.store", "join_members");
    assert_eq!(advised(7, &lonely, "memberlist: {join_members: [loki-memberlist]}\n"), []);
}

#[test]
fn retention_needs_the_compactor() {
    let period = "limits_config: {retention_period: 744h}\n";
    one(advised(0, &[], period), "limits_config.retention_period", "nothing deletes");
    let streams = "limits_config: {retention_stream: [{selector: '{a=\"b\"}', priority: 1, period: 24h}]}\n";
    one(advised(7, &[], streams), "limits_config.retention_stream", "nothing deletes");
    let compactor = "compactor: {retention_enabled: true, delete_request_store: filesystem}\n";
    one(advised(7, &[], compactor), "compactor.retention_enabled", "for ever");
    assert_eq!(advised(7, &[], &format!("{period}{compactor}")), []);
}

#[test]
fn delete_requests_go_to_a_store_that_exists() {
    let with = |store: &str| {
        let added = format!(
            "limits_config: {{retention_period: 744h}}\ncompactor: {{retention_enabled: true, delete_request_store: {store}}}\n"
        );
        advised(7, &S3, &added)
    };
    assert_eq!(with("aws"), []);
    one(with("nowhere"), "compactor.delete_request_store", "no store is called nowhere");
    one(with("gcs"), "compactor.delete_request_store", "no period");
}

#[test]
fn stores_need_buckets() {
    let storage = |text: &'static str| advised(7, &[S3[0], ("{filesystem: {directory: /loki/chunks}}", text)], "");
    let at = "schema_config.configs[0].object_store";
    one(storage("{use_thanos_objstore: false}"), at, "no bucket");
    one(
        storage("{use_thanos_objstore: true, object_store: {s3: {endpoint: s3.eu-west-1.amazonaws.com}}}"),
        at,
        "no bucket",
    );
    one(storage("{use_thanos_objstore: true, object_store: {s3: {bucket_name: acme}}}"), at, "endpoint");
    assert_eq!(storage("{use_thanos_objstore: false, aws: {s3: 's3://key:secret@eu-west-1/acme'}}"), []);
    one(storage("{aws: {bucketnames: acme}}"), "storage_config.use_thanos_objstore", "4.0");
    one(
        storage("{use_thanos_objstore: false, aws: {bucketnames: chunks}}"),
        "storage_config.aws.bucketnames",
        "chunks",
    );
}

#[test]
fn the_other_family_of_clients_is_not_used() {
    let both = [
        S3[0],
        (
            "{filesystem: {directory: /loki/chunks}}",
            "{use_thanos_objstore: true, aws: {bucketnames: acme}, object_store: {s3: {bucket_name: acme, endpoint: s3.acme.org}}}",
        ),
    ];
    one(advised(7, &both, ""), "storage_config.aws", "is not used");
    let both = [
        S3[0],
        (
            "{filesystem: {directory: /loki/chunks}}",
            "{use_thanos_objstore: false, aws: {bucketnames: acme}, object_store: {s3: {bucket_name: acme}}}",
        ),
    ];
    one(advised(7, &both, ""), "storage_config.object_store", "is not used");
}

#[test]
fn an_endpoint_of_amazons_breaks_web_identity() {
    let with = |minor, keys: &str| {
        let aws = format!(
            "{{use_thanos_objstore: false, aws: {{bucketnames: acme, region: eu-west-1, endpoint: s3.eu-west-1.amazonaws.com{keys}}}}}"
        );
        advised(minor, &[S3[0], ("{filesystem: {directory: /loki/chunks}}", &aws)], "")
    };
    one(with(5, ""), "storage_config.aws.endpoint", "405");
    assert_eq!(with(5, ", access_key_id: a, secret_access_key: b"), []);
    assert_eq!(with(7, ""), []);
}

#[test]
fn old_schemas_are_told_what_is_next() {
    one(
        advised(0, &[("store: tsdb", "store: boltdb-shipper")], "limits_config: {allow_structured_metadata: false}\n"),
        "schema_config.configs[0].store",
        "deprecated",
    );
    // Who does without structured metadata has said so, and need not hear of it at every plan.
    assert_eq!(advised(0, &[("v13", "v12")], "limits_config: {allow_structured_metadata: false}\n"), []);
    let future = GOOD.replace("2024-04-01", "2030-01-01");
    let found = verify_at(&future, 7, None, Some(jiff::civil::date(2026, 11, 25)));
    assert!(found.iter().any(|finding| finding.path == "schema_config.configs[0].from"), "{found:?}");
}

#[test]
fn deprecated_keys_are_named() {
    one(advised(7, &[], "limits_config: {allow_deletes: true}\n"), "limits_config.allow_deletes", "deprecated");
    one(
        advised(3, &[], "limits_config: {ruler_remote_write_url: 'http://a'}\n"),
        "limits_config.ruler_remote_write_url",
        "deprecated",
    );
}

#[test]
fn ingesters_and_caches_have_traps() {
    one(advised(7, &[], "ingester: {wal: {enabled: false}}\n"), "ingester.wal.enabled", "lost");
    one(advised(7, &[], "querier: {query_ingesters_within: 1h}\n"), "querier.query_ingesters_within", "miss");
    one(
        advised(7, &[], "query_range: {results_cache: {cache: {memcached_client: {host: m}}}}\n"),
        "query_range.results_cache",
        "cache_results",
    );
    assert_eq!(
        advised(7, &[], "query_range: {cache_results: true, results_cache: {cache: {memcached_client: {host: m}}}}\n"),
        []
    );
    let index = [(
        "{filesystem: {directory: /loki/chunks}}",
        "{filesystem: {directory: /loki/chunks}, index_queries_cache_config: {memcached_client: {host: m}}}",
    )];
    one(advised(7, &index, ""), "storage_config.index_queries_cache_config", "tsdb");
    let both = "chunk_store_config: {chunk_cache_config: {memcached_client: {host: m}, redis: {endpoint: r}}}\n";
    one(advised(7, &[], both), "chunk_store_config.chunk_cache_config.redis.endpoint", "multiple");
}
