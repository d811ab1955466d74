use std::fmt;

use super::Number;

/// A Terraform number where a whole one is meant.
///
/// Terraform has one number type, so a user may write `1.5` or `1e30`; those are kept as they came, so that the
/// answer to Terraform stays exact, and are refused with the attribute's path before a resource sees them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Int {
    /// A whole number.
    Whole(i64),
    /// A fraction, or a number beyond 64 bits.
    Other(Number),
}

impl Default for Int {
    fn default() -> Self {
        Self::Whole(0)
    }
}

impl Int {
    /// The number; 0 for one that is not whole, which validation has refused before.
    pub fn get(&self) -> i64 {
        match self {
            Self::Whole(value) => *value,
            Self::Other(_) => 0,
        }
    }

    /// The text of a number that is not whole.
    pub fn not_whole(&self) -> Option<String> {
        match self {
            Self::Whole(_) => None,
            Self::Other(number) => Some(number.to_string()),
        }
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Other(number) => number.fmt(f),
        }
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<Number> for Int {
    fn from(number: Number) -> Self {
        match number.as_i64() {
            Some(value) => Self::Whole(value),
            None => Self::Other(number),
        }
    }
}
