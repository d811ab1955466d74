//! What Loki's status pages say, as facts.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Member, Ring};

/// A ring's page as JSON, which `GET /ring` and its like give with `Accept: application/json`
/// (dskit, ring/ring_http.go). None for any other text.
pub fn ring(name: &str, body: &str) -> Option<Ring> {
    #[derive(Deserialize)]
    struct Page {
        shards: Vec<Shard>,
    }
    #[derive(Deserialize)]
    struct Shard {
        id: String,
        state: String,
    }
    let page: Page = serde_json::from_str(body).ok()?;
    let members = page.shards.into_iter().map(|Shard { id, state }| Member { id, state }).collect();
    Some(Ring { name: name.to_owned(), members })
}

/// The version that `GET /loki/api/v1/status/buildinfo` tells; None where the build has none.
pub fn build_version(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct BuildInfo {
        version: String,
    }
    let info: BuildInfo = serde_json::from_str(body).ok()?;
    Some(info.version).filter(|version| !version.is_empty())
}

/// Whether a canary's metrics count lines that it wrote and never read back, not even by a query minutes later
/// (pkg/canary/comparator/comparator.go).
pub fn misses_entries(metrics: &str) -> bool {
    samples(metrics, |series| series == "loki_canary_missing_entries_total").any(|count| count > 0.0)
}

/// The values of the series, name and labels as Prometheus' text format has them, that are asked for.
pub(super) fn samples<'m>(metrics: &'m str, asked: impl Fn(&str) -> bool + 'm) -> impl Iterator<Item = f64> + 'm {
    let series = metrics.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.trim().rsplit_once(' '));
    series.filter(move |(series, _)| asked(series)).filter_map(|(_, value)| value.parse().ok())
}

/// Names of the groups that `GET /prometheus/api/v1/rules` tells; None for what is no such answer.
pub fn rule_groups(body: &str) -> Option<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Answer {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        groups: Vec<Group>,
    }
    #[derive(Deserialize)]
    struct Group {
        name: String,
    }
    let answer: Answer = serde_json::from_str(body).ok()?;
    Some(answer.data.groups.into_iter().map(|group| group.name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ring_page() {
        let body =
            r#"{"shards":[{"id":"loki-0","state":"ACTIVE","address":"10.0.0.1:9095","tokens":[1]}],"now":"2026"}"#;
        let member = Member { id: "loki-0".into(), state: "ACTIVE".into() };
        assert_eq!(ring("ingester", body), Some(Ring { name: "ingester".into(), members: vec![member] }));
        assert_eq!(ring("ingester", "<html>"), None);
    }

    #[test]
    fn build_info() {
        assert_eq!(build_version(r#"{"version":"3.7.8","revision":"abc"}"#), Some("3.7.8".into()));
        assert_eq!(build_version(r#"{"version":"","goVersion":"go1.26"}"#), None);
        assert_eq!(build_version("404 page not found"), None);
    }

    #[test]
    fn missing_entries() {
        let metrics = |count: &str| {
            format!(
                "# TYPE loki_canary_missing_entries_total counter\nloki_canary_missing_entries_total {count}\nloki_canary_missing_entries_total_x 9\n"
            )
        };
        assert!(misses_entries(&metrics("3")) && misses_entries(&metrics("1e+06")));
        assert!(!misses_entries(&metrics("0")) && !misses_entries("404 page not found"));
    }

    #[test]
    fn rules_page() {
        let body = r#"{"status":"success","data":{"groups":[{"name":"errors","file":"rules.yaml","rules":[]}]},"errorType":""}"#;
        assert_eq!(rule_groups(body), Some(["errors".to_owned()].into()));
        assert_eq!(rule_groups("no rules"), None);
    }
}
