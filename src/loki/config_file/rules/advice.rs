//! What Loki takes without a word and its users fall over.
//!
//! All of these are warnings: each can be meant. They look at what the file says, not at what the defaults say, except
//! where a default is the trap.

mod buckets;
mod cache;
pub(super) mod limits;
mod retention;
mod ring;
mod ruler;
mod schema;
mod stores;

use super::super::{Findings, View};

/// Warns of everything that the file gives reason to.
pub(super) fn advise(view: View<'_>, out: &mut Findings) {
    tenants(view, out);
    schema::schema(view, out);
    stores::stores(view, out);
    buckets::buckets(view, out);
    ring::ring(view, out);
    retention::retention(view, out);
    cache::caches(view, out);
    limits::limits(view, out);
    ruler::ruler(view, out);
    ingester(view, out);
    deprecated(view, out, 0);
}

/// The "no org id" trap (loki#7081, #9756).
fn tenants(view: View<'_>, out: &mut Findings) {
    if !view.is_set("auth_enabled") {
        out.warn(view, "auth_enabled", "auth_enabled is not set and is true by default: requests without an X-Scope-OrgID header are answered \"no org id\"")
            .hint("Set auth_enabled: false for a single tenant, or true to say that every client names its tenant.");
    }
}

fn ingester(view: View<'_>, out: &mut Findings) {
    if view.is_set("ingester.wal.enabled") && !view.bool("ingester.wal.enabled") {
        out.warn(
            view,
            "ingester.wal.enabled",
            "the write-ahead log is off: logs that are not flushed yet are lost when an ingester dies",
        )
        .hint("Leave ingester.wal.enabled out, and give the WAL a disk that outlives the process.");
    }
    // Queries older than this skip the ingesters, which may still hold such chunks alone.
    let within = view.int("querier.query_ingesters_within");
    let age = view.int("ingester.max_chunk_age");
    if within > 0 && within < age {
        let path = if view.is_set("querier.query_ingesters_within") {
            "querier.query_ingesters_within"
        } else {
            "ingester.max_chunk_age"
        };
        out.warn(view, path, "querier.query_ingesters_within is shorter than ingester.max_chunk_age: queries miss logs that ingesters have not flushed yet")
            .hint("Set querier.query_ingesters_within to more than ingester.max_chunk_age, or to 0 to ask the ingesters always.");
    }
}

/// How deep keys may nest; as deep as Loki's own, and no file can make this recursion deeper.
const DEPTH: usize = 16;

/// Keys that Loki marks as deprecated and still reads.
fn deprecated(view: View<'_>, out: &mut Findings, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for field in view.set_fields() {
        if !field.is_deprecated("") {
            deprecated(field, out, depth + 1);
            continue;
        }
        let path = field.path();
        // Without the Thanos clients there is no other place for rules; with them, `stores` has its say.
        if path == "ruler.storage" {
            continue;
        }
        let hint = match path.as_str() {
            "limits_config.allow_deletes" => {
                "Delete it: limits_config.deletion_mode says what deletion may do.".to_owned()
            }
            "chunk_store_config.write_dedupe_cache_config" => {
                "Delete it: it served boltdb-shipper's predecessors, and tsdb has no use for it.".to_owned()
            }
            "legacy_read_target" => "Delete it; the target `read` needs the target `backend` beside it.".to_owned(),
            "kafka_config.address" | "kafka_config.client_id" => {
                "Use kafka_config.reader_config and kafka_config.writer_config, which have an address each.".to_owned()
            }
            "storage_config.grpc_store" => "Delete it, and use an object store.".to_owned(),
            "ruler.remote_write.client" => "Name the client in ruler.remote_write.clients.".to_owned(),
            path if path.starts_with("limits_config.ruler_remote_write_") => {
                "Use limits_config.ruler_remote_write_config, which holds settings for each client of the ruler."
                    .to_owned()
            }
            _ => "Delete it before the release that no longer reads it: unknown keys are refused.".to_owned(),
        };
        out.warn(field, "", format!("{path} is deprecated")).hint(hint);
    }
}

#[cfg(test)]
#[path = "advice_tests.rs"]
mod tests;
