//! The pods of a component.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::common::{RING_MEMBER, labels, selector, texts};
use super::config_map::CONFIG_FILE;
use super::stateful_set::canonical;
use crate::loki::components::Component;
use crate::loki::config::{DATA_DIRECTORY, RUNTIME_CONFIG_DIRECTORY, config_yaml};
use crate::loki::derived::{GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use crate::loki::json::unless_empty;
use crate::loki::options::{Options, ResourceList, Resources, Toleration};

/// Name of the volume under [`DATA_DIRECTORY`], and of its claim template.
pub const DATA_VOLUME: &str = "data";

const CONFIG_DIRECTORY: &str = "/etc/loki/config";
/// Loki's user in its image, from which it must not run as root.
const USER: u32 = 10001;
/// The webhook's names: where it is installed, it sees its volume there and adds no second one
/// (aws/amazon-eks-pod-identity-webhook, pkg/handler).
const TOKEN_VOLUME: &str = "aws-iam-token";
const TOKEN_DIRECTORY: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
/// The webhook's lifetime of a token; the kubelet renews it in time.
const TOKEN_SECONDS: u32 = 86_400;

pub fn pod_template(options: &Options, component: &Component) -> Value {
    let pods = &component.pods;
    let mut own = texts(&pods.pod_labels);
    own.extend(labels(options, Some(component)));
    let mut labels = own;
    if component.gossips {
        labels.insert(RING_MEMBER.0.into(), RING_MEMBER.1.into());
    }
    let mut annotations = texts(&pods.pod_annotations);
    let checksum = hex::encode(Sha256::digest(config_yaml(options)));
    annotations.insert("checksum/config".into(), checksum.into());
    let pull_secrets: Vec<_> = options.image_pull_secrets.iter().map(|name| json!({"name": name})).collect();
    json!({
        "metadata": {"labels": labels, "annotations": annotations},
        "spec": {
            "serviceAccountName": options.service_account_name(),
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": component.termination_grace_period_seconds,
            "securityContext": {
                "runAsUser": USER,
                "runAsGroup": USER,
                "runAsNonRoot": true,
                "fsGroup": USER,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "affinity": affinity(options, component),
            "topologySpreadConstraints": spread(options, component),
            "nodeSelector": unless_empty(texts(&pods.nodes())),
            "tolerations": (!pods.tolerated().is_empty()).then(|| tolerations(pods.tolerated())),
            "priorityClassName": pods.priority_class_name,
            "imagePullSecrets": (!pull_secrets.is_empty()).then_some(pull_secrets),
            "containers": [container(options, component)],
            "volumes": volumes(options, component),
        },
    })
}

fn container(options: &Options, component: &Component) -> Value {
    json!({
        "name": "loki",
        "image": options.image_reference(),
        "imagePullPolicy": options.image_pull_policy,
        "args": args(component),
        "env": env(options, component),
        "ports": ports(component),
        // Until the HTTP server listens, nothing else is asked.
        "startupProbe": probe("/loki/api/v1/status/buildinfo", 2, 60),
        // 503 while the write-ahead log is replayed and until the rings are whole.
        "readinessProbe": probe("/ready", 5, 3),
        // Says only that the process answers: a replay of hours must not end in a restart.
        "livenessProbe": probe("/loki/api/v1/status/buildinfo", 10, 6),
        "resources": resources(&component.resources),
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
        },
        "volumeMounts": mounts(options),
    })
}

fn args(component: &Component) -> Vec<String> {
    let mut args = vec![
        format!("-config.file={CONFIG_DIRECTORY}/{CONFIG_FILE}"),
        "-config.expand-env=true".to_owned(),
        format!("-target={}", component.target),
    ];
    args.extend(component.pods.extra_args.iter().cloned());
    args
}

fn ports(component: &Component) -> Vec<Value> {
    let port = |name: &str, number: u16| json!({"name": name, "containerPort": number, "protocol": "TCP"});
    let mut ports = vec![port("http-metrics", HTTP_PORT), port("grpc", GRPC_PORT)];
    if component.gossips {
        ports.push(port("http-memberlist", MEMBERLIST_PORT));
    }
    ports
}

fn probe(path: &str, period_seconds: u32, failure_threshold: u32) -> Value {
    json!({
        "httpGet": {"path": path, "port": "http-metrics", "scheme": "HTTP"},
        "periodSeconds": period_seconds,
        "timeoutSeconds": 3,
        "successThreshold": 1,
        "failureThreshold": failure_threshold,
    })
}

fn env(options: &Options, component: &Component) -> Vec<Value> {
    let mut env = vec![json!({
        "name": "POD_IP",
        "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}},
    })];
    let mut set = |name: &str, value: String| env.push(json!({"name": name, "value": value}));
    if let Some(bytes) = component.memory_limit() {
        // Some room below the limit for what Go's heap does not count.
        set("GOMEMLIMIT", (bytes * 85 / 100).to_string());
    }
    if let Some(s3) = options.storage.s3() {
        set("AWS_REGION", s3.region.clone());
        if let Some(endpoint) = &s3.sts_endpoint {
            set("AWS_ENDPOINT_URL_STS", endpoint.clone());
        }
    }
    if let Some(role) = &options.service_account.role_arn {
        set("AWS_ROLE_ARN", role.clone());
        set("AWS_WEB_IDENTITY_TOKEN_FILE", format!("{TOKEN_DIRECTORY}/token"));
        // Loki before 3.6 (AWS SDK v1) would ask the global STS, out of reach in a private VPC.
        set("AWS_STS_REGIONAL_ENDPOINTS", "regional".to_owned());
    }
    for (name, value) in &component.pods.extra_env {
        set(name, value.clone());
    }
    env
}

/// Requests and limits. Where only a limit is given, the API server takes it as the request too.
fn resources(given: &Resources) -> Value {
    let ResourceList { cpu, memory } = &given.requests;
    let limits = &given.limits;
    let list = |cpu: Option<&String>, memory: Option<&String>| {
        let amounts = [("cpu", cpu), ("memory", memory)];
        let given = amounts.into_iter().filter_map(|(name, amount)| Some((name, canonical(amount?))));
        unless_empty(given.map(|(name, amount)| (name.to_owned(), amount.into())).collect())
    };
    let mut resources = Map::new();
    resources.insert(
        "requests".into(),
        list(cpu.as_ref().or(limits.cpu.as_ref()), memory.as_ref().or(limits.memory.as_ref())),
    );
    resources.insert("limits".into(), list(limits.cpu.as_ref(), limits.memory.as_ref()));
    resources.retain(|_, list| !list.is_null());
    unless_empty(resources)
}

/// Spreads replicas over nodes, then over zones, as far as there are any.
fn affinity(options: &Options, component: &Component) -> Value {
    if !component.pods.affinity.is_null() {
        return component.pods.affinity.clone();
    }
    let apart = |topology: &str, weight: u32| {
        json!({
            "weight": weight,
            "podAffinityTerm": {
                "topologyKey": topology,
                "labelSelector": {"matchLabels": selector(options, Some(component))},
            },
        })
    };
    json!({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        apart("kubernetes.io/hostname", 100),
        apart("topology.kubernetes.io/zone", 50),
    ]}})
}

