//! Identity of a bucket, and finding buckets.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{BucketStorage, BucketStorageResource};
use crate::aws::{BucketId, Optional};
use crate::iam::arn;
use crate::resource::account::{patiently, problem, tags};
use crate::resource::provider::Connections;
use crate::resource::{Call, Found, ListResource, Listed};
use crate::schema::{Diagnostics, Report, Schematic, Value};

/// What names a bucket for ever.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct BucketIdentity {
    /// Name of the bucket.
    #[attr(required)]
    pub bucket: Value<String>,
    /// Region of the bucket. An import that names it fails where the bucket is in another one.
    #[attr(optional)]
    pub region: Value<String>,
}

impl BucketIdentity {
    /// That of a state, once its name and its region are settled: an identity may not gain its region later.
    pub(super) fn of(state: &BucketStorage) -> Option<Self> {
        state.bucket.as_ref_option()?;
        if state.region.is_null() {
            return None;
        }
        Some(Self { bucket: state.bucket.clone(), region: state.region.clone() })
    }

    /// The import id: `bucket`, or `bucket@region`.
    pub(super) fn id(&self) -> String {
        let region = self.region.as_ref_option().map(|region| format!("@{region}")).unwrap_or_default();
        format!("{}{region}", self.bucket.as_deref_option().unwrap_or_default())
    }
}

/// Finds buckets of the account, of all regions.
///
/// Terraform's identity needs `s3:ListAllMyBuckets`, and what reading `loki_bucket_storage` needs where tags or whole
/// objects are asked for.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct BucketStorageQuery {
    /// How the names begin.
    #[attr(optional)]
    pub prefix: Value<String>,
    /// Tags that a bucket must have, each with this value.
    #[attr(optional)]
    pub tags: Value<BTreeMap<String, Value<String>>>,
}

/// The list resource, over the provider's connections.
pub struct BucketStorageList {
    connections: Arc<Connections>,
}

impl BucketStorageList {
    /// The list resource over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl ListResource for BucketStorageList {
    type Config = BucketStorageQuery;
    type Resource = BucketStorageResource;

    async fn list(
        &self,
        call: &Call,
        config: &BucketStorageQuery,
        found: &Found<BucketStorageResource>,
        report: &mut Diagnostics,
    ) {
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let prefix = config.prefix.as_deref_option().unwrap_or_default();
        let wanted = tags(&config.tags);
        let mut after = None;
        loop {
            let page = match patiently(call, || aws.list_buckets(prefix, after.clone())).await {
                Ok(page) => page,
                Err(error) => return report.refuse(problem(summary!("The buckets cannot be listed"), &error)),
            };
            for bucket in page.items {
                let mut state = listed(&bucket);
                if found.wants_state() || !wanted.is_empty() {
                    match patiently(call, || aws.bucket_settings(&bucket, Optional::ALL)).await {
                        Ok(Some(live)) if wanted.iter().all(|(key, value)| live.tags.get(key) == Some(value)) => {
                            state.reflect(live, &self.connections.default_tags());
                            state.buckets = state.by_purpose();
                        }
                        // Another one, or gone since it was listed.
                        Ok(_) => continue,
                        Err(error) => {
                            report.warn(problem(summary!("The bucket {:?} cannot be read", bucket.name), &error));
                            continue;
                        }
                    }
                }
                let identity = BucketIdentity::of(&state).unwrap_or_default();
                let listed = Listed { identity, display_name: bucket.name, state: Some(state) };
                if !found.tell(listed).await {
                    return;
                }
            }
            after = match page.next {
                Some(next) => Some(next),
                None => return,
            };
        }
    }
}

/// As an import has it.
pub(super) fn listed(bucket: &BucketId) -> BucketStorage {
    BucketStorage {
        bucket: Value::Value(bucket.name.clone()),
        region: Value::Value(bucket.region.clone()),
        force_destroy: Value::Value(false),
        id: Value::Value(bucket.name.clone()),
        arn: Value::Value(arn::bucket(&bucket.region, &bucket.name)),
        ..BucketStorage::default()
    }
}
