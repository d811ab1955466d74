//! YAML as Loki reads it: gopkg.in/yaml.v2 v2.4.0, a port of libyaml to Go. Underneath is a port of
//! libyaml to Rust, so that malformed text is refused at the same places with the same words.

mod read;
mod resolve;

pub use read::parse;
pub use resolve::{Resolved, is_null, resolve, short_tag};

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
    /// The explicit tag in its long form, if there is one.
    pub tag: String,
    /// A scalar's text, an alias' anchor.
    pub value: String,
    /// Whether a scalar is plain, so that its text tells its type.
    pub implicit: bool,
    /// Where it begins.
    pub mark: Mark,
    /// Items of a sequence; keys and values of a mapping in turn.
    pub children: Vec<NodeId>,
    /// What an alias stands for.
    pub alias: Option<NodeId>,
}

/// The first document of a text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    nodes: Vec<Node>,
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
}

/// What is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The line that yaml.v2 names, from 1; 0 where it names none.
    pub line: u32,
    /// Its words, such as `yaml: line 3: did not find expected key`.
    pub text: String,
}
