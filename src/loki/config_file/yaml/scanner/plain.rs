//! Scalars without quotes.

use super::super::token::{Kind, Token};
use super::{Result, Scanner, text};

/// Line breaks within a scalar, which fold into a space.
#[derive(Default)]
pub(super) struct Breaks {
    pub(super) leading: Vec<u8>,
    pub(super) trailing: Vec<u8>,
}

impl Breaks {
    /// A single line feed becomes a space; of more, the first is dropped.
    pub(super) fn fold(&mut self, into: &mut Vec<u8>) {
        if self.leading.first() == Some(&b'\n') {
            if self.trailing.is_empty() {
                into.push(b' ');
            }
        } else {
            into.append(&mut self.leading);
        }
        into.append(&mut self.trailing);
        self.leading.clear();
    }
}

impl Scanner<'_> {
    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token> {
        let start = self.reader.at;
        let mut end = start;
        let indent = self.indent + 1;
        let mut value = Vec::new();
        let mut breaks = Breaks::default();
        let mut blanks = Vec::new();
        let mut leading_blanks = false;
        loop {
            self.reader.need(4)?;
            if self.reader.is_document_indicator(b'-')
                || self.reader.is_document_indicator(b'.')
                || self.reader.peek(0) == b'#'
            {
                break;
            }
            while !self.reader.is_blank_or_end(0) && !self.ends_plain() {
                if leading_blanks {
                    breaks.fold(&mut value);
                    leading_blanks = false;
                } else {
                    value.append(&mut blanks);
                }
                self.reader.read(&mut value);
                self.reader.read_run(&mut value, is_plain);
                end = self.reader.at;
                self.reader.need(2)?;
            }
            if !(self.reader.is_blank(0) || self.reader.is_break(0)) {
                break;
            }
            self.reader.need(1)?;
            loop {
                if self.reader.is_blank(0) {
                    if !leading_blanks {
                        self.reader.read(&mut blanks);
                    } else if self.reader.peek(0) == b'\t' && self.reader.at.column.cast_signed() < indent {
                        return self.refuse("found a tab character that violates indentation", start);
                    } else {
                        self.reader.skip();
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
            if self.flow_level == 0 && self.reader.at.column.cast_signed() < indent {
                break;
            }
        }
        if leading_blanks {
            self.simple_key_allowed = true;
        }
        let mut token = Token::new(Kind::Scalar, start, end);
        token.value = text(value);
        token.plain = true;
        Ok(token)
    }

    fn ends_plain(&self) -> bool {
        match self.reader.peek(0) {
            b':' => self.reader.is_blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }
}

/// Characters that end no scalar, wherever they are.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
}
