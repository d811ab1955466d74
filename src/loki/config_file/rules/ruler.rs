//! `ruler` (pkg/ruler/config.go, `Config.Validate`, which stands for that of pkg/ruler/base).

use super::{relabel, storage};
use crate::loki::config_file::{Findings, View};

const PREFIX: &str = "CONFIG ERROR: invalid ruler config";

/// `Config.Validate`.
pub(super) fn ruler(view: View<'_>, out: &mut Findings) {
    store(view.at("ruler.storage"), out);
    remote_write(view.at("ruler.remote_write"), out);
}

/// `RuleStoreConfig.Validate` (pkg/ruler/base/storage.go). It looks at every store, whichever is chosen.
fn store(store: View<'_>, out: &mut Findings) {
    let prefix = format!("{PREFIX}: invalid ruler store config");
    for (key, kind, found) in
        [("azure", "Azure", storage::azure(store.at("azure"))), ("s3", "S3", storage::s3(store.at("s3")))]
    {
        if let Some((path, text, hint)) = found {
            out.refuse(store.at(key), &path, format!("{prefix}: invalid {kind} Storage config: {text}")).hint(hint);
        }
    }
}

/// `RemoteWriteConfig.Validate`.
fn remote_write(remote: View<'_>, out: &mut Findings) {
    const URL: &str = "Set ruler.remote_write.clients, a map by name, each with the url to write to.";
    let prefix = format!("{PREFIX}: invalid ruler remote-write config");
    if !remote.bool("enabled") {
        return;
    }
    let clients = remote.entries("clients");
    if clients.is_empty() && remote.is_nil("client.url") {
        let path = if remote.is_set("clients") { "clients" } else { "enabled" };
        out.refuse(remote, path, format!("{prefix}: remote-write enabled but no clients URL are configured")).hint(URL);
        return;
    }
    for (name, client) in &clients {
        // Only a null client has none: the client's own reading wants one.
        if client.is_nil("url") {
            let text = format!(
                "{prefix}: remote-write enabled but client '{}' URL for tenant {name} is not configured",
                client.text("name")
            );
            out.refuse(*client, "", text).hint(URL);
        }
    }
    // From 3.7 the relabelling is judged here; until then while it is read.
    if remote.minor() >= 7 {
        let client = remote.at("client");
        if !client.is_nil("") {
            relabelling(client, &format!("{prefix}: invalid remote write client"), out);
        }
        for (name, client) in clients {
            relabelling(client, &format!("{prefix}: invalid remote write client for tenant {name:?}"), out);
        }
    }
}

fn relabelling(client: View<'_>, prefix: &str, out: &mut Findings) {
    for rule in client.items("write_relabel_configs") {
        if let Err((path, text)) = relabel::check(rule) {
            out.refuse(rule, path, format!("{prefix}: {text}"))
                .hint("See relabel_config in Prometheus' configuration reference.");
        }
    }
}

#[cfg(test)]
#[path = "ruler_tests.rs"]
mod tests;
