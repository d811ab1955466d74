//! The lab: its settings, its cluster by kubectl, its AWS by boto3, and the Lokis in it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// What `make test` hands to the tests.
pub struct Lab {
    /// State of the lab: `bin/`, `pki/`.
    pub dir: PathBuf,
    /// URL of moto.
    pub aws_endpoint: String,
    /// terraform or tofu.
    pub terraform: PathBuf,
    /// CLI configuration that names a mirror with the provider under test.
    pub cli_config: PathBuf,
}

impl Lab {
    /// URL of the API server.
    pub fn api_server(&self) -> &'static str {
        "https://10.88.255.1:6443"
    }
}

/// The lab. Panics when it is not there: a skipped acceptance test would look like a passed one.
pub fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let variable = |name| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set: acceptance tests need the lab and the built provider, run `make test`")
            })
        };
        let (dir, provider) = (PathBuf::from(variable("LAB_DIR")), variable("LOKI_PROVIDER_BIN"));
        let mirror = dir.join("run").join(format!("mirror-{}", std::process::id()));
        run(Command::new(repository().join("scripts/mirror.sh")).arg(provider).arg(&mirror), None);
        Lab {
            dir,
            aws_endpoint: variable("LAB_AWS_ENDPOINT"),
            terraform: variable("TF").into(),
            cli_config: mirror.join("terraform.tfrc"),
        }
    })
}

/// The root of this repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Standard output of a command that must succeed.
#[track_caller]
fn run(command: &mut Command, input: Option<&str>) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // Dropping the handle closes the pipe; a program that reads nothing may have closed it already.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input.unwrap_or_default().as_bytes());
    let output = child.wait_with_output().expect("the child was spawned here");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the tools of the lab print UTF-8")
}

pub(super) fn kubectl_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(lab().dir.join("bin/kubectl"));
    command.arg("--kubeconfig").arg(lab().dir.join("pki/admin.kubeconfig")).args(arguments);
    command
}

/// What kubectl prints for the lab's administrator.
#[track_caller]
pub fn kubectl(arguments: &[&str]) -> String {
    run(&mut kubectl_command(arguments), None)
}

/// The answer of one boto3 call as the account's administrator, such as `aws("s3", "list_buckets", json!({}))`; an AWS
/// error is `Err`.
pub fn aws(service: &str, method: &str, arguments: Value) -> Result<Value, String> {
    let output = Command::new(repository().join("tests/lab/aws.sh"))
        .args(["call", service, method, &arguments.to_string()])
        .output()
        .expect("the lab's aws.sh runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("aws.sh prints JSON"))
}

/// Who wrote an object.
#[derive(Debug)]
pub struct Writer {
    /// Key of the object.
    pub object: String,
    /// Access key id that signed the request.
    pub access_key: String,
    /// ARN behind that key.
    pub identity: String,
}

/// Who wrote each object of a bucket.
pub fn writers(bucket: &str) -> Vec<Writer> {
    let lines = run(Command::new(repository().join("tests/lab/aws.sh")).args(["writers", bucket]), None);
    let writer = |line: &str| match line.split('\t').collect::<Vec<_>>()[..] {
        [object, access_key, identity] => {
            Writer { object: object.into(), access_key: access_key.into(), identity: identity.into() }
        }
        _ => panic!("aws.sh writers printed {line:?}"),
    };
    lines.lines().map(writer).collect()
}

/// Address of a Loki's HTTP API as seen from the node, which asks no cluster DNS, for the URL that the provider gave out.
#[track_caller]
pub fn loki(url: &str) -> String {
    let host = url.split(['/', ':']).nth(3).unwrap_or_else(|| panic!("{url:?} is no URL"));
    let [service, namespace, ..] = host.split('.').collect::<Vec<_>>()[..] else {
        panic!("{url:?} names no service and namespace")
    };
    let address = kubectl(&["get", "service", service, "-n", namespace, "-o", "jsonpath={.spec.clusterIP}"]);
    format!("http://{address}:3100")
}

#[track_caller]
fn curl(arguments: &[&str], body: Option<&str>) -> String {
    // The node's proxy learns of a pod that is ready a moment after the cluster does.
    let options = "--silent --show-error --fail-with-body --max-time 20 --retry 10 --retry-delay 1 --retry-connrefused";
    run(Command::new("curl").args(options.split(' ')).args(arguments), body)
}

/// Pushes one line with the label `job`, at the present time.
#[track_caller]
pub fn loki_push(loki: &str, job: &str, line: &str) {
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos().to_string();
    let body = serde_json::json!({ "streams": [{ "stream": { "job": job }, "values": [[now, line]] }] });
    let url = format!("{loki}/loki/api/v1/push");
    curl(&["--header", "Content-Type: application/json", "--data-binary", "@-", &url], Some(&body.to_string()));
}

/// Makes Loki write what it holds in memory to its object store.
#[track_caller]
pub fn loki_flush(loki: &str) {
    curl(&["--request", "POST", &format!("{loki}/flush")], None);
}

/// Answer of a path of Loki's HTTP API.
#[track_caller]
pub fn loki_get(loki: &str, path: &str) -> String {
    curl(&[&format!("{loki}{path}")], None)
}

/// The limits of a tenant that Loki tells.
#[track_caller]
pub fn loki_limits(loki: &str, tenant: &str) -> String {
    curl(&["--header", &format!("X-Scope-OrgID: {tenant}"), &format!("{loki}/config/tenant/v1/limits")], None)
}

/// Whether a query for the label `job` returns the line.
#[track_caller]
pub fn loki_returns(loki: &str, job: &str, line: &str) -> bool {
    let answer = loki_get(loki, &format!("/loki/api/v1/query_range?query=%7Bjob%3D%22{job}%22%7D"));
    let answer: Value = serde_json::from_str(&answer).expect("Loki answers JSON");
    let streams = answer["data"]["result"].as_array().into_iter().flatten();
    streams.flat_map(|stream| stream["values"].as_array().into_iter().flatten()).any(|value| value[1] == line)
}
