//! What the unit tests of resources share.

use crate::schema::Diagnostics;

/// The errors of a report that has no warnings: attribute path, and summary with detail.
pub fn errors(report: Diagnostics) -> Vec<(String, String)> {
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    report.errors.into_iter().map(|it| (it.attribute.to_string(), format!("{}: {}", it.summary, it.detail))).collect()
}
