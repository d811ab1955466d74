//! The configuration that a state follows from.

use crate::resource::contract;
use crate::schema::{Attribute, AttributeKind, Constraint, Cty, DecodeError, Raw, Schematic, Type, Value};

/// The shortest configuration of that state: without what the provider alone sets, what is as it would be by default,
/// what is deprecated, and what is empty where it may be left out.
pub(super) fn configuration<S: Schematic>(state: &Raw) -> Result<Raw, String> {
    let kind = S::attribute_type();
    let value = shortest::<S>(&kind, state).map_err(|error| error.to_string())?;
    if let Some(violation) = contract::generated(&kind, &value).text("the configuration") {
        return Err(violation);
    }
    Raw::encode_as(&value, &kind).map_err(|error| error.to_string())
}

fn shortest<S: Schematic>(kind: &Type, state: &Raw) -> Result<Cty, DecodeError> {
    let mut value = state.decode_as(kind)?;
    let mut bare = value.clone();
    leave_out_defaulted(kind, &mut bare);
    let defaults = match Value::<S>::from_cty(bare)? {
        Value::Value(mut bare) => {
            bare.fill_defaults(None);
            bare.to_cty()
        }
        _ => Cty::Null,
    };
    shorten(kind, &mut value, &defaults);
    Ok(value)
}

/// Nulls what the configuration may leave to a default.
fn leave_out_defaulted(kind: &Type, value: &mut Cty) {
    match (kind, value) {
        (Type::Nested(attributes), Cty::Map(entries)) => {
            for Attribute { name, kind, constraint, .. } in attributes.iter() {
                match entries.get_mut(name) {
                    Some(value) if *constraint == Constraint::OptionalComputed => *value = Cty::Null,
                    Some(value) => leave_out_defaulted(kind, value),
                    None => {}
                }
            }
        }
        (Type::List(kind), Cty::List(elements)) => {
            elements.iter_mut().for_each(|element| leave_out_defaulted(kind, element));
        }
        (Type::Map(kind), Cty::Map(entries)) => {
            entries.values_mut().for_each(|entry| leave_out_defaulted(kind, entry));
        }
        _ => {}
    }
}

/// `defaults` is the same value with all of its defaults, where its parts can be told apart.
fn shorten(kind: &Type, value: &mut Cty, defaults: &Cty) {
    match (kind, value) {
        (Type::Nested(attributes), Cty::Map(entries)) => {
            for attribute in attributes.iter() {
                let Some(value) = entries.get_mut(&attribute.name) else { continue };
                let default = match defaults {
                    Cty::Map(defaults) => defaults.get(&attribute.name).unwrap_or(&Cty::Null),
                    _ => &Cty::Null,
                };
                if left_out(attribute, value, default) {
                    *value = Cty::Null;
                } else {
                    shorten(&attribute.kind, value, default);
                }
            }
        }
        (Type::List(kind), Cty::List(elements)) => {
            let defaults = if let Cty::List(defaults) = defaults { defaults.as_slice() } else { &[] };
            for (at, element) in elements.iter_mut().enumerate() {
                shorten(kind, element, defaults.get(at).unwrap_or(&Cty::Null));
            }
        }
        (Type::Set(kind), Cty::List(elements)) => {
            elements.iter_mut().for_each(|element| shorten(kind, element, &Cty::Null));
        }
        (Type::Map(kind), Cty::Map(entries)) => {
            for (key, entry) in entries {
                let default = if let Cty::Map(defaults) = defaults { defaults.get(key) } else { None };
                shorten(kind, entry, default.unwrap_or(&Cty::Null));
            }
        }
        _ => {}
    }
}

fn left_out(attribute: &Attribute, value: &Cty, default: &Cty) -> bool {
    let empty = match (&attribute.kind, value) {
        (Type::List(_) | Type::Set(_), Cty::List(elements)) => elements.is_empty(),
        (Type::Map(_), Cty::Map(entries)) => entries.is_empty(),
        _ => false,
    };
    match attribute.constraint {
        Constraint::Computed => true,
        Constraint::Required => attribute.write_only,
        Constraint::Optional => attribute.write_only || attribute.deprecated.is_some() || empty,
        Constraint::OptionalComputed => attribute.deprecated.is_some() || empty || value == default,
    }
}
