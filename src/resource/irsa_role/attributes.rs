//! The attributes of a role.

use std::collections::BTreeMap;

use crate::resource::Timeouts;
use crate::schema::{Int, Schematic, Set, Value};

/// An IAM role for Loki's service accounts: trusted by exactly these accounts of one namespace, and allowed exactly what
/// Loki does with its buckets: list them, and read, write and delete their objects.
///
/// The pods come to the role by their tokens (`mode = "irsa"`, the default) or by EKS Pod Identity
/// (`mode = "pod_identity"`), whose associations are then part of this resource.
///
/// Changes to the policies made elsewhere are seen by their meaning, whatever their spelling, and repaired. Policies
/// that others have attached to the role are neither removed nor counted as drift.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct IrsaRole {
    /// Name of the role.
    #[attr(required, replace)]
    pub name: Value<String>,
    /// Path of the role, such as `/teams/logging/`.
    #[attr(optional, replace, default = "/")]
    pub path: Value<String>,
    /// How pods come to the role: `irsa`, by the tokens of their service accounts, or `pod_identity`, by the EKS Pod
    /// Identity agent, which needs `eks_cluster` and the add-on `eks-pod-identity-agent`.
    #[attr(optional, default = "irsa")]
    pub mode: Value<String>,
    /// Name of the EKS cluster of the service accounts; its issuer is looked up. Either this or `oidc_issuer`.
    #[attr(optional)]
    pub eks_cluster: Value<String>,
    /// URL of the issuer of the trusted tokens, such as `https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF`.
    /// Either this or `eks_cluster`.
    #[attr(optional)]
    pub oidc_issuer: Value<String>,
    /// Whether the account's IAM OIDC provider for the issuer is created where there is none. It is deleted with this
    /// resource, unless other roles trust it by then. One that is there already is used as it is, and stays; an audience
    /// that it lacks is added to it.
    #[attr(optional, default = false)]
    pub create_oidc_provider: Value<bool>,
    /// Namespace of the service accounts.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the service account. Either this or `service_accounts`.
    #[attr(optional)]
    pub service_account: Value<String>,
    /// Names of several service accounts of the namespace. Either this or `service_account`.
    #[attr(optional)]
    pub service_accounts: Value<Set<Value<String>>>,
    /// Audience that the tokens must have. It counts with the mode `irsa`.
    #[attr(optional, default = "sts.amazonaws.com")]
    pub audience: Value<String>,
    /// Names of the buckets that the role may use.
    #[attr(required)]
    pub buckets: Value<Set<Value<String>>>,
    /// How the keys of the objects begin that the role may use, such as `teams/logging`; the prefix ends with a slash,
    /// which is added. Without it: all objects of the buckets.
    #[attr(optional)]
    pub prefix: Value<String>,
    /// ARNs of the KMS keys that the buckets are encrypted with: the role may use them for their objects. ARNs of keys,
    /// not of aliases: IAM knows no aliases.
    #[attr(optional)]
    pub kms_key_arns: Value<Set<Value<String>>>,
    /// A policy document (JSON) with further statements for the role, inline under the name `loki-additional`.
    #[attr(optional)]
    pub additional_policy: Value<String>,
    /// ARN of the policy that caps what the role may do. Where IAM can be asked, the plan says what it would deny Loki.
    #[attr(optional)]
    pub permissions_boundary: Value<String>,
    /// How long a session of the role may last, in seconds: 3600 to 43200.
    #[attr(optional, default = 3600)]
    pub max_session_duration: Value<Int>,
    /// Whether each read tests the role by being it: with a token of the (first) service account, from the cluster of the
    /// provider's `kubernetes` block, an object `terraform-provider-loki/probe` is written, read and deleted in each bucket.
    /// What fails is a warning. Versions of it are deleted where Terraform's identity may (`s3:DeleteObjectVersion`). It
    /// counts with the mode `irsa`, and from when the service account exists.
    #[attr(optional, default = false)]
    pub verify_access: Value<bool>,
    /// Tags of the role and of what is created with it, on top of the provider's `default_tags`; those that AWS services
    /// set (`aws:…`) are left alone.
    #[attr(optional)]
    pub tags: Value<BTreeMap<String, Value<String>>>,
    /// How long each operation may take. Without it `create`, `update` and `delete` have 10m, and `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<Timeouts>,
    /// Name of the role.
    #[attr(computed, never_null)]
    pub id: Value<String>,
    /// ARN of the role, for `service_account.role_arn` of `loki_stack`.
    #[attr(computed, prefix = "arn:")]
    pub arn: Value<String>,
    /// URL of the issuer that the role trusts; null in the mode `pod_identity`.
    #[attr(computed)]
    pub issuer: Value<String>,
    /// ARN of the account's IAM OIDC provider for that issuer; null in the mode `pod_identity`.
    #[attr(computed)]
    pub oidc_provider_arn: Value<String>,
    /// Whether this resource has created the OIDC provider.
    #[attr(computed)]
    pub owns_oidc_provider: Value<bool>,
    /// Ids of the EKS Pod Identity associations, by service account; null in the mode `irsa`.
    #[attr(computed)]
    pub pod_identity_associations: Value<BTreeMap<String, Value<String>>>,
    /// The trust policy (JSON).
    #[attr(computed, never_null)]
    pub trust_policy: Value<String>,
    /// The policy for the buckets (JSON), inline in the role under the name `loki-storage`.
    #[attr(computed, never_null)]
    pub storage_policy: Value<String>,
    /// All tags, those of `default_tags` included.
    #[attr(computed)]
    pub tags_all: Value<BTreeMap<String, Value<String>>>,
}

/// How pods come to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// By the tokens of their service accounts.
    Irsa,
    /// By the EKS Pod Identity agent.
    PodIdentity,
}

/// The modes by name.
pub(super) const MODES: [(&str, Mode); 2] = [("irsa", Mode::Irsa), ("pod_identity", Mode::PodIdentity)];

impl IrsaRole {
    /// `None` while it is unknown.
    pub(super) fn mode(&self) -> Option<Mode> {
        match &self.mode {
            Value::Unknown => None,
            Value::Null => Some(Mode::Irsa),
            Value::Value(name) => MODES.iter().find(|(known, _)| known == name).map(|(_, mode)| *mode),
        }
    }

    /// The names of all service accounts; `None` while one is unknown.
    pub(super) fn accounts(&self) -> Option<Vec<String>> {
        match (&self.service_account, &self.service_accounts) {
            (Value::Unknown, _) | (_, Value::Unknown) => None,
            (Value::Value(one), _) => Some(vec![one.clone()]),
            (Value::Null, Value::Value(several)) => several.iter().map(|it| it.as_ref_option().cloned()).collect(),
            (Value::Null, Value::Null) => Some(Vec::new()),
        }
    }
}
