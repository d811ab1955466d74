//! `loki_stack` in distributed mode: each component in pods of its own, over a bucket that they reach as a role.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Workspace, kubectl, loki, loki_flush, loki_push, loki_returns, wait_until, with_store, writers};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  mode             = "distributed"
  size             = "demo"
  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = "AWS"
      sts_endpoint = "AWS"
    }
  }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  service_account = { role_arn = loki_irsa_role.loki.arn }
  persistence     = { size = "1Gi", retain = false }
  components      = { overrides_exporter = {} }
}
"#;

fn workspace(test: &str, configuration: &str) -> Workspace {
    Workspace::with(test, &with_store(configuration))
}

fn state(workspace: &Workspace) -> Value {
    workspace.state("loki_stack.main").expect("it was applied")
}

fn address(workspace: &Workspace, attribute: &str) -> String {
    loki(state(workspace)[attribute].as_str().expect("a URL"))
}

/// UIDs of the pods, by name.
fn pods(namespace: &str) -> Vec<String> {
    let uids = r"jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{'\n'}{end}";
    kubectl(&["get", "pods", "-n", namespace, "-o", uids]).lines().map(str::to_owned).collect()
}

#[test]
fn each_component_is_deployed_serves_and_is_changed_by_itself() {
    let workspace = workspace("distributed", STACK);
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    let deployed = state(&workspace);
    assert_eq!(deployed["status"]["state"], "healthy");
    let components = deployed["status"]["components"].as_object().expect("a map");
    let names: Vec<&str> = components.keys().map(String::as_str).collect();
    let expected = [
        "compactor",
        "distributor",
        "index-gateway",
        "ingester",
        "overrides-exporter",
        "querier",
        "query-frontend",
        "query-scheduler",
    ];
    assert_eq!(names, expected);

    loki_push(&address(&workspace, "push_url"), "distributed", "a line to keep");
    let queries = address(&workspace, "query_url");
    wait_until("the pushed line is read back", Duration::from_secs(30), || {
        loki_returns(&queries, "distributed", "a line to keep")
    });
    let ingester = kubectl(&["get", "pod", "loki-ingester-0", "-n", &namespace, "-o", "jsonpath={.status.podIP}"]);
    loki_flush(&format!("http://{ingester}:3100"));
    wait_until("the ingester writes chunks to the bucket", Duration::from_secs(60), || {
        writers(&namespace).iter().any(|writer| writer.object.starts_with("fake/"))
    });
    for writer in writers(&namespace) {
        assert!(writer.identity.contains(&format!(":assumed-role/{namespace}/")), "another identity: {writer:?}");
    }

    // A component that is changed rolls by itself, and the plan names its object alone.
    let before = pods(&namespace);
    let more = "components      = { overrides_exporter = {}, querier = { replicas = 2 } }";
    workspace.main(&configured(&workspace, "components      = { overrides_exporter = {} }", more));
    let changed = format!("Deployment/{namespace}/loki-querier");
    let plan = workspace.plan().has_changes().says(&["0 to add, 1 to change, 0 to destroy", &changed]);
    assert!(!plan.stdout.contains(&format!("StatefulSet/{namespace}")), "{}", plan.stdout);
    workspace.apply().succeeds();
    let after = pods(&namespace);
    assert!(before.iter().all(|pod| after.contains(pod)), "{before:?} became {after:?}");
    assert_eq!(after.len(), before.len() + 1);

    // Imported, it is the same stack.
    workspace.terraform(&["state", "rm", "loki_stack.main"]).succeeds();
    workspace.import("loki_stack.main", &format!("{namespace}/loki")).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(pods(&namespace), after, "the import restarted something");

    workspace.destroy().succeeds();
    assert_eq!(kubectl(&["get", "all,pvc,configmap", "-n", &namespace, "-o", "name"]), "");
}

