//! What a user may say about the AWS account to work in.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// The provider's `aws` block. A field that is `None` falls back to the environment and the shared configuration
/// files, as the AWS SDKs read them (`AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, web identity, container and
/// instance credentials, `AWS_ENDPOINT_URL_S3`).
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// As `eu-west-1`.
    pub region: Option<String>,
    /// A named profile; credentials in the environment are then left alone.
    pub profile: Option<String>,
    /// Static credentials: the id of the key.
    pub access_key: Option<String>,
    /// Static credentials: the key.
    pub secret_key: Option<SecretString>,
    /// The session token of temporary credentials.
    pub token: Option<SecretString>,
    /// Roles to assume one after the other, each with the credentials of the one before it.
    pub assume_role: Vec<AssumeRole>,
    /// Where the services answer, other than at AWS.
    pub endpoints: Endpoints,
    /// Signs in with somebody else's token before any role is assumed.
    pub web_identity: Option<AssumeRoleWithWebIdentity>,
    /// `http://endpoint/bucket/key` instead of `http://bucket.endpoint/key`.
    pub use_path_style: bool,
    /// Shared configuration files, instead of the usual one.
    pub shared_config_files: Vec<String>,
    /// Shared credentials files, instead of the usual one.
    pub shared_credentials_files: Vec<String>,
    /// Endpoints that answer over IPv6 as well; `None` for what environment and profile say.
    pub use_dualstack_endpoint: Option<bool>,
    /// Endpoints with FIPS 140 cryptography; `None` for what environment and profile say.
    pub use_fips_endpoint: Option<bool>,
    /// Path of a PEM file of certificate authorities to trust besides the system's.
    pub custom_ca_bundle: Option<String>,
    /// The proxy of all requests, `http://user:password@host:port`; `None` for what the environment says.
    pub proxy_url: Option<SecretString>,
    /// Hosts that are reached without the proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// How often a request is repeated; the SDK's own measure when `None`.
    pub max_retries: Option<u32>,
    /// Whether the rate of requests follows what AWS lets through.
    pub adaptive_retries: bool,
    /// The accounts to work in; empty for any.
    pub allowed_account_ids: Vec<String>,
    /// The accounts never to work in.
    pub forbidden_account_ids: Vec<String>,
}

/// One `sts:AssumeRole` step.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// As `arn:aws:iam::123456789012:role/name`.
    pub role_arn: String,
    /// Shows up in CloudTrail; `terraform-provider-loki` when `None`.
    pub session_name: Option<String>,
    /// The secret that the role's owner may ask for.
    pub external_id: Option<SecretString>,
    /// 15 minutes up to the role's own maximum; one hour when `None`.
    pub duration: Option<Duration>,
    /// A session policy (JSON) that narrows what the role may do.
    pub policy: Option<String>,
}

/// `sts:AssumeRoleWithWebIdentity`.
#[derive(Clone, Debug)]
pub struct AssumeRoleWithWebIdentity {
    /// As `arn:aws:iam::123456789012:role/name`.
    pub role_arn: String,
    /// The token.
    pub token: WebIdentityToken,
    /// Shows up in CloudTrail; `terraform-provider-loki` when `None`.
    pub session_name: Option<String>,
    /// 15 minutes up to the role's own maximum; one hour when `None`.
    pub duration: Option<Duration>,
    /// A session policy (JSON) that narrows what the role may do.
    pub policy: Option<String>,
}

/// A web identity token, or where it is.
#[derive(Clone, Debug)]
pub enum WebIdentityToken {
    /// Itself.
    Given(SecretString),
    /// Path of the file that holds it.
    File(String),
}

/// Endpoint URLs that replace AWS' own.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// For S3.
    pub s3: Option<String>,
    /// For IAM.
    pub iam: Option<String>,
    /// For STS. Credentials of the environment's web identity and of profiles only follow `AWS_ENDPOINT_URL_STS`.
    pub sts: Option<String>,
    /// For EKS.
    pub eks: Option<String>,
    /// For KMS.
    pub kms: Option<String>,
}

impl Endpoints {
    fn named(&self) -> [(&'static str, &Option<String>); 5] {
        [
            ("endpoints.s3", &self.s3),
            ("endpoints.iam", &self.iam),
            ("endpoints.sts", &self.sts),
            ("endpoints.eks", &self.eks),
            ("endpoints.kms", &self.kms),
        ]
    }
}

impl Settings {
    /// The same settings for another region, and with one more role to assume.
    #[must_use]
    pub fn seen_from(mut self, region: Option<&str>, role_arn: Option<&str>) -> Self {
        self.region = region.map(str::to_owned).or(self.region);
        self.assume_role
            .extend(role_arn.map(|role_arn| AssumeRole { role_arn: role_arn.to_owned(), ..AssumeRole::default() }));
        self
    }

    /// The same services, as a role that a token opens.
    #[must_use]
    pub fn as_web_identity(self, role_arn: &str, token: SecretString) -> Self {
        let web_identity = AssumeRoleWithWebIdentity {
            role_arn: role_arn.to_owned(),
            token: WebIdentityToken::Given(token),
            session_name: None,
            duration: None,
            policy: None,
        };
        Self {
            web_identity: Some(web_identity),
            profile: None,
            access_key: None,
            secret_key: None,
            token: None,
            assume_role: Vec::new(),
            ..self
        }
    }

    /// What is wrong with these settings, found without any network: the field's path below the `aws` block (as in
    /// `assume_role.0.duration`) and one sentence each.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut say = |path: &str, text: String| found.push((path.to_owned(), text));

