//! What Loki does between reading its configuration and validating it (cmd/loki/main.go): each step ends the program.

use super::limits;
use crate::loki::config_file::{Findings, View};

/// The steps, in their order.
pub(super) fn start(view: View<'_>, out: &mut Findings) {
    default_policies(view, out);
    log_level(view, out);
}

/// `Limits.SetDefaultPolicyStreamMapping` (pkg/validation, from 3.6): merges the distributor's mappings under those of
/// the limits, and validates what comes out.
fn default_policies(view: View<'_>, out: &mut Findings) {
    const PREFIX: &str =
        "failed to set default policy stream mappings: validation failed after merging with the defaults";
    let limits = view.at("limits_config");
    if view.is_nil("distributor.default_policy_stream_mappings") {
        return;
    }
    for mapping in [limits.at("policy_stream_mapping"), view.at("distributor.default_policy_stream_mappings")] {
        limits::policies(mapping, PREFIX, out);
    }
}

/// main refuses a level of Go's zero value, which only a null makes.
fn log_level(view: View<'_>, out: &mut Findings) {
    if view.text("server.log_level").is_empty() {
        out.refuse(view, "server.log_level", "invalid log level")
            .hint("Write debug, info, warn or error, or leave log_level out for info; null is not the default.");
    }
}
