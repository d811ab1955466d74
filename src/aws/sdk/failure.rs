//! From the SDK's errors to ours.

use std::error::Error as StdError;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{Session, operations};
use crate::aws::{Error, Kind, Operation, Service};

impl Session {
    pub(super) fn failure<E>(&self, operation: Operation, error: &SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        failure(operation, error, &|service| self.spoken_endpoint(service))
    }

    /// For credentials asked for outside of an operation.
    pub(super) fn credentials_failure(&self, operation: Operation, error: &CredentialsError) -> Error {
        credentials(operation, error, &|service| self.spoken_endpoint(service))
            .unwrap_or_else(|| Error::new(operation, bad_source(error)))
    }

    fn spoken_endpoint(&self, service: Service) -> String {
        match self.endpoint(service) {
            Some(url) => format!("{service} at {url}"),
            None => format!("AWS {service} in {}", self.region),
        }
    }
}

/// Names the endpoint of a service for a human.
type Endpoint<'a> = &'a dyn Fn(Service) -> String;

fn failure<E>(operation: Operation, error: &SdkError<E>, endpoint: Endpoint) -> Error
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let unreachable = |detail: String| {
        let endpoint = endpoint(operation.service);
        Error::new(operation, Kind::Unreachable { endpoint, detail })
    };
    match error {
        SdkError::ServiceError(_) => answered(operation, error),
        SdkError::ResponseError(_) => {
            let request_id = error.raw_response().and_then(request_id);
            let kind = Kind::Other(format!("The answer makes no sense: {}", chain(error)));
            Error { operation, kind, request_id }
        }
        SdkError::TimeoutError(_) => unreachable("it does not answer in time".into()),
        _ => match credentials(operation, error, endpoint) {
            Some(error) => error,
            None => match error {
                SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                    unreachable("no connection within 5 s".into())
                }
                SdkError::DispatchFailure(failure) if failure.is_io() => unreachable(root_cause(error)),
                _ => Error::new(operation, Kind::Other(chain(error))),
            },
        },
    }
}

/// The service has answered, with an error.
fn answered<E>(operation: Operation, error: &SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let response = error.raw_response();
    let status = response.map_or(0, |response| response.status().as_u16());
    Error {
        operation,
        kind: kind(operation, status, error.code().unwrap_or_default(), error.message().unwrap_or_default()),
        request_id: response.and_then(request_id),
    }
}

fn request_id(response: &HttpResponse) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .find_map(|header| response.headers().get(*header))
        .map(str::to_owned)
}

/// By AWS' error code, and by the HTTP status where there is none (HEAD has no body).
fn kind(operation: Operation, status: u16, code: &str, message: &str) -> Kind {
    let said = message.trim().trim_end_matches('.');
    let detail = match (said, code) {
        ("", "") => format!("HTTP status {status}"),
        ("", code) => code.to_owned(),
        (said, _) => said.to_owned(),
    };
    let denied = || Kind::AccessDenied {
        action: denied_action(said).unwrap_or(operation.action).to_owned(),
        detail: detail.clone(),
    };
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Kind::Expired,
        "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException"
        | "InvalidToken"
        | "AuthFailure"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidIdentityToken"
        | "IDPRejectedClaim"
        | "RequestTimeTooSkewed" => Kind::CredentialsRefused(detail),
        "AccessDenied" | "AccessDeniedException" | "AllAccessDisabled" | "NotSignedUp" => denied(),
        "BucketAlreadyOwnedByYou" | "EntityAlreadyExists" | "AlreadyExistsException" | "ResourceInUseException" => {
            Kind::AlreadyExists(detail)
        }
        "BucketAlreadyExists" => Kind::OwnedByOther(detail),
        "BucketNotEmpty" | "DeleteConflict" => Kind::InUse(detail),
        // KMS says so of a key whose state is just changing.
        "OperationAborted" | "ConcurrentModification" | "KMSInvalidStateException" => Kind::Conflict(detail),
        "Throttling" | "ThrottlingException" | "SlowDown" | "TooManyRequestsException" | "RequestLimitExceeded" => {
            Kind::Throttled
        }
        // KMS answers it with the status of a wrong request.
        "NotFoundException" => Kind::NotFound(detail),
        "LimitExceeded" | "LimitExceededException" | "TooManyBuckets" => Kind::LimitExceeded(detail),
        _ => match status {
            401 => Kind::CredentialsRefused(detail),
            // Every identity may ask who it is.
            403 if operation == operations::CALLER => Kind::CredentialsRefused(detail),
            403 => denied(),
            404 => Kind::NotFound(detail),
            429 => Kind::Throttled,
            400 => Kind::InvalidInput(detail),
            500..=599 => Kind::ServiceFailure(detail),
            _ => Kind::Other(detail),
        },
    }
}

/// The action in "User: … is not authorized to perform: iam:GetRole on resource: …".
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    rest.split_whitespace().next()
}

