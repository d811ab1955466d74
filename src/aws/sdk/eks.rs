//! EKS: clusters, and tokens for their API servers.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::{Credentials, provider::ProvideCredentials};
use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use url::Url;

use super::{Sdk, Session, operations};
use crate::aws::{
    Addon, Cluster, Clusters, EKS_TOKEN_LIFETIME, EksToken, Error, Kind, PodAccount, PodIdentity, Result, Service,
};

/// aws-iam-authenticator refuses tokens whose URL says more than 15 minutes, and signs 60 s itself (pkg/token).
const URL_LIFETIME: Duration = Duration::from_secs(60);

#[async_trait::async_trait]
impl Clusters for Sdk {
    async fn describe_cluster(&self, name: &str) -> Result<Cluster> {
        let operation = operations::DESCRIBE_CLUSTER;
        let session = self.session(operation).await?;
        let answer = session
            .eks
            .describe_cluster()
            .name(name)
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        let other = |detail: String| Error::new(operation, Kind::Other(detail));
        let cluster = answer.cluster.ok_or_else(|| other(format!("EKS answers nothing about cluster {name:?}")))?;
        let ca_pem = cluster
            .certificate_authority
            .and_then(|authority| authority.data)
            .map(|data| {
                let pem = BASE64_STANDARD.decode(data.trim()).ok();
                pem.and_then(|pem| String::from_utf8(pem).ok())
                    .ok_or_else(|| other(format!("The CA certificate of cluster {name:?} is no base64 of PEM")))
            })
            .transpose()?;
        Ok(Cluster {
            name: name.to_owned(),
            arn: cluster.arn.unwrap_or_default(),
            endpoint: cluster.endpoint,
            ca_pem,
            oidc_issuer: cluster.identity.and_then(|identity| identity.oidc).and_then(|oidc| oidc.issuer),
            version: cluster.version.unwrap_or_default(),
            status: cluster.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        })
    }

    async fn addons(&self, cluster: &str) -> Result<Vec<Addon>> {
        self.session(operations::LIST_ADDONS).await?.addons(cluster).await
    }

    async fn pod_identity(&self, account: &PodAccount) -> Result<Option<PodIdentity>> {
        self.session(operations::LIST_POD_IDENTITIES).await?.pod_identity(account).await
    }

    async fn create_pod_identity(
        &self,
        account: &PodAccount,
        role_arn: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<PodIdentity> {
        self.session(operations::CREATE_POD_IDENTITY).await?.create_pod_identity(account, role_arn, tags).await
    }

    async fn delete_pod_identity(&self, cluster: &str, id: &str) -> Result<()> {
        self.session(operations::DELETE_POD_IDENTITY).await?.delete_pod_identity(cluster, id).await
    }

    async fn eks_token(&self, cluster: &str) -> Result<EksToken> {
        let operation = operations::EKS_TOKEN;
        let session = self.session(operation).await?;
        let credentials = session
            .credentials
            .provide_credentials()
            .await
            .map_err(|error| session.credentials_failure(operation, &error))?;
        let now = SystemTime::now();
        let other = |detail: String| Error::new(operation, Kind::Other(detail));
        let endpoint = session.sts_endpoint().await.map_err(other)?;
        let url = presign(&endpoint, &session.region, cluster, &credentials, now).map_err(other)?;
        let token = format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(url.as_str()));
        let end = now + EKS_TOKEN_LIFETIME;
        Ok(EksToken { token: token.into(), expires_at: credentials.expiry().map_or(end, |expiry| expiry.min(end)) })
    }
}

impl Session {
    /// The STS endpoint as the SDK resolves it: by region, partition, FIPS and dual stack.
    async fn sts_endpoint(&self) -> std::result::Result<Url, String> {
        let params = Params::builder()
            .region(self.region.clone())
            .set_use_fips(self.config.use_fips())
            .set_use_dual_stack(self.config.use_dual_stack())
            .set_endpoint(self.endpoint(Service::Sts))
            .build()
            .map_err(|error| error.to_string())?;
        let resolver = DefaultResolver::new();
        let endpoint = resolver.resolve_endpoint(&params).await.map_err(|error| error.to_string())?;
        Url::parse(endpoint.url()).map_err(|error| format!("The STS endpoint {:?} is no URL: {error}", endpoint.url()))
    }
}

/// A GET of GetCallerIdentity, signed in its query for one cluster: the API server sends it to STS to learn who we are.
fn presign(
    endpoint: &Url,
    region: &str,
    cluster: &str,
    credentials: &Credentials,
    now: SystemTime,
) -> std::result::Result<Url, String> {
    let mut url = endpoint.clone();
    url.query_pairs_mut().append_pair("Action", "GetCallerIdentity").append_pair("Version", "2011-06-15");

    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(URL_LIFETIME);
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let request =
        SignableRequest::new("GET", url.as_str(), std::iter::once(("x-k8s-aws-id", cluster)), SignableBody::Bytes(&[]))
            .map_err(|error| error.to_string())?;
    let (instructions, _) = sign(request, &params).map_err(|error| error.to_string())?.into_parts();
    let (_, signed) = instructions.into_parts();
    url.query_pairs_mut().extend_pairs(signed);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::UNIX_EPOCH};

    use super::*;

    fn query(cluster: &str) -> HashMap<String, String> {
        let credentials = Credentials::new("AKID", "secret", Some("session/token+".into()), None, "test");
        let endpoint = Url::parse("https://sts.eu-west-1.amazonaws.com").unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let url = presign(&endpoint, "eu-west-1", cluster, &credentials, at).unwrap();
        assert!(
            url.as_str()
                .starts_with("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&")
        );
        url.query_pairs().into_owned().collect()
    }

    #[test]
    fn the_token_url_is_bound_to_cluster_and_minute() {
        let query = query("prod");
        assert_eq!(query["X-Amz-Expires"], "60");
        assert_eq!(query["X-Amz-SignedHeaders"], "host;x-k8s-aws-id");
        assert_eq!(query["X-Amz-Date"], "20231114T221320Z");
        assert_eq!(query["X-Amz-Credential"], "AKID/20231114/eu-west-1/sts/aws4_request");
        assert_eq!(query["X-Amz-Security-Token"], "session/token+");
        assert_ne!(query["X-Amz-Signature"], self::query("stage")["X-Amz-Signature"]);
    }
}
