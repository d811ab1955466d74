//! `loki_bucket_usage`: how much a bucket holds, and of what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::account::{patiently, problem};
use super::provider::Connections;
use super::timeouts::{self, Limit, ReadTimeouts, bounded};
use super::{Call, DataSource};
use crate::aws::{BucketId, Presence};
use crate::schema::{Diagnostics, Int, Problem, Report, Schematic, Value, at};

/// How much a bucket holds, counted by listing it: what Loki keeps there, what its retention has left behind as older
/// versions, and what never became an object.
///
/// S3 lists 1000 entries with a request, and bills for it; `limit` bounds that. Where there are more, `complete` is false
/// and the numbers are those of the part that was counted.
///
/// Terraform's identity needs `s3:ListBucket`, `s3:ListBucketVersions` and `s3:ListBucketMultipartUploads`.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LokiBucketUsage {
    /// Name of the bucket.
    #[attr(required)]
    pub bucket: Value<String>,
    /// How the keys begin that are counted. Without it: all.
    #[attr(optional)]
    pub prefix: Value<String>,
    /// How many entries (objects, older versions, delete markers) are counted at most.
    #[attr(optional, default = 100_000)]
    pub limit: Value<Int>,
    /// How long it may take. Without it `read` has 5m.
    #[attr(optional)]
    pub timeouts: Value<ReadTimeouts>,
    /// Region of the bucket.
    #[attr(computed)]
    pub region: Value<String>,
    /// Whether everything was counted.
    #[attr(computed)]
    pub complete: Value<bool>,
    /// Objects.
    #[attr(computed)]
    pub objects: Value<Int>,
    /// Their size in bytes.
    #[attr(computed)]
    pub bytes: Value<Int>,
    /// Older versions of overwritten and deleted objects.
    #[attr(computed)]
    pub noncurrent_versions: Value<Int>,
    /// Their size in bytes.
    #[attr(computed)]
    pub noncurrent_bytes: Value<Int>,
    /// Markers of deleted objects.
    #[attr(computed)]
    pub delete_markers: Value<Int>,
    /// Uploads that were begun and never finished; their parts are stored, and counted nowhere else.
    #[attr(computed)]
    pub incomplete_uploads: Value<Int>,
    /// Objects and bytes by the first part of their keys: a tenant's chunks (`fake/`), the index (`index/`), rules
    /// (`rules/`).
    #[attr(computed)]
    pub by_prefix: Value<BTreeMap<String, Value<PrefixUsage>>>,
}

/// What is below a prefix.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct PrefixUsage {
    /// Objects.
    #[attr(computed)]
    pub objects: Value<Int>,
    /// Their size in bytes.
    #[attr(computed)]
    pub bytes: Value<Int>,
}

/// Where `timeouts` says nothing.
const READ: Duration = Duration::from_mins(5);

/// The data source, over the provider's connections.
pub struct BucketUsage {
    connections: Arc<Connections>,
}

impl BucketUsage {
    /// The data source over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn look(&self, call: &Call, state: &mut LokiBucketUsage, report: &mut Diagnostics) {
        let Some(aws) = self.connections.aws().await.or_deferred(call).needed("AWS", report) else { return };
        let name = state.bucket.clone().unwrap_or_default();
        let what = || summary!("The bucket {name:?} cannot be counted");
        let found = async { aws.look(&name, &aws.region().await?).await }.await;
        let region = match found {
            Ok(Presence::Ours { region }) => region,
            Ok(Presence::Absent) => {
                return report.refuse(Problem::new(what()).at(at("bucket")).why("S3 knows no bucket of this name."));
            }
            Ok(Presence::Foreign { .. }) => {
                let why = "S3 denies access to it: it belongs to another account, or locks Terraform's identity out.";
                return report.refuse(Problem::new(what()).at(at("bucket")).why(why));
            }
            Err(error) => return report.refuse(problem(what(), &error).at(at("bucket"))),
        };
        let bucket = BucketId { name: name.clone(), region };
        let prefix = state.prefix.clone().unwrap_or_default();
        let limit = state.limit.as_ref_option().and_then(|limit| u64::try_from(limit.get()).ok()).unwrap_or(u64::MAX);
        let usage = match patiently(call, || aws.usage(&bucket, &prefix, limit)).await {
            Ok(usage) => usage,
            Err(error) => return report.refuse(problem(what(), &error)),
        };
        state.region = Value::Value(bucket.region);
        state.complete = Value::Value(usage.complete);
        state.objects = whole(usage.current.entries);
        state.bytes = whole(usage.current.bytes);
        state.noncurrent_versions = whole(usage.noncurrent.entries);
        state.noncurrent_bytes = whole(usage.noncurrent.bytes);
        state.delete_markers = whole(usage.delete_markers);
        state.incomplete_uploads = whole(usage.incomplete_uploads);
        let below = |it: crate::aws::Amount| PrefixUsage { objects: whole(it.entries), bytes: whole(it.bytes) };
        let by_prefix = usage.by_prefix.into_iter().map(|(prefix, amount)| (prefix, Value::Value(below(amount))));
        state.by_prefix = Value::Value(by_prefix.collect());
    }
}

fn whole(number: u64) -> Value<Int> {
    Value::Value(Int::Whole(i64::try_from(number).unwrap_or(i64::MAX)))
}

#[async_trait]
impl DataSource for BucketUsage {
    type State = LokiBucketUsage;
    const TYPE: &'static str = "loki_bucket_usage";

    fn validate(&self, config: &LokiBucketUsage, report: &mut Diagnostics) {
        if let Value::Value(given) = &config.timeouts {
            timeouts::validate([("read", &given.read)], report);
        }
        if let Some(limit) = config.limit.as_ref_option().map(Int::get).filter(|limit| *limit < 1) {
            report.refuse(
                Problem::new(summary!("The limit is not usable"))
                    .at(at("limit"))
                    .why(format!("At least one entry is counted; this is {limit}.")),
            );
        }
    }

    async fn read(&self, call: &Call, state: &mut LokiBucketUsage, report: &mut Diagnostics) {
        let given = state.timeouts.clone().unwrap_or_default();
        let limit = Limit::start("read", &given.read, READ);
        bounded(call, limit, report, async |call, report| self.look(call, state, report).await).await;
    }
}
