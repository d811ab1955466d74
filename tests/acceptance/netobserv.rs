//! `examples/netobserv`: ingesters and queriers with volumes and two replicas, and a key in place of a role.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Workspace, access_key, kubectl, store_user, wait_until};

#[test]
fn the_example_for_flows_is_what_the_operator_asks_for() {
    let mut workspace = Workspace::example("netobserv", "netobserv");
    let name = workspace.name.clone();
    store_user(&name);
    let (id, secret) = access_key(&name);
    workspace.set("TF_VAR_access_key", &format!("{{ id = \"{id}\", secret = \"{secret}\" }}"));
    let main = std::fs::read_to_string(workspace.path("main.tf")).expect("the example has a main.tf");
    let main = main.replace("bucket = var.bucket\n", "bucket = var.bucket\n  force_destroy = true\n");
    workspace.write("main.tf", &main.replace("{ size = \"10Gi\" }", "{ size = \"1Gi\", retain = false }"));
    workspace.apply().succeeds();
    workspace.plan().says(&["No changes"]);
    assert_eq!(workspace.output("status")["state"], "healthy");

    let sets = kubectl(&["get", "statefulset", "-n", &name, "-o", "json"]);
    let sets: Value = serde_json::from_str(&sets).expect("JSON");
    for set in ["loki-ingester", "loki-querier"] {
        let set = sets["items"].as_array().expect("a list").iter().find(|it| it["metadata"]["name"] == set);
        let set = &set.expect("it is a StatefulSet")["spec"];
        assert_eq!((&set["replicas"], set["volumeClaimTemplates"].as_array().map(Vec::len)), (&json!(2), Some(1)));
    }
    let url = |output: &str| workspace.output(output).as_str().expect("a URL").trim_end_matches('/').to_owned();
    let (ingester, querier) = (Client::new(&url("ingester_url")), Client::new(&url("querier_url")));
    ingester.push("flows", "a flow").succeeds();
    wait_until("the flow is read", Duration::from_secs(60), || querier.reads("flows").contains("a flow"));
    assert!(!workspace.terraform(&["show", "-json"]).stdout.contains(&secret), "the key is in the state");
    workspace.destroy().succeeds();
}
