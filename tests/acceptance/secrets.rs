//! No secret of a configuration is in the log, the state, the plan file or on the screen, in no spelling.

use std::fmt::Write as _;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::support::{Outcome, Workspace, lab};

const VARIABLES: [&str; 9] = [
    "secret_key",
    "session_token",
    "external_id",
    "kube_token",
    "exec_env",
    "exec_token",
    "client_key",
    "proxy_password",
    "bearer",
];

const BUCKET_AND_STACK: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket = "NAME"
}

resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "NAME"
  create_namespace = true
  storage          = { filesystem = {} }
  schema           = [{ from = "2024-04-01", version = "v13" }]
  persistence      = { size = "1Gi", retain = false }
}
"#;

/// The stack is deployed by a provider that gets its credentials from the ephemeral resource.
const SECOND: &str = r#"
ephemeral "loki_kubeconfig" "main" {}

provider "loki" {
  alias = "second"
  kubernetes = {
    host                   = ephemeral.loki_kubeconfig.main.host
    cluster_ca_certificate = ephemeral.loki_kubeconfig.main.cluster_ca_certificate
    token                  = ephemeral.loki_kubeconfig.main.token
    client_certificate     = ephemeral.loki_kubeconfig.main.client_certificate
    client_key             = ephemeral.loki_kubeconfig.main.client_key
  }
}
"#;

/// A value that occurs nowhere else, with characters that have other spellings.
fn planted(variable: &str) -> String {
    format!("planted+{variable}/Zq9=")
}

/// The value as it is, percent-encoded, quoted for JSON, and the part of its base64 that every alignment has.
fn spellings(value: &str) -> Vec<String> {
    let percent = value.bytes().fold(String::new(), |mut text, byte| {
        let _ = match byte.is_ascii_alphanumeric() || byte == b'_' {
            true => write!(text, "{}", char::from(byte)),
            false => write!(text, "%{byte:02X}"),
        };
        text
    });
    let mut all = vec![value.to_owned(), percent.clone(), percent.to_lowercase(), value.replace('/', "\\/")];
    for skipped in 0..3 {
        let bytes = &value.as_bytes()[skipped..];
        let whole = &bytes[..bytes.len() / 3 * 3];
        all.push(STANDARD.encode(whole));
        all.push(URL_SAFE_NO_PAD.encode(whole));
    }
    all
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let secret = planted("x");
    for lead in ["", "a", "ab"] {
        let encoded = STANDARD.encode(format!("{lead}{secret} and more"));
        assert!(spellings(&secret).iter().any(|spelling| encoded.contains(spelling)), "{encoded}");
    }
    for text in ["user=planted%2Bx%2FZq9%3D", "user=planted%2bx%2fzq9%3d", r"planted+x\/Zq9="] {
        assert!(spellings(&secret).iter().any(|spelling| text.contains(spelling)), "{text}");
    }
}

/// Everything in which a secret may have been left, by name.
fn traces(workspace: &Workspace, said: &[Outcome]) -> Vec<(String, String)> {
    let lossy = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut traces: Vec<_> = said.iter().map(|outcome| ("the screen".to_owned(), outcome.said())).collect();
    for file in ["trace.log", "terraform.tfstate", "terraform.tfstate.backup", "plan", "crash.log"] {
        if let Ok(bytes) = std::fs::read(workspace.path(file)) {
            traces.push((file.to_owned(), lossy(bytes)));
        }
    }
    if workspace.path("plan").exists() {
        let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n\
                      sys.stdout.buffer.write(b''.join(z.read(name) for name in z.namelist()))";
        let unzipped = Command::new("python3").args(["-c", script]).arg(workspace.path("plan")).output();
        let unzipped = unzipped.expect("python3 runs");
        assert!(unzipped.status.success() && !unzipped.stdout.is_empty(), "the plan cannot be unzipped");
        traces.push(("the unzipped plan".to_owned(), lossy(unzipped.stdout)));
    }
    traces
}

#[track_caller]
fn clean(workspace: &Workspace, said: &[Outcome], secrets: &[String]) {
    for (place, text) in traces(workspace, said) {
        for secret in secrets {
            for spelling in spellings(secret) {
                if let Some(at) = text.find(&spelling) {
                    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
                    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
                    panic!("{secret:?} is in {place}: {}", &text[line..end.min(line + 1000)]);
                }
            }
        }
    }
}

/// A workspace whose provider block takes its secrets from variables that Terraform itself does not keep.
fn workspace(test: &str, configuration: &str) -> Workspace {
    let mut workspace = Workspace::with(test, configuration);
    let variables =
        VARIABLES.map(|name| format!("variable \"{name}\" {{\n  sensitive = true\n  ephemeral = true\n}}\n"));
    workspace.write("variables.tf", &variables.concat());
    for name in VARIABLES {
        workspace.set(&format!("TF_VAR_{name}"), &planted(name));
    }
    let log = workspace.path("trace.log");
    workspace.set("TF_LOG", "trace");
    workspace.set("TF_LOG_PATH", log.to_str().expect("UTF-8"));
    workspace
}

