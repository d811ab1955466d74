//! Ingester, pattern ingester, index gateway, blooms.

use super::{go_duration, grpc_client, refuse};
use crate::loki::config_file::{Findings, View};

type Broken = super::storage::Broken;

/// Chunk encodings (pkg/compression/codec.go), compared without case.
const ENCODINGS: [&str; 9] = ["none", "gzip", "lz4-64k", "snappy", "lz4-256k", "lz4-1M", "lz4", "flate", "zstd"];

/// What Loki has against the name of an encoding.
pub(super) fn unknown_encoding(name: &str) -> Option<String> {
    let known = ENCODINGS.iter().any(|known| known.eq_ignore_ascii_case(name));
    (!known).then(|| format!("invalid encoding: {name}, supported: {}", ENCODINGS.join(", ")))
}

/// A section's chunk encoding that Loki does not know.
pub(super) fn encoding(view: View<'_>) -> Option<Broken> {
    let text = unknown_encoding(view.text("chunk_encoding"))?;
    Some(("chunk_encoding".into(), text, "Use snappy."))
}

/// pkg/ingester, Config.Validate.
pub(super) fn ingester(view: View<'_>, out: &mut Findings) {
    let ingester = view.at("ingester");
    refuse(
        out,
        ingester,
        "ingester",
        encoding(ingester).or_else(|| wal(ingester)).or_else(|| flush(ingester)).or_else(|| {
            let shards = ingester.int("index_shards");
            (shards <= 0).then(|| {
                (
                    "index_shards".into(),
                    format!("invalid ingester index shard factor: {shards}"),
                    "Leave index_shards out (32).",
                )
            })
        }),
    );
    if view.minor() == 2 {
        refuse(out, view.at("ingester_rf1"), "ingester", flush(view.at("ingester_rf1")));
    }
}

fn wal(ingester: View<'_>) -> Option<Broken> {
    let wal = ingester.at("wal");
    let period = wal.int("checkpoint_duration");
    if wal.bool("enabled") && period < 1 {
        let text = format!("invalid checkpoint duration: {}", go_duration(period));
        return Some(("wal.checkpoint_duration".into(), text, "Leave checkpoint_duration out (5m)."));
    }
    const FULL: &str = "disk_full_threshold";
    let full = wal.float(FULL);
    if wal.minor() >= 7 && !(0.0..=1.0).contains(&full) {
        let text = format!("invalid disk full threshold: {full} (must be between 0 and 1)");
        return Some((format!("wal.{FULL}"), text, "Write a share of the disk, such as 0.9."));
    }
    None
}

/// The flush operations' backoff, since 3.1.
fn flush(ingester: View<'_>) -> Option<Broken> {
    if ingester.minor() < 1 {
        return None;
    }
    let backoff = ingester.at("flush_op_backoff");
    if backoff.int("min_period") > backoff.int("max_period") {
        let text = "invalid flush op min backoff: cannot be larger than max backoff";
        return Some(("flush_op_backoff.min_period".into(), text.into(), "Let min_period be below max_period."));
    }
    let retries = backoff.int("max_retries");
    if retries <= 0 {
        let text = format!("invalid flush op max retries: {retries}");
        return Some(("flush_op_backoff.max_retries".into(), text, "Set a number above 0."));
    }
    let timeout = ingester.int("flush_op_timeout");
    (timeout <= 0).then(|| {
        let text = format!("invalid flush op timeout: {}", go_duration(timeout));
        ("flush_op_timeout".into(), text, "Set a duration above 0, such as 10m.")
    })
}

/// pkg/indexgateway, Config.Validate.
pub(super) fn index_gateway(view: View<'_>, out: &mut Findings) {
    let gateway = view.at("index_gateway");
    if gateway.int("ring.num_tokens") != 128 {
        let text = "Num tokens must not be changed as it will not take effect";
        let hint = "Leave num_tokens out of index_gateway.ring.";
        refuse(out, gateway, "index_gateway", Some(("ring.num_tokens".into(), text.into(), hint)));
    }
}

/// pkg/bloombuild (since 3.2), pkg/bloomcompactor (until 3.1), pkg/bloomgateway.
pub(super) fn blooms(view: View<'_>, out: &mut Findings) {
    let build = view.at("bloom_build");
    if view.minor() >= 2 && build.bool("enabled") {
        refuse(out, build, "bloom_build", planner(build.at("planner")).or_else(|| builder(build.at("builder"))));
    }
    let compactor = view.at("bloom_compactor");
    if view.minor() < 2 && compactor.bool("enabled") {
        let found = lookback(compactor).or_else(|| offsets(compactor)).or_else(|| {
            (compactor.int("ring.replication_factor") != 1).then(|| {
                let text = "Replication factor must not be changed as it will not take effect";
                ("ring.replication_factor".into(), text.into(), "Leave it out.")
            })
        });
        refuse(out, compactor, "bloom_compactor", found);
    }
    let gateway = view.at("bloom_gateway");
    if gateway.bool("enabled") {
        refuse(out, gateway, "bloom_gateway", gateway_client(gateway.at("client")));
    }
}

fn lookback(view: View<'_>) -> Option<Broken> {
    let retention = view.at("retention");
    (retention.bool("enabled") && retention.int("max_lookback_days") < 1).then(|| {
        let text = "max lookback days must be a positive number";
        ("retention.max_lookback_days".into(), text.into(), "Set a number of days above 0.")
    })
}

fn offsets(view: View<'_>) -> Option<Broken> {
    let (least, most) = (view.int("min_table_offset"), view.int("max_table_offset"));
    (least > most).then(|| {
        let text = format!("min-table-offset ({least}) must be less than or equal to max-table-offset ({most})");
        ("min_table_offset".into(), text, "Let min_table_offset be at most max_table_offset.")
    })
}

