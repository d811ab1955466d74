//! Reads a document into a configuration as yaml.v2's strict decoder reads it into Loki's Go structs
//! (gopkg.in/yaml.v2 v2.4.0, decode.go), finding what that finds, in its words.

use std::collections::{BTreeMap, HashSet, btree_map};

use super::config::Config;
use super::finding::{FileFinding, Findings};
use super::grammar::{self, Refusal};
use super::model::{Kind, Model, ModelId};
use super::removed;
use super::value::{Entry, Mark, Value};
use super::yaml::{Document, Node, NodeId, NodeKind, Walk, is_null};

/// Reads the document. The configuration holds what could be read; errors that end the real decoder at once stand alone.
pub(super) fn decode(document: &Document, config: &mut Config, findings: &mut Findings) {
    let Some(root) = document.root else { return };
    let minor = config.minor;
    let mut decoder = Decoder::new(document, config.model, minor);
    let mut slot = Some(config.file.clone());
    let outcome = decoder.read(root, Model::ROOT, &mut slot, Mark { line: 1, column: 1 });
    match slot {
        Some(entry) if entry.value == Value::Null => config.null_document = true,
        Some(entry) => config.file = entry,
        None => {}
    }
    if let Err(Abort(finding)) = outcome {
        // yaml.v2 panics out of the decoder: what it had collected is lost (yaml.go, handleErr).
        decoder.findings.clear();
        decoder.findings.push(*finding);
    }
    findings.extend(decoder.findings);
}

/// How deep merges (`<<`) may be nested, which alone let a document go deeper than the model does. yaml.v2 has no such
/// limit, and Go's stack grows.
const DEEPEST_MERGE: u32 = 100;

/// As many unknown keys get a hint, which takes a look at the whole model; a file that has more is of something else.
const MOST_HINTS: usize = 100;

/// An error that ends the decoding at once.
struct Abort(Box<FileFinding>);

type Outcome = Result<bool, Abort>;
type Members = BTreeMap<String, Entry>;

struct Decoder<'a> {
    document: &'a Document,
    model: &'static Model,
    minor: u32,
    findings: Vec<FileFinding>,
    path: Vec<String>,
    walk: Walk,
    merging: u32,
}

impl<'a> Decoder<'a> {
    fn new(document: &'a Document, model: &'static Model, minor: u32) -> Self {
        Decoder { document, model, minor, findings: Vec::new(), path: Vec::new(), walk: Walk::default(), merging: 0 }
    }

