//! The package as it is downloaded: zips and checksums, a mirror that `terraform init` takes, the size of schema and state, and
//! the guide for new users, followed word for word in a container that has Terraform and nothing else.

mod container;
mod guide;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use self::container::Container;
use crate::support::{Workspace, lab, repository, with_store};

const MIB: usize = 1 << 20;

/// The provider under test, packed once for all tests here.
fn packed() -> &'static Path {
    static PACKED: OnceLock<PathBuf> = OnceLock::new();
    PACKED.get_or_init(|| {
        let folder = lab().dir.join("run").join(format!("dist-{}", std::process::id()));
        pack(&folder);
        folder
    })
}

fn pack(folder: &Path) {
    let binary = std::env::var("LOKI_PROVIDER_BIN").expect("the lab has checked it");
    let platform = format!("linux_{}={binary}", if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" });
    let script = repository().join("scripts/package/pack.py");
    let done = Command::new("python3").arg(script).arg(folder).arg(platform).output().expect("python3 runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A CLI configuration that knows the packed mirror alone.
fn cli_config(mirror: &str) -> String {
    format!(
        "disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n"
    )
}

fn sums(folder: &Path) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let path = folder.join(format!("terraform-provider-loki_{version}_SHA256SUMS"));
    std::fs::read_to_string(path).expect("the checksums")
}

#[test]
fn the_same_binary_makes_the_same_package() {
    let other = packed().with_extension("again");
    pack(&other);
    assert_eq!(sums(packed()), sums(&other));
    std::fs::remove_dir_all(other).expect("it was written above");
    let version = env!("CARGO_PKG_VERSION");
    let names: Vec<_> =
        sums(packed()).lines().map(|line| line.split_once("  ").expect("two columns").1.to_owned()).collect();
    assert!(
        names[0].starts_with(&format!("terraform-provider-loki_{version}_linux_")) && names[0].ends_with(".zip"),
        "{names:?}"
    );
    assert_eq!(names[1], format!("terraform-provider-loki_{version}_manifest.json"));
    let checked = Command::new("sha256sum")
        .args(["--check", "--quiet", &format!("terraform-provider-loki_{version}_SHA256SUMS")])
        .current_dir(packed())
        .output()
        .expect("sha256sum runs");
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn init_takes_the_packed_mirror_and_the_schema_is_small() {
    let mut workspace = Workspace::new("package");
    let config = workspace.path("mirror.tfrc");
    let mirror = packed().join("mirror");
    workspace.write("mirror.tfrc", &cli_config(mirror.to_str().expect("UTF-8")));
    workspace.set("TF_CLI_CONFIG_FILE", config.to_str().expect("UTF-8"));
    let version = env!("CARGO_PKG_VERSION");
    workspace.terraform(&["init"]).succeeds().says(&[&format!("Installed lokiops/loki v{version}")]);
    let schema = workspace.terraform(&["providers", "schema", "-json"]).succeeds().stdout;
    assert!(schema.len() <= MIB, "the schema has {} bytes", schema.len());
}

/// The largest size, with everything that can be around it.
#[test]
fn the_state_of_the_largest_stack_is_small() {
    let workspace = Workspace::with(
        "state-size",
        &with_store(
            r#"
data "loki_manifests" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  mode             = "distributed"
  size             = "medium"
  auth_enabled     = true
  storage          = { s3 = { bucket = loki_bucket_storage.logs.bucket, region = loki_bucket_storage.logs.region } }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  gateway          = { ingress = { host = "logs.example.com" } }
  caches           = { chunks = {}, results = {} }
  canary           = {}
  network_policies = {}
  ruler            = { alertmanager_urls = ["http://alertmanager.monitoring:9093"] }
  components       = { ingester = { zones = ["a", "b", "c"] }, overrides_exporter = {}, pattern_ingester = {} }
}

# What a stack keeps of its objects: a key, and a hash for each.
output "objects" {
  value = { for key, object in data.loki_manifests.main.objects : key => sha256(object) }
}

resource "loki_stack" "small" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  persistence      = { size = "1Gi", retain = false }
}
"#,
        ),
    );
    workspace.apply().succeeds();
    let state = workspace.state("loki_stack.small").expect("the stack is in the state").to_string().len();
    let own = workspace.state("loki_stack.small").expect("the same")["objects"].to_string().len();
    let objects = workspace.output("objects").to_string().len();
    let largest = state - own + objects;
    println!("a stack in one pod takes {state} bytes, the largest about {largest}");
    assert!(largest <= 100_000, "{largest} bytes");
    workspace.destroy().succeeds();
}

/// No shell but busybox's, no certificates, no files: as in a container of a remote run. Credentials come by the environment.
#[test]
fn a_container_with_terraform_alone_plans_and_applies() {
    let container = Container::new("bare", packed());
    container.write(
        "work/main.tf",
        r#"
terraform {
  required_providers {
    loki = { source = "lokiops/loki" }
  }
}
provider "loki" {}
resource "loki_bucket_storage" "logs" {
  bucket        = "bare-container"
  force_destroy = true
}
"#,
    );
    let aws = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", &lab().aws_endpoint),
    ];
    let run = |command: &str| container.run(&format!("cd /work && {command}"), &aws);
    run("terraform init").succeeds();
    run("terraform apply -auto-approve").succeeds().says(&["1 added"]);
    run("terraform plan -detailed-exitcode").succeeds();
    run("terraform destroy -auto-approve").succeeds().says(&["1 destroyed"]);
}
