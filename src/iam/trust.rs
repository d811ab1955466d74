//! Whether a role's trust policy lets a service account in, and if not, whom it lets in instead.

use serde_json::Value;

use super::PolicyDocument;

/// Why `sts:AssumeRoleWithWebIdentity` would be denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No statement is about web identity.
    NoWebIdentity,
    /// Statements name other identity providers; their ARNs.
    Provider(Vec<String>),
    /// They want other subjects.
    Subject(Vec<String>),
    /// They want other audiences.
    Audience(Vec<String>),
}

/// Who asks to assume a role.
#[derive(Clone, Copy, Debug)]
pub struct WebIdentity<'a> {
    /// The token's issuer without `https://`, where it is known.
    pub issuer: Option<&'a str>,
    /// The token's subject: `system:serviceaccount:namespace:name`.
    pub subject: &'a str,
    /// The token's audience: `sts.amazonaws.com`.
    pub audience: &'a str,
}

impl PolicyDocument {
    /// Why the policy does not let that identity in, by its `Allow` statements: who is denied explicitly is not found.
    /// Of several statements the one that comes closest is told.
    pub fn denies(&self, who: WebIdentity<'_>) -> Option<Denied> {
        let statements = match self.0.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let about = statements
            .iter()
            .filter(|it| it["Effect"] == "Allow" && acts(it) && it["Principal"]["Federated"] != Value::Null);
        let (mut providers, mut subjects, mut audiences) = (Vec::new(), Vec::new(), Vec::new());
        let mut any = false;
        for statement in about {
            any = true;
            let arns = texts(&statement["Principal"]["Federated"]);
            if who
                .issuer
                .is_some_and(|issuer| !arns.iter().any(|arn| arn.ends_with(&format!(":oidc-provider/{issuer}"))))
            {
                providers.extend(arns);
                continue;
            }
            let wrong = |claim: &str, value: &str| {
                let tests = tests(statement, claim);
                tests.into_iter().find(|(_, wanted)| !wanted.is_empty()).and_then(|(like, wanted)| {
                    let fits =
                        wanted.iter().any(|pattern| if like { matches(pattern, value) } else { pattern == value });
                    (!fits).then_some(wanted)
                })
            };
            match (wrong(":sub", who.subject), wrong(":aud", who.audience)) {
                (None, None) => return None,
                (Some(wanted), _) => subjects.extend(wanted),
                (None, Some(wanted)) => audiences.extend(wanted),
            }
        }
        Some(match (any, audiences.is_empty(), subjects.is_empty()) {
            (false, ..) => Denied::NoWebIdentity,
            (_, false, _) => Denied::Audience(audiences),
            (_, _, false) => Denied::Subject(subjects),
            _ => Denied::Provider(providers),
        })
    }
}

fn acts(statement: &Value) -> bool {
    let actions = texts(&statement["Action"]);
    actions.iter().any(|action| matches(&action.to_lowercase(), "sts:assumerolewithwebidentity"))
}

/// The conditions on a claim that hold for a value only when one of theirs is it; whether they are patterns.
fn tests(statement: &Value, claim: &str) -> Vec<(bool, Vec<String>)> {
    let of = |operator: &str| -> Vec<String> {
        let keys = statement["Condition"][operator].as_object().into_iter().flatten();
        keys.filter(|(key, _)| key.to_lowercase().ends_with(claim)).flat_map(|(_, value)| texts(value)).collect()
    };
    vec![(false, of("StringEquals")), (true, of("StringLike"))]
}

/// One text or a list of them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// IAM's patterns: `*` is any text, `?` one character.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| matches(rest, &text[at..]))
        }
        Some(first) => {
            let mut chars = text.chars();
            chars.next().is_some_and(|char| first == '?' || first == char) && matches(rest.as_str(), chars.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/AB";
    const WHO: WebIdentity<'static> =
        WebIdentity { issuer: Some(ISSUER), subject: "system:serviceaccount:loki:loki", audience: "sts.amazonaws.com" };

    fn policy(operator: &str, subject: Value, audience: &str) -> PolicyDocument {
        let mut condition = json!({"StringEquals": {format!("{ISSUER}:aud"): audience}});
        condition[operator][format!("{ISSUER}:sub")] = subject;
        let document = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{ISSUER}")},
            "Condition": condition,
        }]});
        PolicyDocument::parse(&document.to_string()).unwrap()
    }

    #[test]
    fn the_account_that_is_named_comes_in() {
        let aud = WHO.audience;
        assert_eq!(policy("StringEquals", json!(WHO.subject), aud).denies(WHO), None);
        assert_eq!(policy("StringEquals", json!(["system:serviceaccount:a:b", WHO.subject]), aud).denies(WHO), None);
        assert_eq!(policy("StringLike", json!("system:serviceaccount:loki:*"), aud).denies(WHO), None);
        assert_eq!(policy("StringLike", json!("system:serviceaccount:lok?:loki"), aud).denies(WHO), None);
    }

    #[test]
    fn another_subject_audience_or_issuer_is_told() {
        let other = "system:serviceaccount:loki:loki-old";
        assert_eq!(
            policy("StringEquals", json!(other), WHO.audience).denies(WHO),
            Some(Denied::Subject(vec![other.into()]))
        );
        assert_eq!(
            policy("StringEquals", json!(WHO.subject), "sts").denies(WHO),
            Some(Denied::Audience(vec!["sts".into()]))
        );
        let elsewhere = WebIdentity { issuer: Some("oidc.eks.eu-west-1.amazonaws.com/id/CD"), ..WHO };
        assert!(matches!(
            policy("StringEquals", json!(WHO.subject), WHO.audience).denies(elsewhere),
            Some(Denied::Provider(_))
        ));
        let service = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}});
        assert_eq!(PolicyDocument::parse(&service.to_string()).unwrap().denies(WHO), Some(Denied::NoWebIdentity));
    }
}
