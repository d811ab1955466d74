//! The Rust types of attributes.

use std::collections::BTreeMap;

use super::{
    AttributeKind, AttributePath, AttributePathStep, Cty, DecodeError, Dynamic, Int, Leaf, Number, Set, Text, Type,
    Value,
};

/// `path` with one more step.
fn step(path: &AttributePath, step: AttributePathStep) -> AttributePath {
    let mut path = path.clone();
    path.add_step(step);
    path
}

fn elements(value: Cty, expected: &'static str) -> Result<impl Iterator<Item = Cty>, DecodeError> {
    match value {
        Cty::List(elements) => Ok(elements.into_iter()),
        _ => Err(DecodeError::new(expected)),
    }
}

macro_rules! scalar {
    ($($t:ty => $kind:ident, $expected:literal);+ $(;)?) => {$(
        impl AttributeKind for $t {
            fn attribute_type() -> Type {
                Type::$kind
            }

            fn to_cty(&self) -> Cty {
                Cty::$kind(self.clone())
            }

            fn from_cty(value: Cty) -> Result<Self, DecodeError> {
                match value {
                    Cty::$kind(value) => Ok(value),
                    _ => Err(DecodeError::new($expected)),
                }
            }
        }
    )+};
}
scalar! {
    String => String, "a string is required";
    bool => Bool, "a bool is required";
    Number => Number, "a number is required";
}

impl AttributeKind for Int {
    fn attribute_type() -> Type {
        Type::Number
    }

    fn to_cty(&self) -> Cty {
        Cty::Number(match self {
            Self::Whole(value) => (*value).into(),
            Self::Other(number) => number.clone(),
        })
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        Number::from_cty(value).map(Self::from)
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        if let Some(text) = self.not_whole() {
            f(at, Leaf::NotWhole(text));
        }
    }
}

impl<T: AttributeKind + PartialEq> AttributeKind for Value<T> {
    fn attribute_type() -> Type {
        T::attribute_type()
    }

    fn to_cty(&self) -> Cty {
        match self {
            Self::Value(value) => value.to_cty(),
            Self::Unknown => Cty::UNKNOWN,
            Self::Null => Cty::Null,
        }
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        Ok(match value {
            Cty::Null => Self::Null,
            Cty::Unknown(_) => Self::Unknown,
            value => Self::Value(T::from_cty(value)?),
        })
    }

    fn strip_write_only(&mut self) {
        if let Value::Value(value) = self {
            value.strip_write_only();
        }
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        if let Value::Value(value) = self {
            value.fill_defaults(config.and_then(Value::as_ref_option));
        }
    }

    fn mark_computed(&mut self, config: Option<&Self>) {
        if let Value::Value(value) = self {
            value.mark_computed(config.and_then(Value::as_ref_option));
        }
    }

    fn settle(&mut self) {
        match self {
            Value::Value(value) => value.settle(),
            Value::Unknown => *self = Value::Null,
            Value::Null => {}
        }
    }

    fn replaced(prior: &Self, planned: &Self, at: &AttributePath, out: &mut Vec<AttributePath>) {
        if let (Value::Value(prior), Value::Value(planned)) = (prior, planned) {
            T::replaced(prior, planned, at, out);
        }
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        match self {
            Value::Value(value) => value.visit(at, f),
            Value::Unknown => f(at, Leaf::Unknown),
            Value::Null => {}
        }
    }
}

impl<T: AttributeKind> AttributeKind for Vec<T> {
    fn attribute_type() -> Type {
        Type::List(Box::new(T::attribute_type()))
    }

    fn to_cty(&self) -> Cty {
        Cty::List(self.iter().map(AttributeKind::to_cty).collect())
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        let elements = elements(value, "a list is required")?.enumerate();
        elements.map(|(index, element)| T::from_cty(element).map_err(|error| error.at_index(index))).collect()
    }

    fn strip_write_only(&mut self) {
        self.iter_mut().for_each(AttributeKind::strip_write_only);
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        for (index, element) in self.iter_mut().enumerate() {
            element.fill_defaults(config.and_then(|config| config.get(index)));
        }
    }

