//! What the acceptance tests stand on: the lab, terraform workspaces in it, and looks behind terraform's back.

mod client;
mod gate;
mod lab;
mod load;
mod running;
#[path = "../support/said.rs"]
mod said;
mod store;
mod workspace;

use std::thread::sleep;
use std::time::{Duration, Instant};

pub use client::Client;
pub use gate::{Gate, Hold};
pub use lab::{
    aws, kubectl, lab, loki, loki_flush, loki_get, loki_limits, loki_push, loki_returns, repository, writers,
};
pub use load::Load;
pub use store::{ISSUER, access_key, store_user, trust_policy, with_store};
pub use workspace::{Outcome, Workspace, provider, provider_at};

/// Asks every 200 ms until the condition holds; panics with `what` when it does not in time.
#[track_caller]
pub fn wait_until(what: &str, timeout: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < timeout, "not within {timeout:?}: {what}");
        sleep(Duration::from_millis(200));
    }
}
