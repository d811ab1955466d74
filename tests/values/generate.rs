//! Values of every type and shape.

use std::collections::BTreeMap;

use loki_provider::schema::{Bound, Cty, Dynamic, Number, Raw, Refinement, Type};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::Union;

/// Types of some depth; objects, tuples and dynamic ones among them.
pub fn kind() -> BoxedStrategy<Type> {
    let leaf = prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String), Just(Type::Dynamic)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        // A set or list of values of any type is none that Terraform has: its elements are all of one type.
        let element = inner.clone().prop_filter("a type", |kind| !open(kind));
        prop_oneof![
            element.clone().prop_map(|kind| Type::List(Box::new(kind))),
            element.clone().prop_map(|kind| Type::Set(Box::new(kind))),
            element.prop_map(|kind| Type::Map(Box::new(kind))),
            vec(inner.clone(), 0..3).prop_map(Type::Tuple),
            btree_map("[a-zé]{1,4}", inner, 0..4)
                .prop_map(|fields| Type::Object(fields.into_iter().map(|(name, kind)| (name.into(), kind)).collect())),
        ]
    })
    .boxed()
}

/// Whether a part of it is dynamic.
fn open(kind: &Type) -> bool {
    match kind {
        Type::Dynamic => true,
        Type::List(kind) | Type::Set(kind) | Type::Map(kind) => open(kind),
        Type::Tuple(kinds) => kinds.iter().any(open),
        _ => kind.fields().any(|(_, kind)| open(kind)),
    }
}

fn number() -> BoxedStrategy<Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-300i64..300).prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        // A whole float beyond 64 bits is exact here, and rounded to its shortest text by go-cty.
        any::<f64>().prop_filter_map("a fraction", |it| (it.fract() != 0.0).then(|| Number::from_f64(it))?),
        "-?[1-9][0-9]{0,60}(\\.[0-9]{1,60})?(e-?[0-9]{1,3})?".prop_map(|text| Number::parse(&text).unwrap()),
    ]
    .boxed()
}

/// Text that is NFC already, as every text is once it has been decoded.
fn text() -> BoxedStrategy<String> {
    let decode = |text: String| match Raw::encode(&text).unwrap().decode_as(&Type::String) {
        Ok(Cty::String(text)) => text,
        other => panic!("{other:?}"),
    };
    prop_oneof!["[ -~]{0,40}", "\\PC{0,12}", "(e|a|o|ü|\u{301}|\u{323}|가|ᆨ|😀){0,6}"].prop_map(decode).boxed()
}

/// Refinements that leave the value open: go-cty makes a known value of bounds that meet.
fn refinement(kind: &Type) -> BoxedStrategy<Refinement> {
    let null = prop_oneof![Just(None), Just(Some(false))];
    let none = Just(Refinement::default());
    let more = match kind {
        Type::String => text()
            .prop_map(|prefix| Refinement {
                prefix: (!prefix.is_empty()).then(|| prefix.into()),
                ..Refinement::default()
            })
            .boxed(),
        Type::Number => (any::<[bool; 4]>(), -1000i64..0, "0\\.[0-9]{0,5}[1-9]")
            .prop_map(|([low, high, low_inclusive, high_inclusive], min, max)| Refinement {
                min: low.then(|| Bound { number: min.into(), inclusive: low_inclusive }),
                max: high.then(|| Bound { number: Number::parse(&max).unwrap(), inclusive: high_inclusive }),
                ..Refinement::default()
            })
            .boxed(),
        Type::List(_) | Type::Set(_) | Type::Map(_) => (0u64..4, 4u64..70_000, any::<bool>())
            .prop_map(|(min, max, high)| Refinement {
                min_length: (min > 0).then_some(min),
                max_length: high.then_some(max),
                ..Refinement::default()
            })
            .boxed(),
        _ => none.boxed(),
    };
    (null, more).prop_map(|(null, more)| Refinement { null, ..more }).boxed()
}

