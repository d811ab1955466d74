//! The adapter: every port on the AWS SDK for Rust.

mod credentials;
mod eks;
mod eks_pods;
mod empty;
mod failure;
mod http;
mod iam;
mod iam_simulate;
mod kms;
mod operations;
mod s3;
mod s3_lifecycle;
mod s3_optional;
mod s3_settings;
mod s3_usage;
mod sts;
mod web_identity;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, SdkConfig, identity::IdentityCache, meta::region::RegionProviderChain,
    profile::ProfileFileRegionProvider, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{origin::Origin, service_config::ServiceConfigKey};
use tokio::sync::OnceCell;

use super::{Aws, Caller, Error, Identity, Kind, Operation, Result, Service, Settings};

/// Until a connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// One attempt, from connecting to the last byte of the answer; deleting 1000 versions takes seconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// All attempts of an operation with the pauses between them.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(90);
/// The metadata service answers within milliseconds or is not there; nobody shall wait for it.
const IMDS_TIMEOUT: Duration = Duration::from_secs(1);
/// Assuming several roles in a row takes several round trips.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(30);

/// The AWS ports for these settings. Nothing is read or dialled before the first operation.
pub fn connect(settings: Settings) -> Arc<dyn Aws> {
    Arc::new(Sdk { settings, session: OnceCell::new(), caller: OnceCell::new() })
}

#[derive(Debug)]
struct Sdk {
    settings: Settings,
    session: OnceCell<Session>,
    caller: OnceCell<Caller>,
}

/// The settings, resolved.
#[derive(Debug)]
struct Session {
    settings: Settings,
    config: SdkConfig,
    credentials: SharedCredentialsProvider,
    region: String,
    iam: aws_sdk_iam::Client,
    sts: aws_sdk_sts::Client,
    eks: aws_sdk_eks::Client,
    /// One client per region that a bucket was looked for in.
    s3: Mutex<HashMap<String, aws_sdk_s3::Client>>,
    s3_http: SharedHttpClient,
    kms_http: SharedHttpClient,
}

impl Sdk {
    /// The session, opened on first use: reads environment and shared configuration files.
    async fn session(&self, operation: Operation) -> Result<&Session> {
        let session = self.opened(operation).await?;
        let Settings { allowed_account_ids: allowed, forbidden_account_ids: forbidden, .. } = &self.settings;
        // Before anything else is asked of an account that the user wants nothing from.
        if !(allowed.is_empty() && forbidden.is_empty()) && operation != operations::REGION {
            let account = Identity::caller(self).await?.account;
            let rule = if forbidden.contains(&account) {
                Some("forbids it (forbidden_account_ids)".to_owned())
            } else if !allowed.is_empty() && !allowed.contains(&account) {
                Some(format!("allows {} alone (allowed_account_ids)", allowed.join(", ")))
            } else {
                None
            };
            if let Some(rule) = rule {
                return Err(Error::new(operation, Kind::WrongAccount { account, rule }));
            }
        }
        Ok(session)
    }

    /// The same, whatever the account is.
    async fn opened(&self, operation: Operation) -> Result<&Session> {
        self.session.get_or_try_init(|| Session::open(&self.settings)).await.map_err(|kind| Error::new(operation, kind))
    }
}

impl Session {
    async fn open(settings: &Settings) -> std::result::Result<Self, Kind> {
        let imds = aws_config::imds::Client::builder()
            .connect_timeout(IMDS_TIMEOUT)
            .read_timeout(IMDS_TIMEOUT)
            .max_attempts(1)
            .build();
        let region = region(settings, imds.clone()).await.ok_or(Kind::NoRegion)?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();

        let client = http::client(settings)?;
        let mut retries = if settings.adaptive_retries { RetryConfig::adaptive() } else { RetryConfig::standard() };
        if let Some(max_retries) = settings.max_retries {
            retries = retries.with_max_attempts(max_retries.saturating_add(1));
        }
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .http_client(client.clone())
            .timeout_config(timeouts)
            .retry_config(retries)
            .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build())
            .no_credentials();
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(files) = profile_files(settings) {
            loader = loader.profile_files(files);
        }
        if let Some(dualstack) = settings.use_dualstack_endpoint {
            loader = loader.use_dual_stack(dualstack);
        }
        if let Some(fips) = settings.use_fips_endpoint {
            loader = loader.use_fips(fips);
        }
        let config = loader.load().await;

