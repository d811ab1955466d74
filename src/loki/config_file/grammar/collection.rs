//! Lists and maps of texts that stand behind a type with an unmarshaler of its own.

use std::collections::{BTreeMap, btree_map};

use super::super::value::{Entry, Value};
use super::super::yaml::{Document, Mark, Node, NodeKind};
use super::quote::quote;
use super::scalar::{self, Plain};
use super::{Refusal, is_null, target};

/// decode.go, sequence into []string. Items that do not fit are reported and left out.
pub(super) fn texts(node: &Node, document: &Document) -> Result<Value, Refusal> {
    list_of("[]string", "string", node, document)
}

fn list_of(list: &str, item: &str, node: &Node, document: &Document) -> Result<Value, Refusal> {
    if is_null(node) {
        return Ok(Value::Null);
    }
    if node.kind != NodeKind::Sequence {
        return Err(scalar::mismatch(node, list));
    }
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    for id in &node.children {
        let child = target(document, *id);
        if let Some(value) = note(scalar::read(Plain::String, item, child), &mut errors)? {
            let value = if value == Value::Null { Value::Text(String::new()) } else { value };
            items.push(Entry { value, mark: child.mark, key: child.mark });
        }
    }
    if errors.is_empty() { Ok(Value::List(items)) } else { Err(Refusal::Collected(errors)) }
}

/// decode.go, mapping into map[string]string, with the strict decoder's errors of repeated keys.
pub(super) fn map(node: &Node, document: &Document) -> Result<Value, Refusal> {
    if is_null(node) {
        return Ok(Value::Null);
    }
    if node.kind != NodeKind::Mapping {
        return Err(scalar::mismatch(node, "map[string]string"));
    }
    let mut reading = Reading { document, members: BTreeMap::new(), errors: Vec::new(), steps: 0 };
    reading.mapping(node, 0)?;
    match reading.errors.is_empty() {
        true => Ok(Value::Map(reading.members)),
        false => Err(Refusal::Collected(reading.errors)),
    }
}

struct Reading<'a> {
    document: &'a Document,
    members: BTreeMap<String, Entry>,
    errors: Vec<String>,
    /// Mappings read; merges can repeat them without end.
    steps: u32,
}

impl<'a> Reading<'a> {
    fn mapping(&mut self, node: &'a Node, depth: u32) -> Result<(), Refusal> {
        self.steps += 1;
        if depth > 100 || self.steps > 10_000 {
            return Err(Refusal::Abort("yaml: document contains excessive aliasing".into()));
        }
        for pair in node.children.chunks_exact(2) {
            let &[key_id, value_id] = pair else { continue };
            let key_node = self.document.get(key_id);
            if is_merge(key_node) {
                self.merge(value_id, depth)?;
                continue;
            }
            let Some(key) = note(text(target(self.document, key_id)), &mut self.errors)? else { continue };
            let value_node = target(self.document, value_id);
            let Some(value) = note(text(value_node), &mut self.errors)? else { continue };
            if self.members.contains_key(&key) {
                let line = self.document.get(value_id).mark.line;
                self.errors.push(format!("line {line}: key {} already set in map", quote(&key)));
                continue;
            }
            let entry = Entry { value: Value::Text(value), mark: value_node.mark, key: key_node.mark };
            self.members.insert(key, entry);
        }
        Ok(())
    }

    fn merge(&mut self, id: usize, depth: u32) -> Result<(), Refusal> {
        let wrong = || Refusal::Abort("yaml: map merge requires map or sequence of maps as the value".into());
        let node = target(self.document, id);
        match node.kind {
            NodeKind::Mapping => self.mapping(node, depth + 1),
            // An alias may stand for one map, but not for a list of them.
            NodeKind::Sequence if self.document.get(id).kind == NodeKind::Sequence => {
                for child in node.children.iter().rev() {
                    let child = target(self.document, *child);
                    if child.kind != NodeKind::Mapping {
                        return Err(wrong());
                    }
                    self.mapping(child, depth + 1)?;
                }
                Ok(())
            }
            _ => Err(wrong()),
        }
    }
}

