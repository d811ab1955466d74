//! Schema, paths and diagnostics as the protocol writes them.

use std::collections::HashMap;

use super::{
    Attribute, AttributeConstraint, AttributePath, AttributePathStep, AttributeType, Block, Diagnostic, Diagnostics,
};
use crate::proto::tfplugin6 as tf;

/// The block with its attributes sorted by name, so that the same schema always has the same bytes.
pub fn block(block: &Block) -> tf::schema::Block {
    tf::schema::Block {
        version: block.version,
        attributes: attributes(&block.attributes),
        block_types: Vec::new(),
        description: block.description.content.clone(),
        description_kind: tf::StringKind::Markdown as i32,
        deprecated: block.deprecated,
        deprecation_message: String::new(),
    }
}

fn attributes(attributes: &HashMap<String, Attribute>) -> Vec<tf::schema::Attribute> {
    let mut out: Vec<_> = attributes.iter().map(|(name, it)| attribute(name, it)).collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

fn attribute(name: &str, it: &Attribute) -> tf::schema::Attribute {
    use tf::schema::object::NestingMode;
    let nested = match &it.attr_type {
        AttributeType::AttributeSingle(attributes) => Some((NestingMode::Single, attributes)),
        AttributeType::AttributeList(attributes) => Some((NestingMode::List, attributes)),
        AttributeType::AttributeSet(attributes) => Some((NestingMode::Set, attributes)),
        AttributeType::AttributeMap(attributes) => Some((NestingMode::Map, attributes)),
        _ => None,
    };
    let computed = matches!(it.constraint, AttributeConstraint::Computed | AttributeConstraint::OptionalComputed);
    #[allow(deprecated, reason = "the two item limits are fields of the message that the protocol never used")]
    tf::schema::Attribute {
        name: name.to_owned(),
        // A nested type excludes a plain one.
        r#type: if nested.is_some() { Vec::new() } else { it.attr_type.to_string().into_bytes() },
        nested_type: nested.map(|(nesting, nested)| tf::schema::Object {
            attributes: attributes(nested),
            nesting: nesting as i32,
            min_items: 0,
            max_items: 0,
        }),
        description: it.description.content.clone(),
        description_kind: tf::StringKind::Markdown as i32,
        required: it.constraint == AttributeConstraint::Required,
        optional: matches!(it.constraint, AttributeConstraint::Optional | AttributeConstraint::OptionalComputed),
        computed,
        sensitive: it.sensitive,
        deprecated: it.deprecated,
        write_only: false,
        deprecation_message: String::new(),
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
