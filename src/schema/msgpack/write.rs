use rmp::Marker;
use rmp::encode::{self as en, ByteBuf};

use super::{MAX_REFINEMENT, REFINED, key};
use crate::schema::codec::{DecodeError, MAX_DEPTH, Result};
use crate::schema::number::Wire;
use crate::schema::{AttributePathStep, Cty, Number, Refinement, Type};

/// Writes MessagePack to memory, which cannot fail: rmp's results are of no interest.
#[derive(Default)]
pub(in crate::schema) struct Writer(ByteBuf);

/// The length as MessagePack has it; beyond 4 GiB nothing crosses the wire anyway.
fn length(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| DecodeError::new("fewer than 2^32 elements are required"))
}

impl Writer {
    pub(in crate::schema) fn bytes(self) -> Vec<u8> {
        self.0.into_vec()
    }

    /// Writes a value of that type.
    pub(in crate::schema) fn value(&mut self, value: &Cty, kind: &Type, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::new(format!("at most {MAX_DEPTH} levels are written")));
        }
        let required = |expected: &'static str| Err(DecodeError::new(expected));
        match (value, kind) {
            (Cty::Null, _) => self.null(),
            (Cty::Unknown(Some(refinement)), kind) if *kind != Type::Dynamic => return self.refined(refinement),
            (Cty::Unknown(_), _) => self.unknown(),
            (Cty::Dynamic(dynamic), Type::Dynamic) if dynamic.kind == Type::Dynamic => {
                return self.value(&dynamic.value, kind, depth + 1);
            }
            (Cty::Dynamic(dynamic), Type::Dynamic) => {
                self.list(2)?;
                let json = dynamic.kind.to_json().to_string();
                en::write_bin_len(&mut self.0, length(json.len())?).ok();
                self.raw(json.as_bytes());
                return self.value(&dynamic.value, &dynamic.kind, depth + 1);
            }
            (Cty::Bool(value), Type::Bool) => self.bool(*value),
            (Cty::Number(number), Type::Number) => self.number(number),
            (Cty::String(text), Type::String) => self.text(text),
            (Cty::List(elements), Type::List(kind) | Type::Set(kind)) => {
                self.list(elements.len())?;
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, kind, depth + 1).map_err(|error| error.at_index(index))?;
                }
            }
            (Cty::List(elements), Type::Tuple(kinds)) if elements.len() == kinds.len() => {
                self.list(elements.len())?;
                for (index, (element, kind)) in elements.iter().zip(kinds).enumerate() {
                    self.value(element, kind, depth + 1).map_err(|error| error.at_index(index))?;
                }
            }
            (Cty::Map(entries), Type::Map(kind)) => {
                self.map(entries.len())?;
                for (key, value) in entries {
                    self.text(key);
                    let at = |error: DecodeError| error.at(AttributePathStep::Key(key.clone()));
                    self.value(value, kind, depth + 1).map_err(at)?;
                }
            }
            (Cty::Map(entries), Type::Object(_) | Type::Nested(_)) => {
                if let Some((name, _)) = kind.fields().find(|(name, _)| !entries.contains_key(*name)) {
                    return Err(DecodeError::new("a value is required").at_attribute(name.clone()));
                }
                self.map(entries.len())?;
                for (name, value) in entries {
                    self.text(name);
                    let at = |error: DecodeError| error.at_attribute(name.clone());
                    let Some((_, kind)) = kind.field(name) else {
                        return Err(at(DecodeError::new("no such attribute is known")));
                    };
                    self.value(value, kind, depth + 1).map_err(at)?;
                }
            }
            (_, Type::Dynamic) => return required("a value with its type is required"),
            (_, Type::Bool) => return required("a bool is required"),
            (_, Type::Number) => return required("a number is required"),
            (_, Type::String) => return required("a string is required"),
            (_, Type::List(_) | Type::Set(_)) => return required("a list is required"),
            (_, Type::Tuple(_)) => return required("a tuple of the type's length is required"),
            (_, Type::Map(_) | Type::Object(_) | Type::Nested(_)) => return required("a map is required"),
        }
        Ok(())
    }

    /// Any extension will do; these are cty's bytes.
    fn unknown(&mut self) {
        self.raw(&[Marker::FixExt1.to_u8(), 0, 0]);
    }

    fn null(&mut self) {
        self.raw(&[Marker::Null.to_u8()]);
    }

    fn number(&mut self, number: &Number) {
        match number.wire() {
            Wire::Int(value) => drop(en::write_sint(&mut self.0, value)),
            Wire::Float(value) => drop(en::write_f64(&mut self.0, value)),
            Wire::Text(text) => self.text(&text),
        }
    }

    fn text(&mut self, text: &str) {
        en::write_str(&mut self.0, text).ok();
    }

    fn list(&mut self, count: usize) -> Result<()> {
        en::write_array_len(&mut self.0, length(count)?).ok();
        Ok(())
    }

    fn map(&mut self, count: usize) -> Result<()> {
        en::write_map_len(&mut self.0, length(count)?).ok();
        Ok(())
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.0.as_mut_vec().extend_from_slice(bytes);
    }

    fn refined(&mut self, refinement: &Refinement) -> Result<()> {
        let mut body = Self::default();
        let mut count = 0;
        let mut entry = |body: &mut Self, key: u64| {
            count += 1;
            body.number(&key.into());
        };
        if let Some(null) = refinement.null {
            entry(&mut body, key::NULL);
            body.bool(null);
        }
        if let Some(prefix) = &refinement.prefix {
            entry(&mut body, key::PREFIX);
            body.text(prefix);
        }
        for (key, bound) in [(key::MIN, &refinement.min), (key::MAX, &refinement.max)] {
            if let Some(bound) = bound {
                entry(&mut body, key);
                body.list(2)?;
                body.number(&bound.number);
                body.bool(bound.inclusive);
            }
        }
        for (key, length) in [(key::MIN_LENGTH, refinement.min_length), (key::MAX_LENGTH, refinement.max_length)] {
            if let Some(length) = length {
                entry(&mut body, key);
                body.number(&length.into());
            }
        }
        let mut whole = Self::default();
        whole.map(count)?;
        whole.raw(&body.bytes());
        let whole = whole.bytes();
        if whole.len() > MAX_REFINEMENT {
            self.unknown();
            return Ok(());
        }
        en::write_ext_meta(&mut self.0, length(whole.len())?, REFINED).ok();
        self.raw(&whole);
        Ok(())
    }

    fn bool(&mut self, value: bool) {
        self.raw(&[if value { Marker::True } else { Marker::False }.to_u8()]);
    }
}
