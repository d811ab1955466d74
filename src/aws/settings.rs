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
    /// `http://endpoint/bucket/key` instead of `http://bucket.endpoint/key`.
    pub use_path_style: bool,
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
}

impl Endpoints {
    fn named(&self) -> [(&'static str, &Option<String>); 4] {
        [
            ("endpoints.s3", &self.s3),
            ("endpoints.iam", &self.iam),
            ("endpoints.sts", &self.sts),
            ("endpoints.eks", &self.eks),
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
