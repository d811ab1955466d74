//! The volumes of a stack that exists: claims outlive what made them, and Kubernetes edits a StatefulSet's template of
//! them for nobody.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::json;

use super::options::options;
use super::state::LokiStack;
use crate::kube::{Apply, Cluster, Error, ObjectRef};
use crate::loki;
use crate::loki::components::{Component, Kind};
use crate::loki::finding::Finding;
use crate::loki::manifests::label_selector;
use crate::loki::options::Persistence;
use crate::loki::quantity::Quantity;
use crate::schema::{Diagnostics, Problem, Report, at};

const FLUSHED: &str = "Its pods write what they hold to the object store before they end, once what takes over is healthy. Queries may miss \
     the last of it for five minutes, the time after which index gateways look again.";

/// Says what a change of the volumes means.
pub(super) fn announce(prior: &LokiStack, planned: &LokiStack, report: &mut Diagnostics) {
    let (before, after) = (volumes(prior), volumes(planned));
    let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
    let (kept, deleted): (Vec<_>, Vec<_>) = gone.partition(|(_, volume)| volume.retain);
    let names = |volumes: Vec<(&String, &Persistence)>| {
        volumes.into_iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" and ")
    };
    if !kept.is_empty() {
        report.warn(
            Problem::new(summary!("The volumes of StatefulSet {} are kept", names(kept)))
                .at(at("persistence"))
                .why(format!("The StatefulSet goes, and persistence.retain is true. {FLUSHED}")),
        );
    }
    if !deleted.is_empty() {
        report.warn(
            Problem::new(summary!("The volumes of StatefulSet {} are deleted", names(deleted)))
                .at(at("persistence"))
                .why(format!("The StatefulSet goes, and persistence.retain is false. {FLUSHED}"))
                .fix("To keep them, set persistence.retain = true and apply that first."),
        );
    }
    let (mut grown, mut other) = (Vec::new(), Vec::new());
    for (name, before) in &before {
        let Some(now) = after.get(name) else { continue };
        let [old, new] = [before, now].map(|volume| Quantity::parse(&volume.size).map(Quantity::units));
        if before.storage_class != now.storage_class || new < old {
            other.push(name.as_str());
        } else if new > old {
            grown.push(format!("{name} (from {} to {})", before.size, now.size));
        }
    }
    if !grown.is_empty() {
        report.warn(
            Problem::new(summary!("The volumes of {} grow", grown.join(" and ")))
                .at(at("persistence"))
                .why(
                    "Claims that exist are set to the new size, which cannot be taken back. The StatefulSet is recreated \
                     around its running pods, since Kubernetes does not change its template of claims; pods and volumes \
                     stay.",
                ),
        );
    }
    if !other.is_empty() {
        report.warn(
            Problem::new(summary!("Volumes that exist keep their size and class: {}", other.join(" and ")))
                .at(at("persistence"))
                .why(
                    "A volume neither shrinks nor changes its class. The StatefulSet is recreated around its running \
                     pods; only replicas that are added later get volumes of the new kind.",
                )
                .fix(
                    "To move a replica, delete its claim and then its pod (kubectl delete pvc, kubectl delete pod), one \
                     after the other: the others hold copies of what it has, where the replication factor is above 1.",
                ),
        );
    }
}

/// Whether volumes that there are shall be others, which [`announce`] says.
pub(super) fn change(prior: &LokiStack, planned: &LokiStack) -> bool {
    let (before, after) = (volumes(prior), volumes(planned));
    before.iter().any(|(name, volume)| after.get(name).is_some_and(|now| now != volume))
}

/// Each workload's volume.
fn volumes(of: &LokiStack) -> BTreeMap<String, Persistence> {
    with_volumes(&options(of)).map(|component| (component.name, component.persistence)).collect()
}

fn with_volumes(options: &loki::Options) -> impl Iterator<Item = Component> + use<> {
    let components = options.components().into_iter();
    components.filter(|component| component.kind == Kind::StatefulSet && component.persistence.enabled)
}

