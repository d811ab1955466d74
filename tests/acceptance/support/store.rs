//! What the stacks of many tests need of AWS: a bucket with a role, a key, a role's trust policy.

use serde_json::json;

use super::{aws, lab};

const BUCKET_AND_ROLE: &str = r#"
resource "loki_bucket_storage" "logs" {
  bucket        = "NAME"
  force_destroy = true
}

resource "loki_irsa_role" "loki" {
  name            = "NAME"
  eks_cluster     = "lab"
  namespace       = "NAME"
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}
"#;

/// The issuer of the lab's EKS cluster, as roles name it.
pub const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/5C4B3A2918F7E6D5C4B3A2918F7E6D5C";

/// The configuration with `loki_bucket_storage.logs` and `loki_irsa_role.loki` before it; `AWS` in it stands for the
/// lab's AWS.
pub fn with_store(configuration: &str) -> String {
    format!("{BUCKET_AND_ROLE}{configuration}").replace("AWS", &lab().aws_endpoint)
}

/// Makes a user who may do everything with buckets.
#[track_caller]
pub fn store_user(name: &str) {
    aws("iam", "create_user", json!({"UserName": name})).expect("a user");
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let document = json!({"UserName": name, "PolicyName": "all", "PolicyDocument": policy.to_string()});
    aws("iam", "put_user_policy", document).expect("a policy");
}

/// A new key of a user: its ID and its secret.
#[track_caller]
pub fn access_key(user: &str) -> (String, String) {
    let answer = aws("iam", "create_access_key", json!({"UserName": user})).expect("a key");
    let text = |name: &str| answer["AccessKey"][name].as_str().expect("a text").to_owned();
    (text("AccessKeyId"), text("SecretAccessKey"))
}

/// The trust policy of a role that a subject of an issuer may assume with a token for an audience.
pub fn trust_policy(issuer: &str, subject: &str, audience: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{issuer}")},
        "Condition": {"StringEquals": {format!("{issuer}:sub"): subject, format!("{issuer}:aud"): audience}},
    }]})
    .to_string()
}
