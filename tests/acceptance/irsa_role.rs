//! `loki_irsa_role` against IAM and STS, with tokens that the real API server signs.

use serde_json::{Value, json};

use crate::support::{Workspace, aws, kubectl};

const ROLE: &str = r#"
resource "loki_irsa_role" "loki" {
  name            = "NAME"
  eks_cluster     = "lab"
  namespace       = "NAME"
  service_account = "loki"
  buckets         = ["NAME", "NAME-ruler"]
}
"#;

/// Temporary keys for the role from a service account's token, or STS' refusal.
fn assume(workspace: &Workspace, account: &str, audience: &str) -> Result<Value, String> {
    let namespace = &workspace.name;
    let token = kubectl(&["create", "token", account, "-n", namespace, &format!("--audience={audience}")]);
    let role = format!("arn:aws:iam::123456789012:role/{namespace}");
    let arguments = json!({ "RoleArn": role, "RoleSessionName": "test", "WebIdentityToken": token.trim() });
    aws("sts", "assume_role_with_web_identity", arguments)
}

#[test]
fn exactly_one_service_account_may_assume_the_role() {
    let workspace = Workspace::with("role", ROLE);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    kubectl(&["create", "namespace", &workspace.name]);
    for account in ["loki", "other"] {
        kubectl(&["create", "serviceaccount", account, "-n", &workspace.name]);
    }
    assume(&workspace, "loki", "sts.amazonaws.com").expect("the account that the role is for");
    for (account, audience) in [("other", "sts.amazonaws.com"), ("loki", "https://kubernetes.default.svc")] {
        let refusal = assume(&workspace, account, audience).expect_err("another account or audience");
        assert!(refusal.contains("AccessDenied") || refusal.contains("audience"), "{refusal}");
    }

    workspace.main(&ROLE.replace(r#"service_account = "loki""#, r#"service_account = "other""#));
    workspace.plan().has_changes().says(&["0 to add, 1 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    assume(&workspace, "other", "sts.amazonaws.com").expect("the account that the role is for now");
    assume(&workspace, "loki", "sts.amazonaws.com").expect_err("the account that it was for");
    workspace.destroy().succeeds();
    assert!(aws("iam", "get_role", json!({ "RoleName": workspace.name })).is_err());
}

#[test]
fn the_policy_is_least_privilege_and_edits_are_repaired() {
    let workspace = Workspace::with("policy", ROLE);
    let name = &workspace.name;
    workspace.apply().succeeds();
    let policy = || {
        let query = json!({ "RoleName": name, "PolicyName": "loki-storage" });
        aws("iam", "get_role_policy", query).expect("the inline policy")["PolicyDocument"].clone()
    };
    let written = policy();
    let statements = written["Statement"].as_array().expect("statements").clone();
    let mut rights: Vec<(String, String)> = Vec::new();
    for statement in &statements {
        assert_eq!(statement["Effect"], "Allow");
        for action in list(&statement["Action"]) {
            rights.extend(list(&statement["Resource"]).into_iter().map(|resource| (action.clone(), resource)));
        }
    }
    rights.sort();
    let mut expected = Vec::new();
    for bucket in [name.clone(), format!("{name}-ruler")] {
        expected.push(("s3:ListBucket".to_owned(), format!("arn:aws:s3:::{bucket}")));
        for action in ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] {
            expected.push((action.to_owned(), format!("arn:aws:s3:::{bucket}/*")));
        }
    }
    expected.sort();
    assert_eq!(rights, expected);

    let wide = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:*", "Resource": "*" }
    ] });
    let put = json!({ "RoleName": name, "PolicyName": "loki-storage", "PolicyDocument": wide.to_string() });
    aws("iam", "put_role_policy", put).expect("someone widens the policy");
    workspace.plan().has_changes().says(&["storage_policy"]);
    workspace.apply().succeeds();
    assert_eq!(policy(), written);
}

#[test]
fn a_role_is_imported_by_name() {
    let workspace = Workspace::with("adopted-role", ROLE);
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_irsa_role.loki"]).succeeds();
    workspace.import("loki_irsa_role.loki", &workspace.name).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds();
}

/// IAM's one-or-many.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
        other => panic!("neither a string nor a list: {other}"),
    }
}
