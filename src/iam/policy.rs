//! IAM policy documents: the two that a Loki needs, and when two documents mean the same.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::arn;
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

    /// What Loki does with its buckets and no more: list them; read, write and delete their objects.
    /// <https://grafana.com/docs/loki/latest/operations/storage/#s3>
    pub fn loki_storage<S: AsRef<str>>(partition: &str, buckets: &[S]) -> Self {
        let buckets = buckets.iter().map(|bucket| bucket.as_ref().to_owned()).collect();
        StoragePolicy { partition: partition.to_owned(), buckets, ..StoragePolicy::default() }.document()
    }

    /// Whom a trust policy lets in, if it is one that [`Trusted::policy`] could have written.
    pub fn trusted(&self) -> Option<Trusted> {
        let statement = match self.0.get("Statement")? {
            Value::Array(statements) => statements.first()?,
            one => one,
        };
        let tests = statement.get("Condition")?.get("StringEquals")?.as_object()?;
        let test = |claim: &str| {
            let (key, value) = tests.iter().find(|(key, _)| key.ends_with(claim))?;
            let value = value.as_str().or_else(|| value.get(0)?.as_str())?;
            Some((key.strip_suffix(claim)?.to_owned(), value.to_owned()))
        };
        let ((issuer, subject), (_, audience)) = (test(":sub")?, test(":aud")?);
        let (namespace, service_account) = subject.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        let provider_arn = statement.get("Principal")?.get("Federated")?.as_str()?.to_owned();
        let trusted = Trusted {
            issuer: format!("https://{issuer}"),
            provider_arn,
            namespace: namespace.to_owned(),
            service_account: service_account.to_owned(),
            audience,
        };
        (trusted.policy() == *self).then_some(trusted)
    }

    /// The buckets of a policy that [`Self::loki_storage`] could have written.
    pub fn loki_buckets(&self) -> Option<Vec<String>> {
        let Value::Array(statements) = self.0.get("Statement")? else { return None };
        let resources = statements.iter().filter_map(|statement| statement.get("Resource")).flat_map(|it| match it {
            Value::Array(resources) => resources.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect::<Vec<_>>(),
        });
        let named: Vec<(&str, &str)> = resources
            .filter_map(|arn| arn.strip_prefix("arn:")?.split_once(":s3:::"))
            .filter(|(_, name)| !name.contains('/'))
            .collect();
        let (partition, _) = named.first()?;
        let buckets: Vec<String> = named.iter().map(|(_, bucket)| (*bucket).to_owned()).collect();
        (Self::loki_storage(partition, &buckets) == *self).then_some(buckets)
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

/// The one service account that a trust policy lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// URL of the issuer of its tokens.
    pub issuer: String,
    /// ARN of the IAM OIDC provider for that issuer.
    pub provider_arn: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub service_account: String,
    /// The audience of its tokens.
    pub audience: String,
}

impl Trusted {
    /// The trust policy: `sub` and `aud` are compared with StringEquals, so that no other namespace, account or
    /// audience gets in.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
    pub fn policy(&self) -> PolicyDocument {
        self.policy_with(&[])
    }

    /// The same for several service accounts of the namespace.
    pub fn policy_with(&self, further: &[String]) -> PolicyDocument {
        let issuer = arn::issuer_path(&self.issuer);
        let accounts: BTreeSet<&String> = further.iter().chain([&self.service_account]).collect();
        let mut subjects: Vec<Value> =
            accounts.iter().map(|it| format!("system:serviceaccount:{}:{it}", self.namespace).into()).collect();
        let subjects = if subjects.len() == 1 { subjects.remove(0) } else { Value::Array(subjects) };
        PolicyDocument(json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Federated": self.provider_arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {
                    format!("{issuer}:aud"): self.audience,
                    format!("{issuer}:sub"): subjects,
                }},
            }],
        }))
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

    fn trusted() -> Trusted {
        Trusted {
            issuer: "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC".into(),
            provider_arn: "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC".into(),
            namespace: "loki".into(),
            service_account: "writer".into(),
            audience: "sts.amazonaws.com".into(),
        }
    }

    #[test]
    fn trust_names_one_service_account() {
        assert_eq!(
            trusted().policy().to_string(),
            concat!(
                r#"{"Statement":[{"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"#,
                r#""oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud":"sts.amazonaws.com","#,
                r#""oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub":"system:serviceaccount:loki:writer"}},"#,
                r#""Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"}}],"#,
                r#""Version":"2012-10-17"}"#
            )
        );
        let other = Trusted { service_account: "reader".into(), ..trusted() };
        assert_ne!(trusted().policy(), other.policy());
    }

    #[test]
    fn a_policy_of_ours_is_read_back() {
        assert_eq!(trusted().policy().trusted(), Some(trusted()));
        let wider = trusted().policy().to_string().replace("StringEquals", "StringLike");
        assert_eq!(doc(&wider).trusted(), None);
        let buckets = ["a".to_owned(), "b".to_owned()];
        assert_eq!(PolicyDocument::loki_storage("aws-cn", &buckets).loki_buckets().unwrap(), buckets);
        let more = PolicyDocument::loki_storage("aws", &buckets).to_string().replace("s3:GetObject", "s3:*");
        assert_eq!(doc(&more).loki_buckets(), None);
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
