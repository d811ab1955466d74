//! What follows from the options: every name, default and number that more than one part needs.

use super::components::Component;
use super::options::{Credentials, Mode, Options, S3, Storage};
use super::version::{self, Version};

/// Port of Loki's HTTP API.
pub const HTTP_PORT: u16 = 3100;
/// Port of Loki's gRPC services.
pub const GRPC_PORT: u16 = 9095;
/// Port of loki-canary's metrics.
pub const CANARY_PORT: u16 = 3500;
/// Port of the gateway's pods.
pub const GATEWAY_PORT: u16 = 8080;
/// Port of the gateway's pods where users need no password: for the stack's own canary.
pub const GATEWAY_INTERNAL_PORT: u16 = 8081;
/// Port of the gossip between ring members.
pub const MEMBERLIST_PORT: u16 = 7946;

impl Options {
    /// Loki's version; the newest known one while the text is none, which [`super::verify()`] refuses.
    pub fn version(&self) -> Version {
        self.loki_version.parse().unwrap_or(version::NEWEST)
    }

    /// The image reference. A repository gets Loki's version as its tag.
    pub fn image_reference(&self) -> String {
        self.tagged(self.image.as_deref().unwrap_or("docker.io/grafana/loki"))
    }

    /// The image of one of Loki's components.
    pub fn image_of(&self, component: &Component) -> String {
        component.pods.image.as_deref().map_or_else(|| self.image_reference(), |image| self.tagged(image))
    }

    fn tagged(&self, image: &str) -> String {
        let last = image.rsplit('/').next().unwrap_or(image);
        if last.contains(':') || image.contains('@') {
            image.to_owned()
        } else {
            format!("{image}:{}", self.loki_version)
        }
    }

    /// Copies of each stream: the size's; else 3 as soon as there are replicas for it, since that is the least number
    /// of which one may fail; else 1, since 2 copies need both for a quorum.
    pub fn replication_factor(&self) -> u32 {
        let sized = self.preset().map(|size| size.replication_factor).filter(|factor| *factor <= self.ingesters());
        self.replication_factor.or(sized).unwrap_or(if self.ingesters() >= 3 { 3 } else { 1 })
    }

    /// Whether the compactor has anything to delete: the stack's retention, or one of a stream or
    /// of a tenant in the limits.
    pub fn retention_enabled(&self) -> bool {
        let asks = |limits: &super::options::Limits| {
            limits.contains_key("retention_stream") || limits.contains_key("retention_period")
        };
        self.retention.is_some() || asks(&self.limits) || self.overrides.values().any(asks)
    }

    /// 30 s, the community chart's choice, are enough where the write-ahead log outlives the pod.
    /// Where it does not, what is in memory is lost unless it is flushed: 300 s, as for ingesters.
    pub fn termination_grace_period_seconds(&self) -> u32 {
        let derived = if self.persistence.enabled { 30 } else { 300 };
        self.termination_grace_period_seconds.unwrap_or(derived)
    }

    /// Whoever creates it, the pods run as this ServiceAccount.
    pub fn service_account_name(&self) -> &str {
        self.service_account.name.as_deref().unwrap_or(&self.name)
    }

    /// Value of `app.kubernetes.io/instance`.
    pub fn instance(&self) -> &str {
        self.helm_release.as_deref().unwrap_or(&self.name)
    }

    /// Where [`super::config_yaml`] is.
    pub fn config_map_name(&self) -> String {
        format!("{}-config", self.name)
    }

    /// Where the limits by tenant are.
    pub fn runtime_config_map_name(&self) -> String {
        format!("{}-runtime", self.name)
    }

    /// Where the secrets of the store are, if they are the stack's own.
    pub fn storage_secret_name(&self) -> String {
        format!("{}-storage", self.name)
    }

    /// Where the gateway's configuration is, and what it listens as.
    pub fn gateway_name(&self) -> String {
        self.component_service_name("gateway")
    }

    /// Where the gateway's users are, unless they are in a Secret that exists.
    pub fn gateway_users_secret_name(&self) -> Option<String> {
        let gateway = self.gateway.as_ref()?;
        let given = gateway.users_secret.clone();
        given.or_else(|| (!gateway.users.is_empty()).then(|| format!("{}-gateway-users", self.name)))
    }

    /// URL of the gateway, where there is one.
    pub fn gateway_url(&self) -> Option<String> {
        let (scheme, _) = self.gateway.as_ref()?.listens();
        Some(format!("{scheme}://{}", self.service_host(&self.gateway_name())))
    }

    /// Host and port of the one address at which the canary pushes and asks.
    pub fn canary_address(&self) -> String {
        match &self.gateway {
            None => format!("{}:{HTTP_PORT}", self.service_host(&self.query_service_name())),
            Some(_) => format!("{}:{GATEWAY_INTERNAL_PORT}", self.service_host(&self.gateway_internal_name())),
        }
    }

    /// The service of [`GATEWAY_INTERNAL_PORT`].
    pub fn gateway_internal_name(&self) -> String {
        format!("{}-gateway-internal", self.name)
    }

