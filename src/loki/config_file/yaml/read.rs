//! From text to nodes (yaml.v2's decode.go, parser).

use std::collections::HashMap;

use libyaml_safer::{Error, ErrorKind, Event, EventData, Parser};

use super::{Document, Mark, Node, NodeId, NodeKind, YamlError};

/// Nesting that yaml.v2 refuses to go beyond (scannerc.go, max_flow_level and max_indents).
const MAX_DEPTH: usize = 10_000;

/// Reads the first document of a text; what follows it is not looked at.
///
/// # Errors
/// What yaml.v2 refuses, in its words.
pub fn parse(text: &str) -> Result<Document, YamlError> {
    let mut input = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    let mut reader = Reader { document: Document::default(), anchors: HashMap::new(), open: Vec::new() };
    loop {
        let event = parser.parse().map_err(|error| refusal(&error))?;
        match event.data {
            EventData::StreamEnd | EventData::DocumentEnd { .. } => return Ok(reader.document),
            EventData::StreamStart { .. } | EventData::DocumentStart { .. } => {}
            _ => reader.take(event)?,
        }
    }
}

struct Reader {
    document: Document,
    anchors: HashMap<String, NodeId>,
    /// Collections that have not ended, outermost first.
    open: Vec<NodeId>,
}

impl Reader {
    fn take(&mut self, event: Event) -> Result<(), YamlError> {
        let mark = Mark { line: number(event.start_mark.line) + 1, column: number(event.start_mark.column) + 1 };
        let node = |kind, tag: Option<String>, value, implicit| Node {
            kind,
            tag: tag.unwrap_or_default(),
            value,
            implicit,
            mark,
            children: Vec::new(),
            alias: None,
        };
        match event.data {
            EventData::Alias { anchor } => {
                let Some(target) = self.anchors.get(&anchor).copied() else {
                    let text = format!("yaml: unknown anchor '{anchor}' referenced");
                    return Err(YamlError { line: mark.line, text });
                };
                let id = self.add(node(NodeKind::Alias, None, anchor, false));
                self.document.nodes[id].alias = Some(target);
            }
            EventData::Scalar { anchor, tag, value, plain_implicit, .. } => {
                let id = self.add(node(NodeKind::Scalar, tag, value, plain_implicit));
                self.anchor(anchor, id);
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                let id = self.add(node(NodeKind::Sequence, tag, String::new(), false));
                self.anchor(anchor, id);
                self.descend(id, mark)?;
            }
            EventData::MappingStart { anchor, tag, .. } => {
                let id = self.add(node(NodeKind::Mapping, tag, String::new(), false));
                self.anchor(anchor, id);
                self.descend(id, mark)?;
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                self.open.pop();
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = self.document.nodes.len();
        self.document.nodes.push(node);
        match self.open.last() {
            Some(parent) => self.document.nodes[*parent].children.push(id),
            None => self.document.root = Some(id),
        }
        id
    }

    fn anchor(&mut self, anchor: Option<String>, id: NodeId) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
    }

    fn descend(&mut self, id: NodeId, mark: Mark) -> Result<(), YamlError> {
        self.open.push(id);
        if self.open.len() > MAX_DEPTH {
            let text = format!("yaml: line {}: exceeded max depth of {MAX_DEPTH}", mark.line);
            return Err(YamlError { line: mark.line, text });
        }
        Ok(())
    }
}

/// decode.go, fail: which line is named, if any.
fn refusal(error: &Error) -> YamlError {
    let lines = |mark: Option<libyaml_safer::Mark>| mark.map_or(0, |mark| number(mark.line));
    let (problem, context) = (lines(error.problem_mark()), lines(error.context_mark()));
    // yaml.v2 prints the parser's lines as they are, counted from 0, and adds one to the scanner's.
    let printed = match (problem, context) {
        (0, context) => context,
        (problem, _) if error.kind() == ErrorKind::Scanner => problem + 1,
        (problem, _) => problem,
    };
    let place = if printed == 0 { String::new() } else { format!("line {printed}: ") };
    YamlError { line: printed, text: format!("yaml: {place}{}", error.problem()) }
}

fn number(position: u64) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX - 1)
}
