//! The ways to the cluster and to AWS that the provider block and the environment offer.

use serde_json::json;

use crate::support::{Workspace, aws, lab, provider};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
}
"#;

/// Each way leads to the same cluster: the plan's dry run there fails when it does not.
#[test]
fn every_way_to_the_cluster_gets_there() {
    let mut workspace = Workspace::with("ways", STACK);
    let pki = lab().dir.join("pki");
    let (pki, server) = (pki.display(), lab().api_server());
    let ca = format!(r#"cluster_ca_certificate = file("{pki}/ca.crt")"#);
    let script = workspace.path("token.sh");
    std::fs::write(
        &script,
        format!(
            "printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\
             \"token\":\"%s\"}}}}' \"$(cat {pki}/admin.token)\"\n"
        ),
    )
    .expect("the workspace can be written");
    for kubernetes in [
        r#"eks_cluster = "lab""#.to_owned(),
        format!(r#"config_path = "{pki}/admin.kubeconfig""#),
        format!(r#"config_path = "{pki}/admin.kubeconfig", config_context = "lab""#),
        format!(r#"host = "{server}", token = trimspace(file("{pki}/admin.token")), {ca}"#),
        format!(
            r#"host = "{server}", client_certificate = file("{pki}/admin.crt"), client_key = file("{pki}/admin.key"), {ca}"#
        ),
        format!(
            r#"host = "{server}", {ca}, exec = {{ api_version = "client.authentication.k8s.io/v1", command = "sh", args = ["{}"] }}"#,
            script.display()
        ),
    ] {
        workspace.write("provider.tf", &provider(&kubernetes));
        workspace.plan().has_changes().never_says(&["Warning"]);
    }
    workspace.write("provider.tf", "provider \"loki\" {}\n");
    workspace.set("KUBECONFIG", &format!("{pki}/admin.kubeconfig"));
    workspace.plan().has_changes().never_says(&["Warning"]);
}

#[test]
fn wrong_ways_are_refused_with_what_is_wrong() {
    let workspace = Workspace::with("wrong-ways", STACK);
    let pki = lab().dir.join("pki");
    let server = lab().api_server();
    for (kubernetes, said) in [
        (r#"eks_cluster = "no-such-cluster""#.to_owned(), "no-such-cluster"),
        (r#"config_path = "/no/such/file""#.to_owned(), "/no/such/file"),
        (format!(r#"config_path = "{}/admin.kubeconfig", config_context = "prod""#, pki.display()), "prod"),
        (r#"eks_cluster = "lab", in_cluster = true"#.to_owned(), "More than one cluster is named"),
        (
            format!(
                r#"host = "{server}", token = "wrong-token", cluster_ca_certificate = file("{}/ca.crt")"#,
                pki.display()
            ),
            "does not accept the credentials",
        ),
        // The system's certificate authorities did not sign the lab's.
        (format!(r#"host = "{server}", token = "wrong-token""#), "certificate"),
    ] {
        workspace.write("provider.tf", &provider(&kubernetes));
        workspace.plan().fails().says(&[said]).never_says(&["wrong-token\" is"]);
    }
}

#[test]
fn an_assumed_role_is_held_to_its_own_rights() {
    let workspace = Workspace::with("assume", r#"resource "loki_bucket_storage" "logs" { bucket = "NAME" }"#);
    let policy = |actions: &[&str]| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] })
            .to_string()
    };
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": "*" } }
    ] });
    let role = format!("{}-terraform", workspace.name);
    let create = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust.to_string() });
    let arn = aws("iam", "create_role", create).expect("a role")["Role"]["Arn"].clone();
    let allow = |actions: &[&str]| {
        let put = json!({ "RoleName": role, "PolicyName": "terraform", "PolicyDocument": policy(actions) });
        aws("iam", "put_role_policy", put).expect("a policy");
    };
    let block = provider("").replace("region ", &format!("assume_role = [{{ role_arn = {arn} }}]\n    region "));
    workspace.write("provider.tf", &block);

    // HeadBucket needs the right to list on AWS; moto names it by the call.
    allow(&["s3:ListBucket", "s3:HeadBucket"]);
    workspace.apply().fails().says(&["CreateBucket"]);
    assert!(workspace.state("loki_bucket_storage.logs").is_none());
    allow(&["s3:*"]);
    workspace.apply().succeeds();
}
