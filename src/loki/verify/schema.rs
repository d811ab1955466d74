//! Schema periods: Loki's own rules (pkg/storage/config/schema_config.go, pkg/loki/validation.go). Those about changes of
//! them are in [`crate::loki::history`].

use jiff::civil::Date;

use crate::loki::finding::{Finding, Step};
use crate::loki::options::{Limits, SchemaPeriod};

/// Schema versions that Loki 3 reads.
const VERSIONS: [&str; 5] = ["v9", "v10", "v11", "v12", "v13"];
const TSDB: &str = "tsdb";
const BOLTDB: &str = "boltdb-shipper";

/// The periods by themselves, and with `today` (UTC) whether one is in force.
pub fn schema(periods: &[SchemaPeriod], today: Option<Date>) -> Vec<Finding> {
    let Some(first) = periods.first() else {
        return vec![
            Finding::error(
                summary!("There is no schema period"),
                "Loki refuses it: must specify at least one schema configuration.",
                "Add one, such as { from = \"2024-04-01\", version = \"v13\" }.",
            )
            .at("schema"),
        ];
    };
    let mut findings: Vec<_> = periods.iter().enumerate().flat_map(|(i, one)| period(i, one)).collect();
    for (index, pair) in periods.windows(2).enumerate() {
        if let (Some(before), Some(after)) = (day(&pair[0].from), day(&pair[1].from))
            && before >= after
        {
            findings.push(
                Finding::error(
                    summary!("The period from {after} stands after the one from {before}"),
                    "Loki refuses it: from time in schemas must be distinct and in increasing order.",
                    "Order the periods by date, each with a date of its own.",
                )
                .at("from")
                .under(step(index + 1)),
            );
        }
    }
    if let (Some(today), Some(from)) = (today, day(&first.from))
        && from > today
    {
        findings.push(
            Finding::error(
                summary!("No schema period is in force before {from}"),
                "Until then Loki has no schema to store logs by and refuses every push: no schema config found \
                 for time.",
                format!(
                    "Let the first period start today ({today}) or earlier; for a new stack any past date will do."
                ),
            )
            .at("from")
            .under(step(0)),
        );
    }
    if let Some((last, period)) = periods.iter().enumerate().next_back()
        && period.store == BOLTDB
    {
        findings.push(
            Finding::warning(
                summary!("The newest schema period keeps its index in boltdb-shipper"),
                "It is deprecated, and Loki 4.0 no longer reads it.",
                "Add a period with store = \"tsdb\" and version = \"v13\" that starts on a future date.",
            )
            .at("store")
            .under(step(last)),
        );
    }
    findings
}

fn period(index: usize, period: &SchemaPeriod) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |path: &'static str, finding: Finding| findings.push(finding.at(path).under(step(index)));
    if day(&period.from).is_none() {
        add(
            "from",
            Finding::error(
                summary!("{:?} is no date", period.from),
                "Loki reads the first day of a schema period as YYYY-MM-DD.",
                "Write it for example as \"2024-04-01\".",
            ),
        );
    }
    if !VERSIONS.contains(&period.version.as_str()) {
        add(
            "version",
            Finding::error(
                summary!("{:?} is no schema version", period.version),
                format!("Loki refuses it: invalid schema version. It knows {}.", VERSIONS.join(", ")),
                "Use \"v13\" for a new period; keep what past periods had.",
            ),
        );
    }
    if ![TSDB, BOLTDB].contains(&period.store.as_str()) {
        add(
            "store",
            Finding::error(
                summary!("{:?} is no index store", period.store),
                format!(
                    "Loki refuses it: unrecognized `store` (index) type `{}`, choose one of: {BOLTDB}, {TSDB}.",
                    period.store
                ),
                "Use \"tsdb\".",
            ),
        );
    }
    let prefix = &period.index_prefix;
    if prefix.is_empty() || prefix.chars().any(|c| c.is_whitespace() || c == '/' || c == '$') {
        add(
            "index_prefix",
            Finding::error(
                summary!("{prefix:?} cannot be the prefix of index tables"),
                "Tables are named by it and the number of their day, and are directories of the store.",
                "Use \"index_\", or what the adopted stack has used.",
            ),
        );
    }
    findings
}

/// What the period in force must be for structured metadata, which Loki 3 has on by default.
pub fn structured_metadata(periods: &[SchemaPeriod], limits: &Limits, today: Option<Date>) -> Option<Finding> {
    let allowed =
        limits.get("allow_structured_metadata").map(|v| crate::loki::limits::typed("allow_structured_metadata", v));
    if allowed == Some(false.into()) {
        return None;
    }
    let index = in_force(periods, today)?;
    let period = &periods[index];
    let number: u32 = period.version.strip_prefix('v')?.parse().ok()?;
    let (attribute, why) = if number < 13 {
        (
            "version",
            format!(
                "Loki refuses it: CONFIG ERROR: schema v13 is required to store Structured Metadata and use native \
             OTLP ingestion, your schema version is {}.",
                period.version
            ),
        )
    } else if period.store != TSDB {
        (
            "store",
            format!(
                "Loki refuses it: CONFIG ERROR: `tsdb` index type is required to store Structured Metadata and use \
             native OTLP ingestion, your index type is `{}`.",
                period.store
            ),
        )
    } else {
        return None;
    };
    let finding = Finding::error(
        summary!("The schema period in force (from {}) cannot store structured metadata", period.from),
        why,
        "Set limits = { allow_structured_metadata = false }, add a period with store = \"tsdb\" and version = \
         \"v13\" that starts on a future date, and allow it again once that is in force.",
    );
    Some(finding.at(attribute).under(step(index)).and("limits"))
}

/// The period that logs of `today` are stored by; the last one where no date is given.
fn in_force(periods: &[SchemaPeriod], today: Option<Date>) -> Option<usize> {
    let started = |period: &SchemaPeriod| match (today, day(&period.from)) {
        (Some(today), Some(from)) => from <= today,
        _ => true,
    };
    periods.iter().rposition(started).or((!periods.is_empty()).then_some(0))
}

/// A date as Loki reads it (Go's `2006-01-02`), which is stricter than ISO 8601.
pub fn day(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(i, byte)| match i {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if form { text.parse().ok() } else { None }
}

fn step(index: usize) -> [Step; 2] {
    [Step::Attribute("schema"), Step::Index(index)]
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
