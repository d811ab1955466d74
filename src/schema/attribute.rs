use std::borrow::Cow;

use super::{Attribute, AttributePath, Block, Cty, DecodeError, Type};

/// What a value has at its ends, as [`AttributeKind::visit`] reports it.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    /// Terraform does not know the value yet.
    Unknown,
    /// A number that is not a whole one, where a whole one is needed; the text of it.
    NotWhole(String),
    /// A write-only attribute that is set.
    WriteOnly,
}

/// A Rust type that stands for a Terraform type; implemented for the types of [`Value`] and derived for structs.
pub trait AttributeKind: Sized {
    /// The Terraform type.
    fn attribute_type() -> Type;

    /// The value as it crosses the wire.
    fn to_cty(&self) -> Cty;

    /// The value that crossed the wire.
    ///
    /// # Errors
    /// When it is not of [`Self::attribute_type`].
    fn from_cty(value: Cty) -> Result<Self, DecodeError>;

    /// Sets what the configuration leaves out and the schema has a default for.
    fn fill_defaults(&mut self, _config: Option<&Self>) {}

    /// Marks as unknown what only the provider can fill in and the configuration leaves out.
    fn mark_computed(&mut self, _config: Option<&Self>) {}

    /// Adds the paths that differ and can only be changed by replacing the resource.
    fn replaced(_prior: &Self, _planned: &Self, _at: &AttributePath, _out: &mut Vec<AttributePath>) {}

    /// Turns what is still unknown into null: a state holds nothing unknown.
    fn settle(&mut self) {}

    /// Sets write-only attributes to null: plan and state never hold them.
    fn strip_write_only(&mut self) {}

    /// Calls `f` for every leaf that is not an ordinary known value.
    fn visit(&self, _at: &AttributePath, _f: &mut dyn FnMut(&AttributePath, Leaf)) {}
}

