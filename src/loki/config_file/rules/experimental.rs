//! Sections that Loki calls experimental: Kafka, block builder, ingest limits, data objects, UI.

use super::components::{encoding, lifecycler};
use super::{grpc_client, refuse};
use crate::loki::config_file::{Findings, View};

type Broken = super::storage::Broken;

fn some(path: &str, text: &str, hint: &'static str) -> Option<Broken> {
    Some((path.into(), text.into(), hint))
}

/// pkg/blockbuilder/builder, 3.4 and 3.5.
pub(super) fn block_builder(view: View<'_>, out: &mut Findings) {
    let builder = view.at("block_builder");
    if !view.has("block_builder") || !(4..=5).contains(&view.minor()) {
        return;
    }
    let found = encoding(builder).or_else(|| {
        let positive =
            |key: &str, text: &str| if builder.int(key) < 1 { some(key, text, "Leave it out.") } else { None };
        positive("sync_interval", "sync interval must be greater than 0")
            .or_else(|| positive("poll_interval", "poll interval must be greater than 0"))
            .or_else(|| positive("worker_parallelism", "worker parallelism must be greater than 0"))
    });
    refuse(out, builder, "block_builder", found);
}

/// pkg/blockbuilder/scheduler, 3.4 and 3.5.
pub(super) fn block_scheduler(view: View<'_>, out: &mut Findings) {
    let scheduler = view.at("block_scheduler");
    if !view.has("block_scheduler") || !(4..=5).contains(&view.minor()) {
        return;
    }
    let strategy = scheduler.text("strategy");
    let found = if scheduler.int("interval") <= 0 {
        some("interval", "interval must be a non-zero value", "Leave interval out.")
    } else if scheduler.int("lookback_period") < -2 {
        let text = "only -1(latest) and -2(earliest) are valid as negative values for lookback_period";
        some("lookback_period", text, "Use -1 or -2.")
    } else if strategy != "record-count" {
        some("strategy", &format!("invalid strategy: {strategy}"), "Use record-count.")
    } else if scheduler.int("target_record_count") <= 0 {
        some("target_record_count", "target record count must be a non-zero value", "Set a number above 0.")
    } else {
        None
    };
    refuse(out, scheduler, "block_scheduler", found);
}

/// pkg/limits and its frontend and client, since 3.5.
pub(super) fn ingest_limits(view: View<'_>, out: &mut Findings) {
    let minor = view.minor();
    if minor < 5 {
        return;
    }
    let limits = view.at("ingest_limits");
    let enabled = limits.bool("enabled");
    if minor == 5 || enabled {
        refuse(out, limits, "ingest_limits", broken_limits(limits));
        refuse(
            out,
            view.at("ingest_limits_frontend"),
            "ingest_limits_frontend",
            frontend(view.at("ingest_limits_frontend")),
        );
    }
    const DELEGATED: &str = "ingester.delegate_stream_limits_enabled";
    if minor >= 7 && view.bool(DELEGATED) && !enabled {
        out.refuse(
            view,
            DELEGATED,
            "CONFIG ERROR: ingester.delegate-stream-limits requires ingest-limits service to be enabled \
             (ingest_limits.enabled)",
        )
        .hint("Set ingest_limits.enabled: true.");
    }
    let client = view.at("ingest_limits_frontend_client");
    refuse(out, client, "ingest_limits_frontend_client", limits_client(client, "grpc_client_config"));
}

fn limits_client(view: View<'_>, path: &str) -> Option<Broken> {
    grpc_client(view.at(path))
        .map(|(key, text, hint)| (format!("{path}.{key}"), format!("invalid gRPC client config: {text}"), hint))
}

fn frontend(view: View<'_>) -> Option<Broken> {
    let positive = |flag: &str, key: &str, text: &str| {
        if view.minor() >= 7 && view.bool(flag) && view.int(key) <= 0 {
            some(key, text, "Set a duration above 0, or switch the cache off.")
        } else {
            None
        }
    };
    const ACCEPTED: &str = "accepted_streams_cache_enabled";
    limits_client(view, "client_config.grpc_client_config")
        .or_else(|| {
            positive(
                "assigned_partitions_cache_enabled",
                "assigned_partitions_cache_ttl",
                "assigned partitions cache TTL must be a positive number, or the cache must be disabled",
            )
        })
        .or_else(|| {
            positive(
                ACCEPTED,
                "accepted_streams_cache_ttl",
                "accepted streams cache TTL must be a positive number, or the cache must be disabled",
            )
        })
        .or_else(|| {
            positive(
                ACCEPTED,
                "accepted_streams_cache_ttl_jitter",
                "accepted streams cache TTL jitter must be a positive number, or the cache must be disabled",
            )
        })
}

