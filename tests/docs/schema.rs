//! The schema's section of a page: required, optional, read-only; nested attributes each in a section of their own.

use std::collections::HashMap;

use loki_provider::schema::{Attribute, AttributeConstraint, AttributeType};

type Attributes = HashMap<String, Attribute>;

/// The whole section. `fields` is the order of the attributes at the top; nested ones are in the order of their names.
pub fn schema(attributes: &Attributes, fields: &[&str]) -> String {
    let mut parts = vec!["## Schema".to_owned()];
    let fields: Vec<_> = fields.iter().map(|name| (*name).to_owned()).collect();
    tables(attributes, &fields, "", "###", &mut parts);
    parts.join("\n\n")
}

fn tables(attributes: &Attributes, order: &[String], at: &str, heading: &str, parts: &mut Vec<String>) {
    use AttributeConstraint::{Computed, Optional, OptionalComputed, Required};
    for (title, constraints) in
        [("Required", &[Required][..]), ("Optional", &[Optional, OptionalComputed]), ("Read-Only", &[Computed])]
    {
        let of_kind = order.iter().filter(|name| constraints.contains(&attributes[*name].constraint));
        let lines: Vec<_> = of_kind.map(|name| line(name, &attributes[name], at)).collect();
        if !lines.is_empty() {
            parts.push(format!("{heading} {title}\n\n{}", lines.join("\n")));
        }
    }
    for name in order {
        if let Some(inner) = nested(&attributes[name].attr_type) {
            let at = join(at, name);
            let id = anchor(&at);
            parts.push(format!("<a id=\"{id}\"></a>\n### Nested Schema for `{at}`"));
            let mut order: Vec<_> = inner.keys().cloned().collect();
            order.sort();
            tables(inner, &order, &at, "####", parts);
        }
    }
}

fn line(name: &str, attribute: &Attribute, at: &str) -> String {
    let mut kind = kind(&attribute.attr_type);
    if attribute.sensitive {
        kind.push_str(", Sensitive");
    }
    if attribute.deprecated {
        kind.push_str(", Deprecated");
    }
    let mut line = format!("- `{name}` ({kind}) {}", attribute.description.content);
    if nested(&attribute.attr_type).is_some() {
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

fn nested(kind: &AttributeType) -> Option<&Attributes> {
    match kind {
        AttributeType::AttributeSingle(inner)
        | AttributeType::AttributeList(inner)
        | AttributeType::AttributeSet(inner)
        | AttributeType::AttributeMap(inner) => Some(inner),
        _ => None,
    }
}

/// The type in the registry's words.
fn kind(kind: &AttributeType) -> String {
    match kind {
        AttributeType::String => "String".to_owned(),
        AttributeType::Number => "Number".to_owned(),
        AttributeType::Bool => "Boolean".to_owned(),
        AttributeType::Any => "Dynamic".to_owned(),
        AttributeType::List(element) => format!("List of {}", self::kind(element)),
        AttributeType::Set(element) => format!("Set of {}", self::kind(element)),
        AttributeType::Map(element) => format!("Map of {}", self::kind(element)),
        AttributeType::Object(_) => "Object".to_owned(),
        AttributeType::Tuple(_) => "Tuple".to_owned(),
        AttributeType::AttributeSingle(_) => "Attributes".to_owned(),
        AttributeType::AttributeList(_) => "Attributes List".to_owned(),
        AttributeType::AttributeSet(_) => "Attributes Set".to_owned(),
        AttributeType::AttributeMap(_) => "Attributes Map".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use loki_provider::schema::{Schematic, Value};
    use serde::{Deserialize, Serialize};

    use super::schema;

    /// Inner.
    #[derive(Schematic, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
    #[serde(default)]
    struct Inner {
        /// Size.
        #[attr(optional, default = "10Gi")]
        size: Value<String>,
        /// Class.
        #[attr(required)]
        class: Value<String>,
    }

    /// Outer.
    #[derive(Schematic, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
    #[serde(default)]
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
        assert_eq!(schema(&Outer::attributes(), Outer::FIELDS), expected);
    }
}
