//! `verify_config`: Loki's own judgement of a configuration file.

use std::collections::BTreeMap;

use super::judgement::{FINDINGS, judgement, minor, parameter, returns, version};
use crate::loki::config_file::verify;
use crate::resource::{Function, FunctionProblem, Signature};
use crate::schema::{Cty, Type};

/// The function.
pub struct VerifyConfig;

impl Function for VerifyConfig {
    const NAME: &'static str = "verify_config";

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![
                parameter("yaml", Type::String, "The configuration file, as Loki is given it with `-config.file`."),
                version(),
            ],
            variadic: Some(parameter(
                "env",
                Type::Map(Box::new(Type::String)),
                "The environment. With it variables such as `${NAME}` and `${NAME:-default}` are expanded before the \
                 file is read, as Loki does with `-config.expand-env=true`; variables that it lacks are empty. Without \
                 it nothing is expanded. At most one map.",
            )),
            returns: returns(),
            summary: "What Loki says of a configuration file".into(),
            description: format!("{DESCRIPTION}\n\n{FINDINGS}\n\n{DAY}").into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(yaml), Cty::String(version), environments @ ..] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes a configuration file and a version."));
        };
        let minor = minor(version)?;
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
For `check` blocks, preconditions and tests.";

const DAY: &str = "The function must not know what day it is, since a plan and its apply have to agree: of periods in \
`schema_config` it takes those that begin after 2026-11-01 for future ones.";

fn variables(environment: &Cty) -> Result<BTreeMap<String, String>, FunctionProblem> {
    let wrong = || FunctionProblem::new("The variables are a map of strings, none of them null.").at(2);
    let Cty::Map(variables) = environment else { return Err(wrong()) };
    let variable = |(name, value): (&_, &Cty)| match value {
        Cty::String(value) => Ok((String::from(std::borrow::Cow::as_ref(name)), value.clone())),
        _ => Err(wrong()),
    };
    variables.iter().map(variable).collect()
}

#[cfg(test)]
#[path = "verify_config_tests.rs"]
mod tests;
