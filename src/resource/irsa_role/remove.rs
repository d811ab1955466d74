//! Deploy: delete the role and what came with it.

use super::check::free_of_others;
use super::{ADDITIONAL_POLICY, IrsaRole, IrsaRoleResource, STORAGE_POLICY, oidc, pods};
use crate::resource::Call;
use crate::resource::account::{problem, surely_deleted};
use crate::schema::{Diagnostics, Report, Value};

impl IrsaRoleResource {
    pub(super) async fn remove(&self, call: &Call, state: &mut Option<IrsaRole>, report: &mut Diagnostics) {
        let Some(current) = state else { return };
        let Some(name) = current.name.as_ref_option().cloned() else { return };
        let Some(aws) = self.connections.aws().await.needed("AWS", report) else { return };
        let aws = aws.as_ref();
        if !free_of_others(aws, &name, report).await {
            return;
        }
        pods::dissociate(call, aws, current, report).await;
        if report.failed() || call.stopped(&format!("deleting the role {name:?}"), report) {
            return;
        }
        if current.owns_oidc_provider == Value::Value(true) {
            oidc::withdraw(call, aws, current, report).await;
        }
        if report.failed() {
            return;
        }
        match surely_deleted(call, || aws.delete_role(&name, &[STORAGE_POLICY, ADDITIONAL_POLICY])).await {
            Ok(()) => *state = None,
            Err(error) => report.refuse(problem(summary!("The role {name:?} could not be deleted"), &error)),
        }
    }
}
