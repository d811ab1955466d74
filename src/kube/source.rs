//! Which cluster, and as whom: settings first, then the environment, then a pod's service account.
//!
//! The variables and their precedence are those of the `hashicorp/kubernetes` provider, with one difference. There a
//! `KUBE_HOST` or `KUBE_TOKEN` in the environment overrides a `config_path` in the configuration, and a kubeconfig in the
//! environment lends its credentials to an explicit `host`. Here, what the configuration names decides, and the
//! environment only fills what it leaves open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::kube::Config;
use ::kube::config::{AuthInfo, Cluster, ExecConfig};
use secrecy::{ExposeSecret, SecretString};

use super::exec::Plugin;
use super::kubeconfig::{self, Selected};
use super::pem;
use super::{Error, Settings, TokenFuture, TokenSource};

/// Where a pod finds its service account.
/// <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api>
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The process environment as a value.
pub(super) struct Environment {
    vars: BTreeMap<String, String>,
    service_account: PathBuf,
}

impl Environment {
    /// That of this process.
    pub(super) fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { vars: std::env::vars_os().filter_map(text).collect(), service_account: SERVICE_ACCOUNT.into() }
    }

    /// An empty variable counts as unset, as it does for kubectl.
    fn get(&self, name: &str) -> Option<String> {
        self.vars.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.get(name).as_deref(), Some("1" | "t" | "T" | "true" | "True" | "TRUE"))
    }

    fn paths(&self, name: &str) -> Option<Vec<PathBuf>> {
        let paths: Vec<_> = std::env::split_paths(&self.get(name)?).filter(|p| !p.as_os_str().is_empty()).collect();
        (!paths.is_empty()).then_some(paths)
    }

    fn home_kubeconfig(&self) -> Option<PathBuf> {
        self.get("HOME").map(|home| Path::new(&home).join(".kube/config"))
    }

    /// A leading `~/`, which no shell expands in a Terraform configuration.
    fn expand(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), self.get("HOME")) {
            (Ok(rest), Some(home)) => Path::new(&home).join(rest),
            _ => path.to_owned(),
        }
    }

    fn in_pod(&self) -> bool {
        self.get("KUBERNETES_SERVICE_HOST").is_some() && self.service_account.join("token").exists()
    }
}

/// Everything that is needed to build a client.
pub(super) struct Source {
    /// Without what [`Bearer`] provides.
    pub(super) config: Config,
    /// Credentials that are made when they are needed.
    pub(super) bearer: Option<Bearer>,
    /// See [`crate::kube::Cluster::origin`].
    pub(super) origin: String,
}

/// Credentials that change during a run.
pub(super) enum Bearer {
    /// [`TokenSource::Dynamic`].
    Token(std::sync::Arc<dyn Fn() -> TokenFuture + Send + Sync>),
    /// A credential plugin, of the settings or of the kubeconfig.
    Exec(Plugin),
}

