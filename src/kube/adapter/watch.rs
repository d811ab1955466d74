//! Waiting for an object by watching it.

use std::time::Duration;

use ::kube::client::Body;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::time::Instant;

use super::super::kinds::Resource;
use super::super::{Cluster, Error, ObjectRef, Until, requests};
use super::{Adapter, items};

/// Between two looks where watching is not possible.
const POLL: Duration = Duration::from_secs(1);
/// An event is one object and its type; objects are at most 1.5 MiB.
const LARGEST_EVENT: usize = 4 << 20;

type Done<'a> = &'a mut (dyn for<'v> FnMut(Option<&'v Value>) -> bool + Send);

/// What ends one watch.
enum End {
    /// The awaited state.
    Done(Option<Value>),
    /// Anything after which a fresh look and another watch are the way on.
    Resume,
}

impl Adapter {
    pub(super) async fn wait_until(
        &self,
        object: &ObjectRef,
        until: Until<'_>,
        done: Done<'_>,
    ) -> Result<Option<Value>, Error> {
        let started = Instant::now();
        tokio::select! {
            biased;
            () = until.cancel.cancelled() => Err(Error::Cancelled { what: format!("waiting for {object}") }),
            outcome = self.follow(object, done) => outcome,
            () = tokio::time::sleep_until(until.deadline) => Err(Error::Timeout {
                what: format!("{object} has not reached the awaited state"),
                after: until.deadline.saturating_duration_since(started),
            }),
        }
    }

    async fn follow(&self, object: &ObjectRef, done: Done<'_>) -> Result<Option<Value>, Error> {
        let resource = self.resource(&object.api_version, &object.kind).await?;
        loop {
            let (live, version) = match self.snapshot(object, &resource).await {
                Ok(snapshot) => snapshot,
                // Who may not list may still be allowed to get.
                Err(Error::Forbidden { .. }) => return self.poll(object, done).await,
                Err(error) => {
                    patience(error).await?;
                    continue;
                }
            };
            if done(live.as_ref()) {
                return Ok(live);
            }
            match self.watch(object, &resource, &version, done).await {
                Ok(End::Done(live)) => return Ok(live),
                Ok(End::Resume) => tokio::time::sleep(POLL / 10).await,
                Err(Error::Forbidden { .. }) => return self.poll(object, done).await,
                Err(error) => patience(error).await?,
            }
        }
    }

    async fn poll(&self, object: &ObjectRef, done: Done<'_>) -> Result<Option<Value>, Error> {
        loop {
            match self.get(object).await {
                Ok(live) if done(live.as_ref()) => return Ok(live),
                Ok(_) => tokio::time::sleep(POLL).await,
                Err(error) => patience(error).await?,
            }
        }
    }

    async fn snapshot(&self, object: &ObjectRef, resource: &Resource) -> Result<(Option<Value>, String), Error> {
        let call = requests::snapshot(object, resource)?;
        let mut list: Value = self.json(&call).await?;
        let live = items(&mut list, &object.api_version, &object.kind).pop();
        match list["metadata"]["resourceVersion"].as_str() {
            Some(version) => Ok((live, version.to_owned())),
            None => Err(Error::Decode { what: call.subject.what(), cause: "it has no resourceVersion".into() }),
        }
    }

    async fn watch(
        &self,
        object: &ObjectRef,
        resource: &Resource,
        version: &str,
        done: Done<'_>,
    ) -> Result<End, Error> {
        let mut lines = Lines::new(self.transport.open(&requests::watch(object, resource, version)?).await?);
        // The API server ends a watch after its own timeout; past that, the connection is dead.
        let limit = Instant::now() + requests::WATCH + Duration::from_secs(10);
        while let Ok(Some(line)) = tokio::time::timeout_at(limit, lines.next()).await {
            let Ok(mut event) = serde_json::from_slice::<Value>(&line) else {
                break;
            };
            let live = match event["type"].as_str() {
                Some("ADDED" | "MODIFIED") => Some(event["object"].take()),
                Some("DELETED") => None,
                Some("BOOKMARK") => continue,
                // ERROR, above all 410 Gone: the version to resume from is too old.
                _ => break,
            };
            if done(live.as_ref()) {
                return Ok(End::Done(live));
            }
        }
        Ok(End::Resume)
    }
}

/// A wait outlives what passes: restarts of the API server, overload. It does not outlive a refusal.
async fn patience(error: Error) -> Result<(), Error> {
    if !error.is_retryable() {
        return Err(error);
    }
    tracing::debug!(%error, "the wait goes on");
    tokio::time::sleep(POLL).await;
    Ok(())
}

/// A body line by line. It ends with the body, with a connection error, and with a line that is too long.
struct Lines {
    body: Body,
    buffer: Vec<u8>,
}

impl Lines {
    fn new(body: Body) -> Self {
        Self { body, buffer: Vec::new() }
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        // Bytes before this position hold no line end.
        let mut seen = 0;
        loop {
            if let Some(end) = self.buffer[seen..].iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(seen + end + 1);
                return Some(std::mem::replace(&mut self.buffer, rest));
            }
            seen = self.buffer.len();
            if seen > LARGEST_EVENT {
                return None;
            }
            match self.body.frame().await?.ok()?.into_data() {
                Ok(data) => self.buffer.extend_from_slice(&data),
                Err(_trailers) => return None,
            }
        }
    }
}
