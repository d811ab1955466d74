//! Who the provider is at AWS: by a token, through roles, in the accounts that it may work in, with default tags.

use serde_json::{Value, json};

use crate::support::{ISSUER, Workspace, aws, kubectl, lab};

const BUCKET: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket         = "NAME"
  create_kms_key = true
  tags           = { team = "logging" }
}
"#;

/// A provider block with this in its `aws` part.
fn provider(settings: &str) -> String {
    let at = &lab().aws_endpoint;
    let endpoints = ["s3", "iam", "sts", "eks", "kms"].map(|service| format!("{service} = \"{at}\"")).join(", ");
    format!(
        "provider \"loki\" {{\n  aws = {{\n    region = \"eu-west-1\"\n    use_path_style = true\n    \
         endpoints = {{ {endpoints} }}\n{settings}\n  }}\n}}\n"
    )
}

/// A role that may do everything, and whom it trusts.
fn role(name: &str, trust: &Value) {
    let document = json!({"Version": "2012-10-17", "Statement": [trust]}).to_string();
    aws("iam", "create_role", json!({"RoleName": name, "AssumeRolePolicyDocument": document})).expect("a role");
    let all = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let policy = json!({"RoleName": name, "PolicyName": "all", "PolicyDocument": all.to_string()});
    aws("iam", "put_role_policy", policy).expect("a policy");
}

#[test]
fn a_token_opens_a_role_and_that_role_the_next() {
    let mut workspace = Workspace::with("sign-in", BUCKET);
    let name = workspace.name.clone();
    kubectl(&["create", "namespace", &name]);
    kubectl(&["create", "serviceaccount", "ci", "-n", &name]);
    let trust = json!({
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{ISSUER}")},
        "Condition": {"StringEquals": {
            format!("{ISSUER}:sub"): format!("system:serviceaccount:{name}:ci"), format!("{ISSUER}:aud"): "sts.amazonaws.com",
        }},
    });
    role(&format!("{name}-ci"), &trust);
    role(&format!("{name}-deploy"), &json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}));
    let token = kubectl(&["create", "token", "ci", "-n", &name, "--audience=sts.amazonaws.com"]);
    let file = workspace.path("token");
    std::fs::write(&file, token.trim()).expect("a file");
    // No keys of anybody's.
    workspace.set("AWS_ACCESS_KEY_ID", "");
    workspace.set("AWS_SECRET_ACCESS_KEY", "");
    let web = |path: &str| {
        format!(
            "    assume_role_with_web_identity = {{\n      role_arn = \"arn:aws:iam::123456789012:role/{name}-ci\"\n      \
             web_identity_token_file = \"{path}\"\n      session_name = \"pipeline\"\n      duration = \"15m\"\n    }}\n    \
             assume_role = [{{\n      role_arn = \"arn:aws:iam::123456789012:role/{name}-deploy\"\n      \
             external_id = \"hunter2\"\n      session_name = \"deploy\"\n    }}]"
        )
    };
    workspace.write("provider.tf", &provider(&web(file.to_str().expect("UTF-8"))));
    workspace.apply().succeeds().never_says(&["hunter2", token.trim()]);
    workspace.plan().succeeds();
    let ledger = std::fs::read_to_string(lab().dir.join("aws-requests.jsonl")).expect("the lab's ledger");
    let created = ledger.lines().rev().find(|line| line.contains(&format!("\"/{name}/\"")) && line.contains("\"PUT\""));
    assert!(created.expect("a request").contains(&format!("assumed-role/{name}-deploy/deploy")), "{created:?}");

    workspace.write("provider.tf", &provider(&web("/nowhere/token")));
    workspace.plan().fails().says(&["\"/nowhere/token\" cannot be read"]);
    workspace.write("provider.tf", &provider(&web(file.to_str().expect("UTF-8"))));
    workspace.destroy().succeeds();
}

#[test]
fn other_accounts_are_left_alone_and_default_tags_are_no_drift() {
    let workspace = Workspace::with("accounts", BUCKET);
    let name = &workspace.name;
    workspace.write("provider.tf", &provider("    allowed_account_ids = [\"210987654321\"]"));
    workspace.plan().fails().says(&["of the AWS account 123456789012", "allows 210987654321 alone"]);
    workspace.write("provider.tf", &provider("    forbidden_account_ids = [\"1234\"]"));
    workspace.plan().fails().says(&["\"1234\" is no account id"]);

    let tags = |env: &str| provider(&format!("    default_tags = {{ env = \"{env}\", team = \"platform\" }}"));
    workspace.write("provider.tf", &tags("prod"));
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    let live = || aws("s3", "get_bucket_tagging", json!({"Bucket": name})).expect("tags")["TagSet"].to_string();
    assert!(live().contains("prod") && live().contains("logging") && !live().contains("platform"), "{}", live());
    workspace.write("provider.tf", &tags("test"));
    workspace.plan().has_changes().says(&["tags_all", "0 to add, 1 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert!(live().contains("test") && !live().contains("prod"), "{}", live());
    let key = workspace.state("loki_bucket_storage.logs").expect("a bucket")["created_kms_key_arn"].clone();
    workspace.destroy().succeeds();
    let key = aws("kms", "describe_key", json!({"KeyId": key})).expect("a key");
    assert_eq!(key["KeyMetadata"]["KeyState"], "PendingDeletion");
}
