use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tokio_util::sync::CancellationToken;

/// How long the last answers may take to reach the client. Terraform kills a provider that is still there 2 s after it
/// asked for the shutdown.
const GRACE: Duration = Duration::from_secs(1);

/// How long calls that were told to stop may still take. They give up within 2 s; one that does not, such as a stream
/// whose client does not read it, has nobody to answer to.
const LAST_CALLS: Duration = Duration::from_secs(10);

/// How often to look whether the process that started this one is still there.
const ORPHAN_CHECK: Duration = Duration::from_secs(2);

/// What brings work to an end: Terraform's Stop ends the calls of the moment, its Shutdown the process.
#[derive(Clone)]
pub(super) struct Ending {
    /// The token of the calls of the moment, a child of `serving`.
    calls: Arc<Mutex<CancellationToken>>,
    /// Read by each call while it is served, so that it can be written once none is.
    in_flight: Arc<RwLock<()>>,
    /// No new calls; those in flight are stopped, and waited for.
    serving: CancellationToken,
    /// Not even that: Terraform has all its answers.
    shutdown: CancellationToken,
}

impl Default for Ending {
    fn default() -> Self {
        Self::of(CancellationToken::new())
    }
}

impl Ending {
    /// One that comes when `serving` is cancelled, if not before.
    pub fn of(serving: CancellationToken) -> Self {
        let calls = Arc::new(Mutex::new(serving.child_token()));
        Self { calls, in_flight: Arc::default(), serving, shutdown: CancellationToken::new() }
    }

    /// The token of the calls of the moment.
    pub fn of_call(&self) -> CancellationToken {
        self.lock().clone()
    }

    /// Terraform's Stop: calls in flight end soon, later ones are served as ever.
    pub fn stop_calls(&self) {
        std::mem::replace(&mut *self.lock(), self.serving.child_token()).cancel();
    }

    /// Held while a call is served: the process does not end without its answer.
    pub async fn in_flight(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.in_flight).read_owned().await
    }

    /// Ends the process once the calls in flight are answered.
    pub fn end(&self) {
        self.serving.cancel();
    }

    /// Terraform's Shutdown: ends the process within the time that Terraform leaves it.
    pub fn shutdown(&self) {
        self.end();
        self.shutdown.cancel();
    }

    /// Done when nothing new is to be served.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        self.serving.clone().cancelled_owned()
    }

    /// Done when there is nothing left to wait for, though connections may still be open.
    pub async fn out_of_time(&self) {
        self.all_answered(LAST_CALLS).await;
        tokio::time::sleep(GRACE).await;
    }

    /// Done when the end has come and no call is in flight, or is for so long; at once when Terraform asks for the
    /// shutdown.
    async fn all_answered(&self, patience: Duration) {
        self.serving.cancelled().await;
        tokio::select! {
            _ = self.in_flight.write() => {}
            () = self.shutdown.cancelled() => {}
            () = tokio::time::sleep(patience) => tracing::warn!("Ended with calls in flight that did not stop"),
        }
    }

    /// Heeds signals, and the end of the process that started this one.
    ///
    /// # Errors
    /// When signals cannot be received.
    pub fn watch(&self) -> std::io::Result<()> {
        // Ctrl-C reaches the whole group of processes. Terraform then calls Stop and wants the calls' partial states, so
        // the signal itself is received and ignored. (An ignored disposition would be inherited by credential helpers.)
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let started_by = std::os::unix::process::parent_id();
        let ending = self.clone();
        tokio::spawn(async move {
            let mut orphan_check = tokio::time::interval(ORPHAN_CHECK);
            loop {
                tokio::select! {
                    _ = interrupt.recv() => tracing::debug!("Ignored an interrupt: Terraform says when to stop"),
                    _ = terminate.recv() => {
                        tracing::info!("Told to terminate: stopping what is in flight");
                        break;
                    }
                    _ = orphan_check.tick() => {
                        // Nobody is left to take an answer, and a process with cloud credentials should not linger.
                        if std::os::unix::process::parent_id() != started_by {
                            tracing::warn!("The process that started this provider is gone");
                            break;
                        }
                    }
                }
            }
            ending.end();
        });
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_calls_in_flight_but_the_shutdown_does_not() {
        const LONG: Duration = Duration::from_secs(600);
        let ending = Ending::default();
        let call = ending.in_flight().now_or_never().unwrap();
        ending.end();
        assert!(ending.all_answered(LONG).now_or_never().is_none());
        drop(call);
        assert!(ending.all_answered(LONG).now_or_never().is_some());
        let _call = ending.in_flight().now_or_never().unwrap();
        ending.shutdown();
        assert!(ending.all_answered(LONG).now_or_never().is_some());
    }

    #[tokio::test]
    async fn the_end_does_not_wait_for_ever() {
        let ending = Ending::default();
        let _call = ending.in_flight().await;
        ending.end();
        ending.all_answered(Duration::from_millis(20)).await;
    }

    #[test]
    fn stop_ends_the_calls_of_the_moment_only() {
        let ending = Ending::default();
        let before = ending.of_call();
        ending.stop_calls();
        assert!(before.is_cancelled());
        assert!(!ending.of_call().is_cancelled());
        assert!(!ending.serving.is_cancelled());
    }

    #[test]
    fn the_end_stops_every_call() {
        let ending = Ending::default();
        let before = ending.of_call();
        ending.end();
        assert!(before.is_cancelled() && ending.of_call().is_cancelled());
    }
}