/// Where the cluster's address and the credentials come from, before overrides.
enum Base {
    Kubeconfig { paths: Vec<PathBuf>, named_by: &'static str },
    Host,
    Pod,
}

/// Finds the cluster that `settings` and `environment` name.
pub(super) fn resolve(settings: &Settings, environment: &Environment) -> Result<Source, Error> {
    contradictions(settings)?;
    let base = base(settings, environment)?;
    // What the configuration names must not be redirected by a variable that happens to be set.
    let ambient = !settings.in_cluster && settings.config_path.is_none() && settings.config_context.is_none();
    let variable = |name: &str| if ambient { environment.get(name) } else { None };

    let (mut selected, mut origin) = match &base {
        Base::Pod => return pod(settings, environment),
        Base::Host => (Selected::default(), String::new()),
        Base::Kubeconfig { paths, named_by } => {
            let context = settings.config_context.clone().or_else(|| environment.get("KUBE_CTX"));
            let paths: Vec<_> = paths.iter().map(|path| environment.expand(path)).collect();
            let selected = kubeconfig::select(&paths, named_by, context.as_deref())?;
            let origin = selected.origin.clone();
            (selected, origin)
        }
    };

    let mut overridden = Vec::new();
    if let Some(host) = settings.host.clone().or_else(|| variable("KUBE_HOST")) {
        selected.cluster.server = Some(host);
        overridden.push("host");
    }
    if let Some(ca) = settings.cluster_ca_certificate.clone().or_else(|| variable("KUBE_CLUSTER_CA_CERT_DATA")) {
        selected.cluster.certificate_authority_data = Some(pem::to_base64("cluster_ca_certificate", &ca)?);
        overridden.push("CA");
    }
    let bearer = credentials(settings, &variable, &mut selected, &mut overridden)?;

    let url = address(selected.cluster.server.as_deref(), &origin)?;
    if matches!(base, Base::Host) {
        origin = format!("host {} with {}", url.to_string().trim_end_matches('/'), spoken(&selected.user, &bearer));
    } else if !overridden.is_empty() {
        origin = format!("{origin} with another {}", overridden.join(", "));
    }
    let mut config = Config::new(url);
    config.root_cert = pem::bundle(&selected.cluster).map_err(|cause| Error::Config(format!("{origin}: {cause}")))?;
    config.auth_info = selected.user;
    config.accept_invalid_certs = selected.cluster.insecure_skip_tls_verify.unwrap_or_default();
    config.tls_server_name = selected.cluster.tls_server_name;
    config.disable_compression = selected.cluster.disable_compression.unwrap_or_default();
    finish(&mut config, selected.cluster.proxy_url, settings, environment)?;
    Ok(Source { config, bearer, origin })
}

fn contradictions(settings: &Settings) -> Result<(), Error> {
    let refuse = |text: &str| Err(Error::Config(text.into()));
    if settings.in_cluster
        && (settings.host.is_some() || settings.config_path.is_some() || settings.config_context.is_some())
    {
        return refuse(
            "in_cluster names the cluster that the provider runs in, so host, config_path and config_context must not be set with it",
        );
    }
    if settings.token.is_some() && settings.exec.is_some() {
        return refuse("token and exec are two ways to get a token: set one of them");
    }
    Ok(())
}

fn base(settings: &Settings, environment: &Environment) -> Result<Base, Error> {
    let from_variables = || {
        ["KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS"]
            .iter()
            .find_map(|name| environment.paths(name).map(|paths| Base::Kubeconfig { paths, named_by: name }))
    };
    let from_kubectl = || {
        let named = environment.paths("KUBECONFIG").map(|paths| Base::Kubeconfig { paths, named_by: "KUBECONFIG" });
        named.or_else(|| {
            let path = environment.home_kubeconfig().filter(|path| path.exists())?;
            Some(Base::Kubeconfig { paths: vec![path], named_by: "the home directory" })
        })
    };
    if settings.in_cluster {
        return Ok(Base::Pod);
    }
    if let Some(path) = &settings.config_path {
        return Ok(Base::Kubeconfig { paths: vec![path.clone()], named_by: "config_path" });
    }
    if settings.host.is_some() && settings.config_context.is_none() {
        return Ok(Base::Host);
    }
    if let Some(base) = from_variables() {
        return Ok(base);
    }
    if environment.get("KUBE_HOST").is_some() && settings.config_context.is_none() {
        return Ok(Base::Host);
    }
    if let Some(base) = from_kubectl() {
        return Ok(base);
    }
    if environment.in_pod() && settings.config_context.is_none() {
        return Ok(Base::Pod);
    }
    let home = environment.home_kubeconfig().unwrap_or_else(|| "~/.kube/config".into());
    Err(Error::Config(format!(
        "no Kubernetes cluster is configured: set config_path, host or in_cluster (tried KUBE_CONFIG_PATH, \
         KUBE_CONFIG_PATHS, KUBE_HOST, KUBECONFIG, {} and a pod's service account)",
        home.display()
    )))
}

/// Puts credentials of the settings, or else of the variables, in the place of all those of the kubeconfig: a client
/// certificate that stayed beside a new token would win over it.
fn credentials(
    settings: &Settings,
    variable: &dyn Fn(&str) -> Option<String>,
    selected: &mut Selected,
    overridden: &mut Vec<&'static str>,
) -> Result<Option<Bearer>, Error> {
    let Settings { token, exec, client_certificate, client_key, .. } = settings;
    let explicit = token.is_some() || exec.is_some() || client_certificate.is_some() || client_key.is_some();
    let (token, certificate, key) = if explicit {
        (token.clone(), client_certificate.clone(), client_key.clone())
    } else {
        let secret = |name: &str| variable(name).map(SecretString::from);
        let token = secret("KUBE_TOKEN").map(TokenSource::Static);
        (token, variable("KUBE_CLIENT_CERT_DATA"), secret("KUBE_CLIENT_KEY_DATA"))
    };
    if certificate.is_some() != key.is_some() {
        let (given, missing) = if key.is_some() { ("key", "certificate") } else { ("certificate", "key") };
        return Err(Error::Config(format!("client_{given} is set without client_{missing}")));
    }
    if token.is_some() || exec.is_some() || certificate.is_some() {
        selected.user = AuthInfo::default();
        overridden.push("user");
    }
    if let (Some(certificate), Some(key)) = (certificate, key) {
        selected.user.client_certificate_data = Some(pem::to_base64("client_certificate", &certificate)?);
        selected.user.client_key_data = Some(pem::to_base64("client_key", key.expose_secret())?.into());
    }
    match token {
        Some(TokenSource::Static(token)) => selected.user.token = Some(token),
        Some(TokenSource::Dynamic(source)) => return Ok(Some(Bearer::Token(source))),
        None => {}
    }
    if let Some(exec) = exec {
        return Ok(Some(Bearer::Exec(Plugin::of_settings(exec))));
    }
    // As in client-go, a token in the kubeconfig wins over its plugin.
    let user = &mut selected.user;
    let plugin = user.exec.take().filter(|_| user.token.is_none() && user.token_file.is_none());
    plugin.map(|exec| of_kubeconfig(&exec, &selected.cluster, &selected.origin)).transpose()
}

fn of_kubeconfig(exec: &ExecConfig, cluster: &Cluster, origin: &str) -> Result<Bearer, Error> {
    Plugin::of_kubeconfig(exec, cluster).map(Bearer::Exec).map_err(|cause| Error::Config(format!("{origin}: {cause}")))
}

/// The service account of the pod that this process runs in.
fn pod(settings: &Settings, environment: &Environment) -> Result<Source, Error> {
    let mut config = Config::incluster().map_err(|cause| {
        Error::Config(format!(
            "in_cluster needs KUBERNETES_SERVICE_HOST and the files of a service account in {}: {cause}",
            environment.service_account.display()
        ))
    })?;
    finish(&mut config, None, settings, environment)?;
    let url = config.cluster_url.to_string();
    let origin = format!("the service account of this pod at {}", url.trim_end_matches('/'));
    Ok(Source { config, bearer: None, origin })
}

/// What every source has in common.
fn finish(
    config: &mut Config,
    proxy_url: Option<String>,
    settings: &Settings,
    environment: &Environment,
) -> Result<(), Error> {
    if settings.insecure.unwrap_or_else(|| environment.flag("KUBE_INSECURE")) {
        config.accept_invalid_certs = true;
    }
    if let Some(name) = settings.tls_server_name.clone().or_else(|| environment.get("KUBE_TLS_SERVER_NAME")) {
        config.tls_server_name = Some(name);
    }
    let explicit = settings.proxy_url.as_ref().map(|url| url.expose_secret().to_owned());
    let proxy = explicit
        .or_else(|| environment.get("KUBE_PROXY_URL"))
        .or(proxy_url.filter(|url| !url.is_empty()))
        .or_else(|| ambient_proxy(&config.cluster_url, environment));
    if let Some(proxy) = proxy {
        // Neither the parser's words nor the URL: it may hold a password.
        let uri: Option<http::Uri> = proxy.parse().ok();
        let usable = |uri: &http::Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        config.proxy_url = Some(uri.filter(usable).ok_or_else(|| {
            Error::Config(
                "proxy_url must be an http:// or https:// URL, for example http://proxy.example.com:3128".into(),
            )
        })?);
    }
    Ok(())
}

/// `HTTPS_PROXY` unless `NO_PROXY` or the loopback address says no, as Go's clients do it.
fn ambient_proxy(url: &http::Uri, environment: &Environment) -> Option<String> {
    let either = |upper: &str, lower: &str| environment.get(upper).or_else(|| environment.get(lower));
    let proxy = match url.scheme_str() {
        Some("http") => either("HTTP_PROXY", "http_proxy"),
        _ => either("HTTPS_PROXY", "https_proxy"),
    }?;
    let host = url.host()?.trim_matches(['[', ']']);
    if host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()) {
        return None;
    }
    let matcher = hyper_util::client::proxy::matcher::Matcher::builder()
        .all(proxy.as_str())
        .no(either("NO_PROXY", "no_proxy").unwrap_or_default())
        .build();
    matcher.intercept(url).map(|_| proxy)
}

/// The API server's address; `https://` where no scheme is given.
fn address(server: Option<&str>, origin: &str) -> Result<http::Uri, Error> {
    let Some(server) = server.map(str::trim).filter(|server| !server.is_empty()) else {
        return Err(Error::Config(format!("{origin}: the cluster has no server address")));
    };
    let text = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    let uri: Option<http::Uri> = text.parse().ok();
    let usable = |uri: &http::Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && uri.query().is_none()
    };
    // The value is not repeated: it may hold a password.
    uri.filter(usable).ok_or_else(|| {
        Error::Config(
            "host must be the URL of an API server without user or query, for example https://10.0.0.1:6443".into(),
        )
    })
}

fn spoken(user: &AuthInfo, bearer: &Option<Bearer>) -> String {
    match bearer {
        Some(Bearer::Exec(plugin)) => format!("the credential plugin {}", plugin.command()),
        Some(Bearer::Token(_)) => "a token".into(),
        None if user.token.is_some() => "a token".into(),
        None if user.client_certificate_data.is_some() => "a client certificate".into(),
        None => "no credentials".into(),
    }
}

#[cfg(test)]
mod tests;
