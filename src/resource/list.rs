use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Call, Resource};
use crate::schema::{Diagnostics, Schematic};

/// Finds objects of a managed resource, for `terraform query`. It goes by the resource's names.
#[async_trait]
pub trait ListResource: Send + Sync + 'static {
    /// The configuration: which objects to look for.
    type Config: Schematic;
    /// The managed resource.
    type Resource: Resource;

    /// What can be said of the configuration alone, offline. Parts of it may be unknown.
    fn validate(&self, _config: &Self::Config, _report: &mut Diagnostics) {}

    /// Tells `found` of one object after the other until there are no more or it says that it has enough; the
    /// configuration is known and its defaults are filled in. Dropped at any `await` when the user stops or the client
    /// goes away.
    async fn list(&self, call: &Call, config: &Self::Config, found: &Found<Self::Resource>, report: &mut Diagnostics);
}

/// An object that was found.
pub struct Listed<R: Resource> {
    /// Its identity.
    pub identity: R::Identity,
    /// Its name for people.
    pub display_name: String,
    /// The object itself, needed where [`Found::wants_state`].
    pub state: Option<R::State>,
}

/// Takes the objects as they are found, to the limit that the user set.
pub struct Found<R: Resource> {
    sender: mpsc::Sender<Listed<R>>,
    limit: Option<usize>,
    count: AtomicUsize,
    wants_state: bool,
}

impl<R: Resource> Found<R> {
    /// Takes `limit` objects, or all without one, and hands them to the receiver.
    pub fn new(limit: Option<usize>, wants_state: bool) -> (Self, mpsc::Receiver<Listed<R>>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self { sender, limit, count: 0.into(), wants_state }, receiver)
    }

    /// Whether the objects themselves are asked for, beside their identities.
    pub fn wants_state(&self) -> bool {
        self.wants_state
    }

    /// How many more are asked for; none for all. For the page size of a lookup.
    pub fn left(&self) -> Option<usize> {
        self.limit.map(|limit| limit.saturating_sub(self.count.load(Ordering::Relaxed)))
    }

    /// Hands over an object; false when no more are asked for, so that looking for them can end.
    pub async fn tell(&self, listed: Listed<R>) -> bool {
        if self.left() == Some(0) {
            return false;
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sender.send(listed).await.is_ok() && self.left() != Some(0)
    }
}
