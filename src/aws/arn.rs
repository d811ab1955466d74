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

/// The name at the end of a role ARN (`arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`), or one sentence that says what
/// is wrong with it.
pub fn role_name(arn: &str) -> Result<&str, String> {
    const SHAPE: &str = "arn:aws:iam::123456789012:role/name";
    let wrong = |why: &str| Err(format!("{arn:?} is no role ARN: {why}; it looks like {SHAPE:?}."));
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts[..] else {
        return wrong("an ARN has six parts, separated by colons");
    };
    if scheme != "arn" || !partition.starts_with("aws") {
        return wrong("it does not begin with \"arn:aws\"");
    }
    if service != "iam" || !region.is_empty() {
        return wrong("roles belong to the global service iam");
    }
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return wrong("an account id has 12 digits");
    }
    let Some(path) = resource.strip_prefix("role/") else {
        return wrong("the last part does not begin with \"role/\"");
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    match super::name::role_problem(name) {
        Some(why) => wrong(why.trim_end_matches('.')),
        None => Ok(name),
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
            ("arn:aws:sts::123456789012:assumed-role/loki/x", "service iam"),
            ("arn:aws:iam::1234:role/loki", "12 digits"),
            ("arn:aws:iam::123456789012:user/loki", "role/"),
            ("arn:aws:iam::123456789012:role/", "1 to 64"),
        ] {
            let text = role_name(arn).unwrap_err();
            assert!(text.contains(why), "{arn}: {text}");
        }
    }
}
