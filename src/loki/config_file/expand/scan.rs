//! Characters and tokens (envsubst's parse/scan.go).

/// The end of the text; so is NUL.
pub(super) const END: char = '\0';

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Illegal,
    End,
    Ident,
    /// `${`
    Left,
    /// `}`
    Right,
}

/// What tokens there may be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mode {
    pub(super) ident: bool,
    pub(super) left: bool,
    pub(super) right: bool,
    pub(super) escape: bool,
}

/// Which characters belong to an identifier, by how many bytes it has with them.
pub(super) type Accept = fn(char, usize) -> bool;

/// The text on both sides of a place.
pub(super) struct Scanner {
    before: Vec<u8>,
    /// The other way round, so that its beginning is easily taken and given back.
    after: Vec<u8>,
    start: usize,
    width: usize,
    pub(super) mode: Mode,
    pub(super) accept: Accept,
}

impl Scanner {
    pub(super) fn new(text: &str) -> Self {
        Self {
            before: Vec::with_capacity(text.len()),
            after: text.bytes().rev().collect(),
            start: 0,
            width: 0,
            mode: Mode::default(),
            accept: |_, _| false,
        }
    }

    pub(super) fn read(&mut self) -> char {
        let next: Vec<u8> = self.after.iter().rev().take(4).copied().collect();
        let Some((character, width)) = decode(&next) else {
            self.width = 0;
            return END;
        };
        self.width = width;
        self.before.extend_from_slice(next.get(..width).unwrap_or_default());
        self.after.truncate(self.after.len().saturating_sub(width));
        character
    }

    /// Goes back by the width of what was last read or peeked at, which is not always where this came from: so it is
    /// in envsubst.
    pub(super) fn unread(&mut self) {
        for _ in 0..self.width {
            if let Some(byte) = self.before.pop() {
                self.after.push(byte);
            }
        }
    }

    /// Drops the escape that was read, and takes what it escapes.
    fn skip(&mut self) {
        self.before.pop();
        self.before.extend(self.after.pop());
    }

    pub(super) fn peek(&mut self) -> char {
        let character = self.read();
        self.unread();
        character
    }

    /// The last token. Going back may have gone too far, which Go does not survive.
    pub(super) fn token(&self) -> Result<Vec<u8>, String> {
        match self.before.get(self.start..) {
            Some(token) => Ok(token.to_vec()),
            None => Err(format!("runtime error: slice bounds out of range [{}:{}]", self.start, self.before.len())),
        }
    }

    pub(super) fn scan(&mut self) -> Token {
        self.start = self.before.len();
        match self.read() {
            END => Token::End,
            read if self.scan_left(read) => Token::Left,
            '}' if self.mode.right => Token::Right,
            read if self.scan_ident(read) => Token::Ident,
            _ => Token::Illegal,
        }
    }

    fn accepts(&self, read: char) -> bool {
        // Nothing is left of the start only after going back too far.
        (self.accept)(read, self.before.len().saturating_sub(self.start))
    }

    fn scan_ident(&mut self, read: char) -> bool {
        if !self.mode.ident {
            return false;
        }
        if self.is_escape(read) {
            self.skip();
        } else if !self.accepts(read) {
            return false;
        }
        loop {
            let read = self.read();
            if read == END {
                self.unread();
                return true;
            }
            if self.scan_left(read) {
                self.unread();
                self.unread();
                return true;
            }
            if self.is_escape(read) {
                self.skip();
            } else if !self.accepts(read) {
                self.unread();
                return true;
            }
        }
    }

    fn scan_left(&mut self, read: char) -> bool {
        if !self.mode.left || read != '$' {
            return false;
        }
        if self.read() == '{' {
            return true;
        }
        self.unread();
        false
    }

    fn is_escape(&mut self, read: char) -> bool {
        self.mode.escape && (read == '$' && self.peek() == '$' || read == '\\' && matches!(self.peek(), '/' | '\\'))
    }
}

/// Go's utf8.DecodeRune: a byte that begins no character is one of its own.
pub(super) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    if bytes.is_empty() {
        return None;
    }
    (1..=4)
        .find_map(|width| std::str::from_utf8(bytes.get(..width)?).ok()?.chars().next().map(|it| (it, width)))
        .or(Some((char::REPLACEMENT_CHARACTER, 1)))
}
