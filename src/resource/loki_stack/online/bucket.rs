//! Whether the bucket is where Loki will look for it (loki#7403, #11453).

use crate::aws::{Buckets, Presence};
use crate::loki::Options;
use crate::loki::finding::Finding;
use crate::loki::options::Storage;

/// What Loki would meet at its bucket; none where that cannot be told. `endpoint` is that of the S3 that is asked, when it
/// is not Amazon's: a bucket of another server is not looked for. `new` is a stack whose bucket may come in the same apply.
pub(super) async fn missed(
    buckets: &(impl Buckets + ?Sized),
    endpoint: Option<&str>,
    options: &Options,
    new: bool,
) -> Option<Finding> {
    let Storage::S3(s3) = &options.storage else { return None };
    let own = |url: &str| url.trim_end_matches('/').to_owned();
    if s3.endpoint.as_deref().map(own) != endpoint.map(own) || s3.region.is_empty() {
        return None;
    }
    let (bucket, region) = (&s3.bucket, &s3.region);
    let actual = match buckets.look(bucket, region).await.ok()? {
        Presence::Ours { region } => Some(region),
        Presence::Foreign { region } => region,
        Presence::Absent if new => return None,
        Presence::Absent => {
            return Some(
                Finding::warning(
                    summary!("The bucket {bucket:?} does not exist"),
                    "The stack that runs keeps its logs there; without it queries fail, and so will writes.",
                    "Make the bucket again, or find out who deleted it before more is lost.",
                )
                .at("storage.s3.bucket")
                .and("storage.s3.region"),
            );
        }
    };
    let actual = actual.filter(|actual| actual != region)?;
    Some(
        Finding::error(
            summary!("The bucket {bucket:?} is in {actual}, not in {region}"),
            "Loki signs its requests for the region that it is told, and another region's S3 refuses them.",
            format!("Set storage.s3.region to {actual:?}, or to the region attribute of loki_bucket_storage."),
        )
        .at("storage.s3.region")
        .and("storage.s3.bucket"),
    )
}
