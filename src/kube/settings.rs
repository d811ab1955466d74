//! How to reach a cluster, as the provider configuration says it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use secrecy::SecretString;

/// Connection settings, all optional. What is not set is taken from the environment (see [`crate::kube::connect`]).
///
/// The names are those of the `hashicorp/kubernetes` provider, because its users know them.
/// Nothing secret shows in `Debug`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Path of a kubeconfig file; a leading `~/` is the home directory. Environment: `KUBE_CONFIG_PATH`,
    /// `KUBE_CONFIG_PATHS`, `KUBECONFIG`.
    pub config_path: Option<PathBuf>,
    /// Context of the kubeconfig; its current context when not set. Environment: `KUBE_CTX`.
    pub config_context: Option<String>,
    /// URL of the API server; `https://` is assumed where no scheme is given. Environment: `KUBE_HOST`.
    pub host: Option<String>,
    /// Bearer token. Environment: `KUBE_TOKEN`.
    pub token: Option<TokenSource>,
    /// PEM certificates that the API server's certificate must chain to. Environment: `KUBE_CLUSTER_CA_CERT_DATA`.
    pub cluster_ca_certificate: Option<String>,
    /// PEM client certificate. Environment: `KUBE_CLIENT_CERT_DATA`.
    pub client_certificate: Option<String>,
    /// PEM key of the client certificate. Environment: `KUBE_CLIENT_KEY_DATA`.
    pub client_key: Option<SecretString>,
    /// Accept any certificate of the API server. Environment: `KUBE_INSECURE`.
    pub insecure: Option<bool>,
    /// Name that the API server's certificate must carry, when it is not the host's. Environment: `KUBE_TLS_SERVER_NAME`.
    pub tls_server_name: Option<String>,
    /// URL of a forward proxy, possibly with `user:password@`. Environment: `KUBE_PROXY_URL`, then `HTTPS_PROXY` and `NO_PROXY`.
    pub proxy_url: Option<SecretString>,
    /// Credential plugin, run when a token is needed.
    pub exec: Option<Exec>,
    /// Use the service account of the pod that the provider runs in.
    pub in_cluster: bool,
}

/// What a [`TokenSource::Dynamic`] answers with; the error is a phrase without secrets that says why there is no token.
pub type TokenFuture = BoxFuture<'static, Result<SecretString, String>>;

/// Where the bearer token comes from.
#[derive(Clone)]
pub enum TokenSource {
    /// The same token for the whole run.
    Static(SecretString),
    /// Asked before each request, so that tokens which expire (EKS: 15 minutes) outlive a long apply.
    /// Keeping a token while it is valid is the source's business.
    Dynamic(Arc<dyn Fn() -> TokenFuture + Send + Sync>),
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static(_) => "Static([REDACTED])",
            Self::Dynamic(_) => "Dynamic",
        })
    }
}

/// A credential plugin.
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>
#[derive(Clone)]
pub struct Exec {
    /// Version of the `ExecCredential` that is passed and expected, for example `client.authentication.k8s.io/v1beta1`.
    pub api_version: String,
    /// The command, found in `PATH` where it holds no `/`.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables on top of the provider's own.
    pub env: Vec<(String, SecretString)>,
}

impl fmt::Debug for Exec {
    /// Arguments and values may carry credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Exec")
            .field("api_version", &self.api_version)
            .field("command", &self.command)
            .field("env", &names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let settings = Settings {
            host: Some("https://cluster".into()),
            token: Some(TokenSource::Static("hush-token".into())),
            client_key: Some("hush-key".into()),
            proxy_url: Some("http://user:hush-proxy@proxy:3128".into()),
            exec: Some(Exec {
                api_version: "client.authentication.k8s.io/v1".into(),
                command: "aws".into(),
                args: vec!["--token=hush-args".into()],
                env: vec![("AWS_SECRET_ACCESS_KEY".into(), "hush-env".into())],
            }),
            ..Settings::default()
        };
        let text = format!("{settings:?}");
        assert!(!text.contains("hush"), "{text}");
        assert!(text.contains("https://cluster") && text.contains("AWS_SECRET_ACCESS_KEY"), "{text}");
    }
}