/// `config.Headers` of prometheus/common (headers.go): a map of names to structs of lists, inlined in a struct.
pub(super) fn headers(node: &Node, document: &Document) -> Result<Value, Refusal> {
    if node.kind != NodeKind::Mapping {
        return Err(scalar::mismatch(node, "config.Headers"));
    }
    let (mut headers, mut errors) = (BTreeMap::new(), Vec::new());
    for (key, mark, value) in pairs(node, document, &mut errors)? {
        let header = note(header(value, document), &mut errors)?.unwrap_or_default();
        if headers.contains_key(&key) {
            errors.push(format!("line {}: key {} already set in map", value.mark.line, quote(&key)));
            continue;
        }
        headers.insert(key, Entry { value: header, mark: value.mark, key: mark });
    }
    if errors.is_empty() { Ok(Value::Map(headers)) } else { Err(Refusal::Collected(errors)) }
}

fn header(node: &Node, document: &Document) -> Result<Value, Refusal> {
    if is_null(node) {
        return Ok(Value::Null);
    }
    if node.kind != NodeKind::Mapping {
        return Err(scalar::mismatch(node, "config.Header"));
    }
    let (mut fields, mut errors) = (BTreeMap::new(), Vec::new());
    for (key, mark, value) in pairs(node, document, &mut errors)? {
        let line = mark.line;
        if !matches!(key.as_str(), "values" | "secrets" | "files") {
            errors.push(format!("line {line}: field {key} not found in type config.Header"));
            continue;
        }
        let place = match fields.entry(key) {
            btree_map::Entry::Vacant(place) => place,
            btree_map::Entry::Occupied(place) => {
                errors.push(format!("line {line}: field {} already set in type config.Header", place.key()));
                continue;
            }
        };
        let secret = place.key() == "secrets";
        let (list, item) = if secret { ("[]config.Secret", "config.plain") } else { ("[]string", "string") };
        let texts = note(list_of(list, item, value, document), &mut errors)?.unwrap_or_default();
        place.insert(Entry { value: texts, mark: value.mark, key: mark });
    }
    if errors.is_empty() { Ok(Value::Map(fields)) } else { Err(Refusal::Collected(errors)) }
}

/// A struct's keys, where they stand, and their values. Merges are passed over: nothing is known to use them here.
fn pairs<'a>(
    node: &'a Node,
    document: &'a Document,
    errors: &mut Vec<String>,
) -> Result<Vec<(String, Mark, &'a Node)>, Refusal> {
    let mut pairs = Vec::new();
    for pair in node.children.chunks_exact(2) {
        let &[key_id, value_id] = pair else { continue };
        let key = document.get(key_id);
        if is_merge(key) {
            continue;
        }
        if let Some(name) = note(text(target(document, key_id)), errors)? {
            pairs.push((name, key.mark, target(document, value_id)));
        }
    }
    Ok(pairs)
}

/// Keeps what is collected, and passes on what ends the decoding.
fn note<T>(read: Result<T, Refusal>, errors: &mut Vec<String>) -> Result<Option<T>, Refusal> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Refusal::Collected(found)) => {
            errors.extend(found);
            Ok(None)
        }
        Err(abort) => Err(abort),
    }
}

/// decode.go, isMerge.
fn is_merge(node: &Node) -> bool {
    node.kind == NodeKind::Scalar && node.value == "<<" && (node.implicit || node.tag == "tag:yaml.org,2002:merge")
}

/// Into a Go string; null is the empty one.
pub(super) fn text(node: &Node) -> Result<String, Refusal> {
    match scalar::read(Plain::String, "string", node)? {
        Value::Text(text) => Ok(text),
        _ => Ok(String::new()),
    }
}
