//! What a user may do wrong is refused at plan: what, where, why, and nothing has changed.

use crate::support::{Workspace, lab, provider};

/// A configuration that is sound but for what a test replaces.
const SOUND: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket = "NAME"
}
resource "loki_stack" "main" {
  name               = "loki"
  namespace          = "NAME"
  create_namespace   = true
  replicas           = 1
  replication_factor = 1
  storage            = { s3 = { bucket = loki_bucket_storage.logs.bucket, region = "eu-west-1" } }
  schema             = [{ from = "2024-04-01", version = "v13" }]
  service_account    = { role_arn = "arn:aws:iam::123456789012:role/loki" }
}
"#;

#[test]
fn the_sound_configuration_plans() {
    Workspace::with("sound", SOUND).plan().has_changes().says(&["2 to add, 0 to change, 0 to destroy"]);
}

#[test]
fn wrong_input_is_refused_at_plan_where_it_stands() {
    let workspace = Workspace::with("refused", SOUND);
    let (name, period, role) = (
        r#"bucket = "NAME""#,
        r#"from = "2024-04-01", version = "v13""#,
        r#"role_arn = "arn:aws:iam::123456789012:role/loki""#,
    );
    // What stands in the configuration, what is written instead, and what must be said. Terraform quotes the line of
    // a top-level attribute; what lies deeper is named in the text.
    let cases: [(&str, &str, &[&str]); 11] = [
        (name, r#"bucket = "Acme_Logs""#, &[r#"bucket = "Acme_Logs""#, "S3 would refuse the bucket's name"]),
        (name, r#"bucket = "chunks""#, &[r#"bucket = "chunks""#, "strangers hold buckets of these names"]),
        (
            "replication_factor = 1",
            "replication_factor = 3",
            &["replication_factor = 3", "Replication factor 3 does not fit 1 replica"],
        ),
        (period, r#"from = "2024-04-31", version = "v13""#, &["In schema[0].from:", r#""2024-04-31" is no date"#]),
        (period, r#"from = "2024-04-01", version = "v8""#, &["In schema[0].version:", "v8"]),
        (role, r#"role_arn = "loki""#, &["In service_account.role_arn:", r#""loki" is not the ARN of a role"#]),
        (
            role,
            r#"role_arn = "arn:aws:sts::123456789012:assumed-role/loki/x""#,
            &["In service_account.role_arn:", "is a session of a role, not the role"],
        ),
        (r#"namespace          = "NAME""#, r#"namespace          = "Logs""#, &[r#"namespace = "Logs""#]),
        ("{ s3 = {", "{ filesystem = {}, s3 = {", &["storage = { filesystem", "A stack has exactly one storage"]),
        (
            "replicas           = 1",
            "replicas           = 1\n  config_overrides = { querier = { max_concurent = 8 } }",
            &["config_overrides = {", "field max_concurent not found in type querier.Config", "max_concurrent"],
        ),
        (
            "replicas           = 1",
            "replicas           = 1\n  config_overrides = yamlencode({ server = { http_listen_port = 80 } })",
            &["config_overrides = yamlencode(", "config_overrides sets server.http_listen_port"],
        ),
    ];
    for (sound, wrong, said) in cases {
        assert!(SOUND.contains(sound), "{sound} is not in the configuration");
        workspace.main(&SOUND.replace(sound, wrong));
        workspace.plan().fails().says(said);
        assert!(workspace.state("loki_stack.main").is_none(), "a refused plan left something in the state");
    }
}

#[test]
fn a_cluster_that_does_not_answer_is_said_in_one_sentence() {
    let workspace = Workspace::with("unreachable", SOUND);
    let began = std::time::Instant::now();
    let ca = lab().dir.join("pki/ca.crt");
    workspace.write(
        "provider.tf",
        // Nothing listens on this port.
        &provider(&format!(
            r#"host = "https://127.0.0.1:6", token = "x", cluster_ca_certificate = file("{}")"#,
            ca.display()
        )),
    );
    workspace.plan().fails().says(&[
        "The Kubernetes cluster cannot be used",
        "Cannot reach the Kubernetes API server at https://127.0.0.1:6",
    ]);
    assert!(began.elapsed().as_secs() < 30, "it took {:?}", began.elapsed());
}

#[test]
fn whoever_lacks_the_permission_is_told_at_plan_which() {
    let workspace = Workspace::with("forbidden", &SOUND.replace("create_namespace   = true", ""));
    crate::support::kubectl(&["create", "namespace", &workspace.name]);
    let nobody = lab().dir.join("pki/nobody.kubeconfig");
    workspace.write("provider.tf", &provider(&format!(r#"config_path = "{}""#, nobody.display())));
    workspace.plan().fails().says(&["may not patch statefulsets.apps in namespace", &workspace.name]);
}

#[test]
fn names_that_are_taken_are_refused_at_plan() {
    let workspace = Workspace::with("taken", r#"resource "loki_bucket_storage" "logs" { bucket = "NAME" }"#);
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    workspace.plan().fails().says(&["exists already", "terraform import loki_bucket_storage"]);
}

#[test]
fn what_is_unknown_at_plan_is_not_dialled_and_not_refused() {
    let workspace = Workspace::with("unknown", SOUND);
    workspace.write(
        "provider.tf",
        &format!(
            "{}\nresource \"terraform_data\" \"host\" {{ input = \"{}\" }}\n",
            provider(&format!(
                "host = terraform_data.host.output, token = trimspace(file(\"{0}/admin.token\")), \
                 cluster_ca_certificate = file(\"{0}/ca.crt\")",
                lab().dir.join("pki").display()
            )),
            lab().api_server()
        ),
    );
    workspace.plan().has_changes().says(&["This plan does not check kubernetes online", "kubernetes.host"]);
}