/// Values of a type; with unknown ones among them, or not.
pub fn value(kind: &Type, unknowns: bool) -> BoxedStrategy<Cty> {
    let known = match kind {
        Type::Bool => any::<bool>().prop_map(Cty::Bool).boxed(),
        Type::Number => number().prop_map(Cty::Number).boxed(),
        Type::String => text().prop_map(Cty::String).boxed(),
        Type::Dynamic => self::kind()
            .prop_filter("a type of its own", |kind| *kind != Type::Dynamic)
            .prop_map(closed)
            .prop_flat_map(move |kind| {
                let value = value(&kind, unknowns);
                value.prop_map(move |value| Cty::Dynamic(Box::new(Dynamic { kind: kind.clone(), value })))
            })
            .boxed(),
        Type::List(kind) => vec(value(kind, unknowns), 0..4).prop_map(Cty::List).boxed(),
        Type::Set(kind) => vec(value(kind, unknowns), 0..5).prop_map(Cty::set).boxed(),
        Type::Map(kind) => btree_map(text(), value(kind, unknowns), 0..4)
            .prop_map(|entries| Cty::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()))
            .boxed(),
        Type::Tuple(kinds) => {
            kinds.iter().map(|kind| value(kind, unknowns)).collect::<Vec<_>>().prop_map(Cty::List).boxed()
        }
        Type::Object(_) | Type::Nested(_) => {
            let (names, values): (Vec<_>, Vec<_>) =
                kind.fields().map(|(name, kind)| (name.clone(), value(kind, unknowns))).unzip();
            values
                .prop_map(move |values| Cty::Map(names.iter().cloned().zip(values).collect::<BTreeMap<_, _>>()))
                .boxed()
        }
    };
    let mut choices = vec![(8, known), (1, Just(Cty::Null).boxed())];
    if unknowns {
        choices.push((1, Just(Cty::UNKNOWN).boxed()));
        if *kind != Type::Dynamic {
            choices.push((1, refinement(kind).prop_map(Cty::refined).boxed()));
        }
    }
    Union::new_weighted(choices).boxed()
}

/// The type of a value itself has nothing open in it, except for what is null or unknown.
fn closed(kind: Type) -> Type {
    match kind {
        Type::Dynamic => Type::Bool,
        Type::List(kind) => Type::List(Box::new(closed(*kind))),
        Type::Set(kind) => Type::Set(Box::new(closed(*kind))),
        Type::Map(kind) => Type::Map(Box::new(closed(*kind))),
        Type::Tuple(kinds) => Type::Tuple(kinds.into_iter().map(closed).collect()),
        Type::Object(fields) => Type::Object(fields.into_iter().map(|(name, kind)| (name, closed(kind))).collect()),
        other => other,
    }
}

/// A type with a value of it.
pub fn typed(unknowns: bool) -> BoxedStrategy<(Type, Cty)> {
    kind()
        .prop_flat_map(move |kind| {
            let value = value(&kind, unknowns);
            (Just(kind), value)
        })
        .boxed()
}

/// The value in JSON, as cty writes it.
fn json(value: &Cty) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let entries = |entries: &BTreeMap<_, Cty>| {
        let entries: Vec<_> = entries
            .iter()
            .map(|(key, value): (&std::borrow::Cow<str>, _)| format!("{}:{}", text(key), json(value)))
            .collect();
        format!("{{{}}}", entries.join(","))
    };
    match value {
        Cty::Null => "null".to_owned(),
        Cty::Bool(value) => value.to_string(),
        Cty::Number(number) => number.to_string(),
        Cty::String(value) => text(value),
        Cty::List(elements) => format!("[{}]", elements.iter().map(json).collect::<Vec<_>>().join(",")),
        Cty::Map(map) => entries(map),
        Cty::Dynamic(it) => format!("{{\"value\":{},\"type\":{}}}", json(&it.value), it.kind.to_json()),
        Cty::Unknown(_) => panic!("JSON has no unknown values"),
    }
}

fn exact(value: &Cty) -> bool {
    match value {
        Cty::Number(number) => Number::parse(&number.to_string()).as_ref() == Some(number),
        Cty::List(elements) => elements.iter().all(exact),
        Cty::Map(entries) => entries.values().all(exact),
        Cty::Dynamic(dynamic) => exact(&dynamic.value),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_value_survives_messagepack((kind, value) in typed(true)) {
        let raw = Raw::encode_as(&value, &kind).unwrap();
        prop_assert_eq!(raw.decode_as(&kind).unwrap(), value);
    }

    #[test]
    fn a_value_survives_json((kind, value) in typed(false)) {
        // A binary fraction has no shorter text that is exactly it.
        prop_assume!(exact(&value));
        for raw in [Raw::Json(json(&value).into_bytes()), Raw::State(json(&value).into_bytes())] {
            prop_assert_eq!(raw.decode_as(&kind).unwrap(), value.clone());
        }
    }

    #[test]
    fn a_type_survives_json(kind in kind()) {
        prop_assert_eq!(Type::from_json(&kind.to_json()), Some(kind));
    }

    #[test]
    fn no_bytes_make_it_panic(kind in kind(), bytes in vec(any::<u8>(), 0..64)) {
        for raw in [Raw::MessagePack(bytes.clone()), Raw::Json(bytes.clone()), Raw::State(bytes)] {
            raw.decode_as(&kind).ok();
        }
    }

    #[test]
    fn no_change_of_a_byte_makes_it_panic((kind, value) in typed(true), at in any::<prop::sample::Index>(), byte: u8) {
        let Raw::MessagePack(mut bytes) = Raw::encode_as(&value, &kind).unwrap() else { panic!("MessagePack") };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(value) = Raw::MessagePack(bytes).decode_as(&kind) {
            let raw = Raw::encode_as(&value, &kind).unwrap();
            prop_assert_eq!(raw.decode_as(&kind).unwrap(), value);
        }
    }
}