/// A struct that declares a whole schema; written by `#[derive(Schematic)]`.
///
/// ```
/// use loki_provider::schema::{Int, Schematic, Value};
///
/// /// Text of the documentation page.
/// #[derive(Schematic, Clone, Debug, Default, PartialEq)]
/// struct Example {
///     /// Every field's doc comment is its description.
///     #[attr(required, replace)]
///     name: Value<String>,
///     /// A default makes an attribute optional and computed.
///     #[attr(optional, default = 3)]
///     replicas: Value<Int>,
///     /// Filled in by the provider; unknown in the plan that creates the resource.
///     #[attr(computed)]
///     arn: Value<String>,
/// }
/// assert_eq!(Example::attributes()[0].constraint, loki_provider::schema::Constraint::Required);
/// ```
pub trait Schematic: AttributeKind + Clone + Default + PartialEq + Send + Sync + 'static {
    /// The schema's version: raised when a state of an older version needs an upgrade.
    const VERSION: i64;
    /// The struct's doc comment, in Markdown.
    const DESCRIPTION: &'static str;

    /// The attributes in the order of their declaration, which is the order of the documentation.
    fn attributes() -> &'static [Attribute];

    /// The schema's root block.
    fn block() -> Block {
        Block {
            version: Self::VERSION,
            description: Self::DESCRIPTION.into(),
            deprecated: None,
            attributes: Cow::Borrowed(Self::attributes()),
        }
    }

    /// The paths that are not known yet.
    fn unknowns(&self) -> Vec<AttributePath> {
        let mut found = Vec::new();
        self.visit(&AttributePath::root(), &mut |path, leaf| {
            if leaf == Leaf::Unknown {
                found.push(path.clone());
            }
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::schema::{Constraint, Int, Nesting, Number, Raw, Schematic, Set, Value};

    /// Inner.
    #[derive(Schematic, Clone, Debug, Default, PartialEq)]
    struct Inner {
        /// Size.
        #[attr(optional, default = "10Gi")]
        size: Value<String>,
        /// Class.
        #[attr(optional, replace)]
        class: Value<String>,
        /// Path.
        #[attr(computed)]
        path: Value<String>,
    }

    /// Outer.
    #[derive(Schematic, Clone, Debug, Default, PartialEq)]
    struct Outer {
        /// Name.
        #[attr(required, replace)]
        name: Value<String>,
        /// Replicas.
        #[attr(optional, default = 3)]
        replicas: Value<Int>,
        /// Volumes.
        #[attr(optional)]
        volumes: Value<Vec<Value<Inner>>>,
        /// Tags.
        #[attr(optional)]
        tags: Value<BTreeMap<String, Value<String>>>,
        /// Buckets.
        #[attr(optional)]
        buckets: Value<Set<Value<String>>>,
        /// Disk.
        #[attr(optional)]
        disk: Value<Inner>,
        /// ARN.
        #[attr(computed)]
        arn: Value<String>,
    }

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn sample() -> Outer {
        Outer {
            name: text("a"),
            volumes: Value::Value(vec![Value::Value(Inner { class: text("ssd"), ..Inner::default() })]),
            tags: Value::Value(BTreeMap::from([("k".to_owned(), Value::Unknown)])),
            buckets: Value::Value(Set::from([text("b"), Value::Unknown])),
            disk: Value::Value(Inner::default()),
            ..Outer::default()
        }
    }

    fn paths(paths: &[AttributePath]) -> Vec<String> {
        paths.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_schema_follows_the_struct() {
        let attributes = Outer::attributes();
        let names: Vec<_> = attributes.iter().map(|attribute| attribute.name.as_ref()).collect();
        assert_eq!(names, ["name", "replicas", "volumes", "tags", "buckets", "disk", "arn"]);
        let [name, replicas, volumes, _, buckets, ..] = attributes else { panic!("{names:?}") };
        assert_eq!(name.constraint, Constraint::Required);
        assert_eq!(replicas.constraint, Constraint::OptionalComputed);
        assert_eq!(replicas.description, "Replicas. Defaults to `3`.");
        assert_eq!(volumes.kind.nested().unwrap(), (Nesting::List, Inner::attributes()));
        assert_eq!(buckets.kind, Type::Set(Box::new(Type::String)));
    }

    #[test]
    fn every_value_survives_the_wire() {
        let raw = Raw::encode(&sample()).unwrap();
        assert_eq!(raw.decode::<Outer>().unwrap(), Value::Value(sample()));
    }

    #[test]
    fn unknowns_of_every_type_are_unknown() {
        /// Its first field is a number: the extension of an unknown value looks like a list of two numbers to a decoder
        /// that goes by what fits.
        #[derive(Schematic, Clone, Debug, Default, PartialEq)]
        struct Counts {
            /// Count.
            #[attr(optional)]
            count: Value<Int>,
            /// Counts.
            #[attr(optional)]
            counts: Value<Vec<Value<Int>>>,
        }
        /// Holds them.
        #[derive(Schematic, Clone, Debug, Default, PartialEq)]
        struct Holder {
            /// One.
            #[attr(optional)]
            one: Value<Counts>,
            /// Many.
            #[attr(optional)]
            many: Value<Vec<Value<Counts>>>,
        }
        let inner = Counts { count: Value::Unknown, counts: Value::Unknown };
        for holder in [
            Holder { one: Value::Unknown, many: Value::Unknown },
            Holder { one: Value::Value(inner.clone()), many: Value::Value(vec![Value::Unknown, Value::Value(inner)]) },
        ] {
            assert_eq!(Raw::encode(&holder).unwrap().decode::<Holder>().unwrap(), Value::Value(holder));
        }
    }

    #[test]
    fn numbers_that_are_not_whole_are_kept_and_reported() {
        for number in ["1.5", "1000000000000000000000000000000"] {
            let replicas = Value::Value(Int::Other(Number::parse(number).unwrap()));
            let outer = Outer { replicas, ..sample() };
            let decoded = Raw::encode(&outer).unwrap().decode::<Outer>().unwrap().unwrap();
            assert_eq!(decoded, outer);
            let mut seen = Vec::new();
            decoded.visit(&AttributePath::root(), &mut |path, leaf| seen.push((path.to_string(), leaf)));
            seen.retain(|(_, leaf)| *leaf != Leaf::Unknown);
            assert_eq!(seen, [("replicas".to_owned(), Leaf::NotWhole(number.to_owned()))]);
        }
    }

    #[test]
    fn defaults_fill_what_the_configuration_leaves_out() {
        let config = sample();
        let mut planned = Outer { replicas: Value::Value(Int::Whole(7)), ..sample() };
        planned.fill_defaults(Some(&config));
        assert_eq!(planned.replicas, Value::Value(Int::Whole(3)));
        let Value::Value(volumes) = &planned.volumes else { panic!("{planned:?}") };
        assert_eq!(volumes[0].as_ref().unwrap().size, text("10Gi"));
        planned.mark_computed(Some(&config));
        assert_eq!(planned.arn, Value::Unknown);
        assert_eq!(planned.disk.unwrap().path, Value::Unknown);
    }

    #[test]
    fn replacement_names_the_innermost_path() {
        let mut planned = sample();
        planned.name = text("b");
        planned.disk = Value::Value(Inner { class: text("hdd"), ..Inner::default() });
        planned.replicas = Value::Value(Int::Whole(9));
        let mut out = Vec::new();
        Outer::replaced(&sample(), &planned, &AttributePath::root(), &mut out);
        assert_eq!(paths(&out), ["name", "disk.class"]);
    }

    #[test]
    fn a_settled_state_has_nothing_unknown() {
        let mut state = sample();
        assert_eq!(paths(&state.unknowns()), ["tags[\"k\"]", "buckets"]);
        state.settle();
        assert!(state.unknowns().is_empty());
    }
}
