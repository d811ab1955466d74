//! Schemas with every kind of attribute.

use super::*;

/// Credentials.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
struct Credentials {
    /// User.
    #[attr(optional)]
    user: Value<String>,
    /// Password.
    #[attr(optional, sensitive, write_only)]
    password: Value<String>,
}

/// Everything.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
struct Everything {
    /// Token.
    #[attr(optional, write_only)]
    token: Value<Credentials>,
    /// Logins.
    #[attr(optional)]
    logins: Value<Vec<Value<Credentials>>>,
    /// By name.
    #[attr(optional, deprecated = "Use `logins`.")]
    by_name: Value<std::collections::BTreeMap<String, Value<Credentials>>>,
    /// Anything.
    #[attr(optional)]
    anything: Value<Dynamic>,
    /// Ratio.
    #[attr(optional)]
    ratio: Value<Number>,
    /// Names.
    #[attr(optional)]
    names: Value<Set<Value<String>>>,
    /// URL.
    #[attr(computed, prefix = "http://")]
    url: Value<String>,
}

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

fn everything() -> Everything {
    let login = || Value::Value(Credentials { user: text("u"), password: text("p") });
    Everything {
        token: login(),
        logins: Value::Value(vec![login(), Value::Value(Credentials::default()), Value::Unknown]),
        by_name: Value::Value([("k".to_owned(), login())].into()),
        anything: Value::Value(Dynamic {
            kind: Type::List(Box::new(Type::Bool)),
            value: Cty::List(vec![Cty::Bool(true), Cty::UNKNOWN]),
        }),
        ratio: Value::Value(Number::parse("0.1").unwrap()),
        names: Value::Value([text("b"), Value::Unknown, text("a"), text("b"), Value::Unknown].into()),
        url: Value::Unknown,
    }
}

#[test]
fn every_kind_of_attribute_survives_the_wire() {
    assert_eq!(Raw::encode(&everything()).unwrap().decode::<Everything>().unwrap(), Value::Value(everything()));
}

#[test]
fn a_set_keeps_its_unknown_elements_apart() {
    let Value::Value(names) = everything().names else { panic!("known") };
    assert_eq!(*names, [text("a"), text("b"), Value::Unknown, Value::Unknown]);
}

#[test]
fn write_only_attributes_are_told_and_stripped() {
    let mut value = everything();
    let mut set = Vec::new();
    value.visit(&AttributePath::root(), &mut |path, leaf| {
        if leaf == Leaf::WriteOnly {
            set.push(path.to_string());
        }
    });
    assert_eq!(set, ["token", "token.password", "logins[0].password", "by_name[\"k\"].password"]);
    value.strip_write_only();
    assert_eq!(value.token, Value::Null);
    let mut left = 0;
    value.visit(&AttributePath::root(), &mut |_, leaf| left += usize::from(leaf == Leaf::WriteOnly));
    assert_eq!(left, 0);
    assert_eq!(value.logins.unwrap()[0], Value::Value(Credentials { user: text("u"), password: Value::Null }));
}

#[test]
fn a_settled_value_has_nothing_unknown() {
    let mut value = everything();
    assert_eq!(value.unknowns().len(), 5);
    value.settle();
    assert_eq!(value.unknowns(), []);
}

#[test]
fn the_protocol_is_told_what_the_struct_declares() {
    let block = wire_block(&Everything::block());
    let [token, _, by_name, anything, ..] = &block.attributes[..] else { panic!("{block:?}") };
    assert!(token.write_only && token.nested_type.as_ref().unwrap().attributes[1].write_only);
    assert!(by_name.deprecated && by_name.deprecation_message == "Use `logins`.");
    assert_eq!(anything.r#type, br#""dynamic""#);
}

#[test]
fn a_planned_unknown_carries_the_promise() {
    let mut value = everything().to_cty();
    value.refine_computed(&Everything::attribute_type());
    let Cty::Map(fields) = value else { panic!("an object") };
    let promise = Refinement { null: Some(false), prefix: Some("http://".into()), ..Refinement::default() };
    assert_eq!(fields["url"], Cty::refined(promise));
}
