//! What the provider costs before it does anything: Terraform starts it several times per command.
//!
//! Times are medians, beside the same run's start of a program that does nothing, so that runs on different machines
//! can be compared by the ratio.

use std::process::Command;
use std::time::{Duration, Instant};

use loki_provider::proto::tfplugin6::get_provider_schema;

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/wire/certificate.rs"]
mod certificate;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/wire/process.rs"]
mod process;

const RUNS: usize = 40;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (mut nothing, mut start, mut resident) = (Vec::new(), Vec::new(), Vec::new());
    // In turn, so that both see the same machine.
    for _ in 0..RUNS {
        let begun = Instant::now();
        let status = Command::new("true").status().expect("`true` runs");
        assert!(status.success(), "{status}");
        nothing.push(begun.elapsed());
        runtime.block_on(async {
            let plugin = process::Plugin::start();
            let mut provider = plugin.provider().await;
            provider.get_provider_schema(get_provider_schema::Request {}).await.expect("the schema");
            start.push(plugin.started.elapsed());
            resident.push(resident_mib(plugin.pid().to_string().as_str()));
        });
    }
    resident.sort_by(f64::total_cmp);
    let (nothing, start, resident) = (median(nothing), median(start), resident[RUNS / 2]);
    let binary = std::fs::metadata(env!("CARGO_BIN_EXE_terraform-provider-loki")).expect("the binary").len();
    let ratio = start.as_secs_f64() / nothing.as_secs_f64();
    println!("medians of {RUNS} runs");
    println!("process start to schema   {:7.1} ms   ({ratio:.1} x the start of `true`)", millis(start));
    println!("start of `true`           {:7.1} ms", millis(nothing));
    println!("resident memory after it  {resident:7.1} MiB");
    println!("binary size               {:7.1} MB", binary as f64 / 1e6);
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn resident_mib(pid: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a resident size");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}
