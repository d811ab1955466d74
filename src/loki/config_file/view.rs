//! The effective configuration as rules see it.

use super::config::Config;
use super::model::{Kind, Model, ModelId};
use super::value::{Entry, Mark, Value};

/// How deep a place may lie. Loki's deepest keys have eight steps.
const DEPTH: usize = 16;

/// A place in the effective configuration: what the file says there, else what Loki derives for it
/// from other sections, else the version's default; Go's zero values below a null section.
#[derive(Clone, Copy)]
pub struct View<'a> {
    config: &'a Config,
    /// Nothing where the version has no such key.
    node: Option<ModelId>,
    /// What the file says.
    file: Option<&'a Entry>,
    /// What is derived; for items of lists and maps that do not stand in the file, the item.
    derived: Option<&'a Entry>,
    /// Below a null, defaults do not count.
    zeroed: bool,
    steps: [Step; DEPTH],
    depth: usize,
}

/// One step from the root, small enough to be copied.
#[derive(Clone, Copy)]
enum Step {
    Field(ModelId),
    Index(u32),
    /// The nth entry of a map in the order of keys.
    Entry(u32),
    /// A key that the version does not know.
    Unknown,
}

impl<'a> View<'a> {
    pub(super) fn root(config: &'a Config) -> Self {
        View {
            config,
            node: Some(Model::ROOT),
            file: Some(&config.file),
            derived: Some(&config.derived),
            zeroed: config.file.value == Value::Null && config.null_document,
            steps: [Step::Unknown; DEPTH],
            depth: 0,
        }
    }

    /// The minor version of Loki 3 that judges.
    pub fn minor(self) -> u32 {
        self.config.minor
    }

