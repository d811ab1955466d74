//! What other resources need of a stack.

use std::collections::BTreeMap;

use super::components::Program;
use super::derived::HTTP_PORT;
use super::options::{Mode, Options};

/// Addresses within the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Where agents push to (HTTP).
    pub push_url: String,
    /// Base URL of the query API, as a Grafana data source wants it.
    pub query_url: String,
    /// Service names by what they are for: `http`, `headless`, `memberlist`; in the other modes those of each component
    /// by its target, such as `querier` and `querier-headless`; and `gateway`, `chunks-cache` and `results-cache`.
    pub services: BTreeMap<String, String>,
}

/// The addresses of a stack, which follow from its options alone.
pub fn outputs(options: &Options) -> Outputs {
    let url = |service: &str| format!("http://{}:{HTTP_PORT}", options.service_host(service));
    let mut services = BTreeMap::from([("memberlist".to_owned(), options.memberlist_service_name())]);
    for component in options.components() {
        match component.program {
            Program::Loki => {}
            Program::Gateway | Program::Memcached => {
                services.insert(component.target.to_owned(), component.service_name());
                continue;
            }
            Program::Canary => continue,
        }
        let (http, headless) = match options.mode {
            Mode::Distributed | Mode::SimpleScalable => {
                let zone = component.zone.iter().map(|zone| format!("-{zone}")).collect::<String>();
                let own = format!("{}{zone}", component.target);
                (own.clone(), format!("{own}-headless"))
            }
            Mode::Monolithic => ("http".to_owned(), "headless".to_owned()),
        };
        services.insert(http, component.service_name());
        services.insert(headless, component.headless_service_name());
    }
    let through = |service: String| options.gateway_url().unwrap_or_else(|| url(&service));
    Outputs {
        push_url: format!("{}/loki/api/v1/push", through(options.push_service_name())),
        query_url: through(options.query_service_name()),
        services,
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
