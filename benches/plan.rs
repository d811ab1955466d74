//! What values cost: a plan of 1,000 stacks through the codec, and 10,000 plans through the socket of the real binary.
//!
//! Times are medians beside those of other readers of the same bytes in the same run, so that runs on different machines
//! can be compared by the ratios.

use std::hint::black_box;
use std::time::{Duration, Instant};

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::resource::loki_stack::LokiStack;
use loki_provider::schema::{AttributeKind, Cty, Raw, Schematic, Value};
use prost::Message;

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/wire/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/wire/process.rs"]
mod process;

const RESOURCES: usize = 1_000;
const RUNS: usize = 20;
const PLANS: usize = 10_000;
/// Memory is compared between the end of the first so many plans and the end of all.
const FIRST: usize = 1_000;

fn main() {
    let stacks: Vec<LokiStack> = (0..RESOURCES).map(stack).collect();
    let raws: Vec<Raw> = stacks.iter().map(|it| Raw::encode(it).expect("a stack is encoded")).collect();
    codec(&stacks, &raws);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(through_the_socket());
}

/// A stack as people write it, after its creation was planned.
fn stack(index: usize) -> LokiStack {
    let json = serde_json::json!({
        "name": format!("loki-{index}"), "namespace": "observability", "create_namespace": true, "mode": "monolithic",
        "loki_version": "3.7.8", "replicas": 3, "retention": "90d",
        "storage": {"s3": {"bucket": format!("acme-loki-{index}"), "region": "eu-west-1"}},
        "schema": [
            {"from": "2023-01-01", "version": "v12", "store": "tsdb", "object_store": "s3"},
            {"from": "2024-04-01", "version": "v13", "store": "tsdb", "object_store": "s3"},
        ],
        "service_account": {
            "create": true, "role_arn": "arn:aws:iam::123456789012:role/acme-loki",
            "annotations": {"team": "platform", "cost-center": "4711"},
        },
        "limits": {"ingestion_rate_mb": "20", "max_query_series": "5000", "split_queries_by_interval": "15m"},
        "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "logs", "effect": "NoSchedule"}],
        "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "4Gi"}},
        "persistence": {"enabled": true, "size": "50Gi", "storage_class": "gp3", "retain": true},
        "node_selector": {"kubernetes.io/os": "linux"},
    });
    let config = Raw::State(json.to_string().into_bytes()).decode::<LokiStack>();
    let Ok(Value::Value(config)) = config else { panic!("the stack is of today's schema: {config:?}") };
    let mut planned = config.clone();
    planned.fill_defaults(Some(&config));
    planned.mark_computed(Some(&config));
    planned
}

