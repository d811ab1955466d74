//! Collections by indentation.

use super::super::token::Kind;
use super::{Event, Happening, Parser, Result, State};

impl Parser<'_> {
    pub(super) fn block_sequence_entry(&mut self, first: bool) -> Result<Event> {
        self.open(first)?;
        let (kind, start, mark) = self.scanner.peek()?;
        match kind {
            Kind::BlockEntry => {
                self.scanner.take();
                match self.scanner.peek()?.0 {
                    Kind::BlockEntry | Kind::BlockEnd => self.empty_then(State::BlockSequenceEntry, mark),
                    _ => self.node_then(State::BlockSequenceEntry, true, false),
                }
            }
            Kind::BlockEnd => self.close(Happening::SequenceEnd),
            _ => self.refuse("did not find expected '-' indicator", start),
        }
    }

    pub(super) fn indentless_sequence_entry(&mut self) -> Result<Event> {
        let (kind, start, mark) = self.scanner.peek()?;
        if kind != Kind::BlockEntry {
            self.pop_state();
            return Ok(Event::new(Happening::SequenceEnd, start));
        }
        self.scanner.take();
        match self.scanner.peek()?.0 {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.empty_then(State::IndentlessSequenceEntry, mark)
            }
            _ => self.node_then(State::IndentlessSequenceEntry, true, false),
        }
    }

    pub(super) fn block_mapping_key(&mut self, first: bool) -> Result<Event> {
        self.open(first)?;
        let (kind, start, mark) = self.scanner.peek()?;
        match kind {
            Kind::Key => {
                self.scanner.take();
                match self.scanner.peek()?.0 {
                    Kind::Key | Kind::Value | Kind::BlockEnd => self.empty_then(State::BlockMappingValue, mark),
                    _ => self.node_then(State::BlockMappingValue, true, true),
                }
            }
            Kind::BlockEnd => self.close(Happening::MappingEnd),
            _ => self.refuse("did not find expected key", start),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Result<Event> {
        let (kind, start, mark) = self.scanner.peek()?;
        if kind != Kind::Value {
            return self.empty_then(State::BlockMappingKey, start);
        }
        self.scanner.take();
        match self.scanner.peek()?.0 {
            Kind::Key | Kind::Value | Kind::BlockEnd => self.empty_then(State::BlockMappingKey, mark),
            _ => self.node_then(State::BlockMappingKey, true, true),
        }
    }

    /// Takes the token that begins a collection.
    pub(super) fn open(&mut self, first: bool) -> Result<()> {
        if first {
            let (_, start, _) = self.scanner.peek()?;
            self.marks.push(start);
            self.scanner.take();
        }
        Ok(())
    }

    /// Takes the token that ends a collection.
    pub(super) fn close(&mut self, what: Happening) -> Result<Event> {
        self.pop_state();
        self.marks.pop();
        Ok(Event::new(what, self.scanner.take().start))
    }
}
