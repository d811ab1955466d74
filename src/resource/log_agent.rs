//! `loki_log_agent`, and `log_agent`: an agent on every node that ships logs to Loki.

mod attributes;
mod check;
mod deploy;
mod list;
mod loki;
mod observe;
mod online;
mod options;
mod stages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::attributes::LogAgent;
use self::deploy::Deployment;
pub use self::list::{AgentIdentity, LogAgentList};
use self::options::options;
use super::loki_stack::report_findings;
use super::provider::{Connections, Reach};
use super::{Call, Change, Resource, Timeouts};
use crate::agent;
use crate::schema::{Diagnostics, Problem, Report, Value};

/// The resource type.
pub struct LogAgentResource {
    connections: Arc<Connections>,
}

impl LogAgentResource {
    /// Agents on the cluster of these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn deploy(&self, call: &Call, planned: &LogAgent, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        let mut planned = planned.clone();
        check::fill(&mut planned, &[]);
        Deployment::new(call, &*cluster, &planned).run(state, report).await;
    }
}

#[async_trait]
impl Resource for LogAgentResource {
    type State = LogAgent;
    type Identity = AgentIdentity;
    const TYPE: &'static str = "loki_log_agent";
    const ALIASES: &'static [&'static str] = &["log_agent"];

    fn timeouts(of: &mut LogAgent) -> Option<&mut Value<Timeouts>> {
        Some(&mut of.timeouts)
    }

    fn identity(&self, state: &LogAgent) -> Option<AgentIdentity> {
        AgentIdentity::of(state)
    }

    fn id_of(&self, identity: &AgentIdentity) -> Result<String, Problem> {
        Ok(identity.id())
    }

    fn validate(&self, config: &LogAgent, report: &mut Diagnostics) {
        check::shape(config, report);
        check::secrets_shape(config, report);
        if !report.failed() {
            let unknown = check::unknown_inputs(config);
            // Warnings are left to the plan, which knows more; here they would be said twice.
            report_findings(check::rules(&options(config), None, &unknown), &unknown, false, report);
        }
    }

    async fn check(&self, call: &Call, change: &mut Change<'_, LogAgent>, report: &mut Diagnostics) {
        check::fill_labels(change.config, &mut change.planned);
        let whole = check::with_secrets(&change.planned, change.config);
        let unknown = check::unknown_inputs(&change.planned);
        check::shape(&change.planned, report);
        if report.failed() {
            return;
        }
        let wanted = options(&whole);
        let reach = match check::ask_for_cluster(&unknown) {
            true => self.connections.kube(report).await,
            false => Reach::Unknown,
        };
        let target = match &reach {
            Reach::Ready(cluster) => loki::find(&**cluster, &wanted.push_url).await,
            Reach::Unknown | Reach::Failed => None,
        };
        let known = target.as_ref().map(|found| &found.target);
        report_findings(check::rules(&wanted, known, &unknown), &unknown, true, report);
        if report.failed() {
            return;
        }
        check::fill(&mut change.planned, &unknown);
        if let Some(prior) = change.prior {
            check::fill_status(prior, &mut change.planned);
            check::announce_kind(prior, &change.planned, report);
        }
        if let Reach::Ready(cluster) = &reach
            && unknown.is_empty()
        {
            let (planned, prior, found) = (&change.planned, change.prior, target.as_ref());
            let online = online::Online { call, cluster: &**cluster, planned, found, prior };
            online.run(&wanted, &agent::render(&wanted), report).await;
        }
    }

    async fn create(&self, call: &Call, planned: &LogAgent, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        self.deploy(call, planned, state, report).await;
    }

    async fn update(&self, call: &Call, planned: &LogAgent, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        self.deploy(call, planned, state, report).await;
    }

    async fn delete(&self, call: &Call, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        let Some(prior) = state.clone() else { return };
        let Some(cluster) = self.connections.kube(report).await.needed("Kubernetes", report) else { return };
        Deployment::new(call, &*cluster, &prior).delete(state, report).await;
    }

    async fn test(&self, call: &Call, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
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

    async fn import(&self, call: &Call, id: &str, state: &mut Option<LogAgent>, report: &mut Diagnostics) {
        let Some((namespace, name)) = id.split_once('/').filter(|(_, name)| !name.contains('/')) else {
            report.refuse(
                Problem::new(summary!("The import id is not of the form namespace/name"))
                    .why(format!("{id:?} was given."))
                    .fix("For an agent \"log-agent\" in the namespace \"logging\" write logging/log-agent."),
            );
            return;
        };
        let reach = self.connections.kube(report).await.or_deferred(call);
        let Some(cluster) = reach.needed("Kubernetes", report) else { return };
        *state = observe::adopt(&*cluster, namespace, name, report).await;
    }
}
