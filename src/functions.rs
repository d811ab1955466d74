//! The provider's functions: pure, on a provider that may not be configured. A function is a file here and a line in
//! [`crate::resource::registry()`].

mod argument;
mod bucket_policy;
mod config_diff;
mod duration_seconds;
mod judgement;
mod schema_config;
mod size;
mod trust_policy;
mod verify_config;
mod verify_runtime_config;

pub use bucket_policy::BucketPolicy;
pub use config_diff::ConfigDiff;
pub use duration_seconds::DurationSeconds;
pub use schema_config::SchemaConfig;
pub use size::Size;
pub use trust_policy::TrustPolicy;
pub use verify_config::VerifyConfig;
pub use verify_runtime_config::VerifyRuntimeConfig;
