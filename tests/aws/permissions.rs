//! The policies of docs/guides/permissions.md: they are enough, and every action in them is needed.

use futures::StreamExt;
use loki_provider::aws::{BucketId, Setting, Settings};
use loki_provider::resource::bucket_storage::{BucketStorage, Logging, ObjectLock, Replication};
use loki_provider::resource::irsa_role::IrsaRole;
use loki_provider::schema::{Schematic, Value};
use serde_json::{Value as Json, json};

use crate::drive::{Driver, Outcome};
use crate::support::{CLUSTER, REGION, administrator, s3, sdk, unique, user_with};

const GUIDE: &str = include_str!("../../docs/guides/permissions.md");
/// At once: moto is one process.
const AT_ONCE: usize = 8;

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

/// The policies below a heading of the guide, in order.
fn policies(heading: &str) -> Vec<Json> {
    let section =
        GUIDE.split("\n## ").find(|section| section.starts_with(&format!("{heading}\n"))).expect("the heading");
    let blocks = section.split("```json\n").skip(1).map(|block| block.split("```").next().expect("an end"));
    blocks.map(|block| serde_json::from_str(block).expect("JSON")).collect()
}

fn actions(policy: &Json) -> Vec<String> {
    let statements = policy["Statement"].as_array().expect("statements").iter();
    statements
        .flat_map(|it| it["Action"].as_array().expect("a list").iter())
        .map(|action| action.as_str().expect("a text").to_owned())
        .collect()
}

/// A user with the policies, but for one action. Moto knows the resources of S3 alone.
async fn holder(policies: &[Json], name: &str, without: &str) -> Settings {
    let mut statements = vec![json!({"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"})];
    for statement in policies.iter().flat_map(|policy| policy["Statement"].as_array().expect("statements").clone()) {
        let mut statement: Json =
            serde_json::from_str(&statement.to_string().replace("acme-loki", name)).expect("JSON");
        let actions = statement["Action"].as_array_mut().expect("a list");
        actions.retain(|action| action != without);
        if !actions.iter().all(|action| action.as_str().is_some_and(|it| it.starts_with("s3:"))) {
            statement["Resource"] = "*".into();
        }
        if statement["Action"].as_array().is_some_and(|actions| !actions.is_empty()) {
            statements.push(statement);
        }
    }
    user_with(&json!({"Version": "2012-10-17", "Statement": statements})).await
}

/// Nothing was refused and nothing warned of but what the test expects.
fn fine<S: std::fmt::Debug>(outcome: Outcome<S>) -> Result<Option<S>, String> {
    let expected = ["denies what Terraform itself does", "will be deleted", "no Pod Identity agent", "cannot be used"];
    let said = outcome.report.errors.iter().chain(&outcome.report.warnings);
    match said.into_iter().find(|it| !expected.iter().any(|word| it.summary.contains(word))) {
        Some(it) => Err(format!("{}: {}", it.summary, it.detail)),
        None => Ok(outcome.state),
    }
}

async fn applied<S: Schematic + std::fmt::Debug>(
    driver: &Driver<S>,
    prior: Option<&S>,
    config: Option<&S>,
) -> Result<Option<S>, String> {
    let planned = fine(driver.plan_once(prior, config).await)?;
    fine(driver.apply_planned(prior, planned.as_ref()).await)
}

async fn read<S: Schematic + std::fmt::Debug>(driver: &Driver<S>, state: &S) -> Result<S, String> {
    fine(driver.read(state).await)?.ok_or_else(|| "it is gone".to_owned())
}

/// A bucket whose objects are locked; none is ever in it, because it would stay.
async fn locked_life(settings: &Settings, name: &str) -> Result<(), String> {
    let driver = Driver::<BucketStorage>::new("loki_bucket_storage", settings).await;
    let object_lock = Value::Value(ObjectLock { mode: text("GOVERNANCE"), days: Value::Value(1.into()) });
    let config = BucketStorage { bucket: text(name), object_lock, ..BucketStorage::default() };
    let state = applied(&driver, None, Some(&config)).await?.ok_or("no state")?;
    if read(&driver, &state).await? != state {
        return Err("there is drift".to_owned());
    }
    applied(&driver, Some(&state), None).await.map(|_| ())
}

