//! Certificates and keys: PEM in the settings, base64 of PEM or files in a kubeconfig, DER in the client.

use ::kube::config::Cluster;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::Error;

const BEGIN: &str = "-----BEGIN ";

/// PEM as a kubeconfig embeds it. Takes base64 of PEM as well, because that is how EKS and kubeconfigs hand it out, and
/// a forgotten `base64decode()` is not worth a failed plan.
pub(super) fn to_base64(attribute: &str, value: &str) -> Result<String, Error> {
    if value.contains(BEGIN) {
        return Ok(STANDARD.encode(value));
    }
    let compact: String = value.split_whitespace().collect();
    let decoded = STANDARD.decode(&compact).unwrap_or_default();
    if String::from_utf8_lossy(&decoded).contains(BEGIN) {
        return Ok(compact);
    }
    Err(Error::Config(format!("{attribute} must be PEM, a text that starts with -----BEGIN")))
}

/// The certificates that the API server's must chain to, as DER; `None` leaves it to the system's.
pub(super) fn bundle(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, String> {
    let pem = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
        (Some(data), _) => {
            STANDARD.decode(data.trim()).map_err(|_| "certificate-authority-data is not base64".to_owned())?
        }
        (None, Some(path)) => std::fs::read(path).map_err(|cause| format!("{path}: {cause}"))?,
        (None, None) => return Ok(None),
    };
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(&pem).map(|der| der.map(|der| der.to_vec())).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(Some(certificates)),
        Ok(_) => Err("the cluster's CA holds no PEM certificate".into()),
        Err(cause) => Err(format!("the cluster's CA is not valid PEM: {cause}")),
    }
}
