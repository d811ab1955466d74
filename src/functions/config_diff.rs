//! `config_diff`: where two configurations of Loki differ.

use std::collections::BTreeMap;

use crate::loki::config_file::diff::{Difference, diff};
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Type};

/// The function.
pub struct ConfigDiff;

impl Function for ConfigDiff {
    const NAME: &'static str = "config_diff";

    fn signature(&self) -> Signature {
        let parameter = |name: &'static str, description: &'static str| Parameter {
            name: name.into(),
            kind: Type::String,
            description: description.into(),
            ..Parameter::default()
        };
        Signature {
            parameters: vec![
                parameter("before", "A configuration file of Loki's (YAML)."),
                parameter("after", "The configuration file to compare it with."),
            ],
            returns: Type::List(Box::new(Type::Object(BTreeMap::from([
                ("path".into(), Type::String),
                ("before".into(), Type::String),
                ("after".into(), Type::String),
                ("change".into(), Type::String),
            ])))),
            summary: "Where two configurations of Loki differ".into(),
            description: DESCRIPTION.into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(before), Cty::String(after)] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes two texts."));
        };
        let found = diff(before, after).map_err(|error| {
            FunctionProblem::new(format!("This cannot be read as YAML: {}", error.text)).at(error.which)
        })?;
        Ok(Cty::List(found.into_iter().map(difference).collect()))
    }
}

const DESCRIPTION: &str = "The differences of two configuration files that mean something to Loki, in the order of \
their paths: `path` (dotted keys, items of lists as `[0]`), `before` and `after` as they are written there (null where \
nothing is), and `change`: `added`, `removed` or `changed`.

No difference is made by comments, the order of keys, quoting, anchors, by how a duration, size, number or boolean is \
written (`1h` and `60m`), or by a default that is written down, unless another section, such as `common`, would give that \
key another value. Keys, types and defaults are those of the newest version of Loki that the provider knows; keys that it \
does not know are compared as YAML. Neither file has to be valid for Loki. Variables (`${NAME}`) are not expanded.

What secrets are is not shown: `(sensitive)` stands for them, and a secret that was replaced is `changed`.";

fn difference(of: Difference) -> Cty {
    let change = match (&of.before, &of.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let text = |text: Option<String>| text.map_or(Cty::Null, Cty::String);
    Cty::Map(BTreeMap::from([
        ("path".into(), Cty::String(of.path)),
        ("before".into(), text(of.before)),
        ("after".into(), text(of.after)),
        ("change".into(), Cty::String(change.into())),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(before: &str, after: &str) -> Result<Cty, FunctionProblem> {
        ConfigDiff.call(vec![Cty::String(before.into()), Cty::String(after.into())])
    }

    #[test]
    fn differences_say_what_became_of_a_key() {
        let Ok(Cty::List(found)) = call("auth_enabled: false\nballast_bytes: 1", "ballast_bytes: 2\ntarget: read")
        else {
            panic!("a list")
        };
        let changes: Vec<_> = found
            .iter()
            .map(|it| match it {
                Cty::Map(it) => (it["path"].clone(), it["change"].clone()),
                _ => panic!("an object"),
            })
            .collect();
        let text = |text: &str| Cty::String(text.into());
        assert_eq!(
            changes,
            [("auth_enabled", "removed"), ("ballast_bytes", "changed"), ("target", "added")]
                .map(|(path, change)| (text(path), text(change)))
        );
    }

    #[test]
    fn what_is_no_yaml_is_refused_at_its_argument() {
        let problem = call("", "a: [").unwrap_err();
        assert_eq!(problem.argument, Some(1));
        assert!(problem.text.contains("yaml: line"), "{problem}");
    }
}
