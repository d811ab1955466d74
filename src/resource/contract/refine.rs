//! What is known of unknown values, put back where the typed structs of the resources dropped it.
//!
//! Terraform shows it and decides by it: a `count` is settled by an ARN that is unknown, but not null.

use super::walk::{member, same};
use crate::schema::{Cty, Type};

/// Gives the planned unknowns what is known of the same unknowns in `from`, which is the proposed state.
pub fn restore(kind: &Type, planned: &mut Cty, from: &Cty) {
    match (kind, planned, from) {
        (_, Cty::Unknown(known), Cty::Unknown(before)) if known.is_none() => known.clone_from(before),
        (Type::Nested(attributes), Cty::Map(members), Cty::Map(_)) => {
            for it in attributes.iter() {
                if let Some(planned) = members.get_mut(it.name.as_ref()) {
                    restore(&it.kind, planned, member(from, &it.name));
                }
            }
        }
        (Type::Object(kinds), Cty::Map(members), Cty::Map(_)) => {
            for (name, planned) in members {
                if let Some(kind) = kinds.get(name) {
                    restore(kind, planned, member(from, name));
                }
            }
        }
        (Type::Map(kind), Cty::Map(members), Cty::Map(_)) => {
            for (key, planned) in members {
                restore(kind, planned, member(from, key));
            }
        }
        (Type::List(kind), Cty::List(elements), Cty::List(before)) => {
            elements.iter_mut().zip(before).for_each(|(planned, from)| restore(kind, planned, from));
        }
        (Type::Tuple(kinds), Cty::List(elements), Cty::List(before)) => {
            for ((planned, from), kind) in elements.iter_mut().zip(before).zip(kinds) {
                restore(kind, planned, from);
            }
        }
        (Type::Set(kind), Cty::List(elements), Cty::List(before)) => {
            // Elements have no place; each that is not known goes with one that is equal but for what is known of it.
            let mut left: Vec<&Cty> = before.iter().filter(|it| !it.is_wholly_known()).collect();
            for planned in elements.iter_mut().filter(|it| !it.is_wholly_known()) {
                if let Some(index) = left.iter().position(|from| same(kind, planned, from)) {
                    restore(kind, planned, left.swap_remove(index));
                }
            }
        }
        (Type::Dynamic, Cty::Dynamic(inner), Cty::Dynamic(before)) if inner.kind == before.kind => {
            restore(&before.kind, &mut inner.value, &before.value);
        }
        _ => {}
    }
}
