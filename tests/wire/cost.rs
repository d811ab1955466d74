//! What the provider costs before it does anything: Terraform starts it several times per command.

use std::time::Duration;

use loki_provider::proto::tfplugin6::get_provider_schema;

use super::process::Plugin;

/// The best of several starts, as many as it takes, so that a busy machine does not decide.
#[tokio::test]
async fn the_schema_is_there_within_50_ms_and_25_mb() {
    let mut best = (Duration::MAX, f64::MAX);
    for _ in 0..100 {
        let plugin = Plugin::start();
        let mut provider = plugin.provider().await;
        provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
        let elapsed = plugin.started.elapsed();
        let status = std::fs::read_to_string(format!("/proc/{}/status", plugin.pid())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kib: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
        best = (best.0.min(elapsed), best.1.min(kib / 1024.0));
        if best.0 <= Duration::from_millis(50) && best.1 <= 25.0 {
            break;
        }
    }
    println!("start to schema: {:?}, resident: {:.1} MiB", best.0, best.1);
    assert!(best.0 <= Duration::from_millis(50), "{:?}", best.0);
    assert!(best.1 <= 25.0, "{:.1} MiB", best.1);
}
