//! Credentials for a token of somebody else's: `sts:AssumeRoleWithWebIdentity` with all that it takes.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, error::CredentialsError, future},
};
use secrecy::ExposeSecret;

use crate::aws::{AssumeRoleWithWebIdentity, WebIdentityToken};

/// Signs in with the token, which is read anew each time: files of tokens are renewed while the provider runs.
pub(super) struct WebIdentity {
    role: AssumeRoleWithWebIdentity,
    sts: aws_sdk_sts::Client,
}

impl std::fmt::Debug for WebIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebIdentity").field("role_arn", &self.role.role_arn).finish_non_exhaustive()
    }
}

impl WebIdentity {
    /// `config` says where STS is; it needs no credentials.
    pub(super) fn new(role: &AssumeRoleWithWebIdentity, config: &SdkConfig) -> Self {
        Self { role: role.clone(), sts: aws_sdk_sts::Client::new(config) }
    }

    async fn credentials(&self) -> provider::Result {
        let token = match &self.role.token {
            WebIdentityToken::Given(token) => token.expose_secret().to_owned(),
            WebIdentityToken::File(path) => tokio::fs::read_to_string(path).await.map_err(|error| {
                CredentialsError::invalid_configuration(format!(
                    "the web identity token {path:?} cannot be read: {error}"
                ))
            })?,
        };
        let session_name = self.role.session_name.as_deref().unwrap_or(super::credentials::SESSION_NAME);
        let request = self.sts.assume_role_with_web_identity().web_identity_token(token.trim());
        let answer = request
            .role_arn(&self.role.role_arn)
            .role_session_name(session_name)
            .set_policy(self.role.policy.clone())
            .set_duration_seconds(self.role.duration.and_then(|it| i32::try_from(it.as_secs()).ok()))
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let missing = || CredentialsError::unhandled("STS answers without credentials");
        let given = answer.credentials.ok_or_else(missing)?;
        let expiry = SystemTime::try_from(given.expiration).map_err(CredentialsError::unhandled)?;
        let token = Some(given.session_token);
        Ok(Credentials::new(given.access_key_id, given.secret_access_key, token, Some(expiry), "web identity"))
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
