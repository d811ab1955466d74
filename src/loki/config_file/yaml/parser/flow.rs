//! Collections in brackets.

use super::super::token::Kind;
use super::{Event, Happening, Parser, Result, State};

impl Parser<'_> {
    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Result<Event> {
        self.open(first)?;
        let (mut kind, mut start, _) = self.scanner.peek()?;
        if kind != Kind::FlowSequenceEnd {
            if !first {
                if kind != Kind::FlowEntry {
                    return self.refuse("did not find expected ',' or ']'", start);
                }
                self.scanner.take();
                (kind, start, _) = self.scanner.peek()?;
            }
            if kind == Kind::Key {
                self.state = State::FlowSequenceEntryMappingKey;
                self.scanner.take();
                return Ok(Event::new(Happening::MappingStart, start));
            }
            if kind != Kind::FlowSequenceEnd {
                return self.node_then(State::FlowSequenceEntry, false, false);
            }
        }
        self.close(Happening::SequenceEnd)
    }

    pub(super) fn flow_sequence_entry_mapping_key(&mut self) -> Result<Event> {
        let (kind, _, mark) = self.scanner.peek()?;
        match kind {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                // That the token is lost is yaml.v2's doing.
                self.scanner.take();
                self.empty_then(State::FlowSequenceEntryMappingValue, mark)
            }
            _ => self.node_then(State::FlowSequenceEntryMappingValue, false, false),
        }
    }

    pub(super) fn flow_sequence_entry_mapping_value(&mut self) -> Result<Event> {
        let (kind, start, _) = self.scanner.peek()?;
        if kind == Kind::Value {
            self.scanner.take();
            let (kind, _, _) = self.scanner.peek()?;
            if !matches!(kind, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                return self.node_then(State::FlowSequenceEntryMappingEnd, false, false);
            }
        }
        self.empty_then(State::FlowSequenceEntryMappingEnd, start)
    }

    pub(super) fn flow_sequence_entry_mapping_end(&mut self) -> Result<Event> {
        let (_, start, _) = self.scanner.peek()?;
        self.state = State::FlowSequenceEntry;
        Ok(Event::new(Happening::MappingEnd, start))
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Result<Event> {
        self.open(first)?;
        let (mut kind, mut start, _) = self.scanner.peek()?;
        if kind != Kind::FlowMappingEnd {
            if !first {
                if kind != Kind::FlowEntry {
                    return self.refuse("did not find expected ',' or '}'", start);
                }
                self.scanner.take();
                (kind, _, _) = self.scanner.peek()?;
            }
            if kind == Kind::Key {
                self.scanner.take();
                (kind, start, _) = self.scanner.peek()?;
                return match kind {
                    Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd => {
                        self.empty_then(State::FlowMappingValue, start)
                    }
                    _ => self.node_then(State::FlowMappingValue, false, false),
                };
            }
            if kind != Kind::FlowMappingEnd {
                return self.node_then(State::FlowMappingEmptyValue, false, false);
            }
        }
        self.close(Happening::MappingEnd)
    }

    pub(super) fn flow_mapping_value(&mut self, empty: bool) -> Result<Event> {
        let (kind, mut start, _) = self.scanner.peek()?;
        if !empty && kind == Kind::Value {
            self.scanner.take();
            let (kind, after, _) = self.scanner.peek()?;
            if !matches!(kind, Kind::FlowEntry | Kind::FlowMappingEnd) {
                return self.node_then(State::FlowMappingKey, false, false);
            }
            start = after;
        }
        self.empty_then(State::FlowMappingKey, start)
    }
}
