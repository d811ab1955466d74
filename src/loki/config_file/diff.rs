//! Two configurations compared by what they mean to Loki.
//!
//! Comments, order of keys, quoting and anchors make no difference; nor does how a value is spelt whose type is known
//! (`1h` and `60m`, `1MB` and `1048576` where they are the same), nor whether a default is written down. A default that
//! another part of the file would have changed, such as what `common` gives to every ring, does make one.

mod leaf;

use std::collections::{BTreeMap, BTreeSet};

use super::config::Config;
use super::finding::Findings;
use super::yaml::{self, Document};
use super::{NEWEST_MINOR, decode, dynamic};
use leaf::{Leaf, Leaves, Step};

/// A place where two configurations differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The keys that lead there, dotted; items of lists as `[0]`.
    pub path: String,
    /// What the first says there, as it is written; none where it says nothing.
    pub before: Option<String>,
    /// What the second says there.
    pub after: Option<String>,
}

/// Why there is no comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which of the two cannot be read: 0 or 1.
    pub which: usize,
    /// Why.
    pub text: String,
}

/// Where two configurations differ, in the order of their paths; keys, types and defaults are those of the newest
/// version that is known. What is no valid configuration is compared as far as it is YAML.
///
/// # Errors
/// When one of them is no YAML, or too deep or large to compare.
pub fn diff(before: &str, after: &str) -> Result<Vec<Difference>, Unreadable> {
    let (before, after) = (leaves(before, 0)?, leaves(after, 1)?);
    let places: BTreeSet<&Vec<Step>> = before.keys().chain(after.keys()).collect();
    let differences = places.into_iter().filter_map(|place| {
        let (was, is) = (before.get(place), after.get(place));
        if let (Some(was), Some(is)) = (was, is)
            && was.value.same(&is.value)
        {
            return None;
        }
        Some(Difference { path: text(place), before: was.map(Leaf::shown), after: is.map(Leaf::shown) })
    });
    Ok(differences.collect())
}

/// What a configuration sets, by place.
fn leaves(text: &str, which: usize) -> Result<BTreeMap<Vec<Step>, Leaf>, Unreadable> {
    let unreadable = |text: String| Unreadable { which, text };
    let document = yaml::parse(text).map_err(|error| unreadable(error.text))?;
    let config = effective(&document);
    Leaves::of(&document, &config).map_err(unreadable)
}

/// The configuration, with what Loki derives from it as far as it can be read.
fn effective(document: &Document) -> Config {
    let (mut config, mut findings) = (Config::new(NEWEST_MINOR), Findings::default());
    decode::decode(document, &mut config, &mut findings);
    if !findings.refused() {
        dynamic::apply(&mut config, &mut findings);
    }
    config
}

fn text(place: &[Step]) -> String {
    let mut text = String::new();
    for step in place {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
        }
    }
    text
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
