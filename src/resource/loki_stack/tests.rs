//! What the phases make of a cluster that refuses, does not answer, or comes back.

mod fake;
mod rules;

use std::time::{Duration, Instant};

use self::fake::Fake;
use super::deploy::Deployment;
use super::options::options;
use super::state::{Filesystem, LokiStack, SchemaPeriod, Status, Storage};
use super::{check, observe};
use crate::kube::Error;
use crate::loki;
use crate::resource::requests::Patience;
use crate::resource::timeouts::{Limit, limited};
use crate::resource::{Call, testing};
use crate::schema::{Diagnostics, Value};

const SET: &str = "get StatefulSet logs/loki";

fn stack() -> LokiStack {
    let text = |text: &str| Value::Value(text.to_owned());
    LokiStack {
        name: text("loki"),
        namespace: text("logs"),
        storage: Value::Value(Storage { filesystem: Value::Value(Filesystem {}), ..Storage::default() }),
        schema: Value::Value(vec![Value::Value(SchemaPeriod { from: text("2024-04-01"), ..SchemaPeriod::default() })]),
        ..LokiStack::default()
    }
}

fn unauthorized() -> Error {
    Error::Unauthorized { url: "https://fake".to_owned(), origin: "a test".to_owned() }
}

fn forbidden(verb: &str, resource: &str) -> Error {
    Error::Forbidden {
        verb: verb.to_owned(),
        resource: resource.to_owned(),
        namespace: Some("logs".to_owned()),
        user: "ci".to_owned(),
    }
}

fn unreachable() -> Error {
    Error::Unreachable { url: "https://fake".to_owned(), cause: "connection refused".to_owned(), retryable: true }
}

/// What a deployment came to.
struct Deployed {
    state: Option<LokiStack>,
    report: Diagnostics,
    took: Duration,
}

impl Deployed {
    fn status(&self) -> Status {
        let state = self.state.clone().expect("there is a state");
        state.status.as_ref_option().expect("there is a status").clone()
    }

    /// Each error as one text.
    fn errors(&self) -> Vec<String> {
        testing::errors(self.report.clone()).into_iter().map(|(_, text)| text).collect()
    }
}

async fn deploy(cluster: &Fake, timeout: Duration) -> Deployed {
    let patience = Patience { stuck: Duration::from_millis(100), refused: Duration::from_millis(100) };
    deploy_with(cluster, timeout, patience).await
}

async fn deploy_with(cluster: &Fake, timeout: Duration, patience: Patience) -> Deployed {
    let (planned, began) = (stack(), Instant::now());
    let (mut state, mut report) = (None, Diagnostics::default());
    let wanted = options(&planned);
    let rendered = loki::render(&wanted);
    let limit = Limit::start("create", &Value::Null, timeout);
    limited(&Call::default(), limit, &mut report, async |call, report| {
        let deployment = Deployment::new(call, cluster, &wanted, false).with_patience(patience);
        deployment.run(planned, &rendered, &mut state, report).await;
    })
    .await;
    Deployed { state, report, took: began.elapsed() }
}

#[tokio::test]
async fn a_healthy_stack_is_deployed_without_a_word() {
    let deployed = deploy(&Fake::new(|_, _| None), Duration::from_secs(60)).await;
    assert_eq!(deployed.errors(), Vec::<String>::new());
    assert_eq!(deployed.status().state, Value::Value("healthy".to_owned()));
}

#[tokio::test]
async fn credentials_that_expire_end_an_apply_soon_and_not_as_a_failure_of_loki() {
    let cluster = Fake::new(|request, _| (!request.starts_with("apply")).then(unauthorized));
    let deployed = deploy(&cluster, Duration::from_secs(300)).await;
    let errors = deployed.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("Whether Loki is healthy cannot be asked: "), "{errors:?}");
    assert!(errors[0].contains("does not accept the credentials of a test"), "{errors:?}");
    assert!(errors[0].contains("A token must outlast the whole run"), "{errors:?}");
    assert!(deployed.took < Duration::from_secs(60));
    let Status { state, reasons, .. } = deployed.status();
    assert_eq!(state, Value::Value("unknown".to_owned()));
    let said = "UnknownComponents: StatefulSet/loki could not be asked for: the Kubernetes API server at https://fake \
                does not accept the credentials of a test";
    assert_eq!(reasons, Value::Value(vec![Value::Value(said.to_owned())]));
}

#[tokio::test]
async fn a_missing_right_to_read_ends_an_apply_soon_and_is_named() {
    let cluster = Fake::new(|request, _| (request == SET).then(|| forbidden("get", "statefulsets.apps")));
    let deployed = deploy(&cluster, Duration::from_secs(300)).await;
    let errors = deployed.errors();
    assert!(errors[0].contains("User ci may not get statefulsets.apps in namespace logs"), "{errors:?}");
    assert!(errors[0].contains("Grant the permission"), "{errors:?}");
}

#[tokio::test]
async fn a_right_that_comes_a_moment_later_is_waited_for() {
    let cluster =
        Fake::new(|request, times| (request == SET && times == 1).then(|| forbidden("get", "statefulsets.apps")));
    let deployed = deploy_with(&cluster, Duration::from_secs(60), Patience::default()).await;
    assert_eq!(deployed.errors(), Vec::<String>::new());
}

