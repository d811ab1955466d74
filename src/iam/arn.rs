//! ARNs and partitions: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

/// The partition that a region belongs to: `aws`, `aws-cn`, `aws-us-gov`, or one of the isolated ones.
pub fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        r if r.starts_with("us-iso-") => "aws-iso",
        r if r.starts_with("us-isob-") => "aws-iso-b",
        r if r.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// `arn:PARTITION:s3:::BUCKET`; the `region` only picks the partition.
pub fn bucket(region: &str, bucket: &str) -> String {
    bucket_in(partition(region), bucket)
}

/// As [`bucket`], for a partition that is known already.
pub fn bucket_in(partition: &str, bucket: &str) -> String {
    format!("arn:{partition}:s3:::{bucket}")
}

/// The ARN of an account's IAM OIDC provider: the issuer's URL without its scheme.
pub fn oidc_provider(partition: &str, account: &str, issuer: &str) -> String {
    let issuer = issuer_path(issuer);
    format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}")
}

/// The issuer as IAM writes it in ARNs and condition keys: host and path, neither scheme nor trailing slash.
pub fn issuer_path(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

/// The name at the end of an ARN such as `arn:aws:eks:eu-west-1:123456789012:cluster/prod`.
pub fn last(arn: &str) -> Option<&str> {
    arn.rsplit_once('/').map(|(_, name)| name)
}

/// Partition and account of an ARN.
pub fn owner(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.strip_prefix("arn:")?.split(':');
    Some((parts.next()?, parts.nth(2)?))
}

/// An IAM resource of an account, as `arn:aws:iam::123456789012:role/teams/loki`.
pub fn iam(partition: &str, account: &str, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:{kind}{path}{name}")
}

/// The name at the end of a role ARN, or one sentence that says what is wrong with it.
pub fn role_name(arn: &str) -> Result<&str, String> {
    let wrong = |why: &str| wrong(arn, "role", why, "arn:aws:iam::123456789012:role/name");
    let path = iam_resource(arn, "role/").map_err(wrong)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    match super::name::role_problem(name) {
        Some(why) => Err(wrong(why.trim_end_matches('.'))),
        None => Ok(name),
    }
}

/// What is wrong with the ARN of a managed policy, in one sentence. AWS' own have `aws` as their account.
pub fn policy_problem(arn: &str) -> Option<String> {
    let policy = iam_resource(arn, "policy/");
    policy.err().map(|why| wrong(arn, "policy", why, "arn:aws:iam::123456789012:policy/name"))
}

/// The region of the ARN of a KMS key or of its alias, or one sentence that says what is wrong with it.
pub fn kms_region(arn: &str) -> Result<&str, String> {
    const SHAPE: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let wrong = |why: &str| wrong(arn, "KMS key", why, SHAPE);
    let parsed = Arn::parse(arn).map_err(wrong)?;
    if parsed.service != "kms" {
        return Err(wrong("it belongs to another service than kms"));
    }
    if !parsed.is_of_account() {
        return Err(wrong("an account id has 12 digits"));
    }
    if !["key/", "alias/"].iter().any(|kind| parsed.resource.starts_with(kind)) {
        return Err(wrong("the last part begins with neither \"key/\" nor \"alias/\""));
    }
    Ok(parsed.region)
}

/// The issuer that an IAM OIDC provider stands for, as [`issuer_path`], or one sentence that says what is wrong with the
/// provider's ARN.
pub fn oidc_issuer(arn: &str) -> Result<&str, String> {
    const SHAPE: &str = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF";
    let wrong = |why: &str| wrong(arn, "OIDC provider", why, SHAPE);
    match iam_resource(arn, "oidc-provider/").map_err(wrong)? {
        "" => Err(wrong("the issuer is missing")),
        issuer => Ok(issuer),
    }
}

/// What follows `kind` in the ARN of an IAM resource, or what is wrong with it.
fn iam_resource<'a>(arn: &'a str, kind: &str) -> Result<&'a str, &'static str> {
    let parsed = Arn::parse(arn)?;
    if parsed.service != "iam" || !parsed.region.is_empty() {
        return Err("it belongs to another service than the global iam");
    }
    if !parsed.is_of_account() && (kind, parsed.account) != ("policy/", "aws") {
        return Err("an account id has 12 digits");
    }
    parsed.resource.strip_prefix(kind).ok_or(match kind {
        "role/" => "the last part does not begin with \"role/\"",
        "oidc-provider/" => "the last part does not begin with \"oidc-provider/\"",
        _ => "the last part does not begin with \"policy/\"",
    })
}

