//! Every setting of `loki_bucket_storage`, its drift, its adoption, and what the usage of a bucket is told as.

use std::time::Duration;

use serde_json::json;

use crate::support::{Workspace, aws, lab, wait_until};

const ALL: &str = r#"
data "loki_bucket_usage" "logs" {
  bucket = loki_bucket_storage.logs.bucket
}

output "usage" { value = data.loki_bucket_usage.logs }
output "buckets" { value = loki_bucket_storage.logs.buckets }

resource "loki_bucket_storage" "logs" {
  bucket                     = "NAME"
  separate_buckets           = ["ruler", "admin"]
  kms_key_arn                = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  bucket_key                 = false
  tls_only                   = true
  vpc_endpoint_ids           = ["vpce-0123456789abcdef0", "vpce-0fedcba9876543210"]
  noncurrent_expiration_days = 30
  expiration_days            = 400
  retention_period           = "31d"
  transitions = [
    { days = 30, storage_class = "STANDARD_IA" },
    { days = 90, storage_class = "GLACIER_IR" },
  ]
  object_lock = { mode = "GOVERNANCE", days = 1 }
  logging     = { target_bucket = "NAME-access", target_prefix = "loki/" }
  replication = {
    role_arn      = "arn:aws:iam::123456789012:role/copy"
    bucket_arn    = "arn:aws:s3:::NAME-copies"
    storage_class = "STANDARD_IA"
    kms_key_arn   = "arn:aws:kms:eu-west-1:123456789012:key/copies"
  }
  tags = { team = "platform" }
}
"#;

