//! What the checks walk on: values beside their types, and where in an object they are.

use crate::schema::{AttributePath, AttributePathStep, Cty, Type};

/// A place in an object, spelled out only when there is something to say of it.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Attribute(&'a str),
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    pub(super) const ROOT: At<'static> = At { parent: None, step: Step::Root };

    pub(super) fn attribute(&'a self, name: &'a str) -> Self {
        At { parent: Some(self), step: Step::Attribute(name) }
    }

    pub(super) fn key(&'a self, key: &'a str) -> Self {
        At { parent: Some(self), step: Step::Key(key) }
    }

    pub(super) fn index(&'a self, index: usize) -> Self {
        At { parent: Some(self), step: Step::Index(index) }
    }

    pub(super) fn path(&self) -> AttributePath {
        let mut path = self.parent.map_or_else(AttributePath::root, At::path);
        path.steps.extend(match self.step {
            Step::Root => None,
            Step::Attribute(name) => Some(AttributePathStep::Attribute(name.to_owned().into())),
            Step::Key(key) => Some(AttributePathStep::Key(key.to_owned().into())),
            Step::Index(index) => Some(AttributePathStep::Index(i64::try_from(index).unwrap_or(i64::MAX))),
        });
        path
    }
}

static NULL: Cty = Cty::Null;

/// The member of that name. Of what is null it is null, of what is unknown it is unknown.
pub(super) fn member<'a>(object: &'a Cty, name: &str) -> &'a Cty {
    match object {
        Cty::Map(members) => members.get(name).unwrap_or(&NULL),
        Cty::Unknown(_) => object,
        _ => &NULL,
    }
}

/// The element at that index; null where there is none.
pub(super) fn element(list: &Cty, index: usize) -> &Cty {
    match list {
        Cty::List(elements) => elements.get(index).unwrap_or(&NULL),
        Cty::Unknown(_) => list,
        _ => &NULL,
    }
}

/// Calls `f` for the direct parts of a value. Elements of a set have no path of their own: they stand at the set's.
pub(super) fn parts(kind: &Type, value: &Cty, at: &At<'_>, f: &mut dyn FnMut(&Type, &Cty, &At<'_>)) {
    match (kind, value) {
        (Type::Nested(attributes), Cty::Map(_)) => {
            for it in attributes.iter() {
                f(&it.kind, member(value, &it.name), &at.attribute(&it.name));
            }
        }
        (Type::Object(members), Cty::Map(_)) => {
            for (name, kind) in members {
                f(kind, member(value, name), &at.attribute(name));
            }
        }
        (Type::Map(kind), Cty::Map(members)) => members.iter().for_each(|(key, value)| f(kind, value, &at.key(key))),
        (Type::List(kind), Cty::List(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                f(kind, value, &at.index(index));
            }
        }
        (Type::Tuple(kinds), Cty::List(elements)) => {
            for (index, (value, kind)) in elements.iter().zip(kinds).enumerate() {
                f(kind, value, &at.index(index));
            }
        }
        (Type::Set(kind), Cty::List(elements)) => elements.iter().for_each(|value| f(kind, value, at)),
        (Type::Dynamic, Cty::Dynamic(inner)) => f(&inner.kind, &inner.value, at),
        _ => {}
    }
}

/// Whether two values are the same, whatever is known of their unknowns.
pub(super) fn same(kind: &Type, a: &Cty, b: &Cty) -> bool {
    match (a, b) {
        (Cty::Unknown(_), Cty::Unknown(_)) => true,
        (Cty::Dynamic(a), Cty::Dynamic(b)) => a.kind == b.kind && same(&a.kind, &a.value, &b.value),
        (Cty::List(a), Cty::List(b)) => {
            a.len() == b.len()
                && match kind {
                    Type::List(kind) => a.iter().zip(b).all(|(a, b)| same(kind, a, b)),
                    Type::Set(kind) => same_set(kind, a, b),
                    Type::Tuple(kinds) => a.iter().zip(b).zip(kinds).all(|((a, b), kind)| same(kind, a, b)),
                    _ => a == b,
                }
        }
        (Cty::Map(in_a), Cty::Map(in_b)) => match kind {
            Type::Map(kind) => {
                in_a.len() == in_b.len() && in_a.iter().all(|(key, a)| in_b.get(key).is_some_and(|b| same(kind, a, b)))
            }
            Type::Nested(attributes) => {
                attributes.iter().all(|it| same(&it.kind, member(a, &it.name), member(b, &it.name)))
            }
            Type::Object(members) => members.iter().all(|(name, kind)| same(kind, member(a, name), member(b, name))),
            _ => a == b,
        },
        _ => a == b,
    }
}

fn same_set(kind: &Type, a: &[Cty], b: &[Cty]) -> bool {
    // Known elements are sorted; where unknowns stand depends on what is known of them.
    a.iter().zip(b).all(|(a, b)| same(kind, a, b))
        || (!a.iter().all(Cty::is_wholly_known) && pair_up(a, b, |a, b| same(kind, a, b)))
}

/// Whether each of both goes with one of the other.
pub(super) fn pair_up(a: &[Cty], b: &[Cty], fits: impl Fn(&Cty, &Cty) -> bool) -> bool {
    a.iter().all(|a| b.iter().any(|b| fits(a, b))) && b.iter().all(|b| a.iter().any(|a| fits(a, b)))
}
