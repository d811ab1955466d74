//! What a scalar is by its text and tag (yaml.v2's resolve.go, and decode.go, scalar).

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::{Node, number, time};

const LONG: &str = "tag:yaml.org,2002:";
pub(super) const NULL: &str = "tag:yaml.org,2002:null";
pub(super) const MERGE: &str = "tag:yaml.org,2002:merge";
/// As Go's: the last digit's spare bits may be anything.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// What a scalar is.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer between the least of 64 bits and the greatest unsigned one.
    Int(i128),
    /// A fraction, or a number that is tagged as one.
    Float(f64),
    /// A point in time, which everything but Go's time.Time reads as text.
    Timestamp,
    /// The text itself.
    Text,
    /// `!!binary`, decoded.
    Binary(Vec<u8>),
    /// Of the tag `!!merge`. That of a plain `<<` is `!!str`; which key merges, [`Node::is_merge`] tells.
    Merge,
    /// The text itself, of a tag that YAML does not define for scalars.
    Other,
}

impl Resolved {
    /// Its tag, `!!int` for example; that of the node where YAML does not define it.
    pub fn tag<'a>(&self, node: &'a Node) -> Cow<'a, str> {
        Cow::Borrowed(match self {
            Resolved::Null => "!!null",
            Resolved::Bool(_) => "!!bool",
            Resolved::Int(_) => "!!int",
            Resolved::Float(_) => "!!float",
            Resolved::Timestamp => "!!timestamp",
            Resolved::Text => "!!str",
            Resolved::Binary(_) => "!!binary",
            Resolved::Merge => "!!merge",
            Resolved::Other => return short_tag(&node.tag),
        })
    }
}

/// `!!int` for `tag:yaml.org,2002:int`; other tags as they are (resolve.go, shortTag).
pub fn short_tag(tag: &str) -> Cow<'_, str> {
    match tag.strip_prefix(LONG) {
        Some(short) => Cow::Owned(format!("!!{short}")),
        None => Cow::Borrowed(tag),
    }
}

/// What a scalar is, whatever type is wanted.
///
/// # Errors
/// Where the tag asks for what the text is not; this ends the decoding.
pub fn resolve(node: &Node) -> Result<Resolved, String> {
    let text = node.value.as_str();
    let tag = match node.tag.strip_prefix(LONG) {
        None if node.tag.is_empty() && node.implicit => return Ok(plain(text, true)),
        None if node.tag.is_empty() => return Ok(Resolved::Text),
        None => return Ok(Resolved::Other),
        Some(tag) => tag,
    };
    match tag {
        "str" => return Ok(Resolved::Text),
        "binary" => {
            let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
            let refused = |_| "yaml: !!binary value contains invalid base64 data".to_owned();
            return BASE64.decode(digits).map(Resolved::Binary).map_err(refused);
        }
        "merge" => return Ok(Resolved::Merge),
        "bool" | "int" | "float" | "null" | "timestamp" => {}
        _ => return Ok(Resolved::Other),
    }
    match (tag, plain(text, tag == "timestamp")) {
        ("float", Resolved::Int(whole)) if i64::try_from(whole).is_ok() => Ok(Resolved::Float(whole as f64)),
        (_, found) if found.tag(node).strip_prefix("!!") == Some(tag) => Ok(found),
        (_, found) => Err(format!("yaml: cannot decode {} `{text}` as a !!{tag}", found.tag(node))),
    }
}

/// What a text is by itself. Times are looked for where nothing or a time is asked for.
fn plain(text: &str, times: bool) -> Resolved {
    let found = match text.as_bytes().first() {
        None => Some(Resolved::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => named(text),
        Some(b'.') => named(text).or_else(|| number::fraction(text).map(Resolved::Float)),
        Some(b'0'..=b'9' | b'+' | b'-') => named(text).or_else(|| {
            if times && time::is_timestamp(text) {
                return Some(Resolved::Timestamp);
            }
            number::number(text)
        }),
        Some(_) => None,
    };
    found.unwrap_or(Resolved::Text)
}

fn named(text: &str) -> Option<Resolved> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}
