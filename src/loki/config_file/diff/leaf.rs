//! A document taken apart into the values that it sets.

use std::collections::BTreeMap;

use crate::loki::config_file::config::Config;
use crate::loki::config_file::grammar;
use crate::loki::config_file::model::{Kind, Model, ModelId};
use crate::loki::config_file::secret::{MASK, names_secret, without_credentials};
use crate::loki::config_file::value::{Entry, Value};
use crate::loki::config_file::yaml::{Document, Node, NodeId, NodeKind, Resolved, resolve};

/// Deeper nesting means nothing to Loki.
const DEEPEST: usize = 100;
/// Values looked at, so that aliases of aliases have an end.
const MOST: usize = 200_000;
/// Characters of a value that are shown.
const LONGEST: usize = 500;

/// A step towards a value; indices in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Index(usize),
    Key(String),
}

/// A value that holds no others.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub value: Value,
    written: String,
    secret: bool,
}

impl Leaf {
    /// As it is written, without secrets, bounded.
    pub fn shown(&self) -> String {
        if self.secret && !self.value.is_zero() {
            return MASK.to_owned();
        }
        let text = without_credentials(&self.written, |_| false);
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        }
    }
}

pub(super) struct Leaves<'a> {
    document: &'a Document,
    config: &'a Config,
    model: &'static Model,
    place: Vec<Step>,
    looked_at: usize,
    depth: usize,
    found: BTreeMap<Vec<Step>, Leaf>,
}

impl<'a> Leaves<'a> {
    pub fn of(document: &'a Document, config: &'a Config) -> Result<BTreeMap<Vec<Step>, Leaf>, String> {
        let found = BTreeMap::new();
        let place = Vec::new();
        let mut leaves = Leaves { document, config, model: config.model, place, looked_at: 0, depth: 0, found };
        if let Some(root) = document.root {
            leaves.take(root, Some(Model::ROOT), false)?;
        }
        Ok(leaves.found)
    }

    fn take(&mut self, id: NodeId, model: Option<ModelId>, secret: bool) -> Result<(), String> {
        self.enter()?;
        let node = self.followed(id)?;
        let model = self.pointee(model);
        let secret = secret || self.is_secret(model);
        let known = model.filter(|model| self.model.kind(*model) != Kind::Any);
        let read =
            known.map(|model| grammar::read(self.model.type_name(model), node, self.document, self.config.minor));
        match (read, node.kind) {
            (Some(Some(Ok(value))), _) => self.leaf(node, model, value, secret),
            (_, NodeKind::Mapping) => self.mapping(node, model, secret)?,
            (_, NodeKind::Sequence) => self.sequence(node, model, secret)?,
            _ => self.leaf(node, model, plain(node), secret),
        }
        self.depth -= 1;
        Ok(())
    }

    /// One level deeper; the caller comes up again.
    fn enter(&mut self) -> Result<(), String> {
        self.looked_at += 1;
        self.depth += 1;
        if self.looked_at > MOST || self.depth > DEEPEST {
            return Err("The document is too deep or too large to compare.".into());
        }
        Ok(())
    }

