//! What AWS takes: bucket names, regions, role ARNs, endpoints.

use std::net::Ipv4Addr;

use url::Url;

use crate::loki::finding::Finding;
use crate::summary::Summary;

/// Names that Loki's examples used to suggest. Somebody else has owned buckets of these names since,
/// and logs were sent there (a security warning of the community chart).
const TAKEN: [&str; 3] = ["chunks", "ruler", "admin"];

/// A bucket's name: Amazon S3's rules for general purpose buckets, and none of the taken names.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub fn bucket(name: &str) -> Option<Finding> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let rule = if TAKEN.contains(&name) {
        return Some(Finding::error(
            summary!("A bucket named {name:?} belongs to somebody else"),
            "It is the name of an old example. Names of buckets are global, and logs sent to this one are lost \
             to its owner.",
            "Choose a name of your own, such as \"acme-loki\".",
        ));
    } else if !(3..=63).contains(&name.len()) {
        "A bucket's name has 3 to 63 characters."
    } else if !name.bytes().all(inner) {
        "A bucket's name consists of lower-case letters, digits, dots and hyphens."
    } else if !edge(name.bytes().next()) || !edge(name.bytes().last()) {
        "A bucket's name begins and ends with a letter or digit."
    } else if name.contains("..") {
        "A bucket's name has no two dots in a row."
    } else if name.parse::<Ipv4Addr>().is_ok() {
        "A bucket's name does not look like an IP address."
    } else if ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix)) {
        "Names that begin with xn--, sthree- or amzn-s3-demo- are reserved by Amazon S3."
    } else if ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].iter().any(|end| name.ends_with(end)) {
        "Names that end with -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3 are reserved by Amazon S3."
    } else {
        return None;
    };
    Some(Finding::error(
        summary!("{name:?} cannot be the name of a bucket"),
        format!("{rule} Amazon S3 would refuse it."),
        "Choose another name, such as \"acme-loki\".",
    ))
}

/// A region. Stores other than Amazon's may call theirs anything, so an odd one is only warned about.
pub fn region(name: &str) -> Option<Finding> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Some(Finding::error(
            summary!("There is no region"),
            "Loki signs its requests for a region, and AWS gives credentials by web identity in one.",
            "Name the bucket's region, such as \"eu-west-1\".",
        ));
    }
    let parts: Vec<_> = name.split('-').collect();
    let words = |words: &[&str]| words.iter().all(|w| w.len() >= 2 && w.bytes().all(|b| b.is_ascii_lowercase()));
    let usual = matches!(parts.split_last(), Some((number, rest))
        if rest.len() >= 2 && words(rest) && number.parse::<u8>().is_ok());
    (!usual).then(|| {
        Finding::warning(
            summary!("{name:?} does not look like a region of AWS"),
            "Their names are like eu-west-1, ap-southeast-2 or us-gov-west-1. A wrong region shows as 301, 400 or \
             a name that cannot be resolved, only once Loki runs (loki#7403, #11453).",
            "Check the spelling; for another store than Amazon's, set storage.s3.endpoint.",
        )
    })
}

/// The ARN of an IAM role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub fn role_arn(arn: &str) -> Option<Finding> {
    let why = "The ARN of an IAM role is arn:<partition>:iam::<account of 12 digits>:role/<path and name>.";
    let finding = |summary: Summary, fix: &str| Some(Finding::error(summary, why, fix));
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let [prefix, partition, service, region, account, resource] = parts[..] else {
        return finding(
            summary!("{arn:?} is not the ARN of a role"),
            "Give the role's arn attribute, not its name or id.",
        );
    };
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if service == "sts" && resource.starts_with("assumed-role/") {
        return finding(summary!("{arn:?} is a session of a role, not the role"), "Give the ARN of the role itself.");
    }
    let Some(path) = resource.strip_prefix("role/") else {
        return finding(
            summary!("{arn:?} is not the ARN of a role"),
            "Give the ARN of a role; nothing else can be assumed.",
        );
    };
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let valid = prefix == "arn"
        && (partition == "aws" || partition.starts_with("aws-"))
        && partition.bytes().all(lower)
        && service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && folders.bytes().all(|byte| byte.is_ascii_graphic())
        && (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte));
    if valid {
        None
    } else {
        finding(summary!("{arn:?} is not the ARN of a role"), "Compare it with the role's arn attribute.")
    }
}

