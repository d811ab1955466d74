//! Log agents: the real OpenTelemetry Collector and the real Promtail on the real node, shipping to a real stack.

mod lines;

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use self::lines::{Lines, Pods, count, lines_of};
use crate::support::{Workspace, kubectl, lab, loki, wait_until, with_store};

/// A stack that makes labels of what the Collector sends.
const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
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
  limits = {
    ingestion_rate_mb           = "64"
    ingestion_burst_size_mb     = "128"
    per_stream_rate_limit       = "64MB"
    per_stream_rate_limit_burst = "128MB"
    otlp_config = jsonencode({
      resource_attributes = {
        attributes_config = [{ action = "index_label", attributes = ["log_agent", "shipper", "namespace", "pod", "container", "node", "role", "severity"] }]
      }
    })
  }
}
"#;

/// Both agents that can be had as Go modules, with the same labels.
const AGENTS: &str = r#"
locals {
  kubernetes_labels = { namespace = "namespace", pod = "pod", container = "container", node = "node", role = "label:role" }
  stages = [
    { logfmt = { mapping = { severity = "level", number = "n" } } },
    { labels = { severity = "severity" } },
    { structured_metadata = { number = "number" } },
    { drop = { expression = "n=7$" } },
    { replace = { expression = "hel+o", replace = "$1 bye" } },
  ]
}

resource "loki_log_agent" "promtail" {
  name              = "first"
  kind              = "promtail"
  namespace         = "NAME-agents"
  create_namespace  = true
  push_url          = loki_stack.main.push_url
  namespaces        = ["NAME-app"]
  pod_logs_path     = "POD_LOGS"
  labels            = { shipper = "promtail" }
  kubernetes_labels = local.kubernetes_labels
  stages            = local.stages
  retry             = { max_backoff = "5s" }
}

resource "loki_log_agent" "collector" {
  name              = "second"
  kind              = "otel_collector"
  namespace         = loki_log_agent.promtail.namespace
  push_url          = loki_stack.main.push_url
  namespaces        = ["NAME-app"]
  pod_logs_path     = "POD_LOGS"
  labels            = { shipper = "collector" }
  kubernetes_labels = local.kubernetes_labels
  stages            = local.stages
  retry             = { max_backoff = "5s" }
}
"#;

/// The lab's kubelet has its pods' logs in the lab's folder.
fn agents() -> String {
    AGENTS.replace("POD_LOGS", &lab().dir.join("pod-logs").to_string_lossy())
}

/// How long Loki is away: what an upgrade that goes wrong takes, where the environment says nothing (OUTAGE, in seconds).
fn outage() -> Duration {
    Duration::from_secs(std::env::var("OUTAGE").map_or(120, |seconds| seconds.parse().expect("a number")))
}

