use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Serialize, de::DeserializeOwned};

use super::{Attribute, AttributePath, AttributePathStep, AttributeType, Block, Description, Int, Value};

/// What a value has at its ends, as [`AttributeKind::visit`] reports it.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    /// Terraform does not know the value yet.
    Unknown,
    /// A number that is not a whole one, where a whole one is needed; the text of it.
    NotWhole(String),
}

/// A Rust type that stands for a Terraform type; implemented for the types of [`Value`] and derived for structs.
pub trait AttributeKind: Sized {
    /// The Terraform type.
    fn attribute_type() -> AttributeType;

    /// Sets what the configuration leaves out and the schema has a default for.
    fn fill_defaults(&mut self, _config: Option<&Self>) {}

    /// Marks as unknown what only the provider can fill in and the configuration leaves out.
    fn mark_computed(&mut self, _config: Option<&Self>) {}

    /// Adds the paths that differ and can only be changed by replacing the resource.
    fn replaced(_prior: &Self, _planned: &Self, _at: &AttributePath, _out: &mut Vec<AttributePath>) {}

    /// Turns what is still unknown into null: a state holds nothing unknown.
    fn settle(&mut self) {}

    /// Calls `f` for every leaf that is not an ordinary known value.
    fn visit(&self, _at: &AttributePath, _f: &mut dyn FnMut(&AttributePath, Leaf)) {}
}

