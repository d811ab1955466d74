//! Connections to the lab's AWS, with names that no other test uses.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use loki_provider::aws::{AssumeRole, Aws, BucketId, Endpoints, Settings, connect};

pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "123456789012";
/// The lab's EKS cluster and OIDC provider are made when its AWS starts.
pub const CLUSTER: &str = "lab";

pub const NO_TAGS: BTreeMap<String, String> = BTreeMap::new();

pub fn endpoint() -> String {
    std::env::var("LAB_AWS_ENDPOINT").expect("LAB_AWS_ENDPOINT is not set: run `make test`, which starts the lab")
}

pub fn settings(access_key: &str, secret_key: &str) -> Settings {
    let endpoint = Some(endpoint());
    Settings {
        region: Some(REGION.into()),
        access_key: Some(access_key.into()),
        secret_key: Some(secret_key.into()),
        endpoints: Endpoints {
            s3: endpoint.clone(),
            iam: endpoint.clone(),
            sts: endpoint.clone(),
            eks: endpoint.clone(),
            kms: endpoint,
        },
        use_path_style: true,
        ..Settings::default()
    }
}

pub fn administrator() -> Arc<dyn Aws> {
    connect(settings("test", "test"))
}

/// The administrator of another account.
pub fn neighbour() -> Settings {
    let role_arn = "arn:aws:iam::210987654321:role/neighbour".into();
    Settings { assume_role: vec![AssumeRole { role_arn, ..AssumeRole::default() }], ..settings("test", "test") }
}

/// A name that no other test uses, nor an earlier run against the same lab.
pub fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!("{what}-{:x}-{}", now.as_micros(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn bucket_id(what: &str) -> BucketId {
    BucketId { name: unique(what), region: REGION.into() }
}

/// The SDK itself, for what the ports do not offer.
pub async fn sdk() -> aws_config::SdkConfig {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(REGION)
        .endpoint_url(endpoint())
        .credentials_provider(credentials)
        .load()
        .await
}

pub async fn s3() -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&sdk().await).force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// A user with exactly these actions.
pub async fn user(actions: &[&str]) -> Settings {
    let statements: Vec<_> = (!actions.is_empty())
        .then(|| serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": "*"}))
        .into_iter()
        .collect();
    user_with(&serde_json::json!({"Version": "2012-10-17", "Statement": statements})).await
}

/// A user with exactly this policy.
pub async fn user_with(policy: &serde_json::Value) -> Settings {
    let iam = aws_sdk_iam::Client::new(&sdk().await);
    let name = unique("user");
    iam.create_user().user_name(&name).send().await.unwrap();
    if policy["Statement"].as_array().is_some_and(|statements| !statements.is_empty()) {
        let request = iam.put_user_policy().user_name(&name).policy_name("p");
        request.policy_document(policy.to_string()).send().await.unwrap();
    }
    let key = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    settings(&key.access_key_id, &key.secret_access_key)
}

/// Runs the calling test again, alone in a process with only these variables; true there.
pub fn in_child(test: &str, variables: &[(&str, &str)]) -> bool {
    const CHILD: &str = "AWS_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact"])
        .env_clear()
        .env("HOME", home.path())
        .env(CHILD, "1")
        .env("LAB_AWS_ENDPOINT", endpoint())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    false
}

pub fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