fn broken_limits(limits: View<'_>) -> Option<Broken> {
    const HINT: &str = "Leave it out.";
    // 3.7 writes the names of the flags as words.
    let named = |flag: &str, text: &str| {
        let flag = if limits.minor() >= 7 { flag.replace('-', " ") } else { flag.to_owned() };
        format!("{flag} {text}")
    };
    let positive = |key: &str, flag: &str| {
        if limits.int(key) <= 0 { some(key, &named(flag, "must be greater than 0"), HINT) } else { None }
    };
    if limits.minor() == 5 {
        return positive("window_size", "window-size")
            .or_else(|| positive("rate_window", "rate-window"))
            .or_else(|| positive("bucket_duration", "bucket-duration"))
            .or_else(|| {
                let short = limits.int("rate_window") < limits.int("bucket_duration");
                let text = "rate-window must be greater than or equal to bucket-duration";
                if short { some("rate_window", text, HINT) } else { None }
            })
            .or_else(|| positive("num_partitions", "num-partitions"));
    }
    positive("active_window", "active-window")
        .or_else(|| positive("rate_window", "rate-window"))
        .or_else(|| positive("bucket_size", "bucket-size"))
        .or_else(|| {
            let odd = limits.int("rate_window") % limits.int("bucket_size").max(1) != 0;
            if odd {
                some("rate_window", &named("rate-window", "must be a multiple of bucket-size"), HINT)
            } else {
                None
            }
        })
        .or_else(|| positive("eviction_interval", "eviction-interval"))
        .or_else(|| positive("num_partitions", "num-partitions"))
        .or_else(|| {
            let missing = limits.text("consumer_group").is_empty();
            if missing { some("consumer_group", &named("consumer-group", "must be set"), HINT) } else { None }
        })
        .or_else(
            || {
                if limits.text("topic").is_empty() { some("topic", "topic must be set", "Set topic.") } else { None }
            },
        )
}

/// pkg/kafka and pkg/dataobj, where the ingester reads from Kafka.
pub(super) fn kafka(view: View<'_>, out: &mut Findings) {
    if view.minor() < 3 || !view.bool("ingester.kafka_ingestion.enabled") {
        return;
    }
    let kafka = view.at("kafka_config");
    refuse(out, kafka, "kafka_config", broken_kafka(kafka));
    let objects = view.at("dataobj");
    if view.minor() >= 5 {
        refuse(out, objects, "dataobj", data_objects(objects));
    }
}

fn broken_kafka(kafka: View<'_>) -> Option<Broken> {
    const LEAST: i128 = 1 << 20;
    const MOST: i128 = 16_000_000 - 16_384;
    let set = |path: &str| !kafka.text(path).is_empty();
    let homeless = match kafka.minor() {
        0..=5 => !set("address"),
        _ => !set("reader_config.address") && !set("writer_config.address"),
    };
    if homeless {
        return some("address", "the Kafka address has not been configured", "Set the address as host:port.");
    }
    if !set("topic") {
        return some("topic", "the Kafka topic has not been configured", "Set topic.");
    }
    let size = kafka.int("producer_max_record_size_bytes");
    if !(LEAST..=MOST).contains(&size) {
        let text = format!("the configured producer max record size bytes must be a value between {LEAST} and {MOST}");
        return some("producer_max_record_size_bytes", &text, "Leave it out.");
    }
    let (target, most) = ("target_consumer_lag_at_startup", "max_consumer_lag_at_startup");
    if kafka.minor() == 3 && (kafka.int(target) == 0) != (kafka.int(most) == 0) {
        let text =
            "the target and max consumer lag at startup must be either both set to 0 or to a value greater than 0";
        return some(most, text, "Set both or neither.");
    }
    if kafka.minor() == 3 && kafka.int(most) < kafka.int(target) {
        let text =
            "the configured max consumer lag at startup must greater or equal than the configured target consumer lag";
        return some(most, text, "Let the maximum be at least the target.");
    }
    if set("sasl_username") != set("sasl_password") {
        return some("sasl_password", "both sasl username and password must be set", "Set both or neither.");
    }
    None
}

