//! The ruler's rules: a ConfigMap with a file for each tenant.
//!
//! The ruler takes every folder in its directory for a tenant (pkg/ruler/rulestore/local). A ConfigMap that were mounted
//! there as a whole would add its hidden folders to them, so each tenant's file is mounted as a volume of its own; a
//! change of rules reaches the running ruler within a minute or two.

use serde_json::{Map, Value, json};

use super::common::metadata;
use super::pod::FILE_MODE;
use crate::loki::config::yaml_text;
use crate::loki::object::Object;
use crate::loki::options::Options;

/// None without rules.
pub fn config_map(options: &Options) -> Option<Object> {
    let groups = &options.ruler.as_ref()?.groups;
    let data: Map<String, Value> = groups
        .iter()
        .enumerate()
        .map(|(index, (_, groups))| (file(index), yaml_text(&json!({"groups": groups})).into()))
        .collect();
    (!data.is_empty()).then(|| {
        Object::new(json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata(options, &name(options), None),
            "data": data,
        }))
    })
}

/// The volumes by name, with the tenant that each is of. A tenant's ID need not be a name in Kubernetes.
pub fn volumes(options: &Options) -> impl Iterator<Item = (String, &String)> {
    let groups = options.ruler.iter().flat_map(|ruler| ruler.groups.keys());
    groups.enumerate().map(|(index, tenant)| (format!("rules-{index}"), tenant))
}

/// The volume of one tenant.
pub fn volume(options: &Options, volume: &str, tenant: &str) -> Value {
    let index = options.ruler.iter().flat_map(|ruler| ruler.groups.keys()).position(|it| it == tenant);
    let items = [json!({"key": file(index.unwrap_or_default()), "path": "rules.yaml"})];
    json!({"name": volume, "configMap": {"name": name(options), "defaultMode": FILE_MODE, "items": items}})
}

fn name(options: &Options) -> String {
    format!("{}-rules", options.name)
}

fn file(index: usize) -> String {
    format!("tenant-{index}.yaml")
}
