//! What the ruler evaluates, and whom it tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The ruler: alerts and recorded metrics made of logs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ruler {
    /// Rule groups by tenant, each a list in Prometheus' own shape: `name`, `interval`, `rules`.
    pub groups: BTreeMap<String, Vec<Value>>,
    /// URLs of Alertmanagers that alerts are sent to.
    pub alertmanager_urls: Vec<String>,
    /// Where recorded metrics are sent.
    pub remote_write: Option<RemoteWrite>,
    /// URL under which users reach Grafana, for links in alerts.
    pub external_url: Option<String>,
}

/// A server of Prometheus' remote write protocol.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemoteWrite {
    /// Its URL.
    pub url: String,
    /// Further headers of each request; they are in the configuration file, so no secrets.
    pub headers: BTreeMap<String, String>,
}
