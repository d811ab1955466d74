//! Plain Go values as yaml.v2 decodes scalars into them (gopkg.in/yaml.v2 v2.4.0, decode.go, scalar; Apache licence).

use std::borrow::Cow;

use super::super::value::Value;
use super::super::yaml::{Node, NodeKind, Resolved, resolve, short_tag};
use super::{Refusal, duration};

/// A Go kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    Bool,
    /// Signed, of so many bits.
    Int(u32),
    /// Unsigned, of so many bits.
    Uint(u32),
    Float,
    String,
    /// time.Duration, an int64 that also takes texts.
    Duration,
}

impl Plain {
    /// Of a type without a grammar of its own; named ones are those of Loki's configuration.
    pub(super) fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "bool" => Plain::Bool,
            "int" | "int64" | "model.Time" => Plain::Int(64),
            "int8" => Plain::Int(8),
            "int16" => Plain::Int(16),
            "int32" => Plain::Int(32),
            "uint" | "uint64" | "uintptr" => Plain::Uint(64),
            "uint8" => Plain::Uint(8),
            "uint16" => Plain::Uint(16),
            "uint32" => Plain::Uint(32),
            "float32" | "float64" => Plain::Float,
            "time.Duration" => Plain::Duration,
            "string"
            | "push.Action"
            | "indexgateway.Mode"
            | "indexshipper.Mode"
            | "remote.WriteMessageType"
            | "config.RemoteWriteProtoMsg"
            | "model.LabelValue" => Plain::String,
            _ => return None,
        })
    }
}

/// Reads a node that is no alias into a plain value. `kind` is the type's name for errors.
pub(super) fn read(plain: Plain, kind: &str, node: &Node) -> Result<Value, Refusal> {
    if node.kind != NodeKind::Scalar {
        return Err(mismatch(node, kind));
    }
    let resolved = resolve(node).map_err(Refusal::Abort)?;
    let value = match (plain, &resolved) {
        // Null is the zero value of anything.
        (_, Resolved::Null) => Some(Value::Null),
        (Plain::String, Resolved::Binary(bytes)) => Some(Value::Text(String::from_utf8_lossy(bytes).into_owned())),
        (Plain::String, _) => Some(Value::Text(node.value.clone())),
        (Plain::Bool, Resolved::Bool(value)) => Some(Value::Bool(*value)),
        (Plain::Int(bits), Resolved::Int(value)) => signed(*value, bits),
        (Plain::Int(bits), Resolved::Float(value)) => truncated(*value).and_then(|value| signed(value, bits)),
        (Plain::Duration, Resolved::Int(value)) => signed(*value, 64),
        (Plain::Duration, Resolved::Float(value)) => truncated(*value).map(Value::Int),
        (Plain::Duration, Resolved::Text | Resolved::Merge | Resolved::Other) => nanoseconds(&node.value),
        (Plain::Duration, Resolved::Binary(bytes)) => std::str::from_utf8(bytes).ok().and_then(nanoseconds),
        (Plain::Uint(bits), Resolved::Int(value)) => unsigned(*value, bits),
        (Plain::Uint(bits), Resolved::Float(value)) => {
            truncated_unsigned(*value).and_then(|value| unsigned(value, bits))
        }
        (Plain::Float, Resolved::Int(value)) => Some(Value::Float(*value as f64)),
        (Plain::Float, Resolved::Float(value)) => Some(Value::Float(*value)),
        _ => None,
    };
    value.ok_or_else(|| mismatch_as(node, &resolved.tag(node), kind))
}

fn nanoseconds(text: &str) -> Option<Value> {
    duration::go(text).map(|value| Value::Int(value.into()))
}

fn signed(value: i128, bits: u32) -> Option<Value> {
    let limit = 1_i128 << (bits - 1);
    (-limit..limit).contains(&value).then_some(Value::Int(value))
}

fn unsigned(value: i128, bits: u32) -> Option<Value> {
    (0..1_i128 << bits).contains(&value).then_some(Value::Int(value))
}

/// decode.go lets every float up to 2^63 through; what does not fit then is the smallest integer on amd64.
fn truncated(value: f64) -> Option<i128> {
    (value <= TWO_63).then(|| i128::from(convert(value)))
}

/// The same for unsigned integers: negative ones wrap around, and 2^64 is 0.
fn truncated_unsigned(value: f64) -> Option<i128> {
    if value.is_nan() || value > 2.0 * TWO_63 {
        return None;
    }
    let bits = if value < TWO_63 { convert(value) as u64 } else { convert(value - TWO_63) as u64 | 1 << 63 };
    Some(bits.into())
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// CVTTSD2SQ.
fn convert(value: f64) -> i64 {
    if (-TWO_63..TWO_63).contains(&value) { value as i64 } else { i64::MIN }
}

/// A collected error: this node is nothing for the type.
pub(super) fn mismatch(node: &Node, kind: &str) -> Refusal {
    let tag = match node.kind {
        NodeKind::Mapping => "!!map",
        NodeKind::Sequence => "!!seq",
        NodeKind::Alias => "!!str",
        NodeKind::Scalar => {
            return match resolve(node) {
                Ok(resolved) => mismatch_as(node, &resolved.tag(node), kind),
                Err(text) => Refusal::Abort(text),
            };
        }
    };
    mismatch_as(node, tag, kind)
}

/// decode.go, terror.
fn mismatch_as(node: &Node, tag: &str, kind: &str) -> Refusal {
    let tag = if node.tag.is_empty() { Cow::Borrowed(tag) } else { short_tag(&node.tag) };
    let shown = match node.value.as_bytes() {
        // A scalar can have such a tag; its text follows as it is.
        _ if matches!(tag.as_ref(), "!!seq" | "!!map") => node.value.clone(),
        // Seven bytes, which may end within a character.
        bytes if bytes.len() > 10 => format!(" `{}...`", cut(bytes)),
        _ => format!(" `{}`", node.value),
    };
    Refusal::Collected(vec![format!("line {}: cannot unmarshal {tag}{shown} into {kind}", node.mark.line)])
}

/// The first seven bytes; each of a character cut in two shows as one that cannot be shown.
fn cut(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes[..bytes.len().min(7)].utf8_chunks() {
        shown.push_str(chunk.valid());
        shown.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    shown
}
