//! The log on stderr, as Terraform parses it.

use loki_provider::proto::tfplugin6::{read_data_source, validate_resource_config};
use nix::sys::signal::Signal;
use serde_json::Value;

use super::process::Plugin;

/// Every line of the log of one refused call at that level.
async fn log(level: &str) -> Vec<Value> {
    let plugin = Plugin::start_with(&[("TF_LOG", level)]);
    let mut provider = plugin.provider().await;
    let request = validate_resource_config::Request { type_name: "loki_nothing".to_owned(), ..Default::default() };
    provider.validate_resource_config(request).await.unwrap();
    let request = read_data_source::Request { type_name: "loki_nothing".to_owned(), ..Default::default() };
    provider.read_data_source(request).await.unwrap();
    plugin.signal(Signal::SIGTERM);
    let stderr = plugin.end().await.stderr;
    stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[tokio::test]
async fn every_line_is_an_object_of_strings() {
    let lines = log("trace").await;
    assert!(lines.iter().all(|line| line.as_object().unwrap().values().all(Value::is_string)), "{lines:?}");
    let served = lines.iter().find(|line| line["tf_rpc"] == "ValidateResourceConfig").unwrap();
    assert_eq!(served["tf_resource_type"], "loki_nothing");
    assert_eq!(served["tf_provider_addr"], "registry.terraform.io/lokiops/loki");
    assert!(!served["tf_req_id"].as_str().unwrap().is_empty());
    let ids: Vec<_> =
        lines.iter().filter(|line| line["@message"] == "Served request").map(|it| &it["tf_req_id"]).collect();
    assert!(matches!(ids[..], [a, b] if a != b), "{ids:?}");
}

#[tokio::test]
async fn the_level_is_kept() {
    let levels =
        |lines: Vec<Value>| lines.iter().map(|it| it["@level"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let errors = log("error").await;
    assert!(errors.iter().all(|line| line["tf_rpc"].is_string()), "{errors:?}");
    assert_eq!(levels(errors), ["error", "error"]);
    assert_eq!(levels(log("off").await), [""; 0]);
    assert!(levels(log("debug").await).contains(&"debug".to_owned()));
}
