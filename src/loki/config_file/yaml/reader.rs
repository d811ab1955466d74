//! Characters of the text (yaml.v2's readerc.go and yamlprivateh.go).
//!
//! yaml.v2 reads 512 bytes at a time and refuses control characters while it does, so a mistake of grammar in an
//! earlier piece is found first, and one in the same piece is not. The pieces are counted here as there.

use super::failure::Failure;
use super::token::Place;

type Result<T> = std::result::Result<T, Failure>;

const PIECE: usize = 512;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The text and how far it has been read.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    pos: usize,
    /// Where this is.
    pub(super) at: Place,
    /// Characters that are known to be good, from `pos` on.
    unread: isize,
    /// Where yaml.v2's buffer begins.
    base: usize,
    /// Up to here characters are known to be good.
    checked: usize,
    /// Up to here bytes have been read.
    fetched: usize,
    started: bool,
    ended: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // decode.go, newParser.
        let text = if text.is_empty() { "\n" } else { text };
        Self {
            text: text.as_bytes(),
            pos: 0,
            at: Place::default(),
            unread: 0,
            base: 0,
            checked: 0,
            fetched: 0,
            started: false,
            ended: false,
        }
    }

    /// Sees to it that so many characters can be looked at.
    #[inline]
    pub(super) fn need(&mut self, count: isize) -> Result<()> {
        if self.unread >= count { Ok(()) } else { self.update(count) }
    }

    fn update(&mut self, count: isize) -> Result<()> {
        if !self.started {
            self.started = true;
            while !self.ended && self.fetched < BOM.len() {
                self.fetch();
            }
            if self.text.starts_with(BOM) {
                self.pos = BOM.len();
                self.checked = BOM.len();
            }
        }
        self.base = self.pos;
        let mut first = true;
        while self.unread < count {
            if !first || self.checked == self.fetched {
                self.fetch();
            }
            first = false;
            self.check()?;
            if self.ended {
                self.unread += 1;
                break;
            }
        }
        Ok(())
    }

    /// update_raw_buffer: only a read after the last one tells the end.
    fn fetch(&mut self) {
        if self.fetched == self.text.len() {
            self.ended = true;
        } else {
            self.fetched = self.text.len().min(self.checked + PIECE);
        }
    }

    fn check(&mut self) -> Result<()> {
        while self.checked < self.fetched {
            let rest = self.text.get(self.checked..self.fetched).unwrap_or_default();
            let common = rest.iter().take_while(|byte| matches!(byte, b' '..=b'~' | b'\n')).count();
            self.checked += common;
            self.unread += common.cast_signed();
            let Some(&byte) = rest.get(common) else { break };
            if width(byte) > rest.len() - common {
                break;
            }
            let after = |ahead: usize| rest.get(common + ahead).copied().unwrap_or(0);
            // #x9 | #xA | #xD | [#x20-#x7E] | #x85 | [#xA0-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]; no text of
            // Rust's has surrogates.
            let allowed = match byte {
                b'\t' | b'\r' => true,
                0xC2 => after(1) == 0x85 || after(1) >= 0xA0,
                0xEF => !(after(1) == 0xBF && after(2) >= 0xBE),
                _ => byte >= 0x80,
            };
            if !allowed {
                return Err(Failure::reader("control characters are not allowed", self.place_of_checked()));
            }
            self.checked += width(byte);
            self.unread += 1;
        }
        Ok(())
    }

    /// Where the first character is that is not known to be good.
    fn place_of_checked(&self) -> Place {
        let before = String::from_utf8_lossy(self.text.get(..self.checked).unwrap_or_default());
        let line = before.rsplit('\n').next().unwrap_or_default();
        Place { index: 0, line: before.matches('\n').count(), column: line.chars().count() }
    }

    /// The byte so far ahead; NUL is the end, since the text has none.
    #[inline]
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.pos + ahead).copied().unwrap_or(0)
    }

    /// Passes over a character.
    #[inline]
    pub(super) fn skip(&mut self) {
        self.pos += width(self.peek(0));
        self.advance(1);
    }

    /// Passes over a line break.
    pub(super) fn skip_line(&mut self) {
        if self.peek(0) == b'\r' && self.peek(1) == b'\n' {
            self.pos += 2;
            self.advance(2);
        } else if self.is_break(0) {
            self.skip();
        } else {
            return;
        }
        self.at.column = 0;
        self.at.line += 1;
    }

    /// Takes a character.
    #[inline]
    pub(super) fn read(&mut self, into: &mut Vec<u8>) {
        let end = self.text.len().min(self.pos + width(self.peek(0)));
        into.extend_from_slice(self.text.get(self.pos..end).unwrap_or_default());
        self.pos = end;
        self.advance(1);
    }

    /// Takes the ASCII characters that `wanted` holds for, as far as they are known to be good, but the last two: most
    /// of a text, at once.
    #[inline]
    pub(super) fn read_run(&mut self, into: &mut Vec<u8>, wanted: impl Fn(u8) -> bool) {
        let run = self.run(wanted);
        into.extend_from_slice(run);
        self.pos += run.len();
        self.advance(run.len());
    }

    /// Passes over them.
    #[inline]
    pub(super) fn skip_run(&mut self, wanted: impl Fn(u8) -> bool) {
        let count = self.run(wanted).len();
        self.pos += count;
        self.advance(count);
    }

    #[inline]
    fn run(&self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let most = usize::try_from(self.unread - 2).unwrap_or(0);
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let count = rest.iter().take(most).take_while(|byte| byte.is_ascii() && wanted(**byte)).count();
        rest.get(..count).unwrap_or_default()
    }

    #[inline]
    fn advance(&mut self, characters: usize) {
        self.at.index += characters;
        self.at.column += characters;
        self.unread -= characters.cast_signed();
    }

    /// Takes a line break: those of a single byte, and NEL, as a line feed.
    pub(super) fn read_line(&mut self, into: &mut Vec<u8>) {
        match self.peek(0) {
            b'\r' | b'\n' | 0xC2 if self.is_break(0) => into.push(b'\n'),
            0xE2 if self.is_break(0) => {
                into.extend_from_slice(self.text.get(self.pos..self.pos + 3).unwrap_or_default());
            }
            _ => return,
        }
        self.skip_line();
    }

    /// Goes to the beginning of a line that the text does not have.
    pub(super) fn force_line(&mut self) {
        if self.at.column != 0 {
            self.at.column = 0;
            self.at.line += 1;
        }
    }

    /// is_bom: of the buffer's beginning, whatever the place; so it is in yaml.v2.
    pub(super) fn is_bom(&self) -> bool {
        self.text.get(self.base..).is_some_and(|rest| rest.starts_with(BOM))
    }

    #[inline]
    pub(super) fn is_end(&self) -> bool {
        self.peek(0) == 0
    }

    #[inline]
    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), b' ' | b'\t')
    }

    #[inline]
    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            b'\r' | b'\n' => true,
            0xC2 => self.peek(ahead + 1) == 0x85,
            0xE2 => self.peek(ahead + 1) == 0x80 && matches!(self.peek(ahead + 2), 0xA8 | 0xA9),
            _ => false,
        }
    }

    #[inline]
    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.peek(ahead) == 0 || self.is_break(ahead)
    }

    #[inline]
    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// is_alpha: a letter, a digit, `_` or `-`.
    pub(super) fn is_word(&self) -> bool {
        let byte = self.peek(0);
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    }

    /// Whether `---` or `...` begins here, in the first column.
    pub(super) fn is_document_indicator(&self, character: u8) -> bool {
        self.at.column == 0
            && self.peek(0) == character
            && self.peek(1) == character
            && self.peek(2) == character
            && self.is_blank_or_end(3)
    }
}

/// Bytes of a character by its first one.
#[inline]
pub(super) fn width(byte: u8) -> usize {
    match byte {
        0..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        // No text has such a beginning; 1 goes on.
        _ => 1,
    }
}
