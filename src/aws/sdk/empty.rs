//! What a bucket holds, and getting rid of it.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::{Session, operations};
use crate::aws::{BucketId, Contents, Emptied, Error, Kind, Result};

/// Limit of both ListObjectVersions and DeleteObjects.
const BATCH: i32 = 1000;

/// One page of a bucket's versions and delete markers.
struct Page {
    entries: Vec<ObjectIdentifier>,
    more: bool,
}

impl Session {
    /// The first entries that are still there: deleting moves the rest up, so there is no marker to carry along.
    async fn first_entries(&self, bucket: &BucketId) -> Result<Page> {
        let operation = operations::LIST_VERSIONS;
        let request = self.s3(&bucket.region).list_object_versions();
        let answer = match request.bucket(&bucket.name).max_keys(BATCH).send().await {
            Ok(answer) => answer,
            Err(error) => match self.failure(operation, &error) {
                error if error.is_not_found() => {
                    return Ok(Page { entries: Vec::new(), more: false });
                }
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
        Ok(Page { entries, more: answer.is_truncated.unwrap_or_default() })
    }

    pub(super) async fn contents(&self, bucket: &BucketId) -> Result<Contents> {
        let page = self.first_entries(bucket).await?;
        Ok(Contents {
            entries: page.entries.len(),
            more: page.more,
            example: page.entries.first().map(|entry| entry.key.clone()),
        })
    }

    pub(super) async fn empty(&self, bucket: &BucketId, progress: &(dyn Fn(Emptied) + Send + Sync)) -> Result<Emptied> {
        let mut done = Emptied::default();
        loop {
            let page = self.first_entries(bucket).await?;
            if page.entries.is_empty() {
                break;
            }
            done.entries += page.entries.len() as u64;
            self.delete_entries(bucket, page.entries).await?;
            progress(done);
        }
        while let Some(aborted) = self.abort_uploads(bucket).await? {
            done.uploads += aborted;
            progress(done);
        }
        Ok(done)
    }

    /// Fails when S3 keeps any of them: listing again would find the same ones for ever.
    async fn delete_entries(&self, bucket: &BucketId, entries: Vec<ObjectIdentifier>) -> Result<()> {
        let operation = operations::DELETE_OBJECTS;
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
            return Ok(());
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
