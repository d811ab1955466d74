use super::super::{Config, Findings, decode, verify, yaml};
use crate::loki::finding::Severity;

const SCHEMA: &str = "schema_config: {configs: [{from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}\n";

fn derived(minor: u32, text: &str) -> Config {
    let mut config = Config::new(minor);
    let mut findings = Findings::default();
    decode::decode(&yaml::parse(&format!("{SCHEMA}{text}")).expect("yaml"), &mut config, &mut findings);
    super::apply(&mut config, &mut findings);
    assert!(!findings.refused(), "{:?}", findings.into_vec());
    config
}

#[track_caller]
fn refused(minor: u32, text: &str, part: &str) {
    let found = verify(&format!("{SCHEMA}{text}"), minor, None);
    let first = found.first().filter(|finding| finding.severity == Severity::Error);
    assert!(
        first.is_some_and(|first| first.text == format!("failed parsing config: {part}") && !first.hint.is_empty()),
        "{found:#?}"
    );
}

#[test]
fn folders_follow_the_prefix() {
    let config = derived(0, "common: {path_prefix: /loki/}\ningester: {wal: {dir: /wal}}\n");
    let view = config.view();
    assert_eq!(view.text("compactor.working_directory"), "/loki/compactor");
    assert_eq!(view.text("ruler.rule_path"), "/loki/rules-temp");
    assert_eq!(view.text("ingester.wal.dir"), "/wal");
    assert_eq!(view.text("storage_config.tsdb_shipper.cache_location"), "/loki/tsdb-shipper-cache");
    assert_eq!(view.text("storage_config.boltdb_shipper.cache_location"), "");
}

#[test]
fn tokens_need_a_folder() {
    refused(3, "common: {persist_tokens: true}\n", "if persist_tokens is true, path_prefix MUST be defined");
    derived(3, "common: {persist_tokens: true, path_prefix: /loki}\n");
}

#[test]
fn one_ring_serves_all() {
    let config = derived(
        7,
        "common: {replication_factor: 2, ring: {kvstore: {store: etcd}, instance_addr: 10.0.0.1}}\nruler: {ring: {kvstore: {store: consul}}}\n",
    );
    let view = config.view();
    assert_eq!(view.text("ingester.lifecycler.ring.kvstore.store"), "etcd");
    assert_eq!(view.text("ingester.lifecycler.address"), "10.0.0.1");
    assert_eq!(view.text("compactor.compactor_ring.kvstore.store"), "etcd");
    assert_eq!(view.text("ruler.ring.kvstore.store"), "consul");
    assert_eq!(view.int("ingester.lifecycler.ring.replication_factor"), 2);
    assert_eq!(view.int("index_gateway.ring.replication_factor"), 2);
}

#[test]
fn members_to_join_make_rings_of_memberlist() {
    let config = derived(3, "memberlist: {join_members: [a]}\n");
    assert_eq!(config.view().text("distributor.ring.kvstore.store"), "memberlist");
    assert_eq!(config.view().text("ingester.lifecycler.ring.kvstore.store"), "memberlist");
    let config = derived(3, "memberlist: {join_members: [a]}\ncommon: {ring: {kvstore: {store: inmemory}}}\n");
    assert_eq!(config.view().text("distributor.ring.kvstore.store"), "inmemory");
}

#[test]
fn the_ingesters_ring_serves_rings_that_nobody_touched() {
    let config = derived(
        0,
        "ingester: {lifecycler: {ring: {kvstore: {store: inmemory}}}}\ncompactor: {compactor_ring: {heartbeat_period: 1s}}\n",
    );
    assert_eq!(config.view().text("query_scheduler.scheduler_ring.kvstore.store"), "inmemory");
    assert_eq!(config.view().text("compactor.compactor_ring.kvstore.store"), "consul");
}

#[test]
fn one_storage_serves_chunks_and_rules() {
    let config = derived(0, "common: {storage: {s3: {bucketnames: acme, region: r}, hedging: {at: 1s}}}\n");
    let view = config.view();
    assert_eq!(view.text("storage_config.aws.bucketnames"), "acme");
    assert_eq!(view.text("ruler.storage.type"), "s3");
    assert_eq!(view.text("ruler.storage.s3.region"), "r");
    assert_eq!(view.int("storage_config.hedging.at"), 1_000_000_000);
    let config = derived(0, "common: {storage: {filesystem: {chunks_directory: /c, rules_directory: /r}}}\n");
    assert_eq!(config.view().text("storage_config.filesystem.directory"), "/c");
    assert_eq!(config.view().text("ruler.storage.local.directory"), "/r");
    for minor in 0..=7 {
        refused(
            minor,
            "common: {storage: {s3: {bucketnames: a}, gcs: {bucket_name: b}}}\n",
            "too many storage configs provided in the common config, please only define one storage backend",
        );
    }
}

#[test]
fn caches_are_embedded_unless_one_is_named() {
    let config = derived(7, "query_range: {results_cache: {cache: {memcached_client: {host: m}}}}\n");
    let view = config.view();
    assert!(view.bool("chunk_store_config.chunk_cache_config.embedded_cache.enabled"));
    assert!(!view.bool("query_range.results_cache.cache.embedded_cache.enabled"));
    assert_eq!(view.text("query_range.volume_results_cache.cache.memcached_client.host"), "m");
}

#[test]
fn the_queriers_worker_has_one_client() {
    let text = "both `grpc_client_config` and (`query_frontend_grpc_client` or `query_scheduler_grpc_client`) are set at the same time. Please use only `query_frontend_grpc_client` and `query_scheduler_grpc_client`";
    let both = "frontend_worker: {grpc_client_config: {max_recv_msg_size: 1}, query_frontend_grpc_client: {max_recv_msg_size: 2}}\n";
    refused(7, both, text);
    let config = derived(7, "frontend_worker: {grpc_client_config: {max_recv_msg_size: 1}}\n");
    assert_eq!(config.view().int("frontend_worker.query_scheduler_grpc_client.max_recv_msg_size"), 1);
}
