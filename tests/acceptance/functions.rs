//! Functions, in Terraform 1.8 and later.

use std::time::Instant;

use serde_json::json;

use crate::cases;
use crate::support::Workspace;

#[test]
fn durations_become_seconds_and_errors_point_at_the_argument() {
    let call = |text: &str| format!("output \"seconds\" {{\n  value = provider::loki::duration_seconds({text})\n}}\n");
    let workspace = Workspace::with("functions", &call("\"1h30m\""));
    workspace.apply().succeeds();
    assert_eq!(workspace.output("seconds"), 5400);
    workspace.main(&call("\"1s500ms\""));
    workspace.apply().succeeds();
    assert_eq!(workspace.output("seconds"), 1.5);
    workspace.main(&call("\"90 days\""));
    workspace.plan().fails().says(&["Invalid value for \"duration\" parameter", "90 days"]);
}

/// A configuration that Loki 3.0 to 3.7 take.
const LOKI: &str = r#"common:
  path_prefix: /var/loki
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: /var/loki/chunks, rules_directory: /var/loki/rules}}
schema_config:
  configs:
    - {from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}
server:
  http_listen_port: ${PORT}
"#;

#[test]
fn a_configuration_is_judged_before_anything_is_deployed() {
    let workspace = Workspace::with("verify", "");
    workspace.write("loki.yaml", LOKI);
    workspace.main(
        "output \"verdict\" {\n  value = provider::loki::verify_config(file(\"loki.yaml\"), \"3.7.8\", { PORT = \"3100\" })\n}\n",
    );
    workspace.apply().succeeds();
    assert_eq!(workspace.output("verdict")["valid"], true);

    // As it is written, the port is no number; and a key is misspelt.
    workspace.write("loki.yaml", &LOKI.replace("server:", "servr: {}\nserver:"));
    workspace.main("output \"verdict\" {\n  value = provider::loki::verify_config(file(\"loki.yaml\"), \"3.0\")\n}\n");
    workspace.apply().succeeds();
    let verdict = workspace.output("verdict");
    assert_eq!(verdict["valid"], false);
    let finding = &verdict["findings"][0];
    assert_eq!(
        (&finding["severity"], &finding["path"], &finding["line"]),
        (&"error".into(), &"servr".into(), &9.into())
    );
    assert!(finding["text"].as_str().is_some_and(|it| it.contains("field servr not found")), "{finding}");

    workspace.main("output \"verdict\" {\n  value = provider::loki::verify_config(\"\", \"2.9.8\")\n}\n");
    workspace.plan().fails().says(&["Invalid value for \"version\" parameter", "3.0, 3.1"]);
}

#[test]
fn limits_of_tenants_are_judged_over_those_of_the_configuration_file() {
    let judged = |main: &str| {
        format!(
            "output \"verdict\" {{\n  value = provider::loki::verify_runtime_config(file(\"runtime.yaml\"), \"3.7\"{main})\n}}\n"
        )
    };
    let workspace = Workspace::with("verify-runtime", &judged(""));
    workspace.write("runtime.yaml", "overrides:\n  acme: {volume_enabled: true}\n");
    workspace.apply().succeeds();
    assert_eq!(workspace.output("verdict"), json!({"valid": true, "findings": []}));
    workspace.write("loki.yaml", "limits_config: {retention_stream: [{selector: '{app=\"a\"}', period: 2h}]}\n");
    workspace.main(&judged(", file(\"loki.yaml\")"));
    workspace.apply().succeeds();
    let verdict = workspace.output("verdict");
    assert_eq!(verdict["valid"], false);
    let text = verdict["findings"][0]["text"].as_str().expect("a text");
    assert!(text.starts_with("invalid override for tenant acme: retention period must be >= 24h"), "{text}");
}

#[test]
fn what_is_unknown_or_sensitive_is_judged_when_it_is_known_and_stays_sensitive() {
    let workspace = Workspace::with(
        "verify-unknown",
        r#"resource "terraform_data" "port" {
  input = "3100"
}

variable "password" {
  default   = "hunter2"
  sensitive = true
}

locals {
  loki    = "server: {http_listen_port: ${terraform_data.port.output}}"
  secret  = "storage_config: {aws: {secret_access_key: [${var.password}]}}"
  verdict = provider::loki::verify_config(local.secret, "3.7.8")
}

output "later" {
  value = provider::loki::verify_config(local.loki, "3.7.8").valid
}

output "secret" {
  value = nonsensitive(local.verdict)
}

check "valid" {
  assert {
    condition     = local.verdict.valid
    error_message = "The configuration is not valid: ${local.verdict.findings[0].text}"
  }
}
"#,
    );
    workspace.plan().has_changes().says(&["(known after apply)"]);
    workspace.apply().succeeds();
    // Without a schema Loki does not start.
    assert_eq!(workspace.output("later"), false);
    let secret = workspace.output("secret");
    assert_eq!(secret["valid"], false);
    assert!(!secret.to_string().contains("hunter2"), "{secret}");
}

