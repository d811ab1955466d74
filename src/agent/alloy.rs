//! Grafana Alloy's configuration (<https://grafana.com/docs/alloy/latest/reference/components/loki/>).

mod stages;
mod syntax;

use self::syntax::{Block, Expr, block, map, refer, text};
use super::config::{DATA, PROMTAIL_DATA, credential, go_duration};
use super::options::{Auth, Options, Source};
use super::promtail::{meta, selector_fields, tls};

const NODE: &str = "sys.env(\"NODE_NAME\")";

/// What each node's agent does.
pub fn nodes(options: &Options) -> String {
    let mut blocks = vec![logging(), discovery(options), relabel(options)];
    blocks.push(block("local.file_match", "pods").set("path_targets", refer("discovery.relabel.pods.output")));
    blocks.push(
        block("loki.source.file", "pods")
            .set("targets", refer("local.file_match.pods.targets"))
            .set("forward_to", refer("[loki.process.pods.receiver]"))
            // An agent of this name that was Promtail has left its positions beside: nothing is read twice.
            .set("legacy_positions_file", text(&format!("{PROMTAIL_DATA}/positions.yaml")))
            .with(options.decompress.then(|| {
                block("decompression", "")
                    .set("enabled", refer("true"))
                    .set("initial_delay", text("10s"))
                    .set("format", text("gz"))
            })),
    );
    blocks.push(stages::process(options));
    if let Some(journal) = &options.journal {
        blocks.push(journal_labels(options));
        blocks.push(
            block("loki.source.journal", "nodes")
                .set("path", text(&journal.path))
                .set("max_age", text("12h"))
                .set_if(!journal.units.is_empty(), "matches", || {
                    let matches: Vec<_> = journal.units.iter().map(|unit| format!("_SYSTEMD_UNIT={unit}")).collect();
                    text(&matches.join(" "))
                })
                .set("labels", map(&journal.labels))
                .set("relabel_rules", refer("loki.relabel.journal.rules"))
                .set("forward_to", refer("[loki.write.default.receiver]")),
        );
    }
    if let Some(audit) = &options.audit {
        let mut labels = audit.labels.clone();
        labels.insert("__path__".into(), audit.path.clone());
        blocks.push(block("local.file_match", "audit").set("path_targets", Expr::List(vec![map(&labels)])));
        blocks.push(
            block("loki.source.file", "audit")
                .set("targets", refer("local.file_match.audit.targets"))
                .set("forward_to", refer("[loki.process.audit.receiver]")),
        );
        blocks.push(
            block("loki.process", "audit")
                .set("forward_to", refer("[loki.write.default.receiver]"))
                .with(Some(block("stage.label_drop", "").set("values", Expr::List(vec![text("filename")])))),
        );
    }
    blocks.push(write(options));
    syntax::print(&blocks)
}

/// What the one pod does that reads Kubernetes' events.
pub fn events(options: &Options) -> String {
    let events = options.events.clone().unwrap_or_default();
    let names = events.namespaces.iter().map(|name| text(name)).collect();
    let source = block("loki.source.kubernetes_events", "cluster")
        .set("namespaces", Expr::List(names))
        .set("log_format", text("json"))
        .set("forward_to", refer("[loki.process.events.receiver]"));
    let process = block("loki.process", "events").set("forward_to", refer("[loki.write.default.receiver]")).with(
        Some(block("stage.static_labels", "").set("values", map(&events.labels))).filter(|_| !events.labels.is_empty()),
    );
    syntax::print(&[logging(), source, process, write(options)])
}

fn logging() -> Block {
    block("logging", "").set("level", text("info")).set("format", text("logfmt"))
}

/// Discovery of the node's own pods alone: the API server has little to send.
fn discovery(options: &Options) -> Block {
    let fields = selector_fields(options).unwrap_or_default();
    let more = if fields.is_empty() { String::new() } else { format!(" + {}", syntax::quoted(&fields)) };
    let names = &options.pods.namespaces;
    block("discovery.kubernetes", "pods")
        .set("role", text("pod"))
        .with(
            (!names.is_empty()).then(|| {
                block("namespaces", "").set("names", Expr::List(names.iter().map(|name| text(name)).collect()))
            }),
        )
        .with(Some(
            block("selectors", "")
                .set("role", text("pod"))
                .set("field", refer(&format!("\"spec.nodeName=\" + {NODE}{more}")))
                .set_some("label", options.pods.label_selector.as_deref().map(text)),
        ))
}

