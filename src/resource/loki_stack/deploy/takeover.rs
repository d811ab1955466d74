//! What a Helm release has made becomes the stack's.

use serde_json::{Value as Json, json};

use super::Deployment;
use crate::kube::{self, Error, ObjectRef, Propagation};
use crate::loki::Object;
use crate::loki::manifests::selector_text;
use crate::resource::loki_stack::inventory;

impl Deployment<'_> {
    /// Prepares an object of a release for the stack's own to be applied over it.
    pub(super) async fn take_over(&self, object: &Object) -> Result<(), Error> {
        let name = ObjectRef::of(object.as_value())?;
        let Some(live) = self.requests.persist(|| self.cluster.get(&name)).await? else { return Ok(()) };
        tracing::info!(object = object.key(), "taking over from Helm");
        self.keep_claims(&name, &live).await?;
        let selects = |of: &Json| of["spec"]["selector"]["matchLabels"].clone();
        if inventory::is_workload(&object.key()) && selects(&live) != selects(object.as_value()) {
            // Its pods would be nobody's, and in the way of the new ones by their names. Nothing of what holds data comes
            // here: the plan has refused it.
            return self.remove(&object.key(), Propagation::Foreground).await;
        }
        self.requests.persist(|| kube::take_fields(self.cluster, &name, kube::helm::RELEASE)).await
    }

    /// Deletes an object; where it is a release's, without the volumes of its pods.
    pub(super) async fn remove_keeping(
        &self,
        key: &str,
        propagation: Propagation,
        of_release: bool,
    ) -> Result<(), Error> {
        if of_release && let Some(name) = inventory::object(key) {
            let live = self.requests.persist(|| self.cluster.get(&name)).await?;
            if let Some(live) = &live {
                self.keep_claims(&name, live).await?;
            }
        }
        self.remove(key, propagation).await
    }

    /// Sees to it that the claims of a StatefulSet do not go with it: the chart has Kubernetes delete them.
    async fn keep_claims(&self, name: &ObjectRef, live: &Json) -> Result<(), Error> {
        let spec = &live["spec"];
        if name.kind != "StatefulSet" || spec["persistentVolumeClaimRetentionPolicy"]["whenDeleted"] != "Delete" {
            return Ok(());
        }
        let keep = json!({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}}});
        self.requests.persist(|| self.cluster.merge(name, &keep)).await?;
        let selector = spec["selector"]["matchLabels"].as_object().map(selector_text).unwrap_or_default();
        let owned = |claim: &Json| {
            let owners = claim["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
            owners.iter().any(|owner| owner["uid"] == live["metadata"]["uid"])
        };
        // The controller takes the claims out of the garbage collector's hands.
        loop {
            let namespace = name.namespace.as_deref();
            let list = || self.cluster.list("v1", "PersistentVolumeClaim", namespace, Some(&selector));
            let listed = self.requests.persist(list).await?;
            if !listed.iter().any(owned) {
                return Ok(());
            }
            if self.call.stop.is_cancelled() {
                return Err(Error::Cancelled { what: format!("waiting until the claims of {name} are kept") });
            }
            self.requests.pause().await;
        }
    }
}
