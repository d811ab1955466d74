//! What functions answer that judge a file of Loki's: valid or not, and the findings.

use std::collections::BTreeMap;

use super::argument::listed;
use crate::loki::Severity;
use crate::loki::config_file::{FileFinding, NEWEST_MINOR, OLDEST_MINOR};
use crate::loki::version::Version;
use crate::resource::{FunctionProblem, Parameter};
use crate::schema::{Cty, Number, Type};

/// Findings that are told; a file of 10 MB can have a million.
pub(super) const MOST: usize = 1000;
/// Characters of a text that are told.
pub(super) const LONGEST: usize = 2000;

/// What a function's description says of its answer.
pub(super) const FINDINGS: &str = "`findings` are the errors in the order in which Loki would come upon them, then the \
warnings: of what Loki takes and its users fall over. Each has a `severity` (`error` or `warning`); a `path` of dotted keys, \
items of lists as `[0]`; the `line` and `column`, from 1, or 0 for the whole file; the `text`, in Loki's words where it has \
some; and a `hint` of what to do, which may be empty. At most 1000 are told.

Values of keys that are secrets to Loki are not quoted. If an argument is sensitive, Terraform makes the whole result \
sensitive: `nonsensitive(….valid)` shows it nevertheless.";

/// The type of the answer.
pub(super) fn returns() -> Type {
    let finding = Type::Object(BTreeMap::from([
        ("severity".into(), Type::String),
        ("path".into(), Type::String),
        ("line".into(), Type::Number),
        ("column".into(), Type::Number),
        ("text".into(), Type::String),
        ("hint".into(), Type::String),
    ]));
    Type::Object(BTreeMap::from([("valid".into(), Type::Bool), ("findings".into(), Type::List(Box::new(finding)))]))
}

/// A parameter of that name.
pub(super) fn parameter(name: &'static str, kind: Type, description: &'static str) -> Parameter {
    Parameter { name: name.into(), kind, description: description.into(), ..Parameter::default() }
}

/// The parameter that [`minor`] reads.
pub(super) fn version() -> Parameter {
    parameter("version", Type::String, "The version of Loki that will read it, such as `3.7.8` or `3.7`: 3.0 to 3.7.")
}

/// Of a version that is known, with or without its last number; it is the second argument.
///
/// # Errors
/// When its rules are not known.
pub(super) fn minor(version: &str) -> Result<u32, FunctionProblem> {
    let parsed = version.parse::<Version>().or_else(|()| format!("{version}.0").parse());
    let known = parsed.ok().filter(|version| version.supported()).map(|version| version.minor);
    known.ok_or_else(|| {
        let known: Vec<String> = (OLDEST_MINOR..=NEWEST_MINOR).map(|minor| format!("3.{minor}")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let text = format!("{version:?} is no version of Loki whose rules are known; those are {}.", listed(&known));
        FunctionProblem::new(text).at(1)
    })
}

/// The answer.
pub(super) fn judgement(findings: Vec<FileFinding>) -> Cty {
    let valid = !findings.iter().any(|it| it.severity == Severity::Error);
    let more = findings.len().saturating_sub(MOST);
    let mut told: Vec<Cty> = findings.into_iter().take(if more == 0 { MOST } else { MOST - 1 }).map(finding).collect();
    if more > 0 {
        let text = format!("There are {} more findings, which are left out.", more + 1);
        let severity = if valid { Severity::Warning } else { Severity::Error };
        let (path, hint) = (String::new(), String::new());
        told.push(finding(FileFinding { severity, path, line: 0, column: 0, text, hint }));
    }
    Cty::Map(BTreeMap::from([("valid".into(), Cty::Bool(valid)), ("findings".into(), Cty::List(told))]))
}

fn finding(of: FileFinding) -> Cty {
    let severity = match of.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let number = |number: u32| Cty::Number(Number::from(u64::from(number)));
    Cty::Map(BTreeMap::from([
        ("severity".into(), Cty::String(severity.into())),
        ("path".into(), Cty::String(bounded(of.path))),
        ("line".into(), number(of.line)),
        ("column".into(), number(of.column)),
        ("text".into(), Cty::String(bounded(of.text))),
        ("hint".into(), Cty::String(bounded(of.hint))),
    ]))
}

fn bounded(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}