/// A struct that declares a whole schema; written by `#[derive(Schematic)]`.
///
/// ```
/// use loki_provider::schema::{Int, Schematic, Value};
/// use serde::{Deserialize, Serialize};
///
/// /// Text of the documentation page.
/// #[derive(Schematic, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
/// #[serde(default)]
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
/// assert!(Example::attributes()["name"].constraint == loki_provider::schema::AttributeConstraint::Required);
/// ```
pub trait Schematic:
    AttributeKind + Serialize + DeserializeOwned + Clone + Default + PartialEq + Send + Sync + 'static
{
    /// The schema's version: raised when a state of an older version needs an upgrade.
    const VERSION: i64;
    /// The struct's doc comment, in Markdown.
    const DESCRIPTION: &'static str;

    /// The attributes by name.
    fn attributes() -> HashMap<String, Attribute>;

    /// The attributes' names in the order of their declaration, which is the order of the documentation.
    const FIELDS: &'static [&'static str];

    /// The schema's root block.
    fn block() -> Block {
        Block {
            version: Self::VERSION,
            attributes: Self::attributes(),
            blocks: HashMap::new(),
            description: Description::markdown(Self::DESCRIPTION),
            deprecated: false,
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

/// `path` with one more step.
pub(super) fn step(path: &AttributePath, step: AttributePathStep) -> AttributePath {
    let mut path = path.clone();
    path.add_step(step);
    path
}

macro_rules! scalar {
    ($($t:ty => $kind:ident),+) => {$(
        impl AttributeKind for $t {
            fn attribute_type() -> AttributeType {
                AttributeType::$kind
            }
        }
    )+};
}
scalar!(String => String, bool => Bool);

impl AttributeKind for Int {
    fn attribute_type() -> AttributeType {
        AttributeType::Number
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        if let Some(text) = self.not_whole() {
            f(at, Leaf::NotWhole(text));
        }
    }
}

impl<T: AttributeKind + PartialEq> AttributeKind for Value<T> {
    fn attribute_type() -> AttributeType {
        T::attribute_type()
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        if let Value::Value(value) = self {
            value.fill_defaults(known(config));
        }
    }

    fn mark_computed(&mut self, config: Option<&Self>) {
        if let Value::Value(value) = self {
            value.mark_computed(known(config));
        }
    }

    fn settle(&mut self) {
        match self {
            Value::Value(value) => value.settle(),
            Value::Unknown => *self = Value::Null,
            Value::Null => {}
        }
    }

    fn replaced(prior: &Self, planned: &Self, at: &AttributePath, out: &mut Vec<AttributePath>) {
        if let (Value::Value(prior), Value::Value(planned)) = (prior, planned) {
            T::replaced(prior, planned, at, out);
        }
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        match self {
            Value::Value(value) => value.visit(at, f),
            Value::Unknown => f(at, Leaf::Unknown),
            Value::Null => {}
        }
    }
}

fn known<T>(value: Option<&Value<T>>) -> Option<&T> {
    match value {
        Some(Value::Value(value)) => Some(value),
        _ => None,
    }
}

impl<T: AttributeKind> AttributeKind for Vec<T> {
    fn attribute_type() -> AttributeType {
        match T::attribute_type() {
            AttributeType::AttributeSingle(attributes) => AttributeType::AttributeList(attributes),
            element => AttributeType::List(Box::new(element)),
        }
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        for (index, element) in self.iter_mut().enumerate() {
            element.fill_defaults(config.and_then(|config| config.get(index)));
        }
    }

    fn mark_computed(&mut self, config: Option<&Self>) {
        for (index, element) in self.iter_mut().enumerate() {
            element.mark_computed(config.and_then(|config| config.get(index)));
        }
    }

    fn settle(&mut self) {
        self.iter_mut().for_each(AttributeKind::settle);
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        for (index, element) in (0i64..).zip(self) {
            element.visit(&step(at, AttributePathStep::Index(index)), f);
        }
    }
}

impl<T: AttributeKind + Ord> AttributeKind for BTreeSet<T> {
    fn attribute_type() -> AttributeType {
        match T::attribute_type() {
            AttributeType::AttributeSingle(attributes) => AttributeType::AttributeSet(attributes),
            element => AttributeType::Set(Box::new(element)),
        }
    }

    fn settle(&mut self) {
        let elements = std::mem::take(self).into_iter();
        *self = elements
            .map(|mut element| {
                element.settle();
                element
            })
            .collect();
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        // Elements of a set have no address of their own: the set's path is the best there is.
        for element in self {
            element.visit(at, f);
        }
    }
}

impl<T: AttributeKind> AttributeKind for BTreeMap<String, T> {
    fn attribute_type() -> AttributeType {
        match T::attribute_type() {
            AttributeType::AttributeSingle(attributes) => AttributeType::AttributeMap(attributes),
            element => AttributeType::Map(Box::new(element)),
        }
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        for (key, element) in self.iter_mut() {
            element.fill_defaults(config.and_then(|config| config.get(key)));
        }
    }

    fn mark_computed(&mut self, config: Option<&Self>) {
        for (key, element) in self.iter_mut() {
            element.mark_computed(config.and_then(|config| config.get(key)));
        }
    }

    fn settle(&mut self) {
        self.values_mut().for_each(AttributeKind::settle);
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        for (key, element) in self {
            element.visit(&step(at, AttributePathStep::Key(key.clone().into())), f);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::schema::{AttributeConstraint, Raw, Schematic};

    /// Inner.
    #[derive(Schematic, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
    #[serde(default)]
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
    #[derive(Schematic, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
    #[serde(default)]
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
        buckets: Value<BTreeSet<Value<String>>>,
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
            buckets: Value::Value(BTreeSet::from([text("b"), Value::Unknown])),
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
        assert_eq!(attributes["name"].constraint, AttributeConstraint::Required);
        assert_eq!(attributes["replicas"].constraint, AttributeConstraint::OptionalComputed);
        assert_eq!(attributes["replicas"].description.content, "Replicas. Defaults to `3`.");
        assert!(matches!(attributes["volumes"].attr_type, AttributeType::AttributeList(_)));
        assert_eq!(attributes["buckets"].attr_type, AttributeType::Set(Box::new(AttributeType::String)));
        assert_eq!(Outer::FIELDS, ["name", "replicas", "volumes", "tags", "buckets", "disk", "arn"]);
    }

    #[test]
    fn every_value_survives_the_wire() {
        let raw = Raw::encode(&sample()).unwrap();
        assert_eq!(raw.decode::<Outer>().unwrap(), Value::Value(sample()));
    }

    #[test]
    fn a_refined_unknown_is_unknown() {
        // {"size": ext 12 with a map in it}
        let bytes = [&[0x81, 0xa4][..], b"size", &[0xc7, 3, 12, 0x81, 0x01, 0xc2]].concat();
        let inner = Raw::MessagePack(bytes).decode::<Inner>().unwrap().unwrap();
        assert_eq!(inner.size, Value::Unknown);
    }

    #[test]
    fn numbers_that_are_not_whole_are_kept_and_reported() {
        for (value, text) in
            [(&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0][..], "1.5"), (&[0xa4, b'1', b'e', b'3', b'0'], "1e30")]
        {
            let bytes = [&[0x81, 0xa8][..], b"replicas", value].concat();
            let outer = Raw::MessagePack(bytes).decode::<Outer>().unwrap().unwrap();
            let mut seen = Vec::new();
            outer.visit(&AttributePath::root(), &mut |path, leaf| seen.push((path.to_string(), leaf)));
            assert_eq!(seen, [("replicas".to_owned(), Leaf::NotWhole(text.to_owned()))]);
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
