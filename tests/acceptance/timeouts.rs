//! `timeouts`, of every resource: what is over is said and loses nothing, and a change of it touches nothing.

use crate::support::{Workspace, kubectl};

const ALL: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket   = "NAME"
  timeouts = { create = "5m" }
}
resource "loki_irsa_role" "loki" {
  name            = "NAME"
  eks_cluster     = "lab"
  namespace       = "NAME"
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
  timeouts        = { create = "5m" }
}
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  timeouts         = { create = "5m" }
}
"#;

#[test]
fn a_change_of_timeouts_alone_is_saved_and_touches_nothing() {
    let workspace = Workspace::with("timeouts", ALL);
    let namespace = &workspace.name;
    workspace.apply().succeeds();
    let version = || {
        let path = "jsonpath={.metadata.resourceVersion}";
        ["statefulset/loki", "configmap/loki-config", "service/loki"]
            .map(|it| kubectl(&["get", it, "-n", namespace, "-o", path]))
    };
    let before = version();
    // Loki cannot be asked now, so an apply that looked at it would wait in vain.
    kubectl(&["create", "quota", "closed", "-n", namespace, "--hard=pods=0"]);
    workspace.main(&ALL.replace("create = \"5m\"", "update = \"20s\", read = \"2m\""));
    workspace.plan().has_changes().says(&["0 to add, 3 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(version()[1..], before[1..], "something was applied");
    for address in ["loki_bucket_storage.logs", "loki_irsa_role.loki", "loki_stack.main"] {
        let timeouts = workspace.state(address).expect("it is in the state")["timeouts"].clone();
        assert_eq!((&timeouts["update"], &timeouts["create"]), (&"20s".into(), &serde_json::Value::Null), "{address}");
    }
    workspace.main(&ALL.replace("timeouts", "#"));
    workspace.apply().succeeds();
    workspace.plan().succeeds();
}

#[test]
fn a_timeout_that_is_over_is_named_with_what_was_waited_for() {
    let stack = ALL[ALL.find("resource \"loki_stack\"").expect("it is there")..].replace("\"5m\"", "\"4s\"");
    // No node has the label, so no pod ever starts.
    let workspace = Workspace::with(
        "overdue",
        &stack.replace("storage ", "node_selector = { \"no-such\" = \"node\" }\n  storage "),
    );
    workspace.apply().fails().says(&[
        "Out of time while waiting for a healthy Loki",
        "timeouts.create allows 4s",
        "What exists is kept in the state",
        "loki-0",
    ]);
    let objects = workspace.state("loki_stack.main").expect("what exists is in the state")["objects"].clone();
    assert!(objects.get(format!("StatefulSet/{}/loki", workspace.name)).is_some(), "{objects}");

    workspace.main(&stack.replace("4s", "tomorrow"));
    workspace.plan().fails().says(&["The timeout cannot be read", "timeouts.create", "tomorrow"]);
}
