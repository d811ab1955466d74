//! `trust_policy`: which service accounts may assume a role.

use crate::iam::{Trusted, arn, name};
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Type};

use super::argument::text;

/// The function.
pub struct TrustPolicy;

impl Function for TrustPolicy {
    const NAME: &'static str = "trust_policy";

    fn signature(&self) -> Signature {
        let parameter = |name: &'static str, kind: Type, description: &'static str| Parameter {
            name: name.into(),
            kind,
            description: description.into(),
            ..Parameter::default()
        };
        Signature {
            parameters: vec![
                parameter(
                    "oidc_provider_arn",
                    Type::String,
                    "ARN of the account's IAM OIDC provider for the cluster, such as \
                     `arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF`. The \
                     issuer is its last part.",
                ),
                parameter("namespace", Type::String, "Namespace of the service accounts."),
                parameter(
                    "service_accounts",
                    Type::List(Box::new(Type::String)),
                    "Names of the service accounts, one at least.",
                ),
            ],
            variadic: Some(parameter(
                "audience",
                Type::String,
                "Audience that the tokens must have, at most one; without it `sts.amazonaws.com`.",
            )),
            returns: Type::String,
            summary: "The trust policy of a role for Loki's service accounts".into(),
            description: DESCRIPTION.into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(provider), Cty::String(namespace), Cty::List(accounts), audiences @ ..] = &arguments[..]
        else {
            return Err(FunctionProblem::new("The function takes an ARN, a namespace and a list of service accounts."));
        };
        let issuer = arn::oidc_issuer(provider).map_err(|why| FunctionProblem::new(why).at(0))?;
        if let Some(why) = name::label_problem(namespace) {
            return Err(FunctionProblem::new(why).at(1));
        }
        let accounts: Option<Vec<String>> = accounts.iter().map(|it| text(it).map(str::to_owned)).collect();
        let Some(accounts) = accounts.filter(|accounts| !accounts.is_empty()) else {
            return Err(FunctionProblem::new("Name one service account at least, and none that is null.").at(2));
        };
        for account in &accounts {
            if let Some(why) = name::subdomain_problem(account) {
                return Err(FunctionProblem::new(why).at(2));
            }
        }
        let audience = match audiences {
            [] => "sts.amazonaws.com",
            [audience] => text(audience).unwrap_or_default(),
            _ => return Err(FunctionProblem::new("At most one audience is taken.").at(4)),
        };
        if let Some(why) = name::audience_problem(audience) {
            return Err(FunctionProblem::new(why).at(3));
        }
        let trusted = Trusted {
            issuer: issuer.to_owned(),
            provider_arn: provider.clone(),
            namespace: namespace.clone(),
            service_accounts: accounts.into_iter().collect(),
            audience: audience.to_owned(),
        };
        Ok(Cty::String(trusted.policy().to_string()))
    }
}

const DESCRIPTION: &str = "A trust policy (JSON) that lets exactly these service accounts of one namespace assume a role with \
their tokens (IRSA): `sub` and `aud` are compared as a whole. It is that of `loki_irsa_role`, for roles that are made \
elsewhere. The same arguments always give the same text, in whatever order the service accounts are.";

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "arn:aws-cn:iam::123456789012:oidc-provider/oidc.example/id/A";

    fn string(text: &str) -> Cty {
        Cty::String(text.to_owned())
    }

    fn call(provider: &str, namespace: &str, accounts: &[&str], audiences: &[&str]) -> Result<Cty, FunctionProblem> {
        let accounts = Cty::List(accounts.iter().map(|it| string(it)).collect());
        let fixed = [string(provider), string(namespace), accounts];
        TrustPolicy.call(fixed.into_iter().chain(audiences.iter().map(|it| string(it))).collect())
    }

    #[test]
    fn it_is_the_policy_of_the_role() {
        let trusted = Trusted {
            issuer: "https://oidc.example/id/A".into(),
            provider_arn: PROVIDER.into(),
            namespace: "logging".into(),
            service_accounts: ["loki".into()].into(),
            audience: "sts.amazonaws.com".into(),
        };
        assert_eq!(call(PROVIDER, "logging", &["loki"], &[]), Ok(string(&trusted.policy().to_string())));
    }

    #[test]
    fn order_and_repetition_make_no_difference() {
        let policy = call(PROVIDER, "logging", &["b", "a"], &["me"]).unwrap();
        assert_eq!(policy, call(PROVIDER, "logging", &["a", "b", "a"], &["me"]).unwrap());
        let Cty::String(policy) = policy else { panic!("a text") };
        let subjects = r#"["system:serviceaccount:logging:a","system:serviceaccount:logging:b"]"#;
        assert!(policy.contains(subjects) && policy.contains(r#""oidc.example/id/A:aud":"me""#), "{policy}");
    }

    #[test]
    fn what_aws_or_kubernetes_would_refuse_is_refused() {
        for (result, argument) in [
            (call("oidc.example/id/A", "logging", &["loki"], &[]), 0),
            (call("arn:aws:iam::123456789012:role/loki", "logging", &["loki"], &[]), 0),
            (call(PROVIDER, "Logging", &["loki"], &[]), 1),
            (call(PROVIDER, "logging", &["*"], &[]), 2),
            (call(PROVIDER, "logging", &[], &[]), 2),
            (call(PROVIDER, "logging", &["loki"], &[""]), 3),
            (call(PROVIDER, "logging", &["loki"], &["a", "b"]), 4),
        ] {
            assert_eq!(result.unwrap_err().argument, Some(argument));
        }
    }
}
