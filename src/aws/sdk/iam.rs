//! IAM: roles, their inline policies, OIDC providers.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{SummaryKeyType, Tag};
use futures::future::try_join_all;
use percent_encoding::percent_decode_str;

use super::{Sdk, operations};
use crate::aws::{
    Asked, Error, Identity, Kind, ListedRole, NewRole, OidcProvider, Operation, Page, Quota, Refused, Result, Role,
    RolePolicies, Roles, Simulated,
};
use crate::iam::{PolicyDocument, arn};

/// `NotFound` is an answer, not a failure.
pub(super) fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

#[async_trait::async_trait]
impl Roles for Sdk {
    async fn role(&self, name: &str) -> Result<Option<Role>> {
        let operation = operations::GET_ROLE;
        let session = self.session(operation).await?;
        let answer = session.iam.get_role().role_name(name).send().await;
        let answer = answer.map_err(|error| session.failure(operation, &error));
        match found(answer)?.and_then(|answer| answer.role) {
            Some(role) => read(operation, role).map(Some),
            None => Ok(None),
        }
    }

    async fn role_quota(&self) -> Result<Option<Quota>> {
        let operation = operations::ACCOUNT_SUMMARY;
        let session = self.session(operation).await?;
        let answer = session.iam.get_account_summary().send().await;
        let summary = answer.map_err(|error| session.failure(operation, &error))?.summary_map.unwrap_or_default();
        let read = |key| summary.get(&key).copied();
        let (used, limit) = (read(SummaryKeyType::Roles), read(SummaryKeyType::from("RolesQuota")));
        Ok(used.zip(limit).map(|(used, limit)| Quota { used, limit }))
    }

    async fn list_roles(&self, path_prefix: &str, after: Option<String>) -> Result<Page<ListedRole>> {
        let operation = operations::LIST_ROLES;
        let session = self.session(operation).await?;
        let request = session.iam.list_roles().path_prefix(path_prefix).set_marker(after);
        let answer = request.send().await.map_err(|error| session.failure(operation, &error))?;
        let items = answer.roles.into_iter().map(|role| ListedRole {
            name: role.role_name,
            arn: role.arn,
            description: role.description.unwrap_or_default(),
        });
        Ok(Page { items: items.collect(), next: answer.marker.filter(|_| answer.is_truncated) })
    }

    async fn create_role(&self, role: &NewRole) -> Result<Role> {
        let operation = operations::CREATE_ROLE;
        let session = self.session(operation).await?;
        let answer = session
            .iam
            .create_role()
            .role_name(&role.name)
            .path(&role.path)
            .description(&role.description)
            .assume_role_policy_document(role.trust.to_string())
            .max_session_duration(role.max_session_duration)
            .set_permissions_boundary(role.permissions_boundary.clone())
            .set_tags(Some(tags(operation, &role.tags)?))
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        let Some(created) = answer.role else {
            let detail = format!("IAM answers nothing about the new role {:?}", role.name);
            return Err(Error::new(operation, Kind::Other(detail)));
        };
        // CreateRole's answer leaves out what it was given (boundary, tags).
        Ok(Role {
            name: created.role_name,
            arn: created.arn,
            path: created.path,
            description: role.description.clone(),
            trust: role.trust.clone(),
            max_session_duration: role.max_session_duration,
            permissions_boundary: role.permissions_boundary.clone(),
            tags: role.tags.clone(),
        })
    }

    async fn put_trust(&self, role: &str, trust: &PolicyDocument) -> Result<()> {
        let operation = operations::UPDATE_TRUST;
        let session = self.session(operation).await?;
        session
            .iam
            .update_assume_role_policy()
            .role_name(role)
            .policy_document(trust.to_string())
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        Ok(())
    }

    async fn put_max_session_duration(&self, role: &str, seconds: i32) -> Result<()> {
        let operation = operations::UPDATE_ROLE;
        let session = self.session(operation).await?;
        session
            .iam
            .update_role()
            .role_name(role)
            .max_session_duration(seconds)
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        Ok(())
    }

