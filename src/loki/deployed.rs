//! The options of a stack that runs, as far as its health depends on them.

use serde_json::Value;

use super::components::{Program, ROLES};
use super::manifests::ZONE_LABEL;
use super::options::{Cache, Canary, Gateway, Options, Ruler};

/// What the live workloads and the live configuration tell of the options that the stack was deployed with. What they do
/// not tell takes its default.
///
/// `workloads` are the StatefulSet of the stack's name, or what a distributed stack has; `config` is the text of Loki's
/// configuration file.
pub fn deployed(namespace: &str, name: &str, workloads: &[Value], config: Option<&str>) -> Options {
    let config: Value = config.and_then(|text| serde_saphyr::from_str(text).ok()).unwrap_or_default();
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let default = Options::default();
    let versions = workloads.iter().map(|it| &it["metadata"]["labels"]["app.kubernetes.io/version"]);
    let mut options = Options {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        replication_factor: number(&config["common"]["replication_factor"]),
        auth_enabled: config["auth_enabled"].as_bool().unwrap_or(default.auth_enabled),
        loki_version: versions.filter_map(Value::as_str).next().map_or(default.loki_version, str::to_owned),
        ..Options::default()
    };
    for workload in workloads {
        // Scaled to zero it serves nobody, so one is the least that is asked for.
        let replicas = number(&workload["spec"]["replicas"]).map(|replicas| replicas.max(1));
        let component = workload["metadata"]["labels"]["app.kubernetes.io/component"].as_str().unwrap_or_default();
        match ROLES.iter().find(|role| role.target == component) {
            None => options.replicas = replicas,
            Some(role) => {
                match role.key {
                    "gateway" => options.gateway = Some(Gateway::default()),
                    "canary" => options.canary = Some(Canary::default()),
                    "chunks_cache" => options.caches.chunks = Some(Cache::default()),
                    "results_cache" => options.caches.results = Some(Cache::default()),
                    "ruler" => options.ruler = Some(Ruler::default()),
                    _ => {}
                }
                if role.program == Program::Loki {
                    options.mode = role.mode;
                }
                let told = options.components.entry(role.key.to_owned()).or_default();
                told.replicas = replicas.map(|replicas| replicas + told.replicas.unwrap_or(0));
                let zone = workload["metadata"]["labels"][ZONE_LABEL].as_str();
                told.zones.extend(zone.map(str::to_owned));
            }
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::manifests::render;
    use crate::loki::options::{Mode, Workload};

    #[test]
    fn a_rendered_stack_tells_its_options() {
        let options = Options {
            name: "logs".into(),
            namespace: "obs".into(),
            replicas: Some(5),
            replication_factor: Some(3),
            auth_enabled: true,
            loki_version: "3.5.0".into(),
            ..Options::default()
        };
        let objects = render(&options);
        let set = objects.iter().find(|object| object.kind() == "StatefulSet").unwrap().as_value();
        let config = objects.iter().find(|object| object.name() == options.config_map_name()).unwrap();
        let config = config.as_value()["data"]["config.yaml"].as_str().unwrap();
        assert_eq!(deployed("obs", "logs", std::slice::from_ref(set), Some(config)), options);
    }

    #[test]
    fn a_distributed_stack_tells_its_components() {
        let mut options = Options { mode: Mode::Distributed, ..Options::default() };
        options.components.insert("querier".into(), Workload { replicas: Some(4), ..Workload::default() });
        let workloads: Vec<Value> = render(&options)
            .iter()
            .filter(|object| ["StatefulSet", "Deployment"].contains(&object.kind()))
            .map(|object| object.as_value().clone())
            .collect();
        let told = deployed("loki", "loki", &workloads, None);
        assert_eq!(told.mode, Mode::Distributed);
        let count = |options: &Options| -> Vec<_> {
            options.components().into_iter().map(|component| (component.name, component.replicas)).collect()
        };
        assert_eq!(count(&told), count(&options));
    }

    #[test]
    fn what_is_around_loki_is_told_apart_from_it() {
        let options = Options {
            gateway: Some(Gateway::default()),
            canary: Some(Canary::default()),
            caches: crate::loki::options::Caches { chunks: Some(Cache::default()), results: None },
            ..Options::default()
        };
        let kinds = ["StatefulSet", "Deployment", "DaemonSet"];
        let workloads: Vec<Value> = render(&options)
            .iter()
            .filter(|object| kinds.contains(&object.kind()))
            .map(|object| object.as_value().clone())
            .collect();
        let told = deployed("loki", "loki", &workloads, None);
        let names = |options: &Options| options.components().into_iter().map(|it| it.name).collect::<Vec<_>>();
        assert_eq!((told.mode, names(&told)), (Mode::Monolithic, names(&options)));
    }

    #[test]
    fn nothing_tells_nothing_and_none_is_too_few() {
        let unknown = Options { name: "a".into(), namespace: "b".into(), ..Options::default() };
        assert_eq!(deployed("b", "a", &[], Some("{{")), unknown);
        let scaled = serde_json::json!({"spec": {"replicas": 0}});
        assert_eq!(deployed("b", "a", &[scaled], None).replicas, Some(1));
    }
}