/// Rules that name each container's files, and make labels of what is known.
fn relabel(options: &Options) -> Block {
    let files = if options.decompress { "*{.log,.gz}" } else { "*.log" };
    let path = format!("{}/*$1/{files}", options.pod_logs);
    let from = |labels: &[&str]| Expr::List(labels.iter().map(|label| text(label)).collect());
    let rule = || block("rule", "");
    let mut block = block("discovery.relabel", "pods")
        .set("targets", refer("discovery.kubernetes.pods.targets"))
        .with(Some(
            rule()
                .set("source_labels", from(&["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]))
                .set("separator", text("/"))
                .set("target_label", text("__path__"))
                .set("replacement", text(&path)),
        ))
        // Pods that the kubelet makes of its own files have another name there.
        .with(Some(
            rule()
                .set(
                    "source_labels",
                    from(&[
                        "__meta_kubernetes_pod_annotationpresent_kubernetes_io_config_hash",
                        "__meta_kubernetes_pod_annotation_kubernetes_io_config_hash",
                        "__meta_kubernetes_pod_container_name",
                    ]),
                )
                .set("separator", text("/"))
                .set("regex", text("true/(.*)"))
                .set("target_label", text("__path__"))
                .set("replacement", text(&path)),
        ));
    for (label, source) in options.kubernetes_labels.iter().chain(&options.structured_metadata) {
        block = block.with(
            meta(source).map(|meta| rule().set("source_labels", from(&[&meta])).set("target_label", text(label))),
        );
    }
    for own in &options.relabel {
        let labels: Vec<_> = own.source_labels.iter().map(String::as_str).collect();
        block = block.with(Some(
            rule()
                .set_if(!labels.is_empty(), "source_labels", || from(&labels))
                .set_some("separator", own.separator.as_deref().map(text))
                .set_some("regex", own.regex.as_deref().map(text))
                .set_some("action", own.action.as_deref().map(text))
                .set_some("target_label", own.target_label.as_deref().map(text))
                .set_some("replacement", own.replacement.as_deref().map(text)),
        ));
    }
    block
}

/// What is known of an entry of the journal, under the label that pods' nodes have.
fn journal_labels(options: &Options) -> Block {
    let unit = Expr::List(vec![text("__journal__systemd_unit")]);
    let rules = block("loki.relabel", "journal")
        .set("forward_to", refer("[]"))
        .with(Some(block("rule", "").set("source_labels", unit).set("target_label", text("unit"))));
    let nodes = options.kubernetes_labels.iter().filter(|(_, source)| **source == Source::Node);
    nodes.fold(rules, |rules, (label, _)| {
        rules.with(Some(block("rule", "").set("target_label", text(label)).set("replacement", refer(NODE))))
    })
}

fn write(options: &Options) -> Block {
    let endpoint = block("endpoint", "")
        .set("url", text(&options.push_url))
        .set_some("tenant_id", options.tenant_id.as_deref().map(text))
        .set("batch_wait", text(&go_duration(options.batch.wait)))
        .set("batch_size", text(&format!("{}B", options.batch.size)))
        .set("min_backoff_period", text(&go_duration(options.retry.min_backoff)))
        .set("max_backoff_period", text(&go_duration(options.retry.max_backoff)))
        .set("max_backoff_retries", refer(&options.retry.max_retries.to_string()));
    let endpoint = match &options.auth {
        Auth::None => endpoint,
        Auth::Basic { username, .. } => endpoint.with(Some(
            block("basic_auth", "").set("username", text(username)).set("password_file", text(&credential("password"))),
        )),
        Auth::Bearer(_) => endpoint.set("bearer_token_file", text(&credential("token"))),
    };
    let secured = tls(options);
    let endpoint = endpoint.with(secured.as_object().map(|tls| {
        tls.iter().filter(|(_, value)| !value.is_null()).fold(block("tls_config", ""), |block, (key, value)| {
            block.set(key, value.as_str().map_or_else(|| refer(&value.to_string()), text))
        })
    }));
    block("loki.write", "default")
        .with(Some(endpoint))
        .with(options.buffer.map(|_| block("wal", "").set("enabled", refer("true"))))
        .set("external_labels", map(&options.static_labels()))
}

/// The program's arguments.
pub fn arguments(options: &Options, file: &str) -> Vec<String> {
    let (port, _) = options.kind.program().ready;
    let mut arguments = vec![
        "run".to_owned(),
        file.to_owned(),
        format!("--storage.path={DATA}"),
        format!("--server.http.listen-addr=0.0.0.0:{port}"),
        "--disable-reporting".to_owned(),
    ];
    // The write-ahead log is an experiment of Alloy's.
    if options.buffer.is_some() {
        arguments.push("--stability.level=experimental".to_owned());
    }
    arguments
}
