//! The stack's Kubernetes objects, one file per kind of them.
//!
//! Whatever the API server would fill in inside a list that is replaced as a whole is written out, so
//! that a live object compares equal to the rendered one.

mod autoscaling;
mod canary;
mod common;
mod config_map;
mod daemon_set;
mod deployment;
mod disruption_budget;
mod entrance;
mod gateway;
mod memcached;
mod monitoring;
mod namespace;
mod network_policies;
mod pod;
mod rules;
mod secrets;
mod service_account;
mod services;
mod stateful_set;
#[cfg(test)]
mod tests;

pub(crate) use common::{MANAGER, texts};
pub use common::{ZONE_LABEL, label_selector, selector_text};
pub use gateway::USERS_FILE as GATEWAY_USERS_FILE;
pub use pod::data_volume;
pub(crate) use pod::{FILE_MODE, confined, mount, port, probe, resources, tolerations};
pub(crate) use secrets::with_data;
pub use service_account::ROLE_ANNOTATION;

use super::components::Kind;
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
    objects.extend(secrets::secret(options));
    objects.push(config_map::config(options));
    objects.push(config_map::runtime_config(options));
    objects.extend(rules::config_map(options));
    if let Some(given) = &options.gateway {
        objects.extend(gateway::users(options, given));
        objects.push(gateway::config_map(options, given));
        objects.extend(entrance::entrances(options, given));
    }
    if let Some(given) = &options.network_policies {
        objects.extend(network_policies::policies(options, given));
    }
    objects.extend(monitoring::monitoring(options));
    objects.extend(services::services(options));
    for component in options.components() {
        objects.push(match component.kind {
            Kind::StatefulSet => stateful_set::stateful_set(options, &component),
            Kind::Deployment => deployment::deployment(options, &component),
            Kind::DaemonSet => daemon_set::daemon_set(options, &component),
        });
        objects.extend(autoscaling::autoscaler(options, &component));
        // A drain does not take the pods of a DaemonSet.
        // Zones share a budget: copies of one line are in each of them.
        let first = component.zone.as_ref().is_none_or(|zone| Some(zone) == options.zones().first());
        if component.kind != Kind::DaemonSet && first {
            objects.push(disruption_budget::disruption_budget(options, &component));
        }
    }
    objects
}
