//! `schema_config`: the periods of a schema as Loki's configuration has them.

use super::argument::{Object, within};
use crate::loki::Severity;
use crate::loki::config_file::{FileFinding, NEWEST_MINOR, verify};
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Type};

/// The function.
pub struct SchemaConfig;

const ATTRIBUTES: [&str; 7] = ["from", "object_store", "store", "version", "schema", "index_prefix", "index_period"];

impl Function for SchemaConfig {
    const NAME: &'static str = "schema_config";

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter {
                name: "periods".into(),
                kind: Type::Dynamic,
                description: PERIODS.into(),
                ..Parameter::default()
            }],
            returns: Type::String,
            summary: "The section `schema_config` for periods".into(),
            description: DESCRIPTION.into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let periods = match arguments.first().map(within) {
            Some(Cty::List(periods)) if !periods.is_empty() => periods,
            _ => return Err(FunctionProblem::new("The periods are a list of objects, one at least.").at(0)),
        };
        let mut yaml = String::from("schema_config:\n  configs:\n");
        for (index, period) in periods.iter().enumerate() {
            yaml.push_str(&Period::of(period, index)?.yaml());
        }
        match first_error(&yaml) {
            Some(finding) => Err(refusal(&finding)),
            None => Ok(Cty::String(yaml)),
        }
    }
}

const PERIODS: &str = "The periods, oldest first: a list of objects with the attributes `from`, the day of the first logs \
(`2024-04-01`), and `object_store` (`s3`, `gcs`, `azure`, `filesystem`, or the name of a named store); and, where they are \
not to be as they are without them, `store` (`tsdb`), `version` (`v13`; `schema` is another name of it), `index_prefix` \
(`index_`) and `index_period` (`24h`). Each object may have other ones of these.";

const DESCRIPTION: &str = "The text (YAML) of the section `schema_config` of Loki's configuration, with its \
key, for a configuration file that is put together in Terraform. The periods are held to Loki's rules: days that ascend, \
known stores and versions, an index period of 24h for `tsdb`. Whether a name of an `object_store` that is none of Loki's own \
is a named store, only the whole file tells: see `verify_config`.

Periods that have begun must be left as they are, and a new one begins in the future: Loki finds its older logs by them. \
`loki_stack` holds its own `schema` to that.";

struct Period {
    from: String,
    object_store: String,
    store: String,
    version: String,
    index_prefix: String,
    index_period: String,
}

impl Period {
    fn of(value: &Cty, index: usize) -> Result<Self, FunctionProblem> {
        let of = Object::of(value, &format!("periods[{index}]"), 0, &ATTRIBUTES)?;
        let required = |name: &str, example: &str| {
            let missing = || of.problem(name, &format!("is missing; it looks like {example:?}."));
            of.text(name)?.filter(|text| !text.is_empty()).ok_or_else(missing)
        };
        let optional = |name: &str, default: &str| Ok(of.text(name)?.unwrap_or_else(|| default.to_owned()));
        let version = match (of.text("version")?, of.text("schema")?) {
            (Some(_), Some(_)) => return Err(of.problem("schema", "is another name of version; leave one out.")),
            (version, schema) => version.or(schema).unwrap_or_else(|| "v13".to_owned()),
        };
        Ok(Period {
            from: required("from", "2024-04-01")?,
            object_store: required("object_store", "s3")?,
            store: optional("store", "tsdb")?,
            version,
            index_prefix: optional("index_prefix", "index_")?,
            index_period: optional("index_period", "24h")?,
        })
    }

    fn yaml(&self) -> String {
        format!(
            "    - from: {}\n      store: {}\n      object_store: {}\n      schema: {}\n      index:\n        prefix: {}\n        \
             period: {}\n",
            quoted(&self.from),
            plain(&self.store),
            plain(&self.object_store),
            plain(&self.version),
            plain(&self.index_prefix),
            plain(&self.index_period),
        )
    }
}

