//! Functions, in Terraform 1.8 and later.

use crate::support::Workspace;

#[test]
fn durations_become_seconds_and_errors_point_at_the_argument() {
    let call = |text: &str| format!("output \"seconds\" {{\n  value = provider::loki::duration_seconds({text})\n}}\n");
    let workspace = Workspace::with("functions", &call("\"1h30m\""));
    workspace.apply().succeeds();
    assert_eq!(workspace.output("seconds"), 5400);
    workspace.main(&call("\"1s500ms\""));
    workspace.apply().succeeds();
    assert_eq!(workspace.output("seconds"), 1.5);
    workspace.main(&call("\"90 days\""));
    workspace.plan().fails().says(&["Invalid value for \"duration\" parameter", "90 days"]);
}
