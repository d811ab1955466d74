//! An upgrade of Loki under load: every line that was accepted is readable afterwards, and components roll one after the
//! other.

use crate::support::{Client, Load, Workspace, kubectl, with_store};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name               = "loki"
  namespace          = "NAME"
  create_namespace   = true
  mode               = "distributed"
  loki_version       = "3.5.7"
  replicas           = 3
  replication_factor = 3
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
  gateway         = {}
  components = {
    index_gateway   = { replicas = 1 }
    query_scheduler = { replicas = 1 }
    querier         = { replicas = 1 }
    query_frontend  = { replicas = 1 }
  }
}
"#;

/// When the oldest pod of a component was made.
fn made(namespace: &str, component: &str) -> String {
    let times = r"jsonpath={range .items[*]}{.metadata.creationTimestamp}{'\n'}{end}";
    let label = format!("app.kubernetes.io/component={component}");
    let times = kubectl(&["get", "pods", "-n", namespace, "-l", &label, "-o", times]);
    times.lines().min().unwrap_or_default().to_owned()
}

#[test]
fn no_accepted_line_is_lost_while_a_new_version_rolls_out() {
    let text = with_store(STACK);
    let workspace = Workspace::with("upgrade", &text);
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let client = Client::new(&format!("http://loki-gateway.{namespace}.svc.cluster.local"));
    let load = Load::start(&client);
    workspace.main(&text.replace("NAME", &namespace).replace("3.5.7", "3.7.8"));
    workspace.apply().succeeds();
    assert_eq!(workspace.state("loki_stack.main").expect("it was applied")["status"]["state"], "healthy");
    workspace.plan().succeeds().says(&["No changes"]);

    // As documented: what is asked is new before what asks it.
    let order =
        ["index-gateway", "compactor", "ingester", "query-scheduler", "querier", "query-frontend", "distributor"];
    let times = order.map(|component| made(&namespace, component));
    assert!(times.is_sorted(), "{order:?} were made at {times:?}");
    load.ends_without_loss();
}
