//! The rules of AWS for names, and those of Kubernetes for the names in trust policies, each with its reason, so that a
//! plan says what an apply would run into.

/// What S3 has against this name for a general purpose bucket, in one sentence; `None` when it is fine.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub fn bucket_problem(name: &str) -> Option<String> {
    /// Reserved ends of a name and what AWS keeps them for.
    const PREFIXES: [(&str, &str); 3] = [
        ("xn--", "internationalised domain names"),
        ("sthree-", "AWS' own use"),
        ("amzn-s3-demo-", "AWS' documentation"),
    ];
    const SUFFIXES: [(&str, &str); 5] = [
        ("-s3alias", "access point aliases"),
        ("--ol-s3", "Object Lambda access point aliases"),
        (".mrap", "Multi-Region Access Points"),
        ("--x-s3", "directory buckets"),
        ("--table-s3", "table buckets"),
    ];

    if !(3..=63).contains(&name.len()) {
        return Some(format!("A bucket name has 3 to 63 characters; this one has {}.", name.chars().count()));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if let Some(wrong) = name.chars().find(|c| !allowed(*c)) {
        let hint = if wrong.is_ascii_uppercase() { ": write it in lowercase" } else { "" };
        return Some(format!(
            "A bucket name consists of lowercase letters, digits, dots and hyphens; {wrong:?} is none of them{hint}."
        ));
    }
    let edge = |c: char| c == '.' || c == '-';
    if name.starts_with(edge) || name.ends_with(edge) {
        return Some("A bucket name begins and ends with a letter or a digit.".into());
    }
    if name.contains("..") {
        return Some("A bucket name has no two dots in a row.".into());
    }
    let groups: Vec<&str> = name.split('.').collect();
    if groups.len() == 4 && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_digit())) {
        return Some("A bucket name must not look like an IP address.".into());
    }
    if let Some((prefix, owner)) = PREFIXES.iter().find(|(p, _)| name.starts_with(p)) {
        return Some(format!("Bucket names that begin with {prefix:?} are reserved for {owner}."));
    }
    if let Some((suffix, owner)) = SUFFIXES.iter().find(|(s, _)| name.ends_with(s)) {
        return Some(format!("Bucket names that end with {suffix:?} are reserved for {owner}."));
    }
    None
}

const ROLE_CHARACTERS: &str = "+=,.@-_";

/// What IAM has against this role name, in one sentence.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub fn role_problem(name: &str) -> Option<String> {
    let fits = (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || ROLE_CHARACTERS.contains(c));
    (!fits).then(|| format!("A role name has 1 to 64 letters, digits or any of {ROLE_CHARACTERS}"))
}

/// What IAM has against this role path, in one sentence.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub fn role_path_problem(path: &str) -> Option<String> {
    let fits = (1..=512).contains(&path.len())
        && path.starts_with('/')
        && path.ends_with('/')
        && path.bytes().all(|b| (0x21..=0x7e).contains(&b));
    (!fits).then(|| {
        "A role path begins and ends with a slash, as in \"/\" or \"/teams/logging/\", and has at most 512 printable ASCII characters without spaces.".into()
    })
}

/// What is wrong with this region's name, in one sentence: its shape only, for AWS opens new ones.
pub fn region_problem(region: &str) -> Option<String> {
    let parts: Vec<&str> = region.split('-').collect();
    let lowercase = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let shape = |number: &str| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit());
    match parts.split_last() {
        Some((number, words)) if words.len() >= 2 && words.iter().all(lowercase) && shape(number) => None,
        Some((zone, words)) if words.len() >= 2 && zone.len() == 2 && shape(&zone[..zone.floor_char_boundary(1)]) => {
            Some(format!("{region:?} is an availability zone; leave out the last letter."))
        }
        _ => Some(format!("{region:?} is no AWS region; it looks like \"eu-west-1\".")),
    }
}

