//! A release of the community chart, installed by Helm itself, becomes a stack: pods are replaced one by one, volumes and
//! lines stay, and Helm no longer knows of it.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Client, Load, Workspace, access_key, aws, kubectl, lab, loki_push, loki_returns, store_user, wait_until, with_store,
};

/// A release, which goes with its namespace.
struct Release<'a> {
    workspace: &'a Workspace,
    name: &'a str,
}

impl Release<'_> {
    /// Installs the chart and waits until it is ready.
    #[track_caller]
    fn install(&self, copies: u32, values: &str) {
        let namespace = &self.workspace.name;
        store_user(namespace);
        let (id, secret) = access_key(namespace);
        let values = values
            .replace("NAME", namespace)
            .replace("AWS", &lab().aws_endpoint)
            .replace("COPIES", &copies.to_string())
            .replace("KEY", &id)
            .replace("WORD", &secret);
        self.workspace.write("values.yaml", &values);
        let chart = lab().dir.join("chart");
        let values = self.workspace.path("values.yaml");
        let arguments = ["install", self.name, chart.to_str().unwrap(), "-f", values.to_str().unwrap()];
        self.helm(&[&arguments[..], &["--create-namespace", "--wait", "--timeout", "5m"]].concat());
    }

    /// What Helm prints.
    #[track_caller]
    fn helm(&self, arguments: &[&str]) -> String {
        let output = Command::new(lab().dir.join("bin/helm"))
            .env("KUBECONFIG", lab().dir.join("pki/admin.kubeconfig"))
            .env("HELM_CACHE_HOME", self.workspace.path("helm"))
            .args(arguments)
            .args(["--namespace", &self.workspace.name])
            .output()
            .expect("helm was built with the lab");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Release<'_> {
    fn drop(&mut self) {
        kubectl(&["delete", "namespace", &self.workspace.name, "--ignore-not-found", "--wait=false"]);
        let selector = format!("app.kubernetes.io/instance={}", self.name);
        kubectl(&["delete", "clusterrole,clusterrolebinding", "-l", &selector]);
    }
}

/// What all releases here are configured with.
const VALUES: &str = r#"
loki:
  auth_enabled: false
  commonConfig: {replication_factor: COPIES}
  image: {tag: 3.7.8}
  schemaConfig:
    configs: [{from: "2024-04-01", store: tsdb, object_store: s3, schema: v13, index: {prefix: loki_index_, period: 24h}}]
  storage:
    type: s3
    bucketNames: {chunks: NAME, ruler: NAME, admin: NAME}
    s3: {endpoint: "AWS", region: eu-west-1, accessKeyId: "KEY", secretAccessKey: "WORD", s3ForcePathStyle: true, insecure: true}
  limits_config: {max_line_size: 128KB}
memcached: {image: {tag: 1.6.39-alpine}}
memcachedExporter: {enabled: false}
resultsCache: {enabled: false}
lokiCanary: {enabled: false}
test: {enabled: false}
sidecar: {rules: {enabled: false}}
extraObjects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: of-the-user}, data: {a: b}}]
"#;

const STACK: &str = r#"
resource "loki_stack" "main" {
  name         = "loki"
  namespace    = "NAME"
  helm_release = "loki"
  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = "AWS"
      sts_endpoint = "AWS"
    }
  }
  schema          = [{ from = "2024-04-01", index_prefix = "loki_index_" }]
  service_account = { role_arn = loki_irsa_role.loki.arn }
  MORE
}
"#;

fn stack(workspace: &Workspace, more: &str) -> String {
    with_store(&STACK.replace("MORE", more)).replace("NAME", &workspace.name)
}

/// The claims of a namespace with their volumes.
fn claims(namespace: &str) -> Vec<String> {
    let volumes = r"jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.spec.volumeName}{'\n'}{end}";
    kubectl(&["get", "pvc", "-n", namespace, "-o", volumes]).lines().map(str::to_owned).collect()
}

fn state(workspace: &Workspace) -> Value {
    workspace.state("loki_stack.main").expect("it was applied")
}

