//! A configuration in the making: what the file says, and what Loki derives from it.

use std::collections::BTreeMap;

use super::model::Model;
use super::value::{Entry, Value};
use super::view::View;

/// A configuration of one version of Loki. Only what differs from the defaults is kept.
pub struct Config {
    /// The minor version of Loki 3.
    pub minor: u32,
    /// Every key of the version.
    pub(super) model: &'static Model,
    /// What the file says. It wins over what is derived, because Loki reads it once more after deriving
    /// (pkg/util/cfg/dynamic.go).
    pub(super) file: Entry,
    /// Whether the document is null, which sets everything to Go's zero values.
    pub(super) null_document: bool,
    /// What Loki derives for one section from others.
    pub(super) derived: Entry,
}

impl Config {
    /// A configuration of which only the defaults are known.
    pub fn new(minor: u32) -> Self {
        Config::with(minor, Model::of(minor))
    }

    /// What may change at run time, of which nothing is known yet.
    pub(super) fn runtime(minor: u32) -> Self {
        Config::with(minor, Model::runtime(minor))
    }

    fn with(minor: u32, model: &'static Model) -> Self {
        let empty = || Entry::derived(Value::Map(BTreeMap::new()));
        Config { minor, model, file: empty(), null_document: false, derived: empty() }
    }

    /// The root of the effective configuration.
    pub fn view(&self) -> View<'_> {
        View::root(self)
    }

    /// Derives a value, at a dotted path, for what the file does not say. A path that the version lacks is passed over.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) {
        if self.view().has(path) {
            put(&mut self.derived, path, value.into());
        }
    }

    /// Derives everything below `to` from what is effective at the same keys below `from`.
    pub fn copy(&mut self, from: &str, to: &str) {
        let from = self.view().at(from);
        if let (Some(_), Some(target)) = (from.node(), self.view().at(to).node()) {
            let value = from.snapshot(target);
            put(&mut self.derived, to, value);
        }
    }
}

/// Puts a value at a path.
fn put(place: &mut Entry, path: &str, value: Value) {
    if path.is_empty() {
        return merge(place, value);
    }
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    if !matches!(place.value, Value::Map(_)) {
        place.value = Value::Map(BTreeMap::new());
    }
    if let Value::Map(members) = &mut place.value {
        put(members.entry(key.to_owned()).or_default(), rest, value);
    }
}

/// The members of a struct go among those that are there.
fn merge(place: &mut Entry, value: Value) {
    match (&mut place.value, value) {
        (Value::Map(there), Value::Map(members)) => {
            for (key, member) in members {
                merge(there.entry(key).or_default(), member.value);
            }
        }
        (there, value) => *there = value,
    }
}
