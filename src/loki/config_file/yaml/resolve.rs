//! What a scalar is by its text and tag (yaml.v2's resolve.go).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;

use super::{Node, NodeKind};

const LONG: &str = "tag:yaml.org,2002:";

/// What a scalar is.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer between the least of 64 bits and the greatest unsigned one.
    Int(i128),
    /// A fraction.
    Float(f64),
    /// A point in time, which everything but a time reads as text.
    Timestamp,
    /// The text itself.
    Text,
    /// `!!binary`, decoded.
    Binary(Vec<u8>),
    /// `<<`.
    Merge,
    /// Of a tag that YAML does not define.
    Other,
}

impl Resolved {
    /// Its tag, `!!int` for example; that of the node where YAML does not define it.
    pub fn tag<'a>(&self, node: &'a Node) -> &'a str {
        match self {
            Resolved::Null => "!!null",
            Resolved::Bool(_) => "!!bool",
            Resolved::Int(_) => "!!int",
            Resolved::Float(_) => "!!float",
            Resolved::Timestamp => "!!timestamp",
            Resolved::Text => "!!str",
            Resolved::Binary(_) => "!!binary",
            Resolved::Merge => "!!merge",
            Resolved::Other => short_tag(&node.tag),
        }
    }
}

/// `!!int` for `tag:yaml.org,2002:int`; other tags as they are.
pub fn short_tag(tag: &str) -> &str {
    match tag {
        "tag:yaml.org,2002:null" => "!!null",
        "tag:yaml.org,2002:bool" => "!!bool",
        "tag:yaml.org,2002:int" => "!!int",
        "tag:yaml.org,2002:float" => "!!float",
        "tag:yaml.org,2002:timestamp" => "!!timestamp",
        "tag:yaml.org,2002:str" => "!!str",
        "tag:yaml.org,2002:binary" => "!!binary",
        "tag:yaml.org,2002:merge" => "!!merge",
        "tag:yaml.org,2002:seq" => "!!seq",
        "tag:yaml.org,2002:map" => "!!map",
        tag => tag,
    }
}

/// Null sets Go's zero value and asks no unmarshaler (decode.go, prepare and scalar).
pub fn is_null(node: &Node) -> bool {
    node.kind == NodeKind::Scalar
        && match node.tag.as_str() {
            "tag:yaml.org,2002:null" => true,
            "" => node.implicit && matches!(node.value.as_str(), "" | "~" | "null" | "Null" | "NULL"),
            _ => false,
        }
}

/// decode.go, scalar, as far as the type that is wanted does not matter.
///
/// # Errors
/// Where the tag asks for what the text is not; this ends the decoding.
pub fn resolve(node: &Node) -> Result<Resolved, String> {
    if node.tag.is_empty() && !node.implicit {
        return Ok(Resolved::Text);
    }
    let text = node.value.as_str();
    let tag = node.tag.strip_prefix(LONG).unwrap_or(if node.tag.is_empty() { "" } else { "?" });
    match tag {
        "" => return Ok(plain(text, true)),
        "str" => return Ok(Resolved::Text),
        "binary" => {
            let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
            return STANDARD
                .decode(bytes)
                .map(Resolved::Binary)
                .map_err(|_| "yaml: !!binary value contains invalid base64 data".to_owned());
        }
        "bool" | "int" | "float" | "null" | "timestamp" => {}
        _ => return Ok(Resolved::Other),
    }
    let found = plain(text, tag == "timestamp");
    match (tag, &found) {
        ("bool", Resolved::Bool(_))
        | ("int", Resolved::Int(_))
        | ("float", Resolved::Float(_))
        | ("null", Resolved::Null)
        | ("timestamp", Resolved::Timestamp) => Ok(found),
        ("float", Resolved::Int(whole)) if i64::try_from(*whole).is_ok() => Ok(Resolved::Float(*whole as f64)),
        _ => Err(format!("yaml: cannot decode {} `{text}` as a !!{tag}", found.tag(node))),
    }
}

/// The type that a plain scalar's text tells.
fn plain(text: &str, times: bool) -> Resolved {
    let Some(first) = text.bytes().next() else { return Resolved::Null };
    if let Some(found) = named(text) {
        return found;
    }
    match first {
        b'.' => float(text).map_or(Resolved::Text, Resolved::Float),
        b'0'..=b'9' | b'+' | b'-' => {
            if times && is_timestamp(text) {
                return Resolved::Timestamp;
            }
            let digits = text.replace('_', "");
            if let Some(whole) = integer(&digits) {
                return Resolved::Int(whole);
            }
            if is_decimal(&digits)
                && let Some(value) = float(&digits)
            {
                return Resolved::Float(value);
            }
            Resolved::Text
        }
        _ => Resolved::Text,
    }
}

fn named(text: &str) -> Option<Resolved> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        "<<" => Resolved::Merge,
        _ => return None,
    })
}

/// Go's strconv.ParseInt(text, 0, 64), then ParseUint, on a text without underscores.
fn integer(text: &str) -> Option<i128> {
    let (negative, signed, magnitude) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let lower = magnitude.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &magnitude[2..]),
        Some("0o") => (8, &magnitude[2..]),
        Some("0b") => (2, &magnitude[2..]),
        _ if magnitude.len() > 1 && magnitude.starts_with('0') => (8, &magnitude[1..]),
        _ => (10, magnitude),
    };
    // from_str_radix would take a sign of its own.
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    // ParseUint takes no sign.
    let most = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&value).then_some(value)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

/// Go's strconv.ParseFloat refuses what is too great; Rust's takes it for infinite.
fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The formats of resolve.go, parseTimestamp.
fn is_timestamp(text: &str) -> bool {
    if text.bytes().take_while(u8::is_ascii_digit).count() != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let mut rest = &text[5..];
    let Ok(year) = text[..4].parse::<i16>() else { return false };
    let Some(month) = number(&mut rest) else { return false };
    if !take(&mut rest, "-") {
        return false;
    }
    let Some(day) = number(&mut rest) else { return false };
    if Date::new(year, month, day).is_err() {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    let zoned = match rest.as_bytes()[0] {
        b'T' | b't' => true,
        b' ' => false,
        _ => return false,
    };
    rest = &rest[1..];
    if !clock(&mut rest) {
        return false;
    }
    if !zoned {
        return rest.is_empty();
    }
    if rest == "Z" {
        return true;
    }
    let zone = rest.as_bytes();
    zone.len() == 6
        && matches!(zone[0], b'+' | b'-')
        && zone[3] == b':'
        && [1, 2, 4, 5].iter().all(|place| zone[*place].is_ascii_digit())
        && rest[1..3].parse::<u8>().is_ok_and(|hours| hours <= 24)
        && rest[4..6].parse::<u8>().is_ok_and(|minutes| minutes < 60)
}

/// `15:4:5` with a fraction of any length.
fn clock(rest: &mut &str) -> bool {
    for (most, separator) in [(23, ":"), (59, ":"), (59, "")] {
        if number(rest).is_none_or(|value| value > most) || !take(rest, separator) {
            return false;
        }
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        *rest = &fraction[digits..];
    }
    true
}

/// One or two digits.
fn number(rest: &mut &str) -> Option<i8> {
    let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

fn take(rest: &mut &str, prefix: &str) -> bool {
    match rest.strip_prefix(prefix) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}
