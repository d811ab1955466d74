//! What a bucket's policy denies to everybody: requests without TLS, and access to objects from elsewhere than given VPC
//! endpoints.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::PolicyDocument;

/// Our statements of a bucket's policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// Requests without TLS are denied.
    pub tls_only: bool,
    /// The VPC endpoints through which alone objects are read, written and deleted; empty for no such limit. What
    /// concerns the bucket itself stays open: Terraform runs elsewhere.
    pub vpc_endpoints: BTreeSet<String>,
}

const TLS_ONLY: &str = "LokiDenyWithoutTLS";
const VPC_ENDPOINTS: &str = "LokiDenyOutsideVpcEndpoints";

impl Guards {
    /// Those that are in effect in a policy of the bucket with this ARN.
    pub fn of(policy: &PolicyDocument, bucket: &str) -> Self {
        let said = |wanted: &Self| {
            let wanted = PolicyDocument::of_statements(wanted.statements(bucket));
            policy.statements().iter().any(|it| PolicyDocument::of_statements(vec![it.clone()]) == wanted)
        };
        let tls = Self { tls_only: true, ..Self::default() };
        let endpoints = policy.statements().iter().find(|it| it["Sid"] == VPC_ENDPOINTS).map(|it| {
            let named = &it["Condition"]["StringNotEquals"]["aws:SourceVpce"];
            let named = named.as_array().map_or_else(|| std::slice::from_ref(named), Vec::as_slice);
            Self { tls_only: false, vpc_endpoints: named.iter().filter_map(Value::as_str).map(str::to_owned).collect() }
        });
        Self {
            tls_only: said(&tls),
            vpc_endpoints: endpoints
                .filter(|it| !it.vpc_endpoints.is_empty() && said(it))
                .unwrap_or_default()
                .vpc_endpoints,
        }
    }

    /// The policy with these statements in the place of those that this provider wrote; statements of others stay. `None`
    /// when nothing is left.
    pub fn placed_in(&self, policy: Option<&PolicyDocument>, bucket: &str) -> Option<PolicyDocument> {
        let mut statements = policy.map(PolicyDocument::statements).unwrap_or_default();
        statements.retain(|it| it["Sid"] != TLS_ONLY && it["Sid"] != VPC_ENDPOINTS);
        statements.extend(self.statements(bucket));
        (!statements.is_empty()).then(|| PolicyDocument::of_statements(statements))
    }

    fn statements(&self, bucket: &str) -> Vec<Value> {
        let mut statements = Vec::new();
        if self.tls_only {
            statements.push(json!({
                "Sid": TLS_ONLY,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, format!("{bucket}/*")],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }));
        }
        if !self.vpc_endpoints.is_empty() {
            // AWS services that act on somebody's behalf, as replication does, come through no endpoint.
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html
            statements.push(json!({
                "Sid": VPC_ENDPOINTS,
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                "Resource": format!("{bucket}/*"),
                "Condition": {
                    "StringNotEquals": {"aws:SourceVpce": self.vpc_endpoints},
                    "BoolIfExists": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
                },
            }));
        }
        statements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "arn:aws:s3:::logs";

    fn both() -> Guards {
        Guards { tls_only: true, vpc_endpoints: ["vpce-1".into(), "vpce-2".into()].into() }
    }

    #[test]
    fn statements_of_others_stay() {
        let theirs = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Theirs", "Effect": "Allow",
            "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}}"#;
        let theirs = PolicyDocument::parse(theirs).unwrap();
        let placed = both().placed_in(Some(&theirs), BUCKET).unwrap();
        assert_eq!(placed.statements().len(), 3);
        assert_eq!(Guards::of(&placed, BUCKET), both());
        let one = Guards { vpc_endpoints: ["vpce-1".into()].into(), ..Guards::default() };
        let placed = one.placed_in(Some(&placed), BUCKET).unwrap();
        assert_eq!(Guards::of(&placed, BUCKET), one);
        assert_eq!(Guards::default().placed_in(Some(&placed), BUCKET).unwrap(), theirs);
    }

    #[test]
    fn nothing_is_left_of_ours_alone() {
        let placed = both().placed_in(None, BUCKET).unwrap();
        assert_eq!(Guards::default().placed_in(Some(&placed), BUCKET), None);
        assert_eq!(Guards::of(&placed, "arn:aws:s3:::others"), Guards::default());
    }

    #[test]
    fn a_weakened_statement_does_not_count() {
        let placed = both().placed_in(None, BUCKET).unwrap().to_string();
        let weakened = placed.replace(r#""Effect":"Deny""#, r#""Effect":"Allow""#);
        assert_eq!(Guards::of(&PolicyDocument::parse(&weakened).unwrap(), BUCKET), Guards::default());
        let reads = placed.replace(r#""s3:GetObject","#, "");
        assert_eq!(Guards::of(&PolicyDocument::parse(&reads).unwrap(), BUCKET).vpc_endpoints, [].into());
    }
}
