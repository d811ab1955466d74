//! The twenty pains that people have with Loki on Kubernetes, by their number in `docs/guides/pains.md`, and how the
//! provider answers each of them.

use serde_json::{Value, json};

use crate::support::{ISSUER, Workspace, aws, kubectl, lab, trust_policy, with_store};

/// A stack that is planned alone.
fn planned(storage: &str, more: &str) -> String {
    format!(
        r#"
resource "loki_stack" "main" {{
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = {{ {storage} }}
  {more}
}}
"#
    )
}

const S3: &str = r#"s3 = { bucket = "acme-logs", region = "eu-west-1" }"#;
const SCHEMA: &str = r#"schema = [{ from = "2024-04-01", version = "v13" }]"#;

fn stack(more: &str) -> String {
    planned(S3, &format!("{SCHEMA}\n  {more}"))
}

/// What is rendered for the attributes, without any cluster.
fn manifests(test: &str, more: &str) -> String {
    let text = stack(more).replace("resource \"loki_stack\"", "data \"loki_manifests\"");
    let workspace =
        Workspace::with(test, &format!("{text}output \"yaml\" {{ value = data.loki_manifests.main.yaml }}"));
    workspace.apply().succeeds();
    workspace.output("yaml").as_str().expect("a text").to_owned()
}

/// A role that a service account of an issuer may assume with a token for an audience.
fn role(name: &str, issuer: &str, subject: &str, audience: &str) -> String {
    let trust = trust_policy(issuer, subject, audience);
    aws("iam", "create_role", json!({"RoleName": name, "AssumeRolePolicyDocument": trust})).expect("a role");
    format!("service_account = {{ name = \"loki\", role_arn = \"arn:aws:iam::123456789012:role/{name}\" }}")
}

#[test]
fn pain_01_a_renamed_service_account_that_its_role_does_not_know() {
    let workspace = Workspace::with("pain-01", "");
    let name = workspace.name.clone();
    let account = role(&name, ISSUER, &format!("system:serviceaccount:{name}:loki"), "sts.amazonaws.com");
    workspace.main(&stack(&account));
    workspace.plan().has_changes().never_says(&["does not let Loki in"]);
    workspace.main(&stack(&account.replace("\"loki\"", "\"logs\"")));
    workspace.plan().has_changes().says(&[
        &format!("The role \"{name}\" does not let Loki in"),
        &format!("lets in system:serviceaccount:{name}:loki"),
        &format!("are system:serviceaccount:{name}:logs"),
    ]);
}

#[test]
fn pain_02_a_token_that_sts_would_answer_with_403() {
    let workspace = Workspace::with("pain-02", "");
    let name = workspace.name.clone();
    let subject = format!("system:serviceaccount:{name}:loki");
    let audience = role(&format!("{name}-audience"), ISSUER, &subject, "somebody-else");
    workspace.main(&stack(&audience));
    workspace.plan().has_changes().says(&["does not let Loki in", "wants the audience somebody-else"]);
    let other = ISSUER.replace("5C4B", "FFFF");
    let issuer = role(&format!("{name}-issuer"), &other, &subject, "sts.amazonaws.com");
    workspace.main(&stack(&issuer));
    workspace.plan().has_changes().says(&["does not let Loki in", &other, ISSUER]);
}

#[test]
fn pain_03_an_endpoint_of_amazons_together_with_web_identity() {
    let storage = S3.replace("region =", "endpoint = \"https://s3.eu-west-1.amazonaws.com\", region =");
    let role = "service_account = { role_arn = \"arn:aws:iam::123456789012:role/loki\" }";
    let workspace = Workspace::with("pain-03", &planned(&storage, &format!("{SCHEMA}\n  {role}")));
    workspace.plan().says(&["An endpoint of Amazon's together with a role", "405"]);
    assert!(!manifests("pain-03-rendered", role).contains("endpoint: "), "the usual stack has no endpoint");
}