    fn followed(&self, id: NodeId) -> Result<&'a Node, String> {
        let mut node = self.document.get(id);
        for _ in 0..DEEPEST {
            match (node.kind, node.alias) {
                (NodeKind::Alias, Some(target)) => node = self.document.get(target),
                _ => return Ok(node),
            }
        }
        Err("An anchor's value contains itself.".into())
    }

    fn pointee(&self, model: Option<ModelId>) -> Option<ModelId> {
        model.and_then(|model| match self.model.kind(model) {
            Kind::Pointer => self.model.element(model),
            _ => Some(model),
        })
    }

    /// In order: what comes later wins, as it does for yaml.v2, merges included.
    fn mapping(&mut self, node: &'a Node, model: Option<ModelId>, secret: bool) -> Result<(), String> {
        let kind = model.map(|model| self.model.kind(model));
        if node.children.is_empty() && kind != Some(Kind::Struct) {
            self.leaf(node, model, Value::Map(BTreeMap::new()), secret);
        }
        for pair in node.children.chunks_exact(2) {
            let &[key, value] = pair else { continue };
            let key = self.followed(key)?;
            if key.is_merge() {
                self.merge(value, model, secret)?;
                continue;
            }
            let member = model.and_then(|model| match kind {
                Some(Kind::Struct) => self.model.field(model, &key.value),
                Some(Kind::Map) => self.model.element(model),
                _ => None,
            });
            // Secrets that are texts or maps of them to Loki; tokens that are counted are numbers.
            let may_be = |it| self.model.type_name(it) == "string" || self.model.kind(it) == Kind::Map;
            let named = names_secret(&key.value) && member.is_none_or(may_be);
            self.place.push(Step::Key(key.value.clone()));
            self.forget();
            self.take(value, member, secret || named)?;
            self.place.pop();
        }
        Ok(())
    }

    fn merge(&mut self, id: NodeId, model: Option<ModelId>, secret: bool) -> Result<(), String> {
        self.enter()?;
        let node = self.followed(id)?;
        let sources = if node.kind == NodeKind::Sequence { node.children.clone() } else { vec![id] };
        for source in sources.into_iter().rev() {
            let source = self.followed(source)?;
            if source.kind == NodeKind::Mapping {
                self.mapping(source, model, secret)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn sequence(&mut self, node: &'a Node, model: Option<ModelId>, secret: bool) -> Result<(), String> {
        if node.children.is_empty() {
            self.leaf(node, model, Value::List(Vec::new()), secret);
        }
        let element = model.and_then(|model| self.model.element(model));
        for (index, child) in node.children.iter().enumerate() {
            self.place.push(Step::Index(index));
            self.take(*child, element, secret)?;
            self.place.pop();
        }
        Ok(())
    }

    /// Drops what an earlier key of the same name, or a merge, has set here.
    fn forget(&mut self) {
        let place = &self.place;
        let below: Vec<_> = self
            .found
            .range(place.clone()..)
            .map(|(it, _)| it)
            .take_while(|it| it.starts_with(place))
            .cloned()
            .collect();
        for place in below {
            self.found.remove(&place);
        }
    }

    fn leaf(&mut self, node: &Node, model: Option<ModelId>, value: Value, secret: bool) {
        if model.is_some_and(|model| self.is_default(model, &value)) {
            return;
        }
        let written = match node.kind {
            NodeKind::Scalar if grammar::is_null(node) => "null".to_owned(),
            NodeKind::Scalar | NodeKind::Alias => node.value.clone(),
            NodeKind::Sequence | NodeKind::Mapping => written(&value),
        };
        self.found.insert(self.place.clone(), Leaf { value, written, secret });
    }

    /// Whether it goes without saying: it is the version's default, which nothing else in the file changes.
    fn is_default(&self, model: ModelId, value: &Value) -> bool {
        // A null section sets all that it holds to Go's zero values.
        if self.model.kind(model) == Kind::Struct && *value == Value::Null {
            return false;
        }
        value.same(self.model.default(model)) && self.derived().is_none_or(|derived| derived.same(value))
    }

    fn derived(&self) -> Option<&Value> {
        let mut at: &Entry = &self.config.derived;
        for step in &self.place {
            let Step::Key(key) = step else { return None };
            at = at.value.members()?.get(key)?;
        }
        Some(&at.value)
    }

    fn is_secret(&self, model: Option<ModelId>) -> bool {
        model.is_some_and(|model| {
            let name = self.model.type_name(model);
            name.ends_with("flagext.Secret") || name.ends_with("config.Secret") || name.ends_with("config.Headers")
        })
    }
}

/// A scalar whose type is not known.
fn plain(node: &Node) -> Value {
    match resolve(node) {
        Ok(Resolved::Null) => Value::Null,
        Ok(Resolved::Bool(value)) => Value::Bool(value),
        Ok(Resolved::Int(value)) => Value::Int(value),
        Ok(Resolved::Float(value)) => Value::Float(value),
        _ => Value::Text(node.value.clone()),
    }
}

/// A value that an own grammar made of a list or mapping.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| written(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(members) => {
            let members: Vec<_> = members.iter().map(|(key, it)| format!("{key}: {}", written(&it.value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}
