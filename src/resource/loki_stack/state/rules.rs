//! `ruler`.

use std::collections::BTreeMap;

use crate::schema::{Int, Schematic, Value};

/// The ruler.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Ruler {
    /// Groups of rules. A change reaches the running ruler within about two minutes, without a restart.
    #[attr(optional)]
    pub groups: Value<Vec<Value<RuleGroup>>>,
    /// URLs of the Alertmanagers that alerts are sent to; `dns+` and `dnssrv+` before one look its addresses up.
    #[attr(optional)]
    pub alertmanager_urls: Value<Vec<Value<String>>>,
    /// Where recorded metrics are sent.
    #[attr(optional)]
    pub remote_write: Value<RemoteWrite>,
    /// URL under which people reach Grafana or Loki, for the links in alerts.
    #[attr(optional)]
    pub external_url: Value<String>,
}

/// A server of Prometheus' remote write protocol.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct RemoteWrite {
    /// Its URL.
    #[attr(required)]
    pub url: Value<String>,
    /// Further headers of each request. They are in the plan, the state and the configuration file: no secrets.
    #[attr(optional)]
    pub headers: Value<BTreeMap<String, Value<String>>>,
}

/// A group of rules, which are evaluated one after the other.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct RuleGroup {
    /// The tenant whose logs the rules are about; without `auth_enabled` there is one, `fake`.
    #[attr(optional)]
    pub tenant: Value<String>,
    /// Name of the group, one of its tenant.
    #[attr(required)]
    pub name: Value<String>,
    /// How often the group is evaluated; without it each minute.
    #[attr(optional)]
    pub interval: Value<String>,
    /// Most alerts or series that a rule may make; without it any number.
    #[attr(optional)]
    pub limit: Value<Int>,
    /// The rules.
    #[attr(required)]
    pub rules: Value<Vec<Value<Rule>>>,
}

/// A rule: exactly one of `alert` and `record` is set.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// Name of the alert.
    #[attr(optional)]
    pub alert: Value<String>,
    /// Name of the metric that is recorded.
    #[attr(optional)]
    pub record: Value<String>,
    /// The LogQL query for a metric.
    #[attr(required)]
    pub expr: Value<String>,
    /// How long the query must give something before the alert fires.
    #[attr(optional)]
    pub r#for: Value<String>,
    /// How long the alert goes on once the query gives nothing.
    #[attr(optional)]
    pub keep_firing_for: Value<String>,
    /// Labels that are added.
    #[attr(optional)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
    /// Annotations of the alert; they may be templates, such as `{{ $labels.app }}`.
    #[attr(optional)]
    pub annotations: Value<BTreeMap<String, Value<String>>>,
}