    /// The tenant that the canary is, where Loki has tenants.
    pub fn canary_tenant(&self) -> Option<&str> {
        let canary = self.canary.as_ref().filter(|_| self.auth_enabled)?;
        Some(canary.tenant.as_deref().unwrap_or("loki-canary"))
    }

    /// loki-canary's image reference. A repository gets Loki's version as its tag.
    pub fn canary_image(&self) -> String {
        let image = self.canary.as_ref().and_then(|canary| canary.image.as_deref());
        self.tagged(image.unwrap_or("docker.io/grafana/loki-canary"))
    }

    /// The service that agents push to, and that tells of the ring and the version.
    pub fn push_service_name(&self) -> String {
        match self.mode {
            Mode::Distributed => self.component_service_name("distributor"),
            Mode::SimpleScalable => self.component_service_name("write"),
            Mode::Monolithic => self.name.clone(),
        }
    }

    /// The service that tells of rules.
    pub fn ruler_service_name(&self) -> String {
        match self.mode {
            Mode::Distributed => self.component_service_name("ruler"),
            Mode::SimpleScalable => self.component_service_name("backend"),
            Mode::Monolithic => self.name.clone(),
        }
    }

    /// The service that Grafana talks to.
    pub fn query_service_name(&self) -> String {
        match self.mode {
            Mode::Distributed => self.component_service_name("query-frontend"),
            Mode::SimpleScalable => self.component_service_name("read"),
            Mode::Monolithic => self.name.clone(),
        }
    }

    /// The service through which ring members find each other.
    pub fn memberlist_service_name(&self) -> String {
        format!("{}-memberlist", self.name)
    }

    /// The service of a component, where each has one of its own.
    pub fn component_service_name(&self, component: &str) -> String {
        format!("{}-{component}", self.name)
    }

    /// Where a component's gRPC services are; whichever of its replicas answers.
    pub fn component_grpc_address(&self, component: &str) -> String {
        format!("{}:{GRPC_PORT}", self.service_host(&self.component_service_name(component)))
    }

    /// The same with the addresses of all replicas behind the name.
    pub fn component_headless_grpc_address(&self, component: &str) -> String {
        let service = format!("{}-headless", self.component_service_name(component));
        format!("{}:{GRPC_PORT}", self.service_host(&service))
    }

    /// DNS name of a service of the stack.
    pub fn service_host(&self, service: &str) -> String {
        format!("{service}.{}.svc.{}", self.namespace, self.cluster_domain)
    }
}

impl Storage {
    /// Value of `object_store` in schema periods and of the compactor's `delete_request_store`.
    pub fn object_store(&self) -> &'static str {
        match self {
            Storage::S3(_) => "s3",
            Storage::Gcs(_) => "gcs",
            Storage::Azure(_) => "azure",
            Storage::Filesystem => "filesystem",
        }
    }

    /// The secrets of the store; none where the pods' own identity is enough.
    pub fn credentials(&self) -> Option<&Credentials> {
        match self {
            Storage::S3(s3) => s3.credentials.as_ref(),
            Storage::Gcs(gcs) => gcs.credentials.as_ref(),
            Storage::Azure(azure) => azure.credentials.as_ref(),
            Storage::Filesystem => None,
        }
    }

    /// The bucket, where there is one.
    pub fn s3(&self) -> Option<&S3> {
        match self {
            Storage::S3(s3) => Some(s3),
            Storage::Gcs(_) | Storage::Azure(_) | Storage::Filesystem => None,
        }
    }
}

impl S3 {
    /// Whether Loki speaks plain HTTP: said so, or told by the endpoint's scheme.
    pub fn plain_http(&self) -> bool {
        self.insecure || self.endpoint.as_deref().is_some_and(|url| url.starts_with("http://"))
    }
}

/// How many of `factor` copies may be missing while a quorum of them (dskit's
/// `DefaultReplicationStrategy`: more than half) is still there.
pub fn tolerated_losses(factor: u32) -> u32 {
    factor - (factor / 2 + 1).min(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_gets_a_tag_unless_it_has_one() {
        let image = |text: &str| {
            Options { image: Some(text.into()), loki_version: "3.6.3".into(), ..Options::default() }.image_reference()
        };
        assert_eq!(Options::default().image_reference(), "docker.io/grafana/loki:3.7.8");
        assert_eq!(image("mirror:5000/loki"), "mirror:5000/loki:3.6.3");
        assert_eq!(image("mirror/loki:custom"), "mirror/loki:custom");
        assert_eq!(image("mirror/loki@sha256:00"), "mirror/loki@sha256:00");
    }

    #[test]
    fn replication_factor_follows_the_replicas() {
        let factor = |replicas| Options { replicas: Some(replicas), ..Options::default() }.replication_factor();
        assert_eq!([1, 2, 3, 5].map(factor), [1, 1, 3, 3]);
    }

    #[test]
    fn a_quorum_is_more_than_half() {
        assert_eq!([0, 1, 2, 3, 4, 5].map(tolerated_losses), [0, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn retention_of_a_stream_or_tenant_needs_the_compactor_too() {
        let mut options = Options::default();
        assert!(!options.retention_enabled());
        options.overrides.entry("team".into()).or_default().insert("retention_period".into(), "7d".into());
        assert!(options.retention_enabled());
    }
}
