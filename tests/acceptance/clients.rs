//! What depends on the version of the client. A client that does not know a feature refuses its syntax itself.

use std::process::Command;

use crate::support::{Workspace, lab};

const BUCKET: &str = r#"resource "loki_bucket_storage" "logs" { bucket = "NAME" }"#;

/// Whether the client is of this minor version of Terraform 1 or of OpenTofu 1, or newer.
fn is_at_least(terraform: u32, opentofu: u32) -> bool {
    let output = Command::new(&lab().terraform).arg("version").output().expect("terraform runs");
    let said = String::from_utf8(output.stdout).expect("terraform prints UTF-8");
    let (program, version) = said.lines().next().and_then(|line| line.split_once(" v1.")).expect("`Terraform v1.11.4`");
    let minor: u32 = version.split('.').next().and_then(|minor| minor.parse().ok()).expect("a minor version");
    minor >= if program == "OpenTofu" { opentofu } else { terraform }
}

#[test]
fn a_resource_is_imported_by_its_identity() {
    let workspace = Workspace::with("by-identity", BUCKET);
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    let import = |bucket: &str| {
        format!(
            "import {{\n  to = loki_bucket_storage.logs\n  identity = {{ bucket = \"{bucket}\", region = \"eu-west-1\" }}\n}}\n"
        )
    };
    workspace.write("import.tf", &import(&workspace.name));
    if !is_at_least(12, 12) {
        workspace.plan().fails().says(&["identity"]);
        return;
    }
    workspace.plan().has_changes().says(&["1 to import, 0 to add, 0 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    workspace.write("import.tf", &import("no-such-bucket-anywhere"));
    workspace.plan().fails().says(&["no-such-bucket-anywhere"]);
}

#[test]
fn the_client_writes_the_configuration_of_what_is_imported() {
    let workspace = Workspace::with("generated", BUCKET);
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    workspace.main("import {\n  to = loki_bucket_storage.found\n  id = \"NAME\"\n}\n");
    let plan = workspace.terraform(&["plan", "-detailed-exitcode", "-generate-config-out=generated.tf"]);
    plan.has_changes().says(&["1 to import, 0 to add, 0 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
}

#[test]
fn a_value_of_which_only_the_beginning_is_known_is_planned_and_applied() {
    // Both clients send such a value as an unknown with a prefix.
    let bucket = BUCKET.replace("NAME", "b-${terraform_data.suffix.id}");
    let workspace = Workspace::with("refined", &format!("resource \"terraform_data\" \"suffix\" {{}}\n{bucket}"));
    workspace.plan().has_changes().says(&["2 to add, 0 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    workspace.destroy().succeeds();
}
