//! Buckets and roles in bad weather: whatever happens to requests and answers, apply and destroy end where they should.

use futures::StreamExt;
use loki_provider::aws::{BucketId, Optional, Settings};
use loki_provider::resource::bucket_storage::BucketStorage;
use loki_provider::resource::irsa_role::IrsaRole;
use loki_provider::schema::{Schematic, Value};

use crate::drive::Driver;
use crate::faults::Faults;
use crate::support::{CLUSTER, REGION, administrator, endpoint, settings, unique};

/// How many buckets and roles; each of them is created and destroyed.
const RUNS: u64 = 200;
/// At once: moto is one process.
const AT_ONCE: usize = 8;
/// How often somebody would run apply again before losing patience.
const APPLIES: usize = 6;

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

/// Applies until there is no error, with what each attempt left in the state.
async fn converge<S: Schematic + Clone + std::fmt::Debug>(
    driver: &Driver<S>,
    mut state: Option<S>,
    config: Option<&S>,
) -> Result<(Option<S>, usize), String> {
    let mut said = String::new();
    for attempt in 1..=APPLIES {
        let planned = driver.plan_once(state.as_ref(), config).await;
        if !planned.report.errors.is_empty() {
            said = format!("plan: {:?}", planned.report.errors);
            continue;
        }
        let done = driver.apply_planned(state.as_ref(), planned.state.as_ref()).await;
        state = done.state;
        if done.report.errors.is_empty() {
            return Ok((state, attempt));
        }
        said = format!("apply: {:?}", done.report.errors);
    }
    Err(said)
}

async fn run(number: u64, weather: &Settings) -> Result<usize, String> {
    let (buckets, roles) = (
        Driver::<BucketStorage>::new("loki_bucket_storage", weather).await,
        Driver::<IrsaRole>::new("loki_irsa_role", weather).await,
    );
    let name = unique(&format!("weather-{number}"));
    let bucket = BucketStorage {
        bucket: text(&name),
        noncurrent_expiration_days: Value::Value(30.into()),
        tags: Value::Value([("run".into(), text(&number.to_string()))].into()),
        ..BucketStorage::default()
    };
    let role = IrsaRole {
        name: text(&name),
        eks_cluster: text(CLUSTER),
        namespace: text("loki"),
        service_account: text("loki"),
        buckets: Value::Value([text(&name)].into()),
        additional_policy: text(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}}"#,
        ),
        ..IrsaRole::default()
    };
    let said = |what: &str| {
        let what = format!("{name}, {what}");
        move |why: String| format!("{what}: {why}")
    };
    let (bucket_state, applies) = converge(&buckets, None, Some(&bucket)).await.map_err(said("bucket"))?;
    let (role_state, more) = converge(&roles, None, Some(&role)).await.map_err(said("role"))?;

    // Seen without the weather: all of it is there, as it was planned.
    let aws = administrator();
    let id = BucketId { name: name.clone(), region: REGION.into() };
    let live = aws.bucket_settings(&id, Optional::ALL).await.map_err(|error| error.to_string())?;
    let live = live.ok_or_else(|| format!("{name}: the bucket is not there"))?;
    if live.lifecycle.noncurrent_expiration_days != Some(30)
        || !live.public_access_blocked
        || !live.versioning
        || live.tags != [("run".to_owned(), number.to_string())].into()
    {
        return Err(format!("{name}: {live:?}"));
    }
    let policies = aws.role_policies(&name).await.map_err(|error| error.to_string())?;
    if policies.inline.len() != 2 {
        return Err(format!("{name}: {policies:?}"));
    }
    let (gone, _) = converge(&buckets, bucket_state, None).await.map_err(said("bucket's end"))?;
    let (role_gone, _) = converge(&roles, role_state, None).await.map_err(said("role's end"))?;
    let left = (aws.bucket_settings(&id, Optional::default()).await, aws.role(&name).await);
    match (gone, role_gone, left) {
        (None, None, (Ok(None), Ok(None))) => Ok(applies + more),
        left => Err(format!("{name} is left: {left:?}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_run_converges_and_nothing_is_left() {
    let faults = Faults::new(&endpoint(), 7, 12);
    let mut weather = settings("test", "test");
    let url = Some(faults.url.clone());
    weather.endpoints.s3 = url.clone();
    weather.endpoints.iam = url.clone();
    let runs = futures::stream::iter(0..RUNS).map(|number| run(number, &weather)).buffer_unordered(AT_ONCE);
    let results: Vec<Result<usize, String>> = runs.collect().await;
    let failed: Vec<_> = results.iter().filter_map(|it| it.as_ref().err()).collect();
    let counts = faults.counts();
    assert!(failed.is_empty(), "{} of {RUNS} runs: {failed:#?}\n{counts:?}", failed.len());
    // It was bad weather indeed, of every kind.
    for fate in ["Throttled", "Failed", "ResetBefore", "ResetAfter", "Slow", "NotThereYet"] {
        assert!(counts.get(fate).is_some_and(|count| *count > 20), "{counts:?}");
    }
    let applies: usize = results.iter().flatten().sum();
    println!("{RUNS} runs of a bucket and a role took {applies} applies; {counts:?}");
}
