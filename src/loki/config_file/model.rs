//! Every key that Loki's configuration has in every minor version: generated from the real modules by
//! `make model` (tests/lab/verify), embedded as text, and read on first use.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::value::{Entry, Value};
use super::{NEWEST_MINOR, OLDEST_MINOR};

/// The generated text; tests/lab/verify/merge.py says how it is laid out.
const TEXT: &str = include_str!("model.txt");

const VERSIONS: usize = (NEWEST_MINOR - OLDEST_MINOR + 1) as usize;

/// A key's number in its model.
pub type ModelId = u32;

/// What Go decodes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A struct with keys of its own.
    Struct,
    /// A map; the element is its values' node.
    Map,
    /// A slice or array; the element is its items' node.
    List,
    /// A pointer that is nil by default; the element is what it points to.
    Pointer,
    /// Anything at all.
    Any,
    /// Everything else, read by the name of its type.
    Scalar,
}

/// The keys of one minor version.
pub struct Model {
    nodes: Vec<Node>,
}

#[derive(Clone)]
struct Node {
    key: &'static str,
    kind: Kind,
    type_name: &'static str,
    strict_name: &'static str,
    key_type: &'static str,
    default: Value,
    marks: &'static str,
    /// Sorted by key; a list's, map's or pointer's element is the only one.
    children: Vec<ModelId>,
}

impl Node {
    fn new(key: &'static str, kind: Kind, type_name: &'static str, children: Vec<ModelId>) -> Self {
        Node {
            key,
            kind,
            type_name,
            strict_name: type_name,
            key_type: "string",
            default: Value::Null,
            marks: "",
            children,
        }
    }
}

impl Model {
    /// Loki's whole configuration.
    pub const ROOT: ModelId = 0;

