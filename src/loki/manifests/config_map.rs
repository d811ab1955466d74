use serde_json::{Map, Value, json};

use super::common::metadata;
use crate::loki::config::{RUNTIME_CONFIG_FILE, config_yaml, runtime_config_yaml};
use crate::loki::object::Object;
use crate::loki::options::Options;

/// File name of the configuration, and key of its ConfigMap.
pub const CONFIG_FILE: &str = "config.yaml";

/// Loki's configuration file. It holds no secret; pods restart when it changes.
pub fn config(options: &Options) -> Object {
    config_map(options, &options.config_map_name(), CONFIG_FILE, config_yaml(options))
}

/// The runtime configuration, which Loki reloads without a restart.
pub fn runtime_config(options: &Options) -> Object {
    let text = runtime_config_yaml(options);
    config_map(options, &options.runtime_config_map_name(), RUNTIME_CONFIG_FILE, text)
}

fn config_map(options: &Options, name: &str, file: &str, text: String) -> Object {
    let data = Map::from_iter([(file.to_owned(), Value::from(text))]);
    Object::new(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(options, name, None),
        "data": data,
    }))
}
