//! Large messages, many calls at once, APIs that never answer and clients that go away.

use std::time::Duration;

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use loki_provider::resource::bucket_storage::BucketStorage;
use loki_provider::resource::provider::{Aws, Endpoints, ProviderConfig};
use loki_provider::schema::{Raw, Schematic, Value};
use nix::sys::signal::Signal;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tonic::transport::Channel;

use super::process::Plugin;

const BUCKET: &str = "loki_bucket_storage";
const MIB: usize = 1 << 20;
/// Far below the 30 s after which the provider gives up a request by itself.
const SOON: Duration = Duration::from_secs(15);

fn wire(value: &impl Schematic) -> Option<tf::DynamicValue> {
    let Raw::MessagePack(msgpack) = Raw::encode(value).unwrap() else { panic!("MessagePack") };
    Some(tf::DynamicValue { msgpack, json: Vec::new() })
}

fn null() -> Option<tf::DynamicValue> {
    Some(tf::DynamicValue { msgpack: vec![0xc0], json: Vec::new() })
}

fn bucket(name: &str) -> Option<tf::DynamicValue> {
    wire(&BucketStorage { bucket: Value::Value(name.to_owned()), ..BucketStorage::default() })
}

fn plan() -> tf::plan_resource_change::Request {
    tf::plan_resource_change::Request {
        type_name: BUCKET.to_owned(),
        prior_state: null(),
        proposed_new_state: bucket("acme-loki"),
        config: bucket("acme-loki"),
        ..Default::default()
    }
}

/// An AWS that takes every request and answers none.
struct Silent {
    url: String,
    /// One for each connection that has sent something.
    asked: UnboundedReceiver<()>,
    /// One for each of them that the provider has closed.
    closed: UnboundedReceiver<()>,
}

impl Silent {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ((ask, asked), (close, closed)) = (unbounded_channel(), unbounded_channel());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (ask, close) = (ask.clone(), close.clone());
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    while let Ok(1..) = stream.read(&mut buffer).await {
                        let _ = ask.send(());
                    }
                    let _ = close.send(());
                });
            }
        });
        Self { url, asked, closed }
    }
}

async fn configure(provider: &mut ProviderClient<Channel>, endpoint: &str) {
    let text = |text: &str| Value::Value(text.to_owned());
    let aws = Aws {
        region: text("eu-west-1"),
        access_key: text("test"),
        secret_key: text("test"),
        endpoints: Value::Value(Endpoints {
            s3: text(endpoint),
            iam: text(endpoint),
            sts: text(endpoint),
            eks: text(endpoint),
            kms: text(endpoint),
        }),
        ..Aws::default()
    };
    let config = wire(&ProviderConfig { aws: Value::Value(aws), ..ProviderConfig::default() });
    let request = tf::configure_provider::Request { config, ..Default::default() };
    let said = provider.configure_provider(request).await.unwrap().into_inner().diagnostics;
    assert_eq!(said, []);
}

