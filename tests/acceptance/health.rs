//! The data source `loki_health`: well, ill, in a `check` block, and from end to end.

use std::time::Duration;

use serde_json::json;

use crate::support::{Workspace, kubectl, loki, loki_get, provider, wait_until};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  auth_enabled     = AUTH
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  persistence      = { size = "1Gi" }
}
"#;

const CHECK: &str = r#"
check "loki" {
  data "loki_health" "main" {
    namespace = "NAME"
    name      = "loki"
  }
  assert {
    condition     = data.loki_health.main.healthy
    error_message = "Loki is ${data.loki_health.main.state}: ${join("; ", data.loki_health.main.reasons)}"
  }
}
"#;

const HEALTH: &str = r#"
data "loki_health" "main" {
  namespace = "NAME"
  name      = "loki"
}
"#;

fn stack(auth_enabled: bool) -> String {
    STACK.replace("AUTH", &auth_enabled.to_string())
}

/// What the data source says of the workspace's stack; it is read by a configuration of its own.
fn health(workspace: &Workspace, more: &str) -> serde_json::Value {
    workspace.main(&HEALTH.replace("\n}", &format!("\n  {more}\n}}")));
    workspace.apply().succeeds();
    workspace.state("data.loki_health.main").expect("it was read")
}

#[test]
fn a_stack_is_well_then_ill_and_a_check_block_says_why() {
    let workspace = Workspace::with("health", &format!("{}{CHECK}", stack(false)));
    let namespace = workspace.name.clone();
    // The check is read after the stack is deployed, for the same apply.
    workspace.apply().succeeds();
    // A data source in a check block is always read again by the apply.
    workspace.plan().has_changes().says(&["0 to add, 0 to change"]).never_says(&["Loki is", "Warning"]);

    let reader = Workspace::with("health-reader", "");
    let of = |more: &str| {
        reader.write("main.tf", &HEALTH.replace("NAME", &namespace).replace("\n}", &format!("\n  {more}\n}}")));
        reader.apply().succeeds();
        reader.state("data.loki_health.main").expect("it was read")
    };
    let well = of("");
    assert_eq!((&well["healthy"], &well["state"]), (&json!(true), &json!("healthy")), "{well}");
    assert_eq!(well["components"]["all"], json!({ "state": "healthy", "replicas": 1, "ready_replicas": 1 }));
    assert_eq!((&well["version"], &well["readable"]), (&json!("3.7.8"), &json!(null)));
    assert_eq!(of(""), well, "the same stack reads the same");

    let deep = of("deep = true");
    assert_eq!((&deep["readable"], &deep["reasons"]), (&json!(true), &json!([])), "{deep}");
    let written = loki_get(&loki(&format!("http://loki.{namespace}.svc")), "/loki/api/v1/label/job/values");
    assert!(written.contains("terraform-provider-loki"), "no line was written: {written}");

    kubectl(&["scale", "statefulset", "loki", "-n", &namespace, "--replicas=0"]);
    wait_until("Loki is gone", Duration::from_secs(60), || {
        kubectl(&["get", "pods", "-n", &namespace, "-o", "name"]).is_empty()
    });
    let ill = of("deep = true");
    assert_eq!(
        (&ill["healthy"], &ill["state"], &ill["readable"]),
        (&json!(false), &json!("failed"), &json!(false)),
        "{ill}"
    );
    assert_eq!(ill["version"], json!(null));
    workspace.plan().has_changes().says(&["Check block assertion failed", "Loki is failed"]);
    reader.write("main.tf", &HEALTH.replace("NAME", &namespace).replace("\n}", "\n  fail_unless_healthy = true\n}"));
    reader.plan().fails().says(&["is failed", "fail_unless_healthy"]);
}

#[test]
fn a_broken_image_is_a_reason_and_a_missing_stack_is_one_too() {
    let workspace = Workspace::with("health-broken", "");
    let missing = health(&workspace, "");
    assert_eq!(missing["state"], "failed");
    assert_eq!(missing["reasons"], json!(["FailedComponents: StatefulSet/loki does not exist"]));

    let deployed = stack(false).replace("storage ", "image = \"docker.io/grafana/no-such-loki\"\n  storage ");
    let broken = Workspace::with("health-image", &deployed);
    broken.apply().fails();
    workspace.write("main.tf", &HEALTH.replace("NAME", &broken.name));
    workspace.apply().succeeds();
    let ill = workspace.state("data.loki_health.main").expect("it was read");
    assert_eq!(ill["state"], "failed", "{ill}");
    assert!(ill["reasons"].to_string().contains("cannot pull its image"), "{ill}");
}

#[test]
fn a_multi_tenant_stack_is_tested_as_any_tenant() {
    let stack = Workspace::with("tenants", &stack(true));
    stack.apply().succeeds();
    let workspace = Workspace::with("tenants-reader", "");
    for more in ["deep = true", "deep = true\n  tenant = \"team-a\""] {
        workspace.write("main.tf", &HEALTH.replace("NAME", &stack.name).replace("\n}", &format!("\n  {more}\n}}")));
        workspace.apply().succeeds();
        let found = workspace.state("data.loki_health.main").expect("it was read");
        assert_eq!(found["readable"], json!(true), "{found}");
    }
}

#[test]
fn a_cluster_that_cannot_be_asked_is_an_error_that_explains() {
    let workspace = Workspace::with("health-nowhere", HEALTH);
    workspace.write("provider.tf", &provider(r#"host = "https://127.0.0.1:9", token = "none", insecure = true"#));
    workspace.plan().fails().says(&["cannot be used", "connection refused"]);
    workspace.write("provider.tf", &provider(r#"eks_cluster = "lab""#));
    workspace.main(&HEALTH.replace("\n}", "\n  timeouts = { read = \"soon\" }\n}"));
    workspace.plan().fails().says(&["The timeout cannot be read", "timeouts.read"]);
}
