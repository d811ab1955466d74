//! IP addresses and networks as Go reads them (net/netip, ParseAddr; net, ParseCIDR; BSD licence).

use super::quote::quote;

/// What netip.ParseAddr says against the text, if anything.
pub fn parse(text: &str) -> Result<(), String> {
    match text.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => v4(text, text).map_err(|error| error.print(text)),
        Some(b':') => v6(text).map_err(|error| error.print(text)),
        Some(_) => Err(Wrong("missing IPv6 address", "").print(text)),
        None => Err(Wrong("unable to parse IP", "").print(text)),
    }
}

/// Whether a valid address is one of IPv4.
pub fn is_v4(text: &str) -> bool {
    text.bytes().find(|byte| matches!(byte, b'.' | b':')) == Some(b'.')
}

/// What net.ParseCIDR says against the text, if anything.
pub fn parse_cidr(text: &str) -> Result<(), String> {
    let wrong = || format!("invalid CIDR address: {text}");
    let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
    // A zone has no place in a network.
    parse(address).ok().filter(|()| !address.contains('%')).ok_or_else(wrong)?;
    let longest = if is_v4(address) { 32 } else { 128 };
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    let fits = bits.parse::<u64>().is_ok_and(|bits| bits <= longest);
    if digits && fits { Ok(()) } else { Err(wrong()) }
}

/// A message, and the text at which it struck.
struct Wrong<'a>(&'static str, &'a str);

impl Wrong<'_> {
    fn print(&self, text: &str) -> String {
        let Wrong(message, at) = self;
        match at.is_empty() {
            true => format!("ParseAddr({}): {message}", quote(text)),
            false => format!("ParseAddr({}): {message} (at {})", quote(text), quote(at)),
        }
    }
}

fn v4<'a>(text: &'a str, _whole: &str) -> Result<(), Wrong<'a>> {
    let bytes = text.as_bytes();
    let (mut value, mut fields, mut digits) = (0_u32, 0, 0);
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(Wrong("IPv4 field has octet with leading zero", ""));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(Wrong("IPv4 field has value >255", ""));
                }
            }
            b'.' => {
                if index == 0 || index == bytes.len() - 1 || bytes[index - 1] == b'.' {
                    return Err(Wrong("IPv4 field must have at least one digit", &text[index..]));
                }
                if fields == 3 {
                    return Err(Wrong("IPv4 address too long", ""));
                }
                (fields, value, digits) = (fields + 1, 0, 0);
            }
            _ => return Err(Wrong("unexpected character", &text[index..])),
        }
    }
    if fields < 3 { Err(Wrong("IPv4 address too short", "")) } else { Ok(()) }
}

fn v6(whole: &str) -> Result<(), Wrong<'_>> {
    let mut rest = match whole.split_once('%') {
        Some((_, "")) => return Err(Wrong("zone must be a non-empty string", "")),
        Some((address, _)) => address,
        None => whole,
    };
    let mut ellipsis = false;
    if let Some(after) = rest.strip_prefix("::") {
        (ellipsis, rest) = (true, after);
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut bytes = 0;
    while bytes < 16 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return Err(Wrong("each group must have 4 or less digits", rest));
        }
        if digits == 0 {
            return Err(Wrong("each colon-separated field must have at least one digit", rest));
        }
        if rest[digits..].starts_with('.') {
            if !ellipsis && bytes != 12 {
                return Err(Wrong("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if bytes + 4 > 16 {
                return Err(Wrong("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
            }
            v4(rest, whole)?;
            rest = "";
            bytes += 4;
            break;
        }
        bytes += 2;
        rest = &rest[digits..];
        if rest.is_empty() {
            break;
        }
        match rest.strip_prefix(':') {
            None => return Err(Wrong("unexpected character, want colon", rest)),
            Some("") => return Err(Wrong("colon must be followed by more characters", rest)),
            Some(after) => rest = after,
        }
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis {
                return Err(Wrong("multiple :: in address", rest));
            }
            (ellipsis, rest) = (true, after);
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Err(Wrong("trailing garbage after address", rest));
    }
    match (bytes < 16, ellipsis) {
        (true, false) => Err(Wrong("address string too short", "")),
        (false, true) => Err(Wrong("the :: must expand to at least one field of zeros", "")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks() {
        for good in ["127.0.0.1", "::", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"] {
            assert_eq!(parse(good), Ok(()), "{good}");
        }
        assert_eq!(parse("1.2.3").unwrap_err(), "ParseAddr(\"1.2.3\"): IPv4 address too short");
        assert_eq!(parse("::1::").unwrap_err(), "ParseAddr(\"::1::\"): multiple :: in address (at \":\")");
        assert_eq!(parse_cidr("10.0.0.0/8"), Ok(()));
        assert_eq!(parse_cidr("10.0.0.0/33"), Err("invalid CIDR address: 10.0.0.0/33".into()));
    }
}