/// An error on the way to credentials, wherever it hides below `error`.
fn credentials(operation: Operation, error: &(dyn StdError + 'static), endpoint: Endpoint) -> Option<Error> {
    let lacking = links(error).find_map(|link| link.downcast_ref::<CredentialsError>())?;

    if let CredentialsError::CredentialsNotLoaded(_) = lacking {
        let attempts = links(error)
            .find_map(|link| link.downcast_ref::<ProviderChainError<CredentialsError>>())
            .map(ProviderChainError::attempts);
        let kind = match attempts {
            Some(attempts) => Kind::NoCredentials(
                attempts.iter().map(|attempt| spoken(attempt.name())).collect::<Vec<_>>().join(", "),
            ),
            None => bad_source(lacking),
        };
        return Some(Error::new(operation, kind));
    }
    // A role to assume on the way: its own failure says more.
    for link in links(lacking) {
        if let Some(inner) = link.downcast_ref::<SdkError<AssumeRoleError>>() {
            return Some(failure(operations::ASSUME_ROLE, inner, endpoint));
        }
        if let Some(inner) = link.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError>>() {
            return Some(failure(operations::ASSUME_WEB_IDENTITY, inner, endpoint));
        }
    }
    Some(Error::new(operation, bad_source(lacking)))
}

fn bad_source(error: &CredentialsError) -> Kind {
    let detail = chain(error);
    if detail.to_ascii_lowercase().contains("expired") { Kind::Expired } else { Kind::BadCredentialSource(detail) }
}

/// The SDK's names of its credential sources in a user's words.
fn spoken(source: &str) -> &str {
    match source {
        "Environment" => "environment variables",
        "Profile" => "shared configuration files",
        "WebIdentityToken" => "web identity",
        "EcsContainer" => "container credentials",
        "Ec2InstanceMetadata" => "instance metadata",
        other => other,
    }
}

/// The error and its sources, outermost first.
fn links<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn root_cause(error: &(dyn StdError + 'static)) -> String {
    links(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Every link's text once, outermost first.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for link in links(error) {
        let text = link.to_string();
        if !texts.iter().any(|said| said.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_become_kinds() {
        let of = |status, code| kind(operations::HEAD_BUCKET, status, code, "");
        assert_eq!(of(400, "ExpiredToken"), Kind::Expired);
        assert_eq!(of(503, "SlowDown"), Kind::Throttled);
        assert!(matches!(of(404, ""), Kind::NotFound(_)));
        assert!(matches!(of(404, "NoSuchEntity"), Kind::NotFound(_)));
        assert!(matches!(of(409, "BucketAlreadyExists"), Kind::OwnedByOther(_)));
        assert!(matches!(of(409, "BucketAlreadyOwnedByYou"), Kind::AlreadyExists(_)));
        assert!(matches!(of(409, "DeleteConflict"), Kind::InUse(_)));
        assert!(matches!(of(400, "MalformedPolicyDocument"), Kind::InvalidInput(_)));
        assert!(matches!(of(500, "InternalError"), Kind::ServiceFailure(_)));
        assert!(matches!(of(403, "InvalidClientTokenId"), Kind::CredentialsRefused(_)));
    }

    #[test]
    fn a_denial_names_the_action() {
        let denied = kind(operations::HEAD_BUCKET, 403, "", "");
        assert_eq!(denied, Kind::AccessDenied { action: "s3:ListBucket".into(), detail: "HTTP status 403".into() });
        let message = "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: y.";
        let Kind::AccessDenied { action, detail } = kind(operations::CREATE_ROLE, 403, "AccessDenied", message) else {
            panic!("not denied");
        };
        assert_eq!(action, "iam:PassRole");
        assert!(detail.ends_with("resource: y"));
    }

    #[test]
    fn credential_errors_are_found_below_others() {
        let endpoint = |_: Service| String::new();
        let error: SdkError<AssumeRoleError> =
            SdkError::construction_failure(CredentialsError::invalid_configuration("profile `prod` was not defined"));
        let error = failure(operations::CALLER, &error, &endpoint);
        assert!(error.is_about_credentials());
        assert!(error.to_string().contains("profile `prod` was not defined"), "{error}");

        let expired: SdkError<AssumeRoleError> =
            SdkError::construction_failure(CredentialsError::provider_error("the SSO token has expired"));
        assert_eq!(failure(operations::CALLER, &expired, &endpoint).kind, Kind::Expired);

        let nested: SdkError<AssumeRoleError> = SdkError::timeout_error("late");
        let outer: SdkError<AssumeRoleError> = SdkError::construction_failure(CredentialsError::provider_error(nested));
        let error = failure(operations::CALLER, &outer, &|service| format!("{service}!"));
        assert_eq!(error.operation, operations::ASSUME_ROLE);
        assert!(matches!(error.kind, Kind::Unreachable { endpoint, .. } if endpoint == "STS!"));
    }
}
