//! Values in MessagePack, as cty writes it.

mod read;
mod write;

pub(super) use read::MessagePack;
pub(super) use write::Writer;

/// The extension of an unknown value with a refinement.
const REFINED: i8 = 12;
/// Refinements beyond this size cty refuses to read, so they are not written either.
const MAX_REFINEMENT: usize = 1024;

/// The keys of a refinement.
mod key {
    pub(super) const NULL: u64 = 1;
    pub(super) const PREFIX: u64 = 2;
    pub(super) const MIN: u64 = 3;
    pub(super) const MAX: u64 = 4;
    pub(super) const MIN_LENGTH: u64 = 5;
    pub(super) const MAX_LENGTH: u64 = 6;
}
