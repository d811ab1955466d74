//! A release of the community Helm chart that a stack goes on with: what the plan says of it.

mod import;

use futures::future::join_all;

pub(super) use self::import::{import, of_labels};
use super::inventory::{self, Inventory};
use super::observe;
use super::state::LokiStack;
use crate::kube::helm::RELEASE;
use crate::kube::{Cluster, ObjectRef};
use crate::loki::components::Program;
use crate::loki::config_file::diff::{Difference, diff};
use crate::loki::{self, Object, helm};
use crate::schema::{Diagnostics, Problem, Report, at};

/// How many differing settings a plan names.
const SHOWN: usize = 40;

/// Loki's configuration file as the release has it.
async fn config(cluster: &dyn Cluster, objects: &Inventory) -> Option<String> {
    let of_release = objects.iter().filter(|(_, noted)| inventory::is_of_release(noted)).map(|(key, _)| key);
    let named = of_release.filter(|key| key.starts_with("ConfigMap/") || key.starts_with("Secret/"));
    let named: Vec<_> =
        named.filter(|key| !key.contains(inventory::HELM_RECORD)).filter_map(|key| inventory::object(key)).collect();
    let looks = join_all(named.iter().map(|object| cluster.get(object))).await;
    looks.into_iter().flatten().flatten().find_map(|object| helm::config_in(&object))
}

/// Whether a stack has objects that are a release's still.
pub(super) fn is_pending(state: &LokiStack) -> bool {
    inventory::of(state).values().any(inventory::is_of_release)
}

/// What may not change at once with the take-over, or after it: offline.
pub(super) fn history(prior: &LokiStack, before: &loki::Options, wanted: &loki::Options) -> Vec<loki::Finding> {
    let mut findings = Vec::new();
    if is_pending(prior) {
        let release = before.helm_release.as_deref().unwrap_or_default();
        if before.helm_release != wanted.helm_release {
            findings.push(
                loki::Finding::error(
                    summary!("The stack is the Helm release {release:?} so far"),
                    "Its pods and volumes are known by the release's name, and are gone on with under it.",
                    format!("Set helm_release = {release:?}."),
                )
                .at("helm_release"),
            );
        }
        if before.mode != wanted.mode {
            let mode = before.mode.name();
            findings.push(
                loki::Finding::error(
                    summary!("The Helm release {release:?} runs in {mode} mode"),
                    "A release is taken over as it runs; what takes over its pods has to find them.",
                    format!("Set mode = {:?} and apply. Change the mode after that.", mode.replace(' ', "_")),
                )
                .at("mode"),
            );
        }
        return findings;
    }
    findings.extend(loki::history::identity(before, wanted));
    findings
}

/// What a plan that creates a stack meets: a release of Helm's in its place.
pub(super) async fn in_place(cluster: &dyn Cluster, wanted: &loki::Options) -> Option<Problem> {
    let first = wanted.components().into_iter().find(|it| it.program == Program::Loki)?;
    let workload = observe::workload(wanted, &first);
    let live = cluster.get(&workload).await.ok().flatten()?;
    let release = live["metadata"]["annotations"][RELEASE].as_str()?;
    Some(
        Problem::new(summary!("{workload} is of the Helm release {release} already"))
            .at(at("name"))
            .why("Made anew, the stack would take its place, and what fails on the way would be deleted and made again.")
            .fix(format!(
                "To go on with the release, set helm_release = {release:?} and import it: import {{ to = loki_stack.…, id = \
                 \"{}/{}\" }}. Otherwise choose another name or namespace.",
                wanted.namespace, wanted.name
            )),
    )
}

