//! AWS and a cluster that answer at once, whatever they are asked, by the mood of the moment: nothing is dialled, nothing
//! waits.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use loki_provider::aws::{self, Kind, Operation, Service};
use loki_provider::iam::PolicyDocument;
use loki_provider::kube::{self, Cluster};
use loki_provider::resource::provider::Adapters;
use serde_json::{Value, json};
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
    async fn look(&self, _bucket: &str, region: &str) -> aws::Result<aws::Presence> {
        answer(|| match next(3) {
            0 => aws::Presence::Absent,
            1 => aws::Presence::Foreign { region: None },
            _ => aws::Presence::Ours { region: region.to_owned() },
        })
    }

    async fn create_bucket(&self, _: &aws::BucketId, _: &BTreeMap<String, String>) -> aws::Result<()> {
        answer(|| ())
    }

    async fn list_buckets(&self, prefix: &str, after: Option<String>) -> aws::Result<aws::Page<aws::BucketId>> {
        let name = format!("{prefix}{}", next(100));
        let items = vec![aws::BucketId { name, region: "eu-west-1".to_owned() }];
        answer(|| aws::Page { items, next: maybe(|| "b".to_owned()).filter(|_| after.is_none()) })
    }

    async fn bucket_settings(&self, _bucket: &aws::BucketId) -> aws::Result<Option<aws::BucketSettings>> {
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
                abort_incomplete_uploads_days: maybe(|| 7),
                tags: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            })
        })
    }

    async fn put_setting(&self, _bucket: &aws::BucketId, _setting: &aws::Setting) -> aws::Result<()> {
        answer(|| ())
    }

    async fn contents(&self, _bucket: &aws::BucketId) -> aws::Result<aws::Contents> {
        answer(|| aws::Contents { entries: 2, more: next(2) == 0, example: maybe(|| "fake/chunk".to_owned()) })
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

    async fn delete_bucket(&self, _bucket: &aws::BucketId) -> aws::Result<()> {
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

    async fn role_policies(&self, _role: &str) -> aws::Result<aws::RolePolicies> {
        answer(|| aws::RolePolicies { inline: vec!["loki".to_owned()], attached: Vec::new() })
    }

    async fn delete_role(&self, _role: &str, _inline_policies: &[&str]) -> aws::Result<()> {
        answer(|| ())
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

    async fn eks_token(&self, _cluster: &str) -> aws::Result<aws::EksToken> {
        answer(|| aws::EksToken {
            token: "k8s-aws-v1.fuzz".to_owned().into(),
            expires_at: std::time::SystemTime::now() + aws::EKS_TOKEN_LIFETIME,
        })
    }
}

struct Kubernetes;

fn reply<T>(value: impl FnOnce() -> T) -> Result<T, kube::Error> {
    let text = || "the fuzzer says so".to_owned();
    Err(match next(9) {
        0 => kube::Error::Unreachable { url: "https://cluster.example".to_owned(), cause: text(), retryable: false },
        1 => kube::Error::Denied { object: "StatefulSet loki/loki".to_owned(), message: text() },
        2 => kube::Error::NotFound { object: "Pod loki/loki-0".to_owned() },
        3 => {
            kube::Error::Conflict { object: "StatefulSet loki/loki".to_owned(), conflicts: Vec::new(), message: text() }
        }
        4 => kube::Error::Timeout { what: text(), after: std::time::Duration::from_secs(1) },
        _ => return Ok(value()),
    })
}

#[async_trait]
impl Cluster for Kubernetes {
    fn url(&self) -> &str {
        "https://cluster.example"
    }

    fn origin(&self) -> &str {
        "the fuzzer"
    }

    async fn credentials(&self) -> Result<kube::Credentials, kube::Error> {
        reply(|| kube::Credentials {
            host: "https://cluster.example".to_owned(),
            token: maybe(|| "fuzz".to_owned().into()),
            ..kube::Credentials::default()
        })
    }

    async fn version(&self) -> Result<kube::Version, kube::Error> {
        reply(|| kube::Version { major: 1, minor: 27 + next(8) as u32, git_version: "v1.33.0".to_owned() })
    }

    async fn issuer(&self) -> Result<String, kube::Error> {
        reply(|| "https://issuer.example".to_owned())
    }

    async fn serves(&self, _api_version: &str, _kind: &str) -> Result<bool, kube::Error> {
        reply(|| true)
    }

    async fn apply(&self, object: &Value, _options: kube::Apply) -> Result<Value, kube::Error> {
        reply(|| object.clone())
    }

    async fn merge(&self, _object: &kube::ObjectRef, patch: &Value) -> Result<Value, kube::Error> {
        reply(|| patch.clone())
    }

    async fn get(&self, object: &kube::ObjectRef) -> Result<Option<Value>, kube::Error> {
        reply(|| {
            maybe(|| {
                json!({
                    "apiVersion": object.api_version, "kind": object.kind,
                    "metadata": {"name": object.name, "namespace": object.namespace, "uid": "u"},
                    "spec": {"replicas": next(3)}, "status": {"readyReplicas": next(3), "observedGeneration": 1},
                })
            })
        })
    }

    async fn delete(&self, _object: &kube::ObjectRef, _options: kube::Delete) -> Result<bool, kube::Error> {
        reply(|| next(2) == 0)
    }

    async fn list(
        &self,
        api_version: &str,
        kind: &str,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<Vec<Value>, kube::Error> {
        reply(|| {
            let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "b"}});
            vec![object; next(3) as usize]
        })
    }

    async fn wait(
        &self,
        object: &kube::ObjectRef,
        _until: kube::Until<'_>,
        done: &mut (dyn for<'v> FnMut(Option<&'v Value>) -> bool + Send),
    ) -> Result<Option<Value>, kube::Error> {
        let live = self.get(object).await?;
        if done(live.as_ref()) {
            return Ok(live);
        }
        Err(kube::Error::Timeout { what: format!("{object} is not there"), after: std::time::Duration::from_secs(1) })
    }

    async fn can_i(&self, _access: &kube::Access) -> Result<bool, kube::Error> {
        reply(|| next(4) > 0)
    }

    async fn pod_logs(&self, _logs: &kube::Logs) -> Result<String, kube::Error> {
        reply(|| "level=error msg=\"no\"".to_owned())
    }

    async fn events(&self, _: &str, _kind: &str, _name: &str) -> Result<Vec<kube::Event>, kube::Error> {
        reply(Vec::new)
    }

    async fn proxy(&self, _request: &kube::ProxyRequest) -> Result<kube::Response, kube::Error> {
        reply(|| kube::Response {
            status: [200, 404, 503][next(3) as usize],
            body: ["ready", "{}", r#"{"status":"success","data":{"result":[]}}"#, ""][next(4) as usize].to_owned(),
        })
    }
}

pub fn adapters() -> Adapters {
    Adapters {
        aws: |_| Arc::new(Aws),
        kube: |settings| match settings.host.as_deref() {
            Some("") => Err(kube::Error::Config("no cluster is configured".to_owned())),
            _ => Ok(Arc::new(Kubernetes)),
        },
    }
}
