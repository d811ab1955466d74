//! Data sources over a stack: what it is made of, and what it answers.

use serde_json::Value;

use crate::support::{Workspace, kubectl};

const ATTRIBUTES: &str = r#"
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  auth_enabled     = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  retention        = "48h"
  persistence      = { size = "1Gi", retain = false }
  labels           = { "example.com/team" = "logs" }
"#;

fn with(more: &str) -> String {
    format!(
        "resource \"loki_stack\" \"main\" {{{ATTRIBUTES}}}\n\
         data \"loki_manifests\" \"main\" {{{ATTRIBUTES}}}\n\
         output \"yaml\" {{ value = data.loki_manifests.main.yaml }}\n{more}"
    )
}

const ANSWERS: &str = r#"
data "loki_health" "main" {
  namespace = loki_stack.main.namespace
  name      = loki_stack.main.name
  tenant    = "team-a"
  deep      = true
}

data "loki_query" "lines" {
  namespace = "NAME"
  name      = "loki"
  tenant    = "team-a"
  query     = "{job=\"terraform-provider-loki\"} != \"nothing\""
  since     = "10m"

  depends_on = [data.loki_health.main]
}

data "loki_query" "number" {
  namespace = "NAME"
  name      = "loki"
  tenant    = "team-a"
  query     = "sum(count_over_time({job=\"terraform-provider-loki\"}[10m]))"

  depends_on = [data.loki_health.main]
}
"#;

#[test]
fn manifests_are_what_is_applied_and_queries_are_answered() {
    let workspace = Workspace::with("answers", &with(""));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let yaml = workspace.output("yaml");
    workspace.write("stack.yaml", yaml.as_str().expect("a text"));
    let file = workspace.path("stack.yaml").display().to_string();
    // Exits with 1 where applying would change anything.
    kubectl(&["diff", "--server-side", "--field-manager=terraform-provider-loki", "-f", &file]);

    workspace.main(&with(ANSWERS));
    workspace.apply().succeeds();
    let lines = workspace.state("data.loki_query.lines").expect("it was read");
    assert_eq!(lines["result_type"], "streams");
    assert_eq!(lines["results"][0]["labels"]["job"], "terraform-provider-loki");
    let number = workspace.state("data.loki_query.number").expect("it was read");
    let value: &Value = &number["results"][0]["values"][0]["value"];
    assert!(value.as_str().expect("a text").parse::<u32>().expect("a number") >= 1, "{value}");

    let query = |attributes: &str| {
        let block = format!("data \"loki_query\" \"q\" {{\n  namespace = \"{namespace}\"\n{attributes}\n}}\n");
        workspace.main(&with(&block));
        workspace.plan()
    };
    query("name = \"loki\"\ntenant = \"a\"\nquery = \"{app=}\"").fails().says(&["The query is no LogQL", "query"]);
    query("name = \"loki\"\nquery = \"rate({app=\\\"a\\\"}[5m])\"").fails().says(&["The query needs a tenant"]);
    query("name = \"other\"\nquery = \"{app=\\\"a\\\"}\"").fails().says(&["There is no such stack", "\"other\""]);
    query("name = \"loki\"\ntenant = \"a\"\nquery = \"sum(rate({app=\\\"a\\\"}[5m])) by\"")
        .fails()
        .says(&["does not answer the query", "400"]);
    query("name = \"loki\"\ntenant = \"b\"\nquery = \"{app=\\\"a\\\"}\"").never_says(&["Error"]);
    // What a stack would be refused for, its manifests are too.
    workspace.main("data \"loki_manifests\" \"main\" {\n  name = \"loki\"\n  namespace = \"a\"\n  schema = [{ from = \"2024-04-01\" }]\n  storage = { s3 = { bucket = \"A\", region = \"r\" } }\n}");
    workspace.plan().fails().says(&["storage.s3.bucket"]);
}
