//! `loki_bucket_storage` against S3.

use serde_json::json;

use crate::support::{Workspace, aws};

const BUCKET: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket = "NAME"
  tags   = { team = "platform" }
}
"#;

#[test]
fn a_bucket_is_closed_encrypted_and_versioned_and_stays_so() {
    let workspace = Workspace::with("bucket", BUCKET);
    let bucket = json!({ "Bucket": workspace.name });
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    let blocked = || aws("s3", "get_public_access_block", bucket.clone()).expect("a block");
    let all = json!({ "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true
    } });
    assert_eq!(blocked(), all);
    assert_eq!(aws("s3", "get_bucket_versioning", bucket.clone()).expect("versioning")["Status"], "Enabled");
    let rules = aws("s3", "get_bucket_encryption", bucket.clone()).expect("encryption");
    let rule = &rules["ServerSideEncryptionConfiguration"]["Rules"][0];
    assert_eq!(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    let lifecycle = aws("s3", "get_bucket_lifecycle_configuration", bucket.clone()).expect("a lifecycle");
    assert_eq!(lifecycle["Rules"][0]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"], 7);

    aws("s3", "delete_public_access_block", bucket.clone()).expect("someone opens the bucket");
    workspace.plan().has_changes().says(&["public_access_blocked"]);
    workspace.apply().succeeds();
    assert_eq!(blocked(), all);

    workspace.main(&BUCKET.replace("platform", "logging").replace("tags ", "versioning = false\n  tags "));
    workspace.plan().has_changes().says(&["0 to add, 1 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(aws("s3", "get_bucket_versioning", bucket).expect("versioning")["Status"], "Suspended");

    workspace.destroy().succeeds();
}

#[test]
fn a_bucket_is_imported_whole_and_found_again_when_lost() {
    let workspace = Workspace::with("adopted", BUCKET);
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    workspace.import("loki_bucket_storage.logs", "no-such-bucket-anywhere").fails().says(&["no-such-bucket-anywhere"]);
    workspace.import("loki_bucket_storage.logs", &workspace.name).succeeds();
    workspace.plan().succeeds();

    aws("s3", "delete_bucket", json!({ "Bucket": workspace.name })).expect("someone deletes the bucket");
    workspace.plan().has_changes().says(&["1 to add, 0 to change, 0 to destroy"]);
    workspace.apply().succeeds();
}

#[test]
fn a_bucket_with_objects_is_deleted_only_after_force_destroy_was_applied() {
    let workspace = Workspace::with("full", BUCKET);
    workspace.apply().succeeds();
    for key in ["fake/1", "fake/2"] {
        aws("s3", "put_object", json!({ "Bucket": workspace.name, "Key": key, "Body": "logs" })).expect("an object");
    }
    // Deleted objects live on as versions.
    aws("s3", "delete_object", json!({ "Bucket": workspace.name, "Key": "fake/2" })).expect("a delete marker");
    workspace.destroy().fails().says(&["is not empty", "fake/", "set force_destroy = true, run terraform apply"]);
    workspace.main(&BUCKET.replace("tags ", "force_destroy = true\n  tags "));
    workspace.destroy().fails().says(&["is not empty"]);
    workspace.apply().succeeds();
    workspace.destroy().succeeds().says(&["holds"]);
    assert!(aws("s3", "head_bucket", json!({ "Bucket": workspace.name })).is_err());
}
