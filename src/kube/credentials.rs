//! A connection in the form that other clients take: its parts, and a kubeconfig of them.

use std::time::SystemTime;

use ::kube::Config;
use ::kube::config::AuthInfo;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::Error;

/// An API server, and what it takes to be let in. `Debug` shows no secret.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// URL of the API server.
    pub host: String,
    /// PEM certificates that its own must chain to; the system's where absent.
    pub cluster_ca_certificate: Option<String>,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// Name that its certificate must carry, where it is not the host's.
    pub tls_server_name: Option<String>,
    /// URL of a forward proxy, possibly with a password in it.
    pub proxy_url: Option<SecretString>,
    /// Bearer token.
    pub token: Option<SecretString>,
    /// PEM client certificate.
    pub client_certificate: Option<String>,
    /// PEM key of the client certificate.
    pub client_key: Option<SecretString>,
    /// User name and password, which only old clusters take.
    pub basic: Option<(String, SecretString)>,
    /// The end of the token or of the client certificate, where it is known.
    pub expires_at: Option<SystemTime>,
}

impl Credentials {
    /// What a resolved connection holds. Files that it names are read; nothing is written.
    pub(super) fn of(config: &Config) -> Result<Self, Error> {
        let AuthInfo { username, password, token, token_file, .. } = &config.auth_info;
        let auth = &config.auth_info;
        let read = |path: &str| {
            std::fs::read_to_string(path).map_err(|cause| Error::Config(format!("{path} cannot be read: {cause}")))
        };
        let token = match (token, token_file) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(path)) => Some(read(path)?.trim().to_owned().into()),
            (None, None) => None,
        };
        let certificate = match (&auth.client_certificate_data, &auth.client_certificate) {
            (Some(data), _) => Some(text("client-certificate-data", data)?),
            (None, Some(path)) => Some(read(path)?),
            (None, None) => None,
        };
        let key = match (&auth.client_key_data, &auth.client_key) {
            (Some(data), _) => Some(text("client-key-data", data.expose_secret())?.into()),
            (None, Some(path)) => Some(read(path)?.into()),
            (None, None) => None,
        };
        Ok(Self {
            host: config.cluster_url.to_string().trim_end_matches('/').to_owned(),
            cluster_ca_certificate: config.root_cert.as_ref().map(|bundle| bundle.iter().map(|der| pem(der)).collect()),
            insecure: config.accept_invalid_certs,
            tls_server_name: config.tls_server_name.clone(),
            proxy_url: config.proxy_url.as_ref().map(|url| url.to_string().into()),
            token,
            client_certificate: certificate,
            client_key: key,
            basic: username.clone().zip(password.clone()),
            expires_at: None,
        })
    }

    /// A kubeconfig (YAML) whose one context, cluster and user are all called `name`. It holds the credentials.
    pub fn kubeconfig(&self, name: &str) -> SecretString {
        let plain = |value: &Option<String>| value.clone().map(Value::from);
        let secret = |value: &Option<SecretString>| value.as_ref().map(|value| Value::from(value.expose_secret()));
        let encoded = |value: Option<&str>| value.map(|pem| Value::from(STANDARD.encode(pem)));
        let present = |parts: Vec<(&str, Option<Value>)>| -> Map<String, Value> {
            parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
        };
        let cluster = present(vec![
            ("server", Some(self.host.as_str().into())),
            ("certificate-authority-data", encoded(self.cluster_ca_certificate.as_deref())),
            ("insecure-skip-tls-verify", self.insecure.then_some(true.into())),
            ("tls-server-name", plain(&self.tls_server_name)),
            ("proxy-url", secret(&self.proxy_url)),
        ]);
        let user = present(vec![
            ("token", secret(&self.token)),
            ("client-certificate-data", encoded(self.client_certificate.as_deref())),
            ("client-key-data", encoded(self.client_key.as_ref().map(ExposeSecret::expose_secret))),
            ("username", self.basic.as_ref().map(|(user, _)| user.as_str().into())),
            ("password", self.basic.as_ref().map(|(_, password)| password.expose_secret().into())),
        ]);
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        });
        // Strings, maps and lists alone: there is nothing that YAML could not hold.
        serde_saphyr::to_string(&config).unwrap_or_default().into()
    }
}

/// Base64 of PEM, as a kubeconfig embeds it.
fn text(what: &str, data: &str) -> Result<String, Error> {
    let decoded = STANDARD.decode(data.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| Error::Config(format!("{what} is not base64 of PEM")))
}

/// RFC 7468: base64 in lines of 64.
fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines: Vec<&str> = encoded.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject as _;

    use super::*;

    fn full() -> Credentials {
        Credentials {
            host: "https://cluster:6443".into(),
            cluster_ca_certificate: Some("-----BEGIN CERTIFICATE-----\nAA==\n".into()),
            token: Some("hush-token".into()),
            client_certificate: Some("-----BEGIN CERTIFICATE-----\nBB==\n".into()),
            client_key: Some("hush-key".into()),
            proxy_url: Some("http://user:hush-proxy@proxy:3128/".into()),
            ..Credentials::default()
        }
    }

    #[test]
    fn a_kubeconfig_is_read_back_as_the_same_connection() {
        let text = full().kubeconfig("prod");
        let parsed = ::kube::config::Kubeconfig::from_yaml(text.expose_secret()).unwrap();
        assert_eq!(parsed.current_context.as_deref(), Some("prod"));
        let cluster = parsed.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(cluster.server.as_deref(), Some("https://cluster:6443"));
        assert_eq!(cluster.proxy_url.as_deref(), Some("http://user:hush-proxy@proxy:3128/"));
        let user = parsed.auth_infos[0].auth_info.clone().unwrap();
        let mut config = Config::new("https://cluster:6443/".parse().unwrap());
        config.auth_info = user;
        config.root_cert = Some(vec![vec![0]]);
        config.proxy_url = Some("http://user:hush-proxy@proxy:3128".parse().unwrap());
        let again = Credentials::of(&config).unwrap();
        assert_eq!(again.token.as_ref().unwrap().expose_secret(), "hush-token");
        assert_eq!(again.client_key.as_ref().unwrap().expose_secret(), "hush-key");
        assert_eq!(again.client_certificate, full().client_certificate);
        assert_eq!(again.kubeconfig("prod").expose_secret().lines().count(), text.expose_secret().lines().count());
    }

    #[test]
    fn certificates_survive_the_way_to_pem_and_back() {
        let der: Vec<u8> = (0..200).collect();
        let again = CertificateDer::from_pem_slice(pem(&der).as_bytes()).unwrap();
        assert_eq!(&*again, &der[..]);
        assert!(pem(&der).lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!("{:?}", full());
        assert!(!text.contains("hush") && text.contains("https://cluster:6443"), "{text}");
    }
}
