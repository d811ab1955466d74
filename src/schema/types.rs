//! Terraform's types, and the attributes that schemas are made of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// Text that is mostly known at compile time.
pub type Text = Cow<'static, str>;

/// A type of Terraform's (cty's) type system.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Any type: each value carries its own.
    #[default]
    Dynamic,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list`.
    List(Box<Type>),
    /// `set`.
    Set(Box<Type>),
    /// `map`.
    Map(Box<Type>),
    /// `object`, with the type of each attribute.
    Object(BTreeMap<Text, Type>),
    /// `tuple`.
    Tuple(Vec<Type>),
    /// An object whose attributes have descriptions and constraints of their own, in the order of declaration.
    /// A list, set or map of these is the protocol's nested attribute of that nesting.
    Nested(Cow<'static, [Attribute]>),
}

/// How often a nested attribute may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// Once.
    Single,
    /// As a list.
    List,
    /// As a set.
    Set,
    /// As a map.
    Map,
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// The configuration has to.
    Required,
    /// The configuration may.
    #[default]
    Optional,
    /// The configuration may, else the provider does.
    OptionalComputed,
    /// The provider alone.
    Computed,
}

impl Constraint {
    /// Whether the provider may set it.
    pub fn computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }

    /// Whether the configuration may leave it out.
    pub fn optional(self) -> bool {
        matches!(self, Self::Optional | Self::OptionalComputed)
    }
}

/// One attribute of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    /// The name.
    pub name: Text,
    /// The type.
    pub kind: Type,
    /// The description, in Markdown.
    pub description: Text,
    /// Who sets it.
    pub constraint: Constraint,
    /// Whether Terraform hides its value.
    pub sensitive: bool,
    /// Whether it stands in the configuration alone, never in plan or state.
    pub write_only: bool,
    /// What to do instead, where it is deprecated.
    pub deprecated: Option<Text>,
    /// Whether the provider promises, while it is unknown, that it will not be null.
    pub never_null: bool,
    /// What the provider promises, while it is unknown, that it will begin with.
    pub prefix: Option<Text>,
}

/// A schema: the root block.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// The version, which goes up when stored states need an upgrade.
    pub version: i64,
    /// The description, in Markdown.
    pub description: Text,
    /// What to do instead, where it is deprecated.
    pub deprecated: Option<Text>,
    /// The attributes, in the order of declaration.
    pub attributes: Cow<'static, [Attribute]>,
}

impl Block {
    /// The type of its values.
    pub fn kind(&self) -> Type {
        Type::Nested(self.attributes.clone())
    }
}

impl Type {
    /// The attributes of a nested attribute and how often they stand; none for every other type.
    pub fn nested(&self) -> Option<(Nesting, &[Attribute])> {
        let (nesting, inner) = match self {
            Self::Nested(_) => (Nesting::Single, self),
            Self::List(element) => (Nesting::List, element.as_ref()),
            Self::Set(element) => (Nesting::Set, element.as_ref()),
            Self::Map(element) => (Nesting::Map, element.as_ref()),
            _ => return None,
        };
        match inner {
            Self::Nested(attributes) => Some((nesting, attributes)),
            _ => None,
        }
    }

    /// The type of an object's attribute, with the name as the type has it.
    pub fn field(&self, name: &str) -> Option<(&Text, &Type)> {
        match self {
            Self::Object(fields) => fields.get_key_value(name),
            Self::Nested(attributes) => {
                attributes.iter().find(|field| field.name == name).map(|field| (&field.name, &field.kind))
            }
            _ => None,
        }
    }

    /// An object's attributes.
    pub fn fields(&self) -> impl Iterator<Item = (&Text, &Type)> {
        let (object, nested) = match self {
            Self::Object(fields) => (Some(fields), None),
            Self::Nested(attributes) => (None, Some(attributes)),
            _ => (None, None),
        };
        let nested = nested.into_iter().flat_map(|it| it.iter()).map(|field| (&field.name, &field.kind));
        object.into_iter().flatten().chain(nested)
    }

    /// The type in the form that schemas and dynamic values carry: `"string"`, `["list","string"]`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Dynamic => "dynamic".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Tuple(elements) => json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()]),
            Self::Object(_) | Self::Nested(_) => {
                let fields = self.fields().map(|(name, kind)| (name.clone().into_owned(), kind.to_json()));
                json!(["object", fields.collect::<BTreeMap<_, _>>()])
            }
        }
    }

    /// The type of that form. An object's list of optional attributes is read and forgotten: it matters where values are
    /// converted to a type, and a value that crosses the wire has been.
    pub fn from_json(json: &Json) -> Option<Self> {
        let Json::Array(parts) = json else {
            return match json.as_str()? {
                "dynamic" => Some(Self::Dynamic),
                "bool" => Some(Self::Bool),
                "number" => Some(Self::Number),
                "string" => Some(Self::String),
                _ => None,
            };
        };
        let (kind, of, optional) = match &parts[..] {
            [kind, of] => (kind.as_str()?, of, None),
            [kind, of, optional] => (kind.as_str()?, of, Some(optional.as_array()?)),
            _ => return None,
        };
        let element = |of| Some(Box::new(Self::from_json(of)?));
        match (kind, optional) {
            ("list", None) => Some(Self::List(element(of)?)),
            ("set", None) => Some(Self::Set(element(of)?)),
            ("map", None) => Some(Self::Map(element(of)?)),
            ("tuple", None) => of.as_array()?.iter().map(Self::from_json).collect::<Option<_>>().map(Self::Tuple),
            ("object", optional) => {
                let fields = of.as_object()?;
                let declared = |name: &Json| name.as_str().is_some_and(|name| fields.contains_key(name));
                if !optional.into_iter().flatten().all(declared) {
                    return None;
                }
                let fields = fields.iter().map(|(name, of)| Some((name.clone().into(), Self::from_json(of)?)));
                fields.collect::<Option<_>>().map(Self::Object)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_survives_its_json() {
        for text in [
            r#""dynamic""#,
            r#"["list",["set",["map","bool"]]]"#,
            r#"["object",{"a":"string","b":["tuple",["number","dynamic"]]}]"#,
            r#"["tuple",[]]"#,
            r#"["object",{}]"#,
        ] {
            let kind = Type::from_json(&serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(kind.to_json().to_string(), text);
        }
        let optional = json!(["object", {"a": "string"}, ["a"]]);
        assert_eq!(Type::from_json(&optional).unwrap().to_json(), json!(["object", {"a": "string"}]));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for json in [
            json!(null),
            json!("int"),
            json!([]),
            json!(["list"]),
            json!(["list", "string", []]),
            json!(["object", {"a": "string"}, ["b"]]),
            json!(["object", ["string"]]),
            json!(["tuple", "string"]),
            json!({"list": "string"}),
        ] {
            assert_eq!(Type::from_json(&json), None, "{json}");
        }
    }

    #[test]
    fn a_nested_attribute_is_an_object_with_its_nesting() {
        let attribute = Attribute { name: "a".into(), kind: Type::Bool, ..Attribute::default() };
        let object = Type::Nested(vec![attribute].into());
        assert_eq!(object.nested().unwrap().0, Nesting::Single);
        let map = Type::Map(Box::new(object));
        assert_eq!(map.nested().unwrap().0, Nesting::Map);
        assert_eq!(map.to_json(), json!(["map", ["object", {"a": "bool"}]]));
        assert_eq!(Type::List(Box::new(map)).nested(), None);
    }
}
