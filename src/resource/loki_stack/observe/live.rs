//! The live objects of a stack, with as few requests as there are kinds of many.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value as Json;

use crate::kube::{Cluster, Error, ObjectRef};
use crate::loki::Options;
use crate::loki::manifests::label_selector;

/// Of so many objects of a kind on, they are listed instead of being asked for one by one.
const MANY: usize = 3;

/// What became of the question for an object: none where there is no such object.
pub(super) type Look = Result<Option<Json>, Error>;

/// The objects, in the order in which they are asked for.
pub(super) async fn objects(cluster: &dyn Cluster, options: &Options, wanted: &[ObjectRef]) -> Vec<Look> {
    let mut kinds: BTreeMap<_, Vec<(usize, &ObjectRef)>> = BTreeMap::new();
    for (index, object) in wanted.iter().enumerate() {
        let kind = (&object.api_version, &object.kind, &object.namespace);
        kinds.entry(kind).or_default().push((index, object));
    }
    let looks = kinds.into_values().map(async |objects| of_kind(cluster, options, objects).await);
    let looks: BTreeMap<usize, Look> = join_all(looks).await.into_iter().flatten().collect();
    looks.into_values().collect()
}

async fn of_kind(cluster: &dyn Cluster, options: &Options, objects: Vec<(usize, &ObjectRef)>) -> Vec<(usize, Look)> {
    let mut listed = BTreeMap::new();
    // A list of secrets is a right of its own kind, which nobody should have to grant.
    if let Some((_, one)) = objects.first().filter(|(_, one)| objects.len() >= MANY && one.kind != "Secret") {
        let selector = label_selector(options, None);
        let list = cluster.list(&one.api_version, &one.kind, one.namespace.as_deref(), Some(&selector)).await;
        // Who may not list them may get each.
        for object in list.unwrap_or_default() {
            if let Some(name) = object["metadata"]["name"].as_str() {
                listed.insert(name.to_owned(), object);
            }
        }
    }
    let looks = objects.into_iter().map(async |(index, object)| {
        let look = match listed.get(&object.name) {
            Some(live) => Ok(Some(live.clone())),
            // It may have lost its labels.
            None => cluster.get(object).await,
        };
        (index, look)
    });
    join_all(looks).await
}
