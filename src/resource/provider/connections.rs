use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::sync::{Mutex, OnceCell};

use super::config::{Kubernetes, ProviderConfig};
use crate::resource::{Call, Deferral};
use crate::schema::{Diagnostics, Problem, Report, Value, at};
use crate::{aws, kube};

/// What `main` hands in: how ports are made of settings.
#[derive(Clone, Copy)]
pub struct Adapters {
    /// Makes the AWS ports.
    pub aws: fn(aws::Settings) -> Arc<dyn aws::Aws>,
    /// Makes the cluster's port.
    pub kube: kube::Connect,
}

/// The outcome of asking for a connection.
pub enum Reach<T> {
    /// Here it is; nothing has been dialled by asking.
    Ready(T),
    /// The provider's configuration is not known yet: check offline.
    Unknown,
    /// It cannot be had; the reason has been reported, or the answer put off.
    Failed,
}

impl<T> Reach<T> {
    /// Puts the answer off while the configuration is not known, where the client can deal with that. For the phases
    /// that look something up.
    #[must_use]
    pub fn or_deferred(self, call: &Call) -> Self {
        match self {
            Self::Unknown if call.defer(Deferral::ProviderConfigUnknown) => Self::Failed,
            reach => reach,
        }
    }

    /// The connection, for phases that cannot go on without one.
    pub fn needed(self, what: &str, report: &mut Diagnostics) -> Option<T> {
        match self {
            Self::Ready(connection) => Some(connection),
            Self::Failed => None,
            Self::Unknown => {
                report.refuse(
                    Problem::new(summary!("The connection to {what} is not known"))
                        .why("The provider's configuration still holds unknown values.")
                        .fix("Apply the resources that it depends on first, for example with -target."),
                );
                None
            }
        }
    }
}

/// The connections that the provider block describes, made when first needed and shared by all resources.
pub struct Connections {
    adapters: Adapters,
    session: RwLock<Arc<Session>>,
}

/// One ConfigureProvider.
#[derive(Default)]
struct Session {
    config: ProviderConfig,
    aws: OnceCell<Arc<dyn aws::Aws>>,
    kube: OnceCell<Arc<dyn kube::Cluster>>,
}

impl Session {
    fn aws_settings(&self) -> aws::Settings {
        self.config.aws.as_ref().map(super::config::Aws::settings).unwrap_or_default()
    }
}

impl Connections {
    /// Connections that follow the environment until the provider is configured.
    pub fn new(adapters: Adapters) -> Self {
        Self { adapters, session: RwLock::default() }
    }

    /// Takes over a configuration; what was made for an earlier one is dropped.
    pub(super) fn configure(&self, config: ProviderConfig) {
        let session = Arc::new(Session { config, ..Session::default() });
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = session;
    }

    fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The AWS account.
    pub async fn aws(&self) -> Reach<Arc<dyn aws::Aws>> {
        let session = self.session();
        if session.config.aws_unknown().is_some() {
            return Reach::Unknown;
        }
        Reach::Ready(self.aws_of(&session).await)
    }

    /// AWS, where the provider configuration has an `aws` block or the cluster is one of EKS: only then somebody wants it
    /// to be asked.
    pub async fn aws_if_configured(&self) -> Option<Arc<dyn aws::Aws>> {
        let config = &self.session().config;
        if config.aws.is_null() && !config.uses_eks() {
            return None;
        }
        match self.aws().await {
            Reach::Ready(aws) => Some(aws),
            Reach::Unknown | Reach::Failed => None,
        }
    }

    /// The S3 that AWS' place is taken by, where there is one.
    pub fn s3_endpoint(&self) -> Option<String> {
        self.session().aws_settings().endpoints.s3
    }

    /// The same account seen as a role that a token opens, with nothing of Terraform's own identity.
    pub fn aws_as(&self, role_arn: &str, token: SecretString) -> Arc<dyn aws::Aws> {
        (self.adapters.aws)(self.session().aws_settings().as_web_identity(role_arn, token))
    }

    /// The tags that every resource of AWS gets.
    pub fn default_tags(&self) -> BTreeMap<String, String> {
        let session = self.session();
        let block = session.config.aws.as_ref();
        block.map(|aws| crate::resource::account::tags(&aws.default_tags)).unwrap_or_default()
    }

    async fn aws_of(&self, session: &Session) -> Arc<dyn aws::Aws> {
        let make = async || (self.adapters.aws)(session.aws_settings());
        Arc::clone(session.aws.get_or_init(make).await)
    }

    /// The Kubernetes cluster.
    pub async fn kube(&self, report: &mut Diagnostics) -> Reach<Arc<dyn kube::Cluster>> {
        let session = self.session();
        let config = &session.config;
        if config.kubernetes_unknown().is_some() || (config.uses_eks() && config.aws_unknown().is_some()) {
            return Reach::Unknown;
        }
        let make = async || {
            let block = config.kubernetes.clone().unwrap_or_default();
            let settings = match &block.eks_cluster {
                Value::Value(name) => eks_settings(self.aws_of(&session).await, name, &block).await?,
                _ => block.settings(),
            };
            (self.adapters.kube)(settings).map_err(|error| {
                Problem::new(summary!("The Kubernetes settings are not usable"))
                    .at(at("kubernetes"))
                    .why(format!("{error}."))
            })
        };
        match session.kube.get_or_try_init(make).await {
            Ok(cluster) => Reach::Ready(Arc::clone(cluster)),
            Err(problem) => {
                // The path is one of the provider block, which a resource's diagnostics cannot point into.
                report.refuse(problem.at(crate::schema::AttributePath::root()));
                Reach::Failed
            }
        }
    }
}

