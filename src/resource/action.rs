use async_trait::async_trait;
use tokio::sync::mpsc;

use super::Call;
use crate::schema::{Diagnostics, Schematic};

/// Something to do on demand, such as a test, which is no object and has no state.
#[async_trait]
pub trait Action: Send + Sync + 'static {
    /// The configuration.
    type Config: Schematic;
    /// The type's name in a configuration.
    const TYPE: &'static str;

    /// What can be said of the configuration alone, offline. Parts of it may be unknown.
    fn validate(&self, _config: &Self::Config, _report: &mut Diagnostics) {}

    /// Check, in the plan: whether it could be done. Changes nothing. Parts of the configuration may be unknown.
    async fn check(&self, _call: &Call, _config: &Self::Config, _report: &mut Diagnostics) {}

    /// Does it; the configuration is known and its defaults are filled in. Heeds `call.stop` by itself, and is dropped
    /// at any `await` when the client goes away.
    async fn invoke(&self, call: &Call, config: &Self::Config, progress: &Progress, report: &mut Diagnostics);
}

/// Tells the user how an action is getting on.
pub struct Progress(mpsc::Sender<String>);

impl Progress {
    /// Progress, and the end to read it from.
    pub fn new() -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// One line for the user.
    pub async fn say(&self, text: impl Into<String> + Send) {
        // Whoever does not listen any more need not be told.
        let _ = self.0.send(text.into()).await;
    }
}