/// The buckets that take logs and copies.
fn beside(name: &str) {
    for suffix in ["access", "copies"] {
        let bucket = format!("{name}-{suffix}");
        let location = json!({"LocationConstraint": "eu-west-1"});
        aws("s3", "create_bucket", json!({"Bucket": bucket, "CreateBucketConfiguration": location})).expect("a bucket");
        let versions = json!({"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}});
        aws("s3", "put_bucket_versioning", versions).expect("versions");
    }
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{name}-access/*"),
    }]});
    let policy = json!({"Bucket": format!("{name}-access"), "Policy": policy.to_string()});
    aws("s3", "put_bucket_policy", policy).expect("a policy");
}

#[test]
fn all_settings_are_deployed_drift_is_repaired_and_the_bucket_adopted() {
    let workspace = Workspace::with("settings", ALL);
    let name = workspace.name.clone();
    beside(&name);
    workspace.plan().has_changes().says(&["without TLS", "The bucket's policy denies what Terraform itself does"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(workspace.output("buckets")["ruler"], format!("{name}-ruler"));
    assert_eq!(workspace.output("usage")["objects"], 0);
    for bucket in [name.clone(), format!("{name}-ruler"), format!("{name}-admin")] {
        let bucket = json!({"Bucket": bucket});
        let rules = aws("s3", "get_bucket_lifecycle_configuration", bucket.clone()).expect("rules");
        assert_eq!(rules["Rules"].as_array().expect("rules").len(), 4, "{rules}");
        let policy = aws("s3", "get_bucket_policy", bucket.clone()).expect("a policy");
        assert!(policy["Policy"].as_str().expect("text").contains("vpce-0fedcba9876543210"), "{policy}");
        let lock = aws("s3", "get_object_lock_configuration", bucket).expect("a lock");
        assert_eq!(lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"], 1);
    }
    let bucket = json!({"Bucket": name});
    let replication = aws("s3", "get_bucket_replication", bucket.clone()).expect("replication");
    let destination = &replication["ReplicationConfiguration"]["Rules"][0]["Destination"];
    assert_eq!(destination["Bucket"], format!("arn:aws:s3:::{name}-copies"));
    let logging = aws("s3", "get_bucket_logging", bucket.clone()).expect("logging");
    assert_eq!(logging["LoggingEnabled"]["TargetPrefix"], "loki/");

    for (operation, attribute) in [
        ("delete_bucket_policy", "tls_only"),
        ("delete_bucket_lifecycle", "expiration_days"),
        ("delete_bucket_encryption", "encryption"),
        ("delete_bucket_replication", "replication"),
    ] {
        aws("s3", operation, json!({"Bucket": format!("{name}-ruler")})).ok();
        aws("s3", operation, bucket.clone()).expect("somebody changes it");
        workspace.plan().has_changes().says(&[attribute, "0 to add, 1 to change, 0 to destroy"]);
        workspace.apply().succeeds();
        workspace.plan().succeeds();
    }

    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    workspace.import("loki_bucket_storage.logs", &name).succeeds();
    // The buckets of single purposes are not known from the one: they are taken over by applying.
    workspace.main(&ALL.replace(r#"separate_buckets           = ["ruler", "admin"]"#, ""));
    workspace.plan().has_changes().says(&["0 to add, 1 to change, 0 to destroy", "retention_period"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    workspace.destroy().succeeds();
    assert!(aws("s3", "head_bucket", bucket).is_err());
}

#[test]
fn what_would_lose_logs_is_refused_at_plan() {
    let bucket =
        |settings: &str| format!("resource \"loki_bucket_storage\" \"logs\" {{\n  bucket = \"NAME\"\n{settings}\n}}\n");
    let workspace = Workspace::with("refused-settings", &bucket(""));
    for (settings, words) in [
        ("expiration_days = 30\nretention_period = \"744h\"", "index points to chunks that are gone"),
        ("expiration_days = 30", "nothing says for how long Loki keeps its logs"),
        ("transitions = [{ days = 90, storage_class = \"DEEP_ARCHIVE\" }]", "has to be restored"),
        ("object_lock = { mode = \"GOVERNANCE\", days = 1 }\nversioning = false", "Objects are locked by version"),
        ("separate_buckets = [\"chunks\"]", "no purpose that Loki has a bucket for"),
        ("bucket_prefix = \"acme-\"", "The bucket has two names"),
    ] {
        workspace.main(&bucket(settings));
        workspace.plan().fails().says(&[words]);
    }
}

#[test]
fn a_name_is_made_up_and_stays() {
    let configuration = "resource \"loki_bucket_storage\" \"logs\" {\n  bucket_prefix = \"NAME-\"\n}\n";
    let workspace = Workspace::with("prefix", configuration);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    let state = workspace.state("loki_bucket_storage.logs").expect("a bucket");
    let bucket = state["bucket"].as_str().expect("a name");
    assert!(bucket.starts_with(&format!("{}-", workspace.name)), "{bucket}");
    workspace.destroy().succeeds();
}

/// Half as many objects as entries: each has an older version or a delete marker. Fewer where few blows are asked for:
/// with the second client.
fn objects() -> u32 {
    let blows: u32 = std::env::var("BLOWS").ok().and_then(|it| it.parse().ok()).unwrap_or(20);
    if blows < 20 { 10_000 } else { 50_000 }
}

#[test]
fn a_hundred_thousand_entries_go_only_by_force_and_also_in_two_goes() {
    let configuration = "resource \"loki_bucket_storage\" \"logs\" {\n  bucket = \"NAME\"\n}\n";
    let mut workspace = Workspace::with("huge", configuration);
    workspace.apply().succeeds();
    let filled = std::process::Command::new("curl")
        .args([
            "-fsS",
            "-X",
            "POST",
            &format!("{}/lab/fill?bucket={}&objects={}", lab().aws_endpoint, workspace.name, objects()),
        ])
        .status();
    assert!(filled.expect("curl runs").success());
    workspace.destroy().fails().says(&["is not empty", "more than 1000 objects or versions"]);
    workspace.main(&configuration.replace("\n}", "\n  force_destroy = true\n}"));
    workspace.apply().succeeds();
    let log = workspace.path("provider.log");
    workspace.set("TF_LOG_PROVIDER", "INFO");
    workspace.set("TF_LOG_PATH", log.to_str().expect("UTF-8"));
    let begun = workspace.start(&["destroy", "-auto-approve"]);
    let progress = || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        text.lines().filter(|line| line.contains("objects and versions deleted")).count()
    };
    wait_until("some progress", Duration::from_secs(120), || progress() >= 5);
    begun.interrupt();
    let outcome = begun.ends();
    outcome.fails().says(&["Stopped while emptying"]);
    let usage = |name: &str| aws("s3", "list_object_versions", json!({"Bucket": name, "MaxKeys": 1})).expect("a list");
    assert!(!usage(&workspace.name)["Versions"].is_null() || !usage(&workspace.name)["DeleteMarkers"].is_null());
    workspace.destroy().succeeds();
    // A batch is of 1000 entries.
    assert!(progress() >= objects() as usize / 1000, "{} lines of progress", progress());
    assert!(aws("s3", "head_bucket", json!({ "Bucket": workspace.name })).is_err());
}
