//! A provider that was started by hand (`-debug`), and real terraform attached to it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Workspace, provider};

const BUCKETS: &str = r#"
resource "loki_bucket_storage" "here" {
  bucket = "NAME-here"
}

resource "loki_bucket_storage" "there" {
  provider = loki.there
  bucket   = "NAME-there"
}
"#;

#[test]
fn terraform_plans_and_applies_through_a_provider_that_was_started_by_hand() {
    let mut by_hand = Command::new(std::env::var_os("LOKI_PROVIDER_BIN").expect("`make test` sets it"));
    by_hand.arg("-debug").env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let mut by_hand = by_hand.stdout(Stdio::piped()).spawn().expect("the provider starts");
    let mut lines = BufReader::new(by_hand.stdout.take().expect("it is piped")).lines();
    let attach = lines
        .find_map(|line| line.expect("text").trim().strip_prefix("TF_REATTACH_PROVIDERS=").map(str::to_owned))
        .expect("the line to paste");

    let mut workspace = Workspace::with("attached", BUCKETS);
    let there = provider("").replace("provider \"loki\" {", "provider \"loki\" {\n  alias = \"there\"");
    let there = there.replace("eu-west-1", "us-east-1");
    workspace.write("provider.tf", &format!("{}{there}", provider("")));
    workspace.set("TF_REATTACH_PROVIDERS", attach.trim_matches('\''));
    // An attached terraform does not look for the provider anywhere else.
    std::fs::remove_dir_all(workspace.path(".terraform")).expect("init made it");
    std::fs::remove_file(workspace.path(".terraform.lock.hcl")).expect("init made it");
    workspace.terraform(&["init"]).succeeds();
    workspace.plan().has_changes();
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    // Each provider block keeps its own configuration, though one process serves both.
    for (bucket, region) in [("here", "eu-west-1"), ("there", "us-east-1")] {
        let state = workspace.state(&format!("loki_bucket_storage.{bucket}")).expect("it was applied");
        assert_eq!(state["region"], region);
    }
    workspace.destroy().succeeds();
    assert!(by_hand.try_wait().expect("it was started here").is_none(), "it serves on");
    kill(Pid::from_raw(by_hand.id().try_into().expect("a process id")), Signal::SIGINT).expect("it runs");
    assert!(by_hand.wait().expect("it was started here").success());
}