    /// The model of Loki 3.`minor`; of the nearest known version for an unknown one.
    pub fn of(minor: u32) -> &'static Model {
        static MODELS: [OnceLock<Model>; VERSIONS] = [const { OnceLock::new() }; VERSIONS];
        let minor = minor.clamp(OLDEST_MINOR, NEWEST_MINOR);
        MODELS[(minor - OLDEST_MINOR) as usize].get_or_init(|| Model::read(TEXT, minor))
    }

    /// The model of the file of what may change at run time, by tenant (pkg/loki/runtime_config.go, runtimeConfigValues).
    /// Limits and operational configurations are the main file's.
    pub fn runtime(minor: u32) -> &'static Model {
        static MODELS: [OnceLock<Model>; VERSIONS] = [const { OnceLock::new() }; VERSIONS];
        let minor = minor.clamp(OLDEST_MINOR, NEWEST_MINOR);
        MODELS[(minor - OLDEST_MINOR) as usize].get_or_init(|| Model::of(minor).with_runtime_root())
    }

    fn with_runtime_root(&self) -> Model {
        let mut model = Model { nodes: self.nodes.clone() };
        let tenants = |model: &mut Model, key, section, map, pointer| {
            let of = model.field(Model::ROOT, section);
            let tenant = model.push(Node::new("[]", Kind::Pointer, pointer, of.into_iter().collect()));
            model.push(Node::new(key, Kind::Map, map, vec![tenant]))
        };
        let configs =
            tenants(&mut model, "configs", "operational_config", "map[string]*runtime.Config", "*runtime.Config");
        let overrides =
            tenants(&mut model, "overrides", "limits_config", "map[string]*validation.Limits", "*validation.Limits");
        let mirror = model.push(Node::new("[]", Kind::Scalar, "bool", Vec::new()));
        let mirror = model.push(Node::new("mirror_enabled", Kind::Pointer, "*bool", vec![mirror]));
        let primary = model.push(Node::new("primary", Kind::Scalar, "string", Vec::new()));
        let multi = Node::new("multi_kv_config", Kind::Struct, "kv.MultiRuntimeConfig", vec![mirror, primary]);
        let multi = model.push(multi);
        let root = Node::new("", Kind::Struct, "loki.runtimeConfigValues", vec![configs, multi, overrides]);
        if let Some(place) = model.nodes.get_mut(Model::ROOT as usize) {
            *place = root;
        }
        model
    }

    fn push(&mut self, node: Node) -> ModelId {
        self.nodes.push(node);
        (self.nodes.len() - 1) as ModelId
    }

    fn read(text: &'static str, minor: u32) -> Model {
        let mut nodes: Vec<Node> = Vec::with_capacity(4000);
        // The open node of each depth; none where this version lacks it.
        let mut open: Vec<Option<ModelId>> = Vec::new();
        let mut last = ("", usize::MAX);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let depth = line.bytes().take_while(|byte| *byte == b' ').count();
            let mut fields = line[depth..].split('\t');
            let mut next = || fields.next().unwrap_or_default();
            let (key, minors, kind, type_name) = (next(), next(), next(), next());
            // Another form of the same key belongs to other versions.
            if (key, depth) != last || open.len() <= depth {
                open.truncate(depth);
                open.push(None);
            }
            last = (key, depth);
            let parent = match depth.checked_sub(1) {
                Some(above) => match open[above] {
                    Some(parent) => Some(parent),
                    None => continue,
                },
                None => None,
            };
            if !covers(minors, minor) {
                continue;
            }
            let mut node = Node::new(key, kind_of(kind), type_name, Vec::new());
            for field in fields {
                match field.split_at_checked(2) {
                    Some(("s=", name)) => node.strict_name = name,
                    Some(("k=", name)) => node.key_type = name,
                    Some(("v=", json)) => node.default = default(json),
                    Some(("f=", marks)) => node.marks = marks,
                    _ => {}
                }
            }
            let id = nodes.len() as ModelId;
            open[depth] = Some(id);
            nodes.push(node);
            if let Some(parent) = parent {
                nodes[parent as usize].children.push(id);
            }
        }
        Model { nodes }
    }

    fn node(&self, node: ModelId) -> &Node {
        &self.nodes[node as usize]
    }

    /// What Go decodes there.
    pub fn kind(&self, node: ModelId) -> Kind {
        self.node(node).kind
    }

    /// The YAML key; `[]` of an element.
    pub fn key(&self, node: ModelId) -> &'static str {
        self.node(node).key
    }

    /// The field of a struct, also of one behind a pointer.
    pub fn field(&self, node: ModelId, key: &str) -> Option<ModelId> {
        let mut of = self.node(node);
        if of.kind == Kind::Pointer {
            of = self.node(*of.children.first()?);
        }
        if of.kind != Kind::Struct {
            return None;
        }
        let found = of.children.binary_search_by(|child| self.node(*child).key.cmp(key)).ok()?;
        of.children.get(found).copied()
    }

    /// The fields of a struct by key, also of one behind a pointer.
    pub fn fields(&self, node: ModelId) -> impl Iterator<Item = (&'static str, ModelId)> + '_ {
        let mut of = self.node(node);
        if let (Kind::Pointer, Some(element)) = (of.kind, of.children.first()) {
            of = self.node(*element);
        }
        let children: &[ModelId] = if of.kind == Kind::Struct { &of.children } else { &[] };
        children.iter().map(|child| (self.node(*child).key, *child))
    }

    /// What a list, map or pointer holds.
    pub fn element(&self, node: ModelId) -> Option<ModelId> {
        let of = self.node(node);
        matches!(of.kind, Kind::List | Kind::Map | Kind::Pointer).then(|| of.children.first().copied())?
    }

    /// The Go type of a map's keys.
    pub fn key_type(&self, node: ModelId) -> &'static str {
        self.node(node).key_type
    }

    /// The Go type, as reflection prints it: `time.Duration`, `[]config.PeriodConfig`.
    pub fn type_name(&self, node: ModelId) -> &'static str {
        self.node(node).type_name
    }

    /// The type's name in "field X not found in type Y" and "cannot unmarshal !!str into Y".
    pub fn strict_name(&self, node: ModelId) -> &'static str {
        self.node(node).strict_name
    }

    /// The default; null where it is Go's zero value, and of a struct, whose fields have theirs.
    pub fn default(&self, node: ModelId) -> &Value {
        &self.node(node).default
    }

    /// Whether Loki marks the key as deprecated.
    pub fn deprecated(&self, node: ModelId) -> bool {
        self.node(node).marks.contains('d')
    }

    /// Whether Loki leaves the key out of its documentation.
    pub fn hidden(&self, node: ModelId) -> bool {
        self.node(node).marks.contains('h')
    }

    /// Whether the type reads its YAML itself.
    pub fn reads_itself(&self, node: ModelId) -> bool {
        self.node(node).marks.contains('u')
    }

    /// Every place of a key by that name, as dotted paths.
    pub fn places(&self, key: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut stack = vec![(Model::ROOT, String::new())];
        while let Some((node, path)) = stack.pop() {
            for child in &self.node(node).children {
                let name = self.node(*child).key;
                let path = match (name, path.is_empty()) {
                    ("[]", _) => format!("{path}[]"),
                    (_, true) => name.to_owned(),
                    (_, false) => format!("{path}.{name}"),
                };
                if name == key {
                    found.push(path.clone());
                }
                stack.push((*child, path));
            }
        }
        found.sort_by_key(|path| (path.matches('.').count(), path.clone()));
        found
    }
}

