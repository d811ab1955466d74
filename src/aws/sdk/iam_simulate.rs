//! IAM's own judgement on what a role would be denied.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};

use super::iam::document;
use super::{Session, operations};
use crate::aws::{Asked, Refused, RefusedBy, Result, Simulated};
use crate::iam::PolicyDocument;

impl Session {
    pub(super) async fn simulate(
        &self,
        whose: Simulated<'_>,
        policy: &PolicyDocument,
        asked: &Asked,
    ) -> Result<Vec<Refused>> {
        let (actions, resources) = (Some(asked.actions.clone()), Some(asked.resources.clone()));
        // What policies commonly ask of every request.
        let tls = ContextEntry::builder()
            .context_key_name("aws:SecureTransport")
            .context_key_type(ContextKeyTypeEnum::Boolean)
            .context_key_values("true")
            .build();
        let results = match whose {
            Simulated::Role(arn) => {
                let request = self.iam.simulate_principal_policy().policy_source_arn(arn).context_entries(tls);
                let request = request.policy_input_list(policy.to_string());
                let answer = request.set_action_names(actions).set_resource_arns(resources).send().await;
                answer.map_err(|error| self.failure(operations::SIMULATE, &error))?.evaluation_results
            }
            Simulated::Within(boundary) => {
                let boundary = self.managed_policy(boundary).await?;
                let request = self.iam.simulate_custom_policy().policy_input_list(policy.to_string());
                let request = request.permissions_boundary_policy_input_list(boundary.to_string()).context_entries(tls);
                let answer = request.set_action_names(actions).set_resource_arns(resources).send().await;
                answer.map_err(|error| self.failure(operations::SIMULATE_CUSTOM, &error))?.evaluation_results
            }
        };
        Ok(results.unwrap_or_default().iter().flat_map(refused).collect())
    }

    /// The version of a managed policy that is in effect.
    async fn managed_policy(&self, arn: &str) -> Result<PolicyDocument> {
        let operation = operations::GET_MANAGED_POLICY;
        let answer = self.iam.get_policy().policy_arn(arn).send().await;
        let policy = answer.map_err(|error| self.failure(operation, &error))?.policy;
        let version = policy.and_then(|policy| policy.default_version_id).unwrap_or_default();
        let operation = operations::GET_POLICY_VERSION;
        let answer = self.iam.get_policy_version().policy_arn(arn).version_id(version).send().await;
        let version = answer.map_err(|error| self.failure(operation, &error))?.policy_version;
        document(operation, &version.and_then(|it| it.document).unwrap_or_default())
    }
}

/// What is denied of an action, for each resource where IAM says so.
fn refused(result: &EvaluationResult) -> Vec<Refused> {
    let by = |decision: &PolicyEvaluationDecisionType, boundary: Option<bool>| match decision {
        PolicyEvaluationDecisionType::Allowed => None,
        _ if result.organizations_decision_detail().is_some_and(|it| !it.allowed_by_organizations) => {
            Some(RefusedBy::Organization)
        }
        _ if boundary == Some(false) => Some(RefusedBy::Boundary),
        PolicyEvaluationDecisionType::ExplicitDeny => Some(RefusedBy::Statement),
        _ => Some(RefusedBy::Nothing),
    };
    // A condition whose value the simulation does not know is no proof.
    if !result.missing_context_values().is_empty() {
        return Vec::new();
    }
    let action = result.eval_action_name.clone();
    let boundary = result.permissions_boundary_decision_detail().map(|it| it.allowed_by_permissions_boundary);
    if result.resource_specific_results().is_empty() {
        let resource = result.eval_resource_name.clone().unwrap_or_default();
        return by(&result.eval_decision, boundary).map(|by| Refused { action, resource, by }).into_iter().collect();
    }
    let of = |it: &aws_sdk_iam::types::ResourceSpecificResult| {
        let boundary = it.permissions_boundary_decision_detail().map(|it| it.allowed_by_permissions_boundary);
        let by = by(&it.eval_resource_decision, boundary)?;
        Some(Refused { action: action.clone(), resource: it.eval_resource_name.clone(), by })
    };
    result.resource_specific_results().iter().filter_map(of).collect()
}