fn data_objects(objects: View<'_>) -> Option<Broken> {
    let minor = objects.minor();
    if minor >= 7 && !objects.bool("enabled") {
        return None;
    }
    let consumer = objects.at("consumer");
    let below = |found: Option<Broken>, at: &str| {
        found.map(|(path, text, hint)| {
            (if path.is_empty() { at.to_owned() } else { format!("{at}.{path}") }, text, hint)
        })
    };
    let uploader = || {
        let prefix = consumer.int("uploader.shaprefixsize");
        let path = "consumer.uploader.shaprefixsize";
        if prefix <= 0 { some(path, "SHAPrefixSize must be greater than 0", "Leave it out.") } else { None }
    };
    let consumer_found = match minor {
        5 => uploader().or_else(|| below(object_builder(consumer), "consumer")),
        _ => below(object_builder(consumer), "consumer")
            .or_else(|| {
                if minor >= 7 { below(lifecycler(consumer.at("lifecycler")), "consumer.lifecycler") } else { None }
            })
            .or_else(uploader)
            .or_else(|| {
                let missing = minor >= 7 && consumer.text("topic").is_empty();
                if missing { some("consumer.topic", "topic is required", "Set topic.") } else { None }
            }),
    };
    consumer_found
        .or_else(|| {
            // Without a day it is 1970, which is not Go's zero time: Loki takes that.
            let from = "querier.from";
            let missing = minor == 5 && objects.bool("querier.enabled") && objects.text(from) == "0001-01-01";
            let text = "from is required when dataobj querier is enabled";
            if missing { some(from, text, "Set querier.from to a date.") } else { None }
        })
        .or_else(|| if minor >= 7 { below(object_builder(objects.at("index")), "index") } else { None })
        .or_else(|| {
            let ratio = objects.int("metastore.partition_ratio");
            let text = format!("partition_ratio must be greater than 0, got {ratio}");
            if minor >= 6 && ratio <= 0 { some("metastore.partition_ratio", &text, "Leave it out.") } else { None }
        })
}

/// The sizes of a data object's parts; Loki joins all that is wrong, this says the first.
fn object_builder(view: View<'_>) -> Option<Broken> {
    // 3.5 and 3.6 nest the builder where 3.7 does not.
    let view = if view.has("builderconfig") { view.at("builderconfig") } else { view };
    let (page, object, buffer, section) = (
        view.int("target_page_size"),
        view.int("target_object_size"),
        view.int("buffer_size"),
        view.int("target_section_size"),
    );
    const HINT: &str = "Leave the sizes out.";
    if page <= 0 {
        return some("target_page_size", "TargetPageSize must be greater than 0", HINT);
    }
    if page >= object {
        return some("target_page_size", "TargetPageSize must be less than TargetObjectSize", HINT);
    }
    if buffer <= 0 {
        return some("buffer_size", "BufferSize must be greater than 0", HINT);
    }
    if section <= 0 || section > object {
        let text = "SectionSize must be greater than 0 and less than or equal to TargetObjectSize";
        return some("target_section_size", text, HINT);
    }
    if view.int("section_stripe_merge_limit") < 2 {
        return some("section_stripe_merge_limit", "LogsMergeStripesMax must be greater than 1", HINT);
    }
    let order = view.text("dataobj_sort_order");
    if view.has("dataobj_sort_order") && !["", "stream-asc", "timestamp-desc"].contains(&order) {
        let text = format!("invalid dataobj sort order. must be one of `stream-asc` or `timestamp-desc`, got: {order}");
        return some("dataobj_sort_order", &text, "Leave it out.");
    }
    None
}

/// pkg/ui, 3.5.
pub(super) fn ui(view: View<'_>, out: &mut Findings) {
    let ui = view.at("ui");
    if view.minor() == 5 && ui.bool("enabled") && ui.is_set("node_name") && ui.text("node_name").is_empty() {
        refuse(
            out,
            ui,
            "ui",
            some("node_name", "node name is required", "Leave node_name out: it is the host's name."),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::loki::config_file::rules::testing::{refuses, takes};

    #[test]
    fn data_objects_may_be_asked_from_the_first_day_on() {
        let set = |querier: &str| {
            format!(
                "ingester: {{kafka_ingestion: {{enabled: true}}}}\nkafka_config: {{address: 'k:9092', topic: loki}}\n\
                 dataobj: {{querier: {{enabled: true{querier}}}}}\n"
            )
        };
        takes(5, &set(""));
        takes(5, &set(", from: 2024-04-01"));
        let text = "dataobj config: from is required when dataobj querier is enabled";
        refuses(5, &set(", from: '0001-01-01'"), "dataobj.querier.from", text);
    }
}
