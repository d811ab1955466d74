//! From events to nodes (yaml.v2's decode.go, parser).

use std::collections::HashMap;

use super::failure::Failure;
use super::parser::{Event, Happening, Parser};
use super::{Document, Mark, Node, NodeId, NodeKind, YamlError};

/// Reads the first document of a text; what follows it is not looked at.
///
/// # Errors
/// What yaml.v2 refuses, in its words.
pub fn parse(text: &str) -> Result<Document, YamlError> {
    compose(text).map_err(Failure::into_error)
}

fn compose(text: &str) -> Result<Document, Failure> {
    let mut parser = Parser::new(text);
    let mut composer = Composer { document: Document::default(), anchors: HashMap::new(), open: Vec::new() };
    loop {
        let event = parser.next()?;
        match event.what {
            Happening::StreamStart | Happening::DocumentStart => {}
            Happening::StreamEnd | Happening::DocumentEnd => return Ok(composer.document),
            Happening::SequenceEnd | Happening::MappingEnd => {
                composer.open.pop();
            }
            _ => composer.add(event)?,
        }
    }
}

struct Composer {
    document: Document,
    anchors: HashMap<String, NodeId>,
    /// Collections that have not ended, outermost first.
    open: Vec<NodeId>,
}

impl Composer {
    fn add(&mut self, event: Event) -> Result<(), Failure> {
        let id = self.document.nodes.len();
        let mut node = Node {
            kind: NodeKind::Scalar,
            tag: String::new(),
            value: String::new(),
            implicit: false,
            mark: Mark::from(event.start),
            children: Vec::new(),
            alias: None,
        };
        match event.what {
            Happening::Alias(anchor) => {
                let Some(target) = self.anchors.get(&anchor).copied() else {
                    return Err(Failure::composer(format!("unknown anchor '{anchor}' referenced"), event.start));
                };
                node.kind = NodeKind::Alias;
                node.value = anchor;
                node.alias = Some(target);
            }
            Happening::Scalar { tag, value, implicit } => {
                node.tag = tag;
                node.value = value;
                node.implicit = implicit;
            }
            Happening::MappingStart => node.kind = NodeKind::Mapping,
            _ => node.kind = NodeKind::Sequence,
        }
        match self.open.last().and_then(|parent| self.document.nodes.get_mut(*parent)) {
            Some(parent) => parent.children.push(id),
            None => self.document.root = Some(id),
        }
        if matches!(node.kind, NodeKind::Sequence | NodeKind::Mapping) {
            self.open.push(id);
        }
        // Known from here on, so that a collection may hold an alias of itself.
        if let Some(anchor) = event.anchor {
            self.anchors.insert(anchor, id);
        }
        self.document.nodes.push(node);
        Ok(())
    }
}
