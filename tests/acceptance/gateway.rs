//! A distributed stack with all that can be around Loki: gateway with users and tenants, caches, canary, ruler, network
//! policies.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Workspace, kubectl, wait_until, with_store};

const STACK: &str = r#"
variable "alice" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "bob" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  mode             = "distributed"
  size             = "demo"
  auth_enabled     = true
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
  caches          = { chunks = {}, results = {} }
  gateway = {
    users = {
      alice = { tenant = "team-a", password = var.alice }
      bob   = { tenant = "team-b", password = var.bob }
    }
    users_version = "1"
  }
  canary = {}
  ruler = {
    alertmanager_urls = ["http://alertmanager.NAME:9093"]
    groups = [{
      tenant = "team-a"
      name   = "errors"
      rules  = [{ alert = "Errors", expr = "sum(count_over_time({job=\"a\"} |= \"error\" [5m])) > 0" }]
    }]
  }
  network_policies = {}
  components       = { gateway = { replicas = 1 } }
}
"#;

fn workspace(test: &str) -> Workspace {
    let mut workspace = Workspace::with(test, &with_store(STACK));
    workspace.set("TF_VAR_alice", "alices-first-password");
    workspace.set("TF_VAR_bob", "bobs-only-password");
    workspace
}

fn state(workspace: &Workspace) -> Value {
    workspace.state("loki_stack.main").expect("it was applied")
}

fn pods(namespace: &str) -> Vec<String> {
    let uids = r"jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{'\n'}{end}";
    kubectl(&["get", "pods", "-n", namespace, "-o", uids]).lines().map(str::to_owned).collect()
}