/// A claim that is smaller than its stack wants it.
struct Small {
    claim: ObjectRef,
    wanted: String,
    /// Its StorageClass, where that does not allow volumes to grow.
    fixed_by: Option<String>,
}

/// The claims of a stack that are smaller than it wants them.
async fn small(cluster: &dyn Cluster, options: &loki::Options) -> Result<Vec<Small>, Error> {
    let components: Vec<Component> = with_volumes(options).collect();
    let lists = components.iter().map(async |component| {
        let selector = label_selector(options, Some(component));
        cluster.list("v1", "PersistentVolumeClaim", Some(&options.namespace), Some(&selector)).await
    });
    let (mut small, mut fixing) = (Vec::new(), BTreeMap::new());
    for (component, claims) in components.iter().zip(join_all(lists).await) {
        let wanted = Quantity::parse(&component.persistence.size).map(Quantity::units);
        for claim in claims? {
            let size = claim["spec"]["resources"]["requests"]["storage"].as_str();
            if size.and_then(Quantity::parse).map(Quantity::units) < wanted {
                let class = claim["spec"]["storageClassName"].as_str().unwrap_or_default().to_owned();
                if !class.is_empty() && !fixing.contains_key(&class) {
                    fixing.insert(class.clone(), is_fixing(cluster, &class).await?);
                }
                let fixed_by = fixing.get(&class).is_some_and(|fixing| *fixing).then_some(class);
                let wanted = component.persistence.size.clone();
                small.push(Small { claim: ObjectRef::of(&claim)?, wanted, fixed_by });
            }
        }
    }
    Ok(small)
}

/// Whether a StorageClass does not let volumes grow; nobody grows those of one that is gone.
async fn is_fixing(cluster: &dyn Cluster, class: &str) -> Result<bool, Error> {
    let live = cluster.get(&ObjectRef::cluster_scoped("storage.k8s.io/v1", "StorageClass", class)).await?;
    Ok(live.is_none_or(|live| live["allowVolumeExpansion"] != true))
}

fn refusals(small: &[Small]) -> Vec<Finding> {
    let mut by_class: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in small {
        if let Some(class) = &one.fixed_by {
            by_class.entry(class).or_default().push(&one.claim.name);
        }
    }
    let say = |(class, claims): (&str, Vec<&str>)| {
        Finding::warning(
            summary!("The StorageClass {class:?} does not let volumes grow"),
            format!("The claims {} stay as small as they are.", claims.join(", ")),
            "Set allowVolumeExpansion: true in the StorageClass where its driver can do so, and apply again; or move to \
             new volumes, one replica after the other.",
        )
        .at("persistence")
    };
    by_class.into_iter().map(say).collect()
}

/// What stands in the way of volumes that are to grow. Who may not read claims and classes is not told.
pub(super) async fn foresee(cluster: &dyn Cluster, options: &loki::Options) -> Vec<Finding> {
    small(cluster, options).await.map(|small| refusals(&small)).unwrap_or_default()
}

/// Sets claims that exist to the size that the stack wants; the volumes' driver then grows them under the running pods.
/// The plan has told what keeps others as they are.
pub(super) async fn grow(cluster: &dyn Cluster, options: &loki::Options) -> Result<(), Error> {
    let small = small(cluster, options).await?;
    for Small { claim, wanted, .. } in small.iter().filter(|one| one.fixed_by.is_none()) {
        tracing::info!(claim = claim.name, size = wanted, "growing");
        let patch = json!({
            "apiVersion": claim.api_version,
            "kind": claim.kind,
            "metadata": {"name": claim.name, "namespace": claim.namespace},
            "spec": {"resources": {"requests": {"storage": wanted}}},
        });
        // The field was the StatefulSet controller's, which never looks at it again.
        cluster.apply(&patch, Apply { dry_run: false, force: true }).await?;
    }
    Ok(())
}
