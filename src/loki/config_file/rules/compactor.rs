//! `compactor` (pkg/compactor/config.go; until 3.5 compactor.go).

use super::schema::bad_path_prefix;
use crate::loki::config_file::{Findings, View};

/// `Config.Validate`.
pub(super) fn compactor(view: View<'_>, out: &mut Findings) {
    let compactor = view.at("compactor");
    let mut refuse = |path: &str, text: &str, hint: &str| {
        out.refuse(compactor, path, format!("CONFIG ERROR: invalid compactor config: {text}")).hint(hint);
    };
    if compactor.int("max_compaction_parallelism") < 1 {
        let hint = "Leave it out for the default, 1.";
        refuse("max_compaction_parallelism", "max compaction parallelism must be >= 1", hint);
    }
    if compactor.has("compactor_ring.num_tokens") && compactor.int("compactor_ring.num_tokens") != 1 {
        let text = "Num tokens must not be changed as it will not take effect";
        refuse("compactor_ring.num_tokens", text, "Remove it: one compactor works for all.");
    }
    if compactor.has("compactor_ring.replication_factor") && compactor.int("compactor_ring.replication_factor") != 1 {
        let text = "Replication factor must not be changed as it will not take effect";
        refuse("compactor_ring.replication_factor", text, "Remove it: one compactor works for all.");
    }
    if compactor.bool("retention_enabled") {
        retention(compactor, &mut refuse);
    }
    // JobsConfig and jobqueue.WorkerConfig came with horizontal scaling.
    let manifests = "jobs_config.deletion.deletion_manifest_store_prefix";
    if compactor.has(manifests) && view.minor() >= 7 && !compactor.text(manifests).ends_with('/') {
        refuse(
            manifests,
            "deletion manifest store prefix must end with /",
            "Write __deletion_manifest__/, the default.",
        );
    }
    let workers = "worker_config.num_sub_workers";
    if compactor.has(workers) && compactor.int(workers) <= 0 {
        refuse(workers, "num_workers must be > 0", "Leave it out for the default.");
    }
}

fn retention(compactor: View<'_>, refuse: &mut impl FnMut(&str, &str, &str)) {
    if compactor.text("delete_request_store").is_empty() {
        // The rest of the retention is not looked at.
        return refuse(
            "delete_request_store",
            "compactor.delete-request-store should be configured when retention is enabled",
            "Set compactor.delete_request_store to the object store of the schema, such as s3.",
        );
    }
    if let Some(text) = bad_path_prefix(compactor.text("delete_request_store_key_prefix")) {
        let text = format!("validate delete store path prefix: {text}");
        refuse("delete_request_store_key_prefix", &text, "Write index/, the default, or another such path.");
    }
    let marks = "deletion_marker_object_store_prefix";
    let prefix = compactor.text(marks);
    if !prefix.is_empty() && !prefix.ends_with('/') {
        refuse(marks, "deletion marker object store prefix must end with /", "Add a / to its end.");
    }
}

#[cfg(test)]
mod tests {
    use crate::loki::config_file::rules::testing::{refuses, takes};

    #[track_caller]
    fn refused(minor: u32, line: &str, path: &str, text: &str) {
        let added = format!("compactor: {{{line}}}\n");
        refuses(minor, &added, &format!("compactor.{path}"), &format!("compactor config: {text}"));
    }

    #[test]
    fn retention_needs_a_store_for_requests_to_delete() {
        const KEPT: &str = "retention_enabled: true, delete_request_store: filesystem";
        takes(7, &format!("compactor: {{{KEPT}}}\n"));
        let text = "compactor.delete-request-store should be configured when retention is enabled";
        refused(0, "retention_enabled: true", "delete_request_store", text);
        let key = "delete_request_store_key_prefix";
        for (prefix, text) in [
            ("''", "prefix must be set"),
            ("a", "prefix should end with a path separator i.e '/'"),
            ("/a/", "prefix should never start with a path separator i.e '/'"),
            (r"'a\'", "prefix should only have '/' as a path separator"),
        ] {
            let text = format!("validate delete store path prefix: {text}");
            refused(7, &format!("{KEPT}, {key}: {prefix}"), key, &text);
        }
        takes(7, "compactor: {delete_request_store_key_prefix: ''}\n");
        let marks = "deletion_marker_object_store_prefix";
        let text = "deletion marker object store prefix must end with /";
        refused(7, &format!("{KEPT}, {marks}: a"), marks, text);
    }

    #[test]
    fn numbers_are_what_they_must_be() {
        takes(7, "compactor: {max_compaction_parallelism: 2, compactor_ring: {num_tokens: 1}}\n");
        let key = "max_compaction_parallelism";
        refused(0, &format!("{key}: 0"), key, "max compaction parallelism must be >= 1");
        let text = "Num tokens must not be changed as it will not take effect";
        refused(0, "compactor_ring: {num_tokens: 2}", "compactor_ring.num_tokens", text);
        let text = "Replication factor must not be changed as it will not take effect";
        refused(7, "compactor_ring: {replication_factor: 3}", "compactor_ring.replication_factor", text);
        refused(7, "worker_config: {num_sub_workers: 0}", "worker_config.num_sub_workers", "num_workers must be > 0");
        let path = "jobs_config.deletion.deletion_manifest_store_prefix";
        let line = "jobs_config: {deletion: {deletion_manifest_store_prefix: a}}";
        refused(7, line, path, "deletion manifest store prefix must end with /");
    }
}
