//! Why a connection failed, in words that help.

use std::error::Error as StdError;
use std::io;

/// A request without an answer.
#[derive(Debug)]
pub(super) struct Broken {
    /// A phrase: `connection refused`.
    pub(super) cause: String,
    /// The same request will fail the same way until somebody changes something.
    pub(super) lasting: bool,
    /// The request may have reached the API server.
    pub(super) was_sent: bool,
    /// Waiting for the same again would take long.
    slow: bool,
}

impl Broken {
    fn new(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), lasting: false, was_sent: false, slow: false }
    }

    /// Whether to send the request again now.
    pub(super) fn may_repeat(&self, idempotent: bool) -> bool {
        !self.lasting && !self.slow && (idempotent || !self.was_sent)
    }
}

/// Reads the chain of causes, whose outer links say "client error (Connect)" and the like.
pub(super) fn explain(error: &(dyn StdError + 'static)) -> Broken {
    let chain: Vec<_> = std::iter::successors(Some(error), |error| <dyn StdError>::source(*error)).collect();
    let texts: Vec<String> = chain.iter().map(ToString::to_string).collect();
    let tls = chain.iter().find_map(|error| inside(*error));
    if let Some(tls) = tls {
        return Broken { lasting: true, ..Broken::new(certificate(tls)) };
    }
    if let Some(text) = texts.iter().find(|text| text.contains("failed to lookup address information")) {
        let reason = text.rsplit(": ").next().unwrap_or_default();
        return Broken { slow: true, ..Broken::new(format!("its name cannot be resolved ({reason})")) };
    }
    let kind = chain.iter().find_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
    let connecting = texts.iter().any(|text| text.contains("(Connect)"));
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => Broken::new("connection refused"),
        Some(io::ErrorKind::TimedOut) if connecting => Broken { slow: true, ..Broken::new("no connection within 5 s") },
        Some(io::ErrorKind::TimedOut) => Broken { slow: true, was_sent: true, ..Broken::new("no answer in time") },
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Broken { slow: true, ..Broken::new("no route to it") }
        }
        _ => {
            let root = texts.last().cloned().unwrap_or_default();
            let root = root.split(" (os error").next().unwrap_or_default().to_lowercase();
            Broken { was_sent: !connecting, ..Broken::new(root) }
        }
    }
}

/// rustls' word for it where TLS fails. io::Error keeps what it wraps inside, not as its source, and is wrapped again by
/// each layer of the connector.
fn inside<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    match error.downcast_ref::<io::Error>() {
        Some(wrapper) => inside(wrapper.get_ref()?),
        None => error.downcast_ref(),
    }
}

fn certificate(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => {
            "its certificate is signed by an unknown authority (set cluster_ca_certificate)".into()
        }
        rustls::Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => {
            "its certificate has expired".into()
        }
        rustls::Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            "its certificate is for another name (set tls_server_name)".into()
        }
        rustls::Error::InvalidMessage(_) => "it does not speak TLS (is it http://?)".into(),
        other => other.to_string(),
    }
}
