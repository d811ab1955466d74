//! One error for all of AWS: which operation failed, why, and whether to try again.

use std::fmt;

/// What the ports answer.
pub type Result<T> = std::result::Result<T, Error>;

/// The services that this provider talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Simple Storage Service.
    S3,
    /// Identity and Access Management.
    Iam,
    /// Security Token Service.
    Sts,
    /// Elastic Kubernetes Service.
    Eks,
    /// Key Management Service.
    Kms,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::S3 => "S3",
            Service::Iam => "IAM",
            Service::Sts => "STS",
            Service::Eks => "EKS",
            Service::Kms => "KMS",
        })
    }
}

/// An API operation and the IAM action that allows it; the two names differ often in S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who answers it.
    pub service: Service,
    /// As AWS' API reference calls it.
    pub name: &'static str,
    /// As an IAM policy spells it, like `s3:ListBucket` for `HeadBucket`.
    pub action: &'static str,
}

/// A failed AWS operation. Its text is one sentence, followed by the operation and AWS' request id where there is one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}{}", self.origin())]
pub struct Error {
    /// What was attempted.
    pub operation: Operation,
    /// Why it failed.
    pub kind: Kind,
    /// What AWS support asks for.
    pub request_id: Option<String>,
}

/// Why an operation failed. A text inside is AWS' own, or the cause further down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Kind {
    /// No source of credentials had any; holds the sources that were tried.
    #[error(
        "No AWS credentials were found (tried {0}): set profile or access_key and secret_key in the provider's aws block, or AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
    )]
    NoCredentials(String),
    /// A source of credentials is set up, and fails.
    #[error("The AWS credentials could not be loaded: {0}")]
    BadCredentialSource(String),
    /// The session is over.
    #[error("The AWS credentials have expired: log in again (aws sso login) or renew the session token")]
    Expired,
    /// AWS does not know the key, or the signature is wrong.
    #[error("AWS does not accept the credentials: {0}")]
    CredentialsRefused(String),
    /// Known, and not allowed.
    #[error("AWS denies {action}: {detail}")]
    AccessDenied {
        /// The IAM action that is missing.
        action: String,
        /// AWS' reason.
        detail: String,
    },
    /// The thing asked for does not exist.
    #[error("AWS has no such thing: {0}")]
    NotFound(String),
    /// The name is taken, by this account.
    #[error("It exists already: {0}")]
    AlreadyExists(String),
    /// The name is taken, by another account.
    #[error("It exists already and belongs to another AWS account: {0}")]
    OwnedByOther(String),
    /// It cannot go because something hangs on it or lies in it.
    #[error("It is still in use: {0}")]
    InUse(String),
    /// Two changes at the same time.
    #[error("Another change of the same thing is under way: {0}")]
    Conflict(String),
    /// The request breaks a rule of AWS.
    #[error("AWS refuses the request as invalid: {0}")]
    InvalidInput(String),
    /// A quota.
    #[error("A limit of the AWS account is reached: {0}")]
    LimitExceeded(String),
    /// Too many requests.
    #[error("AWS throttles the requests of this account; the same request succeeds later")]
    Throttled,
    /// HTTP 5xx.
    #[error("AWS failed on its side: {0}")]
    ServiceFailure(String),
    /// No answer.
    #[error("{endpoint} cannot be reached: {detail}")]
    Unreachable {
        /// The service, and the URL or region where it was looked for.
        endpoint: String,
        /// What the connection said.
        detail: String,
    },
    /// The identity is of an account that the settings keep out.
    #[error("The credentials are of the AWS account {account}, and the provider's aws block {rule}")]
    WrongAccount {
        /// Twelve digits.
        account: String,
        /// What the settings say.
        rule: String,
    },
    /// Nothing names a region.
    #[error(
        "No AWS region is known: set region in the provider's aws block, AWS_REGION in the environment, or region in the profile"
    )]
    NoRegion,
    /// The caller stopped it.
    #[error("Stopped before it was done")]
    Cancelled,
    /// What fits none of these.
    #[error("{0}")]
    Other(String),
}

impl Error {
    pub(super) fn new(operation: Operation, kind: Kind) -> Self {
        Self { operation, kind, request_id: None }
    }

    /// That something which was created is not shown.
    pub fn missing(what: String) -> Self {
        let operation = Operation { service: Service::Iam, name: "GetRole", action: "iam:GetRole" };
        Self::new(operation, Kind::NotFound(what))
    }

    /// ` (S3 HeadBucket, request ABC)`; nothing where no request was to blame.
    fn origin(&self) -> String {
        if matches!(self.kind, Kind::NoCredentials(_) | Kind::NoRegion | Kind::Cancelled) {
            return String::new();
        }
        let request = self.request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
        format!(" ({} {}{request})", self.operation.service, self.operation.name)
    }

    /// Whether the same request may succeed if it is sent again a little later. The SDK has then tried three times.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::ServiceFailure(_) | Kind::Unreachable { .. } | Kind::Conflict(_))
    }

    /// Whether nobody could be identified: credentials missing, unusable, expired or refused.
    pub fn is_about_credentials(&self) -> bool {
        matches!(
            self.kind,
            Kind::NoCredentials(_)
                | Kind::BadCredentialSource(_)
                | Kind::Expired
                | Kind::CredentialsRefused(_)
                | Kind::WrongAccount { .. }
        )
    }

    /// Whether a permission is missing.
    pub fn is_access_denied(&self) -> bool {
        matches!(self.kind, Kind::AccessDenied { .. })
    }

    /// Whether the thing asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind, Kind::NotFound(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_operation_and_request() {
        let mut error = Error::new(
            Operation { service: Service::S3, name: "HeadBucket", action: "s3:ListBucket" },
            Kind::Throttled,
        );
        assert!(error.to_string().ends_with("(S3 HeadBucket)"), "{error}");
        error.request_id = Some("ABC".into());
        assert!(error.to_string().ends_with("(S3 HeadBucket, request ABC)"));
        assert!(error.is_retryable());
        error.kind = Kind::NoRegion;
        assert!(error.to_string().ends_with("or region in the profile"), "{error}");
    }
}