/// JSON's texts are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Without quotes where nothing but a text can be meant.
fn plain(text: &str) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    // Whole words in YAML 1.1 are booleans or null: true, false, yes, no, on, off, y, n, null.
    let word = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let known = matches!(text, "tsdb" | "s3" | "gcs" | "azure" | "swift" | "cos");
    let duration =
        text.strip_suffix('h').is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()));
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if known || duration || (begins && !word && text.bytes().all(fits)) { text.to_owned() } else { quoted(text) }
}

/// What Loki refuses in the section, with what other sections need besides left out of account.
fn first_error(yaml: &str) -> Option<FileFinding> {
    let whole = format!("{yaml}limits_config:\n  allow_structured_metadata: false\n");
    verify(&whole, NEWEST_MINOR, None).into_iter().find(|it| {
        let ours = it.path.is_empty() || it.path.starts_with("schema_config");
        it.severity == Severity::Error && ours && !it.path.ends_with(".object_store")
    })
}

fn refusal(finding: &FileFinding) -> FunctionProblem {
    let place = finding.path.strip_prefix("schema_config.configs").unwrap_or_default();
    let text =
        format!("periods{place}: Loki would refuse this: {}. {}", finding.text.trim_end_matches('.'), finding.hint);
    FunctionProblem::new(text.trim_end()).at(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::config_file::yaml;

    fn call(periods: &[&[(&'static str, &str)]]) -> Result<Cty, FunctionProblem> {
        let text = |text: &&str| Cty::String((*text).to_owned());
        let period = |it: &&[(&'static str, &str)]| {
            Cty::Map(it.iter().map(|(key, value)| ((*key).into(), text(value))).collect())
        };
        SchemaConfig.call(vec![Cty::List(periods.iter().map(period).collect())])
    }

    #[test]
    fn periods_become_a_section() {
        let section = call(&[
            &[("from", "2023-01-01"), ("object_store", "s3"), ("store", "boltdb-shipper"), ("schema", "v12")],
            &[("from", "2024-04-01"), ("object_store", "my store"), ("index_prefix", "loki_")],
        ]);
        let expected = r#"schema_config:
  configs:
    - from: "2023-01-01"
      store: boltdb-shipper
      object_store: s3
      schema: v12
      index:
        prefix: index_
        period: 24h
    - from: "2024-04-01"
      store: tsdb
      object_store: "my store"
      schema: v13
      index:
        prefix: loki_
        period: 24h
"#;
        assert_eq!(section, Ok(Cty::String(expected.into())));
    }

    #[test]
    fn what_loki_refuses_is_refused_with_its_place() {
        let good: &[(&'static str, &str)] = &[("from", "2024-04-01"), ("object_store", "s3")];
        let with = |name: &'static str, value: &'static str| [good, &[(name, value)]].concat();
        for (periods, words) in [
            (vec![good, good], "increasing order"),
            (vec![&with("index_period", "168h")[..]], "24h"),
            (vec![&with("version", "v42")[..]], "invalid schema version"),
            (vec![&with("store", "tsbd")[..]], "periods[0]"),
            (vec![&[("from", "April"), ("object_store", "s3")][..]], "April"),
            (vec![&[("object_store", "s3")][..]], "periods[0].from is missing"),
            (vec![&[("from", "2024-04-01")][..]], "periods[0].object_store is missing"),
            (vec![&with("prefix", "x")[..]], "\"prefix\""),
            (vec![], "one at least"),
        ] {
            let problem = call(&periods).unwrap_err();
            assert!(problem.text.contains(words), "{words}: {problem}");
            assert_eq!(problem.argument, Some(0));
        }
    }

    #[test]
    fn texts_that_could_be_something_else_are_quoted() {
        for text in ["yes", "null", "1", "1.5", "a: b", "# a", "", "\"", "a\nb", "é", "0x1", "y"] {
            let document = yaml::parse(&format!("a: {}", plain(text))).unwrap();
            let value = document.get(document.get(document.root.unwrap()).children[1]);
            assert_eq!((value.value.as_str(), yaml::resolve(value)), (text, Ok(yaml::Resolved::Text)), "{text}");
        }
    }
}
