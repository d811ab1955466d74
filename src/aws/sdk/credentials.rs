//! Where credentials come from: explicit keys, a named profile, or the SDK's default chain; then the roles to assume.

use std::time::{Duration, SystemTime};

use aws_config::{
    BehaviorVersion, SdkConfig, default_provider::credentials::DefaultCredentialsChain,
    environment::EnvironmentVariableCredentialsProvider, imds, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, sts::AssumeRoleProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, future},
};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use crate::aws::{AssumeRole, Settings};

/// Shows up in CloudTrail.
pub(super) const SESSION_NAME: &str = "terraform-provider-loki";
/// Credentials this close to their end are renewed rather than used.
const MARGIN: Duration = Duration::from_secs(60);

/// The credentials to start from. An explicit profile keeps the environment's keys out.
pub(super) async fn source(settings: &Settings, config: &SdkConfig, imds: imds::Client) -> SharedCredentialsProvider {
    if let (Some(access_key), Some(secret_key)) = (&settings.access_key, &settings.secret_key) {
        let token = settings.token.as_ref().map(ExposeSecret::expose_secret);
        return SharedCredentialsProvider::new(Credentials::new(
            access_key,
            secret_key.expose_secret(),
            token.map(str::to_owned),
            None,
            "provider configuration",
        ));
    }
    let mut provider_config = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(timeouts) = config.timeout_config() {
        provider_config = provider_config.with_timeout_config(timeouts.clone());
    }
    if let Some(client) = config.http_client() {
        provider_config = provider_config.with_http_client(client);
    }
    let files = super::profile_files(settings);
    match &settings.profile {
        Some(profile) => {
            let mut provider =
                ProfileFileCredentialsProvider::builder().configure(&provider_config).profile_name(profile);
            if let Some(files) = files {
                provider = provider.profile_files(files);
            }
            SharedCredentialsProvider::new(provider.build())
        }
        None => match files {
            // Only the loader of a whole configuration hands other files to the default chain.
            Some(files) => {
                let mut loader = aws_config::defaults(BehaviorVersion::latest()).profile_files(files);
                loader = loader.region(config.region().cloned());
                if let Some(client) = config.http_client() {
                    loader = loader.http_client(client);
                }
                let found = loader.load().await.credentials_provider();
                found.unwrap_or_else(|| SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
            }
            None => SharedCredentialsProvider::new(
                DefaultCredentialsChain::builder()
                    .imds_client(imds)
                    .region(config.region().cloned())
                    .configure(provider_config)
                    .build()
                    .await,
            ),
        },
    }
}

/// Wraps `source` in the roles to assume, one after the other. `config` says where STS is.
pub(super) async fn assume_roles(
    settings: &Settings,
    config: &SdkConfig,
    source: SharedCredentialsProvider,
) -> SharedCredentialsProvider {
    let mut credentials = source;
    for role in &settings.assume_role {
        credentials = SharedCredentialsProvider::new(assume(role, config, credentials).await);
    }
    SharedCredentialsProvider::new(Remembered { source: credentials, last: Mutex::default() })
}

async fn assume(role: &AssumeRole, config: &SdkConfig, source: SharedCredentialsProvider) -> AssumeRoleProvider {
    let session_name = role.session_name.as_deref().unwrap_or(SESSION_NAME);
    let mut provider = AssumeRoleProvider::builder(&role.role_arn).session_name(session_name).configure(config);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id.expose_secret());
    }
    if let Some(duration) = role.duration {
        provider = provider.session_length(duration);
    }
    if let Some(policy) = &role.policy {
        provider = provider.policy(policy);
    }
    provider.build_from_provider(source).await
}

/// Hands out the same credentials until shortly before they end, so that the clients of all services and the EKS
/// token share one sign-in.
#[derive(Debug)]
struct Remembered {
    source: SharedCredentialsProvider,
    last: Mutex<Option<Credentials>>,
}

impl Remembered {
    async fn credentials(&self) -> provider::Result {
        let mut last = self.last.lock().await;
        if let Some(credentials) = last.as_ref()
            && credentials.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN)
        {
            return Ok(credentials.clone());
        }
        let credentials = self.source.provide_credentials().await?;
        *last = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for Remembered {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
