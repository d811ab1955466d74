//! A store that is reached with keys: given write-only, they are in no state, and a new one takes over.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Workspace, access_key, aws, kubectl, lab, loki_flush, store_user, wait_until, writers};

const STACK: &str = r#"
variable "key" {
  type      = object({ id = string, secret = string })
  sensitive = true
  ephemeral = true
}

resource "loki_bucket_storage" "logs" {
  bucket        = "NAME"
  force_destroy = true
}

resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage = {
    s3 = {
      bucket   = loki_bucket_storage.logs.bucket
      region   = loki_bucket_storage.logs.region
      endpoint = "AWS"
      credentials = {
        access_key_id     = var.key.id
        secret_access_key = var.key.secret
        version           = "1"
      }
    }
  }
  schema      = [{ from = "2024-04-01", version = "v13" }]
  persistence = { size = "1Gi", retain = false }
}
"#;

fn variable((id, secret): &(String, String)) -> String {
    format!("{{ id = \"{id}\", secret = \"{secret}\" }}")
}

#[test]
fn keys_reach_the_store_are_in_no_state_and_can_be_changed() {
    let text = STACK.replace("AWS", &lab().aws_endpoint);
    let mut workspace = Workspace::with("keys", &text);
    let name = workspace.name.clone();
    store_user(&name);
    let first = access_key(&name);
    workspace.set("TF_VAR_key", &variable(&first));
    workspace.apply().succeeds().never_says(&[&first.1]);
    workspace.plan().succeeds().says(&["No changes"]);
    let state = std::fs::read_to_string(workspace.path("terraform.tfstate")).expect("a state");
    assert!(!state.contains(&first.1) && !state.contains(&first.0));

    let written_by = |id: &str| {
        let client = Client::new(&format!("http://loki.{name}.svc.cluster.local:3100"));
        let address = kubectl(&["get", "service", "loki", "-n", &name, "-o", "jsonpath={.spec.clusterIP}"]);
        client.push("keys", &format!("written with {id}")).succeeds();
        loki_flush(&format!("http://{address}:3100"));
        wait_until("the line is in the bucket", Duration::from_secs(60), || {
            writers(&name).iter().any(|writer| writer.object.starts_with("fake/") && writer.access_key == id)
        });
    };
    written_by(&first.0);

    // A key is changed: the plan sees its version, and Loki has the new one.
    let second = access_key(&name);
    workspace.set("TF_VAR_key", &variable(&second));
    workspace.main(&text.replace("NAME", &name).replace("version           = \"1\"", "version           = \"2\""));
    workspace.plan().has_changes().says(&[&format!("Secret/{name}/loki-storage"), &format!("StatefulSet/{name}/loki")]);
    workspace.apply().succeeds();
    aws("iam", "delete_access_key", json!({"UserName": name, "AccessKeyId": first.0})).expect("the first key goes");
    written_by(&second.0);
    let known: Value = workspace.state("loki_stack.main").expect("it was applied");
    assert_eq!(known["storage"]["s3"]["credentials"]["secret_access_key"], Value::Null);
    workspace.destroy().succeeds();
    assert_eq!(kubectl(&["get", "secret", "-n", &name, "-o", "name"]), "");
}
