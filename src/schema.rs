//! The vocabulary that resources are written in.
//!
//! It is tf-provider's (`Schema`, `Value`, `Diagnostics`, `AttributePath`) with what that crate lacks:
//! the derive's trait, whole numbers that survive whatever Terraform sends, raw values as they cross the wire,
//! and diagnostics that say what, where, why and what to do.

mod attribute;
mod int;
mod problem;
mod raw;
mod wire;

pub use attribute::{AttributeKind, Leaf, Schematic};
pub use int::Int;
pub use loki_provider_macros::Schematic;
pub use problem::{Problem, Report, at};
pub use raw::{DecodeError, Raw};
pub use wire::{attribute_path, block as wire_block, diagnostics as wire_diagnostics};

pub use tf_provider::schema::{Attribute, AttributeConstraint, AttributeType, Block, Description};
pub use tf_provider::value::Value;
pub use tf_provider::{AttributePath, AttributePathStep, Diagnostic, Diagnostics};
