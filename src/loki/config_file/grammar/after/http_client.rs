//! HTTP clients of prometheus/common (config/http_config.go): 0.49 in Loki 3.0 and 3.1, 0.55 to 0.65 until 3.6, 0.67
//! in 3.7.

use super::super::super::value::Value;
use super::super::quote::{lower, quote};
use super::Members;

/// TLSConfig.Validate.
pub(super) fn tls(config: Members<'_>, minor: u32) -> Option<String> {
    let text = if config.count(&["ca", "ca_file", "ca_ref"]) > 1 {
        if minor >= 2 {
            "at most one of ca, ca_file & ca_ref must be configured"
        } else {
            "at most one of ca and ca_file must be configured"
        }
    } else if config.count(&["cert", "cert_file", "cert_ref"]) > 1 {
        if minor >= 2 {
            "at most one of cert, cert_file & cert_ref must be configured"
        } else {
            "at most one of cert and cert_file must be configured"
        }
    } else if config.count(&["key", "key_file", "key_ref"]) > 1 {
        "at most one of key and key_file must be configured"
    } else {
        let certificate = config.count(&["cert", "cert_file", "cert_ref"]) > 0;
        let key = config.count(&["key", "key_file", "key_ref"]) > 0;
        match (certificate, key) {
            (true, false) => {
                "exactly one of key or key_file must be configured when a client certificate is configured"
            }
            (false, true) => "exactly one of cert or cert_file must be configured when a client key is configured",
            _ => return None,
        }
    };
    Some(text.into())
}

/// ProxyConfig.Validate.
pub(super) fn proxy(config: Members<'_>) -> Option<String> {
    let url = !config.text("proxy_url").is_empty();
    let environment = config.is_true("proxy_from_environment");
    let excluded = !config.text("no_proxy").is_empty();
    let headers = config.nested("proxy_connect_header").is_some_and(|headers| !headers.0.is_empty());
    let text = if headers && !environment && !url {
        "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured"
    } else if environment && url {
        "if proxy_from_environment is configured, proxy_url must not be configured"
    } else if environment && excluded {
        "if proxy_from_environment is configured, no_proxy must not be configured"
    } else if !config.has("proxy_url") && excluded {
        "if no_proxy is configured, proxy_url must also be configured"
    } else {
        return None;
    };
    Some(text.into())
}

/// HTTPClientConfig.Validate.
pub(super) fn client(config: Members<'_>, minor: u32) -> Option<String> {
    let (basic, oauth2) = (config.nested("basic_auth"), config.nested("oauth2"));
    let tokens = config.count(&["bearer_token", "bearer_token_file"]);
    if tokens > 1 {
        return Some("at most one of bearer_token & bearer_token_file must be configured".into());
    }
    if (basic.is_some() || oauth2.is_some()) && tokens > 0 {
        return Some("at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured".into());
    }
    for what in ["username", "password"] {
        let (file, reference) = (format!("{what}_file"), format!("{what}_ref"));
        if basic.is_some_and(|basic| basic.count(&[what, &file, &reference]) > 1) {
            let choices = if minor >= 2 { format!("{what}, {file} & {reference}") } else { format!("{what} & {file}") };
            return Some(format!("at most one of basic_auth {choices} must be configured"));
        }
    }
    if let Some(authorization) = config.nested("authorization") {
        if tokens > 0 {
            return Some("authorization is not compatible with bearer_token & bearer_token_file".into());
        }
        if authorization.count(&["credentials", "credentials_file", "credentials_ref"]) > 1 {
            return Some("at most one of authorization credentials & credentials_file must be configured".into());
        }
        if lower(authorization.text("type").trim()) == "basic" {
            return Some(r#"authorization type cannot be set to "basic", use "basic_auth" instead"#.into());
        }
    }
    let several = [basic.is_some(), oauth2.is_some(), config.has("authorization")];
    if several.into_iter().filter(|set| *set).count() > 1 {
        return Some("at most one of basic_auth, oauth2 & authorization must be configured".into());
    }
    let nested = oauth2.and_then(|oauth2| oauth(oauth2, minor)).or_else(|| proxy(config));
    nested.or_else(|| headers(config, minor))
}

fn oauth(oauth2: Members<'_>, minor: u32) -> Option<String> {
    const JWT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let certificate = ["client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"];
    let text = if oauth2.text("client_id").is_empty() {
        "oauth2 client_id must be configured"
    } else if oauth2.text("token_url").is_empty() {
        "oauth2 token_url must be configured"
    } else if minor >= 7 && oauth2.text("grant_type") == JWT {
        if oauth2.count(&certificate) > 1 {
            "at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref \
             must be configured using grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer"
        } else if !matches!(oauth2.text("signature_algorithm"), "" | "RS256" | "RS384" | "RS512") {
            "valid signature algorithms are RS256, RS384 and RS512"
        } else {
            return None;
        }
    } else if oauth2.count(&["client_secret", "client_secret_file", "client_secret_ref"]) > 1 {
        match minor {
            0..=1 => "at most one of oauth2 client_secret & client_secret_file must be configured",
            2..=6 => "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured",
            _ => {
                "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using \
                 grant-type=client_credentials"
            }
        }
    } else {
        return None;
    };
    Some(text.into())
}

/// headers.go, ReservedHeaders, in their canonical form.
const RESERVED: [&str; 18] = [
    "Authorization",
    "Host",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "User-Agent",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Www-Authenticate",
    "Accept-Encoding",
    "X-Prometheus-Remote-Write-Version",
    "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
];

/// Headers.Validate; in Go, the first of several is any of them.
fn headers(config: Members<'_>, minor: u32) -> Option<String> {
    let headers = config.get("http_headers").and_then(Value::members).filter(|_| minor >= 2)?;
    let names = headers.keys().map(|name| canonical(name));
    let mut refused = names.filter(|name| RESERVED.contains(&name.as_str()));
    refused.next().map(|name| format!("setting header {} is not allowed", quote(&name)))
}

/// http.CanonicalHeaderKey. What is no token stays as it is.
fn canonical(name: &str) -> String {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(token) {
        return name.to_owned();
    }
    let mut first = true;
    let case = |char: char| {
        let cased = if first { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() };
        first = char == '-';
        cased
    };
    name.chars().map(case).collect()
}
