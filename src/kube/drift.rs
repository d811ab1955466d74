//! Drift: what a server-side apply would change in a live object.

use std::collections::BTreeSet;

use serde_json::Value;

/// What the cluster, not an applier, writes.
const IGNORED: &[&str] = &[
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.uid",
    "metadata.creationTimestamp",
    "status",
];

/// Paths of the fields that differ between the answer to a dry run of the desired object and the live object, sorted:
/// `spec.replicas`, `spec.template.spec.containers[loki].image`, `metadata.labels["app.kubernetes.io/name"]`.
///
/// Because the API server has merged and defaulted both, this is what the apply would change, and nothing else: fields of
/// other managers are the same on both sides. The dry run must be forced, or it ends in a conflict instead. Values are
/// not returned, as they may be secret.
#[must_use]
pub fn differences(dry_run: &Value, live: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", dry_run, live, &mut found);
    found.sort();
    found
}

fn compare(path: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
    if left == right || IGNORED.contains(&path) {
        return;
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
                let (left, right) = (left.get(key), right.get(key));
                compare(&member(path, key), left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(left), Value::Array(right)) => match (names(left), names(right)) {
            (Some(left_names), Some(right_names)) => {
                let before = found.len();
                for name in left_names.union(&right_names) {
                    let named = |list: &[Value]| list.iter().find(|one| one["name"] == *name).cloned();
                    let (left, right) = (named(left).unwrap_or_default(), named(right).unwrap_or_default());
                    compare(&format!("{path}[{name}]"), &left, &right, found);
                }
                // Order matters to some lists (init containers run in theirs).
                if left_names == right_names && found.len() == before {
                    found.push(path.into());
                }
            }
            _ if left.len() == right.len() => {
                for (index, (left, right)) in left.iter().zip(right).enumerate() {
                    compare(&format!("{path}[{index}]"), left, right, found);
                }
            }
            _ => found.push(path.into()),
        },
        _ => found.push(path.into()),
    }
}

/// The distinct names of a list's members, when every member has one, as containers, volumes and variables do.
fn names(list: &[Value]) -> Option<BTreeSet<&str>> {
    let names: BTreeSet<_> = list.iter().map(|one| one["name"].as_str()).collect::<Option<_>>()?;
    (names.len() == list.len()).then_some(names)
}

fn member(path: &str, key: &str) -> String {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    match (path, plain) {
        (_, false) => format!("{path}[{key:?}]"),
        ("", true) => key.into(),
        (_, true) => format!("{path}.{key}"),
    }
}

/// Whether an object has every value that a manifest of it sets. Lists must be the same item by item, so `false` may also
/// mean that the API server writes a value otherwise; only a dry run tells then.
#[must_use]
pub fn holds(live: &Value, manifest: &Value) -> bool {
    match (live, manifest) {
        (_, Value::Null) => true,
        (Value::Object(live), Value::Object(manifest)) => manifest
            .iter()
            .all(|(key, wanted)| wanted.is_null() || live.get(key).is_some_and(|value| holds(value, wanted))),
        (Value::Array(live), Value::Array(manifest)) => {
            live.len() == manifest.len() && live.iter().zip(manifest).all(|(value, wanted)| holds(value, wanted))
        }
        (live, manifest) => live == manifest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_cluster_writes_is_no_drift() {
        let dry_run = json!({"metadata": {"name": "a", "generation": 2, "managedFields": [1], "resourceVersion": "5"}});
        let live = json!({"metadata": {"name": "a", "generation": 1, "uid": "x"}, "status": {"replicas": 1}});
        assert_eq!(differences(&dry_run, &live), Vec::<String>::new());
    }

    #[test]
    fn fields_are_named_as_a_user_would() {
        let object = |image: &str, env: Value, replicas: u32, labels: Value| {
            json!({
                "metadata": {"labels": labels},
                "spec": {"replicas": replicas, "containers": [{"name": "proxy"}, {"name": "loki", "image": image, "env": env}]},
            })
        };
        let dry_run =
            object("loki:3.7", json!([{"name": "A", "value": "1"}]), 1, json!({"app.kubernetes.io/name": "loki"}));
        let live = object("loki:3.6", json!([{"name": "A", "value": "1"}, {"name": "B"}]), 0, json!({}));
        assert_eq!(
            differences(&dry_run, &live),
            [
                r#"metadata.labels["app.kubernetes.io/name"]"#,
                "spec.containers[loki].env[B]",
                "spec.containers[loki].image",
                "spec.replicas",
            ]
        );
    }

    #[test]
    fn lists_without_names_and_reordered_lists_are_seen() {
        let list = |args: Value, init: Value| json!({"args": args, "init": init});
        let (a, b) = (json!({"name": "a"}), json!({"name": "b"}));
        let left = list(json!(["-x", "-y"]), json!([a, b]));
        assert_eq!(differences(&left, &list(json!(["-x", "-z"]), json!([b, a]))), ["args[1]", "init"]);
        assert_eq!(differences(&left, &list(json!(["-x"]), json!([a, b]))), ["args"]);
    }

    #[test]
    fn what_a_manifest_sets_is_held_or_not() {
        let manifest = json!({"spec": {"replicas": 2, "ports": [{"port": 1}], "class": null}});
        assert!(holds(
            &json!({"spec": {"replicas": 2, "ports": [{"port": 1, "protocol": "TCP"}]}, "status": {}}),
            &manifest
        ));
        assert!(!holds(&json!({"spec": {"replicas": 3, "ports": [{"port": 1}]}}), &manifest));
        assert!(!holds(&json!({"spec": {"ports": [{"port": 1}]}}), &manifest));
        assert!(!holds(&json!({"spec": {"replicas": 2, "ports": [{"port": 1}, {"port": 2}]}}), &manifest));
    }
}
