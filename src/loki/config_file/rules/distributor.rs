//! `distributor` (pkg/distributor/distributor.go, from 3.3).

use crate::loki::config_file::{Findings, View};

const PREFIX: &str = "CONFIG ERROR: invalid distributor config";

/// `Config.Validate`.
pub(super) fn distributor(view: View<'_>, out: &mut Findings) {
    let distributor = view.at("distributor");
    if distributor.has("ingester_writes_enabled")
        && !distributor.bool("kafka_writes_enabled")
        && !distributor.bool("ingester_writes_enabled")
    {
        let text = format!("{PREFIX}: at least one of kafka and ingestor writes must be enabled");
        out.refuse(distributor, "ingester_writes_enabled", text)
            .hint("Remove ingester_writes_enabled: without it and Kafka there is nowhere to write logs to.");
        return;
    }
    tenant_topic(distributor.at("tenant_topic"), out);
    tee(distributor.at("dataobj_tee"), out);
}

/// pkg/distributor/tenant_topic_tee.go; validated in 3.5 only.
fn tenant_topic(topic: View<'_>, out: &mut Findings) {
    if topic.minor() != 5 || !topic.bool("enabled") {
        return;
    }
    let prefix = format!("{PREFIX}: validating tenant topic config");
    let strategy = topic.text("strategy");
    if topic.text("topic_prefix").is_empty() {
        out.refuse(topic, "topic_prefix", format!("{prefix}: distributor.tenant-topic-tee.topic-prefix must be set"))
            .hint("Leave it out for the default, loki.tenant.");
    } else if !matches!(strategy, "simple" | "automatic") {
        out.refuse(
            topic,
            "strategy",
            format!(
                "{prefix}: invalid strategy: invalid strategy {strategy:?}, must be either 'simple' or 'automatic'"
            ),
        )
        .hint("Write simple, the default, or automatic.");
    }
}

/// pkg/distributor/dataobj_tee.go.
fn tee(tee: View<'_>, out: &mut Findings) {
    if !tee.bool("enabled") {
        return;
    }
    let (path, text) = if tee.text("topic").is_empty() {
        ("topic", "the topic is required")
    } else if tee.int("max_buffered_bytes") < 0 {
        ("max_buffered_bytes", "max buffered bytes cannot be negative")
    } else if tee.int("per_partition_rate_bytes") < 0 {
        ("per_partition_rate_bytes", "per partition rate bytes cannot be negative")
    } else {
        return;
    };
    out.refuse(tee, path, format!("{PREFIX}: {text}"))
        .hint("The tee is experimental: set it up fully, or leave dataobj_tee out.");
}
