//! What follows from the configuration: ARNs and policies.

use std::collections::{BTreeMap, BTreeSet};

use super::IrsaRole;
use super::attributes::Mode;
use crate::iam::{Pods, PolicyDocument, StoragePolicy, Trusted, arn};
use crate::resource::account::all_tags;
use crate::schema::{Set, Value};

/// The account that a role belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) partition: String,
    pub(super) id: String,
}

/// What the policies of a role depend on besides its configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    pub(super) account: Option<Account>,
    /// URL of the issuer of the tokens, where they count.
    pub(super) issuer: Value<String>,
    /// ARN of the EKS cluster, where EKS Pod Identity counts.
    pub(super) cluster_arn: Value<String>,
    pub(super) default_tags: BTreeMap<String, String>,
}

impl IrsaRole {
    /// The account of a role that exists.
    pub(super) fn account(&self) -> Option<Account> {
        let (partition, id) = arn::owner(self.arn.as_deref_option()?)?;
        Some(Account { partition: partition.to_owned(), id: id.to_owned() })
    }

    /// Fills in what follows from the rest, unknown where the rest is. Policies that mean the same as those of `prior`
    /// keep its text.
    pub(super) fn derive(&mut self, prior: Option<&IrsaRole>, around: &Surroundings) {
        let account = around.account.as_ref();
        self.id = self.name.clone();
        self.arn = known(self.role_arn(account));
        (self.issuer, self.oidc_provider_arn) = match self.mode() {
            Some(Mode::Irsa) => (around.issuer.clone(), Value::Unknown),
            Some(Mode::PodIdentity) => (Value::Null, Value::Null),
            None => (Value::Unknown, Value::Unknown),
        };
        if self.oidc_provider_arn.is_unknown() {
            self.oidc_provider_arn = known(self.provider_arn(account));
        }
        self.tags_all = all_tags(&around.default_tags, &self.tags);
        // Written otherwise, and still the same.
        if let (Some(text), Some(Value::Value(before))) =
            (self.additional_policy.as_ref_option(), prior.map(|prior| &prior.additional_policy))
            && let Ok(policy) = PolicyDocument::parse(text)
            && policy.text_like(Some(before)) == *before
        {
            self.additional_policy = Value::Value(before.clone());
        }
        let like = |policy: Option<PolicyDocument>, prior: Option<&Value<String>>| {
            known(policy.map(|policy| policy.text_like(prior.and_then(|it| it.as_deref_option().map(|it| it as &str)))))
        };
        self.trust_policy = like(self.trust(around), prior.map(|prior| &prior.trust_policy));
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

    fn trust(&self, around: &Surroundings) -> Option<PolicyDocument> {
        let namespace = self.namespace.as_ref_option()?.clone();
        let service_accounts = self.accounts()?.into_iter().collect();
        Some(match self.mode()? {
            Mode::Irsa => Trusted {
                issuer: self.issuer.as_ref_option()?.clone(),
                provider_arn: self.oidc_provider_arn.as_ref_option()?.clone(),
                namespace,
                service_accounts,
                audience: self.audience.as_ref_option()?.clone(),
            }
            .policy(),
            Mode::PodIdentity => {
                let cluster_arn = around.cluster_arn.as_ref_option()?.clone();
                Pods { cluster_arn, namespace, service_accounts }.policy()
            }
        })
    }

    fn storage(&self, account: Option<&Account>) -> Option<PolicyDocument> {
        let prefix = match &self.prefix {
            Value::Unknown => return None,
            Value::Null => String::new(),
            Value::Value(prefix) => prefix.trim_matches('/').to_owned(),
        };
        let policy = StoragePolicy {
            partition: account?.partition.clone(),
            buckets: all_of(&self.buckets)?,
            prefix,
            kms_keys: all_of(&self.kms_key_arns)?,
            ..StoragePolicy::default()
        };
        Some(policy.document())
    }
}

/// All of them, if all are known.
fn all_of(set: &Value<Set<Value<String>>>) -> Option<BTreeSet<String>> {
    match set {
        Value::Unknown => None,
        Value::Null => Some(BTreeSet::new()),
        Value::Value(set) => set.iter().map(|it| it.as_ref_option().cloned()).collect(),
    }
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

    fn around() -> Surroundings {
        Surroundings {
            account: Some(account()),
            issuer: text("https://oidc.example/id/A"),
            cluster_arn: text("arn:aws-cn:eks:cn-north-1:123456789012:cluster/prod"),
            default_tags: [("env".to_owned(), "prod".to_owned())].into(),
        }
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
        role.derive(None, &around());
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
        role.derive(None, &around());
        assert_eq!(RoleIdentity::of(&role).unwrap().account_id, text("123456789012"));
    }

    #[test]
    fn pods_need_no_issuer() {
        let mut role = IrsaRole { mode: text("pod_identity"), ..planned() };
        role.derive(None, &around());
        assert_eq!((&role.issuer, &role.oidc_provider_arn), (&Value::Null, &Value::Null));
        let trust = role.trust_policy.clone().unwrap();
        assert!(trust.contains("pods.eks.amazonaws.com") && trust.contains("cluster/prod"), "{trust}");
        role.derive(None, &Surroundings { cluster_arn: Value::Unknown, ..around() });
        assert_eq!(role.trust_policy, Value::Unknown);
    }

    #[test]
    fn prefix_and_keys_bound_the_policy() {
        let mut role = planned();
        role.prefix = text("/teams/a/");
        role.kms_key_arns = Value::Value([text("arn:aws:kms:eu-west-1:123456789012:key/1")].into());
        role.derive(None, &around());
        let policy = role.storage_policy.clone().unwrap();
        assert!(policy.contains("chunks-1/teams/a/*") && policy.contains("kms:Decrypt"), "{policy}");
        role.kms_key_arns = Value::Value([Value::Unknown].into());
        role.derive(None, &around());
        assert_eq!(role.storage_policy, Value::Unknown);
    }

    #[test]
    fn the_unknown_spreads_no_further_than_it_must() {
        let mut role = planned();
        role.buckets = Value::Value([text("a"), Value::Unknown].into());
        role.derive(None, &Surroundings { issuer: Value::Unknown, ..around() });
        assert_ne!(role.arn, Value::Unknown);
        assert_eq!((role.trust_policy, role.oidc_provider_arn), (Value::Unknown, Value::Unknown));
        assert_eq!(role.storage_policy, Value::Unknown);

        let mut role = planned();
        role.derive(None, &Surroundings { account: None, ..around() });
        assert_eq!((role.arn, role.storage_policy), (Value::Unknown, Value::Unknown));
    }

    #[test]
    fn another_spelling_of_the_same_policy_is_no_change() {
        let mut prior = planned();
        prior.derive(None, &around());
        let spelt = prior
            .trust_policy
            .unwrap()
            .replace(r#""sts:AssumeRoleWithWebIdentity""#, r#"["sts:AssumeRoleWithWebIdentity"]"#);
        prior.trust_policy = Value::Value(spelt.clone());
        let mut role = planned();
        role.derive(Some(&prior), &around());
        assert_eq!(role.trust_policy, Value::Value(spelt));

        prior.trust_policy = Value::Value("{}".into());
        role.derive(Some(&prior), &around());
        assert_ne!(role.trust_policy, Value::Value("{}".into()));
    }
}