    /// The place at a dotted path below this one. A key that this version lacks leads to a place of nothing.
    pub fn at(self, path: &str) -> View<'a> {
        path.split('.').filter(|key| !key.is_empty()).fold(self, View::field)
    }

    fn field(self, key: &str) -> View<'a> {
        self.child(key, self.node.and_then(|node| self.config.model.field(node, key)))
    }

    /// The place of a key whose node is known already.
    fn child(self, key: &str, child: Option<ModelId>) -> View<'a> {
        let model = self.config.model;
        let below = |entry: Option<&'a Entry>| match entry.map(|entry| &entry.value) {
            Some(Value::Map(members)) => members.get(key),
            _ => None,
        };
        let null = self.zeroed || self.file.is_some_and(|entry| entry.value == Value::Null) && self.depth > 0;
        // Nothing is a null pointer: what a struct behind it would default to does not exist.
        let absent = self.node.is_some_and(|node| model.kind(node) == Kind::Pointer) && !self.has_members();
        View {
            node: child,
            file: below(self.file),
            derived: if null { None } else { below(self.derived) },
            zeroed: null || absent,
            ..self.step(child.map_or(Step::Unknown, Step::Field))
        }
    }

    /// The same place over other values where the file says nothing, as a tenant's limits lie over those of all.
    pub(super) fn over(self, base: Option<&'a Entry>) -> View<'a> {
        View { derived: base, ..self }
    }

    fn step(self, step: Step) -> Self {
        let mut next = self;
        if let Some(place) = next.steps.get_mut(self.depth) {
            *place = step;
            next.depth += 1;
        }
        next
    }

    fn has_members(self) -> bool {
        [self.file, self.derived].into_iter().flatten().any(|entry| entry.value != Value::Null)
    }

    /// Whether this version knows the key.
    pub fn has(self, path: &str) -> bool {
        self.at(path).node.is_some()
    }

    /// Whether the file says something of it, null and `{}` included.
    pub fn is_set(self, path: &str) -> bool {
        self.at(path).file.is_some()
    }

    /// What counts here, of a scalar, list or map.
    fn value(self) -> &'a Value {
        let entry = self.file.or(self.derived);
        match (entry, self.node) {
            (Some(entry), _) => &entry.value,
            (None, Some(node)) if !self.zeroed => self.config.model.default(node),
            _ => &Value::Null,
        }
    }

    /// A boolean.
    pub fn bool(self, path: &str) -> bool {
        matches!(self.at(path).value(), Value::Bool(true))
    }

    /// An integer; durations in nanoseconds, sizes in bytes.
    pub fn int(self, path: &str) -> i128 {
        match self.at(path).value() {
            Value::Int(value) => *value,
            Value::Float(value) => *value as i128,
            _ => 0,
        }
    }

    /// A number.
    pub fn float(self, path: &str) -> f64 {
        match self.at(path).value() {
            Value::Float(value) => *value,
            Value::Int(value) => *value as f64,
            _ => 0.0,
        }
    }

    /// A text, also of a choice, a URL or a secret.
    pub fn text(self, path: &str) -> &'a str {
        match self.at(path).value() {
            Value::Text(value) => value,
            _ => "",
        }
    }

    /// The items of a list.
    pub fn items(self, path: &str) -> Vec<View<'a>> {
        let at = self.at(path);
        let Value::List(items) = at.value() else { return Vec::new() };
        items.iter().enumerate().map(|(index, item)| at.element(item, Step::Index(index as u32))).collect()
    }

    /// The entries of a map, by key.
    pub fn entries(self, path: &str) -> Vec<(&'a str, View<'a>)> {
        let at = self.at(path);
        // In Go a file's map is merged over the default one.
        let layers = [at.file, at.derived].map(|entry| entry.and_then(|entry| entry.value.members()));
        let default = at.node.filter(|_| !at.zeroed).and_then(|node| self.config.model.default(node).members());
        let mut seen = std::collections::BTreeMap::new();
        for (from_file, members) in [(true, layers[0]), (false, layers[1]), (false, default)] {
            for (index, (key, entry)) in members.into_iter().flatten().enumerate() {
                seen.entry(key.as_str()).or_insert((from_file, index, entry));
            }
        }
        let place = |(key, (from_file, index, entry)): (&'a str, (bool, usize, &'a Entry))| {
            let step = if from_file { Step::Entry(index as u32) } else { Step::Unknown };
            (key, at.element(entry, step))
        };
        seen.into_iter().map(place).collect()
    }

    fn element(self, entry: &'a Entry, step: Step) -> View<'a> {
        let from_file = self.file.is_some_and(|own| match &own.value {
            Value::List(items) => items.iter().any(|item| std::ptr::eq(item, entry)),
            Value::Map(members) => members.values().any(|item| std::ptr::eq(item, entry)),
            _ => false,
        });
        View {
            node: self.node.and_then(|node| self.config.model.element(node)),
            file: from_file.then_some(entry),
            derived: (!from_file).then_some(entry),
            zeroed: entry.value == Value::Null,
            ..self.step(step)
        }
    }

    /// Whether a pointer, list or map has no value.
    pub fn is_nil(self, path: &str) -> bool {
        let at = self.at(path);
        *at.value() == Value::Null && at.file.or(at.derived).is_none_or(|entry| entry.value == Value::Null)
    }

    /// Whether it is Go's zero value, nested values included.
    pub fn is_zero(self, path: &str) -> bool {
        let at = self.at(path);
        let Some(node) = at.node else { return true };
        match self.config.model.kind(node) {
            Kind::Struct => self.config.model.fields(node).all(|(key, child)| at.child(key, Some(child)).is_zero("")),
            Kind::Pointer => at.is_nil(""),
            _ => at.value().is_zero(),
        }
    }

    /// Whether it is deeply equal to the version's default.
    pub fn is_default(self, path: &str) -> bool {
        let at = self.at(path);
        let Some(node) = at.node else { return true };
        if at.file.is_none() && at.derived.is_none() && !at.zeroed {
            return true;
        }
        match self.config.model.kind(node) {
            Kind::Struct => {
                self.config.model.fields(node).all(|(key, child)| at.child(key, Some(child)).is_default(""))
            }
            _ => at.value().same(self.config.model.default(node)),
        }
    }

    /// The effective value of this place as far as another place, whose node is given, has the same keys.
    pub(super) fn snapshot(self, other: ModelId) -> Value {
        let model = self.config.model;
        match self.node {
            Some(node) if model.kind(node) == Kind::Struct => {
                let fields = model.fields(node).filter_map(|(key, child)| {
                    let entry = Entry::derived(self.child(key, Some(child)).snapshot(model.field(other, key)?));
                    Some((key.to_owned(), entry))
                });
                Value::Map(fields.collect())
            }
            _ => self.value().clone(),
        }
    }

    /// The node of this place.
    pub(super) fn node(self) -> Option<ModelId> {
        self.node
    }

    /// Every field of a struct.
    pub fn fields(self) -> Vec<View<'a>> {
        let Some(node) = self.node else { return Vec::new() };
        self.config.model.fields(node).map(|(key, child)| self.child(key, Some(child))).collect()
    }

    /// Whether the version marks the key as deprecated.
    pub fn is_deprecated(self, path: &str) -> bool {
        self.at(path).node.is_some_and(|node| self.config.model.deprecated(node))
    }

    /// The keys below this place that the file sets, as places.
    pub fn set_fields(self) -> Vec<View<'a>> {
        let Some(members) = self.file.and_then(|entry| entry.value.members()) else { return Vec::new() };
        let Some(node) = self.node else { return Vec::new() };
        match self.config.model.kind(node) {
            Kind::Struct | Kind::Pointer => members.keys().map(|key| self.field(key)).collect(),
            _ => Vec::new(),
        }
    }

    /// The dotted path from the root, items as `[0]`, entries of maps by their key.
    pub fn path(self) -> String {
        let mut path = String::new();
        let mut at = Some(&self.config.file);
        for step in &self.steps[..self.depth] {
            let members = at.and_then(|entry| entry.value.members());
            match step {
                Step::Field(node) => {
                    let key = self.config.model.key(*node);
                    push(&mut path, key);
                    at = members.and_then(|members| members.get(key));
                }
                Step::Index(index) => {
                    path.push_str(&format!("[{index}]"));
                    at = match at.map(|entry| &entry.value) {
                        Some(Value::List(items)) => items.get(*index as usize),
                        _ => None,
                    };
                }
                Step::Entry(nth) => {
                    let entry = members.and_then(|members| members.iter().nth(*nth as usize));
                    push(&mut path, entry.map_or("?", |(key, _)| key));
                    at = entry.map(|(_, entry)| entry);
                }
                Step::Unknown => at = None,
            }
        }
        path
    }

    /// Where the file says it: the key of this place, or of the nearest place around it that the file has.
    pub fn mark(self) -> Mark {
        let mut mark = Mark::default();
        let mut at = Some(&self.config.file);
        for step in &self.steps[..self.depth] {
            let members = at.and_then(|entry| entry.value.members());
            at = match step {
                Step::Field(node) => members.and_then(|members| members.get(self.config.model.key(*node))),
                Step::Index(index) => match at.map(|entry| &entry.value) {
                    Some(Value::List(items)) => items.get(*index as usize),
                    _ => None,
                },
                Step::Entry(nth) => members.and_then(|members| members.values().nth(*nth as usize)),
                Step::Unknown => None,
            };
            match at {
                Some(entry) => mark = entry.key,
                None => break,
            }
        }
        mark
    }
}

fn push(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}
