use jiff::civil::date;

use crate::loki::config_file::{verify, verify_at};
use crate::loki::finding::Severity;

const REST: &str = "\
auth_enabled: false
common: {path_prefix: /loki, replication_factor: 1, ring: {kvstore: {store: inmemory}}}
";
const FROM: &str = "from: 2024-04-01, store: tsdb, object_store: filesystem, schema: v13";

fn errors(minor: u32, text: &str) -> Vec<String> {
    let found = verify_at(text, minor, None, Some(date(2026, 11, 25)));
    let errors = found.into_iter().filter(|finding| finding.severity == Severity::Error);
    errors.inspect(|finding| assert!(!finding.hint.is_empty(), "{finding:?}")).map(|finding| finding.text).collect()
}

/// What is refused of periods, each given in flow style, and of more of the file.
fn judged(periods: &[&str], more: &str) -> Vec<String> {
    let periods: Vec<String> = periods.iter().map(|period| format!("{{{period}}}")).collect();
    errors(7, &format!("{REST}schema_config: {{configs: [{}]}}\n{more}", periods.join(", ")))
}

fn period(from: &str, store: &str, schema: &str, index: &str) -> String {
    format!("from: {from}, store: {store}, object_store: filesystem, schema: {schema}, index: {{prefix: i_, {index}}}")
}

const OLD: &str = "limits_config: {allow_structured_metadata: false}\n";

#[track_caller]
fn first(found: Vec<String>, text: &str) {
    assert!(found.first().is_some_and(|first| first.contains(text)), "{found:#?}");
}

#[test]
fn a_schema_has_periods() {
    first(errors(7, REST), "invalid schema config: must specify at least one schema configuration");
    assert_eq!(judged(&[&period("2024-04-01", "tsdb", "v13", "period: 24h")], ""), [""; 0]);
}

#[test]
fn periods_are_in_order() {
    let at = |from| period(from, "tsdb", "v13", "period: 24h");
    let text = "from time in schemas must be distinct and in increasing order";
    first(judged(&[&at("2025-01-01"), &at("2024-01-01")], ""), text);
    first(judged(&[&at("2025-01-01"), &at("2025-01-01")], ""), text);
    assert_eq!(judged(&[&at("2024-01-01"), &at("2025-01-01")], ""), [""; 0]);
}

#[test]
fn indexes_are_daily() {
    let tsdb = period("2024-04-01", "tsdb", "v13", "period: 168h");
    first(judged(&[&tsdb], ""), "tsdb must always have periodic config for index set to 24h");
    let weekly = period("2023-04-01", "boltdb-shipper", "v11", "period: 168h");
    first(judged(&[&weekly], OLD), "boltdb-shipper works best with 24h periodic index config");
    // What has passed may stay.
    assert_eq!(judged(&[&weekly, &period("2024-04-01", "tsdb", "v13", "period: 24h")], ""), [""; 0]);
    let coming = period("2099-04-01", "boltdb-shipper", "v11", "period: 168h");
    let now = period("2024-04-01", "tsdb", "v13", "period: 24h");
    first(judged(&[&now, &coming], ""), "boltdb-shipper with future date must always have");
    let odd = period("2024-04-01", "boltdb", "v11", "period: 36h");
    first(judged(&[&odd], OLD), "validating index tables: the table period must be a multiple of 24h");
}

#[test]
fn path_prefixes_end_with_a_slash() {
    let with = |prefix: &str| {
        judged(&[&period("2024-04-01", "tsdb", "v13", &format!("period: 24h, path_prefix: {prefix}"))], "")
    };
    first(with("/index/"), "validating index tables: prefix should never start with a path separator i.e '/'");
    first(with("index"), "validating index tables: prefix should end with a path separator i.e '/'");
    first(with("'a\\b/'"), "validating index tables: prefix should only have '/' as a path separator");
    assert_eq!(with("index/"), [""; 0]);
}

#[test]
fn schemas_are_9_to_13() {
    first(judged(&[&period("2024-04-01", "tsdb", "v14", "period: 24h")], ""), "invalid schema version");
    first(judged(&[&period("2024-04-01", "tsdb", "v8", "period: 24h")], OLD), "invalid schema version");
    assert_eq!(judged(&[&period("2024-04-01", "tsdb", "v9", "period: 24h")], OLD), [""; 0]);
}

