//! YAML as Loki reads it.
#![allow(missing_docs)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub line: u32,
    pub column: u32,
}
pub type NodeId = usize;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Scalar,
    Sequence,
    Mapping,
    Alias,
}
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: NodeKind,
    pub tag: String,
    pub value: String,
    pub implicit: bool,
    pub mark: Mark,
    pub children: Vec<NodeId>,
    pub alias: Option<NodeId>,
}
#[derive(Default)]
pub struct Document {
    pub nodes: Vec<Node>,
    pub root: Option<NodeId>,
}
impl Document {
    pub fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }
}
pub struct YamlError {
    pub line: u32,
    pub text: String,
}
pub fn parse(_text: &str) -> Result<Document, YamlError> {
    Ok(Document::default())
}
pub fn is_null(node: &Node) -> bool {
    node.tag == "tag:yaml.org,2002:null"
        || node.tag.is_empty() && (node.value == "null" || node.value == "~" || node.value.is_empty() && node.implicit)
}
