//! Loki's configuration file, judged as Loki judges it: offline, for each of its versions, in its words.
//!
//! What the real one does (cmd/loki/main.go): it takes the defaults, reads the file strictly, derives
//! what sections share (`common`), reads the file again, and validates the whole. So does this:
//! [`expand`] the variables, read the [`yaml`] as Loki's library does, decode it by the [`model`] of the
//! version with each type's own [`grammar`], derive, and apply the rules. The first error is the one at
//! which Loki stops.

pub mod config;
mod decode;
pub mod diff;
mod dynamic;
pub mod expand;
pub mod finding;
pub mod grammar;
mod hints;
pub mod model;
mod removed;
mod rules;
mod runtime;
mod secret;
pub mod value;
pub mod view;
pub mod yaml;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use config::Config;
pub use finding::{FileFinding, Findings};
pub use removed::removed_since_2_9;
pub use runtime::verify_runtime;
pub use view::View;

/// Oldest minor version of Loki 3 whose keys and rules are known.
pub const OLDEST_MINOR: u32 = 0;
/// Newest minor version of Loki 3 whose keys and rules are known.
pub const NEWEST_MINOR: u32 = 7;

/// A day that has passed wherever this is run. Who does not know the day, since a function of Terraform must not,
/// takes periods up to it to have begun, and later ones not to have.
pub const KNOWN_PAST: Date = jiff::civil::date(2026, 11, 1);

/// Judges a configuration file for Loki 3.`minor`, as `loki -verify-config -config.file=…` does, and adds warnings of
/// what Loki does not check. Given variables, they are expanded first, as with `-config.expand-env=true`.
pub fn verify(text: &str, minor: u32, variables: Option<&BTreeMap<String, String>>) -> Vec<FileFinding> {
    verify_at(text, minor, variables, None)
}

/// The same on a known day (UTC), which tells which schema period is in force.
pub fn verify_at(
    text: &str,
    minor: u32,
    variables: Option<&BTreeMap<String, String>>,
    today: Option<Date>,
) -> Vec<FileFinding> {
    let mut findings = Findings::on(today);
    read(text, minor, variables, &mut findings);
    findings.into_vec()
}

/// What can be read of a configuration file: what is effective in it, for judging the file that changes it at run time.
pub fn load(text: &str, minor: u32, variables: Option<&BTreeMap<String, String>>) -> Config {
    let mut config = Config::new(minor);
    decode(text, variables, &mut config, &mut Findings::default());
    config
}

/// What is found in reading the file alone, before anything is derived or validated: unknown keys, values of wrong types,
/// and what is no YAML. Each of these findings depends on its own place only, so parts of a file can be asked about.
pub fn shape(text: &str, minor: u32) -> Vec<FileFinding> {
    let mut findings = Findings::on(None);
    match yaml::parse(text) {
        Ok(document) => decode::decode(&document, &mut Config::new(minor), &mut findings),
        Err(error) => findings.syntax(error),
    }
    findings.into_vec()
}

fn read(text: &str, minor: u32, variables: Option<&BTreeMap<String, String>>, findings: &mut Findings) {
    let mut config = Config::new(minor);
    decode(text, variables, &mut config, findings);
    if !findings.refused() {
        rules::all(config.view(), findings);
    }
}

/// Everything before the validation; stops at the first step that refuses something.
fn decode(text: &str, variables: Option<&BTreeMap<String, String>>, config: &mut Config, findings: &mut Findings) {
    let expanded;
    let text = match variables {
        None => text,
        Some(variables) => match expand::expand(text, variables) {
            Ok(text) => {
                expanded = text;
                &expanded
            }
            Err(error) => return findings.whole(error),
        },
    };
    let document = match yaml::parse(text) {
        Ok(document) => document,
        Err(error) => return findings.syntax(error),
    };
    decode::decode(&document, config, findings);
    if !findings.refused() {
        dynamic::apply(config, findings);
    }
}
