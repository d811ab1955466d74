//! The stack's Kubernetes objects, one file per kind of them.
//!
//! Whatever the API server would fill in inside a list that is replaced as a whole is written out, so
//! that a live object compares equal to the rendered one.

mod common;
mod config_map;
mod disruption_budget;
mod namespace;
mod pod;
mod service_account;
mod services;
mod stateful_set;

pub use service_account::ROLE_ANNOTATION;

use super::object::Object;
use super::options::Options;

/// Every object of the stack, in the order of deployment. The options are taken to pass
/// [`super::verify()`].
pub fn render(options: &Options) -> Vec<Object> {
    let mut objects = Vec::new();
    if options.create_namespace {
        objects.push(namespace::namespace(options));
    }
    if options.service_account.create {
        objects.push(service_account::service_account(options));
    }
    objects.push(config_map::config(options));
    objects.push(config_map::runtime_config(options));
    objects.extend(services::services(options));
    for component in options.components() {
        objects.push(stateful_set::stateful_set(options, &component));
        objects.push(disruption_budget::disruption_budget(options, &component));
    }
    objects
}
