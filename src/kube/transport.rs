//! Requests on their way: credentials, time limits, repetition, and what a failure means.

use std::time::Duration;

use ::kube::Client;
use ::kube::client::Body;
use http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::broken::{self, Broken};
use super::exec::{Credential, Plugin};
use super::source::{Bearer, Source};
use super::status::{Subject, refusal};
use super::{Credentials, Error};

/// For TCP and TLS together. A black-holed address costs a plan this much, once.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Covers admission webhooks, which may take 10 s each and up to 30 s together.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Pauses between attempts; their number bounds the attempts.
pub(super) const PAUSES: &[Duration] =
    &[Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// A longer `Retry-After` is not obeyed: the caller has a deadline of its own.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// An API server's largest object is 1.5 MiB (etcd's limit); a page of 500 of our kinds is far below this.
const LARGEST_ANSWER: usize = 32 << 20;

/// One request and how it may be sent.
pub(super) struct Call {
    pub(super) request: http::Request<Vec<u8>>,
    pub(super) subject: Subject,
    /// For one attempt.
    pub(super) timeout: Duration,
    /// Whether sending it twice does no more than sending it once.
    pub(super) idempotent: bool,
    /// Pauses before it is sent again.
    pub(super) pauses: &'static [Duration],
    /// Largest body to read.
    pub(super) limit: usize,
}

impl Call {
    /// An idempotent request with the usual limits.
    pub(super) fn new(action: &'static str, object: String, request: http::Request<Vec<u8>>) -> Self {
        let subject = Subject { action, object };
        Self { request, subject, timeout: REQUEST_TIMEOUT, idempotent: true, pauses: PAUSES, limit: LARGEST_ANSWER }
    }

    fn too_late(&self) -> Error {
        Error::Timeout { what: format!("no answer to {}", self.subject.what()), after: self.timeout }
    }

    /// Whether the answer asks for patience. A 429 comes before anything is done; the others may have had an effect.
    fn asks_again(&self, answer: &Answer) -> bool {
        match answer.status {
            429 => true,
            502..=504 => self.idempotent,
            500 => {
                self.idempotent && refusal(500, &answer.body, &self.subject).is_some_and(|error| error.is_retryable())
            }
            _ => false,
        }
    }
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// Whether an attempt before this one may have been carried out.
    pub(super) repeated: bool,
    retry_after: Option<Duration>,
}

/// A client with its credentials.
pub(super) struct Transport {
    client: Client,
    bearer: Option<Bearer>,
    config: ::kube::Config,
    /// The plugin's credential, with its own client where it is a certificate.
    session: Mutex<Option<(Credential, Client)>>,
    pub(super) url: String,
    pub(super) origin: String,
}

impl Transport {
    /// Builds the client; nothing is dialled and no plugin is run.
    pub(super) fn new(source: Source) -> Result<Self, Error> {
        let Source { mut config, bearer, origin } = source;
        // The provider repeats requests itself: kube's 15 repetitions with pauses of up to 1000 s ignore cancellation.
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        let client = client(config.clone()).map_err(|cause| Error::Config(format!("{origin}: {cause}")))?;
        Ok(Self::with_client(client, config, bearer, origin))
    }

    /// A transport over any client, for tests of request shapes.
    pub(super) fn with_client(client: Client, config: ::kube::Config, bearer: Option<Bearer>, origin: String) -> Self {
        let url = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        Self { client, bearer, config, session: Mutex::new(None), url, origin }
    }

    /// Sends until there is an answer other than "try again", and returns it whatever its status code.
    pub(super) async fn exchange(&self, call: &Call) -> Result<Answer, Error> {
        let mut repeated = false;
        let mut renewed = false;
        let mut pauses = call.pauses.iter().copied();
        loop {
            let outcome = self.attempt(call).await?;
            let (again, hint, ambiguous) = match &outcome {
                // A plugin's token may have been revoked before its time.
                Ok(answer) if answer.status == 401 && !renewed && self.forget_credential().await => {
                    renewed = true;
                    continue;
                }
                Ok(answer) => (call.asks_again(answer), answer.retry_after, answer.status != 429),
                Err(broken) => (broken.may_repeat(call.idempotent), None, broken.was_sent),
            };
            match pauses.next() {
                Some(pause) if again => {
                    tracing::debug!(request = call.subject.what(), "the API server could not answer, trying again");
                    tokio::time::sleep(hint.unwrap_or(pause).min(LONGEST_PAUSE)).await;
                    repeated |= ambiguous;
                }
                _ => {
                    return match outcome {
                        Ok(answer) => Ok(Answer { repeated, ..answer }),
                        Err(broken) => Err(self.unreachable(broken)),
                    };
                }
            }
        }
    }

    /// As [`Self::exchange`], with a refusal as an error.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Error> {
        let answer = self.exchange(call).await?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.refused(&answer, &call.subject)) }
    }

    /// Opens a stream (a watch). Once; the caller resumes.
    pub(super) async fn open(&self, call: &Call) -> Result<Body, Error> {
        let (client, token) = self.authenticated().await?;
        let opened = tokio::time::timeout(call.timeout, dispatch(client, token, &call.request)).await;
        let response = opened.map_err(|_| call.too_late())?.map_err(|broken| self.unreachable(broken))?;
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        let answer = read(response, call).await?.map_err(|broken| self.unreachable(broken))?;
        Err(self.refused(&answer, &call.subject))
    }

    /// The error for an answer that is not 2xx.
    pub(super) fn refused(&self, answer: &Answer, subject: &Subject) -> Error {
        refusal(answer.status, &answer.body, subject)
            .unwrap_or_else(|| Error::Unauthorized { url: self.url.clone(), origin: self.origin.clone() })
    }

    /// One attempt. The inner error may be worth another.
    async fn attempt(&self, call: &Call) -> Result<Result<Answer, Broken>, Error> {
        // Not part of the request's time: a plugin may have to ask somebody far away.
        let (client, token) = self.authenticated().await?;
        let exchange = async {
            match dispatch(client, token, &call.request).await {
                Ok(response) => read(response, call).await,
                Err(broken) => Ok(Err(broken)),
            }
        };
        tokio::time::timeout(call.timeout, exchange).await.unwrap_or_else(|_| Err(call.too_late()))
    }

    /// The client to use now, and the header to add.
    async fn authenticated(&self) -> Result<(Client, Option<HeaderValue>), Error> {
        let unavailable = |cause: String| Error::Credentials { url: self.url.clone(), cause };
        match &self.bearer {
            None => Ok((self.client.clone(), None)),
            Some(Bearer::Token(source)) => {
                let token = tokio::time::timeout(REQUEST_TIMEOUT, source()).await;
                let token = token.map_err(|_| unavailable("there was no token within 30 s".into()))?;
                let header = token.and_then(|token| bearer(&token)).map_err(unavailable)?;
                Ok((self.client.clone(), Some(header)))
            }
            Some(Bearer::Exec(plugin)) => {
                let mut session = self.session.lock().await;
                let (credential, client) = match &*session {
                    Some(kept) if kept.0.is_fresh() => kept.clone(),
                    _ => session.insert(self.log_in(plugin).await.map_err(unavailable)?).clone(),
                };
                let header = credential.token.as_ref().map(bearer).transpose().map_err(unavailable)?;
                Ok((client, header))
            }
        }
    }

    /// See [`super::Cluster::credentials`].
    pub(super) async fn credentials(&self) -> Result<Credentials, Error> {
        let unavailable = |cause: String| Error::Credentials { url: self.url.clone(), cause };
        let mut credentials = Credentials::of(&self.config)?;
        match &self.bearer {
            None => {}
            Some(Bearer::Token(source)) => {
                let token = tokio::time::timeout(REQUEST_TIMEOUT, source()).await;
                let token = token.map_err(|_| unavailable("there was no token within 30 s".into()))?;
                credentials.token = Some(token.map_err(unavailable)?);
            }
            Some(Bearer::Exec(plugin)) => {
                let credential = plugin.run().await.map_err(unavailable)?;
                credentials.token = credential.token.clone();
                credentials.expires_at = credential.expires_at();
                if let Some((certificate, key)) = credential.identity {
                    credentials.client_certificate = Some(certificate);
                    credentials.client_key = Some(key);
                }
            }
        }
        Ok(credentials)
    }

    async fn log_in(&self, plugin: &Plugin) -> Result<(Credential, Client), String> {
        let credential = plugin.run().await?;
        let Some((certificate, key)) = &credential.identity else {
            return Ok((credential, self.client.clone()));
        };
        let mut config = self.config.clone();
        let encode = |attribute, pem: &str| super::pem::to_base64(attribute, pem).map_err(|cause| cause.to_string());
        config.auth_info.client_certificate_data = Some(encode("the plugin's client certificate", certificate)?);
        config.auth_info.client_key_data = Some(encode("the plugin's client key", key.expose_secret())?.into());
        let client = client(config)?;
        Ok((credential, client))
    }

    /// Whether there was a plugin's credential to forget.
    async fn forget_credential(&self) -> bool {
        self.session.lock().await.take().is_some()
    }

    fn unreachable(&self, broken: Broken) -> Error {
        Error::Unreachable { url: self.url.clone(), cause: broken.cause, retryable: !broken.lasting }
    }
}