/// What the plan of a take-over says: what goes on, what goes, and what will be otherwise.
pub(super) async fn announce(
    cluster: &dyn Cluster,
    prior: &LokiStack,
    wanted: &loki::Options,
    rendered: &[Object],
    report: &mut Diagnostics,
) {
    let known = inventory::of(prior);
    let release = wanted.helm_release.as_deref().unwrap_or_default();
    let of_release: Vec<&String> =
        known.iter().filter(|(_, noted)| inventory::is_of_release(noted)).map(|(key, _)| key).collect();
    if of_release.is_empty() {
        return;
    }
    let (goes_on, goes): (Vec<&String>, Vec<&String>) =
        of_release.into_iter().partition(|key| rendered.iter().any(|object| object.key() == **key));
    let (config, strangers) = tokio::join!(config(cluster, &known), strangers(cluster, wanted, rendered, &goes_on));
    for (key, selector) in strangers {
        report.refuse(
            Problem::new(summary!("{key} cannot be gone on with"))
                .at(at("helm_release"))
                .why(format!(
                    "The release knows its pods by other labels ({selector}), which Kubernetes does not change: its volumes \
                     would be left behind. Whoever sets nameOverride, or labels of its own, in the chart's values has such."
                ))
                .fix(
                    "Deploy a new stack on the same bucket under another name, let clients push there, and uninstall the \
                     release once it has written what it holds; its logs are found in the bucket.",
                ),
        );
    }
    let short = |keys: &[&String]| {
        let names = keys.iter().map(|key| {
            let mut parts = key.splitn(3, '/');
            format!("{} {}", parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default())
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let (records, goes): (Vec<&String>, Vec<&String>) =
        goes.into_iter().partition(|key| key.contains(inventory::HELM_RECORD));
    let mut why =
        format!("Go on as the stack's, with their volumes, pods being replaced one by one: {}.", short(&goes_on));
    if !goes.is_empty() {
        why.push_str(&format!("\nAre deleted once the stack is healthy, volumes excepted: {}.", short(&goes)));
    }
    if !records.is_empty() {
        why.push_str(&format!(
            "\nLast go Helm's own records ({}), so that helm uninstall finds nothing to delete.",
            records.len()
        ));
    }
    report
        .warn(Problem::new(summary!("The Helm release {release} is taken over")).at(at("helm_release")).why(why).fix(
        "See to it that nothing runs Helm for the release again. Terraform forgets a helm_release by: removed { from = \
         helm_release.…, lifecycle { destroy = false } }.",
    ));
    let Some(before) = config else {
        report.warn(
            Problem::new(summary!("The configuration of the Helm release {release} was not found"))
                .at(at("helm_release"))
                .why("None of its ConfigMaps and Secrets that may be read has a config.yaml.")
                .fix("Compare schema, storage and limits yourself: what is not said here takes Loki's defaults."),
        );
        return;
    };
    settings(&before, wanted, report);
}

/// What is set otherwise than by the release.
fn settings(before: &str, wanted: &loki::Options, report: &mut Diagnostics) {
    let (told, after) = (helm::told(before), loki::config_yaml(wanted));
    let label = helm::told(&after).cluster_label;
    if told.cluster_label != label {
        report.refuse(
            Problem::new(summary!("Old and new pods would not be of one ring"))
                .at(at("config_overrides"))
                .why(format!(
                    "memberlist.cluster_label is {:?} so far and would become {label:?}. Members of two labels refuse each \
                     other, and pods are replaced one by one.",
                    told.cluster_label
                ))
                .fix(format!("Set config_overrides = {{ memberlist = {{ cluster_label = {:?} }} }}.", told.cluster_label)),
        );
    }
    if told.auth_enabled != wanted.auth_enabled {
        report.warn(
            Problem::new(summary!("Tenants come or go with the take-over"))
                .at(at("auth_enabled"))
                .why("Logs are found by their tenant; without tenants Loki keeps them as those of tenant fake.")
                .fix(format!("Set auth_enabled = {}, as the release has it.", told.auth_enabled)),
        );
    }
    let mut differences = diff(before, &after).unwrap_or_default();
    if told.storage.is_some() {
        // Where the store is has been compared as a whole; the file may say it in two places.
        differences.retain(|it| !is_about_place(&it.path));
    }
    if differences.is_empty() {
        return;
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "not set".to_owned());
    let line = |it: &Difference| format!("{}: {} -> {}", it.path, said(&it.before), said(&it.after));
    let mut lines: Vec<String> = differences.iter().take(SHOWN).map(line).collect();
    if differences.len() > SHOWN {
        lines.push(format!("and {} more", differences.len() - SHOWN));
    }
    report.warn(
        Problem::new(summary!("Loki's configuration is another one than the Helm release's"))
            .at(at("config_overrides"))
            .why(lines.join("\n"))
            .fix(
                "Carry over what is needed: by limits and the other attributes, what none is for by config_overrides.",
            ),
    );
}

/// Whether a key tells where the store is, and as whom it is reached.
fn is_about_place(path: &str) -> bool {
    let key = path.strip_prefix("common.storage.").or(path.strip_prefix("storage_config."));
    let key = key.and_then(|key| key.strip_prefix("object_store.").unwrap_or(key).split_once('.'));
    key.is_some_and(|(store, key)| match store {
        "s3" | "aws" => [
            "bucketnames",
            "bucket_name",
            "endpoint",
            "insecure",
            "region",
            "s3forcepathstyle",
            "access_key_id",
            "secret_access_key",
        ]
        .contains(&key),
        "gcs" => key == "bucket_name",
        "azure" => ["account_name", "container_name", "account_key"].contains(&key),
        "filesystem" => true,
        _ => false,
    })
}

/// Workloads with volumes whose pods the stack would not find, with the labels that they are known by.
async fn strangers(
    cluster: &dyn Cluster,
    wanted: &loki::Options,
    rendered: &[Object],
    goes_on: &[&String],
) -> Vec<(String, String)> {
    let names: Vec<String> =
        wanted.components().into_iter().filter(|it| it.persistence.enabled).map(|it| it.name).collect();
    let held = rendered.iter().filter(|object| {
        object.kind() == "StatefulSet"
            && goes_on.iter().any(|key| **key == object.key())
            && names.iter().any(|name| name == object.name())
    });
    let looks = held.map(async |object| {
        let live = cluster.get(&ObjectRef::of(object.as_value()).ok()?).await.ok().flatten()?;
        let selector = &live["spec"]["selector"]["matchLabels"];
        (*selector != object.as_value()["spec"]["selector"]["matchLabels"])
            .then(|| (object.key(), selector.to_string()))
    });
    join_all(looks).await.into_iter().flatten().collect()
}
