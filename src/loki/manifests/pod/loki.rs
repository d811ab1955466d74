//! Loki's own container.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{FILE_MODE, Parts, config_map_volume, confined, mount, port, probe, resources};
use crate::loki::components::{Component, MONOLITH};
use crate::loki::config::{DATA_DIRECTORY, RULES_DIRECTORY, RUNTIME_CONFIG_DIRECTORY, config_yaml};
use crate::loki::derived::{GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT};
use crate::loki::manifests::config_map::CONFIG_FILE;
use crate::loki::manifests::{rules, secrets};
use crate::loki::options::{Options, Storage};

/// Name of the volume under [`DATA_DIRECTORY`], and of its claim template.
pub fn data_volume(options: &Options, component: &Component) -> &'static str {
    // The community chart's name for it, in its monolithic mode alone.
    if options.helm_release.is_some() && component.target == MONOLITH.target { "storage" } else { "data" }
}

/// Name of the port of Loki's HTTP API.
const HTTP: &str = "http-metrics";
const CONFIG_DIRECTORY: &str = "/etc/loki/config";
/// Loki's user in its image, from which it must not run as root.
const USER: u32 = 10001;
/// The webhook's names: where it is installed, it sees its volume there and adds no second one
/// (aws/amazon-eks-pod-identity-webhook, pkg/handler).
const TOKEN_VOLUME: &str = "aws-iam-token";
const TOKEN_DIRECTORY: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
/// The webhook's lifetime of a token; the kubelet renews it in time.
const TOKEN_SECONDS: u32 = 86_400;
/// Lets Azure's workload identity webhook give the pod a token of the ServiceAccount
/// (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>).
const AZURE_IDENTITY: &str = "azure.workload.identity/use";

pub fn parts(options: &Options, component: &Component) -> Parts {
    let mut annotations = Map::new();
    let checksum = hex::encode(Sha256::digest(config_yaml(options)));
    annotations.insert("checksum/config".into(), checksum.into());
    annotations.extend(secrets::version_annotation(options));
    let mut labels = Map::new();
    if let Storage::Azure(azure) = &options.storage
        && azure.credentials.is_none()
        && azure.managed_identity.is_none()
    {
        labels.insert(AZURE_IDENTITY.into(), "true".into());
    }
    Parts {
        user: USER,
        account: Some(options.service_account_name().to_owned()),
        labels,
        annotations,
        container: container(options, component),
        volumes: volumes(options, component),
    }
}

fn container(options: &Options, component: &Component) -> Value {
    json!({
        "name": "loki",
        "image": options.image_of(component),
        "imagePullPolicy": options.image_pull_policy,
        "args": args(component),
        "env": env(options, component),
        "ports": ports(component),
        // Until the HTTP server listens, nothing else is asked.
        "startupProbe": probe(HTTP, "/loki/api/v1/status/buildinfo", 2, 60),
        // 503 while the write-ahead log is replayed and until the rings are whole.
        "readinessProbe": probe(HTTP, "/ready", 5, 3),
        // Says only that the process answers: a replay of hours must not end in a restart.
        "livenessProbe": probe(HTTP, "/loki/api/v1/status/buildinfo", 10, 6),
        "resources": resources(&component.resources),
        "securityContext": confined(),
        "volumeMounts": mounts(options, component),
    })
}

fn args(component: &Component) -> Vec<String> {
    let mut args = vec![
        format!("-config.file={CONFIG_DIRECTORY}/{CONFIG_FILE}"),
        "-config.expand-env=true".to_owned(),
        format!("-target={}", component.target),
    ];
    args.extend(component.zone.iter().map(|zone| format!("-ingester.availability-zone={zone}")));
    args.extend(component.pods.extra_args.iter().cloned());
    args
}

fn ports(component: &Component) -> Vec<Value> {
    let mut ports = vec![port(HTTP, HTTP_PORT), port("grpc", GRPC_PORT)];
    if component.gossips {
        ports.push(port("http-memberlist", MEMBERLIST_PORT));
    }
    ports
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
    env.extend(secrets::env(options));
    env
}

fn mounts(options: &Options, component: &Component) -> Vec<Value> {
    let mut mounts = vec![
        mount("config", CONFIG_DIRECTORY, true),
        mount("runtime-config", RUNTIME_CONFIG_DIRECTORY, true),
        mount("tmp", "/tmp", false),
        mount(data_volume(options, component), DATA_DIRECTORY, false),
    ];
    if options.service_account.role_arn.is_some() {
        mounts.push(mount(TOKEN_VOLUME, TOKEN_DIRECTORY, true));
    }
    mounts.extend(secrets::mount_of(options));
    if component.evaluates_rules() {
        let folder = |(volume, tenant): (String, &String)| mount(&volume, &format!("{RULES_DIRECTORY}/{tenant}"), true);
        mounts.extend(rules::volumes(options).map(folder));
    }
    mounts
}

fn volumes(options: &Options, component: &Component) -> Vec<Value> {
    let mut volumes = vec![
        config_map_volume("config", options.config_map_name()),
        config_map_volume("runtime-config", options.runtime_config_map_name()),
        json!({"name": "tmp", "emptyDir": {}}),
    ];
    if !component.persistence.enabled {
        volumes.push(json!({"name": data_volume(options, component), "emptyDir": {}}));
    }
    if options.service_account.role_arn.is_some() {
        volumes.push(json!({"name": TOKEN_VOLUME, "projected": {
            "defaultMode": FILE_MODE,
            "sources": [{"serviceAccountToken": {
                "audience": "sts.amazonaws.com",
                "expirationSeconds": TOKEN_SECONDS,
                "path": "token",
            }}],
        }}));
    }
    volumes.extend(secrets::volume(options));
    if component.evaluates_rules() {
        volumes.extend(rules::volumes(options).map(|(volume, tenant)| rules::volume(options, &volume, tenant)));
    }
    volumes
}