#[test]
fn real_agents_ship_each_line_once_and_lose_none() {
    let workspace = Workspace::with("agents", &with_store(&format!("{STACK}{}", agents())));
    let name = workspace.name.clone();
    let pods = Pods::new(&format!("{name}-app"));
    pods.write("early", 10, "");
    workspace.apply().succeeds().never_says(&["No lines arrive"]);
    for agent in ["promtail", "collector"] {
        let state = workspace.state(&format!("loki_log_agent.{agent}")).expect("a state");
        assert_eq!(state["status"]["state"], "healthy", "{state}");
        let nodes: Vec<_> = state["status"]["nodes"].as_object().unwrap().values().collect();
        assert_eq!(nodes, ["shipping"]);
        assert!(state["config"].as_str().unwrap().contains("/pod-logs/"));
    }
    workspace.plan().succeeds().says(&["No changes"]);

    // All at once.
    let loki = loki(&format!("http://loki.{name}.svc:3100"));
    pods.write("burst", 10_000, "");
    for shipper in ["promtail", "collector"] {
        wait_until(&format!("10000 lines by {shipper}"), Duration::from_secs(90), || {
            count(&loki, shipper, "burst") >= 10_000
        });
        let Lines { lines, labels } = lines_of(&loki, shipper, "burst");
        let expected: Vec<_> = (1..=10_000).map(|number| format!("burst {number}")).collect();
        assert!(lines == expected, "{shipper}: {} lines, not each once in order", lines.len());
        let agent = if shipper == "promtail" { "first" } else { "second" };
        for (label, value) in [
            ("shipper", shipper),
            ("namespace", &format!("{name}-app")),
            ("pod", "burst"),
            ("container", "writer"),
            ("role", "writer"),
            ("log_agent", &format!("{name}-agents/{agent}")),
        ] {
            assert_eq!(labels[label], value, "{shipper}: {labels}");
        }
        assert!(labels.get("filename").is_none() && labels.get("stream").is_none(), "{labels}");
    }

    // Through stages, which are the same to both.
    pods.write_as("staged", "level=warn msg=hello n=", 20, "");
    for shipper in ["promtail", "collector"] {
        wait_until(&format!("19 lines by {shipper}"), Duration::from_secs(60), || {
            count(&loki, shipper, "staged") >= 19
        });
        let Lines { lines, labels } = lines_of(&loki, shipper, "staged");
        let expected: Vec<_> =
            (1..=20).filter(|number| *number != 7).map(|number| format!("level=warn msg=$1 bye n={number}")).collect();
        assert_eq!(lines, expected, "{shipper}");
        // Of structured metadata, which is shown as a label, that of one of the lines.
        assert!(labels["severity"] == "warn" && labels["number"].is_string(), "{shipper}: {labels}");
    }

    // While the agents and Loki restart, and while Loki is away.
    let away = outage();
    let seconds = away.as_secs() + 60;
    pods.write("steady", seconds * 50, "20ms");
    kubectl(&[
        "delete",
        "pods",
        "-n",
        &format!("{name}-agents"),
        "-l",
        "app.kubernetes.io/part-of=log-agent",
        "--wait=true",
    ]);
    kubectl(&["delete", "pod", "-n", &name, "loki-0", "--wait=true"]);
    // Until its controller has seen that the pod is gone, there is none to wait for.
    kubectl(&["rollout", "status", "-n", &name, "statefulset/loki", "--timeout=120s"]);
    kubectl(&["scale", "-n", &name, "statefulset/loki", "--replicas=0"]);
    // The outage itself is what is waited for here.
    sleep(away);
    kubectl(&["scale", "-n", &name, "statefulset/loki", "--replicas=1"]);
    kubectl(&["rollout", "status", "-n", &name, "statefulset/loki", "--timeout=180s"]);
    let loki = self::loki(&format!("http://loki.{name}.svc:3100"));
    for shipper in ["promtail", "collector"] {
        wait_until(&format!("every line by {shipper}"), Duration::from_secs(seconds + 120), || {
            count(&loki, shipper, "steady") >= seconds * 50
        });
        let Lines { lines, .. } = lines_of(&loki, shipper, "steady");
        let mut once = lines.clone();
        once.dedup();
        let expected: Vec<_> = (1..=seconds * 50).map(|number| format!("steady {number}")).collect();
        assert!(once == expected, "{shipper}: {} of {} lines, or not in order", once.len(), expected.len());
        eprintln!(
            "{shipper}: {} lines, {} of them twice, after restarts and {away:?} without Loki",
            once.len(),
            lines.len() - once.len()
        );
    }
}

