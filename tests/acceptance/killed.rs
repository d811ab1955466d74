//! `kill -9` of the provider at random moments of the making, the upgrade and the end of a stack: the next apply goes on
//! from there, and after a destroy nothing of ours is left.

use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::json;

use crate::support::{Workspace, aws, kubectl, with_store};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  loki_version     = "3.5.7"
  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = "AWS"
      sts_endpoint = "AWS"
    }
  }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  service_account  = { role_arn = loki_irsa_role.loki.arn }
  persistence      = { size = "1Gi", retain = false }
  gateway          = {}
  network_policies = {}
}
"#;

/// Blows to the making and to the upgrade together, where the environment does not say how many (BLOWS).
const BLOWS: u32 = 20;

/// Moments within a time; the same for the same seed (xorshift).
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let seed = UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        eprintln!("the seed is {seed}");
        Self(seed | 1)
    }

    fn within(&mut self, time: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_micros(self.0 % u64::try_from(time.as_micros()).expect("a short time"))
    }
}

/// Starts terraform, kills the provider at a moment, and waits for the end. Whether it was hit.
fn struck(workspace: &Workspace, arguments: &[&str], moment: Duration) -> bool {
    let running = workspace.start(arguments);
    thread::sleep(moment); // The moment is random: there is nothing to be awaited.
    let hit = running.strike();
    let outcome = running.ends();
    eprintln!("{arguments:?} after {moment:?}: {}", if hit { "hit" } else { "missed" });
    if hit {
        outcome.never_says(&["panic", "rpc error: code = Internal"]);
    }
    hit
}

#[test]
fn whatever_is_killed_the_next_apply_goes_on_and_nothing_is_left() {
    let text = with_store(STACK);
    let workspace = Workspace::with("random-kills", &text);
    let namespace = workspace.name.clone();
    let mut moments = Moments::new();
    let apply = ["apply", "-auto-approve"];

    // Without a blow, to know how long it takes.
    let began = Instant::now();
    workspace.apply().succeeds();
    let whole = began.elapsed();
    workspace.destroy().succeeds();

    let blows = std::env::var("BLOWS").map_or(BLOWS, |blows| blows.parse().expect("a number"));
    let (mut hits, mut tries) = (0, 0);
    while hits < blows / 2 {
        // What is half made stays for the next blow; half of the time it is finished and taken down before.
        hits += u32::from(struck(&workspace, &apply, moments.within(whole)));
        tries += 1;
        if tries % 3 == 0 {
            workspace.apply().succeeds();
            workspace.plan().says(&["No changes"]);
            struck(&workspace, &["destroy", "-auto-approve"], moments.within(whole / 2));
        }
    }
    workspace.apply().succeeds();
    // Until the version is reached each blow hits the upgrade; after that a change that rolls all pods as well.
    let newer = text.replace("3.5.7", "3.7.8");
    while hits < blows {
        let retention = format!("retention = \"{}h\"\n  storage = {{", 24 * (1 + hits % 5));
        workspace.main(&newer.replace("storage = {", &retention));
        hits += u32::from(struck(&workspace, &apply, moments.within(whole)));
    }
    workspace.main(&newer);
    workspace.apply().succeeds();
    workspace.plan().says(&["No changes"]);
    let image = kubectl(&["get", "pod", "loki-0", "-n", &namespace, "-o", "jsonpath={.spec.containers[0].image}"]);
    assert!(image.ends_with(":3.7.8"), "{image}");

    workspace.destroy().succeeds();
    assert_eq!(kubectl(&["get", "namespace", &namespace, "--ignore-not-found", "-o", "name"]), "");
    for (service, method) in [("s3", "list_buckets"), ("iam", "list_roles")] {
        let listed = aws(service, method, json!({})).expect("a list").to_string();
        assert!(!listed.contains(&namespace), "{listed}");
    }
}