#[tokio::test]
async fn an_api_server_that_goes_away_is_waited_for_until_the_timeout_which_is_said() {
    let gone = Fake::new(|request, _| (!request.starts_with("apply")).then(unreachable));
    let deployed = deploy(&gone, Duration::from_secs(2)).await;
    let errors = deployed.errors();
    assert!(errors[0].contains("connection refused"), "{errors:?}");
    assert!(errors[0].starts_with("Out of time while waiting for a healthy Loki: "), "{errors:?}");
    assert!(errors[0].contains("timeouts.create allows 2s."), "{errors:?}");
    assert!(deployed.took >= Duration::from_secs(2));
    assert_eq!(deployed.status().state, Value::Value("unknown".to_owned()));

    // It comes back, in the middle of the objects and in the middle of the wait.
    let back = Fake::new(|request, times| {
        let breaks = request == "apply StatefulSet logs/loki" || request == SET;
        (breaks && times < 3).then(unreachable)
    });
    let deployed = deploy(&back, Duration::from_secs(60)).await;
    assert_eq!(deployed.errors(), Vec::<String>::new());
    assert_eq!(deployed.status().state, Value::Value("healthy".to_owned()));
}

#[tokio::test]
async fn a_cluster_that_never_answered_is_not_waited_for_and_leaves_no_state() {
    let cluster = Fake::new(|_, _| Some(unreachable()));
    let deployed = deploy(&cluster, Duration::from_secs(300)).await;
    assert!(deployed.errors()[0].contains("connection refused"), "{:?}", deployed.errors());
    assert!(deployed.state.is_none());
}

#[tokio::test]
async fn what_may_have_been_made_without_an_answer_is_in_the_state() {
    let cluster = Fake::new(|request, _| {
        request
            .starts_with("apply StatefulSet")
            .then(|| Error::Decode { what: request.to_owned(), cause: String::new() })
    });
    let deployed = deploy(&cluster, Duration::from_secs(60)).await;
    let objects = deployed.state.expect("what was made").objects.unwrap_or_default();
    assert_eq!(objects["StatefulSet/logs/loki"], Value::Value("without an answer".to_owned()));
}

#[tokio::test]
async fn what_keeps_pods_from_being_made_is_the_reason() {
    let quota =
        r#"pods "loki-0" is forbidden: exceeded quota: closed, requested: pods=1, used: pods=0, limited: pods=0"#;
    let cluster = Fake { blocked: Some(quota.to_owned()), ..Fake::new(|_, _| None) };
    let deployed = deploy(&cluster, Duration::from_secs(300)).await;
    assert!(deployed.errors()[0].starts_with("Loki does not start: "), "{:?}", deployed.errors());
    let said = "FailedComponents: StatefulSet/loki cannot create its pods: pods \"loki-0\" is forbidden: exceeded quota: \
                closed, requested: pods=1, limited: pods=0";
    assert_eq!(deployed.status().reasons, Value::Value(vec![Value::Value(said.to_owned())]));
}

#[tokio::test]
async fn a_time_that_ends_in_the_first_look_still_says_what_is_wrong() {
    let pause = Duration::from_millis(500);
    let cluster = Fake { blocked: Some("exceeded quota: closed".to_owned()), pause, ..Fake::new(|_, _| None) };
    let errors = deploy(&cluster, Duration::from_millis(200)).await.errors();
    assert!(errors[0].starts_with("Out of time while waiting for a healthy Loki: "), "{errors:?}");
    assert!(errors[0].contains("exceeded quota: closed"), "{errors:?}");
}

/// The state and what is said when a deployed stack is read.
async fn read(cluster: &Fake) -> (Option<LokiStack>, Diagnostics) {
    let planned = stack();
    let wanted = options(&planned);
    let mut state = planned;
    check::fill_outputs(&mut state, &wanted, &loki::render(&wanted), &[]);
    let mut report = Diagnostics::default();
    let kept = observe::refresh(&Call::default(), cluster, &mut state, &mut report).await;
    (kept.then_some(state), report)
}

#[tokio::test]
async fn a_read_without_rights_is_one_error_that_names_them_all() {
    let cluster = Fake::new(|request, _| match request {
        SET => Some(forbidden("get", "statefulsets.apps")),
        request if request.starts_with("get ") => Some(forbidden("get", "configmaps")),
        _ => None,
    });
    let (state, report) = read(&cluster).await;
    let errors = &report.errors;
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].summary, "The stack logs/loki cannot be read");
    assert_eq!(errors[0].attribute.to_string(), "namespace");
    for right in ["get statefulsets.apps in namespace logs", "get configmaps in namespace logs"] {
        assert!(errors[0].detail.contains(&format!("User ci may not {right}.")), "{errors:?}");
    }
    assert!(state.is_some(), "the state is kept as it was");
}

#[tokio::test]
async fn health_that_cannot_be_told_is_a_warning_and_unknown() {
    // The object itself is read first, its health a moment later.
    let cluster = Fake::new(|request, times| (request == SET && times == 2).then(unreachable));
    deploy_quietly(&cluster).await;
    let (state, report) = read(&cluster).await;
    assert!(report.errors.is_empty(), "{report:?}");
    assert_eq!(report.warnings[0].summary, "The health of the stack logs/loki is unknown");
    let status = state.expect("it is there").status.unwrap_or_default();
    assert_eq!(status.state, Value::Value("unknown".to_owned()));
}

/// The objects alone, without looking at them.
async fn deploy_quietly(cluster: &Fake) {
    use crate::kube::{Apply, Cluster as _};
    for object in loki::render(&options(&stack())) {
        cluster.apply(object.as_value(), Apply::default()).await.expect("nothing is refused here");
    }
}
