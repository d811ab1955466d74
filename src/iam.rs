//! What AWS takes and means, as pure functions and values: names, ARNs, and policy documents. The ports to AWS, the
//! resources and the functions write their documents with this one room.

pub mod arn;
pub mod name;
pub mod policy;
mod storage;
pub mod trust;

pub use policy::{PolicyDocument, Trusted};
pub use storage::StoragePolicy;
