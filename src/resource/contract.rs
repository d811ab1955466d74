//! Terraform core's checks of what a provider answers, made here first, on every answer.
//!
//! Terraform refuses an answer against these rules with "Provider produced invalid plan" or "Provider produced
//! inconsistent result after apply", which tell the user nothing and may throw an object away. Here a violation becomes
//! a diagnostic of our own, which says where and what, and never quotes a value. The rules are read in hashicorp/terraform
//! `internal/plans/objchange` and `internal/terraform/node_resource_abstract_instance.go`.
//!
//! All functions are pure. The values are of the schema's type as far as decoding goes; what a resource made of them is
//! not taken on trust.

mod apply;
mod generic;
mod plan;
mod refine;
#[cfg(test)]
mod tests;
mod walk;

pub use refine::restore;
use walk::{At, member};

use super::own_fault;
use crate::schema::{AttributePath, AttributePathStep, Constraint, Cty, Diagnostics, Report, Type};

/// More of them say no more: they have one cause.
const TOLD: usize = 8;

/// What is wrong with an answer, and where.
#[derive(Debug, Default, PartialEq)]
pub struct Violations(Vec<(AttributePath, &'static str)>);

impl Violations {
    fn add(&mut self, at: &At<'_>, text: &'static str) {
        if self.0.len() < TOLD {
            self.0.push((at.path(), text));
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reports each as a defect of this provider. `answer` says what is at fault: "the plan".
    pub fn report(self, answer: &str, report: &mut Diagnostics) {
        for (path, text) in self.0 {
            report.refuse(own_fault(&sentence(answer, &path, text)).at(path));
        }
    }

    /// The first, where an answer has no diagnostics.
    pub fn text(self, answer: &str) -> Option<String> {
        self.0.first().map(|(path, text)| sentence(answer, path, text))
    }
}

fn sentence(answer: &str, path: &AttributePath, text: &str) -> String {
    let place = if path.steps.is_empty() { String::new() } else { format!(" at {path}") };
    format!("{answer} breaks Terraform's contract{place}: {text}")
}

/// PlanResourceChange. `replace` are the paths that force a replacement; a null `config` is a destruction.
pub fn planned(kind: &Type, prior: &Cty, config: &Cty, planned: &Cty, replace: &[AttributePath]) -> Violations {
    let mut out = Violations::default();
    match (config, planned) {
        (Cty::Null, Cty::Null) => return out,
        (Cty::Null, _) => out.add(&At::ROOT, "the object is planned to stay, although it is to be destroyed"),
        (_, Cty::Map(_)) => {}
        _ => out.add(&At::ROOT, "the object is not planned, although the configuration wants it"),
    }
    generic::conforms(kind, planned, &At::ROOT, &mut out);
    generic::write_only_is_null(kind, planned, &At::ROOT, &mut out);
    if let (Type::Nested(attributes), true) = (kind, out.is_empty()) {
        plan::attributes(attributes, prior, config, planned, &At::ROOT, &mut out);
    }
    for path in replace {
        if !leads_somewhere(kind, path, prior) && !leads_somewhere(kind, path, planned) {
            out.0.push((path.clone(), "a replacement is asked for by a path that does not exist"));
        }
    }
    out
}

/// Two plans of one change: Terraform plans each change again when it applies it, and by then more may be known. What the
/// first plan knew must hold, and the action stays, but for an update that turns out to change nothing. (A replacement is
/// planned again as the creation that it ends with.) It is another process that plans again, so the answer itself cannot
/// be held to it; the tests are.
pub fn planned_again(
    kind: &Type,
    prior: &Cty,
    (first, first_replaces): (&Cty, bool),
    (second, second_replaces): (&Cty, bool),
) -> Violations {
    let mut out = Violations::default();
    apply::completes(kind, first, second, &At::ROOT, &mut out);
    let no_op = |planned: &Cty| planned.is_wholly_known() && walk::same(kind, prior, planned);
    if (second_replaces && !first_replaces) || (no_op(first) && !no_op(second)) {
        out.add(&At::ROOT, "the second plan is for another action");
    }
    out
}

/// ApplyResourceChange that reports no error. A null `planned` is a destruction.
pub fn applied(kind: &Type, planned: &Cty, actual: &Cty) -> Violations {
    let mut out = Violations::default();
    match (planned, actual) {
        (Cty::Null, Cty::Null) => {}
        (Cty::Null, _) => out.add(&At::ROOT, "the object is still there, although its destruction reports no error"),
        (_, Cty::Null) => out.add(&At::ROOT, "the object is not there, although its deployment reports no error"),
        _ => {
            out = stored(kind, actual);
            if out.is_empty() {
                apply::completes(kind, planned, actual, &At::ROOT, &mut out);
            }
        }
    }
    out
}

/// What Terraform stores: the answers to ReadResource, UpgradeResourceState, MoveResourceState and ImportResourceState.
/// Null is for the caller to judge: a read object may be gone.
pub fn stored(kind: &Type, actual: &Cty) -> Violations {
    let mut out = Violations::default();
    generic::conforms(kind, actual, &At::ROOT, &mut out);
    generic::is_known(kind, actual, &At::ROOT, &mut out);
    generic::write_only_is_null(kind, actual, &At::ROOT, &mut out);
    out
}

/// ReadDataSource and OpenEphemeralResource without an error: an object, wholly known, that keeps its configuration.
pub fn result(kind: &Type, config: &Cty, actual: &Cty) -> Violations {
    let mut out = stored(kind, actual);
    if *actual == Cty::Null {
        out.add(&At::ROOT, "it is null");
    }
    if let (Type::Nested(attributes), true) = (kind, out.is_empty()) {
        plan::attributes(attributes, &Cty::Null, config, actual, &At::ROOT, &mut out);
    }
    out
}

/// How much an identity is already that of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// A creation or a replacement is planned: it may be new, and unknown in parts.
    Planned,
    /// The object exists: it is known and complete, and stays what it was.
    Lasting,
}

/// The identity of an answer. `before` is null for an object that had none yet.
pub fn identity(kind: &Type, before: &Cty, after: &Cty, rule: Identity) -> Violations {
    let mut out = Violations::default();
    let lasting = rule == Identity::Lasting;
    if *after == Cty::Null {
        if lasting && *before != Cty::Null {
            out.add(&At::ROOT, "the identity is gone");
        }
        return out;
    }
    generic::conforms(kind, after, &At::ROOT, &mut out);
    let attributes = kind.nested().map(|it| it.1).unwrap_or_default();
    for it in attributes.iter().filter(|it| it.constraint == Constraint::Required) {
        if matches!(after, Cty::Map(_)) && *member(after, &it.name) == Cty::Null {
            out.add(&At::ROOT.attribute(&it.name), "a part of the identity is missing");
        }
    }
    if lasting {
        generic::is_known(kind, after, &At::ROOT, &mut out);
        if out.is_empty() && *before != Cty::Null {
            let mut differs = Violations::default();
            apply::completes(kind, before, after, &At::ROOT, &mut differs);
            out.0.extend(differs.0.into_iter().map(|(path, _)| (path, "the identity is another one than before")));
        }
    }
    out
}

/// An event of ListResource: which object it is, and the object itself where it was asked for.
pub fn listed(identity_kind: &Type, identity: &Cty, kind: &Type, object: &Cty) -> Violations {
    let mut out = self::identity(identity_kind, &Cty::Null, identity, Identity::Lasting);
    if *identity == Cty::Null {
        out.add(&At::ROOT, "an object without an identity is listed");
    }
    out.0.extend(stored(kind, object).0);
    out
}

/// GenerateResourceConfig: a configuration of the schema, without what only the provider computes.
pub fn generated(kind: &Type, config: &Cty) -> Violations {
    let mut out = stored(kind, config);
    generic::computed_is_null(kind, config, &At::ROOT, &mut out);
    out
}

/// CallFunction: a value of the declared type, known when all arguments are.
pub fn returned(kind: &Type, known_arguments: bool, result: &Cty) -> Violations {
    let mut out = Violations::default();
    generic::conforms(kind, result, &At::ROOT, &mut out);
    if known_arguments {
        generic::is_known(kind, result, &At::ROOT, &mut out);
    }
    out
}

/// Whether Terraform can follow the path in that value: into an unknown it can, into a null or a set it cannot.
fn leads_somewhere(kind: &Type, path: &AttributePath, value: &Cty) -> bool {
    let (mut kind, mut value) = (kind, value);
    for step in &path.steps {
        let next = match (step, kind, value) {
            (_, _, Cty::Null) => None,
            (AttributePathStep::Attribute(name), Type::Nested(attributes), _) => {
                attributes.iter().find(|it| it.name == *name).map(|it| (&it.kind, member(value, name)))
            }
            (AttributePathStep::Attribute(name), Type::Object(members), _) => {
                members.get(name.as_ref()).map(|kind| (kind, member(value, name)))
            }
            (AttributePathStep::Key(_), Type::Map(kind), Cty::Unknown(_))
            | (AttributePathStep::Index(_), Type::List(kind), Cty::Unknown(_)) => Some((&**kind, value)),
            (AttributePathStep::Key(key), Type::Map(kind), Cty::Map(members)) => {
                members.get(key.as_ref()).map(|value| (&**kind, value))
            }
            (AttributePathStep::Index(index), Type::List(kind), Cty::List(elements)) => {
                usize::try_from(*index).ok().and_then(|index| elements.get(index)).map(|value| (&**kind, value))
            }
            _ => None,
        };
        let Some(below) = next else { return false };
        (kind, value) = below;
    }
    !path.steps.is_empty()
}
