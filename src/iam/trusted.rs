//! Trust policies that let Loki's service accounts in: by their tokens (IRSA), or by EKS Pod Identity.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::trust::texts;
use super::{PolicyDocument, arn};

/// The service accounts that a trust policy lets in by their tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// URL of the issuer of the tokens.
    pub issuer: String,
    /// ARN of the IAM OIDC provider for that issuer.
    pub provider_arn: String,
    /// Their namespace.
    pub namespace: String,
    /// Their names.
    pub service_accounts: BTreeSet<String>,
    /// The audience of the tokens.
    pub audience: String,
}

impl Trusted {
    /// The trust policy: `sub` and `aud` are compared with StringEquals, so that no other namespace, account or
    /// audience gets in.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
    pub fn policy(&self) -> PolicyDocument {
        let issuer = arn::issuer_path(&self.issuer);
        let subjects = self.service_accounts.iter().map(|it| format!("system:serviceaccount:{}:{it}", self.namespace));
        PolicyDocument::of_statements(vec![json!({
            "Effect": "Allow",
            "Principal": {"Federated": self.provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
                format!("{issuer}:aud"): self.audience,
                format!("{issuer}:sub"): one_or_list(subjects),
            }},
        })])
    }

    /// Whom a policy lets in, if it is one that [`Self::policy`] could have written.
    pub fn read(policy: &PolicyDocument) -> Option<Self> {
        let statement = policy.statements().into_iter().next()?;
        let tests = statement["Condition"]["StringEquals"].as_object()?;
        let test = |claim: &str| {
            let (key, value) = tests.iter().find(|(key, _)| key.ends_with(claim))?;
            Some((key.strip_suffix(claim)?.to_owned(), texts(value)))
        };
        let ((issuer, subjects), (_, audiences)) = (test(":sub")?, test(":aud")?);
        let (mut namespace, mut service_accounts) = (String::new(), BTreeSet::new());
        for subject in subjects {
            let (of, account) = subject.strip_prefix("system:serviceaccount:")?.split_once(':')?;
            namespace = of.to_owned();
            service_accounts.insert(account.to_owned());
        }
        let trusted = Self {
            issuer: format!("https://{issuer}"),
            provider_arn: statement["Principal"]["Federated"].as_str()?.to_owned(),
            namespace,
            service_accounts,
            audience: audiences.into_iter().next()?,
        };
        (trusted.policy() == *policy).then_some(trusted)
    }
}

/// The service accounts that a trust policy lets in through the EKS Pod Identity agent of one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pods {
    /// ARN of the cluster.
    pub cluster_arn: String,
    /// Their namespace.
    pub namespace: String,
    /// Their names.
    pub service_accounts: BTreeSet<String>,
}

impl Pods {
    /// The trust policy. EKS tags the session with namespace and service account, and names the cluster as its source.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
    pub fn policy(&self) -> PolicyDocument {
        PolicyDocument::of_statements(vec![json!({
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "ArnEquals": {"aws:SourceArn": self.cluster_arn},
                "StringEquals": {
                    NAMESPACE: self.namespace,
                    ACCOUNT: one_or_list(self.service_accounts.iter().cloned()),
                },
            },
        })])
    }

    /// Whom a policy lets in, if it is one that [`Self::policy`] could have written.
    pub fn read(policy: &PolicyDocument) -> Option<Self> {
        let statement = policy.statements().into_iter().next()?;
        let condition = &statement["Condition"];
        let pods = Self {
            cluster_arn: condition["ArnEquals"]["aws:SourceArn"].as_str()?.to_owned(),
            namespace: condition["StringEquals"][NAMESPACE].as_str()?.to_owned(),
            service_accounts: texts(&condition["StringEquals"][ACCOUNT]).into_iter().collect(),
        };
        (pods.policy() == *policy).then_some(pods)
    }
}

const SERVICE: &str = "pods.eks.amazonaws.com";
const NAMESPACE: &str = "aws:RequestTag/kubernetes-namespace";
const ACCOUNT: &str = "aws:RequestTag/kubernetes-service-account";

fn one_or_list(texts: impl Iterator<Item = String>) -> Value {
    let mut texts: Vec<Value> = texts.map(Value::String).collect();
    if texts.len() == 1 { texts.remove(0) } else { Value::Array(texts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted() -> Trusted {
        Trusted {
            issuer: "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC".into(),
            provider_arn: "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC".into(),
            namespace: "loki".into(),
            service_accounts: ["writer".into()].into(),
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
        let other = Trusted { service_accounts: ["reader".into()].into(), ..trusted() };
        assert_ne!(trusted().policy(), other.policy());
    }

    #[test]
    fn policies_of_ours_are_read_back() {
        let several = Trusted { service_accounts: ["reader".into(), "writer".into()].into(), ..trusted() };
        for trusted in [trusted(), several] {
            assert_eq!(Trusted::read(&trusted.policy()), Some(trusted));
        }
        let wider = trusted().policy().to_string().replace("StringEquals", "StringLike");
        assert_eq!(Trusted::read(&PolicyDocument::parse(&wider).unwrap()), None);

        let pods = Pods {
            cluster_arn: "arn:aws:eks:eu-west-1:123456789012:cluster/prod".into(),
            namespace: "loki".into(),
            service_accounts: ["reader".into(), "writer".into()].into(),
        };
        assert_eq!(Pods::read(&pods.policy()), Some(pods.clone()));
        assert_eq!(Trusted::read(&pods.policy()), None);
    }
}
