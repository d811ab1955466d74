//! What breaks at each step between minor versions of Loki, from its upgrade guide
//! (docs/sources/setup/upgrade/_index.md and CHANGELOG.md of 3.7.8), and from comparing what
//! `-print-config-stderr` of each version prints: keys that are gone, and defaults that changed.

use crate::loki::version::Version;

/// What an upgrade meets when it passes a version.
pub struct Step {
    /// The first version that has it.
    pub version: Version,
    /// What is to be known, one sentence each.
    pub news: &'static [&'static str],
    /// What to do about it.
    pub advice: &'static str,
}

const fn step(major: u32, minor: u32, patch: u32, news: &'static [&'static str], advice: &'static str) -> Step {
    Step { version: Version::new(major, minor, patch), news, advice }
}

/// In the order in which an upgrade comes by.
pub const STEPS: &[Step] = &[
    step(
        3,
        0,
        0,
        &[
            "Structured metadata is on and needs a period in force with tsdb and v13, or \
             allow_structured_metadata = false; otherwise Loki does not start.",
            "shared_store is gone: the index lies where object_store of its period says, and what lies elsewhere is no \
             longer found.",
            "With retention, delete_request_store is required.",
            "Lines are limited to 256KB (max_line_size) and series to 15 labels (max_label_names_per_series, 30 before).",
            "Every stream gets a label service_name (discover_service_name), so active streams begin anew.",
            "A querier runs 4 queries at once instead of 10 (querier.max_concurrent).",
            "Metrics named cortex_* are named loki_*; dashboards and alerts have to follow.",
            "Many deprecated keys are gone, and Loki does not start while its configuration has one of them.",
        ],
        "Be on 2.9 first, add a tsdb period with v13 and let it come into force, then upgrade to 3.0 and from there on.",
    ),
    step(
        3,
        2,
        0,
        &[
            "Instant queries (/api/v1/query) for log lines are answered with status 400; only range queries return lines.",
            "The ruler talks to Alertmanager by API v2 (ruler.enable_alertmanager_v2), which came with Alertmanager 0.16.",
            "The bloom compactor is gone with its limits (bloom_compactor_*); planner and builder take its place.",
        ],
        "Let clients ask for lines by /api/v1/query_range, and remove bloom_compactor settings.",
    ),
    step(
        3,
        3,
        0,
        &[
            "The format of bloom blocks changed; older ones cannot be read.",
            "limits_config.bloom_ngram_length, bloom_ngram_skip and bloom_false_positive_rate are gone.",
        ],
        "Where blooms are used, delete what is under bloom/ in the bucket before the upgrade; otherwise nothing has to \
         be done.",
    ),
    step(
        3,
        4,
        0,
        &[
            "There are new object store clients (storage_config.use_thanos_objstore); the old ones stay the default.",
            "The query frontend compresses its responses no longer by default (frontend.compress_responses).",
            "limits_config.bloom_gateway_shard_size and bloom_gateway_cache_key_interval are gone.",
        ],
        "Set frontend.compress_responses where clients rely on it.",
    ),
    step(
        3,
        5,
        8,
        &["The image has no shell any more: kubectl exec … sh, and probes and hooks that run commands, fail."],
        "Look into pods by kubectl debug with an image of your own.",
    ),
    step(
        3,
        6,
        0,
        &[
            "Loki speaks to S3 by version 2 of the AWS SDK, which sends and checks checksums by default; stores that only \
             resemble S3 may refuse them.",
            "tracing.profiling_enabled, block_builder, block_scheduler and the experimental keys of dataobj.querier are \
             gone.",
        ],
        "Before the upgrade, try another store than Amazon's with the new version.",
    ),
    step(
        3,
        7,
        0,
        &[
            "Labels that a query parses out of lines no longer take the place of structured metadata of the same name.",
            "The experimental keys querier.engine_v2, querier.dataobj_storage_* and query_range.enable_v2_engine_router \
             are gone.",
        ],
        "Look through dashboards and alerts for parsed labels that structured metadata has as well.",
    ),
    step(
        4,
        0,
        0,
        &[
            "The targets read, write and backend (simple scalable mode) are gone.",
            "storage_config.use_thanos_objstore is true by default, so the old clients' settings are not read unless it \
             is set to false.",
            "boltdb-shipper and the older index and chunk stores are gone: logs of such periods cannot be read.",
            "The ruler's write-ahead log lies in another directory.",
        ],
        "Move to the monolithic or distributed mode, set use_thanos_objstore, and keep Loki 3 until the logs of the last \
         boltdb-shipper period have expired.",
    ),
];
