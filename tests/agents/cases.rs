//! The options that are rendered: for each kind what it does by itself, and all that it can.

use std::collections::BTreeMap;

use loki_provider::agent::options::{
    Audit, Auth, Events, Journal, Multiline, Pods, Relabel, Secret, Source, Tls, Workload,
};
use loki_provider::agent::stage::Stage;
use loki_provider::agent::{Kind, Options};
use loki_provider::loki::options::PodMonitor;

/// Every case with its name.
pub fn cases() -> Vec<(&'static str, Options)> {
    let usual = Kind::ALL.map(|kind| ("usual", usual(kind)));
    let everything = Kind::ALL.map(|kind| ("everything", everything(kind)));
    let mut all: Vec<_> = usual.into_iter().chain(everything).collect();
    let auth = Auth::Bearer(Secret::Given("t0ken".into()));
    all.push(("bearer", Options { auth, ..usual_of(Kind::OtelCollector, "https://logs.example.com") }));
    all
}

fn usual(kind: Kind) -> Options {
    usual_of(kind, "http://loki.loki.svc.cluster.local:3100")
}

fn usual_of(kind: Kind, base: &str) -> Options {
    let kubernetes_labels = Options::usual_labels(kind);
    Options { kind, kubernetes_labels, push_url: format!("{base}/loki/api/v1/push"), ..Options::default() }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// What is hard to write down: a quote, dollar signs, backslashes, templates.
const HARD: &str = r#"^\$\{(?P<quote>"it's")\} \d+ {{ x }} \\$"#;

fn everything(kind: Kind) -> Options {
    let fluent = kind == Kind::FluentBit;
    let hard = match kind {
        Kind::FluentBit => r#"^(?P<quote>"it's") \d+ {{ x }}$"#,
        // Braces have a meaning of their own in Rust's grammar.
        Kind::Vector => r#"^\$\{(?P<quote>"it's")\} \d+ \{\{ x \}\} \\$"#,
        _ => HARD,
    };
    let mut stages = vec![
        Stage::Json { expressions: texts(&[("level", "level"), ("trace", "trace-id")]), source: None },
        Stage::Logfmt { mapping: texts(&[("took", "duration")]), source: None },
        Stage::Regex { expression: hard.into(), source: None },
        Stage::Timestamp { source: "took".into(), format: "RFC3339".into() },
        Stage::Labels { values: texts(&[("level", "level")]) },
        Stage::StructuredMetadata { values: texts(&[("trace_id", "trace")]) },
        Stage::Drop { expression: Some("^GET /ready".into()), source: None, older_than: None, longer_than: None },
        Stage::Output { source: "quote".into() },
    ];
    if !fluent {
        let older = Some("24h".to_owned());
        stages.push(Stage::Drop { expression: None, source: None, older_than: older, longer_than: Some(65536) });
        stages.push(Stage::Replace { expression: r"password=(\S+)".into(), replace: "password=$1".into() });
        stages.push(Stage::Sampling { rate: 0.25 });
        stages.push(Stage::Json { expressions: texts(&[("status", "http.status")]), source: Some("quote".into()) });
    }
    let relabels = matches!(kind, Kind::Alloy | Kind::Promtail);
    let rule = Relabel {
        source_labels: vec!["__meta_kubernetes_pod_phase".into()],
        regex: Some("(Succeeded|Failed)$".into()),
        action: Some("drop".into()),
        ..Relabel::default()
    };
    let selects = relabels || kind == Kind::Vector;
    let mut labels = texts(&[("cluster", "prod"), ("team", "a-b")]);
    if !fluent {
        labels.insert("dollar".into(), "${HOME} $x".into());
    }
    let mut kubernetes_labels = Options::usual_labels(kind);
    kubernetes_labels.insert("app".into(), Source::Label("app.kubernetes.io/name".into()));
    kubernetes_labels.insert("stream".into(), Source::Stream);
    let metadata =
        [("uid", Source::Uid), ("file", Source::Filename), ("owner", Source::Annotation("example.com/owner".into()))];
    let secret = || Secret::Existing { name: "loki-user".into(), key: "pw".into() };
    let extra = match kind {
        Kind::Alloy => "loki.echo \"debug\" { }",
        Kind::Promtail => {
            "scrape_configs: [{job_name: extra, static_configs: [{labels: {__path__: /x}}], pipeline_stages: [{template: {source: a, template: '{{ .Value | ToUpper }}'}}]}]"
        }
        Kind::OtelCollector => {
            "exporters: {debug: {}}\nservice: {pipelines: {logs/pods: {exporters: [otlp_http, debug]}}}"
        }
        Kind::Vector => {
            "sinks: {debug: {type: console, inputs: [pods_labelled], encoding: {codec: text}, target: '{{ kubernetes.pod_name }}'}}"
        }
        Kind::FluentBit => "pipeline: {outputs: [{name: stdout, match: '*'}]}",
    };
    Options {
        name: "everything".into(),
        namespace: "obs".into(),
        tenant_id: Some("team-a".into()),
        auth: Auth::Basic { username: "shipper".into(), password: secret() },
        tls: Tls {
            ca: Some("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".into()),
            server_name: Some("loki".into()),
            ..Tls::default()
        },
        labels,
        kubernetes_labels,
        structured_metadata: metadata.map(|(key, source)| (key.to_owned(), source)).into(),
        pods: Pods {
            namespaces: vec!["shop".into(), "cart".into()],
            exclude_namespaces: vec!["kube-system".into()],
            label_selector: selects.then(|| "tier notin (cache)".into()),
            field_selector: selects.then(|| "status.phase!=Pending".into()),
        },
        multiline: Some(Multiline { first_line: r"^\d{4}-\d{2}/\d{2}".into(), max_wait: 2500, max_lines: 200 }),
        stages,
        relabel: if relabels { vec![rule] } else { Vec::new() },
        buffer: (kind != Kind::Promtail).then_some(1 << 30),
        decompress: !fluent,
        out_of_order: (kind == Kind::Vector).then(|| "rewrite_timestamp".into()),
        journal: (kind != Kind::OtelCollector).then(|| Journal {
            path: "/var/log/journal".into(),
            units: vec!["kubelet.service".into()],
            labels: texts(&[("job", "journal")]),
        }),
        events: matches!(kind, Kind::Alloy | Kind::OtelCollector | Kind::FluentBit)
            .then(|| Events { namespaces: vec!["shop".into()], labels: texts(&[("job", "events")]) }),
        audit: Some(Audit { path: "/var/log/kubernetes/audit/audit.log".into(), labels: texts(&[("job", "audit")]) }),
        extra_config: Some(extra.into()),
        workload: Workload {
            host_paths: vec!["/var/lib/docker/containers".into()],
            pod_monitor: Some(PodMonitor { interval: Some("30s".into()), ..PodMonitor::default() }),
            max_unavailable: "10%".into(),
            ..Workload::default()
        },
        ..usual_of(kind, "https://logs.example.com")
    }
}
