//! The ephemeral resource `loki_kubeconfig` and the function, in Terraform 1.11.

use crate::support::{Workspace, lab, provider};

/// A provider that has nothing but what the ephemeral resource gives it.
const SECOND: &str = r#"
ephemeral "loki_kubeconfig" "main" {
  ARGUMENTS
}

provider "loki" {
  alias = "second"
  kubernetes = {
    host                   = ephemeral.loki_kubeconfig.main.host
    cluster_ca_certificate = ephemeral.loki_kubeconfig.main.cluster_ca_certificate
    token                  = ephemeral.loki_kubeconfig.main.token
    client_certificate     = ephemeral.loki_kubeconfig.main.client_certificate
    client_key             = ephemeral.loki_kubeconfig.main.client_key
  }
}

data "loki_health" "main" {
  provider  = loki.second
  namespace = "NAME"
  name      = "loki"
}
"#;

#[test]
fn another_provider_gets_in_with_it_and_no_token_is_kept() {
    let workspace = Workspace::with("kubeconfig", "");
    let pki = lab().dir.join("pki");
    let (pki, server) = (pki.display(), lab().api_server());
    let token = std::fs::read_to_string(lab().dir.join("pki/admin.token")).expect("the lab has an admin");
    let ca = format!(r#"cluster_ca_certificate = file("{pki}/ca.crt")"#);
    for (kubernetes, arguments) in [
        (r#"eks_cluster = "lab""#.to_owned(), ""),
        (format!(r#"config_path = "{pki}/admin.kubeconfig""#), ""),
        (format!(r#"config_path = "{pki}/nobody.kubeconfig""#), r#"eks_cluster = "lab""#),
        (format!(r#"host = "{server}", token = trimspace(file("{pki}/admin.token")), {ca}"#), ""),
        (
            format!(
                r#"host = "{server}", client_certificate = file("{pki}/admin.crt"), client_key = file("{pki}/admin.key"), {ca}"#
            ),
            "",
        ),
    ] {
        workspace.write("provider.tf", &provider(&kubernetes));
        workspace.main(&SECOND.replace("ARGUMENTS", arguments));
        workspace.terraform(&["plan", "-out=plan"]).succeeds();
        workspace.apply().succeeds();
        let found = workspace.state("data.loki_health.main").expect("the second provider got in");
        assert_eq!(found["state"], "failed", "{kubernetes}: there is no such stack");
        for file in ["plan", "terraform.tfstate"] {
            let held = std::fs::read(workspace.path(file)).expect("terraform wrote it");
            let held = String::from_utf8_lossy(&held);
            assert!(
                !held.contains("k8s-aws-v1.") && !held.contains(token.trim()),
                "a token is in {file}: {kubernetes}"
            );
        }
        // The plan file is a zip: its parts are looked into as terraform shows them.
        let shown = workspace.terraform(&["show", "-json", "plan"]).succeeds().stdout;
        assert!(
            !shown.contains("k8s-aws-v1.") && !shown.contains(token.trim()),
            "a token is in the plan: {kubernetes}"
        );
    }
}

#[test]
fn what_cannot_be_had_is_said() {
    let workspace = Workspace::with("no-kubeconfig", "");
    for (arguments, said) in [
        (r#"eks_cluster = "no-such-cluster""#, "no-such-cluster"),
        (r#"region = "eu-west-1""#, "region needs eks_cluster"),
        (r#"timeouts = { open = "never" }"#, "The timeout cannot be read"),
    ] {
        workspace.main(&SECOND.replace("ARGUMENTS", arguments));
        workspace.plan().fails().says(&[said]).never_says(&["k8s-aws-v1."]);
    }
}
