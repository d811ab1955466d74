//! What follows from the configuration: ARNs and policies.

use super::IrsaRole;
use crate::iam::{PolicyDocument, Trusted, arn};
use crate::schema::Value;

/// The account that a role belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) partition: String,
    pub(super) id: String,
}

impl IrsaRole {
    /// The account of a role that exists.
    pub(super) fn account(&self) -> Option<Account> {
        let (partition, id) = arn::owner(self.arn.as_deref_option()?)?;
        Some(Account { partition: partition.to_owned(), id: id.to_owned() })
    }

    /// Fills in what follows from the rest, unknown where the rest is. Policies that mean the same as those of `prior`
    /// keep its text.
    pub(super) fn derive(&mut self, prior: Option<&IrsaRole>, account: Option<&Account>, issuer: Value<String>) {
        self.id = self.name.clone();
        self.issuer = issuer;
        self.arn = known(self.role_arn(account));
        self.oidc_provider_arn = known(self.provider_arn(account));
        let like = |policy: Option<PolicyDocument>, prior: Option<&Value<String>>| {
            known(policy.map(|policy| policy.text_like(prior.and_then(|it| it.as_deref_option()))))
        };
        self.trust_policy = like(self.trust(), prior.map(|prior| &prior.trust_policy));
        self.storage_policy = like(self.storage(account), prior.map(|prior| &prior.storage_policy));
    }

    fn role_arn(&self, account: Option<&Account>) -> Option<String> {
        let (Account { partition, id }, path, name) =
            (account?, self.path.as_ref_option()?, self.name.as_ref_option()?);
        Some(arn::iam(partition, id, "role", path, name))
    }

    fn provider_arn(&self, account: Option<&Account>) -> Option<String> {
        let (Account { partition, id }, issuer) = (account?, self.issuer.as_ref_option()?);
        Some(arn::oidc_provider(partition, id, issuer))
    }

    fn trust(&self) -> Option<PolicyDocument> {
        let trusted = Trusted {
            issuer: self.issuer.as_ref_option()?.clone(),
            provider_arn: self.oidc_provider_arn.as_ref_option()?.clone(),
            namespace: self.namespace.as_ref_option()?.clone(),
            service_account: self.service_account.as_ref_option()?.clone(),
            audience: self.audience.as_ref_option()?.clone(),
        };
        Some(trusted.policy())
    }

    fn storage(&self, account: Option<&Account>) -> Option<PolicyDocument> {
        let buckets: Vec<&str> = known_all(self.buckets.as_ref_option()?)?;
        Some(PolicyDocument::loki_storage(&account?.partition, &buckets))
    }
}

/// All of them, if all are known.
fn known_all(buckets: &[Value<String>]) -> Option<Vec<&str>> {
    buckets.iter().map(|bucket| bucket.as_ref_option().map(String::as_str)).collect()
}

fn known(value: Option<String>) -> Value<String> {
    value.map_or(Value::Unknown, Value::Value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::irsa_role::RoleIdentity;

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn account() -> Account {
        Account { partition: "aws-cn".into(), id: "123456789012".into() }
    }

    fn planned() -> IrsaRole {
        IrsaRole {
            name: text("loki"),
            path: text("/teams/"),
            namespace: text("logging"),
            service_account: text("loki"),
            audience: text("sts.amazonaws.com"),
            buckets: Value::Value([text("chunks-1")].into()),
            ..IrsaRole::default()
        }
    }

    #[test]
    fn everything_follows_from_known_input() {
        let mut role = planned();
        role.derive(None, Some(&account()), text("https://oidc.example/id/A"));
        assert_eq!(role.arn, text("arn:aws-cn:iam::123456789012:role/teams/loki"));
        assert_eq!(role.account(), Some(account()));
        assert_eq!(role.oidc_provider_arn, text("arn:aws-cn:iam::123456789012:oidc-provider/oidc.example/id/A"));
        let trust = role.trust_policy.unwrap();
        assert!(trust.contains(r#""oidc.example/id/A:sub":"system:serviceaccount:logging:loki""#), "{trust}");
        assert!(role.storage_policy.unwrap().contains("arn:aws-cn:s3:::chunks-1/*"));
    }

    #[test]
    fn a_role_without_an_answer_has_no_identity_yet() {
        let mut role = planned();
        assert_eq!(RoleIdentity::of(&role), None);
        role.derive(None, Some(&account()), text("https://oidc.example/id/A"));
        assert_eq!(RoleIdentity::of(&role).unwrap().account_id, text("123456789012"));
    }

    #[test]
    fn the_unknown_spreads_no_further_than_it_must() {
        let mut role = planned();
        role.buckets = Value::Value([text("a"), Value::Unknown].into());
        role.derive(None, Some(&account()), Value::Unknown);
        assert_ne!(role.arn, Value::Unknown);
        assert_eq!((role.trust_policy, role.oidc_provider_arn), (Value::Unknown, Value::Unknown));
        assert_eq!(role.storage_policy, Value::Unknown);

        let mut role = planned();
        role.derive(None, None, text("https://oidc.example/id/A"));
        assert_eq!((role.arn, role.storage_policy), (Value::Unknown, Value::Unknown));
    }

    #[test]
    fn another_spelling_of_the_same_policy_is_no_change() {
        let mut prior = planned();
        prior.derive(None, Some(&account()), text("https://oidc.example/id/A"));
        let spelt = prior
            .trust_policy
            .unwrap()
            .replace(r#""sts:AssumeRoleWithWebIdentity""#, r#"["sts:AssumeRoleWithWebIdentity"]"#);
        prior.trust_policy = Value::Value(spelt.clone());
        let mut role = planned();
        role.derive(Some(&prior), Some(&account()), text("https://oidc.example/id/A"));
        assert_eq!(role.trust_policy, Value::Value(spelt));

        prior.trust_policy = Value::Value("{}".into());
        role.derive(Some(&prior), Some(&account()), text("https://oidc.example/id/A"));
        assert_ne!(role.trust_policy, Value::Value("{}".into()));
    }
}
