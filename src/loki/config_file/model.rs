//! Every key of every version: skeleton, to be replaced by the generated model's loader.
#![allow(missing_docs, dead_code, unused_variables)]

use super::value::Value;

pub type ModelId = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Go struct with keys of its own.
    Struct,
    /// A Go map; `element` is its values' node.
    Map,
    /// A Go slice or array; `element` is its items' node.
    List,
    /// A pointer whose default is nil; `element` is what it points to.
    Pointer,
    /// interface{}: anything.
    Any,
    /// Everything else: read by the Go type's name.
    Scalar,
}

pub struct Model {
    _private: (),
}

impl Model {
    pub const ROOT: ModelId = 0;
    pub fn of(minor: u32) -> &'static Model {
        static MODEL: Model = Model { _private: () };
        &MODEL
    }
    pub fn kind(&self, node: ModelId) -> Kind {
        Kind::Struct
    }
    /// The YAML key of a struct's field.
    pub fn key(&self, node: ModelId) -> &'static str {
        ""
    }
    /// The field of a struct (through a pointer, too).
    pub fn field(&self, node: ModelId, key: &str) -> Option<ModelId> {
        None
    }
    pub fn fields(&self, node: ModelId) -> impl Iterator<Item = (&'static str, ModelId)> + '_ {
        std::iter::empty()
    }
    pub fn element(&self, node: ModelId) -> Option<ModelId> {
        None
    }
    /// Go type of a map's keys, as reflect prints it.
    pub fn key_type(&self, node: ModelId) -> &'static str {
        "string"
    }
    /// Go's type as reflect prints it: "time.Duration", "[]config.PeriodConfig".
    pub fn type_name(&self, node: ModelId) -> &'static str {
        ""
    }
    /// The name in "field X not found in type Y" and "cannot unmarshal !!str into Y".
    pub fn strict_name(&self, node: ModelId) -> &'static str {
        ""
    }
    /// Null where it is Go's zero value or a struct (its fields have their own).
    pub fn default(&self, node: ModelId) -> &'static Value {
        &Value::Null
    }
    pub fn deprecated(&self, node: ModelId) -> bool {
        false
    }
    pub fn hidden(&self, node: ModelId) -> bool {
        false
    }
    pub fn experimental(&self, node: ModelId) -> bool {
        false
    }
}
