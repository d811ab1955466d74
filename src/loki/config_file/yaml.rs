//! YAML as Loki reads it: gopkg.in/yaml.v2 v2.4.0 in Rust, down to its words for what is no YAML.
//!
//! The reader, scanner, parser and the scalars' types are a port of that library's (itself a port of libyaml;
//! Apache-2.0 and MIT licences), whose oddities are kept: what Loki refuses is refused here at the same place, and
//! what it takes is taken. tests/support/yaml holds the two together.

mod compose;
mod failure;
mod number;
mod parser;
mod reader;
mod resolve;
mod scanner;
mod time;
mod token;
mod walk;

pub use compose::parse;
pub use resolve::{Resolved, resolve, short_tag};
pub use walk::Walk;

/// Where something begins in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The line, from 1; 0 is nowhere.
    pub line: u32,
    /// The column in characters, from 1; 0 is nowhere.
    pub column: u32,
}

/// A node's number in its document.
pub type NodeId = usize;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A single value.
    Scalar,
    /// A list.
    Sequence,
    /// Pairs of keys and values.
    Mapping,
    /// Another place's value, by its anchor.
    Alias,
}

/// A node as yaml.v2's parser makes it (decode.go, node).
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// A scalar's explicit tag in its long form, if it has one; yaml.v2 forgets those of collections.
    pub tag: String,
    /// A scalar's text, an alias' anchor.
    pub value: String,
    /// Whether a scalar is plain, so that its text tells its type.
    pub implicit: bool,
    /// Where it begins: at its anchor or tag, if it has one.
    pub mark: Mark,
    /// Items of a sequence; keys and values of a mapping in turn.
    pub children: Vec<NodeId>,
    /// What an alias stands for, which may be a collection around it.
    pub alias: Option<NodeId>,
}

impl Node {
    /// The pairs of a mapping; none of anything else.
    pub fn pairs(&self) -> impl DoubleEndedIterator<Item = (NodeId, NodeId)> + '_ {
        let children: &[NodeId] = if self.kind == NodeKind::Mapping { &self.children } else { &[] };
        children.as_chunks::<2>().0.iter().map(|[key, value]| (*key, *value))
    }

    /// Whether this key merges its value's pairs into the mapping (decode.go, isMerge).
    pub fn is_merge(&self) -> bool {
        self.kind == NodeKind::Scalar && self.value == "<<" && (self.implicit || self.tag == resolve::MERGE)
    }
}

/// Whether a node is null, which sets Go's zero value whatever the type (decode.go, scalar).
pub fn is_null(node: &Node) -> bool {
    node.kind == NodeKind::Scalar && matches!(resolve(node), Ok(Resolved::Null))
}

/// Whether a scalar is decoded without a word to its type's own unmarshaler (decode.go, prepare): "null" and "~" in
/// quotes are, though they are texts, and `Null` and `NULL` are not, though they are null.
pub fn asks_no_type(node: &Node) -> bool {
    node.tag == resolve::NULL
        || node.kind == NodeKind::Scalar
            && node.tag.is_empty()
            && (node.value == "null" || node.value == "~" || node.value.is_empty() && node.implicit)
}

/// The first document of a text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// All nodes, in the order in which they begin.
    pub nodes: Vec<Node>,
    /// None where the text holds no document.
    pub root: Option<NodeId>,
}

impl Document {
    /// Makes texts of plain scalars: a reader before yaml.v2 took them for such, and quoted them.
    pub fn quote(&mut self, is_text: impl Fn(&str) -> bool) {
        for node in &mut self.nodes {
            if node.kind == NodeKind::Scalar && node.implicit && node.tag.is_empty() && is_text(&node.value) {
                node.implicit = false;
                node.tag = "tag:yaml.org,2002:str".into();
            }
        }
    }

    /// A node by its number.
    ///
    /// # Panics
    /// For a number of another document.
    pub fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// What a node is behind its aliases. Only what walks down with [`Walk`] finds that an anchor's value contains
    /// itself.
    pub fn behind(&self, id: NodeId) -> NodeId {
        // An alias' target began before it, and is no alias: those cannot have anchors.
        self.nodes.get(id).and_then(|node| node.alias).unwrap_or(id)
    }
}

/// What is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The line that yaml.v2 names, from 1; 0 where it names none. It is one too small for what the parser refuses.
    pub line: u32,
    /// Where the problem is, or where that began which does not end.
    pub mark: Mark,
    /// Its words, such as `yaml: line 3: did not find expected key`.
    pub text: String,
}

#[cfg(test)]
mod tests;
