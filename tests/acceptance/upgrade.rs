//! An upgrade of Loki under load: every line that was accepted is readable afterwards, and components roll one after the
//! other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Client, Workspace, kubectl, with_store};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name               = "loki"
  namespace          = "NAME"
  create_namespace   = true
  mode               = "distributed"
  loki_version       = "3.5.7"
  replicas           = 3
  replication_factor = 3
  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = "AWS"
      sts_endpoint = "AWS"
    }
  }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  service_account = { role_arn = loki_irsa_role.loki.arn }
  persistence     = { size = "1Gi", retain = false }
  gateway         = {}
  components = {
    index_gateway   = { replicas = 1 }
    query_scheduler = { replicas = 1 }
    querier         = { replicas = 1 }
    query_frontend  = { replicas = 1 }
  }
}
"#;

/// Lines a second.
const RATE: u64 = 50;

/// Pushes numbered lines through the gateway until it is told to stop. The numbers of those that were accepted.
fn write(client: &Client, stop: &AtomicBool) -> Vec<u64> {
    let began = Instant::now();
    let mut accepted = Vec::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        if client.push("load", &format!("line {number:06}")).status == 204 {
            accepted.push(number);
        }
        number += 1;
        let due = Duration::from_millis(number * 1000 / RATE);
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    accepted
}

/// When the oldest pod of a component was made.
fn made(namespace: &str, component: &str) -> String {
    let times = r"jsonpath={range .items[*]}{.metadata.creationTimestamp}{'\n'}{end}";
    let label = format!("app.kubernetes.io/component={component}");
    let times = kubectl(&["get", "pods", "-n", namespace, "-l", &label, "-o", times]);
    times.lines().min().unwrap_or_default().to_owned()
}

#[test]
fn no_accepted_line_is_lost_while_a_new_version_rolls_out() {
    let text = with_store(STACK);
    let workspace = Workspace::with("upgrade", &text);
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let client = Client::new(&format!("http://loki-gateway.{namespace}.svc.cluster.local"));
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (client, stop) = (client.clone(), stop.clone());
        thread::spawn(move || write(&client, &stop))
    };
    workspace.main(&text.replace("NAME", &namespace).replace("3.5.7", "3.7.8"));
    workspace.apply().succeeds();
    stop.store(true, Ordering::Relaxed);
    let accepted = writer.join().expect("the writer ends");
    assert!(accepted.len() > 100, "{} lines are no load", accepted.len());
    assert_eq!(workspace.state("loki_stack.main").expect("it was applied")["status"]["state"], "healthy");
    workspace.plan().succeeds().says(&["No changes"]);

    // As documented: what is asked is new before what asks it.
    let order =
        ["index-gateway", "compactor", "ingester", "query-scheduler", "querier", "query-frontend", "distributor"];
    let times = order.map(|component| made(&namespace, component));
    assert!(times.is_sorted(), "{order:?} were made at {times:?}");

    let began = Instant::now();
    loop {
        let pages = ["forward", "backward"].map(|direction| {
            client
                .get(&format!("/loki/api/v1/query_range?limit=5000&direction={direction}&query=%7Bjob%3D%22load%22%7D"))
        });
        let is_there = |number: &u64| pages.iter().any(|page| page.contains(&format!("line {number:06}")));
        let missing: Vec<_> = accepted.iter().filter(|number| !is_there(number)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{} of {} accepted lines are not readable, from {:?} to {:?}; Loki answers {:.300}",
            missing.len(),
            accepted.len(),
            missing.first(),
            missing.last(),
            pages[0]
        );
        thread::sleep(Duration::from_secs(1));
    }
    println!(
        "{} of {} lines were accepted, and all of them are there",
        accepted.len(),
        accepted.last().unwrap_or(&0) + 1
    );
}
