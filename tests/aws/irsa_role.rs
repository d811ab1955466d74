//! `loki_irsa_role`: what real terraform cannot be made to show, and what goes wrong half-way.

use loki_provider::aws::{PodAccount, Settings};
use loki_provider::iam::PolicyDocument;
use loki_provider::resource::irsa_role::IrsaRole;
use loki_provider::schema::Value;

use crate::drive::Driver;
use crate::support::{ACCOUNT, CLUSTER, administrator, sdk, settings, unique, user};

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

#[tokio::test]
async fn several_accounts_prefix_keys_and_further_statements() {
    let driver = driver(&settings("test", "test")).await;
    let additional =
        r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sns:Publish", "Resource": "*" } }"#;
    let config = IrsaRole {
        service_account: Value::Null,
        service_accounts: Value::Value([text("loki"), text("loki-ruler")].into()),
        prefix: text("teams/a"),
        kms_key_arns: Value::Value([text(&format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"))].into()),
        additional_policy: text(additional),
        ..config("several")
    };
    let state = driver.apply(None, Some(&config)).await.sound();
    assert_eq!(driver.read(&state).await.sound(), state, "what was written is no drift");
    let name = config.name.clone().unwrap();
    let imported = driver.import(&name).await.sound();
    let read = driver.read(&imported).await.sound();
    let read = IrsaRole { eks_cluster: state.eks_cluster.clone(), oidc_issuer: Value::Null, ..read };
    assert_eq!(IrsaRole { additional_policy: text(additional), ..read.clone() }, state);
    // Another spelling of the same is no change.
    let planned = driver.plan(Some(&read), Some(&config)).await.sound();
    assert_eq!(planned, read);

    administrator().delete_inline_policy(&name, "loki-additional").await.unwrap();
    let drifted = driver.read(&state).await.sound();
    assert_eq!(drifted.additional_policy, Value::Null);
    let state = driver.apply(Some(&drifted), Some(&config)).await.sound();
    let without = IrsaRole { additional_policy: Value::Null, ..config };
    let state = driver.apply(Some(&state), Some(&without)).await.sound();
    assert_eq!(administrator().inline_policy(&name, "loki-additional").await.unwrap(), None);
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
}

#[tokio::test]
async fn the_oidc_provider_is_created_and_goes_with_the_last_role() {
    let driver = driver(&settings("test", "test")).await;
    let issuer = format!("https://{}.example/id/A", unique("oidc"));
    let role = |what: &str| IrsaRole {
        eks_cluster: Value::Null,
        oidc_issuer: text(&issuer),
        create_oidc_provider: Value::Value(true),
        ..config(what)
    };
    let first = role("first");
    let planned = driver.plan(None, Some(&first)).await;
    assert_eq!(planned.report.warnings.len(), 0, "{planned:?}");
    assert_eq!(planned.sound().owns_oidc_provider, Value::Unknown);
    let first_state = driver.apply(None, Some(&first)).await.sound();
    assert_eq!(first_state.owns_oidc_provider, Value::Value(true));
    let provider = async || administrator().oidc_provider(&issuer).await.unwrap();
    assert_eq!(provider().await.unwrap().audiences, ["sts.amazonaws.com"]);
    assert_eq!(driver.plan(Some(&first_state), Some(&first)).await.sound(), first_state);

    // Another one uses it, and has it accept one more audience.
    let second = IrsaRole { audience: text("loki.example"), ..role("second") };
    let second_state = driver.apply(None, Some(&second)).await.sound();
    assert_eq!(second_state.owns_oidc_provider, Value::Value(false));
    assert_eq!(provider().await.unwrap().audiences, ["sts.amazonaws.com", "loki.example"]);

    // Somebody deletes it: the first role's plan brings it back.
    administrator().delete_oidc_provider(first_state.oidc_provider_arn.as_ref().unwrap()).await.unwrap();
    let drifted = driver.read(&first_state).await.sound();
    assert_eq!(drifted.owns_oidc_provider, Value::Value(false));
    let first_state = driver.apply(Some(&drifted), Some(&first)).await.sound();
    assert_eq!(first_state.owns_oidc_provider, Value::Value(true));

    let gone = driver.apply(Some(&first_state), None).await;
    gone.warns("", &["OIDC provider stays", &second.name.clone().unwrap()]);
    assert_eq!(gone.state, None);
    assert!(provider().await.is_some());
    assert_eq!(driver.apply(Some(&second_state), None).await.state, None);
    assert!(provider().await.is_some(), "it is nobody's by now");

    let only = role("only");
    administrator().delete_oidc_provider(first_state.oidc_provider_arn.as_ref().unwrap()).await.unwrap();
    let state = driver.apply(None, Some(&only)).await.sound();
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
    assert_eq!(provider().await, None);
}

#[tokio::test]
async fn pods_are_the_role_by_their_associations() {
    let driver = driver(&settings("test", "test")).await;
    let namespace = unique("pods");
    let config = IrsaRole {
        mode: text("pod_identity"),
        namespace: text(&namespace),
        service_account: Value::Null,
        service_accounts: Value::Value([text("loki"), text("loki-ruler")].into()),
        ..config("pods")
    };
    let eks = aws_sdk_eks::Client::new(&sdk().await);
    // Other tests may have installed it in the same cluster.
    eks.delete_addon().cluster_name(CLUSTER).addon_name("eks-pod-identity-agent").send().await.ok();
    let planned = driver.plan(None, Some(&config)).await;
    planned.warns("mode", &["no Pod Identity agent", "create-addon"]);
    assert_eq!(planned.state.unwrap().issuer, Value::Null);
    let state = driver.apply(None, Some(&config)).await.state.expect("a role");
    let ids = state.pod_identity_associations.clone().unwrap();
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["loki", "loki-ruler"]);
    assert_eq!(driver.read(&state).await.sound(), state, "what was written is no drift");
    let account = |service_account: &str| PodAccount {
        cluster: CLUSTER.into(),
        namespace: namespace.clone(),
        service_account: service_account.into(),
    };
    let live = administrator().pod_identity(&account("loki")).await.unwrap().unwrap();
    assert_eq!(Some(&live.role_arn), state.arn.as_ref_option());

    // Another role cannot have the same pods.
    let name = text(&unique("rival"));
    let rival = IrsaRole { name, ..config.clone() };
    driver.plan(None, Some(&rival)).await.refuses("service_account", &["are another role", "one role only"]);

    // Drift: one association is ended elsewhere.
    administrator().delete_pod_identity(CLUSTER, &live.id).await.unwrap();
    let drifted = driver.read(&state).await.sound();
    assert_eq!(drifted.pod_identity_associations.clone().unwrap().len(), 1);
    let state = driver.apply(Some(&drifted), Some(&config)).await.state.expect("a role");
    assert_eq!(state.pod_identity_associations.clone().unwrap()["loki-ruler"], ids["loki-ruler"]);

    let imported = driver.import(&config.name.clone().unwrap()).await.sound();
    let read = driver.read(&imported).await.sound();
    assert_eq!(read, state);

    // One account leaves, then the mode changes.
    let one = IrsaRole { service_accounts: Value::Null, service_account: text("loki"), ..config.clone() };
    let state = driver.apply(Some(&state), Some(&one)).await.state.expect("a role");
    assert_eq!(administrator().pod_identity(&account("loki-ruler")).await.unwrap(), None);
    let irsa = IrsaRole { mode: text("irsa"), ..one };
    let state = driver.apply(Some(&state), Some(&irsa)).await.sound();
    assert_eq!(state.pod_identity_associations, Value::Null);
    assert_eq!(administrator().pod_identity(&account("loki")).await.unwrap(), None);
    assert_eq!(driver.read(&state).await.sound(), state);
    assert_eq!(driver.apply(Some(&state), None).await.state, None);
}

#[tokio::test]
async fn a_boundary_that_would_deny_loki_is_told_at_plan() {
    let driver = driver(&settings("test", "test")).await;
    let iam = aws_sdk_iam::Client::new(&sdk().await);
    let boundary = async |actions: &str| {
        let document = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": {actions}, "Resource": "*"}}}}"#
        );
        let made = iam.create_policy().policy_name(unique("boundary")).policy_document(document).send().await.unwrap();
        made.policy.unwrap().arn.unwrap()
    };
    let narrow = boundary(r#"["s3:Get*", "s3:List*"]"#).await;
    let config = IrsaRole { permissions_boundary: text(&narrow), ..config("bounded") };
    driver.plan(None, Some(&config)).await.refuses(
        "permissions_boundary",
        &[
            "could not do what Loki does",
            "s3:PutObject",
            "s3:DeleteObject",
            "the permissions boundary does not allow it",
        ],
    );
    let missing = IrsaRole { permissions_boundary: text(&format!("{narrow}x")), ..config.clone() };
    driver.plan(None, Some(&missing)).await.warns("permissions_boundary", &["no such permissions boundary"]);

    let wide = IrsaRole { permissions_boundary: text(&boundary(r#""s3:*""#).await), ..config.clone() };
    let state = driver.apply(None, Some(&wide)).await.sound();
    // An existing role: what others have given it counts too.
    let denied =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}}"#;
    let free = IrsaRole { permissions_boundary: Value::Null, ..wide };
    let state = driver.apply(Some(&state), Some(&free)).await.sound();
    administrator()
        .put_inline_policy(&state.name.clone().unwrap(), "theirs", &PolicyDocument::parse(denied).unwrap())
        .await
        .unwrap();
    let more = IrsaRole { buckets: Value::Value([text("another-bucket")].into()), ..free };
    driver.plan(Some(&state), Some(&more)).await.refuses("buckets", &["s3:DeleteObject", "a statement denies it"]);
    // Who may not ask goes without.
    let most = user(&["sts:*", "eks:*", "iam:GetRole", "iam:GetOpenIDConnectProvider"]).await;
    let modest = Driver::<IrsaRole>::new("loki_irsa_role", &most).await;
    let config = IrsaRole { name: text(&unique("modest")), ..config };
    modest.plan(None, Some(&config)).await.sound();
}