    async fn put_permissions_boundary(&self, role: &str, arn: Option<&str>) -> Result<()> {
        let Some(arn) = arn else {
            let operation = operations::DELETE_BOUNDARY;
            let session = self.session(operation).await?;
            let request = session.iam.delete_role_permissions_boundary();
            let answer = request.role_name(role).send().await;
            return found(answer.map_err(|error| session.failure(operation, &error))).map(|_| ());
        };
        let operation = operations::PUT_BOUNDARY;
        let session = self.session(operation).await?;
        session
            .iam
            .put_role_permissions_boundary()
            .role_name(role)
            .permissions_boundary(arn)
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        Ok(())
    }

    async fn put_role_tags(
        &self,
        role: &str,
        now: &BTreeMap<String, String>,
        wanted: &BTreeMap<String, String>,
    ) -> Result<()> {
        let gone: Vec<String> = now.keys().filter(|key| !wanted.contains_key(*key)).cloned().collect();
        if !gone.is_empty() {
            let operation = operations::UNTAG_ROLE;
            let session = self.session(operation).await?;
            let request = session.iam.untag_role().role_name(role);
            let answer = request.set_tag_keys(Some(gone)).send().await;
            answer.map_err(|error| session.failure(operation, &error))?;
        }
        let new: BTreeMap<String, String> = wanted
            .iter()
            .filter(|(key, value)| now.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !new.is_empty() {
            let operation = operations::TAG_ROLE;
            let session = self.session(operation).await?;
            let request = session.iam.tag_role().role_name(role);
            let answer = request.set_tags(Some(tags(operation, &new)?)).send().await;
            answer.map_err(|error| session.failure(operation, &error))?;
        }
        Ok(())
    }

    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<PolicyDocument>> {
        let operation = operations::GET_ROLE_POLICY;
        let session = self.session(operation).await?;
        let request = session.iam.get_role_policy().role_name(role);
        let answer = request.policy_name(policy).send().await;
        let answer = answer.map_err(|error| session.failure(operation, &error));
        found(answer)?.map(|answer| document(operation, &answer.policy_document)).transpose()
    }

    async fn put_inline_policy(&self, role: &str, policy: &str, document: &PolicyDocument) -> Result<()> {
        let operation = operations::PUT_ROLE_POLICY;
        let session = self.session(operation).await?;
        session
            .iam
            .put_role_policy()
            .role_name(role)
            .policy_name(policy)
            .policy_document(document.to_string())
            .send()
            .await
            .map_err(|error| session.failure(operation, &error))?;
        Ok(())
    }

    async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<()> {
        let operation = operations::DELETE_ROLE_POLICY;
        let session = self.session(operation).await?;
        let answer = session.iam.delete_role_policy().role_name(role).policy_name(policy).send().await;
        found(answer.map_err(|error| session.failure(operation, &error))).map(|_| ())
    }

    async fn role_policies(&self, role: &str) -> Result<RolePolicies> {
        let operation = operations::LIST_INLINE;
        let session = self.session(operation).await?;
        let pages = session.iam.list_role_policies().role_name(role);
        let inline: std::result::Result<Vec<_>, _> = pages.into_paginator().items().send().collect().await;
        let inline = inline.map_err(|error| session.failure(operation, &error))?;

        let operation = operations::LIST_ATTACHED;
        let pages = session.iam.list_attached_role_policies().role_name(role);
        let attached: std::result::Result<Vec<_>, _> = pages.into_paginator().items().send().collect().await;
        let attached = attached
            .map_err(|error| session.failure(operation, &error))?
            .into_iter()
            .filter_map(|policy| policy.policy_arn)
            .collect();
        Ok(RolePolicies { inline, attached })
    }

    async fn delete_role(&self, role: &str, inline_policies: &[&str]) -> Result<bool> {
        let session = self.session(operations::DELETE_ROLE).await?;
        try_join_all(inline_policies.iter().map(|policy| self.delete_inline_policy(role, policy))).await?;
        let answer = session.iam.delete_role().role_name(role).send().await;
        Ok(found(answer.map_err(|error| session.failure(operations::DELETE_ROLE, &error)))?.is_some())
    }

    async fn oidc_provider(&self, issuer: &str) -> Result<Option<OidcProvider>> {
        let operation = operations::GET_OIDC_PROVIDER;
        let caller = self.caller().await?;
        let arn = arn::oidc_provider(&caller.partition, &caller.account, issuer);
        let session = self.session(operation).await?;
        let request = session.iam.get_open_id_connect_provider();
        let answer = request.open_id_connect_provider_arn(&arn).send().await;
        let answer = answer.map_err(|error| session.failure(operation, &error));
        Ok(found(answer)?.map(|answer| OidcProvider { arn, audiences: answer.client_id_list.unwrap_or_default() }))
    }

    async fn create_oidc_provider(
        &self,
        issuer: &str,
        audience: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<OidcProvider> {
        let operation = operations::CREATE_OIDC_PROVIDER;
        let session = self.session(operation).await?;
        let request = session.iam.create_open_id_connect_provider().url(issuer).client_id_list(audience);
        let answer = request.set_tags(Some(self::tags(operation, tags)?)).send().await;
        let answer = answer.map_err(|error| session.failure(operation, &error))?;
        let arn = answer.open_id_connect_provider_arn.unwrap_or_default();
        Ok(OidcProvider { arn, audiences: vec![audience.to_owned()] })
    }

    async fn add_audience(&self, provider_arn: &str, audience: &str) -> Result<()> {
        let operation = operations::ADD_AUDIENCE;
        let session = self.session(operation).await?;
        let request = session.iam.add_client_id_to_open_id_connect_provider();
        let request = request.open_id_connect_provider_arn(provider_arn).client_id(audience);
        request.send().await.map_err(|error| session.failure(operation, &error))?;
        Ok(())
    }

    async fn delete_oidc_provider(&self, provider_arn: &str) -> Result<()> {
        let operation = operations::DELETE_OIDC_PROVIDER;
        let session = self.session(operation).await?;
        let request = session.iam.delete_open_id_connect_provider();
        let answer = request.open_id_connect_provider_arn(provider_arn).send().await;
        found(answer.map_err(|error| session.failure(operation, &error))).map(|_| ())
    }

    async fn roles_trusting(&self, provider_arn: &str) -> Result<Vec<String>> {
        let operation = operations::LIST_ROLES;
        let session = self.session(operation).await?;
        let pages = session.iam.list_roles().into_paginator().items().send();
        let roles: std::result::Result<Vec<_>, _> = pages.collect().await;
        let roles = roles.map_err(|error| session.failure(operation, &error))?;
        let trusts = |document: &str| percent_decode_str(document).decode_utf8_lossy().contains(provider_arn);
        let trusting = roles.into_iter().filter(|role| role.assume_role_policy_document().is_some_and(trusts));
        Ok(trusting.map(|role| role.role_name).collect())
    }

    async fn simulate(&self, whose: Simulated<'_>, policy: &PolicyDocument, asked: &Asked) -> Result<Vec<Refused>> {
        self.session(operations::SIMULATE).await?.simulate(whose, policy, asked).await
    }
}

fn read(operation: Operation, role: aws_sdk_iam::types::Role) -> Result<Role> {
    let trust = role.assume_role_policy_document.unwrap_or_default();
    Ok(Role {
        trust: document(operation, &trust)?,
        name: role.role_name,
        arn: role.arn,
        path: role.path,
        description: role.description.unwrap_or_default(),
        // IAM's default, for the services that leave it out.
        max_session_duration: role.max_session_duration.unwrap_or(3600),
        permissions_boundary: role.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
        tags: role
            .tags
            .unwrap_or_default()
            .into_iter()
            .filter(|tag| !tag.key.starts_with("aws:"))
            .map(|tag| (tag.key, tag.value))
            .collect(),
    })
}

/// IAM answers documents percent-encoded (RFC 3986).
pub(super) fn document(operation: Operation, encoded: &str) -> Result<PolicyDocument> {
    let text = percent_decode_str(encoded).decode_utf8_lossy();
    PolicyDocument::parse(&text).map_err(|detail| Error::new(operation, Kind::Other(detail)))
}

fn tags(operation: Operation, tags: &BTreeMap<String, String>) -> Result<Vec<Tag>> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| {
            let detail = error.to_string();
            Error::new(operation, Kind::InvalidInput(detail))
        })
}
