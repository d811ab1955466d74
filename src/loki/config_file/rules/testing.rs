//! What tests of rules ask.

use crate::loki::config_file::{FileFinding, verify};
use crate::loki::finding::Severity;

/// A file that Loki takes and that gives no reason for advice.
const GOOD: &str = "\
auth_enabled: false
common: {path_prefix: /loki, replication_factor: 1, ring: {kvstore: {store: inmemory}}}
schema_config: {configs: [{from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}
storage_config: {filesystem: {directory: /loki/chunks}}
";

/// Paths and texts of what is found with lines added to the good file.
fn found(minor: u32, added: &str, severity: Severity) -> Vec<(String, String)> {
    let mut found = verify(&format!("{GOOD}{added}"), minor, None);
    found.retain(|finding| finding.severity == severity);
    // To an unknown key there may be nothing to say.
    let told = |finding: &FileFinding| !finding.hint.is_empty() || finding.text.starts_with("field ");
    assert!(found.iter().all(told), "each says what to do: {found:#?}");
    found.into_iter().map(|finding| (finding.path, finding.text)).collect()
}

/// Asserts that Loki takes the lines.
#[track_caller]
pub(in super::super) fn takes(minor: u32, added: &str) {
    assert_eq!(found(minor, added, Severity::Error), [], "3.{minor}: {added}");
}

/// Asserts that Loki refuses the lines: first at the path and with the text, after "CONFIG ERROR: invalid ".
#[track_caller]
pub(in super::super) fn refuses(minor: u32, added: &str, path: &str, text: &str) {
    let found = found(minor, added, Severity::Error);
    let Some((at, said)) = found.first() else { panic!("3.{minor} takes {added}") };
    assert_eq!((at.as_str(), said.strip_prefix("CONFIG ERROR: invalid ").unwrap_or(said)), (path, text));
}

/// Asserts that the lines are warned of, once.
#[track_caller]
pub(in super::super) fn warns(minor: u32, added: &str, path: &str, text: &str) {
    let found = found(minor, added, Severity::Warning);
    assert!(matches!(&found[..], [(at, said)] if at == path && said.contains(text)), "3.{minor}: {found:#?}");
}

/// Asserts that nothing is found.
#[track_caller]
pub(in super::super) fn quiet(minor: u32, added: &str) {
    takes(minor, added);
    assert_eq!(found(minor, added, Severity::Warning), [], "3.{minor}: {added}");
}
