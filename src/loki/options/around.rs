//! What a stack has around Loki itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Memcached servers of the stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caches {
    /// For chunks; none without it.
    pub chunks: Option<Cache>,
    /// For the results of queries; none without it.
    pub results: Option<Cache>,
}

/// A group of memcached servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Memory for items on each server, as a Kubernetes quantity; what the stack's size says when absent.
    pub memory: Option<String>,
    /// Memcached's image.
    pub image: Option<String>,
}

/// nginx in front of the components: one address for pushes and queries, and whoever may use it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// nginx' image; it must run as any user.
    pub image: Option<String>,
    /// Who may use it, by name; everybody without them and without [`Gateway::users_secret`].
    pub users: BTreeMap<String, User>,
    /// Changes with the users' passwords.
    pub users_version: Option<String>,
    /// Name of a Secret with the users' password hashes in the form of Apache's htpasswd, under `.htpasswd`.
    pub users_secret: Option<String>,
    /// Name of a Secret of type `kubernetes.io/tls`; plain HTTP without it.
    pub tls_secret: Option<String>,
    /// The cluster's DNS service, as `name.namespace`.
    pub dns_service: Option<String>,
}

/// A user of the gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The tenant that all its requests are of; as they say themselves when absent.
    pub tenant: Option<String>,
    /// Hash of the password as nginx reads it (crypt(3), `$apr1$` or `{SHA}`); not known when absent.
    pub password_hash: Option<String>,
}

/// loki-canary on each node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Canary {
    /// loki-canary's image; the version becomes the tag of a repository.
    pub image: Option<String>,
    /// The tenant that it writes as, where Loki is multi-tenant; `loki-canary` when absent.
    pub tenant: Option<String>,
}

/// The NetworkPolicies of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkPolicies {
    /// Namespaces from which Loki, or its gateway, may be reached; all when empty.
    pub client_namespaces: Vec<String>,
    /// Namespaces from which metrics may be read.
    pub metrics_namespaces: Vec<String>,
    /// Networks (CIDR) in which the object store and its identity service are; anywhere when empty.
    pub egress_cidrs: Vec<String>,
}