async fn bucket_life(settings: &Settings, name: &str, own_key: bool, rare: bool) -> Result<(), String> {
    let driver = Driver::<BucketStorage>::new("loki_bucket_storage", settings).await;
    let config = BucketStorage {
        bucket: text(name),
        tls_only: Value::Value(true),
        force_destroy: Value::Value(rare),
        create_kms_key: Value::Value(own_key),
        ..BucketStorage::default()
    };
    let state = applied(&driver, None, Some(&config)).await?.ok_or("no state")?;
    let bucket = BucketId { name: name.to_owned(), region: REGION.to_owned() };
    let aws = administrator();
    s3().await.delete_bucket_ownership_controls().bucket(name).send().await.map_err(|error| error.to_string())?;
    aws.put_setting(&bucket, &Setting::Versioning(false)).await.ok();
    if let Some(key) = state.created_kms_key_arn.as_ref_option() {
        let kms = aws_sdk_kms::Client::new(&sdk().await);
        kms.schedule_key_deletion().key_id(key).pending_window_in_days(7).send().await.map_err(|e| e.to_string())?;
    }
    let drifted = read(&driver, &state).await?;
    if drifted == state {
        return Err("the drift was not seen".to_owned());
    }
    let mut more = BucketStorage { tls_only: Value::Value(false), ..config.clone() };
    if rare {
        more.logging =
            Value::Value(Logging { target_bucket: text(&format!("{name}-access")), target_prefix: text("x/") });
        more.replication = Value::Value(Replication {
            role_arn: text("arn:aws:iam::123456789012:role/copy"),
            bucket_arn: text(&format!("arn:aws:s3:::{name}-copies")),
            ..Default::default()
        });
    }
    let state = applied(&driver, Some(&drifted), Some(&more)).await?.ok_or("no state")?;
    if read(&driver, &state).await? != state {
        return Err("there is drift".to_owned());
    }
    fine(driver.import(name).await)?;
    if rare {
        locked_life(settings, &format!("{name}-locked")).await?;
        let few = BucketStorage { logging: Value::Null, replication: Value::Null, ..more };
        let state = applied(&driver, Some(&state), Some(&few)).await?.ok_or("no state")?;
        let s3 = s3().await;
        s3.put_object().bucket(name).key("fake/1").send().await.map_err(|error| error.to_string())?;
        s3.create_multipart_upload().bucket(name).key("fake/2").send().await.map_err(|error| error.to_string())?;
        return applied(&driver, Some(&state), None).await.map(|_| ());
    }
    applied(&driver, Some(&state), None).await.map(|_| ())
}

async fn role_life(settings: &Settings, name: &str, variant: &str) -> Result<(), String> {
    let driver = Driver::<IrsaRole>::new("loki_irsa_role", settings).await;
    let issuer = format!("https://{name}.example/id/A");
    let boundary = || text("arn:aws:iam::aws:policy/AmazonS3FullAccess");
    let mut config = IrsaRole {
        name: text(name),
        eks_cluster: text(CLUSTER),
        namespace: text(name),
        service_account: text("loki"),
        buckets: Value::Value([text(name)].into()),
        additional_policy: text(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}}"#,
        ),
        tags: Value::Value([("a".to_owned(), text("b"))].into()),
        permissions_boundary: boundary(),
        ..IrsaRole::default()
    };
    match variant {
        "oidc" => {
            config.eks_cluster = Value::Null;
            config.oidc_issuer = text(&issuer);
            config.create_oidc_provider = Value::Value(true);
        }
        "pods" => config.mode = text("pod_identity"),
        _ => {}
    }
    let state = applied(&driver, None, Some(&config)).await?.ok_or("no state")?;
    let state = read(&driver, &state).await?;
    fine(driver.import(name).await)?;
    let changed = IrsaRole {
        service_account: text("other"),
        max_session_duration: Value::Value(7200.into()),
        tags: Value::Value([("c".to_owned(), text("d"))].into()),
        permissions_boundary: Value::Null,
        additional_policy: Value::Null,
        audience: if variant == "oidc" { text("loki.example") } else { Value::Null },
        ..config
    };
    let state = applied(&driver, Some(&state), Some(&changed)).await?.ok_or("no state")?;
    let again = IrsaRole { permissions_boundary: boundary(), ..changed };
    let state = applied(&driver, Some(&state), Some(&again)).await?.ok_or("no state")?;
    if read(&driver, &state).await? != state {
        return Err("there is drift".to_owned());
    }
    applied(&driver, Some(&state), None).await?;
    let left = administrator().oidc_provider(&issuer).await.map_err(|error| error.to_string())?;
    if variant == "oidc" && left.is_some() { Err("the OIDC provider is left".to_owned()) } else { Ok(()) }
}

