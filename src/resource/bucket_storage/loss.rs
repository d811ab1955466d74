//! Check: what a deletion would take along.

use super::{BucketStorage, BucketStorageResource};
use crate::aws::{BucketId, Contents};
use crate::resource::account::problem;
use crate::resource::provider::Reach;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

impl BucketStorageResource {
    /// Announces, or refuses, the deletion of all buckets of a state.
    pub(super) async fn check_loss(&self, prior: &BucketStorage, how: &str, report: &mut Diagnostics) {
        self.check_loss_of(&prior.all_buckets(), prior, how, report).await;
    }

    /// Announces, or refuses, the deletion of buckets that hold something.
    pub(super) async fn check_loss_of(
        &self,
        buckets: &[BucketId],
        prior: &BucketStorage,
        how: &str,
        report: &mut Diagnostics,
    ) {
        if buckets.is_empty() {
            return;
        }
        let Reach::Ready(aws) = self.connections.aws().await else { return };
        let looked = futures::future::join_all(buckets.iter().map(|bucket| aws.contents(bucket))).await;
        for (bucket, contents) in buckets.iter().zip(looked) {
            match contents {
                Ok(contents) if contents.is_empty() => {}
                Ok(contents) if prior.force_destroy == Value::Value(true) => report.warn(
                    Problem::new(summary!("All that the bucket {:?} holds will be deleted", bucket.name))
                        .why(format!(
                            "The bucket is to be {how}, force_destroy is true, and it holds {}.",
                            amount(&contents)
                        ))
                        .fix("To keep it, do not apply this plan."),
                ),
                Ok(contents) => report.refuse(keeps(&bucket.name, how, &contents)),
                Err(error) => report.warn(problem(
                    summary!("It was not checked whether the bucket {:?} is empty", bucket.name),
                    &error,
                )),
            }
        }
    }
}

/// Why a bucket is not deleted, and what to do.
pub(super) fn keeps(bucket: &str, how: &str, contents: &Contents) -> Problem {
    Problem::new(summary!("The bucket {bucket:?} is not empty"))
        .at(at("force_destroy"))
        .why(format!("It is to be {how} and holds {}.", amount(contents)))
        .fix(
            "To delete all of it: set force_destroy = true, run terraform apply, then destroy or replace. To keep it \
             without Terraform: terraform state rm.",
        )
}

/// In words: `3 objects or versions, such as "fake/1/2"`.
fn amount(contents: &Contents) -> String {
    let (some, plural) = match (contents.entries, contents.more) {
        (1, false) => ("1".to_owned(), ""),
        (entries, false) => (entries.to_string(), "s"),
        (entries, true) => (format!("more than {entries}"), "s"),
    };
    let example = contents.example.as_ref().map(|key| format!(", such as {key:?}")).unwrap_or_default();
    format!("{some} object{plural} or version{plural}{example}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_says_how_much_and_what_to_do() {
        let contents = Contents { entries: 1000, more: true, example: Some("fake/1".into()) };
        let diagnostic: crate::schema::Diagnostic = keeps("logs", "destroyed", &contents).into();
        assert!(diagnostic.detail.contains("more than 1000 objects or versions, such as \"fake/1\""));
        assert!(diagnostic.detail.contains("set force_destroy = true, run terraform apply"));
        assert_eq!(amount(&Contents { entries: 1, ..Contents::default() }), "1 object or version");
    }
}