#[test]
fn another_kind_takes_over_without_a_gap() {
    let both = agents();
    let agent = both
        .split("resource \"loki_log_agent\" \"collector\"")
        .next()
        .unwrap()
        .replace("shipper = \"promtail\"", "shipper = \"any\"");
    let text = with_store(&format!("{STACK}{agent}"));
    let workspace = Workspace::with("switch", &text);
    let name = workspace.name.clone();
    let pods = Pods::new(&format!("{name}-app"));
    pods.write("early", 10, "");
    workspace.apply().succeeds();
    let loki = loki(&format!("http://loki.{name}.svc:3100"));
    const LINES: u64 = 3000;
    pods.write("steady", LINES, "20ms");
    wait_until("the first lines", Duration::from_secs(60), || count(&loki, "any", "steady") > 0);

    workspace.main(&text.replace("= \"promtail\"", "= \"otel_collector\""));
    workspace.plan().has_changes().says(&["otel_collector takes the place of promtail", "so no line is missed"]);
    let began = Instant::now();
    workspace.apply().succeeds();
    let took = began.elapsed();
    let sets = kubectl(&["get", "daemonsets", "-n", &format!("{name}-agents"), "-o", "name"]);
    assert_eq!(sets.trim(), "daemonset.apps/first-otel-collector");
    assert_eq!(workspace.state("loki_log_agent.promtail").unwrap()["status"]["state"], "healthy");
    wait_until("every line", Duration::from_secs(120), || {
        let Lines { lines, .. } = lines_of(&loki, "any", "steady");
        lines.last().is_some_and(|last| *last == format!("steady {LINES}"))
    });
    let Lines { lines, .. } = lines_of(&loki, "any", "steady");
    let mut once = lines.clone();
    once.dedup();
    let expected: Vec<_> = (1..=LINES).map(|number| format!("steady {number}")).collect();
    assert!(once == expected, "{} of {LINES} lines", once.len());
    eprintln!("the new kind was up after {took:?}; {} lines are there twice", lines.len() - once.len());
    workspace.plan().succeeds().says(&["No changes"]);
}

/// An agent that needs no stack.
const ALONE: &str = r#"
resource "TYPE" "nodes" {
  provider    = loki
  name        = "NAME"
  kind        = "otel_collector"
  namespace   = "NAME"
  push_url    = "http://loki.NAME.svc:3100/loki/api/v1/push"
  max_silence = "0s"
}
"#;

