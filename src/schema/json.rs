//! Values in JSON, as cty writes it: numbers and bools may be strings and the other way round.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::codec::{DecodeError, Reader, Rest, Result};
use super::{Cty, Number, Type};

/// Reads JSON. Its tokens are read by serde_json; its numbers are not, which would round them.
pub(super) struct Json<'a> {
    rest: &'a [u8],
    /// Whether it is a stored state, which may be of another version of the schema.
    stored: bool,
}

impl<'a> Json<'a> {
    pub(super) fn new(bytes: &'a [u8], stored: bool) -> Self {
        Self { rest: bytes, stored }
    }

    /// Nothing but white space is left.
    pub(super) fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(DecodeError::new("one value alone is required")),
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    /// Reads that character if it is the next one.
    fn eat(&mut self, character: u8) -> bool {
        let next = self.peek() == Some(character);
        if next {
            self.rest = &self.rest[1..];
        }
        next
    }

    /// Reads one value, whatever it is, with its text.
    fn token<T: Deserialize<'a>>(&mut self) -> Option<(T, &'a [u8])> {
        self.peek();
        let mut values = serde_json::Deserializer::from_slice(self.rest).into_iter::<T>();
        let value = values.next()?.ok()?;
        let (token, rest) = self.rest.split_at_checked(values.byte_offset())?;
        self.rest = rest;
        Some((value, token))
    }

    fn delimiter(&mut self, character: u8, expected: &'static str) -> Result<Rest> {
        if self.eat(character) { Ok(Rest::Open { first: true }) } else { Err(DecodeError::new(expected)) }
    }

    /// Whether another element or entry follows; reads the comma or the end.
    fn more(&mut self, rest: &mut Rest, end: u8) -> Result<bool> {
        if self.eat(end) {
            return Ok(false);
        }
        let begun = matches!(rest, Rest::Open { first: false });
        *rest = Rest::Open { first: false };
        if begun && !self.eat(b',') { Err(broken()) } else { Ok(true) }
    }
}

fn broken() -> DecodeError {
    DecodeError::new("well-formed JSON is required")
}

impl<'a> Reader<'a> for Json<'a> {
    fn special(&mut self, _kind: &Type) -> Result<Option<Cty>> {
        if self.peek() != Some(b'n') {
            return Ok(None);
        }
        self.token::<()>().ok_or_else(broken)?;
        Ok(Some(Cty::Null))
    }

    fn bool(&mut self) -> Result<bool> {
        let error = || DecodeError::new("a bool is required");
        if self.peek() != Some(b'"') {
            return self.token().map(|(value, _)| value).ok_or_else(error);
        }
        match self.token::<String>().ok_or_else(error)?.0.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(error()),
        }
    }

    fn number(&mut self) -> Result<Number> {
        let number = match self.peek() {
            Some(b'"') => self.token::<String>().and_then(|(text, _)| Number::parse(&text)),
            _ => self.token::<IgnoredAny>().and_then(|(_, text)| Number::parse(str::from_utf8(text).ok()?)),
        };
        number.ok_or_else(|| DecodeError::new("a number is required"))
    }

    fn string(&mut self) -> Result<Cow<'a, str>> {
        let string = match self.peek() {
            Some(b'"') => self.token::<String>().map(|(text, _)| Cow::Owned(text)),
            Some(b'{' | b'[') => None,
            // A number or a bool: its text.
            _ => self.token::<IgnoredAny>().and_then(|(_, text)| str::from_utf8(text).ok().map(Cow::Borrowed)),
        };
        string.ok_or_else(|| DecodeError::new("a string is required"))
    }

    fn list(&mut self) -> Result<Rest> {
        self.delimiter(b'[', "a list is required")
    }

    fn element(&mut self, rest: &mut Rest) -> Result<bool> {
        self.more(rest, b']')
    }

    fn map(&mut self) -> Result<Rest> {
        self.delimiter(b'{', "a map is required")
    }

    fn key(&mut self, rest: &mut Rest) -> Result<Option<Cow<'a, str>>> {
        if !self.more(rest, b'}')? {
            return Ok(None);
        }
        let (key, _) = self.token::<String>().ok_or_else(broken)?;
        if self.eat(b':') { Ok(Some(Cow::Owned(key))) } else { Err(broken()) }
    }

    fn dynamic(&mut self, read: impl FnOnce(&mut Self, Type) -> Result<Cty>) -> Result<Cty> {
        let error = || DecodeError::new("an object of type and value is required");
        let mut rest = self.delimiter(b'{', "an object of type and value is required")?;
        let (mut kind, mut value) = (None, None);
        // Either may come first.
        while let Some(key) = self.key(&mut rest)? {
            let (_, text) = self.token::<IgnoredAny>().ok_or_else(error)?;
            match key.as_ref() {
                "type" => kind = serde_json::from_slice(text).ok().as_ref().and_then(Type::from_json),
                "value" => value = Some(text),
                _ => return Err(error()),
            }
        }
        let (Some(kind), Some(value)) = (kind, value) else { return Err(error()) };
        let mut value = Self { rest: value, stored: self.stored };
        read(&mut value, kind)
    }

    fn absent(&self) -> Result<Cty> {
        Ok(Cty::Null)
    }

    fn foreign(&mut self) -> Result<()> {
        if !self.stored {
            return Err(DecodeError::new("no such attribute is known"));
        }
        self.token::<IgnoredAny>().map(|_| ()).ok_or_else(broken)
    }
}
