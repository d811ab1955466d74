//! What other projects' controllers do for a stack: monitoring, dashboards, ways in from outside, autoscaling.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Workspace, kubectl, wait_until, with_store};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  mode             = "distributed"
  size             = "demo"
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
  gateway = {
    ingress    = { host = "logs.example.com", class_name = "nginx", annotations = { "example.com/a" = "b" } }
    http_route = { hostnames = ["logs.example.com"], parents = [{ name = "public", namespace = "gateways" }] }
  }
  canary = {}
  monitoring = {
    pod_monitor = { interval = "30s", labels = { release = "prometheus" } }
    alerts      = { labels = { release = "prometheus" }, alert_labels = { team = "logs" } }
    grafana     = { datasource = {} }
  }
  components = {
    gateway     = { replicas = 1 }
    querier     = { autoscaling = { min_replicas = 1, max_replicas = 3, cpu_percent = 70 } }
    distributor = {
      autoscaling = {
        min_replicas  = 1
        max_replicas  = 3
        keda_triggers = jsonencode([{ type = "cpu", metricType = "Utilization", metadata = { value = "70" } }])
      }
    }
  }
}
"#;

/// The CRD of PodMonitors serves its version, or does not.
struct Served(bool);

impl Served {
    fn set(served: bool) -> Self {
        let patch = format!(r#"[{{"op": "replace", "path": "/spec/versions/0/served", "value": {served}}}]"#);
        kubectl(&["patch", "crd", "podmonitors.monitoring.coreos.com", "--type=json", "-p", &patch]);
        wait_until("the API server knows", Duration::from_secs(30), || {
            kubectl(&["get", "--raw", "/apis/monitoring.coreos.com/v1"]).contains("\"podmonitors\"") == served
        });
        Self(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !self.0 {
            Self::set(true);
        }
    }
}

fn get(arguments: &[&str]) -> Value {
    serde_json::from_str(&kubectl(&[&["get"], arguments, &["-o", "json"]].concat())).expect("JSON")
}

/// The names of Loki's metrics in queries.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    // Routes are values of a label.
    words.filter(|word| word.starts_with("loki_") && !word.starts_with("loki_api_")).map(str::to_owned).collect()
}

/// What a pod measures at its port of that name; Prometheus leaves out pods without one, as nginx has none.
fn metrics_of(pod: &Value, port: &Value) -> Option<String> {
    let ports = pod["spec"]["containers"][0]["ports"].as_array().expect("ports");
    let number = &ports.iter().find(|one| one["name"] == *port)?["containerPort"];
    let metadata = |key: &str| pod["metadata"][key].as_str().expect("a text").to_owned();
    let (namespace, name) = (metadata("namespace"), metadata("name"));
    Some(kubectl(&["get", "--raw", &format!("/api/v1/namespaces/{namespace}/pods/{name}:{number}/proxy/metrics")]))
}

#[test]
fn what_is_around_a_stack_is_taken_and_left_to_its_controllers() {
    let workspace = Workspace::with("surroundings", &with_store(STACK));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    workspace.plan().says(&["No changes"]);

    let ingress = get(&["ingress", "loki-gateway", "-n", &namespace]);
    assert_eq!(ingress["spec"]["rules"][0]["host"], "logs.example.com");
    assert_eq!(ingress["metadata"]["annotations"]["example.com/a"], "b");
    let route = get(&["httproute", "loki-gateway", "-n", &namespace]);
    assert_eq!(route["spec"]["parentRefs"][0]["namespace"], "gateways");

    // All pods, and the port that each has its metrics on.
    let monitor = get(&["podmonitor", "loki", "-n", &namespace]);
    let chosen = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
    let chosen: Vec<_> = chosen.iter().map(|(key, value)| format!("{key}={}", value.as_str().expect("text"))).collect();
    let pods = get(&["pods", "-n", &namespace, "-l", &chosen.join(",")]);
    let pods = pods["items"].as_array().expect("pods");
    let components: BTreeSet<_> =
        pods.iter().filter_map(|pod| pod["metadata"]["labels"]["app.kubernetes.io/component"].as_str()).collect();
    assert!(components.is_superset(&["ingester", "querier", "distributor", "compactor"].into()), "{components:?}");

    // What the alerts and the dashboard ask for is what this Loki measures.
    let rule = kubectl(&["get", "prometheusrule", "loki", "-n", &namespace, "-o", "yaml"]);
    let dashboard = get(&["configmap", "loki-grafana-dashboards", "-n", &namespace]);
    let dashboard =
        dashboard["data"].as_object().expect("data").values().next().expect("a file").as_str().expect("text");
    serde_json::from_str::<Value>(dashboard).expect("a dashboard is JSON");
    let asked = metrics_in(&format!("{rule}{dashboard}"));
    assert!(asked.len() > 5, "{asked:?}");
    let client = |service: &str| Client::new(&format!("http://{service}.{namespace}.svc.cluster.local:3100"));
    client("loki-distributor").push("a", "a line").succeeds();
    let old = json!({ "streams": [{ "stream": { "job": "a" }, "values": [["1500000000000000000", "too old"]] }] });
    let body = ["--header", "Content-Type: application/json", "--data-binary", &old.to_string()];
    assert_eq!(client("loki-distributor").send("/loki/api/v1/push", &body).status, 400);
    client("loki-ingester").send("/flush", &["--request", "POST"]).succeeds();
    let port = &monitor["spec"]["podMetricsEndpoints"][0]["port"];
    let mut unknown = Vec::new();
    wait_until(&format!("something measures {unknown:?}"), Duration::from_secs(60), || {
        let measured: String = pods.iter().filter_map(|pod| metrics_of(pod, port)).collect();
        unknown = asked.iter().filter(|name| !measured.contains(name.as_str())).cloned().collect::<Vec<_>>();
        eprintln!("nothing measures {unknown:?}");
        unknown.is_empty()
    });

    // Whoever scales owns the number.
    assert_eq!(get(&["hpa", "loki-querier", "-n", &namespace])["spec"]["maxReplicas"], 3);
    let scaled = get(&["scaledobject", "loki-distributor", "-n", &namespace]);
    assert_eq!(scaled["spec"]["triggers"][0]["type"], "cpu");
    kubectl(&["scale", "deployment", "loki-querier", "-n", &namespace, "--replicas=2"]);
    wait_until("two queriers run", Duration::from_secs(60), || {
        get(&["deployment", "loki-querier", "-n", &namespace])["status"]["readyReplicas"] == 2
    });
    workspace.plan().says(&["No changes"]);

    // A cluster without the Prometheus Operator, be it that its kinds went.
    {
        let _served = Served::set(false);
        workspace.plan().has_changes().says(&[
            "The cluster does not know the kind PodMonitor yet",
            "monitoring.pod_monitor",
            "Prometheus Operator",
        ]);
        workspace.apply().fails().says(&["PodMonitor", "Install the Prometheus Operator"]);
    }
    workspace.apply().succeeds();

    // Without them all it is the same stack.
    workspace
        .main(&with_store(STACK).split("  monitoring = {").next().map(|text| format!("{text}}}\n")).expect("text"));
    workspace.plan().has_changes().never_says(&["StatefulSet"]);
    workspace.apply().succeeds();
    for kind in ["podmonitor", "prometheusrule", "hpa", "scaledobject"] {
        assert_eq!(kubectl(&["get", kind, "-n", &namespace, "-o", "name"]), "");
    }
    workspace.destroy().succeeds();
}
