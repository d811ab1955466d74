//! `verify_runtime_config`: Loki's own judgement of the file of tenants' limits.

use super::judgement::{FINDINGS, judgement, minor, parameter, returns, version};
use crate::loki::config_file::{load, verify_runtime};
use crate::resource::{Function, FunctionProblem, Signature};
use crate::schema::{Cty, Type};

/// The function.
pub struct VerifyRuntimeConfig;

impl Function for VerifyRuntimeConfig {
    const NAME: &'static str = "verify_runtime_config";

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![
                parameter(
                    "yaml",
                    Type::String,
                    "The runtime configuration, which `runtime_config.file` of the configuration file names: `overrides` \
                     by tenant, and what else changes while Loki runs.",
                ),
                version(),
            ],
            variadic: Some(parameter(
                "config",
                Type::String,
                "The configuration file, of which each tenant's limits start. Without it they start from Loki's \
                 defaults. Its own mistakes are passed over here: those `verify_config` tells. At most one text.",
            )),
            returns: returns(),
            summary: "What Loki says of a runtime configuration".into(),
            description: format!("{DESCRIPTION}\n\n{FINDINGS}").into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(yaml), Cty::String(version), main @ ..] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes a runtime configuration and a version."));
        };
        let minor = minor(version)?;
        let main = match main {
            [] => None,
            [Cty::String(main)] => Some(load(main, minor, None)),
            [_] => return Err(FunctionProblem::new("The configuration file is a string.").at(2)),
            _ => return Err(FunctionProblem::new("At most one configuration file is taken.").at(3)),
        };
        Ok(judgement(verify_runtime(yaml, minor, main.as_ref())))
    }
}

const DESCRIPTION: &str = "Judges the file of tenants' limits as Loki of that version does when it reads it, offline. Loki \
does not start with a file that it refuses, and a Loki that runs goes on with the last good one and only says so in its log: \
new limits then never come into force. `loki -verify-config` does not look at this file. Variables in it are not expanded, \
as Loki does not either.";

#[cfg(test)]
mod tests {
    use super::*;

    fn call(arguments: &[&str]) -> Result<(bool, String), FunctionProblem> {
        let result = VerifyRuntimeConfig.call(arguments.iter().map(|it| Cty::String((*it).to_owned())).collect())?;
        let Cty::Map(result) = result else { panic!("an object") };
        let Cty::Bool(valid) = result["valid"] else { panic!("a bool") };
        Ok((valid, format!("{:?}", result["findings"])))
    }

    #[test]
    fn limits_that_loki_takes_are_valid() {
        for version in ["3.0", "3.7.8"] {
            assert_eq!(
                call(&["overrides: {acme: {retention_period: 31d}}", version]).unwrap(),
                (true, "List([])".into())
            );
        }
    }

    #[test]
    fn what_loki_refuses_is_told_with_place_text_and_hint() {
        let (valid, found) = call(&["overrides:\n  acme:\n    max_lin_size: 1\n", "3.7"]).unwrap();
        assert!(!valid);
        for word in ["overrides.acme.max_lin_size", "not found in type", "Did you mean max_line_size?"] {
            assert!(found.contains(word), "{word}: {found}");
        }
    }

    #[test]
    fn limits_start_from_those_of_the_configuration_file() {
        let (tenant, main) =
            ("{volume_enabled: true}", "limits_config: {retention_stream: [{selector: '{a=\"b\"}', period: 2h}]}");
        let tenant = format!("overrides: {{acme: {tenant}}}");
        assert!(call(&[&tenant, "3.7"]).unwrap().0);
        let (valid, found) = call(&[&tenant, "3.7", main]).unwrap();
        assert!(!valid && found.contains("invalid override for tenant acme"), "{found}");
    }

    #[test]
    fn odd_arguments_are_refused() {
        assert_eq!(call(&["", "2.9.8"]).unwrap_err().argument, Some(1));
        assert_eq!(call(&["", "3.7", "", ""]).unwrap_err().argument, Some(3));
        let arguments = vec![Cty::String(String::new()), Cty::String("3.7".into()), Cty::Bool(true)];
        assert_eq!(VerifyRuntimeConfig.call(arguments).unwrap_err().argument, Some(2));
    }
}
