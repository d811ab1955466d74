//! Ways to reach a cluster, and what is said when it does not work.

use loki_provider::kube::{Error, Exec, ObjectRef, Settings, TokenSource, connect};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{administrator, beside, kubeconfig, read};

fn host() -> Settings {
    Settings {
        host: Some(administrator().url().into()),
        cluster_ca_certificate: Some(read(&beside("ca.crt"))),
        ..Settings::default()
    }
}

fn token() -> SecretString {
    read(&beside("admin.token")).into()
}

/// Not open to everybody, unlike the version.
async fn works(settings: Settings) -> Result<Option<Value>, Error> {
    connect(settings).unwrap().get(&ObjectRef::cluster_scoped("v1", "Namespace", "kube-system")).await
}

#[tokio::test]
async fn a_kubeconfig() {
    let cluster = administrator();
    assert_eq!(cluster.origin(), format!("kubeconfig {} context lab", kubeconfig().display()));
    let version = cluster.version().await.unwrap();
    assert_eq!(version.major, 1);
    assert!(version.minor >= 29 && version.git_version.starts_with("v1."), "{version}");
}

#[tokio::test]
async fn a_host_with_a_token() {
    let settings = Settings { token: Some(TokenSource::Static(token())), ..host() };
    assert!(works(settings).await.unwrap().is_some());
    let settings = Settings {
        token: Some(TokenSource::Dynamic(std::sync::Arc::new(|| Box::pin(async { Ok(token()) })))),
        ..host()
    };
    assert!(works(settings).await.unwrap().is_some());
}

#[tokio::test]
async fn a_host_with_a_client_certificate() {
    let settings = Settings {
        client_certificate: Some(read(&beside("admin.crt"))),
        client_key: Some(read(&beside("admin.key")).into()),
        ..host()
    };
    assert!(works(settings).await.unwrap().is_some());
}

#[tokio::test]
async fn a_plugin_that_returns_a_client_certificate() {
    let status = json!({
        "clientCertificateData": read(&beside("admin.crt")),
        "clientKeyData": read(&beside("admin.key")),
    });
    let credential =
        json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status});
    let exec = Exec {
        api_version: "client.authentication.k8s.io/v1".into(),
        command: "sh".into(),
        args: vec!["-c".into(), "printf %s \"$CREDENTIAL\"".into()],
        env: vec![("CREDENTIAL".into(), credential.to_string().into())],
    };
    assert!(works(Settings { exec: Some(exec), ..host() }).await.unwrap().is_some());
}

#[tokio::test]
async fn wrong_credentials_name_their_source() {
    let settings = Settings { token: Some(TokenSource::Static("wrong".into())), ..host() };
    let url = administrator().url().to_owned();
    assert_eq!(
        works(settings).await.unwrap_err().to_string(),
        format!("the Kubernetes API server at {url} does not accept the credentials of host {url} with a token")
    );
    let text = works(host()).await.unwrap_err().to_string();
    assert_eq!(text, "system:anonymous may not get namespaces in namespace kube-system");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_trusted_says_which_setting_helps() {
    let cause = |settings: Settings| async {
        match connect(settings).unwrap().version().await.unwrap_err() {
            Error::Unreachable { cause, retryable: false, .. } => cause,
            other => panic!("{other:?}"),
        }
    };
    let system = Settings { cluster_ca_certificate: None, ..host() };
    assert_eq!(cause(system).await, "its certificate is signed by an unknown authority (set cluster_ca_certificate)");
    let name = Settings { tls_server_name: Some("elsewhere.example.com".into()), ..host() };
    assert_eq!(cause(name).await, "its certificate is for another name (set tls_server_name)");
    let other_name = Settings { tls_server_name: Some("kubernetes.default.svc".into()), ..host() };
    connect(other_name).unwrap().version().await.unwrap();
    let insecure = Settings { cluster_ca_certificate: None, insecure: Some(true), ..host() };
    connect(insecure).unwrap().version().await.unwrap();
}
