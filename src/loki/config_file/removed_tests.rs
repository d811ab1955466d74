use super::*;
use crate::loki::config_file::{verify, verify_runtime};

/// The hint of the first finding of a file in which one key stands at a path.
fn hint_of(path: &str, minor: u32) -> String {
    let mut text = String::new();
    for (depth, key) in path.split('.').enumerate() {
        let key = if key == "*" { "mine" } else { key };
        text.push_str(&format!("{}{key}:\n", "  ".repeat(depth)));
    }
    let found = verify(&text, minor, None);
    found
        .iter()
        .find(|found| found.text.contains("not found in type"))
        .map(|found| found.hint.clone())
        .unwrap_or_default()
}

#[test]
fn every_key_that_3_0_removed_has_a_hint_in_every_version() {
    assert!(removed_since_2_9().count() > 50);
    for (path, what) in removed_since_2_9() {
        for minor in OLDEST_MINOR..=NEWEST_MINOR {
            assert_eq!(near::find(Model::of(minor), &path), None, "{path} in 3.{minor}");
            assert_eq!(hint_of(&path, minor), format!("Removed in Loki 3.0. {what}"), "{path} in 3.{minor}");
        }
    }
}

#[test]
fn what_the_table_says_is_true() {
    for row in rows().filter(|row| row.last.starts_with("3.")) {
        let last: u32 = row.last.strip_prefix("3.").unwrap().parse().unwrap();
        for place in row.places.split(',') {
            for key in row.keys.split(',') {
                let path = join(if place == "/" { "" } else { place }, key);
                assert!(near::find(Model::of(last), &path).is_some(), "{path} in 3.{last}");
                assert!(near::find(Model::of(last + 1), &path).is_none(), "{path} after 3.{last}");
                assert!(hint_of(&path, last + 1).starts_with(&format!("Removed in Loki 3.{}. ", last + 1)), "{path}");
            }
        }
    }
}

#[test]
fn every_key_that_a_later_version_removed_has_a_hint() {
    for minor in OLDEST_MINOR + 1..=NEWEST_MINOR {
        for path in super::super::model::all_keys(minor - 1).keys() {
            let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
            let parent_is_there = parent.is_empty() || near::find(Model::of(minor), parent).is_some();
            // A list of labels became one type that reads itself: nothing in it is a key.
            let labels = parent.ends_with("external_labels");
            if parent_is_there && !labels && near::find(Model::of(minor), path).is_none() {
                let hint = hint_of(path, minor);
                assert!(hint.starts_with("Removed in Loki 3."), "{path} in 3.{minor}: {hint:?}");
            }
        }
    }
}

#[test]
fn unknown_keys_get_what_helps() {
    for (text, minor, expected) in [
        ("server: {http_listn_port: 1}", 7, "Did you mean http_listen_port?"),
        ("server: {httpListenPort: 1}", 7, "Did you mean http_listen_port?"),
        ("schema-config: {}", 7, "Did you mean schema_config?"),
        ("ingestr: {}", 7, "Did you mean ingester?"),
        ("retention_period: 1h", 7, "It belongs under limits_config or table_manager."),
        ("compactor: {max_line_size: 1}", 7, "It belongs under limits_config."),
        ("ingester: {num_tokens: 1}", 7, "It belongs under ingester.lifecycler."),
        (
            "schema_config: {configs: [{from: 2024-04-01, schema: v13, path_prefix: x}]}",
            7,
            "It belongs under schema_config.configs.index",
        ),
        ("server: {ingester: {}}", 7, "It belongs at the top level: check the indentation."),
        ("server.http_listen_port: 1", 7, "Write one key below the other: server: {http_listen_port}."),
        ("query_engine: {}", 6, "Loki has this key from 3.7 on. Delete it, or run that version."),
        ("storage_config: {use_thanos_objstore: true}", 0, "Loki has this key from 3."),
        ("usage_report: {}", 0, "Loki 2 removed it. It is called analytics."),
        ("distributor: {ring: {kvstore: {memberlist: {}}}}", 7, "Loki 2 removed it. Use the memberlist section"),
        ("scrape_configs: []", 7, "This is a section of Promtail"),
        (
            "storage_config: {named_stores: {aws: {mine: {sse_encryption: true}}}}",
            7,
            "Removed in Loki 3.0. Delete it: AWS",
        ),
        ("common: {storage: {filesystem: {directory: /loki}}}", 7, "Use chunks_directory and rules_directory."),
        ("ruler: {ring: {tokens_file_path: x}}", 3, "Delete it: the ring of the ruler"),
        ("xyzzy: 1", 7, ""),
        ("\"\": 1", 7, ""),
    ] {
        let found = verify(text, minor, None);
        let hint = found.iter().find(|found| found.text.contains("not found in type")).map(|found| found.hint.as_str());
        match hint {
            Some("") => assert_eq!(expected, "", "{text}"),
            Some(hint) => assert!(!expected.is_empty() && hint.starts_with(expected), "{text}: {hint:?}"),
            None => panic!("{text}: {found:?}"),
        }
    }
}

#[test]
fn a_tenants_limits_are_limits() {
    for (text, expected) in [
        ("default: {}", "Removed in Loki 3.0. Use operational_config"),
        ("overrides: {mine: {enforce_metric_name: false}}", "Removed in Loki 3.0. Delete it"),
        ("overrides: {mine: {max_lin_size: 1}}", "Did you mean max_line_size?"),
        ("overrides: {mine: {ruler_evaluation_delay_duration: 1m}}", "Removed in Loki 3.0. Delete it"),
        ("max_line_size: 1", "Write it below the tenant"),
    ] {
        let found = verify_runtime(text, 7, None);
        let hint = found.first().map(|found| found.hint.as_str()).unwrap_or_default();
        assert!(hint.starts_with(expected), "{text}: {found:?}");
    }
}
