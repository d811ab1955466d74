//! AWS and a cluster that answer at once, whatever they are asked, by the mood of the moment: nothing is dialled, nothing
//! waits.

mod cluster;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use loki_provider::aws::{self, Kind, Operation, Service};
use loki_provider::iam::{Guards, PolicyDocument};
use loki_provider::kube;
use loki_provider::resource::provider::Adapters;
use serde_json::json;
use tokio_util::sync::CancellationToken;

thread_local! {
    /// Each execution sets it, so that the same input meets the same answers.
    static MOOD: Cell<u64> = const { Cell::new(0) };
}

pub fn set_mood(mood: u64) {
    MOOD.set(mood);
}

/// The next of the answers, from 0 to `of` - 1.
fn next(of: u64) -> u64 {
    MOOD.set(MOOD.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    (MOOD.get() >> 33) % of
}

/// A failure that no repetition mends, or none.
fn answer<T>(value: impl FnOnce() -> T) -> aws::Result<T> {
    let text = || "the fuzzer says so".to_owned();
    let kind = match next(8) {
        0 => Kind::AccessDenied { action: "s3:ListBucket".to_owned(), detail: text() },
        1 => Kind::NotFound(text()),
        2 => Kind::NoCredentials(text()),
        3 => Kind::OwnedByOther(text()),
        4 => Kind::Other(text()),
        _ => return Ok(value()),
    };
    let operation = Operation { service: Service::S3, name: "HeadBucket", action: "s3:ListBucket" };
    Err(aws::Error { operation, kind, request_id: None })
}

fn maybe<T>(value: impl FnOnce() -> T) -> Option<T> {
    (next(3) > 0).then(value)
}

#[derive(Debug)]
struct Aws;

#[async_trait]
impl aws::Identity for Aws {
    async fn caller(&self) -> aws::Result<aws::Caller> {
        answer(|| aws::Caller {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/fuzz".to_owned(),
            partition: "aws".to_owned(),
        })
    }

    async fn region(&self) -> aws::Result<String> {
        answer(|| "eu-west-1".to_owned())
    }
}

#[async_trait]
impl aws::Buckets for Aws {
    async fn s3_endpoint(&self) -> aws::Result<Option<String>> {
        answer(|| maybe(|| "http://127.0.0.1:1".to_owned()))
    }

    async fn look(&self, _bucket: &str, region: &str) -> aws::Result<aws::Presence> {
        answer(|| match next(3) {
            0 => aws::Presence::Absent,
            1 => aws::Presence::Foreign { region: None },
            _ => aws::Presence::Ours { region: region.to_owned() },
        })
    }

    async fn create_bucket(&self, _: &aws::BucketId, _: &BTreeMap<String, String>, _: bool) -> aws::Result<()> {
        answer(|| ())
    }

    async fn list_buckets(&self, prefix: &str, after: Option<String>) -> aws::Result<aws::Page<aws::BucketId>> {
        let name = format!("{prefix}{}", next(100));
        let items = vec![aws::BucketId { name, region: "eu-west-1".to_owned() }];
        answer(|| aws::Page { items, next: maybe(|| "b".to_owned()).filter(|_| after.is_none()) })
    }

    async fn bucket_settings(
        &self,
        _bucket: &aws::BucketId,
        _optional: aws::Optional,
    ) -> aws::Result<Option<aws::BucketSettings>> {
        answer(|| {
            maybe(|| aws::BucketSettings {
                public_access_blocked: next(2) == 0,
                acls_disabled: next(2) == 0,
                encryption: match next(3) {
                    0 => aws::Encryption::S3,
                    1 => aws::Encryption::Kms { key: maybe(|| "alias/a".to_owned()), bucket_key: true },
                    _ => aws::Encryption::Other("none".to_owned()),
                },
                versioning: next(2) == 0,
                lifecycle: aws::Lifecycle {
                    abort_incomplete_uploads_days: maybe(|| 7),
                    transitions: maybe(|| aws::Transition { days: 30, storage_class: "GLACIER".to_owned() })
                        .into_iter()
                        .collect(),
                    ..aws::Lifecycle::default()
                },
                guards: Guards { tls_only: next(2) == 0, ..Guards::default() },
                lock: maybe(|| aws::Lock { mode: aws::LockMode::Compliance, days: 1 }),
                logging: maybe(|| aws::Logging { target_bucket: "a".to_owned(), target_prefix: String::new() }),
                tags: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
                ..aws::BucketSettings::bare()
            })
        })
    }

    async fn put_setting(&self, _bucket: &aws::BucketId, _setting: &aws::Setting) -> aws::Result<()> {
        answer(|| ())
    }

    async fn contents(&self, _bucket: &aws::BucketId) -> aws::Result<aws::Contents> {
        answer(|| aws::Contents { entries: 2, more: next(2) == 0, example: maybe(|| "fake/chunk".to_owned()) })
    }

    async fn probe(&self, _bucket: &aws::BucketId, _key: &str) -> aws::Result<()> {
        answer(|| ())
    }

    async fn purge(&self, _bucket: &aws::BucketId, _key: &str) -> aws::Result<()> {
        answer(|| ())
    }

    async fn usage(&self, _bucket: &aws::BucketId, prefix: &str, limit: u64) -> aws::Result<aws::Usage> {
        let amount = aws::Amount { entries: limit, bytes: u64::MAX };
        answer(|| aws::Usage {
            current: amount,
            by_prefix: [(prefix.to_owned(), amount)].into(),
            ..aws::Usage::default()
        })
    }

    async fn empty(
        &self,
        _bucket: &aws::BucketId,
        progress: &(dyn Fn(aws::Emptied) + Send + Sync),
        _cancel: &CancellationToken,
    ) -> aws::Result<aws::Emptied> {
        let emptied = aws::Emptied { entries: 2, uploads: 1 };
        progress(emptied);
        answer(|| emptied)
    }

    async fn delete_bucket(&self, _bucket: &aws::BucketId) -> aws::Result<bool> {
        answer(|| true)
    }
}

#[async_trait]
impl aws::Keys for Aws {
    async fn key(&self, _region: &str, key: &str) -> aws::Result<Option<aws::Key>> {
        let states = [aws::KeyState::Enabled, aws::KeyState::Disabled, aws::KeyState::PendingDeletion];
        answer(|| maybe(|| aws::Key { arn: key.to_owned(), state: states[next(3) as usize] }))
    }

    async fn create_key(&self, _: &str, alias: &str, _: &BTreeMap<String, String>) -> aws::Result<aws::Key> {
        answer(|| aws::Key { arn: format!("arn:aws:kms:eu-west-1:1:key/{alias}"), state: aws::KeyState::Enabled })
    }

    async fn restore_key(&self, _region: &str, _key: &aws::Key) -> aws::Result<()> {
        answer(|| ())
    }

    async fn schedule_key_deletion(&self, _region: &str, _arn: &str, _alias: &str, _days: i32) -> aws::Result<()> {
        answer(|| ())
    }
}

fn policy() -> PolicyDocument {
    let document =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    PolicyDocument::parse(&document.to_string()).expect("a policy")
}

fn role(name: &str) -> aws::Role {
    aws::Role {
        name: name.to_owned(),
        arn: format!("arn:aws:iam::123456789012:role/{name}"),
        path: "/".to_owned(),
        description: "a role".to_owned(),
        trust: policy(),
        max_session_duration: 3600,
        permissions_boundary: maybe(|| "arn:aws:iam::123456789012:policy/b".to_owned()),
        tags: BTreeMap::new(),
    }
}

#[async_trait]
impl aws::Roles for Aws {
    async fn role(&self, name: &str) -> aws::Result<Option<aws::Role>> {
        answer(|| maybe(|| role(name)))
    }

    async fn list_roles(&self, prefix: &str, after: Option<String>) -> aws::Result<aws::Page<aws::ListedRole>> {
        let role = role(&format!("{prefix}a"));
        let items = vec![aws::ListedRole { name: role.name, arn: role.arn, description: "a role".to_owned() }];
        answer(|| aws::Page { items, next: maybe(|| "b".to_owned()).filter(|_| after.is_none()) })
    }

    async fn create_role(&self, new: &aws::NewRole) -> aws::Result<aws::Role> {
        let arn = format!("arn:aws:iam::123456789012:role{}{}", new.path, new.name);
        answer(|| aws::Role { arn, path: new.path.clone(), ..role(&new.name) })
    }

    async fn put_trust(&self, _role: &str, _trust: &PolicyDocument) -> aws::Result<()> {
        answer(|| ())
    }

    async fn put_max_session_duration(&self, _role: &str, _seconds: i32) -> aws::Result<()> {
        answer(|| ())
    }

    async fn put_permissions_boundary(&self, _role: &str, _arn: Option<&str>) -> aws::Result<()> {
        answer(|| ())
    }

    async fn put_role_tags(
        &self,
        _role: &str,
        _now: &BTreeMap<String, String>,
        _wanted: &BTreeMap<String, String>,
    ) -> aws::Result<()> {
        answer(|| ())
    }

    async fn inline_policy(&self, _role: &str, _policy: &str) -> aws::Result<Option<PolicyDocument>> {
        answer(|| maybe(policy))
    }

    async fn put_inline_policy(&self, _: &str, _policy: &str, _: &PolicyDocument) -> aws::Result<()> {
        answer(|| ())
    }

    async fn delete_inline_policy(&self, _role: &str, _policy: &str) -> aws::Result<()> {
        answer(|| ())
    }

    async fn role_quota(&self) -> aws::Result<Option<aws::Quota>> {
        answer(|| maybe(|| aws::Quota { used: next(2) as i32, limit: 1 }))
    }

    async fn create_oidc_provider(
        &self,
        issuer: &str,
        audience: &str,
        _tags: &BTreeMap<String, String>,
    ) -> aws::Result<aws::OidcProvider> {
        answer(|| aws::OidcProvider { arn: issuer.to_owned(), audiences: vec![audience.to_owned()] })
    }

    async fn add_audience(&self, _provider_arn: &str, _audience: &str) -> aws::Result<()> {
        answer(|| ())
    }

    async fn delete_oidc_provider(&self, _provider_arn: &str) -> aws::Result<()> {
        answer(|| ())
    }

    async fn roles_trusting(&self, _provider_arn: &str) -> aws::Result<Vec<String>> {
        answer(|| maybe(|| "another".to_owned()).into_iter().collect())
    }

    async fn simulate(
        &self,
        _whose: aws::Simulated<'_>,
        _policy: &PolicyDocument,
        asked: &aws::Asked,
    ) -> aws::Result<Vec<aws::Refused>> {
        let refused = || aws::Refused {
            action: asked.actions[0].clone(),
            resource: asked.resources.first().cloned().unwrap_or_default(),
            by: aws::RefusedBy::Boundary,
        };
        answer(|| maybe(refused).into_iter().collect())
    }

    async fn role_policies(&self, _role: &str) -> aws::Result<aws::RolePolicies> {
        answer(|| aws::RolePolicies { inline: vec!["loki".to_owned()], attached: Vec::new() })
    }

    async fn delete_role(&self, _role: &str, _inline_policies: &[&str]) -> aws::Result<bool> {
        answer(|| true)
    }

    async fn oidc_provider(&self, _issuer: &str) -> aws::Result<Option<aws::OidcProvider>> {
        answer(|| {
            maybe(|| aws::OidcProvider {
                arn: "arn:aws:iam::123456789012:oidc-provider/oidc.example".to_owned(),
                audiences: vec!["sts.amazonaws.com".to_owned()],
            })
        })
    }
}

#[async_trait]
impl aws::Clusters for Aws {
    async fn describe_cluster(&self, name: &str) -> aws::Result<aws::Cluster> {
        answer(|| aws::Cluster {
            name: name.to_owned(),
            arn: format!("arn:aws:eks:eu-west-1:123456789012:cluster/{name}"),
            endpoint: maybe(|| "https://cluster.example".to_owned()),
            ca_pem: None,
            oidc_issuer: maybe(|| "https://oidc.example/id/A".to_owned()),
            version: "1.33".to_owned(),
            status: "ACTIVE".to_owned(),
        })
    }

    async fn addons(&self, _cluster: &str) -> aws::Result<Vec<aws::Addon>> {
        let addon = || aws::Addon {
            name: "eks-pod-identity-agent".to_owned(),
            version: "v1".to_owned(),
            status: "ACTIVE".to_owned(),
        };
        answer(|| maybe(addon).into_iter().collect())
    }

    async fn pod_identity(&self, _account: &aws::PodAccount) -> aws::Result<Option<aws::PodIdentity>> {
        answer(|| {
            maybe(|| aws::PodIdentity { id: "a-1".to_owned(), role_arn: "arn:aws:iam::123456789012:role/a".to_owned() })
        })
    }

    async fn create_pod_identity(
        &self,
        _account: &aws::PodAccount,
        role_arn: &str,
        _tags: &BTreeMap<String, String>,
    ) -> aws::Result<aws::PodIdentity> {
        answer(|| aws::PodIdentity { id: "a-1".to_owned(), role_arn: role_arn.to_owned() })
    }

    async fn delete_pod_identity(&self, _cluster: &str, _id: &str) -> aws::Result<()> {
        answer(|| ())
    }

    async fn eks_token(&self, _cluster: &str) -> aws::Result<aws::EksToken> {
        answer(|| aws::EksToken {
            token: "k8s-aws-v1.fuzz".to_owned().into(),
            expires_at: std::time::SystemTime::now() + aws::EKS_TOKEN_LIFETIME,
        })
    }
}

pub fn adapters() -> Adapters {
    Adapters {
        aws: |_| Arc::new(Aws),
        kube: |settings| match settings.host.as_deref() {
            Some("") => Err(kube::Error::Config("no cluster is configured".to_owned())),
            _ => Ok(Arc::new(cluster::Kubernetes)),
        },
    }
}
