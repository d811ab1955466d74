use std::borrow::Cow;

use rmp::Marker;
use rmp::decode as de;

use super::{MAX_REFINEMENT, REFINED, key};
use crate::schema::codec::{DecodeError, MAX_DEPTH, Reader, Rest, Result, normalized};
use crate::schema::{Bound, Cty, Number, Refinement, Type};

/// Reads MessagePack without copying it.
pub(in crate::schema) struct MessagePack<'a> {
    rest: &'a [u8],
}

impl<'a> MessagePack<'a> {
    pub(in crate::schema) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Nothing is left.
    pub(in crate::schema) fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::new("one value alone is required")) }
    }

    fn peek(&self) -> Option<Marker> {
        self.rest.first().map(|byte| Marker::from_u8(*byte))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A string or binary.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = match self.peek()? {
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => de::read_bin_len(&mut self.rest),
            _ => de::read_str_len(&mut self.rest),
        };
        self.take(usize::try_from(length.ok()?).ok()?)
    }

    fn text(&mut self) -> Option<&'a str> {
        str::from_utf8(self.bytes()?).ok()
    }

    /// So many elements of at least that many bytes: a length beyond what is left is a lie, and nothing is set up for it.
    fn count(&self, length: Option<u32>, bytes: usize, expected: &'static str) -> Result<Rest> {
        let length = length.and_then(|length| usize::try_from(length).ok());
        match length.filter(|length| length.saturating_mul(bytes) <= self.rest.len()) {
            Some(length) => Ok(Rest::Count(length)),
            None => Err(DecodeError::new(expected)),
        }
    }

    fn unknown(&mut self, kind: &Type) -> Result<Cty> {
        let broken = || DecodeError::new("an extension with its content is required");
        let meta = de::read_ext_meta(&mut self.rest).map_err(|_| broken())?;
        let size = usize::try_from(meta.size).map_err(|_| broken())?;
        let body = self.take(size).ok_or_else(broken)?;
        if meta.typeid != REFINED || body.len() <= 1 || *kind == Type::Dynamic {
            return Ok(Cty::UNKNOWN);
        }
        if body.len() > MAX_REFINEMENT {
            return Err(DecodeError::new(format!("a refinement of at most {MAX_REFINEMENT} bytes is required")));
        }
        let refinement = Self::new(body).refinement(kind);
        refinement.map(Cty::refined).ok_or_else(|| DecodeError::new("a refinement of the type is required"))
    }

    fn refinement(mut self, kind: &Type) -> Option<Refinement> {
        let mut refinement = Refinement::default();
        let is_collection = matches!(kind, Type::List(_) | Type::Set(_) | Type::Map(_));
        for _ in 0..de::read_map_len(&mut self.rest).ok()? {
            match (de::read_int(&mut self.rest).ok()?, kind) {
                (key::NULL, _) => refinement.null = Some(de::read_bool(&mut self.rest).ok()?),
                (key::PREFIX, Type::String) => {
                    let prefix = normalized(self.text()?.into()).into_owned();
                    refinement.prefix = (!prefix.is_empty()).then(|| prefix.into());
                }
                (key::MIN, Type::Number) => refinement.min = Some(self.bound()?),
                (key::MAX, Type::Number) => refinement.max = Some(self.bound()?),
                (key::MIN_LENGTH, _) if is_collection => {
                    refinement.min_length = Some(de::read_int(&mut self.rest).ok()?).filter(|length| *length > 0);
                }
                (key::MAX_LENGTH, _) if is_collection => {
                    refinement.max_length = Some(de::read_int(&mut self.rest).ok()?);
                }
                (key::PREFIX..=key::MAX_LENGTH, _) => return None,
                // What a later version of cty may know of a value.
                _ => self.skip(MAX_DEPTH)?,
            }
        }
        Some(refinement)
    }

    fn bound(&mut self) -> Option<Bound> {
        match de::read_array_len(&mut self.rest).ok()? {
            2 => Some(Bound { number: self.number().ok()?, inclusive: de::read_bool(&mut self.rest).ok()? }),
            _ => None,
        }
    }

    /// Passes over a value of any kind. rmp's own `MessageLen` panics on extensions.
    fn skip(&mut self, depth: usize) -> Option<()> {
        use Marker::{Array16, Array32, Bin8, Bin16, Bin32, Ext8, Ext16, Ext32, FixArray, FixExt1, FixExt2, FixExt4};
        use Marker::{
            F32, F64, False, FixExt8, FixExt16, FixMap, FixStr, Map16, Map32, Null, Str8, Str16, Str32, True,
        };
        let inner = |depth: usize| depth.checked_sub(1);
        match self.peek()? {
            Null | True | False => drop(self.take(1)?),
            F32 => drop(self.take(5)?),
            F64 => drop(self.take(9)?),
            FixStr(_) | Str8 | Str16 | Str32 | Bin8 | Bin16 | Bin32 => drop(self.bytes()?),
            FixArray(_) | Array16 | Array32 => {
                for _ in 0..de::read_array_len(&mut self.rest).ok()? {
                    self.skip(inner(depth)?)?;
                }
            }
            FixMap(_) | Map16 | Map32 => {
                for _ in 0..de::read_map_len(&mut self.rest).ok()? {
                    self.skip(inner(depth)?)?;
                    self.skip(inner(depth)?)?;
                }
            }
            FixExt1 | FixExt2 | FixExt4 | FixExt8 | FixExt16 | Ext8 | Ext16 | Ext32 => {
                let meta = de::read_ext_meta(&mut self.rest).ok()?;
                self.take(usize::try_from(meta.size).ok()?)?;
            }
            _ => drop(de::read_int::<i128, _>(&mut self.rest).ok()?),
        }
        Some(())
    }
}

