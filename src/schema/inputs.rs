//! A schema's inputs alone: what a data source asks for that is given what a resource is given.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Attribute, Constraint, Cty, Text, Type};

/// The attributes that are set in a configuration and may be kept: without those that only the provider fills in, those
/// that are write-only (no data source may have such), and those in `without`; the same at any depth.
#[must_use]
pub fn inputs(attributes: &[Attribute], without: &[&str]) -> Vec<Attribute> {
    let kept = |one: &&Attribute| {
        one.constraint != Constraint::Computed && !one.write_only && !without.contains(&one.name.as_ref())
    };
    let own = |one: &Attribute| Attribute { kind: inputs_of(&one.kind), ..one.clone() };
    attributes.iter().filter(kept).map(own).collect()
}

fn inputs_of(kind: &Type) -> Type {
    let inner = |kind: &Type| Box::new(inputs_of(kind));
    match kind {
        Type::Nested(attributes) => Type::Nested(Cow::Owned(inputs(attributes, &[]))),
        Type::List(kind) => Type::List(inner(kind)),
        Type::Set(kind) => Type::Set(inner(kind)),
        Type::Map(kind) => Type::Map(inner(kind)),
        other => other.clone(),
    }
}

/// A value of the whole type from one of its inputs: what is left out there is null.
#[must_use]
pub fn complete(value: Cty, whole: &Type) -> Cty {
    each(value, whole, &|fields, attributes| {
        for attribute in attributes {
            fields.entry(attribute.name.clone()).or_insert(Cty::Null);
        }
    })
}

/// A value of the inputs from one of the whole type.
#[must_use]
pub fn reduce(value: Cty, inputs: &Type) -> Cty {
    each(value, inputs, &|fields, attributes| {
        fields.retain(|name, _| attributes.iter().any(|attribute| attribute.name == *name));
    })
}

type Change<'a> = &'a dyn Fn(&mut BTreeMap<Text, Cty>, &[Attribute]);

/// Changes every object of a value on the way down.
fn each(value: Cty, kind: &Type, change: Change<'_>) -> Cty {
    match (value, kind) {
        (Cty::Map(mut fields), Type::Nested(attributes)) => {
            change(&mut fields, attributes);
            for attribute in attributes.iter() {
                if let Some(value) = fields.get_mut(&attribute.name) {
                    *value = each(std::mem::take(value), &attribute.kind, change);
                }
            }
            Cty::Map(fields)
        }
        (Cty::Map(fields), Type::Map(kind)) => {
            Cty::Map(fields.into_iter().map(|(key, value)| (key, each(value, kind, change))).collect())
        }
        (Cty::List(items), Type::List(kind) | Type::Set(kind)) => {
            Cty::List(items.into_iter().map(|item| each(item, kind, change)).collect())
        }
        (value, _) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{AttributeKind, Schematic, Value};

    /// Inner.
    #[derive(Schematic, Clone, Debug, Default, PartialEq)]
    struct Inner {
        /// Kept.
        #[attr(optional)]
        name: Value<String>,
        /// A secret.
        #[attr(optional, sensitive, write_only)]
        password: Value<String>,
    }

    /// Outer.
    #[derive(Schematic, Clone, Debug, Default, PartialEq)]
    struct Outer {
        /// Kept.
        #[attr(optional)]
        users: Value<BTreeMap<String, Value<Inner>>>,
        /// Left out by its name.
        #[attr(optional)]
        timeouts: Value<String>,
        /// Filled in.
        #[attr(computed)]
        url: Value<String>,
    }

    #[test]
    fn what_is_left_out_is_null_again() {
        let kept = inputs(Outer::attributes(), &["timeouts"]);
        let kind = Type::Nested(Cow::Owned(kept.clone()));
        assert_eq!(kept.iter().map(|one| one.name.as_ref()).collect::<Vec<_>>(), ["users"]);
        let inner = Inner { name: Value::Value("a".into()), password: Value::Value("p".into()) };
        let outer = Outer { users: Value::Value([("a".into(), Value::Value(inner))].into()), ..Outer::default() };
        let reduced = reduce(outer.to_cty(), &kind);
        let text = format!("{reduced:?}");
        assert!(!text.contains("password") && !text.contains("url"), "{text}");
        let whole = Outer::from_cty(complete(reduced, &Outer::attribute_type())).expect("it is whole again");
        let Value::Value(users) = whole.users else { panic!("no users") };
        assert_eq!(users["a"], Value::Value(Inner { name: Value::Value("a".into()), password: Value::Null }));
    }
}
