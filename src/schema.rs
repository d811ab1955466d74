//! The vocabulary that resources are written in.
//!
//! `Value`, `Diagnostics` and `AttributePath` are tf-provider's. The types, the values and their codec are our own,
//! because that crate has no write-only attributes, no refinements, no numbers beyond 64 bits and no order of
//! attributes; so are the derive's trait and diagnostics that say what, where, why and what to do.

mod attribute;
mod codec;
mod cty;
mod inputs;
mod int;
mod json;
mod kinds;
mod msgpack;
mod number;
mod problem;
mod raw;
mod set;
#[cfg(test)]
mod tests;
mod types;
mod wire;

pub use attribute::{AttributeKind, Leaf, Schematic};
pub use codec::DecodeError;
pub use cty::{Bound, Cty, Dynamic, Refinement};
pub use inputs::{complete, inputs, reduce};
pub use int::Int;
pub use kinds::Fields;
pub use loki_provider_macros::Schematic;
pub use number::Number;
pub use problem::{Problem, Report, at};
pub use raw::Raw;
pub use set::Set;
pub use types::{Attribute, Block, Constraint, Nesting, Text, Type};
pub use wire::{attribute_path, block as wire_block, diagnostics as wire_diagnostics};

pub use tf_provider::value::Value;
pub use tf_provider::{AttributePath, AttributePathStep, Diagnostic, Diagnostics};
