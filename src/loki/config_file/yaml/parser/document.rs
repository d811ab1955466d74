//! Streams, documents and their directives.

use super::super::failure::Failure;
use super::super::token::{Kind, Place};
use super::{Event, Happening, Parser, Result, State};

impl Parser<'_> {
    pub(super) fn stream_start(&mut self) -> Result<Event> {
        let (_, start, _) = self.scanner.peek()?;
        self.scanner.take();
        self.state = State::ImplicitDocumentStart;
        Ok(Event::new(Happening::StreamStart, start))
    }

    pub(super) fn document_start(&mut self, implicit: bool) -> Result<Event> {
        let (mut kind, mut start, _) = self.scanner.peek()?;
        while !implicit && kind == Kind::DocumentEnd {
            self.scanner.take();
            (kind, start, _) = self.scanner.peek()?;
        }
        let explicit =
            matches!(kind, Kind::VersionDirective | Kind::TagDirective | Kind::DocumentStart | Kind::StreamEnd);
        if implicit && !explicit {
            self.directives()?;
            self.states.push(State::DocumentEnd);
            self.state = State::BlockNode;
        } else if kind == Kind::StreamEnd {
            self.scanner.take();
            self.state = State::End;
            return Ok(Event::new(Happening::StreamEnd, start));
        } else {
            self.directives()?;
            let (kind, place, _) = self.scanner.peek()?;
            if kind != Kind::DocumentStart {
                return without_context("did not find expected <document start>", place);
            }
            self.states.push(State::DocumentEnd);
            self.state = State::DocumentContent;
            self.scanner.take();
        }
        Ok(Event::new(Happening::DocumentStart, start))
    }

    pub(super) fn document_content(&mut self) -> Result<Event> {
        let (kind, start, _) = self.scanner.peek()?;
        match kind {
            Kind::VersionDirective | Kind::TagDirective | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd => {
                let state = self.states.pop().unwrap_or(State::End);
                self.empty_then(state, start)
            }
            _ => self.node(true, false),
        }
    }

    pub(super) fn document_end(&mut self) -> Result<Event> {
        let (kind, start, _) = self.scanner.peek()?;
        if kind == Kind::DocumentEnd {
            self.scanner.take();
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        Ok(Event::new(Happening::DocumentEnd, start))
    }

    fn directives(&mut self) -> Result<()> {
        let mut versioned = false;
        loop {
            let (kind, start, _) = self.scanner.peek()?;
            match kind {
                Kind::VersionDirective if versioned => {
                    return without_context("found duplicate %YAML directive", start);
                }
                Kind::VersionDirective => {
                    if self.scanner.take().version != (1, 1) {
                        return without_context("found incompatible YAML document", start);
                    }
                    versioned = true;
                }
                Kind::TagDirective => {
                    let token = self.scanner.take();
                    if self.tag_directives.iter().any(|(handle, _)| *handle == token.value) {
                        return without_context("found duplicate %TAG directive", start);
                    }
                    self.tag_directives.push((token.value, token.suffix));
                }
                _ => break,
            }
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.tag_directives.iter().any(|(known, _)| known == handle) {
                self.tag_directives.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }
}

fn without_context<T>(problem: &str, place: Place) -> Result<T> {
    Err(Failure::parser(problem, Place::default(), place))
}
