//! One storage for chunks and rules (pkg/loki/config_wrapper.go, applyStorageConfig).

use crate::loki::config_file::{Config, Findings};

/// A backend of `common.storage`, the ruler's name for it, the first minor version in which the common section passes it
/// on, and where to.
struct Backend {
    section: &'static str,
    ruler_type: &'static str,
    since: u32,
    ruler: &'static str,
    chunks: &'static str,
    hedged: bool,
}

const fn backend(
    section: &'static str,
    ruler_type: &'static str,
    since: u32,
    ruler: &'static str,
    chunks: &'static str,
    hedged: bool,
) -> Backend {
    Backend { section, ruler_type, since, ruler, chunks, hedged }
}

/// In the order in which Loki looks.
const BACKENDS: [Backend; 8] = [
    backend("azure", "azure", 0, "ruler.storage.azure", "storage_config.azure", true),
    backend("filesystem", "local", 0, "", "", false),
    backend("gcs", "gcs", 0, "ruler.storage.gcs", "storage_config.gcs", true),
    backend("s3", "s3", 0, "ruler.storage.s3", "storage_config.aws", true),
    backend("bos", "bos", 0, "ruler.storage.bos", "storage_config.bos", false),
    backend("swift", "swift", 0, "ruler.storage.swift", "storage_config.swift", true),
    backend("alibabacloud", "alibaba", 1, "ruler.storage.alibabacloud", "storage_config.alibabacloud", false),
    backend("cos", "cos", 1, "ruler.storage.cos", "storage_config.cos", false),
];

pub(super) fn common(config: &mut Config, findings: &mut Findings) {
    let view = config.view().at("common.storage");
    let minor = view.minor();
    let given: Vec<&Backend> = BACKENDS
        .iter()
        .filter(|backend| backend.since <= minor && view.has(backend.section) && !view.is_default(backend.section))
        .collect();
    if let [_, second, ..] = given[..] {
        findings
            .refuse(
                view,
                second.section,
                "failed parsing config: too many storage configs provided in the common config, please only define one \
                 storage backend",
            )
            .hint(format!(
                "Keep one of common.storage.{}; further stores belong in storage_config.",
                given.iter().map(|backend| backend.section).collect::<Vec<_>>().join(" and common.storage.")
            ));
        return;
    }
    // The last of these that is given is the only one that Loki applies.
    let congestion = !view.is_default("congestion_control");
    let object_store = view.has("object_store") && !view.is_default("object_store");
    if object_store {
        config.copy("common.storage.object_store", "storage_config.object_store");
    } else if congestion {
        config.copy("common.storage.congestion_control", "storage_config.congestion_control");
    } else if let [backend] = given[..] {
        config.set("ruler.storage.type", backend.ruler_type);
        if backend.section == "filesystem" {
            config.copy("common.storage.filesystem.rules_directory", "ruler.storage.local.directory");
            config.copy("common.storage.filesystem.chunks_directory", "storage_config.filesystem.directory");
        } else {
            let from = format!("common.storage.{}", backend.section);
            config.copy(&from, backend.ruler);
            config.copy(&from, backend.chunks);
            if backend.hedged {
                config.copy("common.storage.hedging", "storage_config.hedging");
            }
        }
    }
}
