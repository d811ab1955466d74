//! Ctrl-C, and `kill -9` of the provider and of terraform, at chosen moments of an apply: nothing is lost, and the next
//! apply and destroy leave nothing behind.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::support::{Gate, Hold, Workspace, aws, kubectl, lab, provider, provider_at, wait_until};

const BUCKET: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket = "NAME"
  tags   = { team = "platform" }
}
"#;

const ROLE: &str = r#"
resource "loki_irsa_role" "loki" {
  name            = "NAME"
  eks_cluster     = "lab"
  namespace       = "loki"
  service_account = "loki"
  buckets         = ["NAME"]
}
"#;

const STACK: &str = r#"
resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  persistence      = { size = "1Gi", retain = false }
}
"#;

/// What happens at the moment.
#[derive(Clone, Copy, Debug)]
enum Blow {
    KillProvider,
    KillTerraform,
    CtrlC,
    CtrlCTwice,
}

/// Longer than anything here takes, and shorter than the SDK's own patience with a request.
const SOON: Duration = Duration::from_secs(15);

/// Applies with AWS behind a gate, strikes at the moment that it holds, and then applies and destroys undisturbed.
#[track_caller]
fn survives(test: &str, configuration: &str, hold: Hold, words: &[&str], blow: Blow) {
    let workspace = Workspace::with(test, configuration);
    let words: Vec<String> = words.iter().map(|word| word.replace("NAME", &workspace.name)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let gate = Gate::new(lab().aws_endpoint.trim_start_matches("http://"), hold, &words);
    workspace.write("provider.tf", &provider_at(&gate.url, r#"eks_cluster = "lab""#));
    let apply = workspace.start(&["apply", "-auto-approve"]);
    gate.holds();
    match blow {
        Blow::KillProvider => {
            apply.kill_provider();
            apply.ends().fails();
        }
        Blow::KillTerraform => apply.kill_terraform(),
        Blow::CtrlC | Blow::CtrlCTwice => {
            apply.interrupt();
            if matches!(blow, Blow::CtrlCTwice) {
                std::thread::sleep(Duration::from_millis(200));
                apply.interrupt();
            }
            let (outcome, time) = apply.ends_after();
            assert!(time < SOON, "{time:?}");
            eprintln!("{test}: {blow:?} returned after {time:?}");
            outcome.fails();
        }
    }
    workspace.write("provider.tf", &provider(r#"eks_cluster = "lab""#));
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    workspace.destroy().succeeds();
}

/// Nothing of that name is left in AWS.
fn nothing_left(service: &str, method: &str, key: &str, test: &str) {
    let listed = aws(service, method, json!({})).expect("a list").to_string();
    assert!(!listed.contains(&format!("\"{key}\": \"{test}-{}", std::process::id())), "{listed}");
}

#[test]
fn a_bucket_survives_the_death_of_the_provider_at_any_moment() {
    for (hold, words) in [
        (Hold::Answer, &["PUT /NAME", "CreateBucketConfiguration"][..]),
        (Hold::Request, &["PUT /NAME", "publicAccessBlock"]),
        (Hold::Answer, &["PUT /NAME", "versioning"]),
        (Hold::Request, &["PUT /NAME", "lifecycle"]),
        (Hold::Request, &["PUT /NAME", "tagging"]),
    ] {
        survives("killed-bucket", BUCKET, hold, words, Blow::KillProvider);
    }
    nothing_left("s3", "list_buckets", "Name", "killed-bucket");
}

#[test]
fn a_bucket_that_was_finished_is_refused_with_the_way_to_import_it() {
    let workspace = Workspace::with("complete-bucket", BUCKET);
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "loki_bucket_storage.logs"]).succeeds();
    let import = format!("terraform import loki_bucket_storage.NAME {}", workspace.name);
    workspace.plan().fails().says(&["exists already", &import]);
    // A mark alone does not make it ours to take: it holds something.
    let tags = json!({ "TagSet": [{ "Key": "terraform-provider-loki:unfinished", "Value": "" }] });
    let name = &workspace.name;
    aws("s3", "put_bucket_tagging", json!({ "Bucket": name, "Tagging": tags })).expect("a mark");
    aws("s3", "put_object", json!({ "Bucket": name, "Key": "fake/1", "Body": "logs" })).expect("an object");
    workspace.plan().fails().says(&["exists already", &import]);
}

#[test]
fn a_role_survives_the_death_of_the_provider_at_any_moment() {
    for (hold, words) in [
        (Hold::Answer, &["Action=CreateRole", "RoleName=NAME"][..]),
        (Hold::Request, &["Action=PutRolePolicy", "RoleName=NAME"]),
    ] {
        survives("killed-role", ROLE, hold, words, Blow::KillProvider);
    }
    nothing_left("iam", "list_roles", "RoleName", "killed-role");
}

#[test]
fn the_death_of_terraform_loses_nothing_either() {
    survives("orphan", BUCKET, Hold::Answer, &["PUT /NAME", "CreateBucketConfiguration"], Blow::KillTerraform);
    survives("orphan", ROLE, Hold::Request, &["Action=PutRolePolicy"], Blow::KillTerraform);
    nothing_left("s3", "list_buckets", "Name", "orphan");
    nothing_left("iam", "list_roles", "RoleName", "orphan");
}

#[test]
fn ctrl_c_does_not_wait_for_an_aws_that_never_answers() {
    for (hold, blow) in [
        (Hold::Request, Blow::CtrlC),
        (Hold::Answer, Blow::CtrlC),
        (Hold::Request, Blow::CtrlCTwice),
        (Hold::Answer, Blow::CtrlCTwice),
    ] {
        survives("stopped-bucket", BUCKET, hold, &["PUT /NAME", "CreateBucketConfiguration"], blow);
    }
    survives("stopped-role", ROLE, Hold::Answer, &["Action=CreateRole"], Blow::CtrlC);
    nothing_left("s3", "list_buckets", "Name", "stopped-bucket");
    nothing_left("iam", "list_roles", "RoleName", "stopped-role");
}

#[test]
fn ctrl_c_in_mid_apply_keeps_what_exists_in_the_state() {
    let workspace = Workspace::with("partial", BUCKET);
    let gate = Gate::new(lab().aws_endpoint.trim_start_matches("http://"), Hold::Request, &["PUT", "versioning"]);
    workspace.write("provider.tf", &provider_at(&gate.url, r#"eks_cluster = "lab""#));
    let apply = workspace.start(&["apply", "-auto-approve"]);
    gate.holds();
    apply.interrupt();
    apply.ends().fails();
    let state = workspace.state("loki_bucket_storage.logs").expect("the bucket is in the state");
    assert_eq!((&state["public_access_blocked"], &state["versioning"]), (&true.into(), &false.into()));
    workspace.write("provider.tf", &provider(r#"eks_cluster = "lab""#));
    workspace.destroy().succeeds();
}

#[test]
fn ctrl_c_ends_the_wait_for_pods_with_every_object_in_the_state() {
    let workspace = Workspace::with("waiting", &STACK.replace("storage ", "image = \"x.invalid/loki\"\n  storage "));
    let namespace = workspace.name.clone();
    let apply = workspace.start(&["apply", "-auto-approve"]);
    wait_until("the pod is there", Duration::from_secs(60), || {
        !kubectl(&["get", "pod", "loki-0", "-n", &namespace, "--ignore-not-found"]).is_empty()
    });
    apply.interrupt();
    let (outcome, time) = apply.ends_after();
    assert!(time < SOON, "{time:?}");
    eprintln!("waiting: Ctrl-C returned after {time:?}");
    outcome.fails().says(&["Stopped while waiting"]);
    let objects = workspace.state("loki_stack.main").expect("it is in the state")["objects"].clone();
    for object in ["StatefulSet", "Service", "ConfigMap"] {
        assert!(objects.to_string().contains(&format!("{object}/{namespace}/loki")), "{objects}");
    }
    gone_after_destroy(&workspace);
}

/// A Kubernetes API without TLS, which a gate can stand in front of.
struct Proxy(Child, String);

impl Proxy {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let mut command = Command::new(lab().dir.join("bin/kubectl"));
        command.arg("--kubeconfig").arg(lab().dir.join("pki/admin.kubeconfig"));
        command.args(["proxy", &format!("--port={port}")]).stdout(Stdio::null()).stderr(Stdio::null());
        let this = Self(command.spawn().expect("kubectl runs"), format!("127.0.0.1:{port}"));
        wait_until("the proxy listens", Duration::from_secs(20), || std::net::TcpStream::connect(&this.1).is_ok());
        this
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Strikes in the middle of a stack's creation.
fn strike_at_a_stack(test: &str, hold: Hold, blow: Blow) -> Workspace {
    let workspace = Workspace::with(test, STACK);
    let proxy = Proxy::start();
    let gate = Gate::new(&proxy.1, hold, &["PATCH", "/services/loki?", "!dryRun"]);
    workspace.write("provider.tf", &provider(&format!(r#"host = "{}""#, gate.url)));
    let apply = workspace.start(&["apply", "-auto-approve"]);
    gate.holds();
    match blow {
        Blow::KillProvider => {
            apply.kill_provider();
            apply.ends().fails();
        }
        Blow::KillTerraform => apply.kill_terraform(),
        Blow::CtrlC | Blow::CtrlCTwice => {
            apply.interrupt();
            let (outcome, time) = apply.ends_after();
            assert!(time < SOON, "{time:?}");
            eprintln!("{test}: {blow:?} returned after {time:?}");
            outcome.fails().says(&["Stopped"]);
        }
    }
    workspace.write("provider.tf", &provider(r#"eks_cluster = "lab""#));
    workspace
}

fn gone_after_destroy(workspace: &Workspace) {
    workspace.destroy().succeeds();
    wait_until("the namespace goes with all that is in it", Duration::from_secs(90), || {
        kubectl(&["get", "namespace", &workspace.name, "--ignore-not-found"]).is_empty()
    });
}

#[test]
fn a_stack_survives_the_death_of_the_provider() {
    let workspace = strike_at_a_stack("killed-stack", Hold::Answer, Blow::KillProvider);
    workspace.apply().succeeds();
    workspace.plan().succeeds();
    gone_after_destroy(&workspace);
}

#[test]
fn ctrl_c_does_not_wait_for_a_cluster_that_never_answers() {
    let workspace = strike_at_a_stack("silent", Hold::Answer, Blow::CtrlC);
    let objects = workspace.state("loki_stack.main").expect("it is in the state")["objects"].to_string();
    assert!(objects.contains(&format!("Service/{}/loki", workspace.name)), "what was not answered: {objects}");
    gone_after_destroy(&workspace);
}
