//! Lists and maps of texts that stand behind a type with an unmarshaler of its own.

use std::collections::BTreeMap;

use super::super::value::{Entry, Value};
use super::super::yaml::{Document, Node, NodeKind};
use super::scalar::{self, Plain};
use super::{Refusal, is_null, target};

/// decode.go, sequence into []string. Items that do not fit are reported and left out.
pub(super) fn texts(node: &Node, document: &Document) -> Result<Value, Refusal> {
    if is_null(node) {
        return Ok(Value::Null);
    }
    if node.kind != NodeKind::Sequence {
        return Err(scalar::mismatch(node, "[]string"));
    }
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    for id in &node.children {
        let item = target(document, *id);
        match text(item) {
            Ok(text) => items.push(Entry { value: Value::Text(text), mark: item.mark, key: item.mark }),
            Err(Refusal::Collected(found)) => errors.extend(found),
            Err(abort) => return Err(abort),
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
            let Some(key) = self.collect(text(target(self.document, key_id)))? else { continue };
            let value_node = target(self.document, value_id);
            let Some(value) = self.collect(text(value_node))? else { continue };
            if self.members.contains_key(&key) {
                let line = self.document.get(value_id).mark.line;
                self.errors.push(format!("line {line}: key {} already set in map", super::quote::quote(&key)));
                continue;
            }
            let entry = Entry { value: Value::Text(value), mark: value_node.mark, key: key_node.mark };
            self.members.insert(key, entry);
        }
        Ok(())
    }

    fn collect(&mut self, read: Result<String, Refusal>) -> Result<Option<String>, Refusal> {
        match read {
            Ok(text) => Ok(Some(text)),
            Err(Refusal::Collected(found)) => {
                self.errors.extend(found);
                Ok(None)
            }
            Err(abort) => Err(abort),
        }
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
