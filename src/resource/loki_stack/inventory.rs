//! The objects that the stack has made, as its state lists them.

use super::state::LokiStack;

pub(super) use crate::resource::inventory::{
    HELM_RECORD, Inventory, NAMESPACE, deletion_order, is_of_release, is_workload, object, of_release,
};

/// The state's inventory; empty for a state without one.
pub(super) fn of(state: &LokiStack) -> Inventory {
    crate::resource::inventory::of(&state.objects)
}