fn planner(planner: View<'_>) -> Option<Broken> {
    let found = offsets(planner).or_else(|| lookback(planner)).or_else(|| {
        let queue = planner.at("queue");
        let homeless = queue.bool("store_tasks_on_disk") && queue.text("tasks_disk_directory").is_empty();
        (planner.minor() >= 3 && homeless).then(|| {
            let text = "tasks_disk_directory must be set when store_tasks_on_disk is true";
            ("queue.tasks_disk_directory".into(), text.into(), "Set tasks_disk_directory.")
        })
    });
    found.map(|(path, text, hint)| {
        (format!("planner.{path}"), format!("invalid bloom planner configuration: {text}"), hint)
    })
}

fn builder(builder: View<'_>) -> Option<Broken> {
    let found = if builder.text("planner_address").is_empty() {
        Some(("planner_address".into(), "planner address is required".to_owned(), "Set planner_address to host:port."))
    } else {
        grpc_client(builder.at("grpc_config"))
            .map(|(path, text, hint)| (format!("grpc_config.{path}"), format!("grpc config is invalid: {text}"), hint))
    };
    found.map(|(path, text, hint)| {
        (format!("builder.{path}"), format!("invalid bloom builder configuration: {text}"), hint)
    })
}

fn gateway_client(client: View<'_>) -> Option<Broken> {
    let grpc = grpc_client(client.at("grpc_client_config")).map(|(path, text, hint)| {
        (format!("client.grpc_client_config.{path}"), format!("grpc client config: {text}"), hint)
    });
    let cached = client.minor() < 4 && client.bool("cache_results");
    grpc.or_else(|| {
        let cache = client.at("results_cache");
        let compression = cache.text("compression");
        if !cached {
            None
        } else if !["", "snappy"].contains(&compression) {
            let text = format!("cache config: unsupported compression type: {compression}");
            Some(("client.results_cache.compression".into(), text, "Use snappy, or leave it out."))
        } else if !crate::loki::config_file::dynamic::is_cache_configured(cache.at("cache")) {
            let text = "cache config: no cache configured";
            Some(("client.results_cache.cache".into(), text.into(), "Configure a cache, or set cache_results to false."))
        } else {
            None
        }
    })
    .or_else(|| {
        client.text("addresses").is_empty().then(|| {
            let text = "addresses requires a list of comma separated strings in DNS service discovery format with at least \
                        one item";
            ("client.addresses".into(), text.into(), "Name the gateways, such as dnssrvnoa+_grpc._tcp.….")
        })
    })
}

/// pkg/pattern, Config.Validate.
pub(super) fn pattern_ingester(view: View<'_>, out: &mut Findings) {
    let pattern = view.at("pattern_ingester");
    refuse(out, pattern, "pattern_ingester", broken_pattern(pattern));
}

fn broken_pattern(pattern: View<'_>) -> Option<Broken> {
    if pattern.int("lifecycler.ring.replication_factor") != 1 {
        let text = "pattern ingester replication factor must be 1";
        return Some(("lifecycler.ring.replication_factor".into(), text.into(), "Leave it out."));
    }
    if pattern.minor() >= 6 {
        let (retain, age, sample) =
            (pattern.int("retain_for"), pattern.int("max_chunk_age"), pattern.int("pattern_sample_interval"));
        if retain < age {
            let text = format!(
                "retain-for ({}) must be greater than or equal to chunk-duration ({})",
                go_duration(retain),
                go_duration(age)
            );
            return Some(("retain_for".into(), text, "Let retain_for be at least max_chunk_age."));
        }
        if age < sample {
            let text = format!(
                "chunk-duration ({}) must be greater than or equal to sample-interval ({})",
                go_duration(age),
                go_duration(sample)
            );
            return Some(("max_chunk_age".into(), text, "Let max_chunk_age be at least pattern_sample_interval."));
        }
        let threshold = pattern.float("volume_threshold");
        if !(0.0..=1.0).contains(&threshold) {
            let text = format!("volume_threshold ({threshold}) must be between 0 and 1");
            return Some(("volume_threshold".into(), text, "Write a share between 0 and 1."));
        }
    }
    lifecycler(pattern.at("lifecycler")).map(|(path, text, hint)| (format!("lifecycler.{path}"), text, hint))
}

/// dskit's LifecyclerConfig.Validate; the heartbeat since the version that Loki 3.7 took.
pub(super) fn lifecycler(view: View<'_>) -> Option<Broken> {
    if view.minor() < 7 {
        return None;
    }
    // Of the lifecycler itself: that of its ring may be 0, which is never.
    for (path, name) in [("heartbeat_period", "heartbeat period"), ("heartbeat_timeout", "heartbeat timeout")] {
        if view.int(path) == 0 {
            let text = format!("{name} must be greater than 0");
            return Some((path.into(), text, "Leave it out."));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::loki::config_file::rules::testing::{refuses, takes};

    #[test]
    fn heartbeats_of_lifecyclers_time_out_but_not_those_of_rings() {
        let own = "pattern_ingester: {lifecycler: {heartbeat_timeout: 0s}}\n";
        let text = "pattern_ingester config: heartbeat timeout must be greater than 0";
        refuses(7, own, "pattern_ingester.lifecycler.heartbeat_timeout", text);
        takes(6, own);
        takes(7, "pattern_ingester: {lifecycler: {ring: {heartbeat_timeout: 0s}}}\n");
        takes(7, "ingester: {lifecycler: {heartbeat_timeout: 0s, heartbeat_period: 0s}}\n");
    }
}
