//! Schema, paths and diagnostics as the protocol writes them.

use super::{Attribute, AttributePath, AttributePathStep, Block, Constraint, Diagnostic, Diagnostics, Nesting, Text};
use crate::proto::tfplugin6 as tf;

/// The block, its attributes in the order of declaration.
pub fn block(block: &Block) -> tf::schema::Block {
    tf::schema::Block {
        version: block.version,
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: Vec::new(),
        description: block.description.clone().into_owned(),
        description_kind: tf::StringKind::Markdown as i32,
        deprecated: block.deprecated.is_some(),
        deprecation_message: text(block.deprecated.as_ref()),
    }
}

fn text(text: Option<&Text>) -> String {
    text.cloned().unwrap_or_default().into_owned()
}

fn attribute(it: &Attribute) -> tf::schema::Attribute {
    use tf::schema::object::NestingMode;
    let nested = it.kind.nested();
    #[allow(deprecated, reason = "the two item limits are fields of the message that the protocol never used")]
    tf::schema::Attribute {
        name: it.name.clone().into_owned(),
        // A nested type excludes a plain one.
        r#type: if nested.is_some() { Vec::new() } else { it.kind.to_json().to_string().into_bytes() },
        nested_type: nested.map(|(nesting, attributes)| tf::schema::Object {
            attributes: attributes.iter().map(attribute).collect(),
            nesting: match nesting {
                Nesting::Single => NestingMode::Single,
                Nesting::List => NestingMode::List,
                Nesting::Set => NestingMode::Set,
                Nesting::Map => NestingMode::Map,
            } as i32,
            min_items: 0,
            max_items: 0,
        }),
        description: it.description.clone().into_owned(),
        description_kind: tf::StringKind::Markdown as i32,
        required: it.constraint == Constraint::Required,
        optional: it.constraint.optional(),
        computed: it.constraint.computed(),
        sensitive: it.sensitive,
        deprecated: it.deprecated.is_some(),
        write_only: it.write_only,
        deprecation_message: text(it.deprecated.as_ref()),
    }
}

/// The path, or none for the root.
pub fn attribute_path(path: AttributePath) -> Option<tf::AttributePath> {
    use tf::attribute_path::{Step, step::Selector};
    if path.steps.is_empty() {
        return None;
    }
    let steps = path.steps.into_iter().map(|step| Step {
        selector: Some(match step {
            AttributePathStep::Attribute(name) => Selector::AttributeName(name.into_owned()),
            AttributePathStep::Key(key) => Selector::ElementKeyString(key.into_owned()),
            AttributePathStep::Index(index) => Selector::ElementKeyInt(index),
        }),
    });
    Some(tf::AttributePath { steps: steps.collect() })
}

/// Errors first, then warnings.
pub fn diagnostics(diagnostics: Diagnostics) -> Vec<tf::Diagnostic> {
    use tf::diagnostic::Severity;
    let convert = |severity: Severity| {
        move |it: Diagnostic| tf::Diagnostic {
            severity: severity as i32,
            summary: it.summary.into_owned(),
            detail: it.detail.into_owned(),
            attribute: attribute_path(it.attribute),
        }
    };
    let errors = diagnostics.errors.into_iter().map(convert(Severity::Error));
    errors.chain(diagnostics.warnings.into_iter().map(convert(Severity::Warning))).collect()
}