#[test]
fn a_monolithic_stack_becomes_a_distributed_one_and_keeps_every_line() {
    let monolithic = STACK
        .replace("\"distributed\"\n  size             = \"demo\"", "\"monolithic\"")
        .replace("  components      = { overrides_exporter = {} }\n", "");
    let workspace = workspace("moved", &monolithic);
    workspace.apply().succeeds();
    loki_push(&address(&workspace, "push_url"), "moved", "before the move");

    workspace.main(&with_store(STACK).replace("NAME", &workspace.name));
    let gone = format!("- \"StatefulSet/{}/loki\"", workspace.name);
    workspace.plan().has_changes().says(&["The volumes of StatefulSet loki are deleted", &gone]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(kubectl(&["get", "statefulset", "loki", "-n", &workspace.name, "--ignore-not-found", "-o", "name"]), "");
    loki_push(&address(&workspace, "push_url"), "moved", "after the move");
    let queries = address(&workspace, "query_url");
    for line in ["before the move", "after the move"] {
        wait_until("a line is read back", Duration::from_secs(60), || loki_returns(&queries, "moved", line));
    }
}

fn configured(workspace: &Workspace, from: &str, to: &str) -> String {
    let text = with_store(STACK).replace("NAME", &workspace.name);
    assert!(text.contains(from), "{from:?} is not in the configuration");
    text.replace(from, to)
}

#[test]
fn a_distributed_stack_is_looked_at_and_tested_as_a_whole() {
    let health = r#"
data "loki_health" "main" {
  namespace = loki_stack.main.namespace
  name      = loki_stack.main.name
  deep      = true
}

output "health" {
  value = data.loki_health.main
}
"#;
    let workspace = workspace("looked-at", &format!("{STACK}{health}"));
    workspace.apply().succeeds();
    let found = workspace.output("health");
    assert_eq!((&found["healthy"], &found["readable"]), (&json!(true), &json!(true)), "{found}");
    assert_eq!(found["components"]["querier"], json!({"state": "healthy", "replicas": 1, "ready_replicas": 1}));

    kubectl(&["scale", "deployment", "loki-querier", "-n", &workspace.name, "--replicas=0"]);
    wait_until("the querier is gone", Duration::from_secs(60), || {
        kubectl(&["get", "pods", "-n", &workspace.name, "-l", "app.kubernetes.io/component=querier", "-o", "name"])
            .is_empty()
    });
    workspace.plan().has_changes().says(&["querier is scaled to zero", "changed outside of Terraform: spec.replicas"]);
    workspace.apply().succeeds();
    assert_eq!(state(&workspace)["status"]["state"], "healthy");
}

#[test]
fn what_does_not_fit_a_distributed_stack_is_said_before_anything_is_made() {
    let workspace = workspace("misfit", STACK);
    let size = "size             = \"demo\"";
    for (from, to, says) in [
        (size, "size = \"huge\"", &["size", "\"huge\" is no size", "extra-small (up to 100 GB a day)"][..]),
        ("\"distributed\"", "\"monolithic\"", &["size is of the distributed mode"]),
        ("overrides_exporter = {}", "querrier = {}", &["\"querrier\" is no component", "query_frontend"]),
        ("overrides_exporter = {}", "query-frontend = {}", &["Did you mean query_frontend?"]),
        ("overrides_exporter = {}", "querier = { replicas = 0 }", &["querier needs a replica"]),
        ("overrides_exporter = {}", "querier = { affinity = \"{\" }", &["affinity cannot be read", "jsonencode"]),
        ("overrides_exporter = {}", "querier = { security_context = \"[]\" }", &["It is not an object"]),
        ("overrides_exporter = {}", "query_frontend = { persistence = {} }", &["query-frontend has no volume"]),
        ("overrides_exporter = {}", "querier = { extra_args = [\"-target=all\"] }", &["-target is the provider's"]),
        (size, "replication_factor = 3", &["Loki starts all the same, and then refuses every push"]),
    ] {
        let mut text = configured(&workspace, from, to);
        if to.contains("replication_factor") {
            text = text.replace("{ overrides_exporter = {} }", "{ ingester = { replicas = 1 } }");
        }
        workspace.main(&text);
        workspace.plan().fails().says(says);
    }
    assert_eq!(kubectl(&["get", "namespace", &workspace.name, "--ignore-not-found", "-o", "name"]), "");
}
