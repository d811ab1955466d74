//! Volumes that a stack gets later: Kubernetes changes no pod that runs, so each has to be made anew.

use crate::support::{Workspace, kubectl, with_store};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name               = "loki"
  namespace          = "NAME"
  create_namespace   = true
  replicas           = 2
  replication_factor = 1
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
  # As OpenShift wants it, where the cluster gives pods their users.
  security_context = jsonencode({ runAsGroup = null, supplementalGroups = [20001] })
  persistence     = { enabled = false, size = "1Gi", retain = false }
}
"#;

/// Each pod with the claim that it mounts.
fn mounted(namespace: &str) -> String {
    let claims = r"jsonpath={range .items[*]}{.metadata.name}:{.spec.volumes[*].persistentVolumeClaim.claimName} {end}";
    kubectl(&["get", "pods", "-n", namespace, "-l", "app.kubernetes.io/component=all", "-o", claims])
}

#[test]
fn a_stack_without_volumes_gets_some_and_loses_them_again() {
    let text = with_store(STACK);
    let workspace = Workspace::with("volumes", &text);
    workspace.apply().succeeds();
    assert_eq!(mounted(&workspace.name), "loki-0: loki-1: ");
    let context = kubectl(&["get", "pod", "loki-0", "-n", &workspace.name, "-o", "jsonpath={.spec.securityContext}"]);
    assert!(context.contains("[20001]") && !context.contains("runAsGroup"), "{context}");

    workspace.main(&text.replace("enabled = false", "enabled = true"));
    workspace.plan().has_changes().says(&["StatefulSet loki is recreated around its pods", "their volumes stay"]);
    workspace.apply().succeeds();
    assert_eq!(mounted(&workspace.name), "loki-0:data-loki-0 loki-1:data-loki-1 ");
    workspace.plan().succeeds().says(&["No changes"]);

    workspace.main(&text);
    workspace.apply().succeeds();
    assert_eq!(mounted(&workspace.name), "loki-0: loki-1: ");
    workspace.plan().succeeds().says(&["No changes"]);
}
