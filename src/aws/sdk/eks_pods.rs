//! EKS: add-ons, and which role the pods of a service account are.

use std::collections::BTreeMap;

use futures::future::try_join_all;

use super::{Session, iam::found, operations};
use crate::aws::{Addon, Error, Kind, PodAccount, PodIdentity, Result};

impl Session {
    pub(super) async fn addons(&self, cluster: &str) -> Result<Vec<Addon>> {
        let operation = operations::LIST_ADDONS;
        let pages = self.eks.list_addons().cluster_name(cluster).into_paginator().items().send();
        let names: std::result::Result<Vec<String>, _> = pages.collect().await;
        let names = names.map_err(|error| self.failure(operation, &error))?;
        try_join_all(names.into_iter().map(|name| self.addon(cluster, name))).await
    }

    async fn addon(&self, cluster: &str, name: String) -> Result<Addon> {
        let operation = operations::DESCRIBE_ADDON;
        let answer = self.eks.describe_addon().cluster_name(cluster).addon_name(&name).send().await;
        let addon = answer.map_err(|error| self.failure(operation, &error))?.addon;
        let (version, status) = addon.map_or((None, None), |addon| (addon.addon_version, addon.status));
        let status = status.map(|status| status.as_str().to_owned()).unwrap_or_default();
        Ok(Addon { name, version: version.unwrap_or_default(), status })
    }

    /// EKS holds at most one for a service account.
    pub(super) async fn pod_identity(&self, account: &PodAccount) -> Result<Option<PodIdentity>> {
        let operation = operations::LIST_POD_IDENTITIES;
        let request = self.eks.list_pod_identity_associations().cluster_name(&account.cluster);
        let request = request.namespace(&account.namespace).service_account(&account.service_account);
        let answer = request.send().await.map_err(|error| self.failure(operation, &error))?;
        let ours = answer.associations.unwrap_or_default().into_iter().next();
        let Some(id) = ours.and_then(|it| it.association_id) else { return Ok(None) };
        let operation = operations::DESCRIBE_POD_IDENTITY;
        let request = self.eks.describe_pod_identity_association().cluster_name(&account.cluster).association_id(&id);
        let described = found(request.send().await.map_err(|error| self.failure(operation, &error)))?;
        // It may be gone since it was listed.
        let Some(described) = described else { return Ok(None) };
        let role_arn = described.association.and_then(|it| it.role_arn).unwrap_or_default();
        Ok(Some(PodIdentity { id, role_arn }))
    }

    pub(super) async fn create_pod_identity(
        &self,
        account: &PodAccount,
        role_arn: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<PodIdentity> {
        let operation = operations::CREATE_POD_IDENTITY;
        let request = self.eks.create_pod_identity_association().cluster_name(&account.cluster);
        let request = request.namespace(&account.namespace).service_account(&account.service_account);
        let answer = request
            .role_arn(role_arn)
            .set_tags(Some(tags.clone().into_iter().collect()))
            .send()
            .await
            .map_err(|error| self.failure(operation, &error))?;
        let id = answer.association.and_then(|it| it.association_id);
        let missing = || Error::new(operation, Kind::Other("EKS answers nothing about the new association".to_owned()));
        Ok(PodIdentity { id: id.ok_or_else(missing)?, role_arn: role_arn.to_owned() })
    }

    pub(super) async fn delete_pod_identity(&self, cluster: &str, id: &str) -> Result<()> {
        let operation = operations::DELETE_POD_IDENTITY;
        let request = self.eks.delete_pod_identity_association().cluster_name(cluster).association_id(id);
        found(request.send().await.map_err(|error| self.failure(operation, &error))).map(|_| ())
    }
}