fn codec(stacks: &[LokiStack], raws: &[Raw]) {
    let kind = LokiStack::block().kind();
    let bytes: Vec<&[u8]> = raws
        .iter()
        .map(|raw| match raw {
            Raw::MessagePack(bytes) => bytes.as_slice(),
            _ => panic!("MessagePack is what is encoded"),
        })
        .collect();
    // The same with null for what is unknown, which no reader but ours knows.
    let known: Vec<Vec<u8>> = stacks
        .iter()
        .map(|stack| {
            let mut stack = stack.clone();
            stack.settle();
            let Ok(Raw::MessagePack(bytes)) = Raw::encode(&stack) else { panic!("a stack is encoded") };
            bytes
        })
        .collect();
    let messages: Vec<Vec<u8>> = bytes
        .iter()
        .map(|bytes| {
            let planned_state = Some(tf::DynamicValue { msgpack: bytes.to_vec(), json: Vec::new() });
            tf::plan_resource_change::Response { planned_state, ..Default::default() }.encode_to_vec()
        })
        .collect();
    let trees: Vec<Cty> = raws.iter().map(|raw| raw.decode_as(&kind).expect("a stack")).collect();
    let mut times = [const { Vec::new() }; 6];
    // In turn, so that all see the same machine.
    for _ in 0..RUNS {
        times[0].push(time(|| raws.iter().for_each(|it| drop(black_box(it.decode::<LokiStack>())))));
        times[1].push(time(|| raws.iter().for_each(|it| drop(black_box(it.decode_as(&kind))))));
        times[2].push(time(|| stacks.iter().for_each(|it| drop(black_box(Raw::encode(it))))));
        times[3].push(time(|| trees.iter().for_each(|it| drop(black_box(Raw::encode_as(it, &kind))))));
        times[4].push(time(|| {
            known.iter().for_each(|it| drop(black_box(rmp_serde::from_slice::<serde_json::Value>(it))));
        }));
        times[5].push(time(|| {
            messages.iter().for_each(|it| drop(black_box(tf::plan_resource_change::Response::decode(&it[..]))));
        }));
    }
    let [typed, tree, encode_typed, encode_tree, baseline, plain] = times.map(median);
    let size: usize = bytes.iter().map(|it| it.len()).sum();
    let row = |what: &str, time: Duration| {
        let ratio = time.as_secs_f64() / baseline.as_secs_f64();
        println!("{what:<42} {:7.2} ms   ({ratio:.1} x rmp-serde)", time.as_secs_f64() * 1e3);
    };
    println!("a plan of {RESOURCES} stacks, {} KiB of MessagePack, medians of {RUNS} runs", size / 1024);
    row("decode to a typed stack", typed);
    row("decode to a tree of the schema", tree);
    row("encode a typed stack", encode_typed);
    row("encode a tree of the schema", encode_tree);
    row("rmp-serde to serde_json::Value", baseline);
    row("prost alone, the value as bytes", plain);
}

async fn through_the_socket() {
    let plugin = process::Plugin::start();
    let mut provider = plugin.provider().await;
    // Nothing is known of cluster and account: the plan is made offline.
    let schema =
        provider.get_provider_schema(tf::get_provider_schema::Request {}).await.expect("the schema").into_inner();
    let names = schema.provider.and_then(|it| it.block).unwrap_or_default().attributes;
    let mut msgpack = vec![0x80 + u8::try_from(names.len()).expect("few attributes")];
    for it in &names {
        rmp::encode::write_str(&mut msgpack, &it.name).expect("a vector takes all");
        msgpack.extend([0xd4, 0, 0]);
    }
    let config = Some(tf::DynamicValue { msgpack, json: Vec::new() });
    let request = tf::configure_provider::Request { config, ..Default::default() };
    let configured = provider.configure_provider(request).await.expect("an answer").into_inner();
    let refused = |it: &tf::Diagnostic| it.severity() == tf::diagnostic::Severity::Error;
    assert!(!configured.diagnostics.iter().any(refused), "{configured:?}");
    let value = |stack: &LokiStack| {
        let Ok(Raw::MessagePack(msgpack)) = Raw::encode(stack) else { panic!("a stack is encoded") };
        Some(tf::DynamicValue { msgpack, json: Vec::new() })
    };
    let (mut at_first, mut times) = (0.0, Vec::with_capacity(PLANS));
    for index in 0..PLANS {
        let mut config = stack(index);
        config.settle();
        let request = tf::plan_resource_change::Request {
            type_name: "loki_stack".to_owned(),
            proposed_new_state: value(&config),
            config: value(&config),
            ..Default::default()
        };
        let begun = Instant::now();
        let planned = provider.plan_resource_change(request).await.expect("an answer").into_inner();
        times.push(begun.elapsed());
        let errors = planned.diagnostics.iter().filter(|it| it.severity() == tf::diagnostic::Severity::Error);
        assert_eq!(errors.count(), 0, "{:?}", planned.diagnostics);
        if index + 1 == FIRST {
            at_first = resident_mib(plugin.pid());
        }
    }
    let at_last = resident_mib(plugin.pid());
    println!("{PLANS} plans of a stack through the socket");
    println!("one plan                                   {:7.2} ms   (median)", median(times).as_secs_f64() * 1e3);
    println!("resident memory after the first {FIRST}       {at_first:7.1} MiB");
    println!("resident memory after all                  {at_last:7.1} MiB  ({:+.1})", at_last - at_first);
}

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn resident_mib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a resident size");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}
