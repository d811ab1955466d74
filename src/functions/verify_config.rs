//! `verify_config`: Loki's own judgement of a configuration file.

use std::collections::BTreeMap;

use super::argument::listed;
use crate::loki::Severity;
use crate::loki::config_file::{FileFinding, NEWEST_MINOR, OLDEST_MINOR, verify};
use crate::loki::version::Version;
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Number, Type};

/// The function.
pub struct VerifyConfig;

/// Findings that are told; a file of 10 MB can have a million.
const MOST: usize = 1000;
/// Characters of a text that are told.
const LONGEST: usize = 2000;

impl Function for VerifyConfig {
    const NAME: &'static str = "verify_config";

    fn signature(&self) -> Signature {
        let parameter = |name: &'static str, kind: Type, description: &'static str| Parameter {
            name: name.into(),
            kind,
            description: description.into(),
            ..Parameter::default()
        };
        let finding = Type::Object(BTreeMap::from([
            ("severity".into(), Type::String),
            ("path".into(), Type::String),
            ("line".into(), Type::Number),
            ("column".into(), Type::Number),
            ("text".into(), Type::String),
            ("hint".into(), Type::String),
        ]));
        Signature {
            parameters: vec![
                parameter("yaml", Type::String, "The configuration file, as Loki is given it with `-config.file`."),
                parameter(
                    "version",
                    Type::String,
                    "The version of Loki that will read it, such as `3.7.8` or `3.7`: 3.0 to 3.7.",
                ),
            ],
            variadic: Some(parameter(
                "env",
                Type::Map(Box::new(Type::String)),
                "The environment. With it variables such as `${NAME}` and `${NAME:-default}` are expanded before the \
                 file is read, as Loki does with `-config.expand-env=true`; variables that it lacks are empty. Without \
                 it nothing is expanded. At most one map.",
            )),
            returns: Type::Object(BTreeMap::from([
                ("valid".into(), Type::Bool),
                ("findings".into(), Type::List(Box::new(finding))),
            ])),
            summary: "What Loki says of a configuration file".into(),
            description: DESCRIPTION.into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(yaml), Cty::String(version), environments @ ..] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes a configuration file and a version."));
        };
        let minor = minor(version).ok_or_else(|| unsupported(version))?;
        let variables = match environments {
            [] => None,
            [environment] => Some(variables(environment)?),
            _ => return Err(FunctionProblem::new("At most one map of variables is taken.").at(3)),
        };
        Ok(judgement(verify(yaml, minor, variables.as_ref())))
    }
}

const DESCRIPTION: &str = "Judges a configuration file as `loki -verify-config` of that version does, offline and \
without running it: YAML, keys and types, and the rules that Loki holds them to. `valid` says whether Loki would start with it. \
For `check` blocks, preconditions and tests.

`findings` are the errors in the order in which Loki would come upon them, then the warnings: of what Loki takes and its \
users fall over. Each has a `severity` (`error` or `warning`); a `path` of dotted keys, items of lists as `[0]`; the \
`line` and `column`, from 1, or 0 for the whole file; the `text`, in Loki's words where it has some; and a `hint` of what \
to do, which may be empty. At most 1000 are told.

Values of keys that are secrets to Loki are not quoted. If an argument is sensitive, Terraform makes the whole result \
sensitive: `nonsensitive(….valid)` shows it nevertheless.

The function must not know what day it is, since a plan and its apply have to agree: of periods in `schema_config` it takes \
those that begin after 2026-11-01 for future ones.";

/// Of a version that is known: with or without its last number.
fn minor(version: &str) -> Option<u32> {
    let parsed = version.parse::<Version>().or_else(|()| format!("{version}.0").parse());
    parsed.ok().filter(|version| version.supported()).map(|version| version.minor)
}

fn unsupported(version: &str) -> FunctionProblem {
    let known: Vec<String> = (OLDEST_MINOR..=NEWEST_MINOR).map(|minor| format!("3.{minor}")).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let text = format!("{version:?} is no version of Loki whose rules are known; those are {}.", listed(&known));
    FunctionProblem::new(text).at(1)
}

fn variables(environment: &Cty) -> Result<BTreeMap<String, String>, FunctionProblem> {
    let wrong = || FunctionProblem::new("The variables are a map of strings, none of them null.").at(2);
    let Cty::Map(variables) = environment else { return Err(wrong()) };
    let variable = |(name, value): (&_, &Cty)| match value {
        Cty::String(value) => Ok((String::from(std::borrow::Cow::as_ref(name)), value.clone())),
        _ => Err(wrong()),
    };
    variables.iter().map(variable).collect()
}

fn judgement(findings: Vec<FileFinding>) -> Cty {
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

#[cfg(test)]
#[path = "verify_config_tests.rs"]
mod tests;
