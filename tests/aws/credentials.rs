//! Where credentials, region and endpoints come from, and what is said when they are missing or refused.

use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use loki_provider::aws::{AssumeRole, Error, Kind, Settings, connect};
use loki_provider::iam::PolicyDocument;
use secrecy::ExposeSecret;

use crate::clusters::authenticated;
use crate::roles::new_role;
use crate::support::{
    ACCOUNT, CLUSTER, NO_TAGS, REGION, administrator, bucket_id, endpoint, in_child, now, settings, user,
};

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
async fn a_missing_permission_is_named() {
    let aws = connect(user(&[]).await);
    let denied = aws.create_bucket(&bucket_id("denied"), &NO_TAGS, false).await.unwrap_err();
    assert!(matches!(&denied.kind, Kind::AccessDenied { action, .. } if action == "s3:CreateBucket"), "{denied}");
    assert!(!denied.is_retryable());
    let denied = aws.role("x").await.unwrap_err();
    assert!(matches!(&denied.kind, Kind::AccessDenied { action, .. } if action == "iam:GetRole"), "{denied}");
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

#[test]
fn missing_credentials_say_where_they_were_sought() {
    // A metadata service that accepts and stays silent, as behind some firewalls.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    if !in_child(
        "credentials::missing_credentials_say_where_they_were_sought",
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
    if !in_child("credentials::the_environment_is_the_fallback_and_settings_beat_it", &variables) {
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
    if !in_child("credentials::a_profile_brings_region_endpoint_and_credentials", &variables) {
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
