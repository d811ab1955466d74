//! A result completes its plan: the rules of Terraform's `objchange.AssertObjectCompatible`.

use super::Violations;
use super::walk::{At, member, pair_up};
use crate::schema::{Cty, Type};

/// Larger sets are compared by their length alone: each element is tried with each.
const COMPARED: usize = 256;

pub(super) fn completes(kind: &Type, planned: &Cty, actual: &Cty, at: &At<'_>, out: &mut Violations) {
    match (planned, actual) {
        (Cty::Unknown(Some(known)), _) if !actual.is_unknown() && !known.admits(actual) => {
            out.add(at, "the value is not of those that the plan announced");
        }
        (Cty::Unknown(_), _) => {}
        (Cty::Null, Cty::Null) => {}
        // A null without a type of its own promises nothing.
        (Cty::Null, _) if *kind == Type::Dynamic => {}
        (Cty::Null, _) => out.add(at, "there is a value where the plan had none"),
        (_, Cty::Null) => out.add(at, "the planned value is gone"),
        (_, Cty::Unknown(_)) => out.add(at, "the planned value is unknown again"),
        (Cty::Dynamic(planned), Cty::Dynamic(actual)) if planned.kind == actual.kind => {
            completes(&planned.kind, &planned.value, &actual.value, at, out);
        }
        (Cty::Dynamic(_), _) => out.add(at, "the value is of another type than the planned one"),
        (Cty::List(planned), Cty::List(actual)) => match kind {
            Type::Set(kind) => set(kind, planned, actual, at, out),
            _ if planned.len() != actual.len() => out.add(at, "there is another number of elements than planned"),
            Type::Tuple(kinds) => {
                for (index, ((planned, actual), kind)) in planned.iter().zip(actual).zip(kinds).enumerate() {
                    completes(kind, planned, actual, &at.index(index), out);
                }
            }
            Type::List(kind) => {
                for (index, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                    completes(kind, planned, actual, &at.index(index), out);
                }
            }
            _ => {}
        },
        (Cty::Map(before), Cty::Map(after)) => match kind {
            Type::Nested(attributes) => {
                for it in attributes.iter() {
                    let (planned, actual) = (member(planned, &it.name), member(actual, &it.name));
                    completes(&it.kind, planned, actual, &at.attribute(&it.name), out);
                }
            }
            Type::Object(members) => {
                for (name, kind) in members {
                    completes(kind, member(planned, name), member(actual, name), &at.attribute(name), out);
                }
            }
            _ if !before.keys().eq(after.keys()) => out.add(at, "there are other keys than planned"),
            Type::Map(kind) => {
                for ((key, planned), actual) in before.iter().zip(after.values()) {
                    completes(kind, planned, actual, &at.key(key), out);
                }
            }
            _ => {}
        },
        _ if planned != actual => out.add(at, "the value is another one than planned"),
        _ => {}
    }
}

/// Elements that are equal once they are known become one, so there may be fewer than planned, but never more.
fn set(kind: &Type, planned: &[Cty], actual: &[Cty], at: &At<'_>, out: &mut Violations) {
    if planned == actual {
        return;
    }
    if planned.len() < actual.len() {
        return out.add(at, "there are more elements than planned");
    }
    if planned.len() > COMPARED {
        return;
    }
    let fits = |planned: &Cty, actual: &Cty| {
        let mut tried = Violations::default();
        completes(kind, planned, actual, at, &mut tried);
        tried.is_empty()
    };
    if !pair_up(planned, actual, fits) {
        out.add(at, "there is an element that goes with none of the planned ones, or the other way round");
    }
}