    fn node(&self, id: NodeId) -> &'a Node {
        self.document.get(id)
    }

    fn finding(&self, mark: Mark, text: impl Into<String>) -> FileFinding {
        FileFinding::error(self.path_text(), mark, text)
    }

    fn path_text(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            if !text.is_empty() && !step.starts_with('[') {
                text.push('.');
            }
            text.push_str(step);
        }
        text
    }

    fn abort<T>(&self, mark: Mark, text: impl Into<String>) -> Result<T, Abort> {
        Err(Abort(Box::new(self.finding(mark, text))))
    }

    fn refuse(&mut self, mark: Mark, text: String) -> bool {
        let finding = self.finding(mark, text);
        self.findings.push(finding);
        false
    }

    /// decode.go, unmarshal: whether the value was good.
    fn read(&mut self, id: NodeId, model: ModelId, slot: &mut Option<Entry>, key: Mark) -> Outcome {
        let node = self.node(id);
        if let Err(text) = self.walk.visit() {
            return self.abort(node.mark, text);
        }
        if let NodeKind::Alias = node.kind {
            let Some(target) = node.alias else { return Ok(false) };
            if let Err(text) = self.walk.enter(id, node) {
                return self.abort(node.mark, text);
            }
            let outcome = self.read(target, model, slot, key);
            self.walk.leave(id);
            return outcome;
        }
        if is_null(node) && !grammar::asks_at_null(self.model.type_name(model), node) {
            *slot = Some(Entry { value: Value::Null, mark: node.mark, key });
            return Ok(true);
        }
        let kind = self.model.kind(model);
        if kind == Kind::Pointer {
            let Some(pointee) = self.model.element(model) else { return Ok(true) };
            return self.read_value(node, pointee, slot, key);
        }
        self.read_value(node, model, slot, key)
    }

    fn read_value(&mut self, node: &'a Node, model: ModelId, slot: &mut Option<Entry>, key: Mark) -> Outcome {
        let type_name = self.model.type_name(model);
        let read = match self.model.kind(model) {
            // A struct that reads texts, too, is asked by its type first.
            Kind::Scalar | Kind::Map | Kind::List | Kind::Struct => {
                grammar::read(type_name, node, self.document, self.minor)
            }
            Kind::Pointer | Kind::Any => None,
        };
        match read {
            Some(Ok(value)) => {
                *slot = Some(Entry { value, mark: node.mark, key });
                return Ok(true);
            }
            Some(Err(Refusal::Collected(texts))) => {
                for text in texts {
                    self.refuse_at_line(node.mark, text);
                }
                return Ok(false);
            }
            Some(Err(Refusal::Abort(text))) => return self.abort(node.mark, text),
            None => {}
        }
        match (node.kind, self.model.kind(model)) {
            (NodeKind::Mapping, Kind::Struct) => self.read_struct(node, model, slot, key),
            (NodeKind::Mapping, Kind::Map) => self.read_map(node, model, slot, key),
            (NodeKind::Sequence, Kind::List) => self.read_list(node, model, slot, key),
            (_, Kind::Any) => {
                // Nothing in Loki looks into it; reading no further keeps deep documents harmless.
                *slot = Some(Entry { value: Value::Text(node.value.clone()), mark: node.mark, key });
                Ok(true)
            }
            // What grammar does not know is not judged.
            (NodeKind::Scalar, Kind::Scalar) => {
                *slot = Some(Entry { value: Value::Text(node.value.clone()), mark: node.mark, key });
                Ok(true)
            }
            _ => {
                // Nobody asks the unmarshaler, which would decode into a type of another name, for a quoted "null".
                let asked = !grammar::skips_unmarshaler(node);
                let name = if asked { self.model.strict_name(model) } else { self.model.type_name(model) };
                let text = grammar::mismatch(node, name);
                Ok(self.refuse(node.mark, text))
            }
        }
    }

    /// A collected error's text may begin with its own line.
    fn refuse_at_line(&mut self, mark: Mark, text: String) {
        let (line, text) = match split_line(&text) {
            Some((line, rest)) => (line, rest.to_owned()),
            None => (mark.line, text),
        };
        let mark = if line == mark.line { mark } else { Mark { line, column: 1 } };
        self.refuse(mark, text);
    }

    fn read_struct(&mut self, node: &'a Node, model: ModelId, slot: &mut Option<Entry>, key: Mark) -> Outcome {
        let strict_name = self.model.strict_name(model);
        let found_before = self.findings.len();
        let mut members = members_of(slot);
        let mut done = HashSet::new();
        for pair in node.children.chunks_exact(2) {
            let &[key_id, value_id] = pair else { continue };
            let key_node = self.node(key_id);
            if key_node.is_merge() {
                members = self.merged(value_id, model, members, key)?;
                continue;
            }
            let Some(name) = self.key_text(key_id)? else { continue };
            let Some(field) = self.model.field(model, &name) else {
                self.path.push(name.clone());
                let text = format!("field {} not found in type {strict_name}", printable(&name));
                let mut finding = self.finding(key_node.mark, text);
                self.path.pop();
                let at = self.path_text();
                if self.findings.len() < MOST_HINTS {
                    finding.hint = removed::hint(&at, &name, self.minor, self.model, model).unwrap_or_default();
                }
                self.findings.push(finding);
                continue;
            };
            self.path.push(name.clone());
            if done.insert(name.clone()) {
                let mut value = members.remove(&name);
                let outcome = self.read(value_id, field, &mut value, key_node.mark);
                if let Some(value) = value {
                    members.insert(name, value);
                }
                outcome?;
            } else {
                let text = format!("field {name} already set in type {strict_name}");
                let mut finding = self.finding(key_node.mark, text);
                finding.hint = "Keep one of the two; YAML keys are unique.".into();
                self.findings.push(finding);
            }
            self.path.pop();
        }
        // An unmarshaler gives up at a type error, before it judges.
        let good = self.findings.len() == found_before;
        if good && let Some(text) = grammar::after(self.model.type_name(model), self.minor, &members) {
            return self.abort(node.mark, text);
        }
        *slot = Some(Entry { value: Value::Map(members), mark: node.mark, key });
        Ok(good || !self.model.reads_itself(model))
    }

    fn read_map(&mut self, node: &'a Node, model: ModelId, slot: &mut Option<Entry>, key: Mark) -> Outcome {
        let mut members = members_of(slot);
        let element = self.model.element(model);
        for pair in node.children.chunks_exact(2) {
            let &[key_id, value_id] = pair else { continue };
            let key_node = self.node(key_id);
            if key_node.is_merge() {
                members = self.merged(value_id, model, members, key)?;
                continue;
            }
            let key_type = self.model.key_type(model);
            match grammar::read(key_type, key_node, self.document, self.minor) {
                Some(Err(Refusal::Collected(texts))) => {
                    for text in texts {
                        self.refuse_at_line(key_node.mark, text);
                    }
                    continue;
                }
                Some(Err(Refusal::Abort(text))) => return self.abort(key_node.mark, text),
                Some(Ok(_)) | None => {}
            }
            let Some(name) = self.key_text(key_id)? else { continue };
            self.path.push(name.clone());
            let mut value = None;
            let good = match element {
                Some(element) => self.read(value_id, element, &mut value, key_node.mark)?,
                None => true,
            };
            let value_mark = self.node(value_id).mark;
            if good {
                let value = value.unwrap_or(Entry { value: Value::Null, mark: value_mark, key: key_node.mark });
                match members.entry(name) {
                    btree_map::Entry::Vacant(place) => {
                        place.insert(value);
                    }
                    btree_map::Entry::Occupied(place) => {
                        let text = format!("key {} already set in map", grammar::quote(place.key()));
                        self.refuse(Mark { line: value_mark.line, ..key_node.mark }, text);
                    }
                }
            }
            self.path.pop();
        }
        *slot = Some(Entry { value: Value::Map(members), mark: node.mark, key });
        Ok(true)
    }

    fn read_list(&mut self, node: &'a Node, model: ModelId, slot: &mut Option<Entry>, key: Mark) -> Outcome {
        let mut items = Vec::new();
        for (index, child) in node.children.iter().enumerate() {
            self.path.push(format!("[{index}]"));
            let mut item = None;
            let mark = self.node(*child).mark;
            let good = match self.model.element(model) {
                Some(element) => self.read(*child, element, &mut item, mark)?,
                None => true,
            };
            if good {
                items.push(item.unwrap_or(Entry { value: Value::Null, mark, key: mark }));
            }
            self.path.pop();
        }
        *slot = Some(Entry { value: Value::List(items), mark: node.mark, key });
        Ok(true)
    }

    /// The members with those of a value of `<<`.
    fn merged(&mut self, id: NodeId, model: ModelId, members: Members, key: Mark) -> Result<Members, Abort> {
        let mut slot = Some(Entry::derived(Value::Map(members)));
        self.merge(id, model, &mut slot, key)?;
        Ok(members_of(&mut slot))
    }

    /// decode.go, merge: the value of `<<`.
    fn merge(&mut self, id: NodeId, model: ModelId, slot: &mut Option<Entry>, key: Mark) -> Result<(), Abort> {
        const WANTED: &str = "yaml: map merge requires map or sequence of maps as the value";
        let node = self.node(id);
        let is_map = |id: NodeId| self.document.get(self.document.behind(id)).kind == NodeKind::Mapping;
        self.merging += 1;
        if self.merging > DEEPEST_MERGE {
            return self.abort(node.mark, format!("merges are nested more than {DEEPEST_MERGE} deep"));
        }
        match node.kind {
            NodeKind::Mapping | NodeKind::Alias if is_map(id) => {
                self.read(id, model, slot, key)?;
            }
            NodeKind::Sequence => {
                // From the last to the first: earlier ones take precedence.
                for child in node.children.iter().rev() {
                    if !is_map(*child) {
                        return self.abort(node.mark, WANTED);
                    }
                    self.read(*child, model, slot, key)?;
                }
            }
            _ => return self.abort(node.mark, WANTED),
        }
        self.merging -= 1;
        Ok(())
    }

    /// A key of a struct or map as text; none where it is refused.
    fn key_text(&mut self, id: NodeId) -> Result<Option<String>, Abort> {
        let mut node = self.node(id);
        if let (NodeKind::Alias, Some(target)) = (node.kind, node.alias) {
            node = self.node(target);
        }
        if is_null(node) {
            return Ok(Some(String::new()));
        }
        match grammar::read("string", node, self.document, self.minor) {
            Some(Ok(Value::Text(text))) => Ok(Some(text)),
            Some(Err(Refusal::Abort(text))) => self.abort(node.mark, text),
            Some(Err(Refusal::Collected(texts))) => {
                for text in texts {
                    self.refuse_at_line(node.mark, text);
                }
                Ok(None)
            }
            _ => {
                let text = grammar::mismatch(node, "string");
                self.refuse(node.mark, text);
                Ok(None)
            }
        }
    }
}

/// The members that a slot holds already, taken out of it.
fn members_of(slot: &mut Option<Entry>) -> Members {
    match slot.take() {
        Some(Entry { value: Value::Map(members), .. }) => members,
        _ => Members::new(),
    }
}

/// `line 3: text` in its parts.
pub(super) fn split_line(text: &str) -> Option<(u32, &str)> {
    let (line, rest) = text.strip_prefix("line ")?.split_once(": ")?;
    Some((line.parse().ok()?, rest))
}

/// A key bounded in length, for a message.
fn printable(key: &str) -> String {
    const LONGEST: usize = 200;
    if key.chars().count() <= LONGEST {
        return key.to_owned();
    }
    key.chars().take(LONGEST).chain("...".chars()).collect()
}
