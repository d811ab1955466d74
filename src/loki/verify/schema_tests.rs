use super::*;
use crate::loki::finding::Severity;
use serde_json::json;

const TODAY: Date = jiff::civil::date(2026, 1, 1);

fn v13(from: &str) -> SchemaPeriod {
    SchemaPeriod { from: from.into(), ..SchemaPeriod::default() }
}

fn of(version: &str, store: &str, from: &str) -> SchemaPeriod {
    SchemaPeriod { version: version.into(), store: store.into(), ..v13(from) }
}

/// Paths of the errors.
fn errors(findings: Vec<Finding>) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(Finding::path_text).collect()
}

#[test]
fn at_least_one_period() {
    assert_eq!(errors(schema(&[], None)), ["schema"]);
    assert!(schema(&[], None)[0].why.contains("must specify at least one schema configuration"));
    assert_eq!(schema(&[v13("2024-04-01")], None), []);
}

#[test]
fn dates_are_dates_as_loki_reads_them() {
    for wrong in ["", "2024-13-01", "2024-02-30", "01.04.2024", "20240401", "2024-4-1", "2024-04-01T00:00"] {
        assert_eq!(errors(schema(&[v13(wrong)], None)), ["schema[0].from"], "{wrong}");
    }
    assert_eq!(schema(&[v13("2024-02-29")], None), []);
}

#[test]
fn dates_ascend() {
    assert_eq!(schema(&[v13("2024-04-01"), v13("2025-04-01")], None), []);
    let twice = schema(&[v13("2024-04-01"), v13("2024-04-01")], None);
    assert!(twice[0].why.contains("from time in schemas must be distinct and in increasing order"));
    assert_eq!(errors(schema(&[v13("2025-04-01"), v13("2024-04-01")], None)), ["schema[1].from"]);
}

#[test]
fn one_period_is_in_force() {
    assert_eq!(schema(&[v13("2026-01-01")], Some(TODAY)), []);
    assert_eq!(errors(schema(&[v13("2026-01-02")], Some(TODAY))), ["schema[0].from"]);
    assert_eq!(schema(&[v13("2026-01-02")], None), [], "without a date nobody knows");
}

#[test]
fn versions_and_stores_are_known() {
    assert_eq!(errors(schema(&[of("v12", "tsdb", "2024-04-01")], None)), Vec::<String>::new());
    assert_eq!(errors(schema(&[of("v14", "tsdb", "2024-04-01")], None)), ["schema[0].version"]);
    assert_eq!(errors(schema(&[of("13", "tsdb", "2024-04-01")], None)), ["schema[0].version"]);
    assert_eq!(errors(schema(&[of("v13", "boltdb", "2024-04-01")], None)), ["schema[0].store"]);
    let prefix = SchemaPeriod { index_prefix: "index/".into(), ..SchemaPeriod::default() };
    assert_eq!(errors(schema(&[prefix], None)), ["schema[0].index_prefix"]);
}

#[test]
fn boltdb_is_for_the_past() {
    let boltdb = || of("v12", "boltdb-shipper", "2022-04-01");
    let last = schema(&[boltdb()], None);
    assert_eq!((last.len(), last[0].severity), (1, Severity::Warning));
    assert_eq!(schema(&[boltdb(), v13("2024-04-01")], None), []);
}

#[test]
fn structured_metadata_needs_v13_on_tsdb_in_force() {
    let check = |periods: &[SchemaPeriod], limits: &Limits| {
        structured_metadata(periods, limits, Some(TODAY)).map(|finding| finding.path_text())
    };
    let none = Limits::new();
    let old = || of("v12", "tsdb", "2023-01-01");
    assert_eq!(check(&[v13("2024-04-01")], &none), None);
    assert_eq!(check(&[old(), v13("2024-04-01")], &none), None);
    assert_eq!(check(&[old()], &none), Some("schema[0].version".into()));
    assert_eq!(check(&[old(), v13("2026-02-01")], &none), Some("schema[0].version".into()));
    assert_eq!(check(&[of("v13", "boltdb-shipper", "2023-01-01")], &none), Some("schema[0].store".into()));
    for off in [json!(false), json!("false")] {
        assert_eq!(check(&[old()], &Limits::from([("allow_structured_metadata".into(), off)])), None);
    }
    let on = Limits::from([("allow_structured_metadata".into(), json!(true))]);
    assert_eq!(check(&[old()], &on), Some("schema[0].version".into()));
    assert_eq!(structured_metadata(&[old(), v13("2026-02-01")], &none, None), None, "the last one is assumed");
}
