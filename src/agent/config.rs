//! The configuration files of an agent, in its own language.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::merge::{self, Trouble};
use super::options::{Auth, Options};
use super::{alloy, fluent_bit, otel, promtail, vector};

/// Where the configuration is in the pod.
pub const CONFIG: &str = "/etc/agent";
/// Where secrets are in the pod.
pub const CREDENTIALS: &str = "/etc/agent-credentials";
/// Where the agent notes how far it has read, which outlives the pod.
pub const DATA: &str = "/var/lib/agent";
/// Where Alloy finds what a Promtail of the same name has noted.
pub const PROMTAIL_DATA: &str = "/var/lib/agent-promtail";
/// The files of all pods' containers, below the folder that the kubelet keeps
/// (<https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node>).
pub const POD_LOGS: &str = "/var/log/pods";
/// File of the certificates that are trusted.
pub const CA_FILE: &str = "ca.crt";
/// File of the agent's own certificate.
pub const CERTIFICATE_FILE: &str = "tls.crt";

/// Texts by file name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files {
    /// What each node's agent is configured by.
    pub nodes: String,
    /// What the one pod is configured by that reads Kubernetes' events; none where they are not read.
    pub events: Option<String>,
}

/// The files that the options ask for.
///
/// # Errors
/// When the further configuration cannot be put in: it is no YAML where the kind's language is YAML, or has the wrong
/// shape.
pub fn files(options: &Options) -> Result<Files, Trouble> {
    let extra = options.extra_config.as_deref();
    let events = options.events.is_some();
    let merged = |rendered, appended: &[&str]| merge::yaml(rendered, extra, appended);
    Ok(match options.kind {
        Kind::Alloy => {
            Files { nodes: merge::text(alloy::nodes(options), extra), events: events.then(|| alloy::events(options)) }
        }
        Kind::Promtail => {
            Files { nodes: merged(promtail::config(options), &["clients", "scrape_configs"])?, events: None }
        }
        Kind::OtelCollector => Files {
            nodes: merged(otel::nodes(options), &["service.extensions"])?,
            events: events.then(|| merge::dump(&otel::events(options))),
        },
        Kind::Vector => Files { nodes: merged(vector::config(options), &[])?, events: None },
        Kind::FluentBit => Files {
            nodes: merged(
                fluent_bit::nodes(options),
                &["parsers", "multiline_parsers", "pipeline.inputs", "pipeline.filters", "pipeline.outputs"],
            )?,
            events: events.then(|| merge::dump(&fluent_bit::events(options))),
        },
    })
}

/// The file that a secret is in.
pub fn credential(of: &str) -> String {
    format!("{CREDENTIALS}/{of}")
}

/// The secrets that the agent reads, by the file's name.
pub fn secrets(options: &Options) -> BTreeMap<&'static str, &super::options::Secret> {
    let mut found = BTreeMap::new();
    match &options.auth {
        Auth::None => {}
        Auth::Basic { password, .. } => drop(found.insert("password", password)),
        Auth::Bearer(token) => drop(found.insert("token", token)),
    }
    if let Some(key) = &options.tls.key {
        found.insert("tls.key", key);
    }
    found
}

/// The URL's parts: scheme, host, port, path with a slash.
pub fn url(text: &str) -> Option<(&str, &str, u16, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let usual = if scheme == "https" { 443 } else { 80 };
    // An IPv6 address has colons of its own.
    let (host, port) = match authority.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']')) {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, usual),
    };
    Some((scheme, host, port, path))
}

/// Milliseconds as Go reads them.
pub fn go_duration(milliseconds: u64) -> String {
    if milliseconds.is_multiple_of(1000) { format!("{}s", milliseconds / 1000) } else { format!("{milliseconds}ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_comes_apart() {
        assert_eq!(
            url("http://loki.obs.svc:3100/loki/api/v1/push"),
            Some(("http", "loki.obs.svc", 3100, "/loki/api/v1/push"))
        );
        assert_eq!(url("https://loki.example"), Some(("https", "loki.example", 443, "/")));
        assert_eq!(url("http://[::1]/a"), Some(("http", "[::1]", 80, "/a")));
        assert_eq!(url("http://[::1]:9/a"), Some(("http", "[::1]", 9, "/a")));
        assert_eq!((url("loki"), url("http://a:b/")), (None, None));
    }
}
