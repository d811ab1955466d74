//! Credential plugins (`aws eks get-token`, `gke-gcloud-auth-plugin`, `kubelogin`).
//!
//! kube has its own runner. It is not used, because it runs the plugin three times while the client is built, blocks the
//! runtime meanwhile, waits without end, hands the plugin this process's stdin, and its error quotes the plugin's stdout,
//! which is where the token is.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use ::kube::config::{Cluster, ExecAuthCluster, ExecConfig};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::Exec;

/// A plugin that asks its user to log in would wait forever; there is no user at the other end.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Credentials are renewed this long before they expire.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// A credential plugin that is ready to run.
pub(super) struct Plugin {
    command: String,
    args: Vec<String>,
    env: Vec<(String, SecretString)>,
    /// The `ExecCredential` that the plugin finds in `KUBERNETES_EXEC_INFO`.
    info: String,
    install_hint: Option<String>,
}

/// What a plugin returns.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) token: Option<SecretString>,
    /// PEM certificate and key.
    pub(super) identity: Option<(String, SecretString)>,
    expires: Option<Timestamp>,
}

impl Credential {
    /// Whether it can be used for another request.
    pub(super) fn is_fresh(&self) -> bool {
        self.expires.is_none_or(|expires| Timestamp::now() + MARGIN < expires)
    }
}

impl Credential {
    /// Its end, where the plugin names one.
    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        self.expires.map(SystemTime::from)
    }
}

impl Plugin {
    pub(super) fn of_settings(exec: &Exec) -> Self {
        Self {
            command: exec.command.clone(),
            args: exec.args.clone(),
            env: exec.env.clone(),
            info: info(&exec.api_version, None),
            install_hint: None,
        }
    }

    pub(super) fn of_kubeconfig(exec: &ExecConfig, cluster: &Cluster) -> Result<Self, String> {
        let command = exec.command.clone().filter(|command| !command.is_empty());
        let about = if exec.provide_cluster_info {
            Some(ExecAuthCluster::try_from(cluster).map_err(|cause| cause.to_string())?)
        } else {
            None
        };
        let pairs = exec.env.iter().flatten();
        let pair = |one: &std::collections::HashMap<String, String>| {
            Some((one.get("name")?.clone(), one.get("value")?.clone().into()))
        };
        Ok(Self {
            command: command.ok_or("the user's exec section has no command")?,
            args: exec.args.clone().unwrap_or_default(),
            env: pairs.filter_map(pair).collect(),
            info: info(exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1"), about.as_ref()),
            install_hint: exec.other.get("installHint").and_then(|hint| hint.as_str()).map(str::to_owned),
        })
    }

    pub(super) fn command(&self) -> &str {
        &self.command
    }

    /// Runs the plugin. The error is a phrase that holds nothing of the plugin's stdout.
    pub(super) async fn run(&self) -> Result<Credential, String> {
        let name = format!("the credential plugin {}", self.command);
        let mut command = tokio::process::Command::new(&self.command);
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value.expose_secret())))
            .env("KUBERNETES_EXEC_INFO", &self.info)
            // Terraform talks to the provider through these.
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = match tokio::time::timeout(TIMEOUT, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(cause)) => {
                let hint = self.install_hint.as_ref().map(|hint| format!(" ({})", one_line(hint)));
                return Err(format!("{name} cannot be started: {cause}{}", hint.unwrap_or_default()));
            }
            Err(_) => return Err(format!("{name} did not end within {} s", TIMEOUT.as_secs())),
        };
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{name} failed ({}): {}", output.status, one_line(&stderr)));
        }
        parse(&output.stdout).map_err(|cause| format!("{name} {cause}"))
    }
}

fn info(api_version: &str, cluster: Option<&ExecAuthCluster>) -> String {
    let mut spec = json!({"interactive": false});
    if let Some(cluster) = cluster {
        spec["cluster"] = json!(cluster);
    }
    json!({"apiVersion": api_version, "kind": "ExecCredential", "spec": spec}).to_string()
}

#[derive(Deserialize)]
struct ExecCredential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<Timestamp>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// client-go decodes with a codec that takes YAML as well, and some plugins rely on it.
fn parse(stdout: &[u8]) -> Result<Credential, &'static str> {
    let answer: ExecCredential = serde_saphyr::from_slice(stdout).map_err(|_| "did not print an ExecCredential")?;
    let status = answer.status.ok_or("printed an ExecCredential without a status")?;
    let token = status.token.filter(|token| !token.is_empty()).map(SecretString::from);
    let identity = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some((certificate, key.into())),
        _ => None,
    };
    if token.is_none() && identity.is_none() {
        return Err("printed an ExecCredential with neither token nor client certificate");
    }
    Ok(Credential { token, identity, expires: status.expiration_timestamp })
}

/// The last line that says something, because tools print their error last.
fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
    line.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(script: &str) -> Plugin {
        Plugin::of_settings(&Exec {
            api_version: "client.authentication.k8s.io/v1".into(),
            command: "sh".into(),
            args: vec!["-c".into(), script.into()],
            env: vec![("GREETING".into(), "hush".into())],
        })
    }

    #[tokio::test]
    async fn a_plugin_sees_its_environment_and_returns_a_token() {
        let script = r#"case $KUBERNETES_EXEC_INFO in *'"interactive":false'*) ;; *) exit 1;; esac
            echo '{"kind":"ExecCredential","status":{"token":"'$GREETING'","expirationTimestamp":"2020-01-01T00:00:00Z"}}'"#;
        let credential = plugin(script).run().await.unwrap();
        assert_eq!(credential.token.as_ref().unwrap().expose_secret(), "hush");
        assert!(!credential.is_fresh());
    }

    #[tokio::test]
    async fn failures_quote_stderr_but_never_stdout() {
        let cause = plugin("echo hush; echo first >&2; echo 'not logged in' >&2; exit 3").run().await.err().unwrap();
        assert_eq!(cause, "the credential plugin sh failed (exit status: 3): not logged in");
        let cause = plugin("echo '{\"status\": {\"token\": [\"hush\"]}}'").run().await.err().unwrap();
        assert_eq!(cause, "the credential plugin sh did not print an ExecCredential");
    }

    #[tokio::test]
    async fn a_missing_plugin_says_how_to_install_it() {
        let exec = ExecConfig {
            command: Some("/nonexistent/plugin".into()),
            other: [("installHint".to_owned(), json!("brew install plugin"))].into(),
            ..ExecConfig::default()
        };
        let plugin = Plugin::of_kubeconfig(&exec, &Cluster::default()).unwrap();
        let cause = plugin.run().await.err().unwrap();
        assert!(cause.contains("No such file") && cause.ends_with("(brew install plugin)"), "{cause}");
    }
}
