use serde_json::json;

use super::*;
use crate::loki::options::{Limits, S3};
use crate::loki::verify;

const TODAY: Date = jiff::civil::date(2026, 1, 1);

fn told(options: &Options) -> Vec<(Severity, String)> {
    let findings = configuration(options, Some(TODAY), &[]);
    findings.iter().map(|finding| (finding.severity, finding.path_text())).collect()
}

fn overridden(overrides: Value) -> Vec<Finding> {
    configuration(&Options { config_overrides: overrides, ..Options::default() }, Some(TODAY), &[])
}

#[test]
fn what_is_rendered_passes_in_every_version() {
    for minor in 0..=7 {
        let mut options = Options { loki_version: format!("3.{minor}.0"), ..Options::default() };
        assert_eq!(told(&options), [], "3.{minor}");
        options.storage = Storage::S3(S3 { bucket: "acme-loki".into(), region: "eu-west-1".into(), ..S3::default() });
        options.retention = Some("30d".into());
        options.replicas = Some(3);
        options.auth_enabled = true;
        assert_eq!(told(&options), [], "3.{minor}");
    }
    let unknown = Options { loki_version: "4.0.0".into(), ..Options::default() };
    assert_eq!(told(&unknown), [], "another version is refused for that alone");
}

#[test]
fn attributes_are_blamed_for_what_they_render() {
    let mut options = Options::default();
    options.limits.insert("no_such_limit".into(), json!(1));
    options.limits.insert("max_query_series".into(), json!("many"));
    options.schema[0].version = "v14".into();
    let places: Vec<_> = told(&options).into_iter().map(|(_, path)| path).collect();
    for place in ["limits[\"no_such_limit\"]", "limits[\"max_query_series\"]"] {
        assert!(places.iter().any(|told| told == place), "{place}: {places:?}");
    }
    options.limits.clear();
    assert_eq!(told(&options)[0].1, "schema[0].version");
    assert_eq!(cause("storage_config.aws.bucketnames", &Options::default()), attributes("storage"));
    assert_eq!(cause("server.log_level", &options), attributes("loki_version"));
}

#[test]
fn overrides_are_blamed_for_what_they_bring() {
    let found = overridden(json!({"querier": {"max_concurent": 4}}));
    assert_eq!((found.len(), found[0].path_text().as_str()), (1, "config_overrides"));
    assert!(found[0].summary.contains("querier.max_concurent"), "{}", found[0]);
    assert!(found[0].why.contains("field max_concurent not found in type querier.Config"), "{}", found[0]);
    let found = overridden(json!({"compactor": {"retention_enabled": true}}));
    assert!(found.iter().any(|finding| finding.path_text() == "config_overrides"), "{found:?}");
    assert_eq!(overridden(json!({"querier": {"max_concurrent": 8}})), []);
}

#[test]
fn nothing_is_said_twice() {
    let mut options = Options::default();
    options.limits.insert("no_such_limit".into(), json!(1));
    options.schema[0].version = "v12".into();
    let said = verify(&options, Some(TODAY));
    assert_eq!(configuration(&options, Some(TODAY), &said), []);
}

#[test]
fn overrides_are_read_even_while_the_rest_is_unknown() {
    let of = |overrides: Value| {
        let options = Options { config_overrides: overrides, ..Options::default() };
        overrides_shape(&options).iter().map(Finding::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of(Value::Null), [""; 0]);
    assert_eq!(of(json!({"querier": {"max_concurrent": 8}, "frontend": null})), [""; 0]);
    assert!(of(json!("querier: {max_concurent: 8}"))[0].contains("max_concurent not found in type querier.Config"));
    assert!(of(json!({"querier": {"max_concurrent": "many"}}))[0].contains("cannot unmarshal !!str `many` into int"));
}

#[test]
fn a_later_patch_release_may_know_more() {
    let overrides = json!({"querier": {"brand_new": 1}});
    let options = Options { config_overrides: overrides, loki_version: "3.7.99".into(), ..Options::default() };
    assert_eq!(told(&options), [(Severity::Warning, "config_overrides".to_owned())]);
}

#[test]
fn a_tenants_limits_are_judged_over_those_of_all() {
    let of_tenants = |options: &Options| {
        let found = configuration(options, Some(TODAY), &[]).into_iter();
        found.filter(|it| it.path_text().starts_with("overrides")).collect::<Vec<_>>()
    };
    let streams = |period: &str| {
        let streams = json!([{"selector": "{a=\"b\"}", "period": period}]);
        Limits::from([("retention_stream".to_owned(), streams)])
    };
    let mut options = Options::default();
    options.overrides.insert("acme.eu".into(), streams("24h"));
    assert_eq!(of_tenants(&options), []);
    options.overrides.insert("acme.eu".into(), streams("2h"));
    let found = of_tenants(&options);
    assert!(matches!(&found[..], [found] if found.why.contains("invalid override for tenant acme.eu")), "{found:?}");
    assert_eq!(
        found[0].path,
        [Step::Attribute("overrides"), Step::Key("acme.eu".into()), Step::Key("retention_stream".into())]
    );
    assert_eq!(tenant("overrides.acme", &options), attributes("overrides"));
    // What all tenants start from is said once, of all.
    options.overrides.insert("acme.eu".into(), Limits::from([("volume_enabled".to_owned(), json!(true))]));
    options.limits = streams("2h");
    assert_eq!(of_tenants(&options), []);
}
