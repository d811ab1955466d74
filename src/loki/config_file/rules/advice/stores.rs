//! The two families of clients for object stores, and which of their sections count.

use super::super::super::{Findings, View};

/// Sections of the legacy clients, and the kinds of stores that they serve.
const LEGACY: [(&str, &str); 8] = [
    ("s3", "aws"),
    ("gcs", "gcs"),
    ("azure", "azure"),
    ("swift", "swift"),
    ("bos", "bos"),
    ("cos", "cos"),
    ("alibabacloud", "alibabacloud"),
    ("filesystem", "filesystem"),
];
/// The same of the Thanos clients (pkg/storage/bucket/client.go).
const THANOS: [(&str, &str); 7] = [
    ("s3", "s3"),
    ("gcs", "gcs"),
    ("azure", "azure"),
    ("swift", "swift"),
    ("bos", "bos"),
    ("alibabacloud", "alibaba"),
    ("filesystem", "filesystem"),
];

/// Whether the Thanos clients are in use.
pub(super) fn thanos(view: View<'_>) -> bool {
    view.bool("storage_config.use_thanos_objstore")
}

/// The kind of a store by the name that a period gives it: its own for predefined ones (`s3` also for `aws`), that of
/// its section for named ones. None where no store has the name.
pub(super) fn kind<'a>(view: View<'a>, name: &str) -> Option<&'a str> {
    place(view, name).map(|(kind, _)| kind)
}

/// The kind of a store, and the section that configures it.
pub(super) fn place<'a>(view: View<'a>, name: &str) -> Option<(&'static str, View<'a>)> {
    let (root, sections) = if thanos(view) {
        (view.at("storage_config.object_store"), &THANOS[..])
    } else {
        (view.at("storage_config"), &LEGACY[..])
    };
    let wanted = if name == "aws" { "s3" } else { name };
    if let Some((kind, section)) = sections.iter().find(|(kind, _)| *kind == wanted) {
        return Some((kind, root.at(section)));
    }
    sections.iter().find_map(|(kind, section)| {
        let entries = root.entries(&format!("named_stores.{section}"));
        entries.into_iter().find(|(other, _)| *other == name).map(|(_, store)| (*kind, store))
    })
}

/// The stores that the schema uses, each once, with a period that uses it.
pub(super) fn used<'a>(view: View<'a>) -> Vec<(&'a str, View<'a>)> {
    let mut used: Vec<(&str, View<'a>)> = Vec::new();
    for period in view.items("schema_config.configs") {
        let name = period.text("object_store");
        if !used.iter().any(|(other, _)| *other == name) {
            used.push((name, period));
        }
    }
    used
}

pub(super) fn stores(view: View<'_>, out: &mut Findings) {
    const SWITCH: &str = "storage_config.use_thanos_objstore";
    if !view.has(SWITCH) {
        return;
    }
    let thanos = thanos(view);
    let remote = |name: &str| !["", "filesystem"].contains(&name);
    // Hidden and unfinished in 3.3.
    if view.minor() >= 4 && !view.is_set(SWITCH) && used(view).iter().any(|(name, _)| remote(name)) {
        out.warn(view, SWITCH, "use_thanos_objstore is not set: it is false in Loki 3 and true from 4.0 on, which reads other sections")
            .hint("Set storage_config.use_thanos_objstore: false to keep the clients that this file configures, or move to storage_config.object_store and set it to true.");
    }
    if !thanos {
        for path in ["storage_config.object_store", "common.storage.object_store", "ruler_storage"] {
            if view.is_set(path) && !view.is_default(path) {
                out.warn(view, path, format!("{path} is not used: storage_config.use_thanos_objstore is false"))
                    .hint("Set storage_config.use_thanos_objstore: true, or use the sections of the older clients.");
            }
        }
        return;
    }
    let older = LEGACY.iter().map(|(_, section)| *section).chain(["named_stores"]);
    for path in older.map(|section| format!("storage_config.{section}")).chain(["ruler.storage".to_owned()]) {
        if view.is_set(&path) && !view.is_default(&path) {
            let instead = if path == "ruler.storage" { "ruler_storage" } else { "storage_config.object_store" };
            out.warn(view, &path, format!("{path} is not used: storage_config.use_thanos_objstore is true"))
                .hint(format!("Use {instead} instead, or set storage_config.use_thanos_objstore: false."));
        }
    }
}
