//! The options of a stack that runs, as far as its health depends on them.

use serde_json::Value;

use super::options::Options;

/// What the live workload and the live configuration tell of the options that the stack was deployed with. What they do
/// not tell takes its default.
///
/// `workload` is the StatefulSet of the stack's name, where it exists; `config` the text of Loki's configuration file.
pub fn deployed(namespace: &str, name: &str, workload: Option<&Value>, config: Option<&str>) -> Options {
    let workload = workload.unwrap_or(&Value::Null);
    let config: Value = config.and_then(|text| serde_saphyr::from_str(text).ok()).unwrap_or_default();
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let default = Options::default();
    let version = &workload["metadata"]["labels"]["app.kubernetes.io/version"];
    Options {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        // Scaled to zero it serves nobody, so one is the least that is asked for.
        replicas: number(&workload["spec"]["replicas"]).unwrap_or(default.replicas).max(1),
        replication_factor: number(&config["common"]["replication_factor"]),
        auth_enabled: config["auth_enabled"].as_bool().unwrap_or(default.auth_enabled),
        loki_version: version.as_str().map_or(default.loki_version, str::to_owned),
        ..Options::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::manifests::render;

    #[test]
    fn a_rendered_stack_tells_its_options() {
        let options = Options {
            name: "logs".into(),
            namespace: "obs".into(),
            replicas: 5,
            replication_factor: Some(3),
            auth_enabled: true,
            loki_version: "3.5.0".into(),
            ..Options::default()
        };
        let objects = render(&options);
        let set = objects.iter().find(|object| object.kind() == "StatefulSet").unwrap().as_value();
        let config = objects.iter().find(|object| object.name() == options.config_map_name()).unwrap();
        let config = config.as_value()["data"]["config.yaml"].as_str().unwrap();
        assert_eq!(deployed("obs", "logs", Some(set), Some(config)), options);
    }

    #[test]
    fn nothing_tells_nothing_and_none_is_too_few() {
        let unknown = Options { name: "a".into(), namespace: "b".into(), ..Options::default() };
        assert_eq!(deployed("b", "a", None, Some("{{")), unknown);
        let scaled = serde_json::json!({"spec": {"replicas": 0}});
        assert_eq!(deployed("b", "a", Some(&scaled), None).replicas, 1);
    }
}
