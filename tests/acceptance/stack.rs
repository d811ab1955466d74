//! `loki_stack` by itself, on its own volume: drift, outages, failures, updates, import.

use std::time::Duration;

use serde_json::json;

use crate::support::{Workspace, kubectl, loki, loki_limits, loki_push, loki_returns, wait_until};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  persistence      = { size = "1Gi" }
}
"#;

#[test]
fn what_is_lost_or_edited_shows_in_the_plan_and_apply_repairs_it() {
    let workspace = Workspace::with("drift", STACK);
    let namespace = &workspace.name;
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    let loki = loki(workspace.state("loki_stack.main").expect("it was applied")["push_url"].as_str().expect("a URL"));
    loki_push(&loki, "drift", "before the loss");

    kubectl(&["delete", "statefulset", "loki", "-n", namespace]);
    workspace.plan().has_changes().says(&[&format!("StatefulSet/{namespace}/loki")]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert!(loki_returns(&loki, "drift", "before the loss"), "the volume's data is gone");

    kubectl(&["scale", "statefulset", "loki", "-n", namespace, "--replicas=0"]);
    workspace.plan().has_changes().says(&["changed outside of Terraform"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(kubectl(&["get", "statefulset", "loki", "-n", namespace, "-o", "jsonpath={.spec.replicas}"]), "1");
}

#[test]
fn destroy_leaves_the_volumes_and_takes_them_along_where_retain_is_false() {
    let workspace = Workspace::with("destroy", STACK);
    let namespace = &workspace.name;
    let claims = || kubectl(&["get", "pvc", "-n", namespace, "-o", "name", "--ignore-not-found"]);
    workspace.apply().succeeds();
    workspace.destroy().succeeds().says(&["The volumes of the stack are kept", "The namespace"]);
    assert!(!claims().is_empty(), "the volumes are gone");

    kubectl(&["delete", "namespace", namespace]);
    workspace.main(&STACK.replace("\"1Gi\"", "\"1Gi\", retain = false"));
    workspace.apply().succeeds();
    workspace.destroy().succeeds().says(&["The volumes of the stack are deleted"]);
    wait_until("the namespace goes with the stack", Duration::from_secs(60), || {
        kubectl(&["get", "namespace", namespace, "--ignore-not-found"]).is_empty()
    });
}

#[test]
fn a_plan_during_an_outage_warns_with_the_reason_and_succeeds() {
    let workspace = Workspace::with("outage", STACK);
    let namespace = &workspace.name;
    workspace.apply().succeeds();
    // A quota of no pods keeps the StatefulSet from replacing the pod, so the outage lasts.
    kubectl(&["create", "quota", "closed", "-n", namespace, "--hard=pods=0"]);
    kubectl(&["delete", "pod", "loki-0", "-n", namespace, "--force", "--grace-period=0"]);
    wait_until("Kubernetes has noticed", Duration::from_secs(30), || {
        let made = kubectl(&["get", "statefulset", "loki", "-n", namespace, "-o", "jsonpath={.status.replicas}"]);
        let refused =
            kubectl(&["get", "events", "-n", namespace, "--field-selector", "reason=FailedCreate", "-o", "name"]);
        ["", "0"].contains(&&*made) && !refused.is_empty()
    });
    let reason = "FailedComponents: StatefulSet/loki cannot create its pods: pods \"loki-0\" is forbidden: exceeded quota: \
                  closed, requested: pods=1, limited: pods=0";
    workspace.plan().succeeds().says(&["Warning: The stack", "is failed", reason, "No changes"]);
    workspace.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    let status = workspace.state("loki_stack.main").expect("it was applied")["status"].clone();
    assert_eq!(status["reasons"], json!([reason]), "one reason, once");

    kubectl(&["delete", "quota", "closed", "-n", namespace]);
    wait_until("the plan is silent again", Duration::from_secs(90), || {
        !workspace.plan().said().contains("Warning: The stack")
    });
}

#[test]
fn a_failed_apply_names_the_pod_and_why_and_loses_nothing() {
    let workspace = Workspace::with("failure", STACK);
    let namespace = workspace.name.clone();
    workspace.main(&STACK.replace("storage ", "image = \"docker.io/grafana/no-such-loki\"\n  storage "));
    workspace.apply().fails().says(&["loki-0", "no-such-loki:3.7.8"]);
    let objects = workspace.state("loki_stack.main").expect("what was created is in the state")["objects"].clone();
    assert!(objects.get(format!("StatefulSet/{namespace}/loki")).is_some(), "not in the inventory: {objects}");

    workspace.main(STACK);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
}

#[test]
fn an_update_reaches_the_running_loki_and_a_larger_claim_recreates_around_it() {
    let workspace = Workspace::with("update", STACK);
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    workspace.main(&STACK.replace("persistence ", "retention = \"48h\"\n  persistence "));
    workspace.plan().has_changes().says(&["0 to add, 1 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    let push_url = workspace.state("loki_stack.main").expect("it was applied")["push_url"].clone();
    let config = crate::support::loki_get(&loki(push_url.as_str().expect("a URL")), "/config");
    assert!(config.contains("retention_period: 2d"), "the running Loki has another retention");

    // The lab's default class does not let volumes grow.
    workspace.main(&STACK.replace("\"1Gi\"", "\"2Gi\""));
    workspace.apply().succeeds().says(&[
        "The volumes of loki (from 1Gi to 2Gi) grow",
        "The StorageClass \"standard\" does not let volumes grow",
        "data-loki-0",
    ]);
    workspace.plan().succeeds();
    assert_eq!(sizes(&namespace), ["2Gi", "1Gi"]);

    workspace.main(STACK);
    workspace.apply().succeeds().says(&["Volumes that exist keep their size and class: loki"]);
}

/// Of the StatefulSet's template of claims, and of the claim.
fn sizes(namespace: &str) -> [String; 2] {
    let template = "jsonpath={.spec.volumeClaimTemplates[0].spec.resources.requests.storage}";
    let claim = "jsonpath={.items[0].spec.resources.requests.storage}";
    [
        kubectl(&["get", "statefulset", "loki", "-n", namespace, "-o", template]),
        kubectl(&["get", "pvc", "-n", namespace, "-o", claim]),
    ]
}

#[test]
fn a_volume_grows_where_its_class_lets_it() {
    let text = |size: &str| STACK.replace("\"1Gi\"", &format!("\"{size}\", storage_class = \"growing\""));
    let workspace = Workspace::with("growing", &text("1Gi"));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let pod = || kubectl(&["get", "pod", "loki-0", "-n", &namespace, "-o", "jsonpath={.metadata.uid}"]);
    let before = pod();
    workspace.main(&text("2Gi"));
    workspace
        .apply()
        .succeeds()
        .says(&["The volumes of loki (from 1Gi to 2Gi) grow"])
        .never_says(&["does not let volumes grow"]);
    assert_eq!(sizes(&namespace), ["2Gi", "2Gi"]);
    assert_eq!(pod(), before, "the pod did not keep running");
    workspace.plan().says(&["No changes"]);
}

#[test]
fn limits_of_tenants_are_refused_in_the_plan_or_reach_the_running_loki_without_a_restart() {
    let with =
        |overrides: &str| STACK.replace("persistence ", &format!("auth_enabled = true\n  {overrides}\n  persistence "));
    let workspace = Workspace::with("tenants", &with(""));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let pod = || kubectl(&["get", "pod", "loki-0", "-n", &namespace, "-o", "jsonpath={.metadata.uid}"]);
    let before = pod();
    workspace.main(&with("overrides = { acme = { max_lin_size = \"1MB\" } }"));
    workspace.plan().fails().says(&["overrides[\"acme\"]", "max_lin_size", "Did you mean max_line_size?"]);

    workspace.main(&with("overrides = { acme = { max_entries_limit_per_query = \"4321\" } }"));
    workspace.plan().has_changes().says(&["0 to add, 1 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    let push_url = workspace.state("loki_stack.main").expect("it was applied")["push_url"].clone();
    let loki = loki(push_url.as_str().expect("a URL"));
    wait_until("Loki reads its runtime configuration again", Duration::from_secs(120), || {
        loki_limits(&loki, "acme").contains("max_entries_limit_per_query: 4321")
    });
    assert_eq!(pod(), before, "new limits restarted Loki");
}

#[test]
fn a_stack_is_imported_by_namespace_and_name() {
    let workspace = Workspace::with("import", STACK);
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_stack.main"]).succeeds();
    workspace.import("loki_stack.main", "no-such-namespace/loki").fails().says(&["There is no such stack"]);
    workspace.import("loki_stack.main", &format!("{namespace}/loki")).succeeds();
    let pod = || kubectl(&["get", "pod", "loki-0", "-n", &namespace, "-o", "jsonpath={.metadata.uid}"]);
    let before = pod();
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(pod(), before, "the import restarted Loki");
}

#[test]
fn a_stack_runs_where_the_restricted_pod_security_standard_is_enforced() {
    let workspace =
        Workspace::with("restricted", &STACK.replace("create_namespace = true", "create_namespace = false"));
    let namespace = &workspace.name;
    kubectl(&["create", "namespace", namespace]);
    kubectl(&["label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted"]);
    workspace.apply().succeeds();
    assert_eq!(workspace.state("loki_stack.main").expect("it was applied")["status"]["reasons"], json!([]));
    workspace.destroy().succeeds();
    // It was there before the stack, so it outlives it.
    kubectl(&["get", "namespace", namespace]);
}
