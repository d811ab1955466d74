//! Which diagnostics the tests have met, for the check that each has a test: their ids go into files of the folder that
//! LOKI_SAID names, where it is set.

use std::collections::BTreeSet;
use std::io::Write;

/// What stands before an id in a message.
const BEFORE: &str = "/docs/guides/errors#";

/// Notes every diagnostic that the text tells.
pub fn record(text: &str) {
    let Some(folder) = std::env::var_os("LOKI_SAID") else { return };
    let ids = text
        .split(BEFORE)
        .skip(1)
        .map(|after| after.split(|letter: char| !letter.is_alphanumeric() && letter != '-').next().unwrap_or_default());
    let lines: String = ids.map(|id| format!("{id}\n")).collect::<BTreeSet<_>>().into_iter().collect();
    if lines.is_empty() {
        return;
    }
    let path = std::path::Path::new(&folder).join(std::process::id().to_string());
    let mut file = std::fs::File::options().create(true).append(true).open(path).expect("a file in LOKI_SAID");
    // In one piece: tests write side by side.
    file.write_all(lines.as_bytes()).expect("a file that takes lines");
}
