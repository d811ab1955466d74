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

const STORE: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket        = "NAME"
  force_destroy = true
}

data "loki_eks_cluster" "lab" {
  name = "lab"
}

# Without the add-ons, which another test adds to the same cluster.
output "cluster" {
  value = { for key, value in data.loki_eks_cluster.lab : key => value if key != "addons" }
}

resource "loki_irsa_role" "loki" {
  name             = "NAME"
  eks_cluster      = data.loki_eks_cluster.lab.name
  namespace        = "NAME"
  service_accounts = ["loki", "loki-ruler"]
  buckets          = [loki_bucket_storage.logs.bucket]
  prefix           = "teams/a"
  kms_key_arns     = ["arn:aws:kms:eu-west-1:123456789012:key/1234"]
  verify_access    = true
  additional_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sns:Publish"], Resource = "*" }]
  })
  tags = { team = "platform" }
}
"#;

#[test]
fn a_role_is_tested_by_being_it() {
    let workspace = Workspace::with("verified", STORE);
    let name = &workspace.name;
    workspace.apply().succeeds();
    // Before there is a service account, there is nothing to test.
    workspace.plan().succeeds().never_says(&["cannot do what Loki does"]);
    let cluster = workspace.output("cluster");
    assert_eq!(cluster["status"], "ACTIVE");
    assert!(cluster["oidc_provider_arn"].as_str().expect("an ARN").contains(":oidc-provider/oidc.eks."));
    kubectl(&["create", "namespace", name]);
    kubectl(&["create", "serviceaccount", "loki", "-n", name]);
    workspace.plan().succeeds().never_says(&["cannot do what Loki does"]);
    let versions = aws("s3", "list_object_versions", json!({"Bucket": name})).expect("a list");
    assert!(versions["Versions"].is_null() && versions["DeleteMarkers"].is_null(), "the probe is gone: {versions}");

    let deny =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}});
    let theirs = json!({"RoleName": name, "PolicyName": "theirs", "PolicyDocument": deny.to_string()});
    aws("iam", "put_role_policy", theirs).expect("somebody else's policy");
    workspace.plan().succeeds().says(&["The role cannot do what Loki does", "s3:PutObject", "service account"]);
    aws("iam", "delete_role_policy", json!({"RoleName": name, "PolicyName": "theirs"})).expect("it goes");

    // Another spelling of the further statements is no change, another meaning is.
    let spelt = r#"{ "Statement": { "Resource": ["*"], "Effect": "Allow", "Action": "SNS:publish" }, "Version": "2012-10-17" }"#;
    let edit = json!({"RoleName": name, "PolicyName": "loki-additional", "PolicyDocument": spelt});
    aws("iam", "put_role_policy", edit).expect("somebody edits it");
    workspace.plan().succeeds();
    let wider =
        json!({"RoleName": name, "PolicyName": "loki-additional", "PolicyDocument": spelt.replace("SNS:publish", "*")});
    aws("iam", "put_role_policy", wider).expect("somebody widens it");
    workspace.plan().has_changes().says(&["additional_policy"]);
    workspace.apply().succeeds();

    workspace.terraform(&["state", "rm", "loki_irsa_role.loki"]).succeeds();
    workspace.import("loki_irsa_role.loki", name).succeeds();
    workspace.plan().has_changes().says(&["verify_access", "0 to add, 1 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    workspace.destroy().succeeds();
}

#[test]
fn pods_are_the_role_by_pod_identity_and_come_back_to_tokens() {
    let pods = ROLE.replace("service_account =", "mode            = \"pod_identity\"\n  service_account =");
    let workspace = Workspace::with("pods", &pods);
    let name = &workspace.name;
    aws("eks", "create_addon", json!({"clusterName": "lab", "addonName": "eks-pod-identity-agent"})).ok();
    workspace.apply().succeeds().never_says(&["no Pod Identity agent"]);
    workspace.plan().succeeds();
    let associations = || {
        let query = json!({"clusterName": "lab", "namespace": name});
        aws("eks", "list_pod_identity_associations", query).expect("a list")["associations"].clone()
    };
    assert_eq!(associations()[0]["serviceAccount"], "loki");
    let id = associations()[0]["associationId"].clone();
    aws("eks", "delete_pod_identity_association", json!({"clusterName": "lab", "associationId": id})).expect("it goes");
    workspace.plan().has_changes().says(&["pod_identity_associations"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(associations().as_array().map(Vec::len), Some(1));

    workspace.terraform(&["state", "rm", "loki_irsa_role.loki"]).succeeds();
    workspace.import("loki_irsa_role.loki", name).succeeds();
    workspace.plan().succeeds();

    workspace.main(ROLE);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    assert_eq!(associations().as_array().map(Vec::len), Some(0));
    workspace.main(&pods);
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(associations().as_array().map(Vec::len), Some(0));
}

#[test]
fn the_oidc_provider_comes_and_goes_with_the_role() {
    let own = ROLE.replace(
        r#"eks_cluster     = "lab""#,
        "oidc_issuer          = \"https://NAME.example/id/A\"\n  create_oidc_provider = true",
    );
    let workspace = Workspace::with("provider", &own);
    workspace.plan().has_changes().never_says(&["does not trust the issuer"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    let arn = format!("arn:aws:iam::123456789012:oidc-provider/{}.example/id/A", workspace.name);
    let provider = json!({"OpenIDConnectProviderArn": arn});
    aws("iam", "get_open_id_connect_provider", provider.clone()).expect("the provider");
    aws("iam", "delete_open_id_connect_provider", provider.clone()).expect("somebody deletes it");
    workspace.plan().has_changes().says(&["owns_oidc_provider"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    workspace.destroy().succeeds();
    aws("iam", "get_open_id_connect_provider", provider).expect_err("it went with the role");
}
