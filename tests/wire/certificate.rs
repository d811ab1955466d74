//! The client's end of TLS, as go-plugin has it: a self-signed CA with an ECDSA P-521 key, used as a leaf.

use std::sync::Arc;

use base64::Engine;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P521_SHA512};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme, SupportedProtocolVersion};

pub struct Client {
    pub pem: String,
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Client {
    pub fn new() -> Self {
        let key = key();
        let certificate = params().self_signed(&key).unwrap();
        Self { pem: certificate.pem(), certificate: certificate.der().clone(), key: key.serialize_der() }
    }

    /// Valid for a day, long ago.
    pub fn expired() -> Self {
        let key = key();
        let mut params = params();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 2);
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), certificate: certificate.der().clone(), key: key.serialize_der() }
    }

    /// Another certificate, signed by this one, which is a CA.
    pub fn issue(&self) -> Self {
        let issuer = Issuer::new(params(), KeyPair::try_from(self.key.as_slice()).unwrap());
        let key = key();
        let certificate = params().signed_by(&key, &issuer).unwrap();
        Self { pem: certificate.pem(), certificate: certificate.der().clone(), key: key.serialize_der() }
    }

    /// This certificate with another key: what somebody can show who has read it but does not hold its key.
    pub fn without_its_key(&self) -> Self {
        Self { pem: self.pem.clone(), certificate: self.certificate.clone(), key: key().serialize_der() }
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap()
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// Shows a certificate without checking that the key is its own.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Trusts the handshake line's certificate alone; shows the client's certificate, if there is one.
pub fn config(server: &str, client: Option<&Client>) -> Arc<ClientConfig> {
    config_for(server, client, rustls::DEFAULT_VERSIONS)
}

/// The same, for these versions of TLS.
pub fn config_for(
    server: &str,
    client: Option<&Client>,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let server = base64::engine::general_purpose::STANDARD_NO_PAD.decode(server).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(server)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match client {
        Some(client) => {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(client.key.clone()));
            let key = provider.key_provider.load_private_key(key).unwrap();
            let shown = CertifiedKey::new(vec![client.certificate.clone()], key);
            builder.with_client_cert_resolver(Arc::new(Shown(Arc::new(shown))))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}