#[test]
fn users_reach_their_tenants_through_the_gateway_and_nothing_else() {
    let mut workspace = workspace("gateway");
    let namespace = workspace.name.clone();
    workspace.apply().succeeds().never_says(&["alices-first-password", "$6$"]);
    workspace.plan().succeeds().says(&["No changes"]);
    let deployed = state(&workspace);
    assert_eq!(deployed["status"]["state"], "healthy", "{}", deployed["status"]);
    for component in ["gateway", "chunks-cache", "results-cache", "canary", "ruler"] {
        assert_eq!(deployed["status"]["components"][component], "healthy", "{component}");
    }
    let url = format!("http://loki-gateway.{namespace}.svc.cluster.local");
    assert_eq!(deployed["push_url"], json!(format!("{url}/loki/api/v1/push")));
    assert_eq!(deployed["query_url"], json!(url));
    let whole = std::fs::read_to_string(workspace.path("terraform.tfstate")).expect("a state");
    assert!(!whole.contains("password\": \"") && !whole.contains("$6$") && !whole.contains("alices-first"), "{whole}");

    // Each user is of a tenant, whatever the request says; nobody else comes in, and operators' paths are closed.
    let alice = Client::new(&url).user("alice", "alices-first-password");
    let bob = Client::new(&url).user("bob", "bobs-only-password");
    alice.push("a", "a line of team a").succeeds();
    wait_until("alice reads her line", Duration::from_secs(30), || alice.reads("a").contains("a line of team a"));
    assert!(!bob.reads("a").contains("a line of team a"));
    assert!(!bob.header("X-Scope-OrgID: team-a").reads("a").contains("a line of team a"));
    let wrong = Client::new(&url).user("alice", "bobs-only-password");
    assert_eq!((wrong.status("/loki/api/v1/labels"), Client::new(&url).status("/loki/api/v1/labels")), (401, 401));
    for path in ["/flush", "/config", "/ring", "/metrics", "/ingester/shutdown", "/memberlist"] {
        assert_eq!(alice.status(path), 404, "{path}");
    }
    assert_eq!((alice.status("/prometheus/api/v1/rules"), alice.status("/prometheus/api/v1/alerts")), (200, 200));

    // Loki keeps what it was asked in the caches.
    let querier = kubectl(&[
        "get",
        "pods",
        "-n",
        &namespace,
        "-l",
        "app.kubernetes.io/component=query-frontend",
        "-o",
        "jsonpath={.items[0].status.podIP}",
    ]);
    let metrics = Client::new(&format!("http://{querier}:3100")).get("/metrics");
    assert!(metrics.contains("loki_memcache_client_servers") || metrics.contains("memcache"), "no cache client");

    // All pods live under the restricted standard.
    let level = r"jsonpath={.metadata.labels.pod-security\.kubernetes\.io/enforce}";
    assert_eq!(kubectl(&["get", "namespace", &namespace, "-o", level]), "restricted");

    // A password is changed without a restart.
    let before = pods(&namespace);
    workspace.set("TF_VAR_alice", "alices-second-password");
    workspace.plan().succeeds().says(&["No changes"]);
    workspace.main(&text(&workspace, "users_version = \"1\"", "users_version = \"2\""));
    workspace.plan().has_changes().says(&[&format!("Secret/{namespace}/loki-gateway-users")]);
    workspace.apply().succeeds();
    let alice = Client::new(&url).user("alice", "alices-second-password");
    wait_until("the new password counts", Duration::from_secs(120), || alice.status("/loki/api/v1/labels") == 200);
    assert_eq!(wrong.status("/loki/api/v1/labels"), 401);

    // So are rules, and the plan names what is touched.
    let with_faults = text(&workspace, "users_version = \"1\"", "users_version = \"2\"")
        .replace("name   = \"errors\"", "name   = \"faults\"");
    workspace.main(&with_faults);
    let plan = workspace.plan().has_changes().says(&[&format!("ConfigMap/{namespace}/loki-rules")]);
    let touched = plan.stdout.lines().filter(|line| line.contains(&format!("/{namespace}/")) && line.contains(" -> "));
    assert_eq!(touched.count(), 1, "{}", plan.stdout);
    workspace.apply().succeeds();
    assert!(alice.get("/prometheus/api/v1/rules").contains("faults"));
    assert_eq!(pods(&namespace), before);

    // Whoever changes the Secret is told of, and overruled.
    kubectl(&["patch", "secret", "loki-gateway-users", "-n", &namespace, "-p", r#"{"data":{".htpasswd":"eA=="}}"#]);
    workspace.plan().fails().says(&["kubectl-patch owns", "force_conflicts"]).never_says(&["eA=="]);
    workspace.main(&with_faults.replace("canary = {}", "canary = {}\n  force_conflicts = true"));
    workspace.plan().has_changes().says(&["changed outside of Terraform: data"]);
    workspace.apply().succeeds();
    wait_until("the users are back", Duration::from_secs(120), || alice.status("/loki/api/v1/labels") == 200);

    workspace.destroy().succeeds();
    assert_eq!(kubectl(&["get", "all,pvc,configmap,secret,networkpolicy", "-n", &namespace, "-o", "name"]), "");
}

fn text(workspace: &Workspace, from: &str, to: &str) -> String {
    let text = with_store(STACK).replace("NAME", &workspace.name);
    assert!(text.contains(from), "{from:?} is not in the configuration");
    text.replace(from, to)
}

#[test]
fn what_does_not_fit_is_said_before_anything_is_made() {
    let workspace = workspace("gateway-misfit");
    for (from, to, says) in [
        ("password = var.alice", "", &["alice", "has no password", "gateway.users_secret"][..]),
        ("password = var.alice", "password_hash = \"hunter2\"", &["no kind that nginx knows", "openssl passwd -6"]),
        ("auth_enabled     = true", "", &["would not tell the tenant", "auth_enabled"]),
        ("  gateway = {", "  unused = {", &["Unsupported argument"]),
        ("canary = {}", "canary = { tenant = \"a/b\" }", &["cannot be the ID of a tenant"]),
        ("chunks = {}", "chunks = { memory = \"1Mi\" }", &["too little for a cache"]),
        ("[5m])) > 0", "[5m]) > 0", &["\"Errors\"", "cannot be evaluated", "unexpected $end"]),
        ("sum(count_over_time({job=\\\"a\\\"} |= \\\"error\\\" [5m])) > 0", "{job=\\\"a\\\"}", &["a query for logs"]),
        ("network_policies = {}", "network_policies = { egress_cidrs = [\"10.1.1.1/8\"] }", &["is no network"]),
        ("gateway = { replicas = 1 }", "canary = { replicas = 1 }", &["a pod on each node"]),
    ] {
        workspace.main(&text(&workspace, from, to));
        workspace.plan().fails().says(says).never_says(&["hunter2", "alices-first-password"]);
    }
    assert_eq!(kubectl(&["get", "namespace", &workspace.name, "--ignore-not-found", "-o", "name"]), "");
}
