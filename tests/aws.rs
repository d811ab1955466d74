//! The AWS ports against moto, as the lab runs it: keys are held to their policies, tokens to trust policies.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use aws_sdk_s3::types::{ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter};
use futures::StreamExt;
use loki_provider::aws::{
    AssumeRole, Aws, BucketId, BucketSettings, Emptied, Encryption, Endpoints, Error, Kind, NewRole, PolicyDocument,
    Presence, RolePolicies, Setting, Settings, Trusted, connect,
};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";
/// The lab's EKS cluster and OIDC provider are made when its AWS starts.
const CLUSTER: &str = "lab";

fn endpoint() -> String {
    std::env::var("LAB_AWS_ENDPOINT").expect("LAB_AWS_ENDPOINT is not set: run `make test`, which starts the lab")
}

fn settings(access_key: &str, secret_key: &str) -> Settings {
    let endpoint = Some(endpoint());
    Settings {
        region: Some(REGION.into()),
        access_key: Some(access_key.into()),
        secret_key: Some(secret_key.into()),
        endpoints: Endpoints { s3: endpoint.clone(), iam: endpoint.clone(), sts: endpoint.clone(), eks: endpoint },
        use_path_style: true,
        ..Settings::default()
    }
}

fn administrator() -> Arc<dyn Aws> {
    connect(settings("test", "test"))
}