impl<'a> Reader<'a> for MessagePack<'a> {
    fn special(&mut self, kind: &Type) -> Result<Option<Cty>> {
        use Marker::{Ext8, Ext16, Ext32, FixExt1, FixExt2, FixExt4, FixExt8, FixExt16, Null};
        match self.peek() {
            Some(Null) => {
                self.take(1);
                Ok(Some(Cty::Null))
            }
            Some(FixExt1 | FixExt2 | FixExt4 | FixExt8 | FixExt16 | Ext8 | Ext16 | Ext32) => {
                self.unknown(kind).map(Some)
            }
            Some(_) => Ok(None),
            None => Err(DecodeError::new("a value is required")),
        }
    }

    fn bool(&mut self) -> Result<bool> {
        de::read_bool(&mut self.rest).map_err(|_| DecodeError::new("a bool is required"))
    }

    fn number(&mut self) -> Result<Number> {
        let number = match self.peek() {
            Some(Marker::F32) => de::read_f32(&mut self.rest).ok().and_then(|value| Number::from_f64(value.into())),
            Some(Marker::F64) => de::read_f64(&mut self.rest).ok().and_then(Number::from_f64),
            Some(Marker::U64) => de::read_u64(&mut self.rest).ok().map(Number::from),
            Some(
                Marker::FixStr(_)
                | Marker::Str8
                | Marker::Str16
                | Marker::Str32
                | Marker::Bin8
                | Marker::Bin16
                | Marker::Bin32,
            ) => self.text().and_then(Number::parse),
            _ => de::read_int::<i64, _>(&mut self.rest).ok().map(Number::from),
        };
        number.ok_or_else(|| DecodeError::new("a number is required"))
    }

    fn string(&mut self) -> Result<Cow<'a, str>> {
        self.text().map(Cow::Borrowed).ok_or_else(|| DecodeError::new("a string is required"))
    }

    fn list(&mut self) -> Result<Rest> {
        let length = de::read_array_len(&mut self.rest).ok();
        self.count(length, 1, "a list is required")
    }

    fn element(&mut self, rest: &mut Rest) -> Result<bool> {
        let Rest::Count(count) = rest else { return Ok(false) };
        let more = *count > 0;
        *count -= usize::from(more);
        Ok(more)
    }

    fn map(&mut self) -> Result<Rest> {
        let length = de::read_map_len(&mut self.rest).ok();
        self.count(length, 2, "a map is required")
    }

    fn key(&mut self, rest: &mut Rest) -> Result<Option<Cow<'a, str>>> {
        if !self.element(rest)? {
            return Ok(None);
        }
        self.text().map(|key| Some(Cow::Borrowed(key))).ok_or_else(|| DecodeError::new("keys must be strings"))
    }

    fn dynamic(&mut self, read: impl FnOnce(&mut Self, Type) -> Result<Cty>) -> Result<Cty> {
        let error = || DecodeError::new("a pair of type and value is required");
        if de::read_array_len(&mut self.rest).ok() != Some(2) {
            return Err(error());
        }
        let json = serde_json::from_slice(self.bytes().ok_or_else(error)?).map_err(|_| error())?;
        read(self, Type::from_json(&json).ok_or_else(error)?)
    }

    fn absent(&self) -> Result<Cty> {
        Err(DecodeError::new("a value is required"))
    }

    fn foreign(&mut self) -> Result<()> {
        Err(DecodeError::new("no such attribute is known"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_version_of_cty_knows_of_a_value_is_passed_over() {
        let values: [&[u8]; 9] = [
            &[0xc0],
            &[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xca, 0, 0, 0, 0],
            &[0xa1, b'a'],
            &[0xc4, 1, 0],
            &[0x92, 0xc3, 0x81, 0xa1, b'a', 0x01],
            &[0xd4, 0, 0],
            &[0xc7, 3, 12, 0x81, 0x01, 0xc2],
            &[0xd1, 0x80, 0x00],
        ];
        for value in values {
            let known = [&[0x82, 0x63][..], value, &[0x01, 0xc2]].concat();
            let bytes = [&[0xc7, u8::try_from(known.len()).unwrap(), 12], &known[..]].concat();
            let read = MessagePack::new(&bytes).unknown(&Type::String).unwrap();
            let never_null = Refinement { null: Some(false), ..Refinement::default() };
            assert_eq!(read, Cty::refined(never_null), "{value:x?}");
        }
        let deep = [&[0x81, 0x63][..], &[0x91; 200], &[0xc0]].concat();
        let bytes = [&[0xc7, u8::try_from(deep.len()).unwrap(), 12], &deep[..]].concat();
        assert!(MessagePack::new(&bytes).unknown(&Type::String).is_err());
    }
}