/// kube's words without the URL of a proxy, which may hold a password.
fn client(config: ::kube::Config) -> Result<Client, String> {
    // kube installs the default itself as long as its `aws-lc-rs` feature is on; said here so that the process has one
    // provider whatever is linked in, and in tests as well. An error means that there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::try_from(config).map_err(|cause| match cause {
        ::kube::Error::ProxyProtocolUnsupported { .. } | ::kube::Error::ProxyProtocolDisabled { .. } => {
            "proxy_url has a scheme that is not supported".into()
        }
        ::kube::Error::RustlsTls(cause) => format!("client certificate or CA: {cause}"),
        other => other.to_string(),
    })
}

fn bearer(token: &SecretString) -> Result<HeaderValue, String> {
    let header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret().trim()));
    let mut header = header.map_err(|_| "the token holds characters that cannot be sent".to_owned())?;
    header.set_sensitive(true);
    Ok(header)
}

async fn dispatch(
    client: Client,
    token: Option<HeaderValue>,
    request: &http::Request<Vec<u8>>,
) -> Result<http::Response<Body>, Broken> {
    let mut request = request.clone().map(Body::from);
    if let Some(token) = token {
        request.headers_mut().insert(AUTHORIZATION, token);
    }
    client.send(request).await.map_err(|cause| broken::explain(&cause))
}

/// The outer error is an answer that must not be read to its end.
async fn read(response: http::Response<Body>, call: &Call) -> Result<Result<Answer, Broken>, Error> {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let status = response.status().as_u16();
    match Limited::new(response.into_body(), call.limit).collect().await {
        Ok(body) => Ok(Ok(Answer {
            status,
            body: body.to_bytes().to_vec(),
            repeated: false,
            retry_after: seconds.map(Duration::from_secs),
        })),
        Err(cause) if cause.is::<LengthLimitError>() => Err(Error::Decode {
            what: call.subject.what(),
            cause: format!("it is larger than {} KiB", call.limit >> 10),
        }),
        Err(cause) => Ok(Err(broken::explain(&*cause))),
    }
}

#[cfg(test)]
mod tests;
