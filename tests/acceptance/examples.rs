//! The examples as users copy them: each is valid, the modules' own tests pass with mock providers, and those that the lab has a
//! cloud for are deployed by theirs.

use crate::source::files;
use crate::support::{Workspace, lab, repository};

/// What the shorter examples refer to, and leave to the reader.
const AROUND: [(&str, &str); 5] = [
    (
        "loki_bucket_storage.audit",
        r#"resource "loki_bucket_storage" "audit" {
  bucket         = "acme-audit"
  create_kms_key = true
}"#,
    ),
    ("loki_bucket_storage.logs", r#"resource "loki_bucket_storage" "logs" { bucket = "acme-loki" }"#),
    (
        "loki_irsa_role.loki",
        r#"resource "loki_irsa_role" "loki" {
  name            = "acme-loki"
  eks_cluster     = "prod"
  namespace       = "loki"
  service_account = "loki"
  buckets         = ["acme-loki"]
}"#,
    ),
    (
        "loki_irsa_role.logs",
        r#"resource "loki_irsa_role" "logs" {
  name            = "acme-logs"
  eks_cluster     = "prod"
  namespace       = "logs"
  service_account = "logs"
  buckets         = ["acme-loki"]
}"#,
    ),
    (
        "loki_stack.main",
        r#"resource "loki_stack" "main" {
  name      = "loki"
  namespace = "loki"
  storage   = { filesystem = {} }
  schema    = [{ from = "2024-04-01", version = "v13" }]
}"#,
    ),
];

/// The example with what it refers to, where it does not have that itself.
fn completed(example: &str) -> String {
    let is_missing = |address: &str| {
        let (kind, name) = address.split_once('.').expect("a type and a name");
        let has = |text: &str| example.contains(text);
        has(address) && !has(&format!("resource \"{kind}\" \"{name}\""))
    };
    let around = AROUND.iter().filter(|(address, _)| is_missing(address)).map(|(_, text)| *text);
    let mut parts: Vec<_> = around.collect();
    parts.push(example);
    parts.join("\n\n")
}

#[test]
fn every_example_of_the_pages_is_valid() {
    let workspace = Workspace::with("examples", "");
    let examples = repository().join("examples");
    // Actions and imports by identity are of newer clients, and the ephemeral resource is shown with other providers:
    // tests of their own use them.
    let folders = ["resources", "data-sources", "functions"];
    let all = folders.iter().flat_map(|folder| files(&examples.join(folder), ".tf"));
    for file in all.filter(|file| !file.ends_with("import-by-identity.tf")) {
        let text = std::fs::read_to_string(&file).expect("the example can be read");
        // Files that an example reads are the reader's own.
        std::fs::create_dir_all(workspace.path("rules")).expect("a folder");
        workspace.main(&completed(&text));
        let outcome = workspace.terraform(&["validate"]);
        println!("{}", file.display());
        outcome.succeeds();
    }
}

#[test]
fn what_an_example_leaves_out_is_put_beside_it() {
    assert!(completed("x = loki_stack.main.push_url").starts_with("resource \"loki_stack\" \"main\""));
    let own = "resource \"loki_stack\" \"main\" {}\ny = loki_stack.main.push_url";
    assert_eq!(completed(own), own);
}

/// Every module with its tests that need neither a cloud nor a cluster.
#[test]
fn the_modules_are_valid_and_pass_their_tests_with_mock_providers() {
    let mut count = 0;
    for folder in std::fs::read_dir(repository().join("examples")).expect("the examples") {
        let folder = folder.expect("the examples can be read").path();
        if !folder.join("versions.tf").exists() {
            continue;
        }
        let name = folder.file_name().and_then(|it| it.to_str()).expect("UTF-8").to_owned();
        println!("{name}");
        // Nothing of the lab: the values are those of the tests.
        let workspace = Workspace::example_of("example", &name);
        workspace.terraform(&["init"]).succeeds();
        workspace.terraform(&["validate"]).succeeds();
        count += 1;
        // It begins with an import, which no mock provider does; tests/acceptance/helm.rs runs it.
        if name == "from-helm" {
            continue;
        }
        assert!(workspace.path("tests/mocked.tftest.hcl").exists(), "{name} has no test");
        workspace.terraform(&["test", "-filter=tests/mocked.tftest.hcl"]).succeeds().says(&["0 failed"]);
    }
    assert!(count >= 7, "{count} modules");
}

fn deployed(example: &str, agent: &str) {
    let mut workspace = Workspace::example(example, example);
    let logs = lab().dir.join("pod-logs").display().to_string();
    let name = workspace.name.clone();
    // Loki itself writes a line now and then.
    let teams = format!(r#"{{"shop":{{"namespaces":["{name}"]}}}}"#);
    let own = [("agent_kind", agent), ("pod_logs_path", &logs), ("name", &name), ("teams", &teams)];
    for (variable, value) in own {
        workspace.set(&format!("TF_VAR_{variable}"), value);
    }
    workspace.terraform(&["test", "-filter=tests/deployed.tftest.hcl"]).succeeds().says(&["0 failed"]);
}

#[test]
fn loki_on_eks_is_deployed_with_agents() {
    deployed("loki-on-eks", "otel_collector");
}

#[test]
fn multi_tenant_is_deployed_with_a_user_and_agents() {
    // The Collector of the lab has no basic authentication: its module cannot be had.
    deployed("multi-tenant", "promtail");
}

/// Every block of Terraform in guides and README is written as `terraform fmt` has it; one that is whole is valid.
#[test]
fn the_guides_blocks_are_in_form_and_valid() {
    let workspace = Workspace::new("guides");
    let mut pages = files(&repository().join("docs/guides"), ".md");
    pages.push(repository().join("README.md"));
    let (mut blocks, mut whole) = (0, 0);
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("the page can be read");
        for block in text.split("```").skip(1).step_by(2) {
            let Some((_, block)) = block.split_once('\n').filter(|(it, _)| ["terraform", "hcl"].contains(it)) else {
                continue;
            };
            println!("{}:\n{block}", page.display());
            workspace.write("block.tf", block);
            workspace.terraform(&["fmt", "-check", "-diff", "block.tf"]).succeeds();
            blocks += 1;
            if block.contains("required_providers") {
                std::fs::remove_file(workspace.path("terraform.tf")).expect("it is there");
                workspace.terraform(&["init"]).succeeds();
                workspace.terraform(&["validate"]).succeeds();
                whole += 1;
                workspace.write("terraform.tf", "");
            }
        }
    }
    assert!(blocks >= 10 && whole >= 1, "{blocks} blocks, {whole} of them whole");
}
