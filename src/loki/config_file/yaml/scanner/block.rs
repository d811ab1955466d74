//! Scalars after `|` and `>`.

use super::super::token::{Kind, Place, Token};
use super::{Result, Scanner, text};

impl Scanner<'_> {
    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<Token> {
        let start = self.reader.at;
        self.reader.skip();
        let (keep, increment) = self.scan_block_header(start)?;
        self.skip_rest_of_line(start)?;
        let mut end = self.reader.at;
        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) + increment,
        };
        let mut value = Vec::new();
        let mut leading = Vec::new();
        let mut trailing = Vec::new();
        self.scan_block_breaks(&mut indent, &mut trailing, start, &mut end)?;
        self.reader.need(1)?;
        let mut leading_blank = false;
        while self.reader.at.column.cast_signed() == indent && !self.reader.is_end() {
            let blank = self.reader.is_blank(0);
            if !literal && !leading_blank && !blank && leading.first() == Some(&b'\n') {
                if trailing.is_empty() {
                    value.push(b' ');
                }
            } else {
                value.append(&mut leading);
            }
            leading.clear();
            value.append(&mut trailing);
            leading_blank = blank;
            self.reader.read_run(&mut value, |byte| byte >= b' ');
            while !self.reader.is_break_or_end(0) {
                self.reader.read(&mut value);
                self.reader.need(1)?;
                self.reader.read_run(&mut value, |byte| byte >= b' ');
            }
            self.reader.need(2)?;
            self.reader.read_line(&mut leading);
            self.scan_block_breaks(&mut indent, &mut trailing, start, &mut end)?;
        }
        if keep != Some(false) {
            value.append(&mut leading);
        }
        if keep == Some(true) {
            value.append(&mut trailing);
        }
        let mut token = Token::new(Kind::Scalar, start, end);
        token.value = text(value);
        Ok(token)
    }

    /// Whether to keep all line breaks or none, and how far the block is indented; in either order.
    fn scan_block_header(&mut self, start: Place) -> Result<(Option<bool>, isize)> {
        self.reader.need(1)?;
        let mut keep = self.scan_chomping();
        if keep.is_some() {
            self.reader.need(1)?;
        }
        let digit = self.reader.peek(0);
        if digit == b'0' {
            return self.refuse("found an indentation indicator equal to 0", start);
        }
        let mut increment = 0;
        if digit.is_ascii_digit() {
            increment = isize::from(digit - b'0');
            self.reader.skip();
            if keep.is_none() {
                self.reader.need(1)?;
                keep = self.scan_chomping();
            }
        }
        Ok((keep, increment))
    }

    fn scan_chomping(&mut self) -> Option<bool> {
        let keep = match self.reader.peek(0) {
            b'+' => true,
            b'-' => false,
            _ => return None,
        };
        self.reader.skip();
        Some(keep)
    }

    /// Indentation and empty lines; tells the indentation where nothing else does.
    fn scan_block_breaks(
        &mut self,
        indent: &mut isize,
        breaks: &mut Vec<u8>,
        start: Place,
        end: &mut Place,
    ) -> Result<()> {
        *end = self.reader.at;
        let mut deepest = 0;
        loop {
            self.reader.need(1)?;
            let column = |scanner: &Self| scanner.reader.at.column.cast_signed();
            while (*indent == 0 || column(self) < *indent) && self.reader.peek(0) == b' ' {
                self.reader.skip();
                self.reader.need(1)?;
            }
            deepest = deepest.max(column(self));
            if (*indent == 0 || column(self) < *indent) && self.reader.peek(0) == b'\t' {
                return self.refuse("found a tab character where an indentation space is expected", start);
            }
            if !self.reader.is_break(0) {
                break;
            }
            self.reader.need(2)?;
            self.reader.read_line(breaks);
            *end = self.reader.at;
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}
