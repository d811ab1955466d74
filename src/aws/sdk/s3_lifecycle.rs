//! S3: our lifecycle rules, beside those of others.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration, Transition as S3Transition, TransitionDefaultMinimumObjectSize,
    TransitionStorageClass, builders::LifecycleRuleBuilder,
};
use aws_smithy_types::error::operation::BuildError;

use super::{Session, operations, s3_settings::invalid};
use crate::aws::{BucketId, Lifecycle, Result, Transition};

/// The ids of our rules: one for each part, so that each shows its drift and is mended alone.
const ABORT: &str = "terraform-provider-loki-abort-incomplete-uploads";
const NONCURRENT: &str = "terraform-provider-loki-noncurrent-expiration";
const EXPIRATION: &str = "terraform-provider-loki-expiration";
const TRANSITIONS: &str = "terraform-provider-loki-transitions";
const OURS: [&str; 4] = [ABORT, NONCURRENT, EXPIRATION, TRANSITIONS];

#[derive(Default)]
struct Live {
    rules: Vec<LifecycleRule>,
    minimum_size: Option<TransitionDefaultMinimumObjectSize>,
}

impl Session {
    async fn lifecycle(&self, bucket: &BucketId) -> Result<Live> {
        let operation = operations::GET_LIFECYCLE;
        let request = self.s3(&bucket.region).get_bucket_lifecycle_configuration();
        let answer = request.bucket(&bucket.name).send().await;
        let answer = self.set_or_not(operation, "NoSuchLifecycleConfiguration", answer)?;
        Ok(answer.map_or_else(Live::default, |answer| Live {
            rules: answer.rules.unwrap_or_default(),
            minimum_size: answer.transition_default_minimum_object_size,
        }))
    }

    pub(super) async fn our_lifecycle(&self, bucket: &BucketId) -> Result<Lifecycle> {
        Ok(ours(&self.lifecycle(bucket).await?.rules))
    }

    /// S3 only takes all rules at once, so those of others are read and written back.
    pub(super) async fn set_our_lifecycle(&self, bucket: &BucketId, wanted: &Lifecycle) -> Result<()> {
        let operation = operations::PUT_LIFECYCLE;
        let Live { mut rules, minimum_size } = self.lifecycle(bucket).await?;
        rules.retain(|rule| !rule.id().is_some_and(|id| OURS.contains(&id)));
        rules.extend(written(wanted).map_err(invalid(operation))?);
        let s3 = self.s3(&bucket.region);
        if rules.is_empty() {
            let answer = s3.delete_bucket_lifecycle().bucket(&bucket.name).send().await;
            answer.map_err(|error| self.failure(operations::DELETE_LIFECYCLE, &error))?;
            return Ok(());
        }
        let configuration =
            BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(invalid(operation))?;
        s3.put_bucket_lifecycle_configuration()
            .bucket(&bucket.name)
            .lifecycle_configuration(configuration)
            .set_transition_default_minimum_object_size(minimum_size)
            .send()
            .await
            .map_err(|error| self.failure(operation, &error))?;
        Ok(())
    }
}

fn rule(id: &str) -> LifecycleRuleBuilder {
    let whole = LifecycleRuleFilter::builder().prefix("").build();
    LifecycleRule::builder().id(id).status(ExpirationStatus::Enabled).filter(whole)
}

