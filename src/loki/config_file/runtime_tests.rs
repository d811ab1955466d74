use super::*;
use crate::loki::config_file::load;
use crate::loki::finding::Severity;

fn texts(text: &str, minor: u32, main: Option<&Config>) -> Vec<String> {
    let found = verify_runtime(text, minor, main);
    found.into_iter().map(|finding| format!("{}:{} {}", finding.line, finding.path, finding.text)).collect()
}

const BAD: &str = "invalid override for tenant a: retention period must be >= 24h was 2h";

#[test]
fn tenants_limits_are_validated() {
    for good in [
        "",
        "{}",
        "overrides:\n",
        "overrides: {a: {}, 1: {volume_enabled: true}}",
        "configs: {a: {log_push_request: true}}",
        "multi_kv_config: {primary: consul, mirror_enabled: true}",
        "overrides: {a: {retention_stream: [{selector: '{a=\"b\"}', period: 24h}]}}",
    ] {
        assert!(texts(good, 7, None).is_empty(), "{good}");
    }
    let short = "overrides:\n  a:\n    retention_stream:\n    - selector: '{a=\"b\"}'\n      period: 2h\n";
    assert_eq!(texts(short, 7, None), [format!("5:overrides.a.retention_stream[0].period {BAD}")]);
    let unknown = "overrides:\n  a:\n    retention: 2d\n";
    assert_eq!(texts(unknown, 0, None), ["3:overrides.a.retention field retention not found in type validation.plain"]);
    let unknown = "tenants: {}\n";
    assert_eq!(texts(unknown, 0, None), ["1:tenants field tenants not found in type loki.runtimeConfigValues"]);
}

#[test]
fn a_null_tenant_is_passed_over() {
    let found = verify_runtime("overrides: {a: null}", 7, None);
    assert_eq!((found.len(), found[0].severity), (1, Severity::Warning));
}

#[test]
fn old_booleans_are_texts() {
    let limits = |value: &str| format!("overrides: {{a: {{reject_old_samples: {value}}}}}");
    for old in ["yes", "Yes", "YES", "no", "on", "OFF", "y", "N"] {
        let text = format!("cannot unmarshal !!str `{old}` into bool");
        assert!(texts(&limits(old), 7, None)[0].ends_with(&text), "{old}");
    }
    for good in ["true", "False", "TRUE"] {
        assert!(texts(&limits(good), 7, None).is_empty(), "{good}");
    }
}

#[test]
fn tenants_start_from_the_limits_of_all() {
    let main = "limits_config: {retention_stream: [{selector: '{a=\"b\"}', period: 2h}]}\n";
    let main = load(main, 7, None);
    let of = |tenant: &str| texts(&format!("overrides: {{a: {tenant}}}"), 7, Some(&main));
    assert_eq!(of("{volume_enabled: true}"), [format!("1:overrides.a.retention_stream[0].period {BAD}")]);
    assert!(of("{retention_stream: []}").is_empty());
    let kept = of("{retention_stream: [], retention_period: 30d}");
    assert!(matches!(&kept[..], [text] if text.contains("compactor.retention_enabled is false")), "{kept:?}");
}

#[test]
fn policies_of_the_distributor_are_merged_first() {
    let main = load("distributor: {default_policy_stream_mappings: {ops: [{selector: '{a=\"b\"}'}]}}\n", 7, None);
    let text = "overrides: {a: {policy_stream_mapping: {dev: [{selector: dev}]}}}";
    let found = texts(text, 7, Some(&main));
    assert!(matches!(&found[..], [text] if text.contains("applying default policy stream mappings")), "{found:?}");
}
