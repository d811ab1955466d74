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

#[cfg(test)]
mod tests {
    use crate::loki::config_file::rules::testing::{refuses, takes};

    #[track_caller]
    fn refused(minor: u32, line: &str, path: &str, text: &str) {
        let added = format!("distributor: {{{line}}}\n");
        refuses(minor, &added, &format!("distributor.{path}"), &format!("distributor config: {text}"));
    }

    #[test]
    fn logs_are_written_somewhere() {
        takes(3, "distributor: {ingester_writes_enabled: true}\n");
        let text = "at least one of kafka and ingestor writes must be enabled";
        refused(3, "ingester_writes_enabled: false", "ingester_writes_enabled", text);
    }

    #[test]
    fn topics_are_named() {
        takes(5, "distributor: {tenant_topic: {enabled: true}}\n");
        let text = "validating tenant topic config: distributor.tenant-topic-tee.topic-prefix must be set";
        refused(5, "tenant_topic: {enabled: true, topic_prefix: ''}", "tenant_topic.topic_prefix", text);
        let text = "validating tenant topic config: invalid strategy: invalid strategy \"a\", must be either 'simple' or \
                    'automatic'";
        refused(5, "tenant_topic: {enabled: true, strategy: a}", "tenant_topic.strategy", text);
        takes(7, "distributor: {dataobj_tee: {enabled: true, topic: a}}\n");
        refused(7, "dataobj_tee: {enabled: true}", "dataobj_tee.topic", "the topic is required");
        let text = "max buffered bytes cannot be negative";
        refused(
            7,
            "dataobj_tee: {enabled: true, topic: a, max_buffered_bytes: -1}",
            "dataobj_tee.max_buffered_bytes",
            text,
        );
    }
}
