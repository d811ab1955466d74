//! Test: what the role is like, and finding one to adopt.

use super::check::account;
use super::{ADDITIONAL_POLICY, IrsaRole, IrsaRoleResource, STORAGE_POLICY, pods};
use crate::aws::{self, Aws, Role};
use crate::iam::{Pods, PolicyDocument, StoragePolicy, Trusted, arn};
use crate::resource::Call;
use crate::resource::account::{live_tags, problem, tag_values};
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Int, Problem, Report, Set, Value};

/// What counts where the tokens do not.
const AUDIENCE: &str = "sts.amazonaws.com";

/// The role and its inline policies that are ours.
type Found = (Option<Role>, Option<PolicyDocument>, Option<PolicyDocument>);

async fn look(aws: &dyn Aws, name: &str, additional: bool) -> aws::Result<Found> {
    tokio::try_join!(aws.role(name), aws.inline_policy(name, STORAGE_POLICY), async {
        // It costs a request, and few have one.
        if additional { aws.inline_policy(name, ADDITIONAL_POLICY).await } else { Ok(None) }
    })
}

impl IrsaRoleResource {
    pub(super) async fn read(&self, call: &Call, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        let Some(current) = state else { return };
        current.fill_in();
        let (Some(name), Reach::Ready(aws)) =
            (current.name.as_ref_option().cloned(), self.connections.aws().await.or_deferred(call))
        else {
            return;
        };
        let provider = async {
            match (current.owns_oidc_provider == Value::Value(true), current.issuer.as_ref_option()) {
                (true, Some(issuer)) => aws.oidc_provider(issuer).await.map(|found| found.is_some()),
                _ => Ok(true),
            }
        };
        let additional = !current.additional_policy.is_null();
        let (looked, provider) = tokio::join!(look(aws.as_ref(), &name, additional), provider);
        match looked {
            Ok((Some(live), storage, additional)) => {
                current.reflect(live, storage, additional, &self.connections.default_tags());
                if matches!(provider, Ok(false)) {
                    current.owns_oidc_provider = Value::Value(false);
                }
                pods::read(aws.as_ref(), current, report).await;
                self.probe(call, aws.as_ref(), current, report).await;
            }
            // Its creation was interrupted before it took place.
            Ok((None, ..)) if current.arn.is_null() => *state = None,
            Ok((None, ..)) => {
                report.warn(
                    Problem::new(summary!("The role {name:?} is gone"))
                        .why("Somebody deleted it outside of Terraform. A Loki that uses it cannot reach its buckets.")
                        .fix("Apply the plan: it creates the role again, with the same ARN."),
                );
                *state = None;
            }
            Err(error) => report.refuse(problem(summary!("The role {name:?} cannot be read"), &error)),
        }
    }

    pub(super) async fn find(&self, call: &Call, id: &str, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        let Some(aws) = self.connections.aws().await.or_deferred(call).needed("AWS", report) else { return };
        let what = || summary!("The role {id:?} cannot be imported");
        // No role has a / in its name.
        let id = match id.split_once('/') {
            None => id,
            Some((wanted, name)) => match account(aws.as_ref()).await {
                Ok(ours) if ours.id == wanted => name,
                Ok(ours) => {
                    let other =
                        Problem::new(what()).why(format!("Terraform's identity is of the account {}.", ours.id));
                    return report.refuse(other.fix("Check the aws block of the provider configuration."));
                }
                Err(error) => return report.refuse(problem(what(), &error)),
            },
        };
        let (role, storage, additional) = match look(aws.as_ref(), id, true).await {
            Ok((Some(role), storage, additional)) => (role, storage, additional),
            Ok((None, ..)) => {
                let missing = Problem::new(what()).why("IAM knows no role of this name.");
                let fix = "The import id is the name of a role of this account, or account/name; not its ARN.";
                return report.refuse(missing.fix(fix));
            }
            Err(error) => return report.refuse(problem(what(), &error)),
        };
        let (name, arn) = (Value::Value(role.name), Value::Value(role.arn));
        let mut found = IrsaRole { name, arn, ..IrsaRole::default() };
        // What the policies say in the form that this resource writes needs no change afterwards.
        found.trusting(&role.trust);
        if let Some(policy) = storage.and_then(|policy| StoragePolicy::read(&policy)) {
            found.buckets = Value::Value(policy.buckets.into_iter().map(Value::Value).collect());
            found.prefix = Some(policy.prefix).filter(|prefix| !prefix.is_empty()).into();
            let keys: Set<_> = policy.kms_keys.into_iter().map(Value::Value).collect();
            found.kms_key_arns = if keys.is_empty() { Value::Null } else { Value::Value(keys) };
        }
        found.additional_policy = additional.map(|policy| policy.to_string()).into();
        *state = Some(found);
    }
}

impl IrsaRole {
    /// Notes what is live.
    fn reflect(
        &mut self,
        live: Role,
        storage: Option<PolicyDocument>,
        additional: Option<PolicyDocument>,
        default_tags: &std::collections::BTreeMap<String, String>,
    ) {
        self.id = Value::Value(live.name);
        self.arn = Value::Value(live.arn);
        self.path = Value::Value(live.path);
        self.trust_policy = text(&live.trust, &self.trust_policy);
        self.storage_policy = storage.map_or(Value::Null, |policy| text(&policy, &self.storage_policy));
        self.additional_policy = additional.map_or(Value::Null, |policy| text(&policy, &self.additional_policy));
        self.permissions_boundary = live.permissions_boundary.into();
        self.max_session_duration = Value::Value(Int::Whole(live.max_session_duration.into()));
        self.tags = live_tags(&live.tags, &self.tags, &self.tags_all, default_tags);
        self.tags_all = Value::Value(tag_values(live.tags));
    }

    /// Notes whom a trust policy of ours lets in.
    fn trusting(&mut self, trust: &PolicyDocument) {
        let accounts = if let Some(trusted) = Trusted::read(trust) {
            self.mode = Value::Value("irsa".into());
            self.oidc_issuer = Value::Value(trusted.issuer.clone());
            self.issuer = Value::Value(trusted.issuer);
            self.oidc_provider_arn = Value::Value(trusted.provider_arn);
            self.namespace = Value::Value(trusted.namespace);
            self.audience = Value::Value(trusted.audience);
            trusted.service_accounts
        } else if let Some(pods) = Pods::read(trust) {
            self.mode = Value::Value("pod_identity".into());
            self.eks_cluster = arn::last(&pods.cluster_arn).map(str::to_owned).into();
            self.namespace = Value::Value(pods.namespace);
            self.audience = Value::Value(AUDIENCE.into());
            pods.service_accounts
        } else {
            return;
        };
        let mut accounts: Vec<_> = accounts.into_iter().map(Value::Value).collect();
        if accounts.len() == 1 {
            self.service_account = accounts.remove(0);
        } else {
            self.service_accounts = Value::Value(accounts.into_iter().collect());
        }
    }
}

fn text(live: &PolicyDocument, before: &Value<String>) -> Value<String> {
    Value::Value(live.text_like(before.as_ref_option().map(String::as_str)))
}
