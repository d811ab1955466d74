//! Real terraform (or tofu) with the built provider, against the lab's real cluster and AWS. `make test` runs them.
#![forbid(unsafe_code)]

mod answers;
mod attached;
mod beyond;
mod bucket_settings;
mod bucket_storage;
#[allow(dead_code, reason = "tests/verify uses all of it")]
#[path = "../verify/cases.rs"]
mod cases;
#[allow(dead_code, reason = "tests/wire uses all of it")]
#[path = "../wire/certificate.rs"]
mod certificate;
mod clients;
mod connections;
mod distributed;
mod examples;
mod foresight;
mod functions;
mod gateway;
mod health;
mod helm;
mod interruption;
mod irsa_role;
mod keys;
mod killed;
mod kubeconfig;
mod log_agent;
mod messages;
mod netobserv;
mod older_state;
mod package;
mod pains;
#[allow(dead_code, reason = "tests/wire uses all of it")]
#[path = "../wire/process.rs"]
mod process;
mod quickstart;
mod refusals;
mod revoked;
mod secrets;
mod sign_in;
#[allow(dead_code, reason = "the architecture tests use all of it")]
#[path = "../architecture/source.rs"]
mod source;
mod stack;
mod support;
mod surroundings;
mod timeouts;
mod upgrade;
mod volumes;
