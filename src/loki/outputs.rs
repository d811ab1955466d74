//! What other resources need of a stack.

use std::collections::BTreeMap;

use super::derived::HTTP_PORT;
use super::options::Options;

/// Addresses within the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Where agents push to (HTTP).
    pub push_url: String,
    /// Base URL of the query API, as a Grafana data source wants it.
    pub query_url: String,
    /// Service names by what they are for: `http`, `headless`, `memberlist`.
    pub services: BTreeMap<String, String>,
}

/// The addresses of a stack, which follow from its options alone.
pub fn outputs(options: &Options) -> Outputs {
    let url = format!("http://{}:{HTTP_PORT}", options.service_host(options.http_service_name()));
    Outputs {
        push_url: format!("{url}/loki/api/v1/push"),
        query_url: url,
        services: BTreeMap::from([
            ("http".to_owned(), options.http_service_name().to_owned()),
            ("headless".to_owned(), options.headless_service_name()),
            ("memberlist".to_owned(), options.memberlist_service_name()),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::manifests::render;

    #[test]
    fn urls_name_a_rendered_service() {
        let options = Options { name: "logs".into(), namespace: "obs".into(), ..Options::default() };
        let outputs = outputs(&options);
        assert_eq!(outputs.push_url, "http://logs.obs.svc.cluster.local:3100/loki/api/v1/push");
        assert_eq!(outputs.query_url, "http://logs.obs.svc.cluster.local:3100");
        let rendered: Vec<_> = render(&options)
            .iter()
            .filter(|object| object.kind() == "Service")
            .map(|object| object.name().to_owned())
            .collect();
        assert!(outputs.services.values().all(|name| rendered.contains(name)), "{rendered:?}");
    }
}
