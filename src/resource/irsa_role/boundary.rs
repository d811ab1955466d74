//! Check: what a permissions boundary or the organization would deny Loki, by IAM's own simulation.

use super::IrsaRole;
use crate::aws::{Asked, Aws, Refused, RefusedBy, Simulated};
use crate::iam::{PolicyDocument, StoragePolicy, arn};
use crate::resource::account::problem;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// Asks IAM where something changes that it may have an opinion on; who may not ask goes without.
pub(super) async fn check(aws: &dyn Aws, prior: Option<&IrsaRole>, planned: &IrsaRole) -> Diagnostics {
    let mut report = Diagnostics::default();
    let same = prior.is_some_and(|prior| {
        prior.storage_policy == planned.storage_policy && prior.permissions_boundary == planned.permissions_boundary
    });
    let existing = prior.and_then(|prior| prior.arn.as_ref_option());
    let whose = match (&planned.permissions_boundary, existing) {
        (Value::Value(boundary), _) => Simulated::Within(boundary),
        (Value::Null, Some(arn)) => Simulated::Role(arn),
        _ => return report,
    };
    let policy = planned.storage_policy.as_ref_option().and_then(|text| PolicyDocument::parse(text).ok());
    let Some((policy, storage)) = policy.filter(|_| !same).and_then(|it| Some((StoragePolicy::read(&it)?, it))) else {
        return report;
    };
    let asked = asked(&policy);
    let answers = futures::future::join_all(asked.iter().map(|asked| aws.simulate(whose, &storage, asked))).await;
    let mut refused = Vec::new();
    for answer in answers {
        match (answer, whose) {
            (Ok(found), _) => refused.extend(found),
            (Err(error), Simulated::Within(boundary)) if error.is_not_found() => {
                report.warn(
                    Problem::new(summary!("There is no such permissions boundary yet"))
                        .at(at("permissions_boundary"))
                        .why(format!("IAM knows no policy {boundary}, and refuses a role with it."))
                        .fix("If the same apply creates it, refer to its resource. Otherwise check the ARN."),
                );
                return report;
            }
            (Err(error), _) if error.is_about_credentials() => {
                report.refuse(problem(summary!("The permissions of the role cannot be checked"), &error));
                return report;
            }
            (Err(error), _) => tracing::info!(%error, "the permissions were not simulated"),
        }
    }
    if !refused.is_empty() {
        report.refuse(denied(&refused, planned));
    }
    report
}

/// What Loki does, in three questions: with the buckets, with the objects, with the keys.
fn asked(policy: &StoragePolicy) -> Vec<Asked> {
    let actions = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    let buckets: Vec<String> = policy.buckets.iter().map(|it| arn::bucket_in(&policy.partition, it)).collect();
    let below = if policy.prefix.is_empty() { String::new() } else { format!("{}/", policy.prefix) };
    let objects = buckets.iter().map(|it| format!("{it}/{below}fake/chunk")).collect();
    let mut asked =
        vec![Asked { actions: actions(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]), resources: objects }];
    // Listing below a prefix depends on the request's prefix, which the simulation is not told.
    if policy.prefix.is_empty() {
        asked.push(Asked { actions: actions(&["s3:ListBucket"]), resources: buckets });
    }
    if !policy.kms_keys.is_empty() {
        let keys = policy.kms_keys.iter().cloned().collect();
        asked.push(Asked { actions: actions(&["kms:Decrypt", "kms:GenerateDataKey"]), resources: keys });
    }
    asked
}

fn denied(refused: &[Refused], planned: &IrsaRole) -> Problem {
    const TOLD: usize = 6;
    let each = |it: &Refused| {
        let by = match it.by {
            RefusedBy::Boundary => "the permissions boundary does not allow it",
            RefusedBy::Organization => "a policy of the organization does not allow it",
            RefusedBy::Statement => "a statement denies it",
            RefusedBy::Nothing => "nothing allows it",
        };
        format!("{} on {} ({by})", it.action, it.resource)
    };
    let told: Vec<String> = refused.iter().take(TOLD).map(each).collect();
    let more = refused.len().checked_sub(TOLD).filter(|more| *more > 0);
    let more = more.map(|more| format!(", and {more} more")).unwrap_or_default();
    let attribute = if planned.permissions_boundary.is_null() { "buckets" } else { "permissions_boundary" };
    Problem::new(summary!("The role could not do what Loki does"))
        .at(at(attribute))
        .why(format!("IAM's simulation denies {}{more}.", told.join(", ")))
        .fix("Allow these in the boundary, or in the policy of the organization, before Loki needs them.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_for_what_loki_does() {
        let policy = StoragePolicy {
            partition: "aws".into(),
            buckets: ["logs".into()].into(),
            kms_keys: ["arn:aws:kms:eu-west-1:1:key/a".into()].into(),
            ..StoragePolicy::default()
        };
        let asked = asked(&policy);
        assert_eq!(asked.len(), 3);
        assert_eq!(asked[0].resources, ["arn:aws:s3:::logs/fake/chunk"]);
        let below = super::asked(&StoragePolicy { prefix: "a".into(), ..policy });
        assert_eq!(below[0].resources, ["arn:aws:s3:::logs/a/fake/chunk"]);
        assert_eq!(below.len(), 2);
    }

    #[test]
    fn the_refusal_says_what_and_by_whom() {
        let refused =
            Refused { action: "s3:PutObject".into(), resource: "arn:aws:s3:::logs/x".into(), by: RefusedBy::Boundary };
        let diagnostic: crate::schema::Diagnostic = denied(&vec![refused; 8], &IrsaRole::default()).into();
        assert!(
            diagnostic.detail.contains("s3:PutObject on arn:aws:s3:::logs/x (the permissions boundary"),
            "{diagnostic:?}"
        );
        assert!(diagnostic.detail.contains("and 2 more"));
    }
}
