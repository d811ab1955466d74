//! `examples/quickstart`: bucket, role and stack from one apply, up to logs in the bucket.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    Workspace, aws, kubectl, loki, loki_flush, loki_get, loki_push, loki_returns, wait_until, writers,
};

#[test]
fn one_apply_ships_logs_with_web_identity_and_destroy_keeps_them() {
    let workspace = Workspace::example("quickstart", "quickstart");
    let name = &workspace.name;
    workspace.apply().succeeds().says(&["push_url", "Apply complete! Resources: 3 added"]);
    workspace.plan().succeeds().says(&["No changes"]);
    assert_eq!(workspace.output("status")["state"], "healthy");

    let loki = loki(workspace.output("push_url").as_str().expect("the example has this output"));
    loki_push(&loki, "quickstart", "a line to keep");
    wait_until("the pushed line is read back", Duration::from_secs(30), || {
        loki_returns(&loki, "quickstart", "a line to keep")
    });

    loki_flush(&loki);
    wait_until("Loki writes chunks to the bucket", Duration::from_secs(60), || {
        writers(name).iter().any(|writer| writer.object.starts_with("fake/"))
    });
    for writer in writers(name) {
        assert!(writer.access_key.starts_with("ASIA"), "no temporary key: {writer:?}");
        assert!(writer.identity.contains(&format!(":assumed-role/{name}/")), "another identity: {writer:?}");
    }
    let config = loki_get(&loki, "/config");
    assert!(!config.contains("access_key_id: AKIA"), "a static key is in Loki's configuration");

    // The plan of a destruction sees the logs, so nothing at all is destroyed.
    workspace.destroy().fails().says(&[&format!("The bucket \"{name}\" is not empty"), "set force_destroy = true"]);
    workspace.plan().succeeds();

    let main = std::fs::read_to_string(workspace.path("main.tf")).expect("the example has a main.tf");
    workspace.write("main.tf", &main.replace("bucket = var.bucket\n", "bucket = var.bucket\n  force_destroy = true\n"));
    workspace.apply().succeeds();
    workspace.destroy().succeeds().says(&["Destroy complete! Resources: 3 destroyed"]);
    assert!(aws("s3", "head_bucket", json!({ "Bucket": name })).is_err(), "the bucket is still there");
    assert!(aws("iam", "get_role", json!({ "RoleName": name })).is_err(), "the role is still there");
    assert_eq!(kubectl(&["get", "statefulset,pod", "-n", name, "-o", "name"]), "");
}