/// What AWS has against these tags, one sentence per key.
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
pub fn tag_problems<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let problem = |key: &str, value: &str| {
        if key.is_empty() || key.chars().count() > 128 {
            Some("A tag's key has 1 to 128 characters.".to_owned())
        } else if value.chars().count() > 256 {
            Some("A tag's value has at most 256 characters.".to_owned())
        } else if key.to_ascii_lowercase().starts_with("aws:") {
            Some("Tags that begin with \"aws:\" are set by AWS alone.".to_owned())
        } else {
            let odd = key.chars().chain(value.chars()).find(|c| !allowed(*c))?;
            Some(format!("A tag has letters, digits, spaces and any of _.:/=+-@; {odd:?} is none of them."))
        }
    };
    tags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), problem(key, value)?))).collect()
}

/// What Kubernetes has against this name of a namespace, in one sentence (RFC 1123).
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>.
pub fn label_problem(name: &str) -> Option<String> {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (1..=63).contains(&name.len())
        && name.chars().all(|c| alphanumeric(c) || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    (!fits).then(|| {
        format!("{name:?}: a name in Kubernetes has 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends.")
    })
}

/// What Kubernetes has against this name of a service account, in one sentence.
pub fn subdomain_problem(name: &str) -> Option<String> {
    if name.len() > 253 {
        return Some("A name in Kubernetes has at most 253 characters.".into());
    }
    name.split('.').find_map(label_problem)
}

/// What is wrong with this audience of tokens, in one sentence.
pub fn audience_problem(audience: &str) -> Option<String> {
    let fits = !audience.is_empty() && audience.chars().all(|c| c.is_ascii_graphic()) && !audience.contains("${");
    (!fits).then(|| {
        format!("{audience:?}: an audience is a plain word such as \"sts.amazonaws.com\", without spaces and IAM's policy variables.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_bucket_names_pass() {
        for name in [
            "abc",
            "acme-loki",
            "logs.acme.example",
            "1.2.3",
            "a2345678901234567890123456789012345678901234567890123456789-63",
        ] {
            assert_eq!(bucket_problem(name), None, "{name}");
        }
    }

    #[test]
    fn bad_bucket_names_say_why() {
        for (name, why) in [
            ("ab", "3 to 63"),
            (&"a".repeat(64), "this one has 64"),
            ("Acme", "lowercase letters"),
            ("Acme", "write it in lowercase"),
            ("a_b", "'_'"),
            ("büro", "'ü'"),
            ("-abc", "begins and ends"),
            ("abc.", "begins and ends"),
            ("a..b", "two dots"),
            ("192.168.5.4", "IP address"),
            ("xn--abc", "internationalised"),
            ("sthree-abc", "reserved"),
            ("amzn-s3-demo-abc", "documentation"),
            ("abc-s3alias", "access point"),
            ("abc--ol-s3", "Object Lambda"),
            ("abc.mrap", "Multi-Region"),
            ("abc--x-s3", "directory"),
            ("abc--table-s3", "table"),
        ] {
            let text = bucket_problem(name).unwrap_or_default();
            assert!(text.contains(why), "{name}: {text}");
        }
    }

    #[test]
    fn role_names_and_paths() {
        assert_eq!(role_problem("acme-loki_1@x"), None);
        assert!(role_problem("").is_some());
        assert!(role_problem("a b").is_some());
        assert!(role_problem("a/b").is_some());
        assert!(role_problem(&"a".repeat(65)).is_some());
        assert_eq!(role_path_problem("/"), None);
        assert_eq!(role_path_problem("/teams/logging/"), None);
        for path in ["", "teams/", "/teams", "/te ams/"] {
            assert!(role_path_problem(path).is_some(), "{path}");
        }
    }

    #[test]
    fn regions_have_a_shape() {
        for region in ["eu-west-1", "us-gov-east-1", "cn-northwest-1", "ap-southeast-7"] {
            assert_eq!(region_problem(region), None, "{region}");
        }
        assert!(region_problem("eu-west-1a").unwrap().contains("availability zone"));
        for region in ["", "eu-west", "EU-West-1", "eu-west-é1", "eu west 1"] {
            assert!(region_problem(region).is_some(), "{region}");
        }
    }

    #[test]
    fn tags_have_limits() {
        let long = "x".repeat(257);
        assert_eq!(
            tag_problems([("team", "logging & more"), ("aws:x", ""), ("k", long.as_str()), ("ok", "")]).len(),
            3
        );
    }
}
