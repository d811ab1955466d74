//! From characters to tokens (yaml.v2's scannerc.go).

mod block;
mod fetch;
mod plain;
mod quoted;
mod tag;

use std::collections::VecDeque;

use super::failure::Failure;
use super::reader::Reader;
use super::token::{Kind, Place, Token};

pub(super) type Result<T> = std::result::Result<T, Failure>;

const MAX_FLOW_LEVEL: usize = 10_000;
const MAX_INDENTS: usize = 10_000;
/// No key begins at this token.
const NO_KEY: usize = usize::MAX;

/// Where a key without `?` may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    place: Place,
}

/// The scanner and its queue of tokens.
pub(super) struct Scanner<'a> {
    reader: Reader<'a>,
    tokens: VecDeque<Token>,
    /// Tokens that the parser has taken.
    taken: usize,
    /// Whether the queue's first token is known not to be a key's.
    available: bool,
    started: bool,
    ended: bool,
    /// The column of the innermost block collection; -1 outside of any.
    indent: isize,
    indents: Vec<isize>,
    simple_key_allowed: bool,
    /// The possible key of each flow level.
    simple_keys: Vec<SimpleKey>,
    /// simple_keys_by_tok, of the tokens from `taken` on: the level whose key may begin with the token. Entries are
    /// not always removed, nor always those of the level, which decides how far yaml.v2 looks ahead.
    levels_by_token: VecDeque<usize>,
    flow_level: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            reader: Reader::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            available: false,
            started: false,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: false,
            simple_keys: Vec::new(),
            levels_by_token: VecDeque::new(),
            flow_level: 0,
        }
    }

    /// The next token's kind and place.
    pub(super) fn peek(&mut self) -> Result<(Kind, Place, Place)> {
        if !self.available {
            self.fetch_more()?;
            self.available = true;
        }
        match self.tokens.front() {
            Some(token) => Ok((token.kind, token.start, token.end)),
            // Nothing follows the end.
            None => Ok((Kind::StreamEnd, self.reader.at, self.reader.at)),
        }
    }

    /// Takes the token that [`Self::peek`] showed.
    pub(super) fn take(&mut self) -> Token {
        self.available = false;
        self.taken += 1;
        self.levels_by_token.pop_front();
        let token =
            self.tokens.pop_front().unwrap_or_else(|| Token::new(Kind::StreamEnd, self.reader.at, self.reader.at));
        self.ended = token.kind == Kind::StreamEnd;
        token
    }

    /// Fetches until the first token cannot be the beginning of a key.
    fn fetch_more(&mut self) -> Result<()> {
        while !self.ended {
            if !self.tokens.is_empty() {
                let level = self.levels_by_token.front().copied().unwrap_or(NO_KEY);
                if level == NO_KEY || !self.is_key_valid(level)? {
                    break;
                }
            }
            self.fetch_next()?;
        }
        Ok(())
    }

    fn refuse<T>(&self, problem: &str, context: Place) -> Result<T> {
        Err(Failure::scanner(problem, context, self.reader.at))
    }

    /// insert_token: at a place of the queue, or at its end.
    fn insert(&mut self, token: Token, number: Option<usize>) {
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(place) if place < self.tokens.len() => self.tokens.insert(place, token),
            _ => self.tokens.push_back(token),
        }
    }

    /// The number that the next token will have.
    fn next_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    fn is_key_valid(&mut self, level: usize) -> Result<bool> {
        let at = self.reader.at;
        let Some(key) = self.simple_keys.get_mut(level) else { return Ok(false) };
        if !key.possible {
            return Ok(false);
        }
        // A key takes one line, and `:` follows within 1024 characters.
        if key.place.line < at.line || key.place.index + 1024 < at.index {
            if key.required {
                let place = key.place;
                return self.refuse("could not find expected ':'", place);
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Remembers that a key may begin here.
    fn save_key(&mut self) -> Result<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let place = self.reader.at;
        let required = self.flow_level == 0 && self.indent == place.column.cast_signed();
        let token = self.next_number();
        self.remove_key()?;
        let level = self.simple_keys.len().saturating_sub(1);
        if let Some(last) = self.simple_keys.last_mut() {
            *last = SimpleKey { possible: true, required, token, place };
        }
        let index = token - self.taken;
        if self.levels_by_token.len() <= index {
            self.levels_by_token.resize(index + 1, NO_KEY);
        }
        self.levels_by_token[index] = level;
        Ok(())
    }

    /// What may have begun at this level is no key.
    fn remove_key(&mut self) -> Result<()> {
        let Some(key) = self.simple_keys.last_mut() else { return Ok(()) };
        if key.possible {
            let SimpleKey { required, place, token, .. } = *key;
            if required {
                return self.refuse("could not find expected ':'", place);
            }
            key.possible = false;
            self.forget_token(token);
        }
        Ok(())
    }

    fn forget_token(&mut self, token: usize) {
        if let Some(index) = token.checked_sub(self.taken)
            && let Some(level) = self.levels_by_token.get_mut(index)
        {
            *level = NO_KEY;
        }
    }

    fn increase_flow_level(&mut self) -> Result<()> {
        let place = self.reader.at;
        let token = self.next_number();
        self.simple_keys.push(SimpleKey { possible: false, required: false, token, place });
        self.flow_level += 1;
        if self.flow_level > MAX_FLOW_LEVEL {
            return self.refuse(&format!("exceeded max depth of {MAX_FLOW_LEVEL}"), place);
        }
        Ok(())
    }

    fn decrease_flow_level(&mut self) {
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.simple_keys.pop() {
                self.forget_token(key.token);
            }
        }
    }

    /// Begins a block collection, if the column is right of the innermost one.
    fn roll_indent(&mut self, column: usize, number: Option<usize>, kind: Kind, place: Place) -> Result<()> {
        let column = column.cast_signed();
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_INDENTS {
            let context = self.simple_keys.last().map_or(place, |key| key.place);
            return self.refuse(&format!("exceeded max depth of {MAX_INDENTS}"), context);
        }
        self.insert(Token::new(kind, place, place), number);
        Ok(())
    }

    /// Ends the block collections that are right of the column.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.insert(Token::new(Kind::BlockEnd, self.reader.at, self.reader.at), None);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Passes over spaces and tabs.
    fn skip_blanks(&mut self) -> Result<()> {
        self.reader.need(1)?;
        while self.reader.is_blank(0) {
            self.reader.skip();
            self.reader.need(1)?;
        }
        Ok(())
    }

    /// Passes over a comment up to the end of its line.
    fn skip_comment(&mut self) -> Result<()> {
        if self.reader.peek(0) == b'#' {
            self.reader.skip_run(|byte| byte >= b' ');
            while !self.reader.is_break_or_end(0) {
                self.reader.skip();
                self.reader.need(1)?;
                self.reader.skip_run(|byte| byte >= b' ');
            }
        }
        Ok(())
    }

    /// Passes over the rest of a line that may hold nothing but a comment.
    fn skip_rest_of_line(&mut self, context: Place) -> Result<()> {
        self.skip_blanks()?;
        self.skip_comment()?;
        if !self.reader.is_break_or_end(0) {
            return self.refuse("did not find expected comment or line break", context);
        }
        if self.reader.is_break(0) {
            self.reader.need(2)?;
            self.reader.skip_line();
        }
        Ok(())
    }
}

/// Bytes of the text, and of escapes in it, as text.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