#[tokio::test]
async fn a_state_of_200_mib_is_served_and_its_memory_given_back() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await.max_encoding_message_size(256 * MIB);
    let (before, _) = plugin.memory();
    let mut peaks = Vec::new();
    for _ in 0..3 {
        let json = format!(r#"{{"bucket":"{}"}}"#, "x".repeat(200 * MIB)).into_bytes();
        let request = tf::upgrade_resource_state::Request {
            type_name: BUCKET.to_owned(),
            raw_state: Some(tf::RawState { json, ..Default::default() }),
            ..Default::default()
        };
        let answer = provider.upgrade_resource_state(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        assert!(answer.upgraded_state.unwrap().msgpack.len() > 200 * MIB);
        peaks.push(plugin.memory().1);
    }
    println!("memory before {before} MiB, at most {peaks:?}, after {} MiB", plugin.memory().0);
    assert!(peaks[0] < before + 10 * 200, "{peaks:?} MiB for one request");
    assert!(peaks[2] < peaks[0] + 300, "grows with each request: {peaks:?} MiB");
    // It is freed on the server's side just after the last byte has gone out.
    let began = std::time::Instant::now();
    while plugin.memory().0 > before + 300 {
        assert!(began.elapsed() < SOON, "keeps {} MiB, had {before}", plugin.memory().0);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused_unread_and_the_connection_goes_on() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await.max_encoding_message_size(usize::MAX);
    let before = plugin.memory().0;
    let large = tf::DynamicValue { msgpack: vec![0xc1; 257 * MIB], json: Vec::new() };
    let request = tf::validate_provider_config::Request { config: Some(large) };
    // The one gRPC status of this provider: nobody has seen the request that it could answer.
    let status = provider.validate_provider_config(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange, "{status:?}");
    assert!(status.message().contains("too large"), "{status:?}");
    assert!(plugin.memory().1 < before + 200, "{:?} MiB", plugin.memory());
    provider.get_metadata(tf::get_metadata::Request {}).await.unwrap();
}

#[tokio::test]
async fn a_thousand_calls_at_once_are_all_answered() {
    let plugin = Plugin::start();
    let silent = Silent::start().await;
    let mut first = plugin.provider().await;
    configure(&mut first, &silent.url).await;
    let mut connections = vec![first];
    for _ in 0..3 {
        connections.push(plugin.provider().await);
    }
    let before = plugin.memory().0;
    let calls = (0..1000).map(|number| {
        let mut provider = connections[number % connections.len()].clone();
        tokio::spawn(async move {
            let type_name = BUCKET.to_owned();
            match number % 8 {
                0 => drop(provider.get_provider_schema(tf::get_provider_schema::Request {}).await.unwrap()),
                1 => drop(provider.get_metadata(tf::get_metadata::Request {}).await.unwrap()),
                2 => drop(provider.plan_resource_change(plan()).await.unwrap()),
                3 => {
                    let request = tf::validate_resource_config::Request {
                        type_name,
                        config: bucket("acme-loki"),
                        ..Default::default()
                    };
                    let said = provider.validate_resource_config(request).await.unwrap().into_inner().diagnostics;
                    assert_eq!(said, []);
                }
                4 => {
                    let raw_state =
                        Some(tf::RawState { json: br#"{"bucket":"acme-loki"}"#.to_vec(), ..Default::default() });
                    let request = tf::upgrade_resource_state::Request { type_name, raw_state, ..Default::default() };
                    assert!(
                        provider.upgrade_resource_state(request).await.unwrap().into_inner().upgraded_state.is_some()
                    );
                }
                5 => {
                    // Changes something: it is stopped in its own way.
                    let request = tf::apply_resource_change::Request {
                        type_name,
                        prior_state: null(),
                        planned_state: bucket("acme-loki"),
                        config: bucket("acme-loki"),
                        ..Default::default()
                    };
                    let answer = provider.apply_resource_change(request).await.unwrap().into_inner();
                    assert!(!answer.diagnostics.is_empty());
                }
                6 => {
                    let request = tf::read_resource::Request {
                        type_name: "loki_nothing".to_owned(),
                        current_state: bucket("acme-loki"),
                        ..Default::default()
                    };
                    assert_eq!(provider.read_resource(request).await.unwrap().into_inner().diagnostics.len(), 1);
                }
                _ => drop(provider.get_functions(tf::get_functions::Request {}).await.unwrap()),
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    // Those that need AWS hang, and the streams that HTTP/2 allows are full of them before the last are sent: each Stop
    // makes room for more, and a later one finds new calls.
    let mut controller = plugin.provider().await;
    let all = futures::future::try_join_all(calls);
    tokio::pin!(all);
    let began = std::time::Instant::now();
    loop {
        tokio::select! {
            done = &mut all => {
                done.unwrap();
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                assert!(began.elapsed() < Duration::from_secs(60), "calls are left without an answer");
                controller.stop_provider(tf::stop_provider::Request {}).await.unwrap();
            }
        }
    }
    println!("memory before {before} MiB, at most {} MiB", plugin.memory().1);
    assert!(plugin.memory().1 < before + 500, "{:?} MiB", plugin.memory());
}

#[tokio::test]
async fn a_plan_ends_with_its_client() {
    let plugin = Plugin::start();
    let mut silent = Silent::start().await;
    let mut provider = plugin.provider().await;
    configure(&mut provider, &silent.url).await;
    let client = tokio::spawn(async move { provider.plan_resource_change(plan()).await.map(drop) });
    silent.asked.recv().await.unwrap();
    client.abort();
    tokio::time::timeout(SOON, silent.closed.recv()).await.expect("its request is given up").unwrap();
    plugin.provider().await.get_metadata(tf::get_metadata::Request {}).await.expect("others are served");
}

#[tokio::test]
async fn an_apply_outlives_its_client_and_ends_with_the_process() {
    let plugin = Plugin::start();
    let mut silent = Silent::start().await;
    let mut provider = plugin.provider().await;
    configure(&mut provider, &silent.url).await;
    let request = tf::apply_resource_change::Request {
        type_name: BUCKET.to_owned(),
        prior_state: null(),
        planned_state: bucket("acme-loki"),
        config: bucket("acme-loki"),
        ..Default::default()
    };
    let client = tokio::spawn(async move { provider.apply_resource_change(request).await.map(drop) });
    silent.asked.recv().await.unwrap();
    client.abort();
    let closed = tokio::time::timeout(Duration::from_secs(2), silent.closed.recv()).await;
    assert!(closed.is_err(), "it goes on: half of it would be worse");
    plugin.signal(Signal::SIGTERM);
    let ended = tokio::time::timeout(SOON, plugin.end()).await.expect("it does not hold up the end");
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.left.is_empty(), "{:?}", ended.left);
}

#[tokio::test]
async fn a_stop_ends_what_an_api_never_answers() {
    let plugin = Plugin::start();
    let mut silent = Silent::start().await;
    let mut provider = plugin.provider().await;
    configure(&mut provider, &silent.url).await;
    let mut controller = plugin.provider().await;
    for _ in 0..2 {
        let hanging = tokio::spawn({
            let mut provider = provider.clone();
            async move { provider.plan_resource_change(plan()).await.unwrap().into_inner() }
        });
        silent.asked.recv().await.unwrap();
        controller.stop_provider(tf::stop_provider::Request {}).await.unwrap();
        let answer = tokio::time::timeout(SOON, hanging).await.expect("it is given up").unwrap();
        assert!(answer.diagnostics[0].summary.contains("Stopped"), "{:?}", answer.diagnostics);
    }
}
