//! The HTTP client of all services: proxy, trusted certificates, and how much is asked at once.

use std::sync::Arc;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use crate::aws::{Kind, Service, Settings};

/// A client for these settings. The SDK's own knows no proxy.
pub(super) fn client(settings: &Settings) -> Result<SharedHttpClient, Kind> {
    let tls = tls(settings)?;
    let proxy = proxy(settings)?;
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        let builder = builder.proxy_config(proxy.clone());
        builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls.clone()).build()
    }))
}

/// The certificates of the system, and those of the bundle.
fn tls(settings: &Settings) -> Result<TlsContext, Kind> {
    let bundle = settings.custom_ca_bundle.clone().or_else(|| std::env::var("AWS_CA_BUNDLE").ok());
    let mut trusted = TrustStore::default();
    if let Some(path) = bundle {
        let pem = std::fs::read(&path);
        let pem = pem.map_err(|error| Kind::Other(format!("The CA bundle {path:?} cannot be read: {error}")))?;
        if !pem.windows(MARK.len()).any(|it| it == MARK) {
            return Err(Kind::Other(format!("The CA bundle {path:?} holds no PEM certificate")));
        }
        trusted = trusted.with_pem_certificate(pem);
    }
    TlsContext::builder()
        .with_trust_store(trusted)
        .build()
        .map_err(|error| Kind::Other(format!("The CA bundle is not usable: {error}")))
}

const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// That of the settings, or `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
fn proxy(settings: &Settings) -> Result<ProxyConfig, Kind> {
    let Some(url) = &settings.proxy_url else { return Ok(ProxyConfig::from_env()) };
    // It may hold a password, so neither it nor the parser's own words are told.
    let unusable = || Kind::Other("The proxy's URL is not usable".to_owned());
    let mut url = url::Url::parse(url.expose_secret()).map_err(|_| unusable())?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let login = Some((decoded(url.username()), decoded(url.password().unwrap_or_default())));
    let login = login.filter(|(name, _)| !name.is_empty());
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| unusable())?;
    let mut proxy = ProxyConfig::all(url.as_str()).map_err(|_| unusable())?;
    if let Some((name, password)) = login {
        proxy = proxy.with_basic_auth(name, password);
    }
    Ok(match &settings.no_proxy {
        Some(hosts) => proxy.no_proxy(hosts),
        None => proxy,
    })
}

/// How many requests a service gets at once. S3 takes thousands a second; IAM and EKS throttle an account early.
fn at_once(service: Service) -> usize {
    match service {
        Service::S3 => 64,
        Service::Iam | Service::Sts | Service::Eks | Service::Kms => 12,
    }
}

/// The client for one service: what comes on top waits instead of being throttled.
pub(super) fn limited(client: &SharedHttpClient, service: Service) -> SharedHttpClient {
    let permits = Arc::new(Semaphore::new(at_once(service)));
    SharedHttpClient::new(Limited { client: client.clone(), permits })
}

#[derive(Debug)]
struct Limited {
    client: SharedHttpClient,
    permits: Arc<Semaphore>,
}

impl HttpClient for Limited {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(LimitedConnector { connector, permits: Arc::clone(&self.permits) })
    }
}

#[derive(Debug)]
struct LimitedConnector {
    connector: SharedHttpConnector,
    permits: Arc<Semaphore>,
}

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (connector, permits) = (self.connector.clone(), Arc::clone(&self.permits));
        HttpConnectorFuture::new(async move {
            // Nobody closes it.
            let _permit = permits.acquire().await;
            connector.call(request).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_is_none_is_refused_without_a_connection() {
        let said = |bundle: &str| {
            let settings = Settings { custom_ca_bundle: Some(bundle.to_owned()), ..Settings::default() };
            client(&settings).map(|_| ()).unwrap_err().to_string()
        };
        assert!(said("/nowhere/ca.pem").contains("\"/nowhere/ca.pem\" cannot be read"));
        assert!(said("Cargo.toml").contains("no PEM certificate"));
    }

    #[test]
    fn a_proxys_password_is_not_told() {
        for url in ["http://user:hunter2@proxy.example:3128", "hunter2"] {
            let settings = Settings { proxy_url: Some(url.to_owned().into()), ..Settings::default() };
            let told = format!("{:?}", client(&settings).map(|_| ()));
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
