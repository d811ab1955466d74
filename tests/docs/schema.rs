//! The schema's section of a page: required, optional, read-only; nested attributes each in a section of their own.
//! Everything stands in the order of its declaration.

use loki_provider::schema::{Attribute, Constraint, Nesting, Type};

/// The whole section.
pub fn schema(attributes: &[Attribute]) -> String {
    let mut parts = vec!["## Schema".to_owned()];
    tables(attributes, "", "###", &mut parts);
    parts.join("\n\n")
}

/// The attributes below that path, by what the user has to do.
pub fn tables(attributes: &[Attribute], at: &str, heading: &str, parts: &mut Vec<String>) {
    use Constraint::{Computed, Optional, OptionalComputed, Required};
    for (title, constraints) in
        [("Required", &[Required][..]), ("Optional", &[Optional, OptionalComputed]), ("Read-Only", &[Computed])]
    {
        let of_kind = attributes.iter().filter(|attribute| constraints.contains(&attribute.constraint));
        let lines: Vec<_> = of_kind.map(|attribute| line(attribute, at)).collect();
        if !lines.is_empty() {
            parts.push(format!("{heading} {title}\n\n{}", lines.join("\n")));
        }
    }
    for attribute in attributes {
        if let Some((_, inner)) = attribute.kind.nested() {
            let at = join(at, &attribute.name);
            let id = anchor(&at);
            parts.push(format!("<a id=\"{id}\"></a>\n### Nested Schema for `{at}`"));
            tables(inner, &at, "####", parts);
        }
    }
}

fn line(attribute: &Attribute, at: &str) -> String {
    let name = &attribute.name;
    let mut kind = kind(&attribute.kind);
    let marks = [
        (attribute.sensitive, "Sensitive"),
        (attribute.write_only, "Write-only"),
        (attribute.deprecated.is_some(), "Deprecated"),
    ];
    for (_, mark) in marks.iter().filter(|(holds, _)| *holds) {
        kind.push_str(&format!(", {mark}"));
    }
    let mut line = format!("- `{name}` ({kind}) {}", attribute.description);
    if let Some(instead) = &attribute.deprecated {
        line.push_str(&format!(" **Deprecated:** {instead}"));
    }
    if attribute.kind.nested().is_some() {
        line.push_str(&format!(" (see [below for nested schema](#{}))", anchor(&join(at, name))));
    }
    // What follows the first line belongs to the list's item.
    line.replace('\n', "\n  ").replace("\n  \n", "\n\n")
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn anchor(at: &str) -> String {
    format!("nestedatt--{}", at.replace('.', "--"))
}

/// The type in the registry's words.
pub fn kind(kind: &Type) -> String {
    let nesting = kind.nested().map(|(nesting, _)| nesting);
    match kind {
        _ if nesting == Some(Nesting::Single) => "Attributes".to_owned(),
        _ if nesting == Some(Nesting::List) => "Attributes List".to_owned(),
        _ if nesting == Some(Nesting::Set) => "Attributes Set".to_owned(),
        _ if nesting == Some(Nesting::Map) => "Attributes Map".to_owned(),
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", self::kind(element)),
        Type::Set(element) => format!("Set of {}", self::kind(element)),
        Type::Map(element) => format!("Map of {}", self::kind(element)),
        Type::Object(_) | Type::Nested(_) => "Object".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use loki_provider::schema::{Schematic, Value};

    use super::schema;

    /// Inner.
    #[derive(Schematic, Clone, Debug, Default, PartialEq)]
    struct Inner {
        /// Size.
        #[attr(optional, default = "10Gi")]
        size: Value<String>,
        /// Class.
        #[attr(required)]
        class: Value<String>,
    }

    /// Outer.
    #[derive(Schematic, Clone, Debug, Default, PartialEq)]
    struct Outer {
        /// Zone.
        ///
        /// Two paragraphs.
        #[attr(required)]
        zone: Value<String>,
        /// Disks.
        #[attr(optional)]
        disks: Value<Vec<Value<Inner>>>,
        /// Token.
        #[attr(optional, sensitive)]
        token: Value<BTreeMap<String, Value<bool>>>,
        /// ARN.
        #[attr(computed)]
        arn: Value<String>,
    }

    #[test]
    fn attributes_are_sorted_by_what_the_user_has_to_do() {
        let expected = r##"## Schema

### Required

- `zone` (String) Zone.

  Two paragraphs.

### Optional

- `disks` (Attributes List) Disks. (see [below for nested schema](#nestedatt--disks))
- `token` (Map of Boolean, Sensitive) Token.

### Read-Only

- `arn` (String) ARN.

<a id="nestedatt--disks"></a>
### Nested Schema for `disks`

#### Required

- `class` (String) Class.

#### Optional

- `size` (String) Size. Defaults to `"10Gi"`."##;
        assert_eq!(schema(Outer::attributes()), expected);
    }
}