#[test]
fn pain_04_a_bucket_in_another_region() {
    let workspace = Workspace::with("pain-04", "");
    let name = workspace.name.clone();
    let place = json!({"LocationConstraint": "eu-west-1"});
    aws("s3", "create_bucket", json!({"Bucket": name, "CreateBucketConfiguration": place})).expect("a bucket");
    let endpoint = &lab().aws_endpoint;
    let storage =
        |region: &str| format!("s3 = {{ bucket = \"{name}\", region = \"{region}\", endpoint = \"{endpoint}\" }}");
    workspace.main(&planned(&storage("us-east-1"), SCHEMA));
    workspace.plan().fails().says(&["is in eu-west-1, not in us-east-1", "storage.s3.region"]);
    workspace.main(&planned(&storage("eu-west-1"), SCHEMA));
    workspace.plan().has_changes();
    aws("s3", "delete_bucket", json!({"Bucket": name})).expect("it goes");
}

#[test]
fn pain_08_more_copies_than_replicas() {
    let workspace = Workspace::with("pain-08", &stack("replicas = 1\n  replication_factor = 3"));
    workspace.plan().fails().says(&["Replication factor 3 does not fit 1 replica", "replication_factor"]);
}

#[test]
fn pain_09_replicas_that_no_node_takes() {
    let zones = "mode = \"distributed\"\n  size = \"demo\"\n  components = { ingester = { zones = [\"mars\"] } }";
    let workspace = Workspace::with("pain-09", &stack(zones));
    workspace
        .plan()
        .has_changes()
        .says(&["The nodes have no room for all pods", "loki-ingester-mars, whose labels and tolerations fit no node"]);
}

#[test]
fn pain_10_a_cache_that_stays_pending() {
    let cache = |memory: &str| format!("caches = {{ chunks = {{ {memory} }} }}");
    let workspace = Workspace::with("pain-10", &stack(&cache("memory = \"96Gi\"")));
    workspace.plan().has_changes().says(&["The nodes have no room for all pods", "loki-chunks-cache"]);
    workspace.main(&stack(&cache("")));
    workspace.plan().has_changes().never_says(&["no room"]);
}

#[test]
fn pain_11_a_retention_that_deletes_nothing() {
    let yaml = manifests("pain-11", "retention = \"30d\"");
    assert!(yaml.contains("retention_enabled: true") && yaml.contains("delete_request_store: s3"), "{yaml}");
    let off = "retention = \"30d\"\n  config_overrides = { compactor = { retention_enabled = false } }";
    let workspace = Workspace::with("pain-11-off", &stack(off));
    workspace.plan().says(&["config_overrides sets compactor.retention_enabled", "logs are deleted only with both"]);
}

#[test]
fn pain_12_a_schema_that_loki_3_refuses_to_start_with() {
    let old = "schema = [{ from = \"2024-04-01\", version = \"v12\", store = \"tsdb\" }]";
    let workspace = Workspace::with("pain-12", &planned(S3, old));
    workspace.plan().fails().says(&["cannot store structured metadata", "schema"]);
}

#[test]
fn pain_15_ring_members_without_a_private_address() {
    let yaml = manifests("pain-15", "");
    // Memberlist's advertised address follows from it (pkg/loki/config_wrapper.go).
    assert!(yaml.contains("instance_addr: ${POD_IP}"), "{yaml}");
}

#[test]
fn pain_16_a_gateway_whose_dns_does_not_exist() {
    let workspace = Workspace::with("pain-16", "");
    let name = workspace.name.clone();
    kubectl(&["create", "namespace", &name]);
    let gateway = |more: &str| stack(&format!("gateway = {{ {more} }}")).replace("create_namespace = true", "");
    workspace.main(&gateway("dns_service = \"dns-default.openshift-dns\""));
    let plan = workspace.plan().has_changes();
    workspace.main(&gateway(""));
    let usual = workspace.plan().has_changes();
    kubectl(&["delete", "namespace", &name, "--wait=false"]);
    plan.says(&["Service openshift-dns/dns-default does not exist yet", "gateway.dns_service"]);
    usual.never_says(&["does not exist yet"]);
    // Names are looked up again and again: a service that comes back with another address is found.
    let yaml = manifests("pain-16-rendered", "gateway = {}");
    assert!(yaml.contains("resolver kube-dns.kube-system.svc.cluster.local. valid=10s"), "{yaml}");
}

