//! The schema's periods (pkg/storage/config/schema_config.go; pkg/loki/validation.go and config_compat.go).

use jiff::civil::Date;

use crate::loki::config_file::{Findings, KNOWN_PAST, View};

const TSDB: &str = "tsdb";
const BOLTDB: &str = "boltdb-shipper";
const DAY: i128 = 86_400_000_000_000;

/// Index types of Loki 1 and 2, which it still reads (pkg/storage/types).
const DEPRECATED_INDEXES: [&str; 9] =
    ["aws", "aws-dynamo", "bigtable", "bigtable-hashed", "boltdb", "cassandra", "gcp", "gcp-columnkey", "grpc-store"];
const DEPRECATED_STORES: [&str; 7] =
    ["aws-dynamo", "bigtable", "bigtable-hashed", "cassandra", "gcp", "gcp-columnkey", "grpc-store"];
const STORES: [&str; 10] = ["filesystem", "aws", "alibabacloud", "azure", "bos", "cos", "gcs", "s3", "swift", "noop"];

/// Backends of the Thanos clients (pkg/storage/bucket/client.go).
pub(super) fn thanos_backends(minor: u32) -> &'static [&'static str] {
    const ALL: [&str; 7] = ["s3", "gcs", "azure", "swift", "filesystem", "alibabacloud", "bos"];
    if minor >= 4 { &ALL } else { &ALL[..5] }
}

fn from(period: View<'_>) -> Option<Date> {
    period.text("from").parse().ok()
}

/// The period by which logs of today are stored; 0 where none has begun.
pub(in crate::loki::config_file) fn active_period(periods: &[View<'_>], today: Option<Date>) -> usize {
    let today = today.unwrap_or(KNOWN_PAST);
    let begun = |period: &View<'_>| from(*period).is_none_or(|from| from <= today);
    // Loki searches as if the periods were in order.
    periods.partition_point(begun).saturating_sub(1)
}

/// SchemaConfig.Validate.
pub(super) fn schema(view: View<'_>, out: &mut Findings) {
    const PREFIX: &str = "CONFIG ERROR: invalid schema config: ";
    let periods = view.items("schema_config.configs");
    if periods.is_empty() {
        out.refuse(view, "schema_config.configs", format!("{PREFIX}must specify at least one schema configuration"))
            .hint(
                "Add a period: schema_config: {configs: [{from: 2024-04-01, store: tsdb, object_store: …, schema: v13, \
                 index: {prefix: index_, period: 24h}}]}.",
            );
        return;
    }
    let active = active_period(&periods, out.today);
    let is_short = |period: View<'_>| period.text("store") == BOLTDB && period.int("index.period") != DAY;
    if is_short(periods[active]) && periods.len() - 1 == active {
        out.refuse(
            periods[active],
            "index.period",
            format!(
                "{PREFIX}boltdb-shipper works best with 24h periodic index config. Either add a new config with future \
                 date set to 24h to retain the existing index or change the existing config to use 24h period"
            ),
        )
        .hint("Set index.period to 24h.");
        return;
    }
    if let Some(next) = periods.get(active + 1)
        && is_short(*next)
    {
        out.refuse(
            *next,
            "index.period",
            format!("{PREFIX}boltdb-shipper with future date must always have periodic config for index set to 24h"),
        )
        .hint("Set index.period to 24h.");
        return;
    }
    for (index, period) in periods.iter().enumerate() {
        if let Some((path, text, hint)) = broken(*period) {
            out.refuse(*period, path, format!("{PREFIX}validating period_config: {text}")).hint(hint);
            return;
        }
        if let Some(next) = periods.get(index + 1)
            && from(*period) >= from(*next)
        {
            out.refuse(*next, "from", format!("{PREFIX}from time in schemas must be distinct and in increasing order"))
                .hint("Order the periods by their dates, each with a date of its own.");
            return;
        }
    }
}

/// PeriodConfig.validate.
fn broken(period: View<'_>) -> Option<(&'static str, String, &'static str)> {
    let store = period.text("store");
    let objects = period.text("object_store");
    let objects = if objects.is_empty() { store } else { objects };
    if DEPRECATED_STORES.contains(&objects) && period.text("chunks.prefix").is_empty() {
        let text = "schema config for chunks is missing the 'prefix' setting";
        return Some(("chunks.prefix", text.into(), "Set chunks.prefix, or move to an object store."));
    }
    if store == TSDB && period.int("index.period") != DAY {
        let text = "tsdb must always have periodic config for index set to 24h";
        return Some(("index.period", text.into(), "Set index.period to 24h."));
    }
    let odd = |path: &str| period.int(path) > 0 && period.int(path) % DAY != 0;
    const ODD: &str = "the table period must be a multiple of 24h (1h for schema v1)";
    if odd("index.period") {
        return Some(("index.period", format!("validating index tables: {ODD}"), "Set index.period to 24h."));
    }
    // An empty one takes its default before it is looked at (applyDefaults).
    let prefix = Some(period.text("index.path_prefix")).filter(|prefix| !prefix.is_empty());
    if let Some(text) = prefix.and_then(bad_path_prefix) {
        let hint = "Leave path_prefix out (index/ is the default), or end it with a slash.";
        return Some(("index.path_prefix", format!("validating index tables: {text}"), hint));
    }
    if odd("chunks.period") {
        return Some(("chunks.period", format!("validating chunk tables: {ODD}"), "Set chunks.period to 24h."));
    }
    let schema = period.text("schema");
    match schema_number(schema) {
        // Zero shards take the default, which is none for the oldest schemas only.
        Some(10..=13)
            if period.int("row_shards") == 0 && ["v1", "v2", "v3", "v4", "v5", "v6", "v9"].contains(&schema) =>
        {
            let text = format!("must have row_shards > 0 (current: 0) for schema ({schema})");
            Some(("row_shards", text, "Leave row_shards out."))
        }
        Some(9..=13) => None,
        None => {
            let text = format!("invalid schema version: strconv.Atoi: parsing {schema:?}: invalid syntax");
            Some(("schema", text, "Use v13 for a new period; keep what past periods had."))
        }
        _ => Some(("schema", "invalid schema version".into(), "Use v13 for a new period; keep what past periods had.")),
    }
}

/// PeriodConfig.VersionAsInt: Go's strings.Trim takes `v` off at both ends.
pub(super) fn schema_number(schema: &str) -> Option<i64> {
    let digits = schema.trim_matches('v');
    digits.strip_prefix('+').unwrap_or(digits).parse().ok()
}

/// What ValidatePathPrefix has against a prefix.
pub(super) fn bad_path_prefix(prefix: &str) -> Option<&'static str> {
    match prefix {
        "" => Some("prefix must be set"),
        _ if prefix.contains('\\') => Some("prefix should only have '/' as a path separator"),
        _ if prefix.starts_with('/') => Some("prefix should never start with a path separator i.e '/'"),
        _ if !prefix.ends_with('/') => Some("prefix should end with a path separator i.e '/'"),
        _ => None,
    }
}

