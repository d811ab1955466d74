//! The AWS ports and the resources on them against moto, as the lab runs it: keys are held to their policies, tokens to
//! trust policies.
#![forbid(unsafe_code)]

mod bucket_storage;
mod buckets;
mod clusters;
mod credentials;
mod drive;
mod faults;
mod irsa_role;
mod networks;
mod permissions;
mod roles;
mod support;
mod weather;
