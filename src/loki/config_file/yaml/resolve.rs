//! What a scalar is by its text and tag (yaml.v2's resolve.go, and decode.go, scalar).

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
pub enum Scalar {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer between the least of 64 bits and the greatest unsigned one.
    Int(i128),
    /// A fraction, or a number that is tagged as one.
    Float(f64),
    /// The text itself, with a tag that YAML does not define too.
    Text(String),
    /// A point in time as it is written, which all but Go's time.Time take for a text.
    Time(String),
    /// `!!binary`, decoded.
    Binary(Vec<u8>),
    /// Of the tag `!!merge`. That of a plain `<<` is `!!str`; which key merges, [`Node::is_merge`] tells.
    Merge,
}

impl Scalar {
    /// Its tag; for errors, that of the node comes first.
    pub fn tag(&self) -> &'static str {
        match self {
            Scalar::Null => "!!null",
            Scalar::Bool(_) => "!!bool",
            Scalar::Int(_) => "!!int",
            Scalar::Float(_) => "!!float",
            Scalar::Text(_) => "!!str",
            Scalar::Time(_) => "!!timestamp",
            Scalar::Binary(_) => "!!binary",
            Scalar::Merge => "!!merge",
        }
    }
}

/// `!!int` for `tag:yaml.org,2002:int`; other tags as they are (resolve.go, shortTag).
pub fn short_tag(tag: &str) -> String {
    match tag.strip_prefix(LONG) {
        Some(short) => format!("!!{short}"),
        None => tag.to_owned(),
    }
}

/// What a scalar is, whatever type is wanted.
///
/// # Errors
/// Where the tag asks for what the text is not; this ends the decoding.
pub fn resolve(node: &Node) -> Result<Scalar, String> {
    let text = node.value.as_str();
    let tag = match node.tag.strip_prefix(LONG) {
        None if node.tag.is_empty() && node.implicit => return Ok(plain(text, true)),
        Some(tag) => tag,
        None => return Ok(Scalar::Text(text.to_owned())),
    };
    match tag {
        "binary" => {
            let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
            let refused = |_| "yaml: !!binary value contains invalid base64 data".to_owned();
            return BASE64.decode(digits).map(Scalar::Binary).map_err(refused);
        }
        "merge" => return Ok(Scalar::Merge),
        "bool" | "int" | "float" | "null" | "timestamp" => {}
        _ => return Ok(Scalar::Text(text.to_owned())),
    }
    match (tag, plain(text, tag == "timestamp")) {
        ("float", Scalar::Int(whole)) if i64::try_from(whole).is_ok() => Ok(Scalar::Float(whole as f64)),
        (_, found) if found.tag().strip_prefix("!!") == Some(tag) => Ok(found),
        (_, found) => Err(format!("yaml: cannot decode {} `{text}` as a !!{tag}", found.tag())),
    }
}

/// What a text is by itself. Times are looked for where nothing or a time is asked for.
fn plain(text: &str, times: bool) -> Scalar {
    let found = match text.as_bytes().first() {
        None => Some(Scalar::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => named(text),
        Some(b'.') => named(text).or_else(|| number::fraction(text).map(Scalar::Float)),
        Some(b'0'..=b'9' | b'+' | b'-') => named(text).or_else(|| {
            if times && time::is_timestamp(text) {
                return Some(Scalar::Time(text.to_owned()));
            }
            number::number(text)
        }),
        Some(_) => None,
    };
    found.unwrap_or_else(|| Scalar::Text(text.to_owned()))
}

fn named(text: &str) -> Option<Scalar> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}
