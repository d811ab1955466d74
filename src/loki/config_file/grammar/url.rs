//! Which URLs Go's net/url refuses, and why (url.Parse of Go 1.26; BSD licence). Nearly everything is a URL to it.

use super::ip;
use super::quote::quote;

/// What url.Parse says against the text, if anything. Newer releases of Loki are built with newer versions of Go, which
/// refuse more: since 3.6 what is no IPv6 address in brackets, since 3.7 a second colon in an http host.
pub fn check(text: &str, minor: u32) -> Result<(), String> {
    let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
    parse(url, minor).map_err(|error| format!("parse {}: {error}", quote(url)))?;
    unescape(fragment, Mode::Other).map_err(|error| format!("parse {}: {error}", quote(text)))
}

/// Whether the text, once parsed, has a scheme.
pub fn scheme(text: &str) -> Option<&str> {
    let url = text.split_once('#').map_or(text, |(url, _)| url);
    split_scheme(url).ok().map(|(scheme, _)| scheme).filter(|scheme| !scheme.is_empty())
}

fn parse(url: &str, minor: u32) -> Result<(), String> {
    if url.bytes().any(|byte| byte.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".into());
    }
    let (scheme, rest) = split_scheme(url)?;
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            // Opaque, such as mailto:someone.
            return Ok(());
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".into());
        }
    }
    let path = match rest.strip_prefix("//") {
        Some(rest_of_it) if !scheme.is_empty() || !rest.starts_with("///") => {
            let (authority, path) = rest_of_it.split_at(rest_of_it.find('/').unwrap_or(rest_of_it.len()));
            check_authority(&scheme.to_ascii_lowercase(), authority, minor)?;
            path
        }
        _ => rest,
    };
    unescape(path, Mode::Other)
}

fn split_scheme(url: &str) -> Result<(&str, &str), String> {
    for (index, byte) in url.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".into()),
            b':' => return Ok((&url[..index], &url[index + 1..])),
            _ => return Ok(("", url)),
        }
    }
    Ok(("", url))
}

fn check_authority(scheme: &str, authority: &str, minor: u32) -> Result<(), String> {
    let Some((user, host)) = authority.rsplit_once('@') else { return check_host(scheme, authority, minor) };
    check_host(scheme, host, minor)?;
    let allowed = |char: char| char.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(char);
    if !user.chars().all(allowed) {
        return Err("net/url: invalid userinfo".into());
    }
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    unescape(name, Mode::Other)?;
    unescape(password, Mode::Other)
}

fn check_host(scheme: &str, host: &str, minor: u32) -> Result<(), String> {
    let bad_port = |port: &str| Err(format!("invalid port {} after host", quote(port)));
    let bracket = host.rfind('[');
    if minor >= 6 && bracket.is_some_and(|index| index > 0) {
        return Err("invalid IP-literal".into());
    }
    if bracket == Some(0) {
        let Some(end) = host.rfind(']') else { return Err("missing ']' in host".into()) };
        let (name, port) = (&host[1..end.max(1)], &host[end + 1..]);
        if !is_port(port) {
            return bad_port(port);
        }
        unescape(port, Mode::Host)?;
        let (address, zone) = name.split_at(name.find("%25").unwrap_or(name.len()));
        unescape(address, Mode::Host)?;
        unescape(zone, Mode::Zone)?;
        if minor >= 6 {
            let address = unescaped(name);
            ip::parse(&address).map_err(|error| format!("invalid host: {error}"))?;
            if ip::is_v4(&address) {
                return Err("invalid IP-literal".into());
            }
        }
        return Ok(());
    }
    if let Some(first) = host.find(':') {
        // Databases take lists of hosts; only http must have one.
        let strict = minor >= 7 && matches!(scheme, "http" | "https");
        let start = if strict { first } else { host.rfind(':').unwrap_or(first) };
        if !is_port(&host[start..]) {
            return bad_port(&host[start..]);
        }
    }
    unescape(host, Mode::Host)
}

fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => text.is_empty(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Host,
    Zone,
    Other,
}

/// url.go, unescape: whether the percent signs, and in a host all characters, are in order.
fn unescape(text: &str, mode: Mode) -> Result<(), String> {
    let bytes = text.as_bytes();
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        if byte == b'%' {
            let Some(value) = hex_byte(bytes, index + 1) else {
                let sequence = String::from_utf8_lossy(&bytes[index..bytes.len().min(index + 3)]);
                // A character cut in two is printed byte by byte.
                return Err(format!("invalid URL escape {}", quote_bytes(&bytes[index..], &sequence)));
            };
            let percent = &bytes[index..index + 3] == b"%25";
            let refused = match mode {
                Mode::Host => value < 0x80 && !percent,
                Mode::Zone => !percent && value != b' ' && !is_host_byte(value),
                Mode::Other => false,
            };
            if refused {
                return Err(format!("invalid URL escape {}", quote(&text[index..index + 3])));
            }
            index += 3;
            continue;
        }
        if mode != Mode::Other && byte.is_ascii() && !is_host_byte(byte) {
            return Err(format!("invalid character {} in host name", quote(&char::from(byte).to_string())));
        }
        index += 1;
    }
    Ok(())
}

/// strconv.Quote of the first three bytes of `rest`, which need not end between characters.
fn quote_bytes(rest: &[u8], lossy: &str) -> String {
    let sequence = &rest[..rest.len().min(3)];
    if std::str::from_utf8(sequence).is_ok() {
        return quote(lossy);
    }
    let mut quoted = String::from("\"");
    for chunk in sequence.utf8_chunks() {
        let whole = quote(chunk.valid());
        quoted.push_str(&whole[1..whole.len() - 1]);
        quoted.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    quoted.push('"');
    quoted
}

fn hex_byte(bytes: &[u8], index: usize) -> Option<u8> {
    let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(index)? * 16 + digit(index + 1)?).ok()
}

/// url.go, shouldEscape with encodeHost, for ASCII.
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut result = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        match hex_byte(bytes, index + 1) {
            Some(value) if byte == b'%' => {
                result.push(value);
                index += 3;
            }
            _ => {
                result.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&result).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_go_says() {
        for good in ["", "*", "localhost", "/a/b", "http://a:80/b?c#d", "mailto:x", "s3://key:s%2Fcret@region/bucket"] {
            assert_eq!(check(good, 7), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("localhost:3100", None),
            ("127.0.0.1:3100", Some("parse \"127.0.0.1:3100\": first path segment in URL cannot contain colon")),
            ("http://a:b/", Some("parse \"http://a:b/\": invalid port \":b\" after host")),
            ("http://a b/", Some("parse \"http://a b/\": invalid character \" \" in host name")),
            ("http://a/%zz", Some("parse \"http://a/%zz\": invalid URL escape \"%zz\"")),
            (":x", Some("parse \":x\": missing protocol scheme")),
            ("http://[::1", Some("parse \"http://[::1\": missing ']' in host")),
        ] {
            assert_eq!(check(bad, 7).err().as_deref(), why, "{bad}");
        }
    }

    #[test]
    fn newer_releases_refuse_more() {
        assert_eq!(check("http://a:b:80/", 6), Ok(()));
        assert_eq!(
            check("http://a:b:80/", 7),
            Err("parse \"http://a:b:80/\": invalid port \":b:80\" after host".into())
        );
        assert_eq!(check("http://[1.2.3.4]/", 5), Ok(()));
        assert_eq!(check("http://[1.2.3.4]/", 6), Err("parse \"http://[1.2.3.4]/\": invalid IP-literal".into()));
    }
}
