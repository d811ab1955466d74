//! The provider's functions: pure, on a provider that may not be configured. A function is a file here and a line in
//! [`crate::resource::registry()`].

mod duration_seconds;

pub use duration_seconds::DurationSeconds;
