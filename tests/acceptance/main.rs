//! Real terraform (or tofu) with the built provider, against the lab's real cluster and AWS. `make test` runs them.
#![forbid(unsafe_code)]

mod bucket_storage;
mod connections;
mod irsa_role;
mod quickstart;
mod refusals;
mod revoked;
mod stack;
mod support;
