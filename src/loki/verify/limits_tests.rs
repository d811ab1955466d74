use super::*;
use crate::loki::finding::Severity;
use serde_json::json;

const LATEST: Version = NEWEST;

fn one(name: &str, value: Value, version: Version) -> Vec<Finding> {
    limits(&Limits::from([(name.to_owned(), value)]), version)
}

#[test]
fn retention_is_a_day_or_more() {
    for good in ["24h", "1d", "90d", "1y6w"] {
        assert_eq!(retention(good), None, "{good}");
    }
    assert!(retention("23h59m").unwrap().why.contains("retention period must be >= 24h was 23h59m"));
    assert!(retention("0").unwrap().summary.contains("for ever"));
    for wrong in ["", "90", "90 days", "-1d", "1.5d"] {
        assert!(retention(wrong).unwrap().summary.contains("no duration"), "{wrong}");
    }
}

#[test]
fn limits_exist_in_the_version() {
    assert_eq!(one("ingestion_rate_mb", json!(16), LATEST), []);
    let typo = &one("ingestion_rate", json!(16), LATEST)[0];
    assert_eq!((typo.severity, typo.fix.as_str()), (Severity::Error, "Did you mean ingestion_rate_mb?"));
    assert_eq!(one("ingestion_rate", json!(16), Version::new(3, 7, 99))[0].severity, Severity::Warning);
    let early = &one("log_level_fields", json!(["level"]), Version::new(3, 3, 0))[0];
    assert!(early.why.contains("came with Loki 3.4"));
    let late = &one("bloom_ngram_length", json!(4), LATEST)[0];
    assert!(late.why.contains("left with Loki 3.3"));
}

#[test]
fn values_fit_their_limits() {
    for (name, good) in [
        ("volume_enabled", json!(true)),
        ("volume_enabled", json!("true")),
        ("max_query_series", json!(500.0)),
        ("max_query_series", json!("500")),
        ("ingestion_rate_mb", json!(1.5)),
        ("ingestion_rate_strategy", json!("local")),
        ("max_line_size", json!("256KB")),
        ("max_line_size", json!(0)),
        ("query_timeout", json!("5m")),
        ("query_timeout", json!(0)),
        ("simulated_push_latency", json!("1.5s")),
        ("required_labels", json!(["app"])),
        ("shard_streams", json!({"enabled": true})),
    ] {
        assert_eq!(one(name, good.clone(), LATEST), [], "{name} = {good}");
    }
    for (name, wrong) in [
        ("volume_enabled", json!("perhaps")),
        ("max_query_series", json!(0.5)),
        ("ingestion_rate_mb", json!("much")),
        ("max_line_size", json!(-1)),
        ("query_timeout", json!("five")),
        ("query_timeout", json!(300)),
        ("simulated_push_latency", json!(5)),
        ("simulated_push_latency", json!("1d")),
        ("required_labels", json!("app")),
        ("shard_streams", json!([])),
        ("query_timeout", json!(null)),
    ] {
        let findings = one(name, wrong.clone(), LATEST);
        assert_eq!(findings.len(), 1, "{name} = {wrong}");
        assert_eq!(findings[0].path_text(), format!("limits[{name:?}]"));
        assert!(findings[0].depends_on(&[attributes("loki_version")]));
    }
}

#[test]
fn derived_limits_have_attributes_of_their_own() {
    for name in ["retention_period", "per_tenant_override_config", "per_tenant_override_period"] {
        let findings = one(name, json!("1d"), LATEST);
        assert!(findings.iter().any(|f| f.summary.contains("follows from other attributes")), "{name}");
    }
}

#[test]
fn stream_rules_and_modes_have_lokis_bounds() {
    let rule = |period: &str| json!([{"selector": "{app=\"a\"}", "priority": 1, "period": period}]);
    assert_eq!(one("retention_stream", rule("2d"), LATEST), []);
    let short = &one("retention_stream", rule("2h"), LATEST)[0];
    assert_eq!(short.path_text(), "limits[\"retention_stream\"][0][\"period\"]");
    assert_eq!(one("deletion_mode", json!("filter-only"), LATEST), []);
    assert!(one("deletion_mode", json!("off"), LATEST)[0].why.contains("unknown deletion mode"));
}

#[test]
fn overrides_are_limits_of_a_tenant() {
    let of = |tenant: &str, name: &str, value: Value| {
        let limits = Limits::from([(name.to_owned(), value)]);
        overrides(&BTreeMap::from([(tenant.to_owned(), limits)]), LATEST)
    };
    assert_eq!(of("team-a", "retention_period", json!("30d")), []);
    let short = of("team-a", "retention_period", json!("1h"));
    assert_eq!(short[0].path_text(), "overrides[\"team-a\"][\"retention_period\"]");
    assert_eq!(of("team-a", "retention", json!("30d")).len(), 1);
    for wrong in ["", ".", "..", "a/b", "a b", &"a".repeat(151)] {
        assert_eq!(of(wrong, "volume_enabled", json!(true)).len(), 1, "{wrong}");
    }
    assert_eq!(of("(a)!*'.", "volume_enabled", json!(true)), []);
}

#[test]
fn only_a_multi_tenant_loki_has_tenants() {
    let of = |tenants: &[&str]| tenants.iter().map(|tenant| ((*tenant).to_owned(), Limits::new())).collect();
    assert_eq!(only_tenant(&of(&["acme"]), true), None);
    assert_eq!(only_tenant(&of(&["fake"]), false), None);
    assert_eq!(only_tenant(&of(&[]), false), None);
    let found = only_tenant(&of(&["acme", "fake"]), false).unwrap();
    assert!(found.summary.starts_with("Limits of acme never apply"), "{found}");
}