        let sts_endpoint = endpoint(settings, &config, Service::Sts);
        let sts_config = with_endpoint(&config, sts_endpoint.clone());
        let source = match &settings.web_identity {
            Some(role) => SharedCredentialsProvider::new(web_identity::WebIdentity::new(role, &sts_config)),
            None => credentials::source(settings, &config, imds).await,
        };
        let credentials = credentials::assume_roles(settings, &sts_config, source).await;
        let config = config.into_builder().credentials_provider(credentials.clone()).build();

        let mut iam = aws_sdk_iam::config::Builder::from(&config);
        iam.set_http_client(Some(http::limited(&client, Service::Iam)));
        iam.set_endpoint_url(endpoint(settings, &config, Service::Iam));
        let mut sts = aws_sdk_sts::config::Builder::from(&config);
        sts.set_http_client(Some(http::limited(&client, Service::Sts)));
        sts.set_endpoint_url(sts_endpoint);
        let mut eks = aws_sdk_eks::config::Builder::from(&config);
        eks.set_http_client(Some(http::limited(&client, Service::Eks)));
        eks.set_endpoint_url(endpoint(settings, &config, Service::Eks));
        Ok(Self {
            settings: settings.clone(),
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            eks: aws_sdk_eks::Client::from_conf(eks.build()),
            s3: Mutex::default(),
            s3_http: http::limited(&client, Service::S3),
            kms_http: http::limited(&client, Service::Kms),
            region: region.to_string(),
            credentials,
            config,
        })
    }

    fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let mut clients = self.s3.lock().unwrap_or_else(PoisonError::into_inner);
        clients
            .entry(region.to_owned())
            .or_insert_with(|| {
                let mut config = aws_sdk_s3::config::Builder::from(&self.config)
                    .region(aws_sdk_s3::config::Region::new(region.to_owned()))
                    .force_path_style(self.settings.use_path_style);
                config.set_http_client(Some(self.s3_http.clone()));
                config.set_endpoint_url(self.endpoint(Service::S3));
                aws_sdk_s3::Client::from_conf(config.build())
            })
            .clone()
    }

    /// The endpoint that replaces AWS' own, if any.
    fn endpoint(&self, service: Service) -> Option<String> {
        endpoint(&self.settings, &self.config, service)
    }
}

async fn region(settings: &Settings, imds: aws_config::imds::Client) -> Option<aws_config::Region> {
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    if let Some(files) = profile_files(settings) {
        profile = profile.profile_files(files);
    }
    RegionProviderChain::first_try(settings.region.clone().map(aws_config::Region::new))
        .or_else(aws_config::environment::EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .or_else(aws_config::imds::region::ImdsRegionProvider::builder().imds_client(imds).build())
        .region()
        .await
}

/// The shared files that the settings name; those that they do not name are where they always are.
fn profile_files(settings: &Settings) -> Option<EnvConfigFiles> {
    let (config, credentials) = (&settings.shared_config_files, &settings.shared_credentials_files);
    if config.is_empty() && credentials.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder();
    for (kind, paths) in [(EnvConfigFileKind::Config, config), (EnvConfigFileKind::Credentials, credentials)] {
        for path in paths {
            files = files.with_file(kind, path);
        }
    }
    Some(
        files
            .include_default_config_file(config.is_empty())
            .include_default_credentials_file(credentials.is_empty())
            .build(),
    )
}

/// Settings first, then what environment and profile say about the service, then about all services.
fn endpoint(settings: &Settings, config: &SdkConfig, service: Service) -> Option<String> {
    let (explicit, id) = match service {
        Service::S3 => (&settings.endpoints.s3, "S3"),
        Service::Iam => (&settings.endpoints.iam, "IAM"),
        Service::Sts => (&settings.endpoints.sts, "STS"),
        Service::Eks => (&settings.endpoints.eks, "EKS"),
        Service::Kms => (&settings.endpoints.kms, "KMS"),
    };
    let configured = || {
        let key =
            ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
        config.service_config()?.load_config(key)
    };
    explicit.clone().or_else(configured).or_else(|| config.endpoint_url().map(str::to_owned))
}

/// `config` for clients that the SDK builds itself: the endpoint counts as set in code, which beats the environment.
fn with_endpoint(config: &SdkConfig, endpoint: Option<String>) -> SdkConfig {
    let mut config = config.to_builder();
    if endpoint.is_some() {
        config.insert_origin("endpoint_url", Origin::shared_config());
    }
    config.set_endpoint_url(endpoint);
    config.build()
}
