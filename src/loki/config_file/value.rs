//! What a configuration file holds once it is read: values, and where each of them stands.

use std::collections::BTreeMap;

pub use super::yaml::Mark;

/// A value as Loki's Go types hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// YAML's null: Go's zero value of whatever stands there, nested values included.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer; durations in nanoseconds, sizes in bytes.
    Int(i128),
    /// A fraction.
    Float(f64),
    /// Texts, names of choices, URLs and secrets, as written.
    Text(String),
    /// A list.
    List(Vec<Entry>),
    /// A map, or a struct by its YAML keys.
    Map(BTreeMap<String, Entry>),
}

/// A value and its place in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// Where the value begins.
    pub mark: Mark,
    /// Where its key begins; of a list's item, where the item begins.
    pub key: Mark,
}

impl Entry {
    /// A value that stands in no file.
    pub fn derived(value: Value) -> Self {
        Entry { value, ..Entry::default() }
    }
}

impl Value {
    /// The members of a map or struct.
    pub fn members(&self) -> Option<&BTreeMap<String, Entry>> {
        match self {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    /// Whether it is Go's zero value, nested values included.
    pub fn is_zero(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Bool(value) => !value,
            Value::Int(value) => *value == 0,
            Value::Float(value) => *value == 0.0,
            Value::Text(value) => value.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(members) => members.values().all(|member| member.value.is_zero()),
        }
    }

    /// Equality of values, wherever they stand; null equals every zero value.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.value.same(&b.value))
            }
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && a.value.same(&b.value))
            }
            (Value::Null, zero) | (zero, Value::Null) => zero.is_zero(),
            // NaN is compared by its bits, so that a default equals itself.
            (Value::Float(a), Value::Float(b)) => a == b || a.to_bits() == b.to_bits(),
            (Value::Int(whole), Value::Float(float)) | (Value::Float(float), Value::Int(whole)) => {
                *float == *whole as f64
            }
            (a, b) => a == b,
        }
    }
}

macro_rules! from {
    ($($kind:ty => $variant:ident),*) => {
        $(impl From<$kind> for Value {
            fn from(value: $kind) -> Self {
                Value::$variant(value.into())
            }
        })*
    };
}
from!(bool => Bool, i64 => Int, u32 => Int, i128 => Int, f64 => Float, &str => Text, String => Text);
