//! What the check phase says of a stack's past, of its overrides, and of the file that is rendered for it.

use jiff::Timestamp;

use super::super::options::{options, report_findings, unknown_inputs};
use super::super::state::{LokiStack, S3, SchemaPeriod, Storage};
use super::{check, stack};
use crate::loki::Finding;
use crate::schema::{Cty, Diagnostics, Dynamic, Number, Schematic, Type, Value};

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

/// `{ section = { key = value } }`.
fn overrides(section: &'static str, key: &'static str, value: Cty) -> Value<Dynamic> {
    let inner = Cty::Map([(key.into(), value)].into());
    Value::Value(Dynamic { kind: Type::Dynamic, value: Cty::Map([(section.into(), inner)].into()) })
}

fn number(text: &str) -> Cty {
    Cty::Number(Number::parse(text).unwrap())
}

/// Attribute and summary of each.
type Told = Vec<(String, String)>;

/// The errors and the warnings of a plan.
fn plan(state: &LokiStack) -> (Told, Told) {
    let unknown = unknown_inputs(state);
    let mut report = Diagnostics::default();
    report_findings(check::rules(&options(state), Some(check::day(now())), &unknown), &unknown, true, &mut report);
    let told = |it: Vec<crate::schema::Diagnostic>| {
        it.into_iter().map(|it| (it.attribute.to_string(), it.summary.into_owned())).collect()
    };
    (told(report.errors), told(report.warnings))
}

fn history(prior: &LokiStack, planned: &LokiStack) -> Vec<Finding> {
    check::history(prior, &options(planned), now())
}

#[test]
fn a_change_of_the_version_says_what_breaks_on_the_way() {
    let of = |version: &str| LokiStack { loki_version: text(version), ..stack() };
    let told = history(&of("3.6.4"), &of("3.7.8"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].path_text(), "loki_version");
    assert!(told[0].summary.starts_with("Loki 3.7.0 changes"), "{}", told[0]);
    assert_eq!(history(&of("3.7.8"), &of("3.7.8")), []);
    assert_eq!(history(&of("3.7.8"), &of("4.0.0")), [], "refused for that alone");
    let imported = LokiStack { loki_version: Value::Null, ..stack() };
    assert_eq!(history(&imported, &of("3.7.8")), []);
}

#[test]
fn a_period_is_added_ahead_of_time_or_not_at_all() {
    let period = |from: &str| Value::Value(SchemaPeriod { from: text(from), ..SchemaPeriod::default() });
    let with = |from: &str| LokiStack { schema: Value::Value(vec![period("2024-04-01"), period(from)]), ..stack() };
    assert_eq!(history(&stack(), &with("2026-01-02")), []);
    let late = history(&stack(), &with("2026-01-01"));
    assert_eq!(late[0].path_text(), "schema[1]");
    assert!(late[0].fix.contains("2026-01-02 or later"), "{}", late[0]);
}

#[test]
fn overrides_are_judged_with_the_file_and_without() {
    let good = LokiStack { config_overrides: overrides("querier", "max_concurrent", number("8")), ..stack() };
    assert_eq!(plan(&good), plan(&stack()));
    let typo = overrides("querier", "max_concurent", number("8"));
    let expected = (
        "config_overrides".to_owned(),
        "config_overrides makes Loki 3.7.8 refuse its configuration at querier.max_concurent".to_owned(),
    );
    let known = LokiStack { config_overrides: typo.clone(), ..stack() };
    assert_eq!(plan(&known).0, std::slice::from_ref(&expected));
    // The bucket is made in the same run.
    let bucket = S3 { bucket: Value::Unknown, region: Value::Unknown, ..S3::default() };
    let storage = Value::Value(Storage { s3: Value::Value(bucket), ..Storage::default() });
    let unknown = LokiStack { config_overrides: typo, storage, ..stack() };
    assert_eq!(plan(&unknown).0, [expected]);
    let port = LokiStack { config_overrides: overrides("server", "http_listen_port", number("80")), ..stack() };
    assert_eq!(plan(&port).0[0].1, "config_overrides sets server.http_listen_port");
}

#[test]
fn overrides_that_are_not_known_yet_are_left_for_later() {
    let part = LokiStack { config_overrides: overrides("server", "http_listen_port", Cty::UNKNOWN), ..stack() };
    assert_eq!(part.unknowns().len(), 1);
    assert_eq!(plan(&part).0, []);
}

#[test]
fn a_mistake_is_said_once() {
    let limits = [("ingestion_rate".to_owned(), text("8"))].into();
    let stack = LokiStack { limits: Value::Value(limits), ..stack() };
    let (errors, _) = plan(&stack);
    assert_eq!(
        errors,
        [("limits[\"ingestion_rate\"]".to_owned(), "Loki 3.7.8 has no limit ingestion_rate".to_owned())]
    );
}