/// Runs the life with all actions, which is fine, and without each, which is not.
async fn all_are_needed<F: Future<Output = Result<(), String>>>(
    base: &[Json],
    tested: &Json,
    prepare: impl AsyncFn(&str),
    life: impl Fn(Settings, String) -> F,
) {
    let all: Vec<Json> = base.iter().chain([tested]).cloned().collect();
    let removed = std::iter::once(String::new()).chain(actions(tested));
    let runs = futures::stream::iter(removed).map(|without| {
        let (all, life, prepare) = (&all, &life, &prepare);
        async move {
            let name = unique("permitted");
            prepare(&name).await;
            let settings = holder(all, &name, &without).await;
            let done = life(settings, name).await;
            (without, done)
        }
    });
    for (without, done) in runs.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        match (without.as_str(), done) {
            ("", Err(why)) => panic!("the documented policy is not enough: {why}"),
            (action, Ok(())) if !action.is_empty() => panic!("nothing is missed without {action}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn those_of_a_bucket() {
    let [always, rare] = &policies("loki_bucket_storage")[..] else { panic!("two policies") };
    let nothing = async |_: &str| {};
    all_are_needed(&[], always, nothing, async |settings, name| bucket_life(&settings, &name, false, false).await)
        .await;
    let beside = async |name: &str| {
        for suffix in ["access", "copies"] {
            let bucket = BucketId { name: format!("{name}-{suffix}"), region: REGION.into() };
            administrator().create_bucket(&bucket, &Default::default(), false).await.unwrap();
            administrator().put_setting(&bucket, &Setting::Versioning(true)).await.unwrap();
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{name}-access/*"),
        }]});
        s3().await
            .put_bucket_policy()
            .bucket(format!("{name}-access"))
            .policy(policy.to_string())
            .send()
            .await
            .unwrap();
    };
    let base = [always.clone()];
    all_are_needed(&base, rare, beside, async |settings, name| bucket_life(&settings, &name, false, true).await).await;
    let [keys] = &policies("loki_bucket_storage with create_kms_key")[..] else { panic!("one policy") };
    all_are_needed(&base, keys, nothing, async |settings, name| bucket_life(&settings, &name, true, false).await).await;
}

#[tokio::test]
async fn those_of_a_role() {
    let [role] = &policies("loki_irsa_role")[..] else { panic!("one policy") };
    let nothing = async |_: &str| {};
    all_are_needed(&[], role, nothing, async |settings, name| role_life(&settings, &name, "").await).await;
    let base = [role.clone()];
    for (heading, variant) in
        [("loki_irsa_role with create_oidc_provider", "oidc"), ("loki_irsa_role in the mode pod_identity", "pods")]
    {
        let [more] = &policies(heading)[..] else { panic!("one policy") };
        let life = async |settings, name: String| role_life(&settings, &name, variant).await;
        all_are_needed(&base, more, nothing, life).await;
    }
}