#[test]
fn stores_are_known() {
    let with = |store: &str, objects: &str, more: &str| {
        let index = "schema: v13, index: {prefix: i_, period: 24h}";
        judged(&[&format!("from: 2024-04-01, store: {store}, object_store: {objects}, {index}")], more)
    };
    first(with("nope", "s3", OLD), "unrecognized `store` (index) type `nope`, choose one of: boltdb-shipper, tsdb");
    let text = "unrecognized `object_store` type `mine`, which also does not match any named_stores. Choose one of: \
                filesystem, aws, alibabacloud, azure, bos, cos, gcs, s3, swift, noop. Or choose a named_store";
    first(with("tsdb", "mine", ""), text);
    assert_eq!(with("tsdb", "mine", "storage_config: {named_stores: {gcs: {mine: {bucket_name: a}}}}\n"), [""; 0]);
    first(with("tsdb", "mine", "storage_config: {named_stores: {cos: {mine: {bucketnames: a}}}}\n"), text);
    let thanos =
        "storage_config: {use_thanos_objstore: true, object_store: {named_stores: {s3: {mine: {bucket_name: a}}}}}\n";
    assert_eq!(with("tsdb", "mine", thanos), [""; 0]);
    first(with("tsdb", "cos", thanos), "Choose one of: s3, gcs, azure, swift, filesystem, alibabacloud, bos.");
}

#[test]
fn structured_metadata_needs_tsdb_and_v13() {
    let v12 = period("2024-04-01", "tsdb", "v12", "period: 24h");
    first(judged(&[&v12], ""), "CONFIG ERROR: schema v13 is required to store Structured Metadata");
    assert_eq!(judged(&[&v12], OLD), [""; 0]);
    let boltdb = period("2024-04-01", "boltdb-shipper", "v13", "period: 24h");
    first(judged(&[&boltdb], ""), "CONFIG ERROR: `tsdb` index type is required to store Structured Metadata");
    // The period in force counts.
    let (old, new) = (
        period("2022-01-01", "boltdb-shipper", "v11", "period: 24h"),
        period("2024-01-01", "tsdb", "v13", "period: 24h"),
    );
    assert_eq!(judged(&[&old, &new], ""), [""; 0]);
    let coming = period("2027-01-01", "tsdb", "v13", "period: 24h");
    first(judged(&[&old, &coming], ""), "schema v13 is required");
    let text = format!("{REST}schema_config: {{configs: [{{{old}}}, {{{coming}}}]}}\n");
    assert_eq!(verify_at(&text, 7, None, Some(date(2027, 1, 2))).len(), 1, "a warning of the old period's index alone");
}

#[test]
fn shards_divide() {
    let boltdb = format!("{}, row_shards: 7", period("2024-04-01", "boltdb-shipper", "v12", "period: 24h"));
    first(judged(&[&boltdb], OLD), "incompatible ingester index shards (32) and period config row shard factor (7)");
    let tsdb = period("2024-04-01", "tsdb", "v13", "period: 24h");
    first(judged(&[&tsdb], "ingester: {index_shards: 12}\n"), "It must be a power of two, got 12");
    assert_eq!(judged(&[&tsdb], "ingester: {index_shards: 64}\n"), [""; 0]);
}

#[test]
fn folders_are_set() {
    let text = format!("auth_enabled: false\nschema_config: {{configs: [{{{FROM}, index: {{period: 24h}}}}]}}\n");
    let found = verify(&text, 0, None);
    let texts: Vec<&str> = found.iter().map(|finding| finding.text.as_str()).collect();
    let part = "CONFIG ERROR: `tsdb` index type is configured in at least one schema period, however, `storage_config`, \
                `tsdb_shipper`, `active_index_directory` is not set";
    assert!(texts[0].starts_with(part) && texts[1].contains("`cache_location` is not set"), "{texts:#?}");
    assert!(texts[2].starts_with("CONFIG ERROR: `compactor:` `working_directory:` is empty"), "{texts:#?}");
    // Since 3.5 the compactor has a folder by default.
    assert!(!errors(5, &text).iter().any(|text| text.contains("working_directory")));
    assert_eq!(errors(0, &format!("{text}common: {{path_prefix: /loki, replication_factor: 1}}\n")), [""; 0]);
}
