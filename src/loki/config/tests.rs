//! What options become in the file, and that Loki takes it.

use super::*;
use crate::loki::options::{Azure, Cache, Caches, Credentials, Gcs, Mode, RemoteWrite, Ruler, S3, Storage};

fn at(options: &Options, pointer: &str) -> Value {
    config(options).pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn no_endpoint_unless_one_is_given() {
    let storage = |endpoint: Option<&str>| Options {
        storage: Storage::S3(S3 {
            bucket: "acme-loki".into(),
            region: "eu-west-1".into(),
            endpoint: endpoint.map(Into::into),
            ..S3::default()
        }),
        ..Options::default()
    };
    let aws = at(&storage(None), "/storage_config/aws");
    assert_eq!(aws.get("endpoint"), None);
    assert_eq!(aws["insecure"], false);
    let aws = at(&storage(Some("http://10.0.0.1:5000")), "/storage_config/aws");
    assert_eq!(aws["endpoint"], "http://10.0.0.1:5000");
    assert_eq!(aws["insecure"], true, "told by the scheme");
}

#[test]
fn retention_brings_its_delete_request_store() {
    let options = Options { retention: Some("90d".into()), ..Options::default() };
    assert_eq!(at(&options, "/compactor/delete_request_store"), "filesystem");
    assert_eq!(at(&options, "/limits_config/retention_period"), "90d");
    let forever = Options::default();
    assert_eq!(at(&forever, "/compactor"), json!({"retention_enabled": false}));
    assert_eq!(at(&forever, "/limits_config/retention_period"), Value::Null);
}

#[test]
fn thanos_switch_is_said_where_loki_knows_it() {
    let switch = |version: &str| {
        let options = Options { loki_version: version.into(), ..Options::default() };
        at(&options, "/storage_config/use_thanos_objstore")
    };
    assert_eq!(switch("3.3.4"), Value::Null);
    assert_eq!(switch("3.4.0"), false);
}

#[test]
fn given_limits_win_and_stay_literal() {
    let mut options = Options::default();
    options.limits.insert("query_timeout".into(), "1m".into());
    options.limits.insert("ingestion_rate_mb".into(), json!(16.0));
    options.limits.insert("required_labels".into(), json!(["${HOME}\\d"]));
    let text = config_yaml(&options);
    assert!(text.contains("query_timeout: 1m\n"), "{text}");
    assert!(text.contains("ingestion_rate_mb: 16\n"), "{text}");
    assert!(text.contains("$${HOME}"), "{text}");
    assert!(text.contains("instance_addr: ${POD_IP}\n"), "{text}");
}

#[test]
fn replay_ceiling_follows_the_memory_limit() {
    let mut options = Options::default();
    assert_eq!(at(&options, "/ingester/wal/replay_memory_ceiling"), Value::Null);
    options.resources.limits.memory = Some("1Gi".into());
    assert_eq!(at(&options, "/ingester/wal/replay_memory_ceiling"), "768MB");
}

fn every_storage() -> Vec<Storage> {
    let (bucket, region) = ("acme-loki".to_owned(), "eu-west-1".to_owned());
    let s3 = S3 { bucket: bucket.clone(), region, ..S3::default() };
    let compatible = S3 { endpoint: Some("http://minio.minio:9000".into()), force_path_style: true, ..s3.clone() };
    let azure = Azure { account: "acme".into(), container: "loki".into(), ..Azure::default() };
    let managed = Azure { managed_identity: Some("0000-1111".into()), ..azure.clone() };
    vec![
        Storage::Filesystem,
        Storage::S3(s3),
        Storage::S3(compatible),
        Storage::Gcs(Gcs { bucket, ..Gcs::default() }),
        Storage::Azure(azure),
        Storage::Azure(managed),
    ]
}

#[test]
fn every_mode_and_storage_is_a_configuration_of_every_version() {
    for minor in 0..=7 {
        for mode in [Mode::Monolithic, Mode::Distributed, Mode::SimpleScalable] {
            for (storage, use_thanos_objstore) in
                every_storage().into_iter().flat_map(|it| [(it.clone(), false), (it, true)])
            {
                let options = Options {
                    loki_version: format!("3.{minor}.0"),
                    mode,
                    replicas: Some(if storage == Storage::Filesystem { 1 } else { 3 }),
                    storage,
                    use_thanos_objstore,
                    caches: Caches { chunks: Some(Cache::default()), results: Some(Cache::default()) },
                    retention: Some("90d".into()),
                    ..Options::default()
                };
                let found = crate::loki::config_file::verify(&expanded(&options, "127.0.0.1"), minor, None);
                assert_eq!(found, [], "{options:?}");
            }
        }
    }
}

#[test]
fn distributed_components_know_each_other_by_name() {
    let options =
        Options { mode: Mode::Distributed, name: "logs".into(), namespace: "obs".into(), ..Options::default() };
    let host = "obs.svc.cluster.local";
    let scheduler = format!("logs-query-scheduler-headless.{host}:9095");
    assert_eq!(at(&options, "/frontend/scheduler_address"), scheduler.as_str());
    assert_eq!(at(&options, "/frontend_worker/scheduler_address"), scheduler.as_str());
    assert_eq!(at(&options, "/frontend/tail_proxy_url"), format!("http://logs-querier.{host}:3100").as_str());
    assert_eq!(at(&options, "/common/compactor_grpc_address"), format!("logs-compactor.{host}:9095").as_str());
    assert_eq!(at(&options, "/index_gateway/mode"), "simple");
    assert_eq!(
        at(&options, "/storage_config/tsdb_shipper/index_gateway_client/server_address"),
        "dns+logs-index-gateway-headless.obs.svc.cluster.local:9095"
    );
    let scalable = Options { mode: Mode::SimpleScalable, ..options };
    assert_eq!(at(&scalable, "/common/compactor_grpc_address"), format!("logs-backend.{host}:9095").as_str());
    assert_eq!(at(&scalable, "/frontend"), Value::Null, "schedulers are found by their ring");
}

#[test]
fn caches_are_rendered_when_there_are_some() {
    let addresses = |options: &Options, of: &str| at(options, &format!("{of}/memcached_client/addresses"));
    let options = Options { caches: Caches { chunks: Some(Cache::default()), results: None }, ..Options::default() };
    assert_eq!(
        addresses(&options, "/chunk_store_config/chunk_cache_config"),
        "dnssrvnoa+_memcached-client._tcp.loki-chunks-cache.loki.svc.cluster.local"
    );
    assert_eq!(at(&options, "/query_range/results_cache"), Value::Null);
    assert_eq!(at(&Options::default(), "/chunk_store_config"), Value::Null);
}

#[test]
fn thanos_clients_take_hosts() {
    let client = |storage: &Storage| {
        let storage = storage.clone();
        at(&Options { storage, use_thanos_objstore: true, ..Options::default() }, "/storage_config/object_store")
    };
    let stores = every_storage();
    assert_eq!(client(&stores[0]), json!({"filesystem": {"dir": "/var/loki/chunks"}}));
    assert_eq!(client(&stores[1])["s3"]["endpoint"], "s3.eu-west-1.amazonaws.com");
    let compatible = client(&stores[2]);
    assert_eq!(compatible["s3"]["endpoint"], "minio.minio:9000");
    assert_eq!(compatible["s3"]["insecure"], true);
    assert_eq!(compatible["s3"]["bucket_lookup_type"], "path");
    assert_eq!(client(&stores[3]), json!({"gcs": {"bucket_name": "acme-loki"}}));
    assert_eq!(client(&stores[5])["azure"]["user_assigned_id"], "0000-1111");
    let old = Options { use_thanos_objstore: true, loki_version: "3.3.4".into(), ..Options::default() };
    assert_eq!(at(&old, "/storage_config"), json!({"filesystem": {"directory": "/var/loki/chunks"}}));
}

#[test]
fn any_text_reaches_loki_as_it_is_written() {
    let texts = [
        "",
        " ",
        "~",
        "null",
        "yes",
        "No",
        "on",
        "y",
        "true",
        "1",
        "007",
        "0x1F",
        "0b1",
        "0o7",
        "1_000",
        "1e3",
        "1.5",
        ".5",
        ".inf",
        ".nan",
        "+1",
        "-1",
        "1:30",
        "2024-04-01",
        "2024-04-01T00:00:00Z",
        "=",
        "<<",
        "-",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "%a",
        "@a",
        "`a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "?",
        "? a",
        "[a]",
        "{a}",
        "{{ a }}",
        ",",
        "'",
        "\"",
        "\\",
        "\\d+",
        "a\nb",
        "a\tb",
        " a ",
        "\u{7f}",
        "\u{85}",
        "\u{feff}a",
        "\u{2028}",
        "\r",
        "\u{1f600}",
        "ä",
        "$",
        "$$",
        "${A}",
        "$A",
        "$${A}",
        "\\${A}",
        "---",
        "...",
        "--- a",
        "a\n---\nb",
        "!!str a",
        "0.",
        "1.",
        "1__0",
        "0_7",
        "-0x1",
        "+.inf",
        "NULL",
        "TRUE",
        "Off",
        "\u{0}",
        "\u{1b}",
        "a:",
        ":a",
        ":",
        "a\\\nb",
        "a\n",
        "\na",
        "x\n\n",
        "12e03",
        "-2E+5",
        "0o",
        "190:20:30",
        "1,000",
        "0.1.2",
        "{",
        "}",
        "]",
    ];
    let values: Value = texts.iter().enumerate().map(|(at, text)| (format!("t{at}"), Value::from(*text))).collect();
    let keys: Value = texts.iter().map(|text| ((*text).to_owned(), Value::from(1))).collect();
    let overrides = json!({"values": values, "keys": keys, "list": texts.to_vec()});
    let options = Options { config_overrides: overrides, ..Options::default() };
    // As envsubst reads it; the one variable stays.
    let unprotected = config_yaml(&options).replace("$$", "$").replace(r"\\", r"\");
    assert_eq!(unprotected, expanded(&options, POD_IP));
    let read = crate::loki::config_overrides::read(&unprotected.into()).unwrap();
    let expected = config(&options);
    for at in ["values", "keys", "list"] {
        assert_eq!(read[at], expected[at], "{at}");
    }
    assert_eq!(read, expected);
}

#[test]
fn the_ruler_reads_mounted_rules_and_shares_them_among_replicas() {
    let ruler = Ruler {
        alertmanager_urls: vec!["http://a:9093".into(), "http://b:9093".into()],
        remote_write: Some(RemoteWrite { url: "http://prometheus:9090/api/v1/write".into(), ..RemoteWrite::default() }),
        ..Ruler::default()
    };
    let mut options = Options { ruler: Some(ruler), ..Options::default() };
    assert_eq!(at(&options, "/ruler/storage/local/directory"), RULES_DIRECTORY);
    assert_eq!(at(&options, "/ruler/alertmanager_url"), "http://a:9093,http://b:9093");
    assert_eq!(at(&options, "/ruler/remote_write/clients/loki/url"), "http://prometheus:9090/api/v1/write");
    assert_eq!(at(&options, "/ruler/enable_sharding"), false);
    options.mode = Mode::Distributed;
    assert_eq!(at(&options, "/ruler/enable_sharding"), true);
    options.ruler = None;
    assert_eq!(at(&options, "/ruler"), Value::Null);
}

#[test]
fn an_accounts_key_is_a_variable_and_no_text() {
    let azure = |credentials: Option<Credentials>| Options {
        storage: Storage::Azure(Azure {
            account: "acme".into(),
            container: "loki".into(),
            credentials,
            ..Azure::default()
        }),
        ..Options::default()
    };
    let key = azure(Some(Credentials::ExistingSecret("key".into())));
    assert!(config_yaml(&key).contains("account_key: ${AZURE_STORAGE_KEY}"), "{}", config_yaml(&key));
    assert_eq!(at(&key, "/storage_config/azure/use_federated_token"), false);
    assert_eq!(at(&azure(None), "/storage_config/azure/use_federated_token"), true);
    assert_eq!(at(&azure(None), "/storage_config/azure/account_key"), Value::Null);
}
