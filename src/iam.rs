//! What AWS takes and means, as pure functions and values: names, ARNs, and policy documents. The ports to AWS, the
//! resources and the functions write their documents with this one room.

pub mod arn;
mod guards;
pub mod name;
pub mod policy;
mod storage;
pub mod trust;
mod trusted;

pub use guards::Guards;
pub use policy::PolicyDocument;
pub use storage::StoragePolicy;
pub use trusted::{Pods, Trusted};
