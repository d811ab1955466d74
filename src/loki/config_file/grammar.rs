//! What each Go type of Loki's configuration takes, the value it makes of it, and what is said against the rest.
//!
//! Null asks no unmarshaler and sets Go's zero value, whatever the type (yaml.v2, decode.go, prepare and scalar).

mod after;
mod collection;
pub mod duration;
mod integer;
mod ip;
mod own;
mod quote;
pub mod regex;
mod scalar;
pub mod selector;
pub mod size;
pub mod time;
pub mod url;

use super::value::Value;
use super::yaml::{Document, Node, NodeId, NodeKind, Resolved, resolve};

pub use after::after;
pub(super) use own::skips_unmarshaler;
pub use quote::quote;

/// Why a value is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// yaml.v2 notes these and reads on; each begins with its line ("line 3: cannot unmarshal …").
    Collected(Vec<String>),
    /// An unmarshaler's own error ends the decoding at once (decode.go, callUnmarshaler).
    Abort(String),
}

/// Reads a node into a type, by the name that reflect prints; none for types that are not known here, which are read by
/// their Go kind: structs, lists and maps without an unmarshaler that replaces the whole.
pub fn read(kind: &str, node: &Node, document: &Document, minor: u32) -> Option<Result<Value, Refusal>> {
    let node = follow(document, node);
    if let Some(plain) = scalar::Plain::of(kind) {
        return Some(scalar::read(plain, kind, node));
    }
    let own = own::Own::of(kind)?;
    if is_null(node) && !asks_at_null(kind, node) {
        return Some(Ok(Value::Null));
    }
    Some(own.read(kind, node, document, minor))
}

/// Whether the type's unmarshaler is asked although the node is null: yaml.v2 overlooks `Null` and `NULL` when it
/// decides that, and hands over an empty text (decode.go, prepare).
pub fn asks_at_null(kind: &str, node: &Node) -> bool {
    node.tag.is_empty() && matches!(node.value.as_str(), "Null" | "NULL") && own::Own::of(kind).is_some()
}

/// "cannot unmarshal !!map into string", without the line.
pub fn mismatch(node: &Node, type_name: &str) -> String {
    match scalar::mismatch(node, type_name) {
        Refusal::Collected(texts) => texts.into_iter().next().unwrap_or_default(),
        Refusal::Abort(text) => text,
    }
    .split_once(": ")
    .map_or_else(String::new, |(_, text)| text.to_owned())
}

/// Whether a scalar is null to yaml.v2. A quoted `"null"` is a text.
pub fn is_null(node: &Node) -> bool {
    node.kind == NodeKind::Scalar && matches!(resolve(node), Ok(Resolved::Null))
}

fn follow<'a>(document: &'a Document, node: &'a Node) -> &'a Node {
    match (node.kind, node.alias) {
        (NodeKind::Alias, Some(id)) => document.get(id),
        _ => node,
    }
}

/// The node, through an alias.
fn target(document: &Document, id: NodeId) -> &Node {
    follow(document, document.get(id))
}

#[cfg(test)]
mod vectors;
