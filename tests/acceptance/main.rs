//! Real terraform (or tofu) with the built provider, against the lab's real cluster and AWS. `make test` runs them.
#![forbid(unsafe_code)]

mod attached;
mod bucket_storage;
mod connections;
mod interruption;
mod irsa_role;
mod older_state;
mod quickstart;
mod refusals;
mod revoked;
mod secrets;
mod stack;
mod support;
