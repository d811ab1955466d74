//! What Loki's status pages say, as facts.

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
}