#[test]
fn a_monolithic_release_is_taken_over_with_its_volume() {
    let mut workspace = Workspace::example("helm-one", "from-helm");
    workspace.set("TF_VAR_release", "logs");
    workspace.set("TF_VAR_name", "logs-loki");
    let workspace = workspace;
    let namespace = workspace.name.clone();
    let place = json!({"LocationConstraint": "eu-west-1"});
    aws("s3", "create_bucket", json!({"Bucket": namespace, "CreateBucketConfiguration": place})).expect("a bucket");
    let release = Release { workspace: &workspace, name: "logs" };
    release.install(1, &format!(
        "{VALUES}deploymentMode: Monolithic\nsingleBinary: {{replicas: 1, persistence: {{size: 1Gi, enableStatefulSetAutoDeletePVC: \
         true}}}}\nread: {{replicas: 0}}\nwrite: {{replicas: 0}}\nbackend: {{replicas: 0}}\ngateway: {{enabled: \
         false}}\nchunksCache: {{allocatedMemory: 64}}\n"
    ));
    let url = |service: &str| crate::support::loki(&format!("http://{service}.{namespace}.svc.cluster.local:3100"));
    loki_push(&url("logs-loki"), "helm", "a line of before");
    let before = claims(&namespace);
    assert!(before[0].starts_with("storage-logs-loki-0 "), "{before:?}");

    // Made anew over the release, it would be a mess.
    let text = std::fs::read_to_string(workspace.path("main.tf")).expect("the example has one");
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        workspace.main(&text.replace(from, to));
        workspace.plan()
    };
    let begins = text.find("import {").expect("it imports");
    let import = &text[begins..text.find("resource ").expect("it has resources")];
    changed(import, "").fails().says(&["is of the Helm release logs already", "import {", "logs-loki"]);

    // What would lose logs or volumes is refused.
    changed("loki_index_", "index_").fails().says(&["The schema period from 2024-04-01 has changed"]);
    let release_of = "helm_release = var.release";
    changed(release_of, "").fails().says(&["The stack is the Helm release \"logs\" so far"]);
    let other = format!("mode = \"distributed\"\n  {release_of}");
    changed(release_of, &other).fails().says(&["runs in monolithic mode", "Change the mode after that"]);

    changed("", "").has_changes().says(&[
        "1 to import, 1 to add, 1 to change, 0 to destroy",
        "The Helm release logs is taken over",
        "StatefulSet logs-loki",
        "Are deleted once the stack is healthy, volumes excepted: ClusterRole logs-loki-clusterrole",
        "some objects are left alone",
        "of-the-user",
        "another one than the Helm release's",
        "limits_config.max_line_size: 128KB -> not set",
    ]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    assert_eq!(claims(&namespace), before, "the volume is another one");
    assert_eq!(state(&workspace)["status"]["state"], "healthy");
    wait_until("the old line is read back", Duration::from_secs(60), || {
        loki_returns(&url("logs-loki"), "helm", "a line of before")
    });

    // Helm knows nothing any more, and nothing of it is left.
    assert_eq!(release.helm(&["list", "--all", "--short"]), "");
    let left = kubectl(&[
        "get",
        "all,configmap,secret,clusterrole",
        "-A",
        "-l",
        "app.kubernetes.io/instance=logs",
        "-o",
        r"jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.annotations.meta\.helm\.sh/release-name}{'\n'}{end}",
    ]);
    assert!(!left.contains(" logs\n"), "{left}");
    let containers = "jsonpath={.spec.containers[*].name} {.spec.volumes[*].name}";
    let pod = kubectl(&["get", "pod", "logs-loki-0", "-n", &namespace, "-o", containers]);
    assert!(pod.starts_with("loki ") && !pod.contains("sc-rules"), "{pod}");

    kubectl(&["get", "configmap", "of-the-user", "-n", &namespace]);

    // By its labels it is found again, and the name cannot be taken from it.
    workspace.terraform(&["state", "rm", "loki_stack.main"]).succeeds();
    workspace.import("loki_stack.main", &format!("{namespace}/logs-loki")).succeeds();
    workspace.apply().succeeds();
    changed(release_of, "").fails().says(&["helm_release cannot change under a stack that runs"]);
    workspace.main(&text);
    workspace.destroy().succeeds();
    assert_eq!(claims(&namespace), before, "the volume went with the stack");
}

