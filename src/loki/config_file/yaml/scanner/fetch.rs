//! Which token comes next.

use super::super::token::{Kind, Token};
use super::{Result, Scanner, SimpleKey};

impl Scanner<'_> {
    /// fetch_next_token.
    pub(super) fn fetch_next(&mut self) -> Result<()> {
        self.reader.need(1)?;
        if !self.started {
            self.simple_keys.push(SimpleKey::default());
            self.simple_key_allowed = true;
            self.started = true;
            self.insert(Token::new(Kind::StreamStart, self.reader.at, self.reader.at), None);
            return Ok(());
        }
        self.skip_to_next_token()?;
        self.unroll_indent(self.reader.at.column.cast_signed());
        self.reader.need(4)?;
        let flow = self.flow_level > 0;
        let first = self.reader.peek(0);
        match first {
            0 => self.fetch_stream_end(),
            b'%' if self.reader.at.column == 0 => self.fetch_directive(),
            b'-' if self.reader.is_document_indicator(b'-') => self.fetch_document_indicator(Kind::DocumentStart),
            b'.' if self.reader.is_document_indicator(b'.') => self.fetch_document_indicator(Kind::DocumentEnd),
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.reader.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if flow || self.reader.is_blank_or_end(1) => self.fetch_key(),
            b':' if flow || self.reader.is_blank_or_end(1) => self.fetch_value(),
            b'*' => self.fetch_anchor(Kind::Alias),
            b'&' => self.fetch_anchor(Kind::Anchor),
            b'!' => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_tag()?;
                self.insert(token, None);
                Ok(())
            }
            b'|' | b'>' if !flow => {
                self.remove_key()?;
                self.simple_key_allowed = true;
                let token = self.scan_block_scalar(first == b'|')?;
                self.insert(token, None);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_quoted_scalar(first == b'\'')?;
                self.insert(token, None);
                Ok(())
            }
            _ if self.may_start_plain(first) => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_plain_scalar()?;
                self.insert(token, None);
                Ok(())
            }
            _ => self.refuse("found character that cannot start any token", self.reader.at),
        }
    }

    fn may_start_plain(&self, first: u8) -> bool {
        match first {
            b'-' => !self.reader.is_blank(1),
            b'?' | b':' => self.flow_level == 0 && !self.reader.is_blank_or_end(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => false,
            _ => !self.reader.is_blank_or_end(0),
        }
    }

    /// Passes over white space and comments.
    fn skip_to_next_token(&mut self) -> Result<()> {
        loop {
            self.reader.need(1)?;
            // A line may begin with a byte order mark; at the end there is nothing to skip.
            if self.reader.at.column == 0 && self.reader.is_bom() {
                self.reader.skip();
            }
            self.reader.need(1)?;
            // Tabs do not indent, and do not follow '-', '?' or ':' of a complex value.
            while self.reader.peek(0) == b' '
                || self.reader.peek(0) == b'\t' && (self.flow_level > 0 || !self.simple_key_allowed)
            {
                self.reader.skip();
                self.reader.need(1)?;
            }
            self.skip_comment()?;
            if !self.reader.is_break(0) {
                return Ok(());
            }
            self.reader.need(2)?;
            self.reader.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// A token of so many characters.
    fn fetch_indicator(&mut self, kind: Kind, characters: usize) {
        let start = self.reader.at;
        for _ in 0..characters {
            self.reader.skip();
        }
        self.insert(Token::new(kind, start, self.reader.at), None);
    }

    fn fetch_stream_end(&mut self) -> Result<()> {
        self.reader.force_line();
        self.unroll_indent(-1);
        self.remove_key()?;
        self.simple_key_allowed = false;
        self.fetch_indicator(Kind::StreamEnd, 0);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.insert(token, None);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: Kind) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.simple_key_allowed = false;
        self.fetch_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind) -> Result<()> {
        self.save_key()?;
        self.increase_flow_level()?;
        self.simple_key_allowed = true;
        self.fetch_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind) -> Result<()> {
        self.remove_key()?;
        self.decrease_flow_level();
        self.simple_key_allowed = false;
        self.fetch_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.remove_key()?;
        self.simple_key_allowed = true;
        self.fetch_indicator(Kind::FlowEntry, 1);
        Ok(())
    }

    /// In the flow context, the parser refuses it.
    fn fetch_block_entry(&mut self) -> Result<()> {
        let place = self.reader.at;
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.refuse("block sequence entries are not allowed in this context", place);
            }
            self.roll_indent(place.column, None, Kind::BlockSequenceStart, place)?;
        }
        self.remove_key()?;
        self.simple_key_allowed = true;
        self.fetch_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        let place = self.reader.at;
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.refuse("mapping keys are not allowed in this context", place);
            }
            self.roll_indent(place.column, None, Kind::BlockMappingStart, place)?;
        }
        self.remove_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.fetch_indicator(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        let place = self.reader.at;
        let level = self.simple_keys.len().saturating_sub(1);
        if self.is_key_valid(level)? {
            let key = self.simple_keys.last().copied().unwrap_or_default();
            self.insert(Token::new(Kind::Key, key.place, key.place), Some(key.token));
            self.roll_indent(key.place.column, Some(key.token), Kind::BlockMappingStart, key.place)?;
            if let Some(key) = self.simple_keys.last_mut() {
                key.possible = false;
            }
            self.forget_token(key.token);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.refuse("mapping values are not allowed in this context", place);
                }
                self.roll_indent(place.column, None, Kind::BlockMappingStart, place)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.fetch_indicator(Kind::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self, kind: Kind) -> Result<()> {
        self.save_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_anchor(kind)?;
        self.insert(token, None);
        Ok(())
    }
}
