//! Messages as users meet them: each wrong configuration says what the page of errors has under its id, at its own place.

use serde_json::Value;

use crate::support::Workspace;

/// Blocks of one mistake each, below `# ` and the id of what is said of it. `RES` stands for the name of the block.
const WRONG: &str = include_str!("messages/wrong.txt");

/// The ids that `terraform validate` tells, each with the name of the block that it is about.
fn told(workspace: &Workspace) -> Vec<(String, String)> {
    let said: Value = serde_json::from_str(&workspace.terraform(&["validate", "-json"]).fails().stdout).expect("JSON");
    let diagnostics = said["diagnostics"].as_array().expect("a list");
    let id = |it: &Value| it["detail"].as_str()?.split_once("/docs/guides/errors#").map(|(_, id)| id.to_owned());
    let block = |it: &Value| it["snippet"]["context"].as_str().and_then(|it| it.split('"').nth(3)).map(str::to_owned);
    diagnostics.iter().filter_map(|it| Some((block(it).unwrap_or_default(), id(it)?))).collect()
}

#[test]
fn each_mistake_has_its_message_with_a_link() {
    let workspace = Workspace::new("messages");
    let blocks: Vec<(&str, &str)> =
        WRONG.split("# ").skip(1).map(|block| block.split_once('\n').expect("an id and a block")).collect();
    let numbered = blocks.iter().enumerate().map(|(index, (_, block))| block.replace("RES", &format!("r{index}")));
    workspace.main(&numbered.collect::<String>());
    workspace.terraform(&["init"]).succeeds();
    let told = told(&workspace);
    for (index, (id, block)) in blocks.iter().enumerate() {
        let place = (format!("r{index}"), (*id).to_owned());
        assert!(told.contains(&place), "{id} is not told of:\n{block}\nbut: {told:?}");
    }
    assert!(blocks.len() >= 50, "{} blocks", blocks.len());
}

#[test]
fn mistakes_of_the_provider_block_are_told_all_at_once() {
    let workspace = Workspace::new("messages-provider");
    workspace.main(
        r#"
provider "loki" {
  aws = {
    retry_mode                    = "x"
    max_retries                   = 1000
    assume_role                   = [{ role_arn = "arn:aws:iam::123456789012:role/x", duration = "x" }]
    assume_role_with_web_identity = { role_arn = "arn:aws:iam::123456789012:role/x" }
  }
  kubernetes = { host = "https://x", client_certificate = "x" }
}

resource "loki_bucket_storage" "main" {
  bucket = "acme-loki"
}
"#,
    );
    workspace.terraform(&["init"]).succeeds();
    let told: Vec<String> = told(&workspace).into_iter().map(|(_, id)| id).collect();
    for id in [
        "the-retry-mode-is-not-known",
        "the-number-of-retries-is-not-usable",
        "the-duration-cannot-be-read",
        "the-web-identity-needs-one-token",
        "a-client-certificate-needs-its-key",
    ] {
        assert!(told.iter().any(|it| it == id), "{id} is not told: {told:?}");
    }
}
