//! The ruler: what `-verify-config` takes and a running Loki does not, or does not as meant.

use super::super::super::{Findings, View};

/// `ruler` (pkg/ruler/evaluator.go and pkg/loki/modules.go, initRulerStorage).
pub(super) fn ruler(view: View<'_>, out: &mut Findings) {
    let ruler = view.at("ruler");
    let mode = ruler.text("evaluation.mode");
    if !matches!(mode, "local" | "remote") {
        let text =
            format!("invalid evaluation mode: {mode}. Acceptable modes are: local, remote: Loki fails when it starts");
        out.warn(ruler, "evaluation.mode", text).hint("Write local, the default, or remote.");
    }
    let writes = ruler.at("remote_write");
    let clients = !writes.entries("clients").is_empty() || !writes.is_nil("client");
    if clients && !writes.bool("enabled") {
        out.warn(writes, "enabled", "remote_write has clients, but is not enabled: no samples are written")
            .hint("Set ruler.remote_write.enabled: true.");
    }
    stores(view, out);
}

fn stores(view: View<'_>, out: &mut Findings) {
    const KINDS: [&str; 9] = ["", "azure", "gcs", "s3", "bos", "swift", "cos", "alibabacloud", "local"];
    let kind = view.text("ruler.storage.type");
    if !super::stores::thanos(view) && view.is_set("ruler.storage.type") && !KINDS.contains(&kind) {
        let text = format!(
            "unrecognized rule storage mode {kind}, choose one of: configdb, gcs, s3, swift, azure, local: Loki fails when it starts"
        );
        out.warn(view, "ruler.storage.type", text)
            .hint("Write one of azure, gcs, s3, bos, swift, cos, alibabacloud, local.");
    }
}

#[cfg(test)]
mod tests {
    use crate::loki::config_file::rules::testing::{quiet, warns};

    #[test]
    fn what_stops_the_ruler_is_told() {
        quiet(7, "ruler: {evaluation: {mode: remote}}\n");
        warns(7, "ruler: {evaluation: {mode: far}}\n", "ruler.evaluation.mode", "invalid evaluation mode: far");
        quiet(7, "ruler: {storage: {type: local, local: {directory: /rules}}}\n");
        warns(7, "ruler: {storage: {type: file}}\n", "ruler.storage.type", "unrecognized rule storage mode file");
        quiet(7, "ruler: {remote_write: {enabled: true, clients: {a: {url: http://a}}}}\n");
        let off = "ruler: {remote_write: {clients: {a: {url: http://a}}}}\n";
        warns(7, off, "ruler.remote_write.enabled", "not enabled");
    }
}
