//! What holds of all answers alike.

use super::Violations;
use super::walk::{At, member, parts};
use crate::schema::{Attribute, Constraint, Cty, Type};

/// The value is of the type. An object holds each of its attributes and nothing else.
pub(super) fn conforms(kind: &Type, value: &Cty, at: &At<'_>, out: &mut Violations) {
    let fits = match (kind, value) {
        (_, Cty::Null | Cty::Unknown(_)) => return,
        (Type::Bool, Cty::Bool(_))
        | (Type::Number, Cty::Number(_))
        | (Type::String, Cty::String(_))
        | (Type::List(_) | Type::Set(_), Cty::List(_))
        | (Type::Map(_), Cty::Map(_))
        | (Type::Dynamic, Cty::Dynamic(_)) => true,
        (Type::Nested(attributes), Cty::Map(members)) => {
            members.len() == attributes.len() && attributes.iter().all(|it| members.contains_key(it.name.as_ref()))
        }
        (Type::Object(kinds), Cty::Map(members)) => members.keys().eq(kinds.keys()),
        (Type::Tuple(kinds), Cty::List(elements)) => kinds.len() == elements.len(),
        _ => false,
    };
    if fits {
        parts(kind, value, at, &mut |kind, value, at| conforms(kind, value, at, out));
    } else {
        out.add(at, "the value is not of the schema's type");
    }
}

/// Nothing in the value is unknown.
pub(super) fn is_known(kind: &Type, value: &Cty, at: &At<'_>, out: &mut Violations) {
    match value {
        Cty::Unknown(_) => out.add(at, "the value is unknown, where all must be known"),
        _ => parts(kind, value, at, &mut |kind, value, at| is_known(kind, value, at, out)),
    }
}

/// Nothing that is write-only has a value.
pub(super) fn write_only_is_null(kind: &Type, value: &Cty, at: &At<'_>, out: &mut Violations) {
    is_null(kind, value, at, &|it| it.write_only, "a write-only attribute has a value", out);
}

/// Nothing that only the provider computes has a value.
pub(super) fn computed_is_null(kind: &Type, value: &Cty, at: &At<'_>, out: &mut Violations) {
    let computed = |it: &Attribute| it.constraint == Constraint::Computed;
    is_null(kind, value, at, &computed, "a computed attribute has a value in a configuration", out);
}

fn is_null(
    kind: &Type,
    value: &Cty,
    at: &At<'_>,
    which: &dyn Fn(&Attribute) -> bool,
    text: &'static str,
    out: &mut Violations,
) {
    if let (Type::Nested(attributes), Cty::Map(_)) = (kind, value) {
        for it in attributes.iter().filter(|it| which(it) && *member(value, &it.name) != Cty::Null) {
            out.add(&at.attribute(&it.name), text);
        }
    }
    parts(kind, value, at, &mut |kind, value, at| is_null(kind, value, at, which, text, out));
}