#[test]
fn both_names_of_the_type_are_one() {
    let of = |kind: &str| ALONE.replace("TYPE", kind);
    let workspace = Workspace::with("alias", &of("loki_log_agent"));
    let name = workspace.name.clone();
    let _pods = Pods::new(&name);
    workspace.apply().succeeds();
    let moved = |from: &str, to: &str| format!("{}\nmoved {{\n  from = {from}.nodes\n  to = {to}.nodes\n}}\n", of(to));
    workspace.main(&moved("loki_log_agent", "log_agent"));
    workspace.plan().has_changes().says(&["has moved to log_agent.nodes", "0 to add, 0 to change, 0 to destroy"]);
    workspace.apply().succeeds();
    workspace.main(&moved("log_agent", "loki_log_agent"));
    workspace.apply().succeeds().says(&["has moved to loki_log_agent.nodes"]);
    workspace.plan().succeeds().says(&["No changes"]);

    // Drift, repair, import, end.
    let object = format!("{name}-otel-collector");
    kubectl(&["delete", "configmap", "-n", &name, &object]);
    workspace.plan().has_changes().says(&[&format!("ConfigMap/{name}/{object}")]);
    kubectl(&["set", "image", "-n", &name, &format!("daemonset/{object}"), "agent=lab.local/writer:1"]);
    workspace.plan().fails().says(&["is in conflict", "force_conflicts = true"]);
    let forced = of("loki_log_agent").replace("max_silence", "force_conflicts = true\n  max_silence");
    workspace.main(&forced);
    workspace.plan().has_changes().says(&["changed outside of Terraform"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    workspace.terraform(&["state", "rm", "loki_log_agent.nodes"]).succeeds();
    workspace.plan().has_changes().says(&["exists already", &format!("import it as {name}/{name}")]);
    workspace.import("loki_log_agent.nodes", &format!("{name}/{name}")).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    workspace.destroy().succeeds();
    let left = kubectl(&["get", "daemonsets,configmaps,serviceaccounts", "-n", &name, "-o", "name"]);
    assert!(!left.contains(&object), "{left}");
}

#[test]
fn what_would_fail_is_said_before() {
    let workspace = Workspace::with("wrong", &ALONE.replace("TYPE", "loki_log_agent"));
    let name = workspace.name.clone();
    let _pods = Pods::new(&name);
    let with = |more: &str| {
        let text =
            ALONE.replace("TYPE", "loki_log_agent").replace("kind        = \"otel_collector\"", "kind = \"alloy\"");
        workspace.main(&text.replacen("max_silence", &format!("{more}\n  max_silence"), 1));
        workspace.plan()
    };
    with("labels = { my-app = \"x\" }").fails().says(&["\"my-app\" is no name of a label", "Write \"my_app\""]);
    with("label_selector = \"app in shop\"").fails().says(&["The label selector is none", "not in brackets"]);
    with("field_selector = \"spec.node=a\"").fails().says(&["The field selector is none", "spec.nodeName"]);
    with("tls = { server_name = \"loki\" }").fails().says(&["TLS settings with a URL of plain HTTP"]);
    with("stages = [{ regex = { expression = \"(?P<a>x\" } }]")
        .fails()
        .says(&["The regular expression is none", "stages[0].regex.expression"]);
    with("stages = [{ jsn = {} }]").fails().says(&["stage", "json, logfmt, regex"]);
    with("kubernetes_labels = { app = \"app\" }").fails().says(&["Nothing of a pod is called \"app\"", "label:<key>"]);
    with("extra_config = \"loki.echo {\"")
        .fails()
        .says(&["The kind alloy would not start with this configuration", "Line"]);
    with("basic_auth = { username = \"u\" }").fails().says(&["The password is missing", "password_secret"]);
    with("labels = { trace_id = \"x\" }").has_changes().says(&["makes streams without end"]);
    with("priority_class_name = \"none-such\"").has_changes().says(&["PriorityClass none-such does not exist yet"]);

    // Against the stack that the URL leads to.
    let config = "--from-literal=config.yaml=auth_enabled: true";
    kubectl(&["create", "configmap", "loki-config", "-n", &name, config]);
    with("").fails().says(&["The tenant is missing", "no org id", "Set tenant_id"]);
    let labels: String = (0..40).map(|number| format!("l{number} = \"x\", ")).collect();
    with(&format!("tenant_id = \"a\"\n  labels = {{ {labels} }}"))
        .fails()
        .says(&["45 labels are too many", "max_label_names_per_series"]);
    with("tenant_id = \"a\"").has_changes().says(&["The push URL leads to no service yet"]);
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "loki-clients", "namespace": name},
        "spec": {"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"a": "shop"}}}]}]},
    });
    workspace.write("policy.json", &policy.to_string());
    kubectl(&["apply", "-f", &workspace.path("policy.json").to_string_lossy()]);
    with("tenant_id = \"a\"")
        .has_changes()
        .says(&["The stack's network policies keep the agent out", "client_namespaces"]);

    // What a kind cannot do names one that can.
    let kind = |kind: &str, more: &str| {
        let text = ALONE.replace("TYPE", "loki_log_agent").replace("otel_collector", kind);
        workspace.main(&text.replacen("max_silence", &format!("tenant_id = \"a\"\n  {more}\n  max_silence"), 1));
        workspace.plan().fails()
    };
    kind("promtail", "buffer = \"1Gi\"")
        .says(&["The kind promtail has no buffer", "alloy, otel_collector, vector, fluent_bit"]);
    kind("otel_collector", "journal = {}").says(&["The kind otel_collector has no reading of the journal"]);
    kind("fluent_bit", "stages = [{ sampling = { rate = 0.5 } }]").says(&["has no stage that samples"]);
    kind("vector", "kubernetes_events = {}").says(&["has no reading of Kubernetes' events"]);
}

#[test]
fn an_agent_that_does_not_start_is_explained() {
    let text = ALONE.replace("TYPE", "loki_log_agent").replace("max_silence", "version     = \"0.0.1\"\n  max_silence");
    let workspace = Workspace::with("noimage", &text);
    let _pods = Pods::new(&workspace.name);
    workspace.apply().fails().says(&[
        "The log agent does not start",
        "opentelemetry-collector-contrib:0.0.1",
        "kept in the state",
    ]);
    assert!(workspace.state("loki_log_agent.nodes").unwrap()["objects"].as_object().unwrap().len() >= 3);
    workspace.main(&ALONE.replace("TYPE", "loki_log_agent"));
    workspace.apply().succeeds();
}