/// What Config.Validate checks of periods against the rest of the configuration.
pub(super) fn compatibility(view: View<'_>, out: &mut Findings) {
    let periods = view.items("schema_config.configs");
    for period in &periods {
        kinds(view, *period, out);
    }
    shards(view, &periods, out);
    let sharded = !view.text("query_range.shard_aggregations").is_empty()
        || !view.items("query_range.shard_aggregations").is_empty();
    if sharded && view.text("frontend.encoding") != "protobuf" {
        out.refuse(view, "query_range.shard_aggregations", "shard_aggregation requires frontend.encoding=protobuf")
            .hint("Set frontend.encoding: protobuf.");
    }
    let targets_backend = view.items("target").iter().any(|target| target.text("") == "backend");
    if view.bool("legacy_read_target") && targets_backend {
        out.refuse(
            view,
            "legacy_read_target",
            "CONFIG ERROR: invalid target, cannot run backend target with legacy read mode",
        )
        .hint("Set legacy_read_target to false.");
    }
    requirements(view, &periods, out);
    directories(view, &periods, out);
}

/// validateSchemaValues.
fn kinds(view: View<'_>, period: View<'_>, out: &mut Findings) {
    let store = period.text("store");
    if ![TSDB, BOLTDB, "inmemory"].contains(&store) && !DEPRECATED_INDEXES.contains(&store) {
        out.refuse(
            period,
            "store",
            format!("unrecognized `store` (index) type `{store}`, choose one of: {BOLTDB}, {TSDB}"),
        )
        .hint("Use store: tsdb.");
    }
    let objects = period.text("object_store");
    let minor = view.minor();
    // Of IBM's COS Loki does not know that it has named stores (NamedStores.populateStoreType).
    let named = |stores: &str| {
        let kinds = view.at(stores).fields().into_iter().filter(|kind| !kind.path().ends_with(".cos"));
        kinds.into_iter().any(|kind| kind.entries("").iter().any(|(name, _)| *name == objects))
    };
    // Loki prints the list of the version; `noop` is of the later ones.
    let stores = &STORES[..if minor >= 6 { 10 } else { 9 }];
    let (known, choices) = if view.bool("storage_config.use_thanos_objstore") && minor >= 4 {
        let backends = thanos_backends(minor);
        (backends.contains(&objects) || named("storage_config.object_store.named_stores"), backends.join(", "))
    } else {
        let known = objects == "inmemory" || stores.contains(&objects) || DEPRECATED_STORES.contains(&objects);
        (known || named("storage_config.named_stores"), stores.join(", "))
    };
    if !known {
        out.refuse(
            period,
            "object_store",
            format!(
                "unrecognized `object_store` type `{objects}`, which also does not match any named_stores. Choose one of: \
                 {choices}. Or choose a named_store"
            ),
        )
        .hint("Name the store that holds the chunks: s3, gcs, azure, filesystem, or one of storage_config.named_stores.");
    }
}