/// A name that no other test uses, nor an earlier run against the same lab.
fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!("{what}-{:x}-{}", now.as_micros(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn bucket_id(what: &str) -> BucketId {
    BucketId { name: unique(what), region: REGION.into() }
}

/// The SDK itself, for what the ports do not offer.
async fn sdk() -> aws_config::SdkConfig {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(REGION)
        .endpoint_url(endpoint())
        .credentials_provider(credentials)
        .load()
        .await
}

async fn s3() -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&sdk().await).force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

#[tokio::test]
async fn bucket_names_are_free_or_ours() {
    let aws = administrator();
    let bucket = bucket_id("look");
    assert_eq!(aws.look(&bucket.name, REGION).await.unwrap(), Presence::Absent);
    assert_eq!(aws.bucket_settings(&bucket).await.unwrap(), None);

    aws.create_bucket(&bucket).await.unwrap();
    let ours = Presence::Ours { region: REGION.into() };
    assert_eq!(aws.look(&bucket.name, REGION).await.unwrap(), ours);
    assert_eq!(aws.look(&bucket.name, "us-east-1").await.unwrap(), ours, "the bucket's own region is named");

    let again = aws.create_bucket(&bucket).await.unwrap_err();
    assert!(matches!(again.kind, Kind::AlreadyExists(_)), "{again}");
    aws.delete_bucket(&bucket).await.unwrap();
    aws.delete_bucket(&bucket).await.expect("a bucket that is gone counts as deleted");
    assert_eq!(aws.look(&bucket.name, REGION).await.unwrap(), Presence::Absent);
}

#[tokio::test]
async fn a_bucket_in_us_east_1_has_no_location_constraint() {
    let aws = administrator();
    let bucket = BucketId { name: unique("default-location"), region: "us-east-1".into() };
    aws.create_bucket(&bucket).await.unwrap();
    let found = aws.look(&bucket.name, REGION).await.unwrap();
    assert_eq!(found, Presence::Ours { region: "us-east-1".into() });
    aws.delete_bucket(&bucket).await.unwrap();
}

#[tokio::test]
async fn settings_are_written_one_by_one_and_read_back() {
    let aws = administrator();
    let bucket = bucket_id("settings");
    aws.create_bucket(&bucket).await.unwrap();
    let mut wanted = BucketSettings {
        public_access_blocked: true,
        acls_disabled: true,
        encryption: Encryption::S3,
        versioning: true,
        abort_incomplete_uploads_days: Some(7),
        tags: BTreeMap::from([("team".into(), "logging".into())]),
    };
    let live = aws.bucket_settings(&bucket).await.unwrap().unwrap();
    assert!(live.acls_disabled, "new buckets have ACLs disabled");
    for setting in wanted.changes_from(&live) {
        aws.put_setting(&bucket, &setting).await.unwrap();
    }
    assert_eq!(aws.bucket_settings(&bucket).await.unwrap().unwrap(), wanted);

    let key = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    let changes = [
        Setting::Encryption(Encryption::Kms { key: Some(key), bucket_key: true }),
        Setting::Versioning(false),
        Setting::AbortIncompleteUploads(Some(3)),
        Setting::Tags(BTreeMap::new()),
    ];
    for setting in changes {
        aws.put_setting(&bucket, &setting).await.unwrap();
        wanted.set(setting);
        assert_eq!(aws.bucket_settings(&bucket).await.unwrap().unwrap(), wanted);
    }
}

#[tokio::test]
async fn changes_by_others_are_seen() {
    let (aws, s3) = (administrator(), s3().await);
    let bucket = bucket_id("drift");
    aws.create_bucket(&bucket).await.unwrap();
    aws.put_setting(&bucket, &Setting::PublicAccessBlocked).await.unwrap();
    s3.delete_public_access_block().bucket(&bucket.name).send().await.unwrap();
    let live = aws.bucket_settings(&bucket).await.unwrap().unwrap();
    assert!(!live.public_access_blocked);
    assert!(!live.versioning);
    assert_eq!(live.abort_incomplete_uploads_days, None);
}

#[tokio::test]
async fn lifecycle_rules_of_others_stay() {
    let (aws, s3) = (administrator(), s3().await);
    let bucket = bucket_id("lifecycle");
    aws.create_bucket(&bucket).await.unwrap();
    let theirs = LifecycleRule::builder()
        .id("theirs")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("tmp/").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()
        .unwrap();
    let configuration = aws_sdk_s3::types::BucketLifecycleConfiguration::builder().rules(theirs).build().unwrap();
    let request = s3.put_bucket_lifecycle_configuration().bucket(&bucket.name);
    request.lifecycle_configuration(configuration).send().await.unwrap();
    let rules = async || {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(&bucket.name).send().await.unwrap();
        answer.rules().iter().map(|rule| rule.id().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };

    aws.put_setting(&bucket, &Setting::AbortIncompleteUploads(Some(7))).await.unwrap();
    assert_eq!(rules().await.len(), 2);
    aws.put_setting(&bucket, &Setting::AbortIncompleteUploads(None)).await.unwrap();
    assert_eq!(rules().await, ["theirs"]);
}

/// 1100 objects, one of them overwritten and one deleted, and an unfinished upload.
async fn fill(s3: &aws_sdk_s3::Client, bucket: &BucketId) {
    let put = |key: String| {
        let request = s3.put_object().bucket(&bucket.name).key(key).body(b"line"[..].to_vec().into());
        async move { request.send().await.unwrap() }
    };
    futures::stream::iter(0..1100).map(|n| put(format!("chunks/{n:04}"))).buffer_unordered(8).count().await;
    put("chunks/0000".into()).await;
    s3.delete_object().bucket(&bucket.name).key("chunks/0001").send().await.unwrap();
    s3.create_multipart_upload().bucket(&bucket.name).key("unfinished").send().await.unwrap();
}

#[tokio::test]
async fn a_full_bucket_is_kept_until_it_is_emptied() {
    let (aws, s3) = (administrator(), s3().await);
    let bucket = bucket_id("full");
    aws.create_bucket(&bucket).await.unwrap();
    aws.put_setting(&bucket, &Setting::Versioning(true)).await.unwrap();
    assert!(aws.contents(&bucket).await.unwrap().is_empty());
    fill(&s3, &bucket).await;

    let contents = aws.contents(&bucket).await.unwrap();
    assert_eq!((contents.entries, contents.more), (1000, true));
    assert!(contents.example.is_some_and(|key| key.starts_with("chunks/")));
    let refused = aws.delete_bucket(&bucket).await.unwrap_err();
    assert!(matches!(refused.kind, Kind::InUse(_)), "{refused}");

    // Stopped after the first batch: what is left is still there.
    let cancel = CancellationToken::new();
    let stop = |_: Emptied| cancel.cancel();
    let stopped = aws.empty(&bucket, &stop, &cancel).await.unwrap_err();
    assert_eq!(stopped.kind, Kind::Cancelled);
    assert_eq!(aws.contents(&bucket).await.unwrap().entries, 102);

    let heard = Mutex::new(Vec::new());
    let hear = |done| heard.lock().unwrap().push(done);
    let done = aws.empty(&bucket, &hear, &CancellationToken::new()).await.unwrap();
    assert_eq!(done, Emptied { entries: 102, uploads: 1 });
    assert_eq!(heard.lock().unwrap().last(), Some(&done));
    assert!(aws.contents(&bucket).await.unwrap().is_empty());
    aws.delete_bucket(&bucket).await.unwrap();
    let gone = aws.empty(&bucket, &|_| {}, &CancellationToken::new()).await.unwrap();
    assert_eq!(gone, Emptied::default());
}

fn trust(service_account: &str) -> PolicyDocument {
    let issuer = "https://oidc.example/id/A".to_owned();
    let trusted = Trusted {
        provider_arn: loki_provider::aws::arn::oidc_provider("aws", ACCOUNT, &issuer),
        issuer,
        namespace: "loki".into(),
        service_account: service_account.into(),
        audience: "sts.amazonaws.com".into(),
    };
    trusted.policy()
}

fn new_role(what: &str) -> NewRole {
    NewRole {
        name: unique(what),
        path: "/".into(),
        description: "A test's".into(),
        trust: trust("loki"),
        max_session_duration: 3600,
        permissions_boundary: None,
        tags: BTreeMap::from([("a".into(), "1".into()), ("b".into(), "2".into())]),
    }
}

#[tokio::test]
async fn a_role_is_created_changed_and_deleted() {
    let aws = administrator();
    let new = NewRole { path: "/teams/logging/".into(), ..new_role("role") };
    let name = &new.name;
    assert_eq!(aws.role(name).await.unwrap(), None);
    let created = aws.create_role(&new).await.unwrap();
    assert_eq!(created.arn, format!("arn:aws:iam::{ACCOUNT}:role/teams/logging/{name}"));
    assert_eq!(aws.role(name).await.unwrap().unwrap(), created);
    let again = aws.create_role(&new).await.unwrap_err();
    assert!(matches!(again.kind, Kind::AlreadyExists(_)), "{again}");

    let wanted = BTreeMap::from([("b".into(), "3".into()), ("c".into(), "4".into())]);
    aws.put_role_tags(name, &created.tags, &wanted).await.unwrap();
    aws.put_trust(name, &trust("other")).await.unwrap();
    aws.put_max_session_duration(name, 7200).await.unwrap();
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    aws.put_permissions_boundary(name, Some(boundary)).await.unwrap();
    let changed = aws.role(name).await.unwrap().unwrap();
    assert_eq!(changed.tags, wanted);
    assert_eq!(changed.trust, trust("other"));
    assert_eq!(changed.max_session_duration, 7200);
    assert_eq!(changed.permissions_boundary.as_deref(), Some(boundary));
    aws.put_permissions_boundary(name, None).await.unwrap();
    assert_eq!(aws.role(name).await.unwrap().unwrap().permissions_boundary, None);

    assert_eq!(aws.inline_policy(name, "loki").await.unwrap(), None);
    let policy = PolicyDocument::loki_storage("aws", &["logs"]);
    aws.put_inline_policy(name, "loki", &policy).await.unwrap();
    assert_eq!(aws.inline_policy(name, "loki").await.unwrap().unwrap(), policy);

    aws.delete_role(name, &["loki"]).await.unwrap();
    assert_eq!(aws.role(name).await.unwrap(), None);
    aws.delete_role(name, &["loki"]).await.expect("a role that is gone counts as deleted");
}

#[tokio::test]
async fn policies_of_others_keep_a_role() {
    let aws = administrator();
    let new = new_role("attached");
    aws.create_role(&new).await.unwrap();
    aws.put_inline_policy(&new.name, "theirs", &PolicyDocument::loki_storage("aws", &["x"])).await.unwrap();
    let iam = aws_sdk_iam::Client::new(&sdk().await);
    let document = PolicyDocument::loki_storage("aws", &["x"]).to_string();
    let policy = iam.create_policy().policy_name(unique("policy")).policy_document(document).send().await.unwrap();
    let theirs = policy.policy.unwrap().arn.unwrap();
    iam.attach_role_policy().role_name(&new.name).policy_arn(&theirs).send().await.unwrap();

    let refused = aws.delete_role(&new.name, &["loki"]).await.unwrap_err();
    assert!(matches!(refused.kind, Kind::InUse(_)), "{refused}");
    let policies = aws.role_policies(&new.name).await.unwrap();
    assert_eq!(policies, RolePolicies { inline: vec!["theirs".into()], attached: vec![theirs] });
}

#[tokio::test]
async fn the_accounts_oidc_provider_is_found_by_issuer() {
    let aws = administrator();
    let issuer = aws.describe_cluster(CLUSTER).await.unwrap().oidc_issuer.unwrap();
    let provider = aws.oidc_provider(&issuer).await.unwrap().unwrap();
    assert_eq!(provider.audiences, ["sts.amazonaws.com"]);
    assert_eq!(aws.oidc_provider("https://oidc.example/id/NONE").await.unwrap(), None);
}

#[tokio::test]
async fn an_eks_cluster_tells_how_to_reach_it() {
    let aws = administrator();
    let cluster = aws.describe_cluster(CLUSTER).await.unwrap();
    assert!(cluster.ca_pem.unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(cluster.endpoint.unwrap().starts_with("https://"));
    assert_eq!(cluster.status, "ACTIVE");
    let missing = aws.describe_cluster("no-such-cluster").await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    assert!(missing.request_id.is_some());
}

/// What the API server asks about a token (TokenReview).
fn authenticated(token: &str) -> bool {
    let body = serde_json::json!({"spec": {"token": token}}).to_string();
    let endpoint = endpoint();
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST /lab/authenticate HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.contains("\"authenticated\": true")
}

#[tokio::test]
async fn the_api_server_accepts_the_eks_token() {
    let token = administrator().eks_token(CLUSTER).await.unwrap();
    assert!(token.expires_at > SystemTime::now() + Duration::from_secs(14 * 60));
    assert!(authenticated(token.token.expose_secret()));
    let other_cluster = administrator().eks_token("other").await.unwrap();
    assert!(!authenticated(other_cluster.token.expose_secret()));
    let wrong_secret = connect(settings("test", "wrong")).eks_token(CLUSTER).await.unwrap();
    assert!(!authenticated(wrong_secret.token.expose_secret()));
}

#[tokio::test]
async fn roles_are_assumed_and_named() {
    let policy = PolicyDocument::parse(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    );
    let role = administrator().create_role(&new_role("assumed")).await.unwrap();
    administrator().put_inline_policy(&role.name, "all", &policy.unwrap()).await.unwrap();
    let mut settings = settings("test", "test");
    settings.assume_role = vec![AssumeRole {
        role_arn: role.arn,
        session_name: Some("pipeline".into()),
        duration: Some(Duration::from_secs(900)),
        ..AssumeRole::default()
    }];
    let aws = connect(settings);
    let caller = aws.caller().await.unwrap();
    assert_eq!(caller.arn, format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/pipeline", role.name));
    assert_eq!((caller.account.as_str(), caller.partition.as_str()), (ACCOUNT, "aws"));
    let token = aws.eks_token(CLUSTER).await.unwrap();
    assert!(token.expires_at <= SystemTime::now() + Duration::from_secs(900));
    assert!(authenticated(token.token.expose_secret()));
}

#[tokio::test]
async fn buckets_of_other_accounts_are_foreign() {
    let mut settings = settings("test", "test");
    let role_arn = "arn:aws:iam::210987654321:role/neighbour".into();
    settings.assume_role = vec![AssumeRole { role_arn, ..AssumeRole::default() }];
    let neighbour = connect(settings);
    let bucket = bucket_id("theirs");
    neighbour.create_bucket(&bucket).await.unwrap();
    assert_eq!(neighbour.look(&bucket.name, REGION).await.unwrap(), Presence::Ours { region: REGION.into() });

    let aws = administrator();
    let found = aws.look(&bucket.name, REGION).await.unwrap();
    assert!(matches!(found, Presence::Foreign { .. }), "{found:?}");
    let taken = aws.create_bucket(&bucket).await.unwrap_err();
    assert!(matches!(taken.kind, Kind::OwnedByOther(_)), "{taken}");
}

/// A user with exactly these actions.
async fn user(actions: &[&str]) -> Settings {
    let iam = aws_sdk_iam::Client::new(&sdk().await);
    let name = unique("user");
    iam.create_user().user_name(&name).send().await.unwrap();
    if !actions.is_empty() {
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
        });
        let request = iam.put_user_policy().user_name(&name).policy_name("p");
        request.policy_document(policy.to_string()).send().await.unwrap();
    }
    let key = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    settings(&key.access_key_id, &key.secret_access_key)
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let aws = connect(user(&[]).await);
    let denied = aws.create_bucket(&bucket_id("denied")).await.unwrap_err();
    assert!(matches!(&denied.kind, Kind::AccessDenied { action, .. } if action == "s3:CreateBucket"), "{denied}");
    assert!(!denied.is_retryable());
    let denied = aws.role("x").await.unwrap_err();
    assert!(matches!(&denied.kind, Kind::AccessDenied { action, .. } if action == "iam:GetRole"), "{denied}");
}

#[tokio::test]
async fn a_bucket_that_refuses_us_is_foreign_or_ours_and_locked() {
    let bucket = bucket_id("locked");
    administrator().create_bucket(&bucket).await.unwrap();
    let stranger = connect(user(&["sts:GetCallerIdentity"]).await);
    let found = stranger.look(&bucket.name, REGION).await.unwrap();
    assert!(matches!(found, Presence::Foreign { .. }), "{found:?}");

    let lister = connect(user(&["sts:GetCallerIdentity", "s3:ListAllMyBuckets"]).await);
    let denied = lister.look(&bucket.name, REGION).await.unwrap_err();
    assert!(denied.is_access_denied(), "{denied}");
    assert!(denied.to_string().contains("belongs to this account"), "{denied}");
}

#[tokio::test]
async fn unknown_keys_are_refused() {
    let aws = connect(settings("AKIAUNKNOWN", "x"));
    for error in [aws.caller().await.unwrap_err(), aws.contents(&bucket_id("x")).await.unwrap_err()] {
        assert!(matches!(error.kind, Kind::CredentialsRefused(_)), "{error}");
        assert!(error.is_about_credentials());
    }
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let mut settings = settings("test", "test");
    settings.endpoints.sts = Some("http://127.0.0.1:1".into());
    let error = connect(settings).caller().await.unwrap_err();
    assert!(error.is_retryable());
    assert!(error.to_string().starts_with("STS at http://127.0.0.1:1 cannot be reached:"), "{error}");
}

/// Runs the calling test again, alone in a process with only these variables; true there.
fn in_child(test: &str, variables: &[(&str, &str)]) -> bool {
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

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn missing_credentials_say_where_they_were_sought() {
    // A metadata service that accepts and stays silent, as behind some firewalls.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    if !in_child(
        "missing_credentials_say_where_they_were_sought",
        &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &address), ("AWS_ENDPOINT_URL", &endpoint())],
    ) {
        return;
    }
    let begin = Instant::now();
    let error = now(connect(Settings { region: Some(REGION.into()), ..Settings::default() }).caller()).unwrap_err();
    let Kind::NoCredentials(tried) = &error.kind else { panic!("{error}") };
    let sources =
        "environment variables, shared configuration files, web identity, container credentials, instance metadata";
    assert_eq!(tried, sources);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());

    let error = now(connect(Settings::default()).region()).unwrap_err();
    assert_eq!(error.kind, Kind::NoRegion);
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[test]
fn the_environment_is_the_fallback_and_settings_beat_it() {
    let variables = [
        ("AWS_REGION", "us-west-2"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL_STS", &endpoint()),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    if !in_child("the_environment_is_the_fallback_and_settings_beat_it", &variables) {
        return;
    }
    now(async {
        let aws = connect(Settings::default());
        assert_eq!(aws.region().await.unwrap(), "us-west-2");
        assert_eq!(aws.caller().await.unwrap().account, ACCOUNT);
        let error = aws.role("x").await.unwrap_err();
        assert!(error.to_string().starts_with("IAM at http://127.0.0.1:1 cannot be reached"), "{error}");

        let explicit = connect(settings("AKIAUNKNOWN", "x"));
        assert_eq!(explicit.region().await.unwrap(), REGION);
        let error = explicit.caller().await.unwrap_err();
        assert!(matches!(error.kind, Kind::CredentialsRefused(_)), "the explicit endpoint and key: {error}");
    });
}

#[test]
fn a_profile_brings_region_endpoint_and_credentials() {
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_string_lossy().into_owned();
    let (config, credentials) = (path("config"), path("credentials"));
    let endpoint = endpoint();
    std::fs::write(
        &config,
        format!(
            "[profile lab]\nregion = eu-central-1\nservices = lab\n[services lab]\nsts =\n  endpoint_url = {endpoint}\n"
        ),
    )
    .unwrap();
    std::fs::write(&credentials, "[lab]\naws_access_key_id = test\naws_secret_access_key = test\n").unwrap();
    let variables = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str()),
        // An explicit profile keeps these out.
        ("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    if !in_child("a_profile_brings_region_endpoint_and_credentials", &variables) {
        return;
    }
    now(async {
        let profile = |name: &str| connect(Settings { profile: Some(name.into()), ..Settings::default() });
        let aws = profile("lab");
        assert_eq!(aws.region().await.unwrap(), "eu-central-1");
        assert_eq!(aws.caller().await.unwrap().account, ACCOUNT);

        let missing = connect(Settings {
            profile: Some("no-such-profile".into()),
            region: Some(REGION.into()),
            ..Settings::default()
        });
        let error: Error = missing.caller().await.unwrap_err();
        assert!(matches!(error.kind, Kind::BadCredentialSource(_)), "{error}");
        assert!(error.to_string().contains("no-such-profile"), "{error}");
    });
}
