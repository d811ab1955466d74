//! Retention that does nothing, or not what was meant.

use super::super::super::{Findings, View};
use super::stores;

pub(super) fn retention(view: View<'_>, out: &mut Findings) {
    let enabled = view.bool("compactor.retention_enabled");
    let limits = view.at("limits_config");
    let tables = view.bool("table_manager.retention_deletes_enabled");
    let streams = limits.items("retention_stream");
    if !enabled && !tables {
        // loki#12588: the silent no-op.
        let path = if limits.is_set("retention_period") && limits.int("retention_period") > 0 {
            Some("retention_period")
        } else {
            (!streams.is_empty()).then_some("retention_stream")
        };
        if let Some(path) = path {
            out.warn(limits, path, format!("limits_config.{path} is set and nothing deletes: compactor.retention_enabled is false"))
                .hint("Set compactor.retention_enabled: true and compactor.delete_request_store to the schema's object_store.");
        }
    }
    let overrides =
        !view.items("runtime_config.file").is_empty() || !limits.text("per_tenant_override_config").is_empty();
    if enabled && limits.int("retention_period") == 0 && streams.is_empty() && !overrides {
        out.warn(
            view,
            "compactor.retention_enabled",
            "retention is enabled and limits_config.retention_period is 0: logs are kept for ever",
        )
        .hint("Set limits_config.retention_period, such as 744h.");
    }
    if tables && view.items("schema_config.configs").last().is_some_and(|period| period.text("store") == "tsdb") {
        out.warn(
            view,
            "table_manager.retention_deletes_enabled",
            "the table manager deletes nothing of tsdb's index; the compactor does",
        )
        .hint("Set compactor.retention_enabled: true, and limits_config.retention_period.");
    }
    if enabled {
        delete_requests(view, out);
    }
}

/// A store that nobody defined stops the compactor when it starts, after the file was found valid
/// (pkg/loki/modules.go, initCompactor).
fn delete_requests(view: View<'_>, out: &mut Findings) {
    let name = view.text("compactor.delete_request_store");
    if name.is_empty() {
        return;
    }
    let periods = view.items("schema_config.configs");
    if stores::kind(view, name).is_none() {
        out.warn(
            view,
            "compactor.delete_request_store",
            format!("no store is called {name}: the compactor fails when it starts"),
        )
        .hint(match periods.last() {
            Some(last) => {
                format!("Set compactor.delete_request_store: {}, as the schema has it.", last.text("object_store"))
            }
            None => "Name the object_store of the schema.".to_owned(),
        });
    } else if !periods.iter().any(|period| same(period.text("object_store"), name)) {
        let hint = match periods.last() {
            Some(last) => format!(
                "Use {}, as the newest period does, unless it is meant to be kept apart.",
                last.text("object_store")
            ),
            None => String::new(),
        };
        out.warn(
            view,
            "compactor.delete_request_store",
            format!("no period of the schema uses the store {name} that is to hold delete requests"),
        )
        .hint(hint);
    }
}

/// `aws` and `s3` are one.
fn same(a: &str, b: &str) -> bool {
    let one = |name: &str| if name == "aws" { "s3".to_owned() } else { name.to_owned() };
    one(a) == one(b)
}