#[test]
fn the_whole_corpus_is_judged_in_one_plan() {
    let workspace = Workspace::with("verify-corpus", "");
    let cases: Vec<_> = cases::all().into_iter().filter(|case| case.variables.is_none()).collect();
    let mut valid = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let file = format!("case-{index:04}.yaml");
        workspace.write(&file, &case.text);
        if case.verdicts[&7].is_none() {
            valid.push(file);
        }
    }
    workspace.main(
        r#"output "valid" {
  value = [for it in fileset(path.module, "*.yaml") : it if provider::loki::verify_config(file(it), "3.7.8").valid]
}
"#,
    );
    let began = Instant::now();
    workspace.plan().has_changes();
    println!("a plan that judges {} configurations takes {:.2?}", cases.len(), began.elapsed());
    workspace.apply().succeeds();
    let judged = workspace.output("valid");
    let judged = judged.as_array().unwrap();
    // tests/verify holds each verdict; here a few may differ as there.
    let apart = valid.iter().filter(|it| !judged.contains(&json!(it))).count();
    assert!(apart * 200 <= cases.len() && judged.len().abs_diff(valid.len()) * 200 <= cases.len(), "{apart} apart");
}

#[test]
fn configurations_are_compared_and_put_together() {
    let workspace = Workspace::with(
        "config",
        r#"output "differences" {
  value = provider::loki::config_diff("limits_config: {retention_period: 30d}", "limits_config: {retention_period: 1y}")
}

output "schema" {
  value = yamldecode(provider::loki::schema_config([
    { from = "2023-01-01", object_store = "s3", store = "boltdb-shipper", version = "v12" },
    { from = "2024-04-01", object_store = "s3" },
  ]))
}

output "size" {
  value = provider::loki::size(400).components.ingester
}
"#,
    );
    workspace.apply().succeeds();
    let expected = json!([
        {"path": "limits_config.retention_period", "before": "30d", "after": "1y", "change": "changed"},
    ]);
    assert_eq!(workspace.output("differences"), expected);
    let schema = workspace.output("schema");
    assert_eq!(schema["schema_config"]["configs"][1]["schema"], "v13");
    let expected = json!({"replicas": 3, "cpu": "2.5", "memory": "13.25Gi", "storage": "10Gi", "wal_storage": "150Gi"});
    assert_eq!(workspace.output("size"), expected);

    for (call, says) in [
        (r#"schema_config([{ from = "2024-04-01" }])"#, "periods[0].object_store is missing"),
        (r#"size(-1)"#, "0 to 5000"),
        (r#"config_diff("a: [", "")"#, "Invalid value for \"before\" parameter"),
    ] {
        workspace.main(&format!("output \"it\" {{\n  value = provider::loki::{call}\n}}\n"));
        workspace.plan().fails().says(&[says]);
    }
}

#[test]
fn policies_are_those_of_the_role() {
    let workspace = Workspace::with(
        "policies",
        r#"locals {
  issuer = "arn:aws-cn:iam::123456789012:oidc-provider/oidc.example/id/A"
}

output "bucket" {
  value = jsondecode(provider::loki::bucket_policy("acme-loki", { partition = "aws-cn", tls_only = true }))
}

output "trust" {
  value = jsondecode(provider::loki::trust_policy(local.issuer, "loki", ["loki"]))
}
"#,
    );
    workspace.apply().succeeds();
    let bucket = workspace.output("bucket");
    assert_eq!(bucket["Statement"][1]["Resource"], json!(["arn:aws-cn:s3:::acme-loki/*"]));
    assert_eq!(bucket["Statement"][2]["Effect"], "Deny");
    let trust = workspace.output("trust");
    let expected = json!({
        "oidc.example/id/A:aud": "sts.amazonaws.com",
        "oidc.example/id/A:sub": "system:serviceaccount:loki:loki",
    });
    assert_eq!(trust["Statement"][0]["Condition"]["StringEquals"], expected);
    workspace.main("output \"it\" {\n  value = provider::loki::bucket_policy(\"Acme_Loki\")\n}\n");
    workspace.plan().fails().says(&["Invalid value for \"bucket\" parameter", "lowercase"]);
}
