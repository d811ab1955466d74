//! A plan keeps to its configuration. The rules are those of Terraform's `objchange.AssertPlanValid`; elements of sets
//! are held to them as well, which Terraform trusts the provider with.

use super::Violations;
use super::walk::{At, element, member, pair_up, same};
use crate::schema::{Attribute, Constraint, Cty, Nesting};

/// Larger sets are compared by their length alone: each element is tried with each.
const COMPARED: usize = 64;

pub(super) fn attributes(
    attributes: &[Attribute],
    prior: &Cty,
    config: &Cty,
    planned: &Cty,
    at: &At<'_>,
    out: &mut Violations,
) {
    for it in attributes {
        let values = [prior, config, planned].map(|object| member(object, &it.name));
        attribute(it, values, &at.attribute(&it.name), out);
    }
}

fn attribute(it: &Attribute, [prior, config, planned]: [&Cty; 3], at: &At<'_>, out: &mut Violations) {
    // A write-only value is null in every plan, which is checked apart.
    if it.write_only || same(&it.kind, planned, config) {
        return;
    }
    // What means the same to the provider may stay as it was.
    let configured = *config != Cty::Null;
    if configured && *prior != Cty::Null && same(&it.kind, planned, prior) {
        return;
    }
    match (it.constraint, configured) {
        (Constraint::Computed, _) | (Constraint::OptionalComputed, false) => {}
        (_, false) => out.add(at, "the plan holds a value for what is neither configured nor computed"),
        (_, true) => match it.kind.nested() {
            Some(nested) => object(nested, [prior, config, planned], at, out),
            None => changed(config, at, out),
        },
    }
}

fn changed(config: &Cty, at: &At<'_>, out: &mut Violations) {
    out.add(
        at,
        match config {
            Cty::Unknown(_) => "the plan holds a value where the configuration is not known yet",
            _ => "the plan holds neither the configuration's value nor the one before",
        },
    );
}

fn object(
    (nesting, nested): (Nesting, &[Attribute]),
    [prior, config, planned]: [&Cty; 3],
    at: &At<'_>,
    out: &mut Violations,
) {
    match (nesting, planned, config) {
        (_, Cty::Null, _) => out.add(at, "the plan leaves out what the configuration sets"),
        (_, Cty::Unknown(_), _) => out.add(at, "the plan does not know what the configuration sets"),
        (_, _, Cty::Unknown(_)) => changed(config, at, out),
        (Nesting::Single, ..) => attributes(nested, prior, config, planned, at, out),
        (Nesting::Map, Cty::Map(planned), Cty::Map(config)) => {
            if !planned.keys().eq(config.keys()) {
                return out.add(at, "the plan has other keys than the configuration");
            }
            for ((key, planned), config) in planned.iter().zip(config.values()) {
                attributes(nested, member(prior, key), config, planned, &at.key(key), out);
            }
        }
        (Nesting::List, Cty::List(planned), Cty::List(config)) => {
            if planned.len() != config.len() {
                return out.add(at, "the plan has another number of elements than the configuration");
            }
            for (index, (planned, config)) in planned.iter().zip(config).enumerate() {
                attributes(nested, element(prior, index), config, planned, &at.index(index), out);
            }
        }
        (Nesting::Set, Cty::List(planned), Cty::List(config)) => set(nested, prior, config, planned, at, out),
        // What is of another type has been found before.
        _ => {}
    }
}

/// Elements have no names to pair them by: each planned one must go with a configured one, and the other way round.
fn set(nested: &[Attribute], prior: &Cty, config: &[Cty], planned: &[Cty], at: &At<'_>, out: &mut Violations) {
    // Unknown elements may turn out to be equal, and then are one.
    let countable = planned.iter().chain(config).all(Cty::is_wholly_known);
    if countable && planned.len() != config.len() {
        return out.add(at, "the plan has another number of elements than the configuration");
    }
    if planned.len().max(config.len()) > COMPARED {
        return;
    }
    let before = match prior {
        Cty::List(elements) => elements.as_slice(),
        _ => &[],
    };
    let fits = |planned: &Cty, config: &Cty| {
        [&Cty::Null].into_iter().chain(before).any(|prior| {
            let mut tried = Violations::default();
            attributes(nested, prior, config, planned, at, &mut tried);
            tried.is_empty()
        })
    };
    if !pair_up(planned, config, fits) {
        out.add(at, "the plan has an element that goes with none of the configuration's, or the other way round");
    }
}