/// The user's constraints. Without a selector one would count no pods, so it counts the component's.
fn spread(options: &Options, component: &Component) -> Value {
    let constraint = |given: &Value| {
        let mut constraint = given.clone();
        if let Some(map) = constraint.as_object_mut() {
            map.entry("labelSelector").or_insert_with(|| json!({"matchLabels": selector(options, Some(component))}));
        }
        constraint
    };
    let constraints: Vec<_> = component.pods.topology_spread_constraints.iter().map(constraint).collect();
    if constraints.is_empty() { Value::Null } else { constraints.into() }
}

fn tolerations(given: &[Toleration]) -> Vec<Value> {
    let toleration = |toleration: &Toleration| {
        json!({
            "key": toleration.key,
            "operator": toleration.operator,
            "value": toleration.value,
            "effect": toleration.effect,
            "tolerationSeconds": toleration.toleration_seconds,
        })
    };
    given.iter().map(toleration).collect()
}

fn mounts(options: &Options) -> Vec<Value> {
    let mount = |name: &str, path: &str, read_only: bool| json!({"name": name, "mountPath": path, "readOnly": read_only.then_some(true)});
    let mut mounts = vec![
        mount("config", CONFIG_DIRECTORY, true),
        mount("runtime-config", RUNTIME_CONFIG_DIRECTORY, true),
        mount("tmp", "/tmp", false),
        mount(DATA_VOLUME, DATA_DIRECTORY, false),
    ];
    if options.service_account.role_arn.is_some() {
        mounts.push(mount(TOKEN_VOLUME, TOKEN_DIRECTORY, true));
    }
    mounts
}

fn volumes(options: &Options, component: &Component) -> Vec<Value> {
    const MODE: u32 = 0o644;
    let config_map =
        |volume: &str, name: String| json!({"name": volume, "configMap": {"name": name, "defaultMode": MODE}});
    let mut volumes = vec![
        config_map("config", options.config_map_name()),
        config_map("runtime-config", options.runtime_config_map_name()),
        json!({"name": "tmp", "emptyDir": {}}),
    ];
    if !component.persistence.enabled {
        volumes.push(json!({"name": DATA_VOLUME, "emptyDir": {}}));
    }
    if options.service_account.role_arn.is_some() {
        volumes.push(json!({"name": TOKEN_VOLUME, "projected": {
            "defaultMode": MODE,
            "sources": [{"serviceAccountToken": {
                "audience": "sts.amazonaws.com",
                "expirationSeconds": TOKEN_SECONDS,
                "path": "token",
            }}],
        }}));
    }
    volumes
}
