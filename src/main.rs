//! Builds the adapters, hands them to the resources, and serves those.

use std::process::ExitCode;

use loki_provider::resource::{provider::Adapters, registry};
use loki_provider::{aws, kube, plugin};

fn main() -> ExitCode {
    plugin::run(|| registry(Adapters { aws: aws::connect, kube: kube::connect }))
}
