use std::collections::BTreeMap;

use super::attributes::*;
use super::*;
use crate::schema::{Int, at};

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

fn agent(kind: &str) -> LogAgent {
    LogAgent {
        name: text("log-agent"),
        namespace: text("obs"),
        kind: text(kind),
        push_url: text("http://loki.obs.svc:3100/loki/api/v1/push"),
        ..LogAgent::default()
    }
}

fn said(config: &LogAgent) -> Vec<String> {
    let mut report = Diagnostics::default();
    check::shape(config, &mut report);
    check::secrets_shape(config, &mut report);
    if !report.failed() {
        let unknown = check::unknown_inputs(config);
        report_findings(check::rules(&options(config), None, &unknown), &unknown, false, &mut report);
    }
    report.errors.into_iter().map(|error| format!("{}: {}", error.attribute, error.summary)).collect()
}

#[test]
fn the_smallest_configuration_is_fine_for_every_kind() {
    for kind in crate::agent::Kind::ALL {
        assert_eq!(said(&agent(kind.as_str())), [""; 0], "{kind:?}");
    }
    assert_eq!(said(&agent("fluentd")), ["kind: The kind is not known"]);
}

#[test]
fn a_stage_is_one_stage() {
    let with = |stage: Stage| said(&LogAgent { stages: Value::Value(vec![Value::Value(stage)]), ..agent("alloy") });
    assert_eq!(with(Stage::default()), ["stages[0]: The stage is not known"]);
    let output = Value::Value(OutputStage { source: text("a") });
    let labels = Value::Value(BTreeMap::from([("a".to_owned(), text("a"))]));
    assert_eq!(with(Stage { output, labels, ..Stage::default() }), ["stages[0]: An element is several stages"]);
    let drop = DropStage { longer_than: text("much"), ..DropStage::default() };
    assert_eq!(
        with(Stage { drop: Value::Value(drop), ..Stage::default() })[0],
        "stages[0].drop.longer_than: longer_than is no number of bytes"
    );
}

#[test]
fn secrets_are_said_once() {
    let basic = |password_wo, password_secret| LogAgent {
        basic_auth: Value::Value(BasicAuth {
            username: text("u"),
            password_wo,
            password_secret,
            ..BasicAuth::default()
        }),
        push_url: text("https://loki.example/loki/api/v1/push"),
        ..agent("alloy")
    };
    let key = || Value::Value(SecretKey { name: text("s"), key: text("k") });
    assert_eq!(said(&basic(text("p"), Value::Null)), [""; 0]);
    assert_eq!(said(&basic(Value::Null, key())), [""; 0]);
    assert_eq!(said(&basic(text("p"), key())), ["basic_auth: The password is said twice"]);
    assert_eq!(said(&basic(Value::Null, Value::Null)), ["basic_auth: The password is missing"]);
    let both = LogAgent {
        bearer_token: Value::Value(BearerToken { token_wo: text("t"), ..BearerToken::default() }),
        ..basic(text("p"), Value::Null)
    };
    assert_eq!(said(&both), ["bearer_token: The agent proves twice who it is"]);
}

#[test]
fn a_secret_is_in_the_applied_secret_alone() {
    let config = LogAgent {
        basic_auth: Value::Value(BasicAuth {
            username: text("u"),
            password_wo: text("hunter2"),
            password_wo_version: Value::Value(Int::Whole(1)),
            ..BasicAuth::default()
        }),
        ..agent("promtail")
    };
    let mut planned = config.clone();
    if let Value::Value(basic) = &mut planned.basic_auth {
        basic.password_wo = Value::Null;
    }
    check::fill(&mut planned, &[]);
    let mut applied = config.clone();
    check::fill(&mut applied, &[]);
    // What is planned without the secret is what is applied with it.
    assert_eq!((&planned.objects, &planned.config), (&applied.objects, &applied.config));
    assert!(!format!("{:?}", applied.config).contains("hunter2"));
    assert_eq!(check::with_secrets(&planned, &config).basic_auth, config.basic_auth);
}

#[test]
fn labels_follow_the_kind_unless_they_are_said() {
    let filled = |kind: Value<String>| {
        let config = LogAgent { kind, ..agent("alloy") };
        let mut planned = config.clone();
        check::fill_labels(&config, &mut planned);
        planned.kubernetes_labels
    };
    let names = |kind: &str| filled(text(kind)).as_ref_option().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names("alloy"), ["container", "namespace", "node", "pod"]);
    assert_eq!(names("otel_collector")[0], "k8s_container_name");
    assert!(filled(Value::Unknown).is_unknown());
}

#[test]
fn another_kind_is_announced() {
    let announced = |before: &str, after: &str| {
        let mut report = Diagnostics::default();
        check::announce_kind(&agent(before), &agent(after), &mut report);
        report.warnings.into_iter().map(|warning| format!("{} {}", warning.summary, warning.detail)).collect::<Vec<_>>()
    };
    assert_eq!(announced("alloy", "alloy"), [""; 0]);
    assert!(announced("promtail", "alloy")[0].contains("goes on where Promtail has stopped"));
    assert!(announced("promtail", "vector")[0].contains("vector takes the place of promtail"));
}

#[test]
fn what_is_unknown_is_not_judged() {
    let unknown = LogAgent { push_url: Value::Unknown, tenant_id: Value::Unknown, ..agent("alloy") };
    assert_eq!(said(&unknown), [""; 0]);
    let mut planned = unknown.clone();
    check::fill(&mut planned, &[at("push_url")]);
    assert!(planned.config.is_unknown() && planned.objects.is_unknown());
}
