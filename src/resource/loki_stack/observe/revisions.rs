//! Of which revision the pods of StatefulSets are. Status alone does not tell it of one that was recreated around its
//! pods: it counts from one revision, which none of them need be of.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::kube::{PodStatus, pod_status};

/// What a StatefulSet wants of its pods.
pub(super) struct Wanted {
    /// The revision.
    pub revision: String,
    /// Names of its claim templates.
    pub claims: Vec<String>,
}

/// StatefulSets by their names.
pub(super) type Sets = BTreeMap<String, Wanted>;

impl Wanted {
    /// What a live StatefulSet of that revision wants.
    pub(super) fn of(live: &Json, revision: String) -> Self {
        let templates = live["spec"]["volumeClaimTemplates"].as_array().map(Vec::as_slice).unwrap_or_default();
        let claims = templates.iter().filter_map(|it| it["metadata"]["name"].as_str()).map(str::to_owned).collect();
        Self { revision, claims }
    }
}

/// The StatefulSet that a pod is of: its name and a number are the pod's.
fn set_of<'s>(name: &str, sets: &'s Sets) -> Option<(&'s String, &'s Wanted)> {
    sets.get_key_value(name.rsplit_once('-')?.0)
}

/// How many pods of a StatefulSet are as it wants them.
pub(super) fn updated(set: &str, wanted: &Wanted, pods: &[Json]) -> usize {
    let of_set = |pod: &&Json| {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        name.rsplit_once('-').is_some_and(|(of, _)| of == set) && is_current(&pod_status(pod), wanted)
    };
    pods.iter().filter(of_set).count()
}

fn is_current(pod: &PodStatus, wanted: &Wanted) -> bool {
    pod.revision.as_ref() == Some(&wanted.revision)
}

/// Pods that Kubernetes does not replace by itself: broken ones of an older revision, which it replaces once all others are
/// well (kubernetes#67250); and of those that lack a volume, which it tries to give to them in vain, one where all others
/// are well.
pub(super) fn outdated(sets: &Sets, pods: &[Json]) -> Vec<String> {
    let mut outdated = Vec::new();
    let mut lacking: BTreeMap<&String, String> = BTreeMap::new();
    let mut waiting = Vec::new();
    for pod in pods {
        let status = pod_status(pod);
        let Some((set, wanted)) = set_of(&status.name, sets) else { continue };
        if !status.ready || status.terminating {
            waiting.push(set);
        }
        if is_current(&status, wanted) {
            continue;
        }
        if status.is_broken() {
            outdated.push(status.name);
        } else if lacks_claim(pod, wanted) && !status.terminating {
            // The highest number first, as in any roll-out.
            lacking.insert(set, status.name);
        }
    }
    outdated.extend(lacking.into_iter().filter(|(set, _)| !waiting.contains(set)).map(|(_, pod)| pod));
    outdated
}

fn lacks_claim(pod: &Json, wanted: &Wanted) -> bool {
    let volumes = pod["spec"]["volumes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let claimed =
        |name: &String| volumes.iter().any(|it| it["name"] == **name && !it["persistentVolumeClaim"].is_null());
    !wanted.claims.iter().all(claimed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, revision: &str, volume: Json, ready: bool) -> Json {
        let ready = if ready { "True" } else { "False" };
        json!({"metadata": {"name": name, "labels": {"controller-revision-hash": revision}},
               "spec": {"volumes": [volume]},
               "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}})
    }

    fn empty() -> Json {
        json!({"name": "data", "emptyDir": {}})
    }

    fn claim() -> Json {
        json!({"name": "data", "persistentVolumeClaim": {"claimName": "x"}})
    }

    fn sets() -> Sets {
        let live = json!({"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}});
        Sets::from([("loki".to_owned(), Wanted::of(&live, "new".to_owned()))])
    }

    #[test]
    fn pods_of_the_wanted_revision_count() {
        let pods = [
            pod("loki-0", "old", claim(), true),
            pod("loki-1", "new", claim(), true),
            pod("loki-read-0", "new", claim(), true),
        ];
        assert_eq!(updated("loki", &sets()["loki"], &pods), 1);
    }

    #[test]
    fn pods_without_their_volume_are_replaced_one_by_one() {
        let names = |pods: &[Json]| outdated(&sets(), pods);
        let old = |name: &str| pod(name, "old", empty(), true);
        assert_eq!(names(&[old("loki-0"), old("loki-1")]), ["loki-1"]);
        assert_eq!(names(&[old("loki-0"), pod("loki-1", "new", claim(), false)]), [""; 0], "one is on its way");
        assert_eq!(names(&[old("loki-0"), pod("loki-1", "new", claim(), true)]), ["loki-0"]);
        assert_eq!(names(&[pod("loki-0", "old", claim(), true)]), [""; 0], "Kubernetes can");
        assert_eq!(names(&[old("other-0")]), [""; 0]);
    }

    #[test]
    fn broken_pods_of_an_old_revision_go() {
        let mut broken = pod("loki-0", "old", claim(), false);
        broken["status"]["containerStatuses"] = json!([{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]);
        assert_eq!(outdated(&sets(), &[broken]), ["loki-0"]);
    }
}
