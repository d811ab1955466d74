//! Scalars in quotes.

use super::super::token::{Kind, Place, Token};
use super::plain::Breaks;
use super::{Result, Scanner, text};

impl Scanner<'_> {
    pub(super) fn scan_quoted_scalar(&mut self, single: bool) -> Result<Token> {
        let quote = if single { b'\'' } else { b'"' };
        let start = self.reader.at;
        self.reader.skip();
        let mut value = Vec::new();
        let mut breaks = Breaks::default();
        let mut blanks = Vec::new();
        loop {
            self.reader.need(4)?;
            if self.reader.is_document_indicator(b'-') || self.reader.is_document_indicator(b'.') {
                return self.refuse("found unexpected document indicator", start);
            }
            if self.reader.is_end() {
                return self.refuse("found unexpected end of stream", start);
            }
            let mut leading_blanks = self.scan_quoted_word(single, start, &mut value)?;
            self.reader.need(1)?;
            if self.reader.peek(0) == quote {
                break;
            }
            loop {
                if self.reader.is_blank(0) {
                    if leading_blanks {
                        self.reader.skip();
                    } else {
                        self.reader.read(&mut blanks);
                    }
                } else if self.reader.is_break(0) {
                    self.reader.need(2)?;
                    if leading_blanks {
                        self.reader.read_line(&mut breaks.trailing);
                    } else {
                        blanks.clear();
                        self.reader.read_line(&mut breaks.leading);
                        leading_blanks = true;
                    }
                } else {
                    break;
                }
                self.reader.need(1)?;
            }
            if leading_blanks {
                breaks.fold(&mut value);
            } else {
                value.append(&mut blanks);
            }
        }
        self.reader.skip();
        let mut token = Token::new(Kind::Scalar, start, self.reader.at);
        token.value = text(value);
        Ok(token)
    }

    /// Characters up to white space or the quote; tells whether an escaped line break ended them.
    fn scan_quoted_word(&mut self, single: bool, start: Place, value: &mut Vec<u8>) -> Result<bool> {
        while !self.reader.is_blank_or_end(0) {
            match self.reader.peek(0) {
                b'\'' if single && self.reader.peek(1) == b'\'' => {
                    value.push(b'\'');
                    self.reader.skip();
                    self.reader.skip();
                }
                b'\'' if single => break,
                b'"' if !single => break,
                b'\\' if !single && self.reader.is_break(1) => {
                    self.reader.need(3)?;
                    self.reader.skip();
                    self.reader.skip_line();
                    return Ok(true);
                }
                b'\\' if !single => self.scan_escape(start, value)?,
                _ => {
                    self.reader.read(value);
                    self.reader.read_run(value, |byte| byte > b' ' && !matches!(byte, b'\'' | b'"' | b'\\'));
                }
            }
            self.reader.need(2)?;
        }
        Ok(false)
    }

    fn scan_escape(&mut self, start: Place, value: &mut Vec<u8>) -> Result<()> {
        let mut digits = 0;
        let character = match self.reader.peek(1) {
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\x0B',
            b'f' => '\x0C',
            b'r' => '\r',
            b'e' => '\x1B',
            b' ' => ' ',
            b'"' => '"',
            b'\'' => '\'',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{A0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => {
                digits = 2;
                '\0'
            }
            b'u' => {
                digits = 4;
                '\0'
            }
            b'U' => {
                digits = 8;
                '\0'
            }
            _ => return self.refuse("found unknown escape character", start),
        };
        self.reader.skip();
        self.reader.skip();
        let character = if digits > 0 { self.scan_code(digits, start)? } else { character };
        value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn scan_code(&mut self, digits: u8, start: Place) -> Result<char> {
        self.reader.need(isize::from(digits))?;
        let mut code: u32 = 0;
        for ahead in 0..usize::from(digits) {
            let Some(digit) = char::from(self.reader.peek(ahead)).to_digit(16) else {
                return self.refuse("did not find expected hexdecimal number", start);
            };
            // Eight digits are 32 bits.
            code = code << 4 | digit;
        }
        let Some(character) = char::from_u32(code) else {
            return self.refuse("found invalid Unicode character escape code", start);
        };
        for _ in 0..digits {
            self.reader.skip();
        }
        Ok(character)
    }
}