/// The address of a store or an STS: an HTTP URL without anything behind the host. The text is not
/// repeated in findings, since it may hold credentials.
pub fn endpoint(text: &str) -> Option<Finding> {
    let fix = "Write it as http(s)://host[:port].";
    let Ok(url) = Url::parse(text) else {
        return Some(Finding::error(
            summary!("The endpoint is no URL"),
            "endpoint must be an HTTP or HTTPS URL; without a scheme Loki's versions disagree on it.",
            fix,
        ));
    };
    let (summary, why) = if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
        (summary!("The endpoint is no HTTP URL"), "endpoint must be an HTTP or HTTPS URL.")
    } else if !url.username().is_empty() || url.password().is_some() {
        (summary!("The endpoint holds credentials"), "They would be readable in the ConfigMap, in plans and in state.")
    } else if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        (
            summary!("The endpoint has a path"),
            "Loki puts bucket and key behind the host. A bucket goes into storage.s3.bucket.",
        )
    } else {
        return None;
    };
    Some(Finding::error(summary, why, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity;

    #[test]
    fn buckets() {
        for good in ["acme-loki", "abc", "1.a-2", &"a".repeat(63)] {
            assert_eq!(bucket(good), None, "{good}");
        }
        for wrong in [
            "",
            "ab",
            "Acme",
            "acme_loki",
            "-acme",
            "acme.",
            "a..b",
            "10.0.0.1",
            "xn--loki",
            "sthree-a",
            "loki-s3alias",
            "loki--x-s3",
            "a,b",
            "acme loki",
            &"a".repeat(64),
        ] {
            assert!(bucket(wrong).unwrap().why.contains("Amazon S3 would refuse it"), "{wrong}");
        }
        for taken in TAKEN {
            assert!(bucket(taken).unwrap().summary.contains("somebody else"));
        }
    }

    #[test]
    fn regions() {
        for good in ["eu-west-1", "us-gov-west-1", "ap-southeast-2", "us-iso-east-1", "eusc-de-east-1"] {
            assert_eq!(region(good), None, "{good}");
        }
        assert_eq!(region("").unwrap().severity, Severity::Error);
        for odd in ["us-east1", "eu", "garage", "us-east-x", "US-east-1"] {
            assert_eq!(region(odd).unwrap().severity, Severity::Warning, "{odd}");
        }
    }

    #[test]
    fn role_arns() {
        for good in [
            "arn:aws:iam::123456789012:role/loki",
            "arn:aws-cn:iam::123456789012:role/team/obs/loki",
            "arn:aws-us-gov:iam::123456789012:role/a+=,.@_-b",
        ] {
            assert_eq!(role_arn(good), None, "{good}");
        }
        for wrong in [
            "",
            "loki",
            "arn:aws:iam::123456789012:user/loki",
            "arn:aws:iam::12345678901:role/loki",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam:eu-west-1:123456789012:role/loki",
            "arn:aws:s3:::acme-loki",
            "arn:gcp:iam::123456789012:role/loki",
            "arn:aws:iam::123456789012:role/lo ki",
            " arn:aws:iam::123456789012:role/loki",
        ] {
            assert!(role_arn(wrong).is_some(), "{wrong}");
        }
        let session = role_arn("arn:aws:sts::123456789012:assumed-role/loki/me").unwrap();
        assert!(session.summary.contains("session"));
    }

    #[test]
    fn endpoints() {
        for good in ["http://10.0.0.1:5000", "https://minio.example.com", "https://s3.eu-west-1.amazonaws.com/"] {
            assert_eq!(endpoint(good), None, "{good}");
        }
        for wrong in ["minio:9000", "10.0.0.1:5000", "ftp://a", "http://a/bucket", "http://a?x=1", "s3://a", "x"] {
            assert!(endpoint(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn an_endpoints_credentials_are_not_repeated() {
        let finding = endpoint("https://key:hunter2@minio.example.com").unwrap();
        assert!(!finding.to_string().contains("hunter2"));
    }
}
