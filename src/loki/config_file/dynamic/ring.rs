//! One ring's settings for every component (pkg/loki/config_wrapper.go, applyDynamicRingConfigs).

use crate::loki::config_file::Config;

/// Where lifecyclers of dskit stand, which call some settings by other names than Loki's own rings do.
const LIFECYCLERS: [&str; 5] = [
    "ingester.lifecycler",
    "pattern_ingester.lifecycler",
    "ingest_limits.lifecycler",
    "ingest_limits_frontend.lifecycler",
    "dataobj.consumer.lifecycler",
];

/// Where Loki's own rings stand.
const RINGS: [&str; 7] = [
    "distributor.ring",
    "ruler.ring",
    "query_scheduler.scheduler_ring",
    "compactor.compactor_ring",
    "index_gateway.ring",
    "bloom_compactor.ring",
    "ui.ring",
];

/// A setting's name in Loki's own rings, and in a lifecycler.
const SETTINGS: [(&str, &str); 11] = [
    ("kvstore", "ring.kvstore"),
    ("heartbeat_period", "heartbeat_period"),
    ("heartbeat_timeout", "ring.heartbeat_timeout"),
    ("tokens_file_path", "tokens_file_path"),
    ("zone_awareness_enabled", "ring.zone_awareness_enabled"),
    ("instance_id", "id"),
    ("instance_interface_names", "interface_names"),
    ("instance_port", "port"),
    ("instance_addr", "address"),
    ("instance_availability_zone", "availability_zone"),
    ("instance_enable_ipv6", "enable_inet6"),
];

pub(super) fn apply(config: &mut Config) {
    instance(config);
    let factor = "common.replication_factor";
    if !config.view().is_default(factor) {
        config.copy(factor, "index_gateway.ring.replication_factor");
    }
    if !config.view().is_default("common.ring") {
        for lifecycler in LIFECYCLERS {
            for (own, theirs) in SETTINGS {
                config.copy(&format!("common.ring.{own}"), &format!("{lifecycler}.{theirs}"));
            }
        }
        for ring in RINGS {
            for (own, _) in SETTINGS.iter().filter(|(own, _)| *own != "tokens_file_path") {
                config.copy(&format!("common.ring.{own}"), &format!("{ring}.{own}"));
            }
        }
        // Alone among the rings the compactor of blooms took the number of tokens, too.
        config.copy("common.ring.num_tokens", "bloom_compactor.ring.num_tokens");
    } else if !config.view().items("memberlist.join_members").is_empty() {
        for lifecycler in LIFECYCLERS {
            config.set(&format!("{lifecycler}.ring.kvstore.store"), "memberlist");
        }
        for ring in RINGS {
            config.set(&format!("{ring}.kvstore.store"), "memberlist");
        }
    } else {
        from_ingester(config);
    }
}

/// Without a common ring, rings that nobody touched take the ingester's settings.
fn from_ingester(config: &mut Config) {
    let untouched: Vec<&str> = RINGS.into_iter().filter(|ring| config.view().is_default(ring)).collect();
    for ring in untouched {
        for (own, theirs) in SETTINGS.iter().filter(|(own, _)| *own != "tokens_file_path") {
            config.copy(&format!("ingester.lifecycler.{theirs}"), &format!("{ring}.{own}"));
        }
    }
}

/// What is said of the instance as a whole.
fn instance(config: &mut Config) {
    for (own, elsewhere) in [
        (
            "instance_addr",
            &[
                "common.ring.instance_addr",
                "frontend.address",
                "index_gateway.ring.instance_addr",
                "memberlist.advertise_addr",
            ][..],
        ),
        (
            "instance_interface_names",
            &[
                "common.ring.instance_interface_names",
                "frontend.instance_interface_names",
                "index_gateway.ring.instance_interface_names",
            ][..],
        ),
    ] {
        let own = format!("common.{own}");
        if !config.view().is_default(&own) {
            for path in elsewhere {
                config.copy(&own, path);
            }
        }
    }
}
