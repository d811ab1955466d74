use super::*;
use crate::loki::config_file::secret::MASK;

fn differences(before: &str, after: &str) -> Vec<(String, Option<String>, Option<String>)> {
    diff(before, after).unwrap().into_iter().map(|it| (it.path, it.before, it.after)).collect()
}

fn one(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<(String, Option<String>, Option<String>)> {
    vec![(path.to_owned(), before.map(str::to_owned), after.map(str::to_owned))]
}

#[test]
fn what_means_the_same_is_no_difference() {
    for (before, after) in [
        ("auth_enabled: false # why\nballast_bytes: 1", "ballast_bytes: 0x1\n'auth_enabled': off"),
        ("ingester: {chunk_idle_period: 1h}", "ingester: {chunk_idle_period: 60m}"),
        ("limits_config: {retention_period: 7d}", "limits_config: {retention_period: 168h}"),
        ("limits_config: {ingestion_rate_mb: 5}", "limits_config: {ingestion_rate_mb: 5.0}"),
        ("limits_config: {max_line_size: 1MB}", "limits_config: {max_line_size: 1024KB}"),
        ("server: {http_listen_port: 3100}", ""),
        ("", "server: {}"),
        ("a: &a {x: 1}\nb: *a", "b: {x: 1}\na: {x: 1}"),
        ("a: &a {x: 1}\nb: {<<: *a, y: 2}", "a: {x: 1}\nb: {y: 2, x: 1}"),
        ("distributor: {ring: {kvstore: {store: 'consul'}}}", "distributor: {ring: {kvstore: {store: consul}}}"),
    ] {
        assert_eq!(differences(before, after), [], "{before:?} and {after:?}");
        assert_eq!(differences(after, before), [], "{after:?} and {before:?}");
    }
}

#[test]
fn what_does_not_is_told_as_it_is_written() {
    assert_eq!(
        differences("ingester: {chunk_idle_period: 1h}", "ingester: {chunk_idle_period: 61m}"),
        one("ingester.chunk_idle_period", Some("1h"), Some("61m"))
    );
    assert_eq!(differences("", "auth_enabled: false"), one("auth_enabled", None, Some("false")));
    assert_eq!(differences("auth_enabled: false", ""), one("auth_enabled", Some("false"), None));
    assert_eq!(
        differences("schema_config: {configs: [{from: 2024-01-01}]}", "schema_config: {configs: [{from: 2024-01-02}]}"),
        one("schema_config.configs[0].from", Some("2024-01-01"), Some("2024-01-02"))
    );
    assert_eq!(differences("limits_config: {}", "limits_config:"), one("limits_config", None, Some("null")));
    assert_eq!(differences("no_such: {key: 1}", "no_such: {key: 1.5}"), one("no_such.key", Some("1"), Some("1.5")));
}

#[test]
fn items_are_told_in_their_order() {
    let list = |from: usize| {
        let items: Vec<_> = (from..from + 12).map(|it| it.to_string()).collect();
        format!("things: [{}]", items.join(","))
    };
    let paths: Vec<_> = differences(&list(0), &list(100)).into_iter().map(|it| it.0).collect();
    assert_eq!(paths[1..3], ["things[1]", "things[2]"]);
}

#[test]
fn a_default_that_another_section_would_change_is_a_difference() {
    let common = "common: {replication_factor: 1}\n";
    let spelt = format!("{common}ingester: {{lifecycler: {{ring: {{replication_factor: 3}}}}}}");
    assert_eq!(differences(common, &spelt), one("ingester.lifecycler.ring.replication_factor", None, Some("3")));
}

#[test]
fn secrets_are_masked_wherever_they_stand() {
    let text = |secret: &str| {
        format!(
            "storage_config:\n  aws: {{s3: 's3://key:{secret}@eu-west-1/logs', secret_access_key: {secret}}}\n\
             ruler:\n  remote_write:\n    clients:\n      a:\n        url: http://user:{secret}@host/push\n\
             \n        basic_auth: {{password: {secret}}}\n        headers: {{Authorization: Bearer {secret}}}\n\
             unknown: {{api_token: {secret}}}\n\
             query_range: {{results_cache: {{cache: {{redis: {{password: {secret}}}}}}}}}\n"
        )
    };
    let found = diff(&text("hunter2"), &text("hunter3")).unwrap();
    assert_eq!(found.len(), 7, "{found:#?}");
    assert!(!format!("{found:?}").contains("hunter"), "{found:#?}");
    let added = format!("{:?}", diff("", &text("hunter2")).unwrap());
    assert!(!added.contains("hunter") && added.contains(MASK), "{added}");
}

#[test]
fn what_cannot_be_read_says_so() {
    assert_eq!(diff("a: 1", "a: [").unwrap_err().which, 1);
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    assert!(diff(&deep, "").unwrap_err().text.contains("too deep"));
    let bomb: String =
        (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, it| format!("{text}a{it}: &a{it} [*a{0}, *a{0}]\n", it - 1));
    assert!(diff("", &bomb).unwrap_err().text.contains("too large"));
    let merges: String = (1..40).fold("a0: &a0 {x: 1}\n".to_owned(), |text, it| {
        format!("{text}a{it}: &a{it} {{<<: [*a{0}, *a{0}]}}\n", it - 1)
    });
    assert!(diff("", &merges).is_err());
}