fn wrong(arn: &str, of: &str, why: &str, shape: &str) -> String {
    format!("{arn:?} is no ARN of a {of}: {why}; it looks like {shape:?}.")
}

struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(arn: &'a str) -> Result<Self, &'static str> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, resource] = parts[..] else {
            return Err("an ARN has six parts, separated by colons");
        };
        if scheme != "arn" || !partition.starts_with("aws") {
            return Err("it does not begin with \"arn:aws\"");
        }
        Ok(Self { service, region, account, resource })
    }

    fn is_of_account(&self) -> bool {
        self.account.len() == 12 && self.account.bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_follow_the_region() {
        assert_eq!(bucket("eu-west-1", "logs"), "arn:aws:s3:::logs");
        assert_eq!(bucket("cn-north-1", "logs"), "arn:aws-cn:s3:::logs");
        assert_eq!(bucket("us-gov-west-1", "logs"), "arn:aws-us-gov:s3:::logs");
    }

    #[test]
    fn an_issuer_loses_its_scheme() {
        let issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC/";
        assert_eq!(
            oidc_provider("aws", "123456789012", issuer),
            "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"
        );
    }

    #[test]
    fn role_arns_of_another_shape_are_explained() {
        assert_eq!(role_name("arn:aws:iam::123456789012:role/loki"), Ok("loki"));
        assert_eq!(role_name("arn:aws-cn:iam::123456789012:role/team/a/loki"), Ok("loki"));
        for (arn, why) in [
            ("loki", "six parts"),
            ("arn:gcp:iam::123456789012:role/loki", "arn:aws"),
            ("arn:aws:sts::123456789012:assumed-role/loki/x", "global iam"),
            ("arn:aws:iam::1234:role/loki", "12 digits"),
            ("arn:aws:iam::123456789012:user/loki", "role/"),
            ("arn:aws:iam::123456789012:role/", "1 to 64"),
        ] {
            let text = role_name(arn).unwrap_err();
            assert!(text.contains(why), "{arn}: {text}");
        }
    }

    #[test]
    fn an_arn_has_an_owner() {
        assert_eq!(owner("arn:aws-cn:iam::123456789012:role/loki"), Some(("aws-cn", "123456789012")));
        assert_eq!(owner("loki"), None);
        assert_eq!(
            oidc_issuer("arn:aws-cn:iam::123456789012:oidc-provider/oidc.example/id/A"),
            Ok("oidc.example/id/A")
        );
        assert!(oidc_issuer("arn:aws:iam::123456789012:role/a").unwrap_err().contains("oidc-provider/"));
        assert!(oidc_issuer("arn:aws:iam::123456789012:oidc-provider/").unwrap_err().contains("issuer is missing"));
    }

    #[test]
    fn keys_and_policies_have_shapes_too() {
        assert_eq!(kms_region("arn:aws:kms:eu-west-1:123456789012:alias/logs"), Ok("eu-west-1"));
        for arn in ["alias/logs", "arn:aws:s3:::logs", "arn:aws:kms:eu-west-1:123456789012:logs"] {
            assert!(kms_region(arn).is_err(), "{arn}");
        }
        assert_eq!(policy_problem("arn:aws:iam::aws:policy/ReadOnlyAccess"), None);
        assert_eq!(policy_problem("arn:aws:iam::123456789012:policy/teams/boundary"), None);
        assert!(policy_problem("arn:aws:iam::123456789012:role/boundary").is_some());
    }
}
