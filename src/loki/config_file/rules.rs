//! What Loki's validation and the steps before it say (cmd/loki/main.go and pkg/loki/loki.go, `Config.Validate`), in
//! its order.

use super::{Findings, View};

mod clients;
mod compactor;
mod distributor;
pub(super) mod limits;
mod relabel;
mod ruler;
mod selector;
mod start;
mod text;

pub(super) fn all(view: View<'_>, out: &mut Findings) {
    start::start(view, out);
    ruler::ruler(view, out);
    limits::limits(view, out);
    compactor::compactor(view, out);
    distributor::distributor(view, out);
}
