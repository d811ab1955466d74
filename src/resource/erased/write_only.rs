//! Values that stand in the configuration alone.

use crate::schema::{AttributePath, Cty, Diagnostics, Leaf, Problem, Report, Schematic, Type};

/// Refuses write-only values from a client that would write them down.
pub(super) fn refuse<S: Schematic>(config: &S, report: &mut Diagnostics) {
    config.visit(&AttributePath::root(), &mut |path, leaf| {
        if leaf == Leaf::WriteOnly {
            report.refuse(
                Problem::new(summary!("Write-only attributes need Terraform 1.11 or OpenTofu 1.11"))
                    .at(path.clone())
                    .why("This client would keep the value in its plan and state.")
                    .fix("Upgrade the client, or leave the attribute out."),
            );
        }
    });
}

/// Puts the configuration's write-only values into a plan, which never holds them when it comes.
pub(super) fn give(kind: &Type, planned: &mut Cty, config: &Cty) {
    match (kind, planned, config) {
        (Type::Nested(attributes), Cty::Map(members), Cty::Map(configured)) => {
            for it in attributes.iter() {
                match (members.get_mut(&it.name), configured.get(&it.name)) {
                    (Some(planned), Some(value)) if it.write_only => planned.clone_from(value),
                    (Some(planned), Some(value)) => give(&it.kind, planned, value),
                    _ => {}
                }
            }
        }
        (Type::List(kind), Cty::List(elements), Cty::List(configured)) => {
            elements.iter_mut().zip(configured).for_each(|(it, value)| give(kind, it, value));
        }
        (Type::Map(kind), Cty::Map(members), Cty::Map(configured)) => {
            for (key, planned) in members {
                configured.get(key).into_iter().for_each(|value| give(kind, planned, value));
            }
        }
        _ => {}
    }
}
