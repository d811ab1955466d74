//! What all components share: who is who, how they find each other, and how they listen.

use serde_json::{Value, json};

use super::{DATA_DIRECTORY, POD_IP};
use crate::loki::derived::{GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use crate::loki::options::{Mode, Options};

/// Loki's default of 4 MiB refuses the answers of busy queries; loki-operator's choice.
const GRPC_MESSAGE_BYTES: u64 = 100 << 20;

pub fn common(options: &Options) -> Value {
    // Who compacts is asked for delete requests by those that answer queries (pkg/loki/modules.go, deleteRequestsClient).
    let compactor = match options.mode {
        Mode::Monolithic => None,
        Mode::Distributed => Some(options.component_grpc_address("compactor")),
        Mode::SimpleScalable => Some(options.component_grpc_address("backend")),
    };
    json!({
        "compactor_grpc_address": compactor,
        "instance_addr": POD_IP,
        // The pod's first address is of the first family; rings otherwise look for one of IPv4.
        "instance_enable_ipv6": options.ip_families.first().is_some_and(|family| family == "IPv6").then_some(true),
        "path_prefix": DATA_DIRECTORY,
        "replication_factor": options.replication_factor(),
        "ring": {"kvstore": {"store": "memberlist"}},
    })
}

pub fn memberlist(options: &Options) -> Value {
    let host = options.service_host(&options.memberlist_service_name());
    json!({
        // The service's name resolves only once a replica has an address: retry, do not exit.
        "abort_if_cluster_join_fails": false,
        "bind_port": MEMBERLIST_PORT,
        // Keeps this ring apart from others' when a pod's address is given to another stack. The community chart has none,
        // and members without it would not talk to those with it while one takes the other's place.
        "cluster_label": options.helm_release.is_none().then(|| format!("{}.{}", options.name, options.namespace)),
        "join_members": [format!("{host}:{MEMBERLIST_PORT}")],
        // Mends a ring whose members started without seeing each other.
        "rejoin_interval": "1m",
    })
}

pub fn server() -> Value {
    json!({
        "grpc_listen_port": GRPC_PORT,
        "grpc_server_max_recv_msg_size": GRPC_MESSAGE_BYTES,
        "grpc_server_max_send_msg_size": GRPC_MESSAGE_BYTES,
        "http_listen_port": HTTP_PORT,
        // Loki's 30 s would cut off queries long before their `query_timeout`.
        "http_server_read_timeout": "10m",
        "http_server_write_timeout": "10m",
    })
}