fn written(wanted: &Lifecycle) -> std::result::Result<Vec<LifecycleRule>, BuildError> {
    let mut rules = Vec::new();
    if let Some(days) = wanted.abort_incomplete_uploads_days {
        let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build();
        rules.push(rule(ABORT).abort_incomplete_multipart_upload(abort).build()?);
    }
    if let Some(days) = wanted.noncurrent_expiration_days {
        let expiration = NoncurrentVersionExpiration::builder().noncurrent_days(days).build();
        // A marker whose versions have gone hides nothing and slows lists down.
        let markers = LifecycleExpiration::builder().expired_object_delete_marker(true).build();
        rules.push(rule(NONCURRENT).noncurrent_version_expiration(expiration).expiration(markers).build()?);
    }
    if let Some(days) = wanted.expiration_days {
        rules.push(rule(EXPIRATION).expiration(LifecycleExpiration::builder().days(days).build()).build()?);
    }
    if !wanted.transitions.is_empty() {
        let moves = wanted.transitions.iter().map(|it| {
            let class = TransitionStorageClass::from(it.storage_class.as_str());
            S3Transition::builder().days(it.days).storage_class(class).build()
        });
        rules.push(rule(TRANSITIONS).set_transitions(Some(moves.collect())).build()?);
    }
    Ok(rules)
}

/// What our rules do while they still do it: enabled, and for the whole bucket.
fn ours(rules: &[LifecycleRule]) -> Lifecycle {
    let rule = |id: &str| rules.iter().find(|rule| rule.id() == Some(id) && works(rule));
    let mut transitions: Vec<Transition> = rule(TRANSITIONS)
        .map(LifecycleRule::transitions)
        .unwrap_or_default()
        .iter()
        .filter_map(|it| {
            let storage_class = it.storage_class.as_ref()?.as_str().to_owned();
            Some(Transition { days: it.days.unwrap_or_default(), storage_class })
        })
        .collect();
    transitions.sort();
    Lifecycle {
        abort_incomplete_uploads_days: rule(ABORT)
            .and_then(LifecycleRule::abort_incomplete_multipart_upload)
            .and_then(AbortIncompleteMultipartUpload::days_after_initiation),
        noncurrent_expiration_days: rule(NONCURRENT)
            .filter(|rule| rule.expiration().is_some_and(|it| it.expired_object_delete_marker == Some(true)))
            .and_then(LifecycleRule::noncurrent_version_expiration)
            .filter(|it| it.newer_noncurrent_versions().is_none())
            .and_then(NoncurrentVersionExpiration::noncurrent_days),
        expiration_days: rule(EXPIRATION).and_then(LifecycleRule::expiration).and_then(LifecycleExpiration::days),
        transitions,
    }
}

fn works(rule: &LifecycleRule) -> bool {
    let whole_bucket = rule.filter().is_none_or(|filter| {
        filter.prefix().is_none_or(str::is_empty)
            && filter.tag().is_none()
            && filter.and().is_none()
            && filter.object_size_greater_than().is_none()
            && filter.object_size_less_than().is_none()
    });
    *rule.status() == ExpirationStatus::Enabled && whole_bucket
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Lifecycle {
        let transition = |days, class: &str| Transition { days, storage_class: class.into() };
        Lifecycle {
            abort_incomplete_uploads_days: Some(7),
            noncurrent_expiration_days: Some(30),
            expiration_days: Some(400),
            transitions: vec![transition(30, "STANDARD_IA"), transition(90, "GLACIER_IR")],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(ours(&written(&wanted()).unwrap()), wanted());
        assert_eq!(written(&Lifecycle::default()).unwrap(), []);
    }

    #[test]
    fn our_rules_count_only_while_they_work() {
        let spoilt = |spoil: fn(&mut LifecycleRule)| {
            let mut rules = written(&wanted()).unwrap();
            rules.iter_mut().for_each(spoil);
            ours(&rules)
        };
        assert_eq!(spoilt(|rule| rule.status = ExpirationStatus::Disabled), Lifecycle::default());
        assert_eq!(spoilt(|rule| rule.id = Some("somebody-else".into())), Lifecycle::default());
        let narrowed = LifecycleRuleFilter::builder().prefix("tmp/").build();
        let mut rules = written(&wanted()).unwrap();
        rules.iter_mut().for_each(|rule| rule.filter = Some(narrowed.clone()));
        assert_eq!(ours(&rules), Lifecycle::default());
    }
}
