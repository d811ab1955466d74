//! From tokens to events (yaml.v2's parserc.go).

mod block;
mod document;
mod flow;

use super::failure::Failure;
use super::scanner::{Result, Scanner};
use super::token::{Kind, Place};

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    StreamStart,
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    /// Of the anchor.
    Alias(String),
    Scalar {
        tag: String,
        value: String,
        implicit: bool,
    },
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
}

/// What happens where, and the anchor it gets.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) what: Happening,
    pub(super) start: Place,
    pub(super) anchor: Option<String>,
}

impl Event {
    fn new(what: Happening, start: Place) -> Self {
        Self { what, start, anchor: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    StreamStart,
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequenceEntryMappingKey,
    FlowSequenceEntryMappingValue,
    FlowSequenceEntryMappingEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// The parser: a state, and those to go back to.
pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Where open collections began.
    marks: Vec<Place>,
    /// Handles and prefixes.
    tag_directives: Vec<(String, String)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            tag_directives: Vec::new(),
        }
    }

    /// The next event.
    pub(super) fn next(&mut self) -> Result<Event> {
        match self.state {
            State::StreamStart => self.stream_start(),
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceFirstEntry => self.block_sequence_entry(true),
            State::BlockSequenceEntry => self.block_sequence_entry(false),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingFirstKey => self.block_mapping_key(true),
            State::BlockMappingKey => self.block_mapping_key(false),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirstEntry => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequenceEntryMappingKey => self.flow_sequence_entry_mapping_key(),
            State::FlowSequenceEntryMappingValue => self.flow_sequence_entry_mapping_value(),
            State::FlowSequenceEntryMappingEnd => self.flow_sequence_entry_mapping_end(),
            State::FlowMappingFirstKey => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(false),
            State::FlowMappingEmptyValue => self.flow_mapping_value(true),
            State::End => Ok(Event::new(Happening::StreamEnd, Place::default())),
        }
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Parses a node, and goes on with a state afterwards.
    fn node_then(&mut self, state: State, block: bool, indentless: bool) -> Result<Event> {
        self.states.push(state);
        self.node(block, indentless)
    }

    /// What is left out is null.
    fn empty_then(&mut self, state: State, start: Place) -> Result<Event> {
        self.state = state;
        let what = Happening::Scalar { tag: String::new(), value: String::new(), implicit: true };
        Ok(Event::new(what, start))
    }

    /// A collection is not what it should be.
    fn refuse<T>(&mut self, problem: &str, place: Place) -> Result<T> {
        let context = self.marks.pop().unwrap_or(place);
        Err(Failure::parser(problem, context, place))
    }

    /// An anchor, a tag, both or none; and content.
    fn node(&mut self, block: bool, indentless: bool) -> Result<Event> {
        let (mut kind, mut start, _) = self.scanner.peek()?;
        if kind == Kind::Alias {
            self.pop_state();
            return Ok(Event::new(Happening::Alias(self.scanner.take().value), start));
        }
        let node_start = start;
        let mut anchor = None;
        let mut tag = None;
        while kind == Kind::Anchor && anchor.is_none() || kind == Kind::Tag && tag.is_none() {
            let token = self.scanner.take();
            if kind == Kind::Anchor {
                anchor = Some(token.value);
            } else {
                tag = Some(token);
            }
            (kind, start, _) = self.scanner.peek()?;
        }
        let tag = match tag {
            None => String::new(),
            Some(token) if token.value.is_empty() => token.suffix,
            Some(token) => {
                let directive = self.tag_directives.iter().find(|(handle, _)| *handle == token.value);
                let full = directive.map(|(_, prefix)| format!("{prefix}{}", token.suffix)).unwrap_or_default();
                if full.is_empty() {
                    return Err(Failure::parser("found undefined tag handle", node_start, token.start));
                }
                full
            }
        };
        let what = match kind {
            Kind::BlockEntry if indentless => {
                self.state = State::IndentlessSequenceEntry;
                Happening::SequenceStart
            }
            Kind::Scalar => {
                self.pop_state();
                let token = self.scanner.take();
                let implicit = tag.is_empty() && token.plain || tag == "!";
                Happening::Scalar { tag, value: token.value, implicit }
            }
            Kind::FlowSequenceStart => {
                self.state = State::FlowSequenceFirstEntry;
                Happening::SequenceStart
            }
            Kind::FlowMappingStart => {
                self.state = State::FlowMappingFirstKey;
                Happening::MappingStart
            }
            Kind::BlockSequenceStart if block => {
                self.state = State::BlockSequenceFirstEntry;
                Happening::SequenceStart
            }
            Kind::BlockMappingStart if block => {
                self.state = State::BlockMappingFirstKey;
                Happening::MappingStart
            }
            _ if anchor.is_some() || !tag.is_empty() => {
                self.pop_state();
                let implicit = tag.is_empty();
                Happening::Scalar { tag, value: String::new(), implicit }
            }
            _ => return Err(Failure::parser("did not find expected node content", node_start, start)),
        };
        Ok(Event { what, start: node_start, anchor })
    }
}
