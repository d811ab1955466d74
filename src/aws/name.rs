//! AWS' rules for names, each with its reason, so that a plan says what an apply would run into.

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
}
