//! Values of any type, as they cross the wire.

use std::collections::BTreeMap;

use super::{Constraint, Number, Text, Type};

/// A value of any Terraform type. Which type is not said: it is decoded and encoded against a [`Type`].
///
/// The order is that of cty's sets: what is unknown comes after what is known, and null last.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cty {
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, normalised as Unicode's NFC.
    String(String),
    /// A list, a tuple, or a set; a set's elements are as [`Cty::set`] puts them.
    List(Vec<Cty>),
    /// A map, or an object with every attribute.
    Map(BTreeMap<Text, Cty>),
    /// A value whose type the schema leaves open.
    Dynamic(Box<Dynamic>),
    /// Not known yet, with what is known of it nevertheless, if anything.
    Unknown(Option<Box<Refinement>>),
    /// Null.
    #[default]
    Null,
}

/// A value that brings its own type. As an attribute's Rust type it makes the attribute dynamic.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dynamic {
    /// The type.
    pub kind: Type,
    /// The value.
    pub value: Cty,
}

/// What is known of an unknown value. Without any of it the value is [`Cty::Unknown`] of none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refinement {
    /// Whether it is null.
    pub null: Option<bool>,
    /// How the string begins.
    pub prefix: Option<Text>,
    /// The lower bound of the number.
    pub min: Option<Bound>,
    /// The upper bound of the number.
    pub max: Option<Bound>,
    /// How many elements the collection has at least.
    pub min_length: Option<u64>,
    /// How many elements the collection has at most.
    pub max_length: Option<u64>,
}

/// A bound of a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    /// The bound.
    pub number: Number,
    /// Whether the number may be equal to it.
    pub inclusive: bool,
}

impl Cty {
    /// Unknown, and nothing known of it.
    pub const UNKNOWN: Self = Self::Unknown(None);

    /// A set: in order, and without repetitions of what is wholly known. Two unknown elements may turn out to be
    /// different, so they are kept.
    pub fn set(mut elements: Vec<Cty>) -> Self {
        elements.sort_unstable();
        elements.dedup_by(|a, b| a == b && a.is_wholly_known());
        Self::List(elements)
    }

    /// Unknown with a refinement.
    pub fn refined(refinement: Refinement) -> Self {
        Self::Unknown((refinement != Refinement::default()).then(|| Box::new(refinement)))
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(dynamic) => dynamic.value.is_null(),
            _ => false,
        }
    }

    /// Whether it is unknown as a whole.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(dynamic) => dynamic.value.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(dynamic) => dynamic.value.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// Turns what is unknown into null.
    pub fn settle(&mut self) {
        match self {
            Self::Unknown(_) => *self = Self::Null,
            Self::List(elements) => elements.iter_mut().for_each(Self::settle),
            Self::Map(entries) => entries.values_mut().for_each(Self::settle),
            Self::Dynamic(dynamic) => dynamic.value.settle(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => {}
        }
    }

    /// Refines, as the schema promises it, what is unknown and only the provider can set. What the configuration may set
    /// is left alone: there Terraform wants its own unknown back unchanged.
    pub fn refine_computed(&mut self, kind: &Type) {
        match (self, kind) {
            (Self::List(elements), Type::List(kind) | Type::Set(kind)) => {
                elements.iter_mut().for_each(|element| element.refine_computed(kind));
            }
            (Self::Map(entries), Type::Map(kind)) => {
                entries.values_mut().for_each(|entry| entry.refine_computed(kind));
            }
            (Self::Map(entries), Type::Nested(attributes)) => {
                for attribute in attributes.iter() {
                    match entries.get_mut(&attribute.name) {
                        Some(value @ Self::Unknown(None)) if attribute.constraint == Constraint::Computed => {
                            let null = (attribute.never_null || attribute.prefix.is_some()).then_some(false);
                            let prefix = attribute.prefix.clone();
                            *value = Self::refined(Refinement { null, prefix, ..Refinement::default() });
                        }
                        Some(value) => value.refine_computed(&attribute.kind),
                        None => {}
                    }
                }
            }
            _ => {}
        }
    }
}

impl Refinement {
    /// Whether a known value is as it says. Nothing is known of what lies inside of the value.
    pub fn admits(&self, value: &Cty) -> bool {
        let length = |length: usize| {
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            self.min_length.is_none_or(|min| min <= length) && self.max_length.is_none_or(|max| length <= max)
        };
        self.null.is_none_or(|null| null == value.is_null())
            && match value {
                Cty::String(text) => self.prefix.as_ref().is_none_or(|prefix| text.starts_with(prefix.as_ref())),
                Cty::Number(number) => {
                    let above = |bound: &Bound| *number > bound.number || (bound.inclusive && *number == bound.number);
                    let below = |bound: &Bound| *number < bound.number || (bound.inclusive && *number == bound.number);
                    self.min.as_ref().is_none_or(above) && self.max.as_ref().is_none_or(below)
                }
                Cty::List(elements) => length(elements.len()),
                Cty::Map(entries) => length(entries.len()),
                Cty::Dynamic(dynamic) => self.admits(&dynamic.value),
                Cty::Bool(_) | Cty::Unknown(_) | Cty::Null => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_each_known_element_once_and_every_unknown_one() {
        let text = |text: &str| Cty::String(text.to_owned());
        let set = Cty::set(vec![Cty::Null, Cty::UNKNOWN, text("b"), text("a"), text("b"), Cty::UNKNOWN]);
        assert_eq!(set, Cty::List(vec![text("a"), text("b"), Cty::UNKNOWN, Cty::UNKNOWN, Cty::Null]));
    }

    #[test]
    fn a_refinement_admits_what_is_as_it_says() {
        let bound = |number: i64, inclusive| Some(Bound { number: number.into(), inclusive });
        let number = |number: i64| Cty::Number(number.into());
        let between = Refinement { min: bound(1, false), max: bound(3, true), ..Refinement::default() };
        assert_eq!([1, 2, 3, 4].map(|it| between.admits(&number(it))), [false, true, true, false]);
        let arn = Refinement { null: Some(false), prefix: Some("arn:".into()), ..Refinement::default() };
        assert!(arn.admits(&Cty::String("arn:aws".to_owned())));
        assert!(!arn.admits(&Cty::String("ar".to_owned())) && !arn.admits(&Cty::Null));
        let one = Refinement { min_length: Some(1), max_length: Some(1), ..Refinement::default() };
        assert!(one.admits(&Cty::List(vec![Cty::Null])) && !one.admits(&Cty::List(vec![])));
    }

    #[test]
    fn what_only_the_provider_sets_is_refined_where_it_is_unknown() {
        use super::super::Attribute;
        let arn = Attribute {
            name: "arn".into(),
            kind: Type::String,
            constraint: Constraint::Computed,
            prefix: Some("arn:".into()),
            ..Attribute::default()
        };
        let name = Attribute { name: "name".into(), kind: Type::String, ..Attribute::default() };
        let kind = Type::List(Box::new(Type::Nested(vec![arn, name].into())));
        let object = |arn| Cty::List(vec![Cty::Map([("arn".into(), arn), ("name".into(), Cty::UNKNOWN)].into())]);
        let mut value = object(Cty::UNKNOWN);
        value.refine_computed(&kind);
        let refinement = Refinement { null: Some(false), prefix: Some("arn:".into()), ..Refinement::default() };
        assert_eq!(value, object(Cty::refined(refinement)));
    }
}
