//! States that an older version of the provider wrote, or that somebody has damaged.

use serde_json::{Value, json};

use crate::support::Workspace;

const BUCKET: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket = "NAME"
}

resource "loki_irsa_role" "loki" {
  name            = "NAME"
  eks_cluster     = "lab"
  namespace       = "loki"
  service_account = "loki"
  buckets         = ["NAME"]
}
"#;

/// Rewrites each instance in the state file.
fn edit(workspace: &Workspace, mut change: impl FnMut(&mut Value)) {
    let file = workspace.path("terraform.tfstate");
    let mut state: Value = serde_json::from_slice(&std::fs::read(&file).expect("a state")).expect("JSON");
    for resource in state["resources"].as_array_mut().expect("resources") {
        for instance in resource["instances"].as_array_mut().expect("instances") {
            change(instance);
        }
    }
    std::fs::write(file, state.to_string()).expect("the workspace can be written");
}

/// What the first version's states had: no timeouts, no identity, schema version 0.
const FIRST: [&str; 27] = [
    "bucket",
    "region",
    "force_destroy",
    "versioning",
    "kms_key_arn",
    "abort_incomplete_uploads_days",
    "tags",
    "id",
    "arn",
    "encryption",
    "public_access_blocked",
    "acls_disabled",
    "name",
    "path",
    "eks_cluster",
    "oidc_issuer",
    "namespace",
    "service_account",
    "audience",
    "buckets",
    "permissions_boundary",
    "max_session_duration",
    "issuer",
    "oidc_provider_arn",
    "trust_policy",
    "storage_policy",
    "status",
];

#[test]
fn a_state_of_the_first_version_plans_clean() {
    let workspace = Workspace::with("older", BUCKET);
    workspace.apply().succeeds();
    edit(&workspace, |instance| {
        instance["schema_version"] = json!(0);
        let instance = instance.as_object_mut().expect("an object");
        instance.retain(|key, _| !key.contains("identity"));
        let attributes = instance["attributes"].as_object_mut().expect("attributes");
        attributes.retain(|name, _| FIRST.contains(&name.as_str()));
    });
    workspace.plan().succeeds().never_says(&["Warning"]);
    workspace.destroy().succeeds();
}

#[test]
fn a_damaged_state_gets_a_diagnostic() {
    let workspace = Workspace::with("damaged", BUCKET);
    workspace.apply().succeeds();
    let file = workspace.path("terraform.tfstate");
    let sound = std::fs::read(&file).expect("a state");
    for (attribute, value) in [
        ("arn", json!({ "not": "a string" })),
        ("tags", json!(["a list"])),
        ("id", json!([[1.5, null], {}])),
        ("tags", json!({ "deep": { "deeper": [1, 2, 3] } })),
    ] {
        edit(&workspace, |instance| instance["attributes"][attribute] = value.clone());
        workspace.plan().fails().says(&["Error", attribute]).never_says(&["panic", "crashed", "rpc error"]);
        std::fs::write(&file, &sound).expect("the workspace can be written");
    }
    workspace.destroy().succeeds();
}
