//! What a bucket holds, and getting rid of it.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::future::OptionFuture;
use futures::stream::{FuturesUnordered, StreamExt};

use super::{Session, operations};
use crate::aws::{BucketId, Contents, Emptied, Error, Kind, Result};

/// Limit of both ListObjectVersions and DeleteObjects.
const BATCH: i32 = 1000;

/// How many batches are deleted at once, while the next ones are listed.
const AT_ONCE: usize = 8;

/// One page of a bucket's versions and delete markers.
#[derive(Default)]
struct Page {
    entries: Vec<ObjectIdentifier>,
    next: Option<Marker>,
}

/// Where the next page begins.
#[derive(Clone, Default)]
struct Marker {
    key: Option<String>,
    version: Option<String>,
}

impl Session {
    /// The entries below a prefix from a marker on; of a bucket that is gone, none.
    async fn entries(&self, bucket: &BucketId, prefix: &str, from: Marker) -> Result<Page> {
        let operation = operations::LIST_VERSIONS;
        let request = self.s3(&bucket.region).list_object_versions().bucket(&bucket.name).max_keys(BATCH);
        let request = request.set_prefix(Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()));
        let request = request.set_key_marker(from.key).set_version_id_marker(from.version);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => match self.failure(operation, &error) {
                error if error.is_not_found() => return Ok(Page::default()),
                error => return Err(error),
            },
        };
        let versions = answer.versions.unwrap_or_default().into_iter();
        let markers = answer.delete_markers.unwrap_or_default().into_iter();
        let entries = versions
            .map(|version| (version.key, version.version_id))
            .chain(markers.map(|marker| (marker.key, marker.version_id)))
            .filter_map(|(key, version)| ObjectIdentifier::builder().key(key?).set_version_id(version).build().ok())
            .collect();
        let next = Marker { key: answer.next_key_marker, version: answer.next_version_id_marker };
        let more = answer.is_truncated == Some(true) && next.key.is_some();
        Ok(Page { entries, next: more.then_some(next) })
    }

    pub(super) async fn contents(&self, bucket: &BucketId) -> Result<Contents> {
        let page = self.entries(bucket, "", Marker::default()).await?;
        Ok(Contents {
            entries: page.entries.len(),
            more: page.next.is_some(),
            example: page.entries.first().map(|entry| entry.key.clone()),
        })
    }

    pub(super) async fn purge(&self, bucket: &BucketId, key: &str) -> Result<()> {
        let mut page = self.entries(bucket, key, Marker::default()).await?;
        page.entries.retain(|entry| entry.key == key);
        if page.entries.is_empty() {
            return Ok(());
        }
        self.delete_entries(bucket, page.entries).await.map(|_| ())
    }

    pub(super) async fn empty(&self, bucket: &BucketId, progress: &(dyn Fn(Emptied) + Send + Sync)) -> Result<Emptied> {
        let mut done = Emptied::default();
        let list = |from| Box::pin(self.entries(bucket, "", from));
        let mut listing = Some(list(Marker::default()));
        let mut deleting = FuturesUnordered::new();
        loop {
            tokio::select! {
                Some(page) = OptionFuture::from(listing.as_mut()), if deleting.len() < AT_ONCE =>
                {
                    let Page { entries, next } = page?;
                    listing = next.map(list);
                    if !entries.is_empty() {
                        deleting.push(self.delete_entries(bucket, entries));
                    }
                }
                Some(deleted) = deleting.next() => {
                    done.entries += deleted?;
                    progress(done);
                }
                else => break,
            }
        }
        while let Some(aborted) = self.abort_uploads(bucket).await? {
            done.uploads += aborted;
            progress(done);
        }
        Ok(done)
    }

    /// How many; fails when S3 keeps any of them.
    async fn delete_entries(&self, bucket: &BucketId, entries: Vec<ObjectIdentifier>) -> Result<u64> {
        let operation = operations::DELETE_OBJECTS;
        let count = entries.len() as u64;
        let invalid = |error: aws_smithy_types::error::operation::BuildError| {
            let detail = error.to_string();
            Error::new(operation, Kind::Other(detail))
        };
        let delete = Delete::builder().set_objects(Some(entries)).quiet(true).build().map_err(invalid)?;
        let request = self.s3(&bucket.region).delete_objects();
        let answer = request.bucket(&bucket.name).delete(delete).send().await;
        let answer = answer.map_err(|error| self.failure(operation, &error))?;
        let kept = answer.errors();
        let Some(first) = kept.first() else {
            return Ok(count);
        };
        let key = first.key().unwrap_or_default();
        let why = first.message().or(first.code()).unwrap_or("no reason given");
        let detail = format!("S3 keeps {} of the objects, as {key:?}: {why}", kept.len());
        let kind = match first.code() {
            Some("AccessDenied") => Kind::AccessDenied { action: operation.action.to_owned(), detail },
            Some("SlowDown" | "InternalError" | "ServiceUnavailable") => Kind::ServiceFailure(detail),
            _ => Kind::Other(detail),
        };
        Err(Error::new(operation, kind))
    }

    /// Aborts a page of unfinished uploads; `None` when there are none (left).
    async fn abort_uploads(&self, bucket: &BucketId) -> Result<Option<u64>> {
        let operation = operations::LIST_UPLOADS;
        let s3 = self.s3(&bucket.region);
        let answer = s3.list_multipart_uploads().bucket(&bucket.name).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => match self.failure(operation, &error) {
                error if error.is_not_found() => return Ok(None),
                error => return Err(error),
            },
        };
        let uploads = answer.uploads();
        for upload in uploads {
            let operation = operations::ABORT_UPLOAD;
            let abort = s3
                .abort_multipart_upload()
                .bucket(&bucket.name)
                .set_key(upload.key.clone())
                .set_upload_id(upload.upload_id.clone());
            match abort.send().await {
                Ok(_) => {}
                Err(error) => match self.failure(operation, &error) {
                    // Finished or aborted in the meantime.
                    error if error.is_not_found() => {}
                    error => return Err(error),
                },
            }
        }
        Ok((!uploads.is_empty()).then_some(uploads.len() as u64))
    }
}