#[test]
fn a_simple_scalable_release_is_taken_over_and_moves_on_to_distributed_under_load() {
    let workspace = Workspace::with("helm-three", &with_store(""));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let release = Release { workspace: &workspace, name: "loki" };
    let alone = "affinity: null, persistence: {size: 1Gi}";
    release.install(
        3,
        &format!(
            "{VALUES}deploymentMode: SimpleScalable\nwrite: {{replicas: 3, {alone}}}\nread: {{replicas: 1, affinity: \
         null}}\nbackend: {{replicas: 1, {alone}}}\ngateway: {{affinity: null, image: {{tag: \
         1.29-alpine}}, metrics: {{enabled: false}}, nginxConfig: {{enableIPv6: false}}}}\nchunksCache: \
         {{enabled: false}}\n"
        ),
    );
    let client = Client::new(&format!("http://loki-gateway.{namespace}.svc.cluster.local"));
    client.push("helm", "a line of before").succeeds();
    let before = claims(&namespace);
    assert_eq!(before.len(), 4, "{before:?}");
    let load = Load::start(&client);

    let three = "mode = \"simple_scalable\"\n  gateway = {}\n  replication_factor = 3\n  persistence = { size = \"1Gi\" }\n  \
                 components = { read = { replicas = 1 }, backend = { replicas = 1 }, gateway = { replicas = 1 } }";
    workspace.main(&stack(&workspace, three));
    workspace.import("loki_stack.main", &format!("{namespace}/loki")).succeeds();
    assert_eq!(state(&workspace)["components"]["write"]["replicas"], 3);
    workspace.plan().has_changes().says(&[
        "The Helm release loki is taken over",
        "StatefulSet loki-write",
        "The simple scalable mode ends with Loki 3",
    ]);
    // Killed in the midst of it, and with the state lost, the next import finds the rest of the release.
    let running = workspace.start(&["apply", "-auto-approve"]);
    let mark = r"jsonpath={.metadata.name}{.metadata.annotations.meta\.helm\.sh/release-name}";
    wait_until("the StatefulSet is taken over", Duration::from_secs(120), || {
        kubectl(&["get", "statefulset", "loki-write", "-n", &namespace, "--ignore-not-found", "-o", mark])
            == "loki-write"
    });
    running.kill_provider();
    running.ends();
    workspace.terraform(&["state", "rm", "loki_stack.main"]).succeeds();
    workspace.import("loki_stack.main", &format!("{namespace}/loki")).succeeds();
    workspace.plan().has_changes().says(&["The Helm release loki is taken over"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    assert_eq!(claims(&namespace), before, "volumes are others");
    assert_eq!(release.helm(&["list", "--all", "--short"]), "");
    let components = state(&workspace)["status"]["components"].clone();
    assert_eq!((&components["write"], &components["read"]), (&Value::from("healthy"), &Value::from("healthy")));
    assert!(client.reads("helm").contains("a line of before"));

    let many = "mode = \"distributed\"\n  gateway = {}\n  replicas = 3\n  replication_factor = 3\n  persistence = { size = \
                \"1Gi\" }\n  components = { gateway = { replicas = 1 }, querier = { replicas = 1 }, query_frontend = { \
                replicas = 1 }, query_scheduler = { replicas = 1 }, distributor = { replicas = 1 }, index_gateway = { \
                replicas = 1 } }";
    workspace.main(&stack(&workspace, many));
    workspace.plan().has_changes().says(&[
        "The volumes of StatefulSet loki-backend and loki-write are kept",
        &format!("- \"StatefulSet/{namespace}/loki-write\""),
    ]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    load.ends_without_loss();
    assert!(client.reads("helm").contains("a line of before"));
    let pods = kubectl(&["get", "pods", "-n", &namespace, "-o", "name"]);
    assert!(!pods.contains("loki-write") && pods.contains("loki-ingester-2"), "{pods}");
}

#[test]
fn a_distributed_release_is_taken_over_component_by_component() {
    let workspace = Workspace::with("helm-many", &with_store(""));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let release = Release { workspace: &workspace, name: "loki-many" };
    let one = "{replicas: 1, affinity: null}";
    release.install(
        1,
        &format!(
            "{VALUES}deploymentMode: Distributed\nrbac: {{namespaced: true}}\nwrite: {{replicas: 0}}\nread: {{replicas: \
             0}}\nbackend: {{replicas: 0}}\ningester: {{replicas: 1, affinity: null, persistence: {{enabled: true}}, \
             zoneAwareReplication: {{enabled: false}}}}\nquerier: {one}\nqueryFrontend: {one}\nqueryScheduler: {one}\ndistributor: {one}\ncompactor: \
             {one}\nindexGateway: {one}\nruler: {{enabled: false}}\ngateway: {{enabled: false}}\nchunksCache: {{enabled: \
             false}}\n"
        ),
    );
    let client = |service: &str| Client::new(&format!("http://{service}.{namespace}.svc.cluster.local:3100"));
    client("loki-many-distributor").push("helm", "a line of before").succeeds();
    let before = claims(&namespace);
    assert_eq!(before.len(), 1, "the ingester alone has a volume: {before:?}");

    let many = "mode = \"distributed\"\n  replicas = 1\n  components = { querier = { replicas = 1 }, query_frontend = { \
                replicas = 1 }, query_scheduler = { replicas = 1 }, distributor = { replicas = 1 }, index_gateway = { \
                replicas = 1 } }";
    let mut text = stack(&workspace, many);
    for key in ["name         ", "helm_release ", "service_account "] {
        text = text.replace(&format!("{key}= \"loki\""), &format!("{key}= \"loki-many\""));
    }
    workspace.main(&text);
    workspace.import("loki_stack.main", &format!("{namespace}/loki-many")).succeeds();
    workspace
        .plan()
        .has_changes()
        .says(&["The Helm release loki-many is taken over", "StatefulSet loki-many-ingester"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().says(&["No changes"]);
    assert_eq!(release.helm(&["list", "--all", "--short"]), "");
    let after = claims(&namespace);
    assert!(after.contains(&before[0]), "{before:?} became {after:?}");
    // Components without a volume so far have one now, and are new.
    let pod = [
        "get",
        "pod",
        "loki-many-compactor-0",
        "-n",
        &namespace,
        "-o",
        "jsonpath={.spec.volumes[*].persistentVolumeClaim.claimName}",
    ];
    assert_eq!(kubectl(&pod), "data-loki-many-compactor-0");
    let reader = client("loki-many-query-frontend");
    wait_until("the old line is read back", Duration::from_secs(60), || {
        reader.reads("helm").contains("a line of before")
    });
}