fn block(aws: &str, kubernetes: &str) -> String {
    let endpoint = &lab().aws_endpoint;
    format!(
        r#"provider "loki" {{
  aws = {{
    region         = "eu-west-1"
    access_key     = "test"
    secret_key     = var.secret_key
    use_path_style = true
    endpoints      = {{ s3 = "{endpoint}", iam = "{endpoint}", sts = "{endpoint}", eks = "{endpoint}" }}
    {aws}
  }}
  kubernetes = {{ {kubernetes} }}
}}
"#
    )
}

#[test]
fn a_whole_apply_and_destroy_leave_no_secret_behind() {
    let stack = r#""loki_stack" "main" {"#;
    let through_second = BUCKET_AND_STACK.replace(stack, &format!("{stack}\n  provider = loki.second"));
    let workspace = workspace("secrets", &format!("{through_second}{SECOND}"));
    let pki = lab().dir.join("pki");
    let admin = std::fs::read_to_string(pki.join("admin.token")).expect("the lab has it").trim().to_owned();
    let key = std::fs::read_to_string(pki.join("admin.key")).expect("the lab has it");
    let key: String = key.lines().nth(1).expect("the key's first line").to_owned();
    let pki = pki.display();
    let script = format!(
        "printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\
         \"token\":\"%s\"}}}}' \"$(cat {pki}/admin.token)\"; echo \"$PLANTED\" >&2\n"
    );
    workspace.write("token.sh", &script);
    let exec = format!(
        r#"host = "{}", cluster_ca_certificate = file("{pki}/ca.crt"), exec = {{
          api_version = "client.authentication.k8s.io/v1", command = "sh", args = ["{}"],
          env = {{ PLANTED = var.exec_env }} }}"#,
        lab().api_server(),
        workspace.path("token.sh").display(),
    );
    workspace.write("provider.tf", &block("token = var.session_token", &exec));
    let mut said = vec![
        workspace.terraform(&["plan", "-out=plan"]).succeeds(),
        workspace.terraform(&["apply", "plan"]).succeeds(),
        workspace.terraform(&["show", "-json"]).succeeds(),
    ];
    // Another way in, and a plan with it.
    let certificate = format!(
        r#"host = "{}", cluster_ca_certificate = file("{pki}/ca.crt"), client_certificate = file("{pki}/admin.crt"),
           client_key = file("{pki}/admin.key")"#,
        lab().api_server()
    );
    workspace.write("provider.tf", &block("token = var.session_token", &certificate));
    said.push(workspace.terraform(&["plan", "-out=plan"]).succeeds());
    said.push(workspace.destroy().succeeds());
    let mut secrets: Vec<String> = VARIABLES.map(planted).into();
    secrets.extend([admin, key]);
    let log = std::fs::read_to_string(workspace.path("trace.log")).expect("a log");
    for rpc in ["ApplyResourceChange", "OpenEphemeralResource"] {
        assert!(log.contains("Served request") && log.contains(rpc), "the provider logs {rpc} into it");
    }
    clean(&workspace, &said, &secrets);
}

#[test]
fn what_fails_quotes_no_secret() {
    let workspace = workspace("failing", BUCKET_AND_STACK);
    let server = lab().api_server();
    let ca = format!(r#"cluster_ca_certificate = file("{}/pki/ca.crt")"#, lab().dir.display());
    let direct = r#"eks_cluster = "lab""#;
    let role = "arn:aws:iam::123456789012:role/no-such-role";
    let said: Vec<Outcome> = [
        ("", format!(r#"host = "{server}", {ca}, token = var.kube_token"#)),
        ("", format!(r#"host = "{server}", {ca}, token = "${{var.bearer}}\n""#)),
        ("", format!(r#"host = "{server}", {ca}, client_certificate = var.client_key, client_key = var.client_key"#)),
        (
            "",
            format!(
                r#"host = "{server}", {ca}, token = "x", proxy_url = "http://user:${{var.proxy_password}}@127.0.0.1:1""#
            ),
        ),
        ("", format!(r#"host = "{server}", {ca}, token = "x", proxy_url = "nonsense://${{var.proxy_password}}""#)),
        ("", format!(r#"host = "{server}", {ca}, token = "x", proxy_url = var.proxy_password"#)),
        (
            "",
            format!(
                r#"host = "{server}", {ca}, exec = {{ api_version = "client.authentication.k8s.io/v1", command = "sh",
                   args = ["-c", "exit 3"], env = {{ PLANTED = var.exec_env }} }}"#
            ),
        ),
        (
            "",
            format!(
                r#"host = "{server}", {ca}, exec = {{ api_version = "client.authentication.k8s.io/v1", command = "sh",
                   args = ["-c", "echo not-json-$T"], env = {{ T = var.exec_token }} }}"#
            ),
        ),
        (&*format!(r#"assume_role = [{{ role_arn = "{role}", external_id = var.external_id }}]"#), direct.to_owned()),
    ]
    .iter()
    .map(|(aws, kubernetes)| {
        workspace.write("provider.tf", &block(aws, kubernetes));
        workspace.terraform(&["plan"]).fails()
    })
    .collect();
    clean(&workspace, &said, &VARIABLES.map(planted));
}
