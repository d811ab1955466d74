//! S3: how much a bucket holds, and whether it can be used.

use aws_sdk_s3::primitives::ByteStream;

use super::{Session, operations};
use crate::aws::{Amount, BucketId, Result, Usage};

impl Session {
    /// Lists page after page until `limit` entries have been counted.
    pub(super) async fn usage(&self, bucket: &BucketId, prefix: &str, limit: u64) -> Result<Usage> {
        let (versions, uploads) =
            tokio::try_join!(self.count_versions(bucket, prefix, limit), self.count_uploads(bucket, prefix))?;
        Ok(Usage { incomplete_uploads: uploads, ..versions })
    }

    /// What is written is deleted whatever comes in between.
    pub(super) async fn probe(&self, bucket: &BucketId, key: &str) -> Result<()> {
        let s3 = self.s3(&bucket.region);
        let body = ByteStream::from_static(b"terraform-provider-loki");
        let written = s3.put_object().bucket(&bucket.name).key(key).body(body).send().await;
        written.map_err(|error| self.failure(operations::PUT_OBJECT, &error))?;
        let read = s3.get_object().bucket(&bucket.name).key(key).send().await;
        let read = read.map(|_| ()).map_err(|error| self.failure(operations::GET_OBJECT, &error));
        let listed = s3.list_objects_v2().bucket(&bucket.name).prefix(key).max_keys(1).send().await;
        let listed = listed.map(|_| ()).map_err(|error| self.failure(operations::LIST_OBJECTS, &error));
        let deleted = s3.delete_object().bucket(&bucket.name).key(key).send().await;
        let deleted = deleted.map(|_| ()).map_err(|error| self.failure(operations::DELETE_OBJECT, &error));
        read.and(listed).and(deleted)
    }

    async fn count_versions(&self, bucket: &BucketId, prefix: &str, limit: u64) -> Result<Usage> {
        let s3 = self.s3(&bucket.region);
        let (mut key, mut version) = (None, None);
        let mut usage = Usage { complete: true, ..Usage::default() };
        loop {
            let request = s3.list_object_versions().bucket(&bucket.name).prefix(prefix);
            let request = request.set_key_marker(key).set_version_id_marker(version);
            let page = request.send().await.map_err(|error| self.failure(operations::LIST_VERSIONS, &error))?;
            for it in page.versions() {
                let size = it.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
                if it.is_latest() == Some(true) {
                    usage.current.add(size);
                    let first = it.key().unwrap_or_default().split_inclusive('/').next().unwrap_or_default();
                    usage.by_prefix.entry(first.to_owned()).or_default().add(size);
                } else {
                    usage.noncurrent.add(size);
                }
            }
            usage.delete_markers += page.delete_markers().len() as u64;
            let counted = usage.current.entries + usage.noncurrent.entries + usage.delete_markers;
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
            if page.is_truncated != Some(true) || key.is_none() {
                return Ok(usage);
            }
            if counted >= limit {
                return Ok(Usage { complete: false, ..usage });
            }
        }
    }

    async fn count_uploads(&self, bucket: &BucketId, prefix: &str) -> Result<u64> {
        let s3 = self.s3(&bucket.region);
        let (mut key, mut upload, mut count) = (None, None, 0);
        loop {
            let request = s3.list_multipart_uploads().bucket(&bucket.name).prefix(prefix);
            let request = request.set_key_marker(key).set_upload_id_marker(upload);
            let page = request.send().await.map_err(|error| self.failure(operations::LIST_UPLOADS, &error))?;
            count += page.uploads().len() as u64;
            (key, upload) = (page.next_key_marker, page.next_upload_id_marker);
            if page.is_truncated != Some(true) || key.is_none() {
                return Ok(count);
            }
        }
    }
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.entries += 1;
        self.bytes += bytes;
    }
}
