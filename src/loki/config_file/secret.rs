//! What must not be told of a configuration.

use std::borrow::Cow;

/// What stands for a secret.
pub(super) const MASK: &str = "(sensitive)";

/// A message about what is at a path, which quotes nothing of secrets: not the value that stands there, which yaml.v2 puts
/// between backticks, if the path's keys are named as secrets are; and no one's credentials in URLs.
pub(super) fn told(path: &str, text: &str) -> String {
    let text = masked(text);
    if !path.split(['.', '[']).any(names_secret) {
        return text;
    }
    match (text.find('`'), text.rfind('`')) {
        (Some(first), Some(last)) if first < last => format!("{}`{MASK}{}", &text[..first], &text[last..]),
        _ => text,
    }
}

/// A message without the part of its URLs that names and proves a user, and without what the message quotes of that part:
/// Loki's own words quote the whole URL.
fn masked(text: &str) -> String {
    let mut taken = Vec::new();
    let mut masked = mask(text, |c| c == '"' || c == '\'' || c.is_whitespace(), &mut taken);
    if taken.is_empty() {
        return masked.into_owned();
    }
    let quoted: Vec<&str> = text.split('"').skip(1).step_by(2).filter(|it| !it.is_empty()).collect();
    for part in quoted {
        if taken.iter().any(|credentials| credentials.contains(part.trim_start_matches(':'))) {
            masked = masked.replace(&format!("\"{part}\""), &format!("\"{MASK}\"")).into();
        }
    }
    masked.into_owned()
}

/// Whether a key is named as secrets are.
pub(super) fn names_secret(key: &str) -> bool {
    const WORDS: [&str; 10] = [
        "password",
        "secret",
        "token",
        "credential",
        "private_key",
        "api_key",
        "account_key",
        "access_key",
        "connection_string",
        "headers",
    ];
    let key = key.to_ascii_lowercase();
    // Numbers and a flag of rings.
    const TOKENS: [&str; 2] = ["num_tokens", "persist_tokens"];
    let place = key.ends_with("_file") || key.ends_with("_path");
    WORDS.iter().any(|word| key.contains(word)) && !place && !TOKENS.contains(&key.as_str())
}

/// A text whose URLs end where `ends` says, without the part of them that names and proves a user.
pub(super) fn without_credentials(text: &str, ends: impl Fn(char) -> bool) -> String {
    mask(text, ends, &mut Vec::new()).into_owned()
}

fn mask<'a>(text: &'a str, ends: impl Fn(char) -> bool, taken: &mut Vec<&'a str>) -> Cow<'a, str> {
    let mut masked = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let url = after.find(&ends).map_or(after, |end| &after[..end]);
        masked.push_str(before);
        masked.push_str("://");
        rest = after;
        // A password may hold slashes and at signs: up to the last one all may belong to it.
        if let Some((credentials, _)) = url.rsplit_once('@') {
            masked.push_str(MASK);
            taken.push(credentials);
            rest = &after[credentials.len()..];
        }
    }
    if masked.is_empty() {
        return Cow::Borrowed(text);
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_urls_are_masked() {
        for (text, expected) in [
            ("no URL, a@b", "no URL, a@b"),
            ("parse \"http://host/a\": bad", "parse \"http://host/a\": bad"),
            (
                "parse \"s3://key:secret@%zz/b\": invalid URL escape \"%zz\"",
                "parse \"s3://(sensitive)@%zz/b\": invalid URL escape \"%zz\"",
            ),
            (
                "parse \"http://u:pa/ss@host\": invalid port \":pa\" after host",
                "parse \"http://(sensitive)@host\": invalid port \"(sensitive)\" after host",
            ),
            ("a://b:c@d e://f g://h:@i", "a://(sensitive)@d e://f g://(sensitive)@i"),
        ] {
            assert_eq!(masked(text), expected);
        }
        let text = "yaml: cannot decode !!str `hunter2` as a !!int";
        assert_eq!(told("a.password", text), "yaml: cannot decode !!str `(sensitive)` as a !!int");
        assert_eq!(told("a.tokens[0].b", text), "yaml: cannot decode !!str `(sensitive)` as a !!int");
        assert_eq!(told("a.num", text), text);
        assert_eq!(without_credentials("http://u:a b@h", |_| false), "http://(sensitive)@h");
    }
}
