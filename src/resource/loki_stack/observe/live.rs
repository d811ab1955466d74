//! The live objects of a stack, with as few requests as there are kinds of many.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value as Json;

use super::super::inventory;
use crate::kube::{Cluster, Error, ObjectRef};
use crate::loki::Options;

/// Of so many objects of a kind on, they are listed instead of being asked for one by one.
const MANY: usize = 3;

/// What became of the question for an object: none where there is no such object.
type Look = Result<Option<Json>, Error>;

/// The objects of these keys; a key that is none of an object's is left out.
pub(super) async fn objects<'k>(
    cluster: &dyn Cluster,
    options: &Options,
    keys: impl Iterator<Item = &'k String>,
) -> BTreeMap<String, Look> {
    let mut kinds: BTreeMap<_, Vec<(String, ObjectRef)>> = BTreeMap::new();
    for key in keys {
        let Some(object) = inventory::object(key) else { continue };
        let kind = (object.api_version.clone(), object.kind.clone(), object.namespace.clone());
        kinds.entry(kind).or_default().push((key.clone(), object));
    }
    let looks = kinds.into_values().map(async |objects| of_kind(cluster, options, objects).await);
    join_all(looks).await.into_iter().flatten().collect()
}

async fn of_kind(cluster: &dyn Cluster, options: &Options, objects: Vec<(String, ObjectRef)>) -> Vec<(String, Look)> {
    let mut listed = BTreeMap::new();
    // A list of secrets is a right of its own kind, which nobody should have to grant.
    if let Some((_, one)) = objects.first().filter(|(_, one)| objects.len() >= MANY && one.kind != "Secret") {
        let selector = format!("app.kubernetes.io/name=loki,app.kubernetes.io/instance={}", options.name);
        let list = cluster.list(&one.api_version, &one.kind, one.namespace.as_deref(), Some(&selector)).await;
        // Who may not list them may get each.
        for object in list.unwrap_or_default() {
            if let Some(name) = object["metadata"]["name"].as_str() {
                listed.insert(name.to_owned(), object);
            }
        }
    }
    let looks = objects.into_iter().map(async |(key, object)| {
        let look = match listed.get(&object.name) {
            Some(live) => Ok(Some(live.clone())),
            // It may have lost its labels.
            None => cluster.get(&object).await,
        };
        (key, look)
    });
    join_all(looks).await
}
