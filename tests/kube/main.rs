//! The Kubernetes port against the lab's real API server, controllers and kubelet.

mod connections;
mod objects;
mod support;
mod waiting;
mod workloads;
