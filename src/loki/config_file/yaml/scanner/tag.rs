//! Directives, anchors, aliases and tags.

use super::super::reader::width;
use super::super::token::{Kind, Place, Token};
use super::{Result, Scanner, text};

impl Scanner<'_> {
    pub(super) fn scan_directive(&mut self) -> Result<Token> {
        let start = self.reader.at;
        self.reader.skip();
        let name = self.scan_word()?;
        if name.is_empty() {
            return self.refuse("could not find expected directive name", start);
        }
        if !self.reader.is_blank_or_end(0) {
            return self.refuse("found unexpected non-alphabetical character", start);
        }
        let mut token = Token::new(Kind::VersionDirective, start, start);
        match name.as_slice() {
            b"YAML" => {
                self.skip_blanks()?;
                let major = self.scan_version_number(start)?;
                if self.reader.peek(0) != b'.' {
                    return self.refuse("did not find expected digit or '.' character", start);
                }
                self.reader.skip();
                token.version = (major, self.scan_version_number(start)?);
            }
            b"TAG" => {
                token.kind = Kind::TagDirective;
                self.skip_blanks()?;
                token.value = text(self.scan_tag_handle(true, start)?);
                self.reader.need(1)?;
                if !self.reader.is_blank(0) {
                    return self.refuse("did not find expected whitespace", start);
                }
                self.skip_blanks()?;
                token.suffix = text(self.scan_tag_uri(&[], start)?);
                self.reader.need(1)?;
                if !self.reader.is_blank_or_end(0) {
                    return self.refuse("did not find expected whitespace or line break", start);
                }
            }
            _ => return self.refuse("found unknown directive name", start),
        }
        token.end = self.reader.at;
        self.skip_rest_of_line(start)?;
        Ok(token)
    }

    /// Letters, digits, `_` and `-`.
    fn scan_word(&mut self) -> Result<Vec<u8>> {
        let mut word = Vec::new();
        self.reader.need(1)?;
        while self.reader.is_word() {
            self.reader.read(&mut word);
            self.reader.need(1)?;
        }
        Ok(word)
    }

    fn scan_version_number(&mut self, start: Place) -> Result<u8> {
        self.reader.need(1)?;
        let mut value = 0;
        let mut length = 0;
        while self.reader.peek(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                return self.refuse("found extremely long version number", start);
            }
            value = value * 10 + (self.reader.peek(0) - b'0');
            self.reader.skip();
            self.reader.need(1)?;
        }
        if length == 0 {
            return self.refuse("did not find expected version number", start);
        }
        Ok(value)
    }

    pub(super) fn scan_anchor(&mut self, kind: Kind) -> Result<Token> {
        let start = self.reader.at;
        self.reader.skip();
        let name = self.scan_word()?;
        let end = self.reader.at;
        let ended = self.reader.is_blank_or_end(0)
            || matches!(self.reader.peek(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ended {
            return self.refuse("did not find expected alphabetic or numeric character", start);
        }
        let mut token = Token::new(kind, start, end);
        token.value = text(name);
        Ok(token)
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token> {
        let start = self.reader.at;
        self.reader.need(2)?;
        let mut handle = Vec::new();
        let mut suffix;
        if self.reader.peek(1) == b'<' {
            self.reader.skip();
            self.reader.skip();
            suffix = self.scan_tag_uri(&[], start)?;
            if self.reader.peek(0) != b'>' {
                return self.refuse("did not find the expected '>'", start);
            }
            self.reader.skip();
        } else {
            handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.last() == Some(&b'!') {
                suffix = self.scan_tag_uri(&[], start)?;
            } else {
                suffix = self.scan_tag_uri(&handle, start)?;
                handle = b"!".to_vec();
                // "!" alone is no handle.
                if suffix.is_empty() {
                    std::mem::swap(&mut handle, &mut suffix);
                }
            }
        }
        self.reader.need(1)?;
        if !self.reader.is_blank_or_end(0) {
            return self.refuse("did not find expected whitespace or line break", start);
        }
        let mut token = Token::new(Kind::Tag, start, self.reader.at);
        token.value = text(handle);
        token.suffix = text(suffix);
        Ok(token)
    }

    fn scan_tag_handle(&mut self, directive: bool, start: Place) -> Result<Vec<u8>> {
        self.reader.need(1)?;
        if self.reader.peek(0) != b'!' {
            return self.refuse("did not find expected '!'", start);
        }
        self.reader.skip();
        let mut handle = b"!".to_vec();
        handle.append(&mut self.scan_word()?);
        if self.reader.peek(0) == b'!' {
            self.reader.read(&mut handle);
        } else if directive && handle != b"!" {
            return self.refuse("did not find expected '!'", start);
        }
        Ok(handle)
    }

    /// Of what was taken for a handle, all but the `!` belongs to the URI.
    fn scan_tag_uri(&mut self, head: &[u8], start: Place) -> Result<Vec<u8>> {
        let mut uri = head.get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        self.reader.need(1)?;
        loop {
            match self.reader.peek(0) {
                b'%' => self.scan_uri_escapes(start, &mut uri)?,
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.' | b'!' | b'~' | b'*'
                | b'\'' | b'(' | b')' | b'[' | b']' => self.reader.read(&mut uri),
                _ if self.reader.is_word() => self.reader.read(&mut uri),
                _ => break,
            }
            self.reader.need(1)?;
            found = true;
        }
        if !found {
            return self.refuse("did not find expected tag URI", start);
        }
        Ok(uri)
    }

    /// The escaped bytes of one character.
    fn scan_uri_escapes(&mut self, start: Place, uri: &mut Vec<u8>) -> Result<()> {
        let mut left = None;
        while left != Some(0) {
            self.reader.need(3)?;
            let digit = |ahead| char::from(self.reader.peek(ahead)).to_digit(16).and_then(|it| u8::try_from(it).ok());
            let (b'%', Some(high), Some(low)) = (self.reader.peek(0), digit(1), digit(2)) else {
                return self.refuse("did not find URI escaped octet", start);
            };
            let octet = high << 4 | low;
            let before = match left {
                None if matches!(octet, 0x80..=0xBF | 0xF8..) => {
                    return self.refuse("found an incorrect leading UTF-8 octet", start);
                }
                None => width(octet),
                Some(_) if octet & 0xC0 != 0x80 => {
                    return self.refuse("found an incorrect trailing UTF-8 octet", start);
                }
                Some(left) => left,
            };
            uri.push(octet);
            for _ in 0..3 {
                self.reader.skip();
            }
            left = Some(before - 1);
        }
        Ok(())
    }
}