#[test]
fn pain_17_rules_that_never_load_or_see_nothing() {
    let rule = "rules = [{ alert = \"A\", expr = \"sum(rate({app=\\\"a\\\"}[5m])) > 1\" }]";
    let groups = |tenant: &str| {
        format!("ruler = {{ alertmanager_urls = [\"http://a:9093\"], groups = [{{ {tenant}name = \"g\", {rule} }}] }}")
    };
    let workspace = Workspace::with("pain-17", &stack(&groups("tenant = \"acme\", ")));
    workspace.plan().says(&["The rules of \"acme\" would see no logs", "auth_enabled"]);
    workspace.main(&stack(&groups("").replace("[5m]", "[5x]")));
    workspace.plan().fails().says(&["ruler.groups", "its expr cannot be evaluated"]);
    let yaml = manifests("pain-17-rendered", &groups(""));
    assert!(yaml.contains("/etc/loki/rules/fake"), "the folder is not the tenant's: {yaml}");
}

#[test]
fn pain_19_a_plan_without_a_cluster() {
    let provider = r#"
resource "terraform_data" "cluster" {
  input = "https://203.0.113.1"
}

provider "loki" {
  kubernetes = { host = terraform_data.cluster.output, token = "none" }
}
"#;
    let workspace = Workspace::with("pain-19", &stack(""));
    workspace.write("provider.tf", provider);
    workspace.plan().has_changes().says(&["loki_stack.main", "ConfigMap"]);
}

/// Those that need a stack that runs: 5, 6, 7, 9, 13, 14, 18 and 20.
#[test]
fn pains_05_to_20_of_a_stack_that_runs() {
    const STORAGE: &str = r#"s3 = {
    bucket       = loki_bucket_storage.logs.bucket
    region       = "eu-west-1"
    endpoint     = "AWS"
    sts_endpoint = "AWS"
  }"#;
    let text = |more: &str| {
        let role = "service_account = { role_arn = loki_irsa_role.loki.arn }\n  auth_enabled = true";
        with_store(&planned(STORAGE, &format!("{SCHEMA}\n  {role}\n  {more}")))
    };
    let two = "replicas = 2\n  persistence = { size = \"1Gi\", retain = false, storage_class = \"growing\" }";
    let one = two.replace('2', "1");
    let workspace = Workspace::with("pain", &text(two));
    let namespace = workspace.name.clone();
    workspace.apply().succeeds();
    let claims = || kubectl(&["get", "pvc", "-n", &namespace, "-o", "name"]).lines().count();
    let status = || workspace.state("loki_stack.main").expect("it is there")["status"]["state"].clone();
    assert_eq!((claims(), status()), (2, Value::from("healthy")));

    // 9: a ring without ghosts.
    workspace.main(&text(&one));
    workspace.apply().succeeds();
    workspace.plan().says(&["No changes"]).never_says(&["ring"]);
    // 6: fewer replicas delete no volume.
    assert_eq!(claims(), 2);

    // 13: a period in which logs are stored.
    workspace.main(&text(&one).replace("2024-04-01", "2024-05-01"));
    workspace.plan().fails().says(&["schema"]);

    // 14: who asks without a tenant.
    let query =
        "data \"loki_query\" \"q\" {\n  namespace = \"NAME\"\n  name = \"loki\"\n  query = \"{a=\\\"b\\\"}\"\n}";
    workspace.main(&format!("{}\n{query}", text(&one)));
    workspace.plan().fails().says(&["The query needs a tenant", "no org id"]);

    // 7: a rollout that never ends by itself.
    workspace.main(&text(&format!("{one}\n  image = \"docker.io/grafana/no-such-loki\"")));
    workspace.apply().fails().says(&["loki-0", "no-such-loki"]);
    workspace.main(&text(&one));
    workspace.apply().succeeds();

    // 5 and 18: a volume that is too small, and fields that cannot be edited.
    workspace.main(&text(&one.replace("1Gi", "3Gi")));
    workspace.plan().says(&["The volumes of loki (from 1Gi to 3Gi) grow", "recreated around its running pods"]);
    workspace.apply().succeeds();
    let size = "jsonpath={.items[*].spec.resources.requests.storage}";
    assert_eq!(kubectl(&["get", "pvc", "-n", &namespace, "-o", size]), "3Gi 3Gi");

    // 20: what was changed by hand.
    kubectl(&["delete", "configmap", "loki-runtime", "-n", &namespace]);
    workspace.plan().has_changes().says(&[&format!("ConfigMap/{namespace}/loki-runtime")]);
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
}
