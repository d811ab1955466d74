//! Replication against what the rings can do.

use super::super::super::{Findings, View};

pub(super) fn ring(view: View<'_>, out: &mut Findings) {
    let factor = view.int("ingester.lifecycler.ring.replication_factor");
    if factor <= 1 {
        return;
    }
    let store = view.text("ingester.lifecycler.ring.kvstore.store");
    let path = first_set(
        view,
        &["ingester.lifecycler.ring.kvstore.store", "common.ring.kvstore.store", "common.replication_factor"],
    );
    if store == "inmemory" {
        // loki#8432, #8899: "at least 2 live replicas required, could only find 1".
        out.warn(
            view,
            path,
            format!("the replication factor is {factor} and the ring is inmemory: a process sees itself alone, and each push waits for more ingesters than there are"),
        )
        .hint("Set common.replication_factor: 1 for a single process, or common.ring.kvstore.store: memberlist with memberlist.join_members.");
    } else if store == "memberlist" && view.items("memberlist.join_members").is_empty() {
        out.warn(
            view,
            path,
            format!("the replication factor is {factor} and memberlist.join_members is empty: processes do not find each other"),
        )
        .hint("Name a DNS name of all members in memberlist.join_members, or set common.replication_factor: 1.");
    }
    shared_nothing(view, out, factor);
}

/// Replicas that each write to a disk of their own.
fn shared_nothing(view: View<'_>, out: &mut Findings, factor: i128) {
    let local = |period: &View<'_>| super::stores::kind(view, period.text("object_store")) == Some("filesystem");
    let Some(period) = view.items("schema_config.configs").into_iter().rev().find(local) else { return };
    out.warn(
        period,
        "object_store",
        format!("chunks go to the local filesystem and the replication factor is {factor}: replicas do not see each other's chunks, unless the folder is shared between them"),
    )
    .hint("Use an object store such as s3, or one process with common.replication_factor: 1.");
}

/// The first of the paths that the file sets; the last if it sets none.
fn first_set<'p>(view: View<'_>, paths: &[&'p str]) -> &'p str {
    let set = paths.iter().find(|path| view.is_set(path));
    set.or(paths.last()).copied().unwrap_or_default()
}
