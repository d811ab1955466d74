//! What a running stack may become: its schema's past, and the way between versions.
//!
//! What lies behind cannot be changed: logs are read by the schema and by the version that wrote them. What is planned
//! against what is, is judged at a moment that the caller names; this room has no clock.

mod identity;
mod schema;
mod steps;
mod upgrade;

pub use identity::identity;
pub use schema::{PeriodChange, Verb, changes, first_safe_day, schema_change};
pub use upgrade::upgrade;
