//! Buckets: missing ones, ones with a name that anybody may own, and endpoints that break web identity.

use super::super::super::{Findings, View};
use super::stores;

/// Names of the Helm chart's past defaults. Whoever owns such a bucket gets the logs.
const ANYONES: [&str; 3] = ["chunks", "ruler", "admin"];

/// Keys that name a bucket, over both families of clients.
const NAMES: [&str; 5] = ["bucketnames", "bucket_name", "container_name", "bucket", "s3"];

pub(super) fn buckets(view: View<'_>, out: &mut Findings) {
    for (name, period) in stores::used(view) {
        let Some((kind, store)) = stores::place(view, name) else { continue };
        if kind == "filesystem" {
            let key = if store.has("dir") { "dir" } else { "directory" };
            if store.text(key).is_empty() {
                out.warn(period, "object_store", "the period uses the filesystem and no folder is configured for it")
                    .hint(if stores::thanos(view) {
                        format!("Set {}.{key}.", store.path())
                    } else {
                        format!("Set {}.{key}, or common.storage.filesystem.chunks_directory.", store.path())
                    });
            }
            continue;
        }
        let keys = NAMES.iter().filter(|key| store.has(key));
        if keys.clone().all(|key| store.text(key).is_empty()) {
            let key = keys.clone().find(|key| **key != "s3").copied().unwrap_or("bucket_name");
            out.warn(
                period,
                "object_store",
                format!(
                    "the period uses the store {name} and no bucket is configured for it: Loki fails when it starts"
                ),
            )
            .hint(format!("Set {}.{key}.", store.path()));
        }
        if stores::thanos(view) && kind == "s3" && store.text("endpoint").is_empty() {
            out.warn(
                period,
                "object_store",
                "the Thanos client of S3 needs an endpoint and none is configured: Loki fails when it starts",
            )
            .hint("Set storage_config.object_store.s3.endpoint, such as s3.eu-west-1.amazonaws.com.");
        }
    }
    for store in configured(view) {
        public_name(store, out);
        web_identity(view, store, out);
    }
}

/// Every section that the file gives to a bucket.
fn configured(view: View<'_>) -> Vec<View<'_>> {
    let mut found = Vec::new();
    for root in [
        "storage_config",
        "storage_config.object_store",
        "common.storage",
        "common.storage.object_store",
        "ruler.storage",
        "ruler_storage",
    ] {
        let root = view.at(root);
        for section in ["aws", "s3", "gcs", "azure", "swift", "bos", "cos", "alibabacloud", "alibaba"] {
            if root.is_set(section) {
                found.push(root.at(section));
            }
            found.extend(root.entries(&format!("named_stores.{section}")).into_iter().map(|(_, store)| store));
        }
    }
    found
}

fn public_name(store: View<'_>, out: &mut Findings) {
    for key in NAMES.iter().filter(|key| store.is_set(key)) {
        // The client of old spreads chunks over several buckets.
        if let Some(name) = store.text(key).split(',').map(str::trim).find(|name| ANYONES.contains(name)) {
            out.warn(store, key, format!("the bucket's name {name} is a known default, and buckets of all customers share one space of names: it may be a stranger's"))
                .hint("Use a bucket of your own with a name of your own.");
        }
    }
}

/// Before AWS' SDK 2 an endpoint also took the requests for credentials (loki#12095, #15214).
fn web_identity(view: View<'_>, store: View<'_>, out: &mut Findings) {
    if !store.has("bucketnames") || !store.has("s3") {
        return;
    }
    let endpoint = store.text("endpoint");
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let amazon = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
    let keys = !store.text("access_key_id").is_empty() || !store.is_zero("secret_access_key");
    if !amazon || keys || !store.text("s3").is_empty() {
        return;
    }
    let text = if view.minor() < 6 {
        "the endpoint is Amazon's own and there are no keys: with web identity (IRSA), Loki asks it for credentials, too, and is answered 405"
    } else {
        "the endpoint is Amazon's own, which the region tells already"
    };
    if view.minor() < 6 || store.text("region").is_empty() {
        out.warn(store, "endpoint", text).hint("Delete endpoint and set region.");
    }
}