impl Connections {
    /// The connection to a cluster as other clients take it, and a name for it: to the EKS cluster of that name, seen
    /// from a region and through a role, or without one to the cluster of the provider block. An EKS token is new.
    pub(in crate::resource) async fn credentials(
        &self,
        call: &Call,
        eks_cluster: Option<&str>,
        region: Option<&str>,
        role_arn: Option<&str>,
        report: &mut Diagnostics,
    ) -> Option<(String, kube::Credentials)> {
        let session = self.session();
        let own = session.config.kubernetes.clone().unwrap_or_default();
        let (name, block) = match (eks_cluster, &own.eks_cluster) {
            (Some(name), Value::Value(own_name)) if name == own_name => (Some(name.to_owned()), own.clone()),
            (Some(name), _) => (Some(name.to_owned()), Kubernetes::default()),
            (None, Value::Value(name)) => (Some(name.clone()), own.clone()),
            (None, _) => (None, own.clone()),
        };
        let Some(name) = name else {
            let cluster = self.kube(report).await.or_deferred(call).needed("Kubernetes", report)?;
            let name = own.config_context.clone().unwrap_or_else(|| "default".to_owned());
            let found = cluster.credentials().await;
            let found = found.map_err(|error| {
                let what = Problem::new(summary!("The credentials of the cluster cannot be had"));
                report.refuse(what.why(format!("{error}; the connection is that of {}.", cluster.origin())));
            });
            return Some((name, found.ok()?));
        };
        // What is unknown of the kubernetes block does not matter where another cluster is named.
        if session.config.aws_unknown().is_some() || (eks_cluster.is_none() && own.eks_cluster.is_unknown()) {
            return Reach::Unknown.or_deferred(call).needed("AWS", report);
        }
        let aws = match (region, role_arn) {
            (None, None) => self.aws_of(&session).await,
            _ => (self.adapters.aws)(session.aws_settings().seen_from(region, role_arn)),
        };
        let found = eks_credentials(self.adapters.kube, aws, &name, &block).await;
        found.map(|found| (name, found)).map_err(|problem| report.refuse(problem)).ok()
    }
}

async fn eks_credentials(
    connect: kube::Connect,
    aws: Arc<dyn aws::Aws>,
    name: &str,
    block: &Kubernetes,
) -> Result<kube::Credentials, Problem> {
    let problem = |why: &dyn std::fmt::Display| {
        Problem::new(summary!("The EKS cluster {name:?} cannot be used")).why(format!("{why}."))
    };
    let settings = eks_settings(Arc::clone(&aws), name, block).await?;
    let token = aws.eks_token(name).await.map_err(|error| problem(&error))?;
    let settings = kube::Settings { token: Some(kube::TokenSource::Static(token.token)), ..settings };
    let cluster = connect(settings).map_err(|error| problem(&error))?;
    let found = cluster.credentials().await.map_err(|error| problem(&error))?;
    Ok(kube::Credentials { expires_at: Some(token.expires_at), ..found })
}

async fn eks_settings(aws: Arc<dyn aws::Aws>, name: &str, block: &Kubernetes) -> Result<kube::Settings, Problem> {
    let problem = |why: String| Problem::new(summary!("The EKS cluster {name:?} cannot be used")).why(why);
    let cluster = aws.describe_cluster(name).await.map_err(|error| problem(format!("{error}.")))?;
    let mut settings = block.settings();
    let (host, ca) = (settings.host.take().or(cluster.endpoint), settings.cluster_ca_certificate.take());
    if host.is_none() {
        return Err(problem(format!("It has no address yet: its status is {}.", cluster.status))
            .fix("Wait until the cluster is ACTIVE, then plan again."));
    }
    let tokens = Arc::new(EksTokens { aws, cluster: name.to_owned(), kept: Mutex::default() });
    Ok(kube::Settings {
        host,
        cluster_ca_certificate: ca.or(cluster.ca_pem),
        token: Some(kube::TokenSource::Dynamic(Arc::new(move || {
            let tokens = Arc::clone(&tokens);
            Box::pin(async move { tokens.get().await })
        }))),
        ..settings
    })
}

/// Makes a new token before the old one ends: an apply may outlive the 15 minutes that EKS gives one.
struct EksTokens {
    aws: Arc<dyn aws::Aws>,
    cluster: String,
    kept: Mutex<Option<aws::EksToken>>,
}

impl EksTokens {
    async fn get(&self) -> Result<SecretString, String> {
        const MARGIN: Duration = Duration::from_secs(60);
        let mut kept = self.kept.lock().await;
        let fresh = |token: &aws::EksToken| token.expires_at > SystemTime::now() + MARGIN;
        if let Some(token) = kept.as_ref().filter(|token| fresh(token)) {
            return Ok(token.token.clone());
        }
        let token = self.aws.eks_token(&self.cluster).await.map_err(|error| error.to_string())?;
        Ok(kept.insert(token).token.clone())
    }
}
