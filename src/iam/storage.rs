//! The policy for the buckets of a Loki.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::trust::texts;
use super::{PolicyDocument, arn};

/// What Loki may do with its buckets: list them; read, write and delete their objects.
/// <https://grafana.com/docs/loki/latest/operations/storage/#s3>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoragePolicy {
    /// `aws`, `aws-cn`, `aws-us-gov` or another partition.
    pub partition: String,
    /// The buckets' names.
    pub buckets: BTreeSet<String>,
    /// Below which the objects are, without slashes at its ends; empty for the whole bucket.
    pub prefix: String,
    /// ARNs of the KMS keys that the objects are encrypted with.
    pub kms_keys: BTreeSet<String>,
    /// Whether requests without TLS are denied.
    pub tls_only: bool,
    /// ARNs of the roles that a bucket's own policy grants this to; none in a role's policy.
    pub roles: BTreeSet<String>,
}

impl StoragePolicy {
    /// The document: the same settings give the same text.
    pub fn document(&self) -> PolicyDocument {
        let buckets: Vec<String> = self.buckets.iter().map(|bucket| arn::bucket_in(&self.partition, bucket)).collect();
        let below = if self.prefix.is_empty() { String::new() } else { format!("/{}", self.prefix) };
        let objects: Vec<String> = buckets.iter().map(|bucket| format!("{bucket}{below}/*")).collect();
        let mut list = json!({"Sid": "ListBuckets", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": buckets});
        if !self.prefix.is_empty() {
            list["Condition"] = json!({"StringLike": {"s3:prefix": [self.prefix, format!("{}/*", self.prefix)]}});
        }
        let mut statements = vec![
            list,
            json!({
                "Sid": "ReadWriteObjects",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": objects,
            }),
        ];
        // What S3 asks of who reads and writes objects under SSE-KMS, multipart uploads included.
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        if !self.kms_keys.is_empty() {
            let keys = match self.kms_keys.first().filter(|_| self.kms_keys.len() == 1) {
                Some(one) => json!(one),
                None => json!(self.kms_keys),
            };
            statements.push(
                json!({"Sid": "UseKey", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": keys}),
            );
        }
        if !self.roles.is_empty() {
            for statement in &mut statements {
                statement["Principal"] = json!({"AWS": self.roles});
            }
        }
        if self.tls_only {
            statements.push(self.without_tls(&buckets));
        }
        PolicyDocument(json!({"Version": "2012-10-17", "Statement": statements}))
    }

    /// What a role's policy allows, if it is one that [`Self::document`] could have written for a role.
    pub fn read(document: &PolicyDocument) -> Option<Self> {
        let statements = document.statements();
        let resources = |action: &str| {
            let about = statements.iter().filter(|it| texts(&it["Action"]).iter().any(|it| it == action));
            about.flat_map(|it| texts(&it["Resource"])).collect::<BTreeSet<_>>()
        };
        let listed = resources("s3:ListBucket");
        let partition = listed.first()?.strip_prefix("arn:")?.split_once(":s3:::")?.0.to_owned();
        let buckets: BTreeSet<String> =
            listed.iter().filter_map(|arn| Some(arn.split_once(":s3:::")?.1.to_owned())).collect();
        let prefix = statements.iter().flat_map(|it| texts(&it["Condition"]["StringLike"]["s3:prefix"]));
        let prefix = prefix.min_by_key(String::len).unwrap_or_default();
        let read = Self { partition, buckets, prefix, kms_keys: resources("kms:Decrypt"), ..Self::default() };
        (read.document() == *document).then_some(read)
    }

    fn without_tls(&self, buckets: &[String]) -> Value {
        let all: Vec<String> = buckets.iter().flat_map(|bucket| [bucket.clone(), format!("{bucket}/*")]).collect();
        let mut deny = json!({
            "Sid": "DenyWithoutTLS",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": all,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        });
        if !self.roles.is_empty() {
            deny["Principal"] = "*".into();
        }
        deny
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> StoragePolicy {
        StoragePolicy { partition: "aws-us-gov".into(), buckets: ["logs".into()].into(), ..StoragePolicy::default() }
    }

    fn json(policy: &StoragePolicy) -> Value {
        serde_json::from_str(&policy.document().to_string()).unwrap()
    }

    #[test]
    fn a_policy_of_ours_is_read_back() {
        let keys = ["arn:aws:kms:eu-west-1:1:key/a".to_owned(), "arn:aws:kms:eu-west-1:1:key/b".to_owned()];
        for written in [
            policy(),
            StoragePolicy { prefix: "a/b".into(), kms_keys: keys.into(), ..policy() },
            StoragePolicy { buckets: ["a".into(), "b".into()].into(), ..policy() },
        ] {
            assert_eq!(StoragePolicy::read(&written.document()), Some(written));
        }
        let more = policy().document().to_string().replace("s3:GetObject", "s3:*");
        assert_eq!(StoragePolicy::read(&PolicyDocument::parse(&more).unwrap()), None);
    }

    #[test]
    fn a_prefix_bounds_list_and_objects() {
        let json = json(&StoragePolicy { prefix: "a/b".into(), ..policy() });
        assert_eq!(json["Statement"][0]["Condition"]["StringLike"]["s3:prefix"], json!(["a/b", "a/b/*"]));
        assert_eq!(json["Statement"][1]["Resource"], json!(["arn:aws-us-gov:s3:::logs/a/b/*"]));
    }

    #[test]
    fn a_key_may_be_used_and_plain_text_is_denied() {
        let key = "arn:aws:kms:eu-west-1:123456789012:key/a";
        let json = json(&StoragePolicy { kms_keys: [key.into()].into(), tls_only: true, ..policy() });
        assert_eq!(json["Statement"][2]["Resource"], key);
        assert_eq!(json["Statement"][3]["Effect"], "Deny");
        assert_eq!(json["Statement"][3]["Resource"], json!(["arn:aws-us-gov:s3:::logs", "arn:aws-us-gov:s3:::logs/*"]));
        assert!(!json.to_string().contains("Principal"));
    }

    #[test]
    fn a_buckets_own_policy_names_whom_it_lets_in() {
        let roles = ["arn:aws:iam::123456789012:role/loki".to_owned()].into();
        let json = json(&StoragePolicy { roles, tls_only: true, ..policy() });
        assert_eq!(json["Statement"][1]["Principal"], json!({"AWS": ["arn:aws:iam::123456789012:role/loki"]}));
        assert_eq!(json["Statement"][2]["Principal"], "*");
    }
}
