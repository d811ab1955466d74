//! What each version of Loki changes, in the guide to upgrades: what the plan says of the way from 2.9 to the newest.

use std::collections::BTreeSet;

use loki_provider::loki::history::upgrade;
use loki_provider::loki::version::{NEWEST, Version};

pub const PAGE: &str = "docs/guides/upgrade.md";
const BEGIN: &str = "<!-- steps -->\n";
const END: &str = "<!-- /steps -->";

/// The guide, with what stands between the marks written anew.
pub fn page(guide: &str) -> String {
    let (before, rest) = guide.split_once(BEGIN).expect("the guide has the first mark");
    let (_, after) = rest.split_once(END).expect("the guide has the last mark");
    let found = upgrade(Version::new(2, 9, 0), NEWEST);
    let mut seen = BTreeSet::new();
    let steps = found.iter().filter(|it| it.summary.contains(" changes what ") && seen.insert(it.summary.to_string()));
    let told = steps.map(|it| {
        let version = it.summary.split_whitespace().nth(1).unwrap_or_default();
        format!("### {version}\n\n{}\n\nWhat to do: {}\n", it.why, it.fix)
    });
    format!("{before}{BEGIN}{}\n{END}{after}", told.collect::<Vec<_>>().join("\n").replace('*', "\\*"))
}