/// ensureInvertedIndexShardingCompatibility.
fn shards(view: View<'_>, periods: &[View<'_>], out: &mut Findings) {
    let shards = view.int("ingester.index_shards");
    for (index, period) in periods.iter().enumerate() {
        if period.text("store") == TSDB {
            // Go converts to uint32, and zero passes here; Ingester.Validate refuses it with its own text.
            let factor = shards as u32;
            if factor != 0 && !factor.is_power_of_two() {
                out.refuse(
                    view,
                    "ingester.index_shards",
                    format!(
                        "{} inverted index shard factor on ingester: It must be a power of two, got {factor}",
                        if view.minor() >= 5 { "incompatible" } else { "Incompatible" }
                    ),
                )
                .hint("Leave index_shards out (32), or set a power of two.");
                return;
            }
            continue;
        }
        let rows = match period.int("row_shards") {
            0 if ["v1", "v2", "v3", "v4", "v5", "v6", "v9"].contains(&period.text("schema")) => 0,
            0 => 16,
            rows => rows,
        };
        if rows > 0 && shards % rows > 0 {
            out.refuse(
                view,
                "ingester.index_shards",
                format!(
                    "incompatible ingester index shards ({shards}) and period config row shard factor ({rows}) for period \
                     config at index ({index}). The ingester factor must be evenly divisible by all period config factors"
                ),
            )
            .hint("Leave index_shards and row_shards out (32 and 16).");
            return;
        }
    }
}

/// validateSchemaRequirements.
fn requirements(view: View<'_>, periods: &[View<'_>], out: &mut Findings) {
    let Some(period) = periods.get(active_period(periods, out.today)) else { return };
    let store = period.text("store");
    let cache = view.at("storage_config.index_queries_cache_config");
    let (validity, retain) =
        (view.int("storage_config.index_cache_validity"), view.int("ingester.chunk_retain_period"));
    if store != TSDB && super::super::dynamic::is_cache_configured(cache) && retain < validity {
        out.refuse(
            view,
            "ingester.chunk_retain_period",
            format!(
                "CONFIG ERROR: the active index is {store} which is configured to use an `index_cache_validity` (TTL) of \
                 {}, however the chunk_retain_period is {} which is LESS than the `index_cache_validity`. This can lead to \
                 query gaps, please configure the `chunk_retain_period` to be greater than the `index_cache_validity`",
                super::go_duration(validity),
                super::go_duration(retain)
            ),
        )
        .hint("Leave chunk_retain_period out, or set it above index_cache_validity.");
    }
    let Some(version) = schema_number(period.text("schema")) else {
        let position = active_period(periods, out.today);
        out.refuse(*period, "schema", format!("CONFIG ERROR: invalid schema version at schema position {position}"))
            .hint("Use v13 for a new period; keep what past periods had.");
        return;
    };
    if !view.bool("limits_config.allow_structured_metadata") {
        return;
    }
    const ADVICE: &str = "Set `allow_structured_metadata: false` in the `limits_config` section or set the command line \
                          argument `-validation.allow-structured-metadata=false` and restart Loki. Then proceed to update";
    const END: &str =
        "before re-enabling this config, search for 'Storage Schema' in the docs for the schema update procedure";
    const HINT: &str = "Set limits_config.allow_structured_metadata: false, add a period with store: tsdb and schema: v13 \
                        that begins in the future, and allow it again once that is in force.";
    if version < 13 {
        out.refuse(
            *period,
            "schema",
            format!(
                "CONFIG ERROR: schema v13 is required to store Structured Metadata and use native OTLP ingestion, your \
                 schema version is {}. {ADVICE} to schema v13 or newer {END}",
                period.text("schema")
            ),
        )
        .hint(HINT);
    }
    if store != TSDB {
        out.refuse(
            *period,
            "store",
            format!(
                "CONFIG ERROR: `tsdb` index type is required to store Structured Metadata and use native OTLP ingestion, \
                 your index type is `{store}` (defined in the `store` parameter of the schema_config). {ADVICE} the schema \
                 to use index type `tsdb` {END}"
            ),
        )
        .hint(HINT);
    }
}

/// validateDirectoriesExist.
fn directories(view: View<'_>, periods: &[View<'_>], out: &mut Findings) {
    const HINT: &str = "Set common.path_prefix, such as /var/loki; all of Loki's folders follow from it.";
    let uses = |store: &str| periods.iter().filter(|period| period.text("store") == store).count();
    for (store, section) in [(TSDB, "tsdb_shipper"), (BOLTDB, "boltdb_shipper")] {
        for key in ["active_index_directory", "cache_location"] {
            let path = format!("storage_config.{section}.{key}");
            if uses(store) > 0 && view.text(&path).is_empty() {
                out.refuse(
                    view,
                    &path,
                    format!(
                        "CONFIG ERROR: `{store}` index type is configured in at least one schema period, however, \
                         `storage_config`, `{section}`, `{key}` is not set, please set this directly or set \
                         `path_prefix:` in the `common:` section"
                    ),
                )
                .hint(HINT);
            }
        }
    }
    if uses(TSDB) + uses(BOLTDB) > 0 && view.text("compactor.working_directory").is_empty() {
        out.refuse(
            view,
            "compactor.working_directory",
            "CONFIG ERROR: `compactor:` `working_directory:` is empty, please set a valid directory or set `path_prefix:` \
             in the `common:` section",
        )
        .hint(HINT);
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
