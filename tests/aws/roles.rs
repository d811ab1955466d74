//! The port of IAM.

use std::collections::BTreeMap;

use loki_provider::aws::{Kind, ListedRole, NewRole, RolePolicies};
use loki_provider::iam::{PolicyDocument, Trusted};

use crate::support::{ACCOUNT, CLUSTER, administrator, sdk, unique};

fn trust(service_account: &str) -> PolicyDocument {
    let issuer = "https://oidc.example/id/A".to_owned();
    let trusted = Trusted {
        provider_arn: loki_provider::iam::arn::oidc_provider("aws", ACCOUNT, &issuer),
        issuer,
        namespace: "loki".into(),
        service_accounts: [service_account.into()].into(),
        audience: "sts.amazonaws.com".into(),
    };
    trusted.policy()
}

pub fn new_role(what: &str) -> NewRole {
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
async fn roles_are_listed_by_path() {
    let aws = administrator();
    let path = format!("/{}/", unique("path"));
    let mut expected = Vec::new();
    for what in ["one", "two"] {
        let role = aws.create_role(&NewRole { path: path.clone(), ..new_role(what) }).await.unwrap();
        expected.push(ListedRole { name: role.name, arn: role.arn, description: "A test's".into() });
    }
    let other = aws.create_role(&new_role("elsewhere")).await.unwrap();
    let listed = async |path: &str| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = aws.list_roles(path, after).await.unwrap();
            found.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return found,
            }
        }
    };
    let mut found = listed(&path).await;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    expected.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(found, expected);
    assert!(listed("/").await.iter().any(|role| role.name == other.name));
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
