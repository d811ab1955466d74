//! Holds the law of the rooms that `src/lib.rs` states, and what else keeps the source in order.

mod architecture {
    mod law;
    mod modules;
    mod offers;
    mod rooms;
    mod size;
    mod source;
}
