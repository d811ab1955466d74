//! IAM policy documents: the two that a Loki needs, and when two documents mean the same.

use std::fmt;

use serde_json::{Map, Value, json};

use super::storage::StoragePolicy;

/// A policy document. Two are equal when they mean the same to IAM: the order of keys, statements and values, one
/// string or a list of one, the case of actions and the statement ids make no difference.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
#[derive(Clone, Debug)]
pub struct PolicyDocument(pub(super) Value);

impl PolicyDocument {
    /// One sentence when `text` is no JSON object.
    pub fn parse(text: &str) -> Result<Self, String> {
        match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(_) => Err("A policy document is a JSON object.".into()),
            Err(error) => Err(format!("The policy document is no JSON: {error}.")),
        }
    }

    /// Whether it has no statement.
    pub fn says_nothing(&self) -> bool {
        self.statements().is_empty()
    }

    /// A document of these statements.
    pub(super) fn of_statements(statements: Vec<Value>) -> Self {
        Self(json!({"Version": "2012-10-17", "Statement": statements}))
    }

    /// Its statements, one or several.
    pub(super) fn statements(&self) -> Vec<Value> {
        match self.0.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        }
    }

    /// What Loki does with its buckets and no more: list them; read, write and delete their objects.
    /// <https://grafana.com/docs/loki/latest/operations/storage/#s3>
    pub fn loki_storage<S: AsRef<str>>(partition: &str, buckets: &[S]) -> Self {
        let buckets = buckets.iter().map(|bucket| bucket.as_ref().to_owned()).collect();
        StoragePolicy { partition: partition.to_owned(), buckets, ..StoragePolicy::default() }.document()
    }

    /// The text to keep in state: `known` if it means the same, so that a rewrite by AWS is no drift, else this one.
    pub fn text_like(&self, known: Option<&str>) -> String {
        match known {
            Some(known) if Self::parse(known).is_ok_and(|known| known == *self) => known.to_owned(),
            _ => self.to_string(),
        }
    }

    fn canonical(&self) -> Value {
        let Value::Object(document) = &self.0 else {
            return self.0.clone();
        };
        let mut canonical = Map::new();
        // Without a version IAM takes the older language.
        let version = document.get("Version").cloned();
        canonical.insert("Version".into(), version.unwrap_or_else(|| "2008-10-17".into()));
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().map(statement).collect(),
            Some(one) => vec![statement(one)],
            None => Vec::new(),
        };
        canonical.insert("Statement".into(), sorted(statements));
        Value::Object(canonical)
    }
}

impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for PolicyDocument {}

/// Compact JSON, keys in order.
impl fmt::Display for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn statement(statement: &Value) -> Value {
    let Value::Object(statement) = statement else {
        return statement.clone();
    };
    let canonical = statement
        .iter()
        .filter(|(key, _)| *key != "Sid")
        .map(|(key, value)| {
            let value = match key.as_str() {
                "Action" | "NotAction" => set(value, |action| action.to_ascii_lowercase()),
                "Principal" | "NotPrincipal" => principal(value),
                "Resource" | "NotResource" => set(value, str::to_owned),
                "Condition" => condition(value),
                _ => value.clone(),
            };
            (key.clone(), value)
        })
        .collect();
    Value::Object(canonical)
}

fn principal(value: &Value) -> Value {
    match value {
        Value::Object(kinds) => kinds.iter().map(|(kind, who)| (kind.clone(), set(who, account_root))).collect(),
        other => json!({"AWS": set(other, account_root)}),
    }
}

/// A bare account id is short for the account's root principal.
fn account_root(who: &str) -> String {
    let mut parts = who.splitn(6, ':');
    match (parts.next(), parts.nth(3), parts.next()) {
        (Some("arn"), Some(account), Some("root")) => account.to_owned(),
        _ => who.to_owned(),
    }
}

fn condition(value: &Value) -> Value {
    let Value::Object(operators) = value else {
        return value.clone();
    };
    operators
        .iter()
        .map(|(operator, tests)| {
            let tests = match tests {
                Value::Object(tests) => {
                    tests.iter().map(|(key, values)| (key.to_ascii_lowercase(), set(values, str::to_owned))).collect()
                }
                other => other.clone(),
            };
            (operator.clone(), tests)
        })
        .collect()
}

/// One value or a list of them as a sorted list without repeats; booleans and numbers count as their text.
fn set(value: &Value, normal: impl Fn(&str) -> String) -> Value {
    let normal = |value: &Value| match value {
        Value::String(text) => Value::String(normal(text)),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other.clone(),
    };
    sorted(match value {
        Value::Array(values) => values.iter().map(normal).collect(),
        one => vec![normal(one)],
    })
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_cached_key(Value::to_string);
    values.dedup();
    Value::Array(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(text: &str) -> PolicyDocument {
        PolicyDocument::parse(text).unwrap()
    }

    #[test]
    fn storage_policy_is_least_privilege() {
        let policy = PolicyDocument::loki_storage("aws-cn", &["b", "a", "a"]);
        assert_eq!(
            policy,
            doc(r#"{"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Action":["s3:DeleteObject","s3:GetObject","s3:PutObject"],
                 "Resource":["arn:aws-cn:s3:::a/*","arn:aws-cn:s3:::b/*"]},
                {"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws-cn:s3:::b","arn:aws-cn:s3:::a"]}]}"#)
        );
        assert!(!policy.to_string().contains("\"*\""));
    }

    #[test]
    fn spelling_makes_no_difference() {
        let one = doc(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"S3:getobject","Resource":"x",
               "Condition":{"Bool":{"AWS:SecureTransport":true}}}}"#,
        );
        let same = doc(
            r#"{"Statement":[{"Sid":"x","Resource":["x"],"Action":["s3:GetObject"],"Effect":"Allow","Principal":{"AWS":["*"]},
               "Condition":{"Bool":{"aws:SecureTransport":["true"]}}}],"Version":"2012-10-17"}"#,
        );
        assert_eq!(one, same);
        let root = doc(r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}}"#);
        let id = doc(r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"}}}"#);
        assert_eq!(root, id);
    }

    #[test]
    fn meaning_does() {
        let base = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}]}"#;
        for (from, to) in [
            ("Allow", "Deny"),
            ("GetObject", "*"),
            (":::a/*", ":::A/*"),
            ("2012-10-17", "2008-10-17"),
            (r#""Resource""#, r#""NotResource""#),
        ] {
            assert_ne!(doc(base), doc(&base.replace(from, to)), "{from} -> {to}");
        }
    }

    #[test]
    fn state_keeps_its_text_while_the_meaning_holds() {
        let known = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:B"}}"#;
        let live = doc(r#"{"Statement":[{"Action":["a:b"],"Effect":"Allow"}],"Version":"2012-10-17"}"#);
        assert_eq!(live.text_like(Some(known)), known);
        assert_eq!(
            live.text_like(Some("{}")),
            r#"{"Statement":[{"Action":["a:b"],"Effect":"Allow"}],"Version":"2012-10-17"}"#
        );
        assert_eq!(live.text_like(None), live.to_string());
    }

    #[test]
    fn what_is_no_document_says_so() {
        assert!(PolicyDocument::parse("[]").unwrap_err().contains("object"));
        assert!(PolicyDocument::parse("{").unwrap_err().contains("no JSON"));
    }
}