fn kind_of(letter: &str) -> Kind {
    match letter {
        "S" => Kind::Struct,
        "M" => Kind::Map,
        "L" => Kind::List,
        "P" => Kind::Pointer,
        "A" => Kind::Any,
        _ => Kind::Scalar,
    }
}

/// Whether `0-7`, `5`, or nothing (all versions) has the minor version.
fn covers(minors: &str, minor: u32) -> bool {
    if minors.is_empty() {
        return true;
    }
    let (first, last) = minors.split_once('-').unwrap_or((minors, minors));
    first.parse().is_ok_and(|first: u32| first <= minor) && last.parse().is_ok_and(|last: u32| minor <= last)
}

fn default(json: &str) -> Value {
    serde_json::from_str::<serde_json::Value>(json).map(value).unwrap_or_default()
}

fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), ..) => Value::Int(whole.into()),
            (_, Some(whole), _) => Value::Int(whole.into()),
            (_, _, Some(float)) => Value::Float(float),
            _ => Value::Null,
        },
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => {
            Value::List(items.into_iter().map(|item| Entry::derived(value(item))).collect())
        }
        serde_json::Value::Object(members) => {
            Value::Map(members.into_iter().map(|(key, member)| (key, Entry::derived(value(member)))).collect())
        }
    }
}

/// Keys of all models by path, for a look at what came and went.
pub fn all_keys(minor: u32) -> HashMap<String, ModelId> {
    let model = Model::of(minor);
    let mut found = HashMap::new();
    let mut stack = vec![(Model::ROOT, String::new())];
    while let Some((node, path)) = stack.pop() {
        for (key, child) in model.fields(node) {
            let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            stack.push((child, path.clone()));
            found.insert(path, child);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(minor: u32, path: &str) -> Option<ModelId> {
        path.split('.').try_fold(Model::ROOT, |node, key| Model::of(minor).field(node, key))
    }

    #[test]
    fn keys_have_types_and_defaults() {
        let model = Model::of(7);
        let port = find(7, "server.http_listen_port").unwrap();
        assert_eq!((model.kind(port), model.type_name(port)), (Kind::Scalar, "int"));
        assert_eq!(model.default(port), &Value::Int(3100));
        assert_eq!(model.strict_name(Model::ROOT), "loki.ConfigWrapper");
        let configs = find(7, "schema_config.configs").unwrap();
        let period = model.element(configs).unwrap();
        assert_eq!(model.strict_name(period), "config.plain");
        assert!(model.field(period, "from").is_some());
    }

    #[test]
    fn keys_come_and_go_with_versions() {
        assert!(find(0, "storage_config.use_thanos_objstore").is_none());
        assert!(find(7, "storage_config.use_thanos_objstore").is_some());
        assert!((0..=7).all(|minor| all_keys(minor).len() > 1000));
    }
}