        let empty = |secret: &Option<SecretString>| secret.as_ref().is_none_or(|s| s.expose_secret().is_empty());
        match (&self.access_key, empty(&self.secret_key)) {
            (Some(_), true) => say(
                "secret_key",
                "An access key needs its secret key: set secret_key as well, or neither of the two.".into(),
            ),
            (None, false) => say(
                "access_key",
                "A secret key needs its access key: set access_key as well, or neither of the two.".into(),
            ),
            _ => {}
        }
        if self.access_key.is_none() && !empty(&self.token) {
            say("token", "A session token belongs to an access key: set access_key and secret_key as well.".into());
        }
        if self.access_key.is_some() && self.profile.is_some() {
            say(
                "profile",
                "Set either profile or access_key and secret_key: with both it is unclear whose credentials are meant."
                    .into(),
            );
        }
        if self.web_identity.is_some() && (self.access_key.is_some() || self.profile.is_some()) {
            say(
                "assume_role_with_web_identity",
                "Set either the token of a web identity, or a profile or keys: with both it is unclear whose credentials \
                 are meant."
                    .into(),
            );
        }
        if let Some(web) = &self.web_identity {
            let role = AssumeRole {
                role_arn: web.role_arn.clone(),
                session_name: web.session_name.clone(),
                external_id: None,
                duration: web.duration,
                policy: web.policy.clone(),
            };
            for (field, text) in role.problems() {
                say(&format!("assume_role_with_web_identity.{field}"), text);
            }
        }
        let accounts = [
            ("allowed_account_ids", &self.allowed_account_ids),
            ("forbidden_account_ids", &self.forbidden_account_ids),
        ];
        for (path, ids) in accounts {
            for id in ids.iter().filter(|id| id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit())) {
                say(path, format!("{id:?} is no account id: it has twelve digits, and is written in quotes."));
            }
        }
        if !self.allowed_account_ids.is_empty() && !self.forbidden_account_ids.is_empty() {
            say("forbidden_account_ids", "Set either allowed_account_ids or forbidden_account_ids, not both.".into());
        }
        if let Some(url) = &self.proxy_url
            && !url::Url::parse(url.expose_secret())
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        {
            say("proxy_url", "It is no http or https URL; write it like \"http://proxy.example:3128\".".into());
        }
        for (path, endpoint) in self.endpoints.named() {
            if let Some(text) = endpoint.as_deref().and_then(endpoint_problem) {
                say(path, text);
            }
        }
        for (index, role) in self.assume_role.iter().enumerate() {
            for (field, text) in role.problems() {
                say(&format!("assume_role.{index}.{field}"), text);
            }
        }
        found
    }
}

impl AssumeRole {
    /// Limits of `sts:AssumeRole`: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        if let Err(text) = crate::iam::arn::role_name(&self.role_arn) {
            found.push(("role_arn", text));
        }
        if let Some(name) = &self.session_name {
            let fits = (2..=64).contains(&name.len())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
            if !fits {
                found.push((
                    "session_name",
                    "A session name has 2 to 64 letters, digits or any of _+=,.@- (rule of sts:AssumeRole).".into(),
                ));
            }
        }
        if let Some(duration) = self.duration
            && !(900..=43_200).contains(&duration.as_secs())
        {
            found.push((
                "duration",
                "A session lasts 15 minutes (15m) to 12 hours (12h) (rule of sts:AssumeRole).".into(),
            ));
        }
        if let Some(policy) = &self.policy
            && let Err(error) = crate::iam::PolicyDocument::parse(policy)
        {
            found.push(("policy", error));
        }
        found
    }
}

fn endpoint_problem(endpoint: &str) -> Option<String> {
    let fits = url::Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!fits).then(|| format!("{endpoint:?} is no http or https URL; write it like \"http://127.0.0.1:5000\"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(settings: &Settings) -> Vec<String> {
        settings.problems().into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_key_needs_its_other_half() {
        let mut settings = Settings { access_key: Some("AKIAEXAMPLE".into()), ..Settings::default() };
        assert_eq!(paths(&settings), ["secret_key"]);
        settings.secret_key = Some("secret".into());
        assert!(paths(&settings).is_empty());
        settings.profile = Some("prod".into());
        assert_eq!(paths(&settings), ["profile"]);
        let lone = Settings { token: Some("t".into()), secret_key: Some("s".into()), ..Settings::default() };
        assert_eq!(paths(&lone), ["access_key", "token"]);
    }

    #[test]
    fn roles_and_endpoints_are_checked_offline() {
        let settings = Settings {
            endpoints: Endpoints {
                s3: Some("127.0.0.1:5000".into()),
                sts: Some("http://127.0.0.1:5000".into()),
                ..Endpoints::default()
            },
            assume_role: vec![
                AssumeRole { role_arn: "arn:aws:iam::123456789012:role/deploy".into(), ..AssumeRole::default() },
                AssumeRole {
                    role_arn: "deploy".into(),
                    session_name: Some("a b".into()),
                    duration: Some(Duration::from_secs(60)),
                    policy: Some("{".into()),
                    ..AssumeRole::default()
                },
            ],
            ..Settings::default()
        };
        assert_eq!(
            paths(&settings),
            [
                "endpoints.s3",
                "assume_role.1.role_arn",
                "assume_role.1.session_name",
                "assume_role.1.duration",
                "assume_role.1.policy"
            ]
        );
    }

    #[test]
    fn secrets_do_not_show() {
        let settings =
            Settings { secret_key: Some("hunter2".into()), token: Some("hunter2".into()), ..Settings::default() };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
