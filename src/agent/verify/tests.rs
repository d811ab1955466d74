use std::collections::BTreeMap;

use super::*;
use crate::agent::kind::Kind;
use crate::agent::options::{Auth, Multiline, Relabel, Secret, Source, Tls};
use crate::agent::stage::Stage;

fn options(kind: Kind) -> Options {
    Options {
        kind,
        kubernetes_labels: Options::usual_labels(kind),
        push_url: "http://loki.loki.svc:3100/loki/api/v1/push".into(),
        ..Options::default()
    }
}

fn places(options: &Options, target: Option<&Target>) -> Vec<String> {
    verify(options, target).iter().map(Finding::path_text).collect()
}

#[test]
fn the_defaults_of_every_kind_are_fine() {
    for kind in Kind::ALL {
        let options = options(kind);
        let expected: &[&str] = if kind == Kind::Promtail { &["kind"] } else { &[] };
        assert_eq!(places(&options, None), expected, "{kind:?}");
        assert_eq!(configuration(&options), [], "{kind:?}");
    }
}

#[test]
fn wrong_labels_are_told_apart() {
    let labels = |names: &[&str]| Options {
        labels: names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect(),
        ..options(Kind::Alloy)
    };
    assert_eq!(places(&labels(&["my-app"]), None), ["labels[\"my-app\"]"]);
    assert!(verify(&labels(&["my-app"]), None)[0].fix.contains("\"my_app\""));
    assert_eq!(places(&labels(&["__x"]), None), ["labels[\"__x\"]"]);
    assert_eq!(places(&labels(&["log_agent"]), None), ["labels[\"log_agent\"]"]);
    assert_eq!(places(&labels(&["trace_id"]), None), ["labels[\"trace_id\"]"]);
    assert_eq!(places(&labels(&["node"]), None), ["kubernetes_labels[\"node\"]"]);
    let names: Vec<_> = (0..40).map(|number| format!("l{number}")).collect();
    let many = labels(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let found = verify(&many, Some(&Target { auth_enabled: false, ..Target::usual("loki/loki") }));
    assert_eq!((found.len(), found[0].severity), (1, crate::loki::Severity::Error));
    assert_eq!(found[0].summary, "45 labels are too many");
    assert_eq!(verify(&many, None)[0].severity, crate::loki::Severity::Warning);
}

#[test]
fn the_tenant_is_weighed_against_the_stack() {
    let target = Target { auth_enabled: true, ..Target::usual("loki/loki") };
    let none = options(Kind::Alloy);
    let some = Options { tenant_id: Some("team".into()), ..options(Kind::Alloy) };
    assert_eq!(places(&none, Some(&target)), ["tenant_id"]);
    assert_eq!(places(&some, Some(&target)), [""; 0]);
    let open = Target { auth_enabled: false, ..target.clone() };
    assert_eq!((places(&none, Some(&open)), places(&some, Some(&open))), (vec![], vec!["tenant_id".to_owned()]));
    let gateway = Target { through_gateway: true, ..target };
    assert_eq!(verify(&none, Some(&gateway))[0].severity, crate::loki::Severity::Warning);
}

#[test]
fn the_way_to_loki_is_looked_at() {
    let at = |url: &str| Options { push_url: url.into(), ..options(Kind::Alloy) };
    assert_eq!(places(&at("loki:3100"), None), ["push_url"]);
    assert_eq!(places(&at("http://u:p@loki/loki/api/v1/push"), None), ["push_url"]);
    assert_eq!(places(&at("http://loki/push"), None), ["push_url"]);
    assert_eq!(places(&at("https://example/prefix/loki/api/v1/push"), None), [""; 0]);
    let tls = Options { tls: Tls { server_name: Some("a".into()), ..Tls::default() }, ..options(Kind::Alloy) };
    assert_eq!(places(&tls, None), ["tls"]);
    let auth = Options { auth: Auth::Bearer(Secret::Given("x".into())), ..options(Kind::Alloy) };
    assert_eq!(places(&auth, None), ["push_url"]);
    let otlp = Options { push_url: "http://loki:3100/otlp".into(), ..options(Kind::OtelCollector) };
    assert_eq!(places(&otlp, None), [""; 0]);
}

#[test]
fn stages_are_looked_at_one_by_one() {
    let with = |stage: Stage| Options { stages: vec![stage], ..options(Kind::Alloy) };
    let regex = |expression: &str| with(Stage::Regex { expression: expression.into(), source: None });
    assert_eq!(places(&regex("(?P<a>x"), None), ["stages[0].regex.expression"]);
    assert_eq!(places(&regex("x"), None), ["stages[0].regex.expression"]);
    assert_eq!(places(&regex("(?P<a>x)"), None), [""; 0]);
    let braces = regex("(?P<a>x) {{ y }}");
    assert_eq!(places(&braces, None), [""; 0]);
    let vector = Options { kind: Kind::Vector, ..braces };
    assert_eq!(places(&vector, None), ["stages[0].regex.expression"]);
    assert_eq!(places(&with(Stage::Output { source: "a".into() }), None), ["stages[0].output"]);
    assert_eq!(places(&with(Stage::Sampling { rate: 1.5 }), None), ["stages[0].sampling.rate"]);
    let drop = Stage::Drop { expression: None, source: None, older_than: None, longer_than: None };
    assert_eq!(places(&with(drop), None), ["stages[0].drop"]);
    let json = Stage::Json { expressions: BTreeMap::from([("a".to_owned(), "b..c".to_owned())]), source: None };
    assert_eq!(places(&with(json), None), ["stages[0].json.expressions[\"a\"]"]);
    let multiline = Multiline { first_line: "^(".into(), max_wait: 1, max_lines: 1 };
    assert_eq!(places(&Options { multiline: Some(multiline), ..options(Kind::Alloy) }, None), ["multiline.first_line"]);
    let relabel = vec![Relabel { action: Some("rename".into()), ..Relabel::default() }];
    assert_eq!(places(&Options { relabel, ..options(Kind::Alloy) }, None), ["relabel[0].action"]);
}

#[test]
fn selectors_and_sources_are_kubernetes_own() {
    let mut wrong = options(Kind::Alloy);
    wrong.pods.label_selector = Some("app in shop".into());
    wrong.pods.field_selector = Some("spec.node=a".into());
    wrong.pods.namespaces = vec!["a".into(), "B".into()];
    wrong.pods.exclude_namespaces = vec!["a".into()];
    wrong.kubernetes_labels.insert("team".into(), Source::Label("a/b/c".into()));
    assert_eq!(
        places(&wrong, None),
        ["kubernetes_labels[\"team\"]", "label_selector", "field_selector", "namespaces", "exclude_namespaces"]
    );
}

#[test]
fn labels_of_otlp_are_weighed_against_the_stack() {
    let mut asked = options(Kind::OtelCollector);
    let target = Target { auth_enabled: false, ..Target::usual("loki/loki") };
    assert_eq!(places(&asked, Some(&target)), [""; 0]);
    asked.labels.insert("team".into(), "a".into());
    let found = verify(&asked, Some(&target));
    assert_eq!(found[0].path_text(), "kind");
    assert!(found[0].fix.contains("attributes = [\"team\"]"), "{}", found[0].fix);
    let told =
        Target { index_labels: ["team".to_owned()].into_iter().chain(target.index_labels.clone()).collect(), ..target };
    assert_eq!(places(&asked, Some(&told)), [""; 0]);
}

#[test]
fn further_configuration_is_judged_as_a_whole() {
    let with = |kind, text: &str| configuration(&Options { extra_config: Some(text.into()), ..options(kind) });
    assert_eq!(with(Kind::Alloy, "loki.echo \"x\" { }"), []);
    assert!(with(Kind::Alloy, "loki.echo { ")[0].why.contains("Line"));
    assert_eq!(
        with(
            Kind::Promtail,
            "scrape_configs: [{job_name: x, pipeline_stages: [{template: {source: a, template: '{{ .Value }}'}}]}]"
        ),
        []
    );
    assert!(
        with(Kind::Promtail, "scrape_configs: [{job_name: x, pipeline_stages: [{jsn: {}}]}]")[0]
            .why
            .contains("no stage \"jsn\"")
    );
    assert!(
        with(Kind::Vector, "transforms: {x: {type: remap, inputs: [pods], source: '. ='}}")[0].why.contains("program")
    );
    assert!(with(Kind::OtelCollector, "service: {pipelines: {logs/pods: {processors: [x]}}}")[0].why.contains("\"x\""));
    assert!(with(Kind::FluentBit, "- a")[0].why.contains("no map"));
    let mut capable = options(Kind::Promtail);
    capable.stages = vec![Stage::Replace { expression: "a".into(), replace: "b".into() }];
    assert_eq!(places(&capable, None), ["kind"]);
}