    fn mark_computed(&mut self, config: Option<&Self>) {
        for (index, element) in self.iter_mut().enumerate() {
            element.mark_computed(config.and_then(|config| config.get(index)));
        }
    }

    fn settle(&mut self) {
        self.iter_mut().for_each(AttributeKind::settle);
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        for (index, element) in (0i64..).zip(self) {
            element.visit(&step(at, AttributePathStep::Index(index)), f);
        }
    }
}

impl<T: AttributeKind + Ord> AttributeKind for Set<T> {
    fn attribute_type() -> Type {
        Type::Set(Box::new(T::attribute_type()))
    }

    fn to_cty(&self) -> Cty {
        Cty::set(self.iter().map(AttributeKind::to_cty).collect())
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        elements(value, "a set is required")?.map(T::from_cty).collect()
    }

    fn strip_write_only(&mut self) {
        self.change(AttributeKind::strip_write_only);
    }

    fn settle(&mut self) {
        self.change(AttributeKind::settle);
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        // Elements of a set have no address of their own: the set's path is the best there is.
        for element in self {
            element.visit(at, f);
        }
    }
}

impl<T: AttributeKind> AttributeKind for BTreeMap<String, T> {
    fn attribute_type() -> Type {
        Type::Map(Box::new(T::attribute_type()))
    }

    fn to_cty(&self) -> Cty {
        Cty::Map(self.iter().map(|(key, value)| (key.clone().into(), value.to_cty())).collect())
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        let Cty::Map(entries) = value else { return Err(DecodeError::new("a map is required")) };
        let entry = |(key, value): (Text, Cty)| match T::from_cty(value) {
            Ok(value) => Ok((key.into_owned(), value)),
            Err(error) => Err(error.at(AttributePathStep::Key(key))),
        };
        entries.into_iter().map(entry).collect()
    }

    fn strip_write_only(&mut self) {
        self.values_mut().for_each(AttributeKind::strip_write_only);
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        for (key, element) in self.iter_mut() {
            element.fill_defaults(config.and_then(|config| config.get(key)));
        }
    }

    fn mark_computed(&mut self, config: Option<&Self>) {
        for (key, element) in self.iter_mut() {
            element.mark_computed(config.and_then(|config| config.get(key)));
        }
    }

    fn settle(&mut self) {
        self.values_mut().for_each(AttributeKind::settle);
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        for (key, element) in self {
            element.visit(&step(at, AttributePathStep::Key(key.clone().into())), f);
        }
    }
}

impl AttributeKind for Dynamic {
    fn attribute_type() -> Type {
        Type::Dynamic
    }

    fn to_cty(&self) -> Cty {
        Cty::Dynamic(Box::new(self.clone()))
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        match value {
            Cty::Dynamic(dynamic) => Ok(*dynamic),
            _ => Err(DecodeError::new("a value with its type is required")),
        }
    }

    fn settle(&mut self) {
        self.value.settle();
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        // Where in it is a matter of its type: the attribute's path is good enough.
        if !self.value.is_wholly_known() {
            f(at, Leaf::Unknown);
        }
    }
}

/// A struct's fields as they come from the wire; what the derive uses.
pub struct Fields(BTreeMap<Text, Cty>);

impl Fields {
    /// The attributes of an object.
    ///
    /// # Errors
    /// When it is none.
    pub fn of(value: Cty) -> Result<Self, DecodeError> {
        match value {
            Cty::Map(fields) => Ok(Self(fields)),
            _ => Err(DecodeError::new("an object is required")),
        }
    }

    /// What has not been taken.
    #[must_use]
    pub fn rest(self) -> Cty {
        Cty::Map(self.0)
    }

    /// Takes an attribute out.
    ///
    /// # Errors
    /// When it is missing or of another type.
    pub fn take<T: AttributeKind>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        let value = self.0.remove(name).ok_or_else(|| DecodeError::new("a value is required"));
        value.and_then(T::from_cty).map_err(|error| error.at_attribute(name))
    }
}
