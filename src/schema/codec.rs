//! Values against their type: what MessagePack and JSON have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{AttributePath, AttributePathStep, Cty, Dynamic, Number, Text, Type};

/// Values nested deeper are refused, so that no message can exhaust the stack.
pub(super) const MAX_DEPTH: usize = 128;

/// The value is not of the schema's type: a fault of the client or of this provider, not of the user.
///
/// It says where and what was expected, never the value itself, which may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("the value does not fit the schema: {}", self.text())]
pub struct DecodeError {
    /// From the innermost step outwards.
    steps: Vec<AttributePathStep>,
    expected: Text,
}

pub(super) type Result<T> = std::result::Result<T, DecodeError>;

impl DecodeError {
    pub(super) fn new(expected: impl Into<Text>) -> Self {
        Self { steps: Vec::new(), expected: expected.into() }
    }

    pub(super) fn at(mut self, step: AttributePathStep) -> Self {
        self.steps.push(step);
        self
    }

    pub(super) fn at_attribute(self, name: impl Into<Text>) -> Self {
        self.at(AttributePathStep::Attribute(name.into()))
    }

    pub(super) fn at_index(self, index: usize) -> Self {
        self.at(AttributePathStep::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// Where in the value.
    pub fn path(&self) -> AttributePath {
        AttributePath { steps: self.steps.iter().rev().cloned().collect() }
    }

    fn text(&self) -> String {
        match self.steps.is_empty() {
            true => self.expected.clone().into_owned(),
            false => format!("{} at {}", self.expected, self.path()),
        }
    }
}

/// The elements of a list or map that are still to come.
pub(super) enum Rest {
    /// So many.
    Count(usize),
    /// As many as there are before the end; whether none has been read yet.
    Open { first: bool },
}

/// A format's part of decoding: the next value, as what the type says it is. Errors say what was expected.
pub(super) trait Reader<'a> {
    /// Reads the next value if it is null or unknown.
    fn special(&mut self, kind: &Type) -> Result<Option<Cty>>;
    fn bool(&mut self) -> Result<bool>;
    fn number(&mut self) -> Result<Number>;
    fn string(&mut self) -> Result<Cow<'a, str>>;
    /// Begins a list, set or tuple.
    fn list(&mut self) -> Result<Rest>;
    /// Whether another element follows.
    fn element(&mut self, rest: &mut Rest) -> Result<bool>;
    /// Begins a map or object.
    fn map(&mut self) -> Result<Rest>;
    /// The key of the next entry, if there is another one.
    fn key(&mut self, rest: &mut Rest) -> Result<Option<Cow<'a, str>>>;
    /// Reads a value with its type, by calling `read` where the value begins.
    fn dynamic(&mut self, read: impl FnOnce(&mut Self, Type) -> Result<Cty>) -> Result<Cty>;
    /// What becomes of an attribute that the value lacks: null, or an error.
    fn absent(&self) -> Result<Cty>;
    /// Passes over the value of an attribute that the type lacks, or refuses it.
    fn foreign(&mut self) -> Result<()>;
}

/// Reads one value of that type.
pub(super) fn read<'a>(reader: &mut impl Reader<'a>, kind: &Type, depth: usize) -> Result<Cty> {
    if depth > MAX_DEPTH {
        return Err(DecodeError::new(format!("at most {MAX_DEPTH} levels are read")));
    }
    if let Some(special) = reader.special(kind)? {
        return Ok(special);
    }
    Ok(match kind {
        Type::Dynamic => reader.dynamic(|reader, kind| {
            let value = read(reader, &kind, depth + 1)?;
            // A type left open once more adds nothing: the value within says which it is.
            Ok(if kind == Type::Dynamic { value } else { Cty::Dynamic(Box::new(Dynamic { kind, value })) })
        })?,
        Type::Bool => Cty::Bool(reader.bool()?),
        Type::Number => Cty::Number(reader.number()?),
        Type::String => Cty::String(normalized(reader.string()?).into_owned()),
        Type::List(kind) => {
            let (mut rest, mut elements) = (reader.list()?, Vec::new());
            while reader.element(&mut rest)? {
                let element = read(reader, kind, depth + 1).map_err(|error| error.at_index(elements.len()))?;
                elements.push(element);
            }
            Cty::List(elements)
        }
        Type::Set(kind) => {
            let (mut rest, mut elements) = (reader.list()?, Vec::new());
            while reader.element(&mut rest)? {
                // Elements of a set have no address of their own.
                elements.push(read(reader, kind, depth + 1)?);
            }
            Cty::set(elements)
        }
        Type::Tuple(kinds) => {
            let wrong = || DecodeError::new(format!("a tuple of {} elements is required", kinds.len()));
            let (mut rest, mut elements) = (reader.list()?, Vec::new());
            while reader.element(&mut rest)? {
                let (at, kind) = (elements.len(), kinds.get(elements.len()).ok_or_else(wrong)?);
                elements.push(read(reader, kind, depth + 1).map_err(|error| error.at_index(at))?);
            }
            if elements.len() != kinds.len() {
                return Err(wrong());
            }
            Cty::List(elements)
        }
        Type::Map(kind) => {
            let (mut rest, mut entries) = (reader.map()?, BTreeMap::new());
            while let Some(key) = reader.key(&mut rest)? {
                let key = normalized(key).into_owned();
                let value = read(reader, kind, depth + 1)
                    .map_err(|error| error.at(AttributePathStep::Key(key.clone().into())))?;
                entries.insert(key.into(), value);
            }
            Cty::Map(entries)
        }
        Type::Object(_) | Type::Nested(_) => {
            let (mut rest, mut entries) = (reader.map()?, BTreeMap::new());
            while let Some(key) = reader.key(&mut rest)? {
                let Some((name, kind)) = kind.field(&key) else {
                    reader.foreign().map_err(|error| error.at_attribute(key.into_owned()))?;
                    continue;
                };
                let value = read(reader, kind, depth + 1).map_err(|error| error.at_attribute(name.clone()))?;
                entries.insert(name.clone(), value);
            }
            for (name, _) in kind.fields() {
                if !entries.contains_key(name) {
                    entries.insert(name.clone(), reader.absent().map_err(|error| error.at_attribute(name.clone()))?);
                }
            }
            Cty::Map(entries)
        }
    })
}

/// The text as cty keeps it: normalised as Unicode's NFC.
pub(super) fn normalized(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    match nfc.normalize(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(normalized) => Cow::Owned(normalized),
    }
}
