//! `loki_stack`: Loki on Kubernetes.

mod around;
mod check;
mod components;
pub(super) mod deep;
mod deploy;
pub(super) mod examine;
mod inventory;
mod list;
pub(super) mod observe;
mod online;
mod options;
mod overrides;
mod state;
mod storage;
mod takeover;
#[cfg(test)]
mod tests;
pub(super) mod troubles;
mod volumes;

use std::sync::Arc;

use async_trait::async_trait;

pub(super) use self::check::strings;
use self::deploy::Deployment;
pub use self::list::{LokiStackQuery, StackIdentity, StackList};
pub(super) use self::options::{flag, list, map, report_findings, resources, text, text_or, tolerations};
use self::options::{options, unknown_inputs};
pub use self::state::{LokiStack, PodMonitor, Resources, Toleration};
use super::provider::{Connections, Reach};
use super::{Call, Change, Resource, Timeouts};
use crate::loki;
use crate::schema::{Diagnostics, Problem, Report, Schematic, Value};

/// The resource type.
pub struct Stack {
    connections: Arc<Connections>,
}

impl Stack {
    /// Stacks on the cluster of these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl Resource for Stack {
    type State = LokiStack;
    type Identity = StackIdentity;
    const TYPE: &'static str = "loki_stack";

    fn timeouts(of: &mut LokiStack) -> Option<&mut Value<Timeouts>> {
        Some(&mut of.timeouts)
    }

    fn identity(&self, state: &LokiStack) -> Option<StackIdentity> {
        StackIdentity::of(state)
    }

    fn id_of(&self, identity: &StackIdentity) -> Result<String, Problem> {
        Ok(identity.id())
    }

    fn validate(&self, config: &LokiStack, report: &mut Diagnostics) {
        check::shape(config, report);
        check::secrets_shape(config, report);
        if !report.failed() {
            let (wanted, unknown) = (options(config), config.unknowns());
            // Warnings are left to the plan, which knows more; here they would be said twice.
            report_findings(check::rules(&wanted, None, &unknown), &unknown, false, report);
        }
    }

    async fn check(&self, call: &Call, change: &mut Change<'_, LokiStack>, report: &mut Diagnostics) {
        check::fill_counts(change.config, &mut change.planned);
        let whole = check::with_secrets(&change.planned, change.config);
        let (unknown, wanted) = (unknown_inputs(&change.planned), options(&whole));
        check::shape(&change.planned, report);
        let now = jiff::Timestamp::now();
        let mut findings = check::rules(&wanted, Some(check::day(now)), &unknown);
        findings.extend(change.prior.into_iter().flat_map(|prior| check::history(prior, &wanted, now)));
        report_findings(findings, &unknown, true, report);
        if report.failed() {
            return;
        }
        let rendered = loki::render(&wanted);
        check::fill_outputs(&mut change.planned, &wanted, &rendered, &unknown);
        if let Some(prior) = change.prior {
            check::fill_status(prior, &mut change.planned);
            check::volumes(prior, &change.planned, report);
        }
        if !unknown.is_empty() {
            return;
        }
        if let Reach::Ready(cluster) = self.connections.kube(report).await {
            let (planned, prior) = (&change.planned, change.prior);
            let aws = self.connections.aws_if_configured().await;
            let s3_endpoint = self.connections.s3_endpoint();
            let online =
                online::Online { call, cluster: &*cluster, aws, s3_endpoint, planned, prior, rendered: &rendered };
            online.run(&wanted, report).await;
        }
    }

    async fn check_delete(&self, _call: &Call, prior: &LokiStack, report: &mut Diagnostics) {
        check::announce_deletion(prior, report);
    }

    async fn create(&self, call: &Call, planned: &LokiStack, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        self.deploy(call, planned, state, report).await;
    }

    async fn update(&self, call: &Call, planned: &LokiStack, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        self.deploy(call, planned, state, report).await;
    }

    async fn delete(&self, call: &Call, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let Some(prior) = state.clone() else { return };
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        let wanted = options(&prior);
        Deployment::new(call, &*cluster, &wanted, false).delete(state, report).await;
    }

    async fn test(&self, call: &Call, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let Some(known) = state.as_mut() else { return };
        match self.connections.kube(report).await.or_deferred(call) {
            Reach::Ready(cluster) => {
                if !observe::refresh(call, &*cluster, known, report).await {
                    *state = None;
                }
            }
            // Terraform refreshes with an unknown connection only where the cluster itself is being made.
            Reach::Unknown | Reach::Failed => {}
        }
    }

    async fn import(&self, call: &Call, id: &str, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let Some((namespace, name)) = id.split_once('/').filter(|(_, name)| !name.contains('/')) else {
            report.refuse(
                Problem::new(summary!("The import id is not of the form namespace/name"))
                    .why(format!("{id:?} was given."))
                    .fix("For a stack \"loki\" in the namespace \"logging\" write logging/loki."),
            );
            return;
        };
        let reach = self.connections.kube(report).await.or_deferred(call);
        let Some(cluster) = reach.needed("Kubernetes", report) else { return };
        *state = observe::adopt(&*cluster, namespace, name, report).await;
    }
}

/// Every object of the stack, in the order of deployment; none where something is wrong with its attributes.
pub(super) fn rendered(stack: &mut LokiStack, report: &mut Diagnostics) -> Option<Vec<loki::Object>> {
    let config = stack.clone();
    check::fill_counts(&config, stack);
    check::shape(stack, report);
    check::secrets_shape(stack, report);
    let wanted = options(stack);
    report_findings(check::rules(&wanted, None, &[]), &[], true, report);
    (!report.failed()).then(|| loki::render(&wanted))
}

impl Stack {
    async fn deploy(&self, call: &Call, planned: &LokiStack, state: &mut Option<LokiStack>, report: &mut Diagnostics) {
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        let mut planned = planned.clone();
        let wanted = options(&planned);
        let rendered = loki::render(&wanted);
        check::fill_outputs(&mut planned, &wanted, &rendered, &[]);
        let force = flag(&planned.force_conflicts, false);
        let deployment = Deployment::new(call, &*cluster, &wanted, force);
        deployment.run(planned, &rendered, state, report).await;
    }
}
