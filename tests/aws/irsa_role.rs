//! `loki_irsa_role`: what real terraform cannot be made to show, and what goes wrong half-way.

use loki_provider::aws::Settings;
use loki_provider::iam::PolicyDocument;
use loki_provider::resource::irsa_role::IrsaRole;
use loki_provider::schema::Value;

use crate::drive::Driver;
use crate::support::{ACCOUNT, CLUSTER, administrator, settings, unique, user};

async fn driver(settings: &Settings) -> Driver<IrsaRole> {
    Driver::new("loki_irsa_role", settings).await
}

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

fn config(what: &str) -> IrsaRole {
    IrsaRole {
        name: Value::Value(unique(what)),
        eks_cluster: text(CLUSTER),
        namespace: text("loki"),
        service_account: text("loki"),
        buckets: Value::Value([text("acme-chunks-1"), text("acme-ruler-1")].into()),
        ..IrsaRole::default()
    }
}

#[tokio::test]
async fn the_plan_knows_everything_and_apply_keeps_to_it() {
    let driver = driver(&settings("test", "test")).await;
    let config = IrsaRole { path: text("/teams/"), ..config("life") };
    let planned = driver.plan(None, Some(&config)).await;
    assert_eq!(planned.report.warnings.len(), 0, "{planned:?}");
    let name = config.name.clone().unwrap();
    assert_eq!(planned.sound().arn, text(&format!("arn:aws:iam::{ACCOUNT}:role/teams/{name}")));

    let state = driver.apply(None, Some(&config)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state, "what was written is no drift");
    assert_eq!(driver.plan(Some(&state), Some(&config)).await.sound(), state, "a second plan changes nothing");

    let changed = IrsaRole {
        service_account: text("loki-writer"),
        buckets: Value::Value([text("acme-chunks-1")].into()),
        max_session_duration: Value::Value(7200.into()),
        tags: Value::Value([("team".into(), text("logging"))].into()),
        ..config
    };
    let state = driver.apply(Some(&state), Some(&changed)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state);
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
    assert_eq!(administrator().role(&name).await.unwrap(), None);
}

#[tokio::test]
async fn a_role_whose_policy_fails_stays_in_the_state() {
    let most = ["sts:*", "eks:*", "iam:Get*", "iam:CreateRole"];
    let config = config("half");
    let outcome = driver(&user(&most).await).await.apply(None, Some(&config)).await;
    outcome.refuses("buckets", &["could not be set", "Allow iam:PutRolePolicy"]);
    let state = outcome.state.expect("the role exists");
    assert_eq!(state.storage_policy, Value::Null);

    let driver = driver(&settings("test", "test")).await;
    let state = driver.read(&state).await.sound();
    let state = driver.apply(Some(&state), Some(&config)).await.sound();
    assert!(state.storage_policy.unwrap().contains("acme-chunks-1"));
}

#[tokio::test]
async fn another_spelling_is_no_drift_and_another_meaning_is() {
    let (driver, aws) = (driver(&settings("test", "test")).await, administrator());
    let config = config("spelling");
    let state = driver.apply(None, Some(&config)).await.sound();
    let name = config.name.clone().unwrap();
    let trust = state.trust_policy.clone().unwrap();

    let listed = trust.replace(r#""sts:AssumeRoleWithWebIdentity""#, r#"["sts:AssumeRoleWithWebIdentity"]"#);
    aws.put_trust(&name, &PolicyDocument::parse(&listed).unwrap()).await.unwrap();
    assert_eq!(driver.read(&state).await.sound(), state);

    let wider = trust.replace("StringEquals", "StringLike").replace("loki:loki", "loki:*");
    aws.put_trust(&name, &PolicyDocument::parse(&wider).unwrap()).await.unwrap();
    let drifted = driver.read(&state).await.sound();
    assert_ne!(drifted.trust_policy, state.trust_policy);
    assert_eq!(driver.apply(Some(&drifted), Some(&config)).await.sound(), state);
    assert_eq!(aws.role(&name).await.unwrap().unwrap().trust.to_string(), trust);
}

#[tokio::test]
async fn policies_of_others_are_named_and_kept() {
    let driver = driver(&settings("test", "test")).await;
    let config = config("kept");
    let state = driver.apply(None, Some(&config)).await.sound();
    let name = config.name.clone().unwrap();
    let policy = PolicyDocument::loki_storage("aws", &["x"]);
    administrator().put_inline_policy(&name, "theirs", &policy).await.unwrap();
    driver.plan(Some(&state), None).await.refuses("", &["cannot be deleted", "\"theirs\" (inline)"]);
    assert_eq!(driver.read(&state).await.sound(), state, "they are no drift");
}

#[tokio::test]
async fn an_import_finds_all_that_the_policies_say() {
    let driver = driver(&settings("test", "test")).await;
    let config = config("adopted");
    let state = driver.apply(None, Some(&config)).await.sound();
    let imported = driver.import(&config.name.clone().unwrap()).await.sound();
    let read = driver.read(&imported).await.sound();
    // How the issuer was found is the one thing that AWS does not know.
    let found = IrsaRole { eks_cluster: state.eks_cluster.clone(), oidc_issuer: Value::Null, ..read };
    assert_eq!(found, state);

    driver.import("no-such-role").await.refuses("", &["cannot be imported", "not its ARN"]);
}

#[tokio::test]
async fn names_that_are_taken_are_refused_at_plan() {
    let config = config("taken");
    driver(&settings("test", "test")).await.apply(None, Some(&config)).await.sound();
    let stranger = driver(&settings("test", "test")).await;
    stranger.plan(None, Some(&config)).await.refuses("name", &["exists already", "terraform import"]);
}

#[tokio::test]
async fn an_issuer_that_the_account_does_not_trust_is_said_with_what_to_do() {
    let driver = driver(&settings("test", "test")).await;
    let issuer = "https://oidc.example/id/NOBODY";
    let given = IrsaRole { eks_cluster: Value::Null, oidc_issuer: text(issuer), ..config("untrusted") };
    let planned = driver.plan(None, Some(&given)).await;
    planned.warns(
        "oidc_issuer",
        &["does not trust the issuer", "create-open-id-connect-provider --url https://oidc.example"],
    );
    let state = driver.apply(None, Some(&given)).await.sound();
    assert_eq!(state.issuer, text(issuer));

    let audience = IrsaRole { audience: text("loki.example"), ..config("audience") };
    let planned = driver.plan(None, Some(&audience)).await;
    planned.warns("audience", &["sts.amazonaws.com", "add-client-id-to-open-id-connect-provider"]);
}

#[tokio::test]
async fn a_cluster_to_come_leaves_the_trust_open_until_it_is_there() {
    let driver = driver(&settings("test", "test")).await;
    let cluster = unique("cluster");
    let config = IrsaRole { eks_cluster: text(&cluster), ..config("early") };
    let planned = driver.plan(None, Some(&config)).await;
    planned.warns("eks_cluster", &["no EKS cluster", "depends_on"]);
    let planned = planned.sound();
    assert_eq!(planned.trust_policy, Value::Unknown);
    assert_ne!(planned.arn, Value::Unknown);

    let missing = driver.apply(None, Some(&config)).await;
    missing.refuses("eks_cluster", &["is not known"]);
    assert_eq!(missing.state, None);

    // The cluster has come: what is still unknown is looked up while the role is created.
    let planned = IrsaRole { eks_cluster: text(CLUSTER), ..planned };
    let state = driver.apply_planned(None, Some(&planned)).await.sound();
    assert!(state.trust_policy.unwrap().contains(state.issuer.unwrap().strip_prefix("https://").unwrap()));
}
