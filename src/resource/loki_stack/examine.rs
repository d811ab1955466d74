//! A look at a stack from outside, without its state: what other types ask of it.

use std::collections::BTreeMap;

use super::observe::{self, Facts};
use super::{takeover, troubles};
use crate::kube::{Cluster, Error, ObjectRef};
use crate::loki::health::{Seen, State};
use crate::loki::manifests::label_selector;
use crate::loki::{self, Health, Options};
use crate::schema::Problem;

/// What was found.
pub(in crate::resource) struct Examined {
    /// The options that the live objects tell.
    pub options: Options,
    /// Judged as the resource's status is.
    pub health: Health,
    /// The components by name.
    pub components: BTreeMap<String, Component>,
    /// Version of the Loki that answers.
    pub version: Option<String>,
    facts: Facts,
}

/// A component's state and replicas.
pub(in crate::resource) struct Component {
    pub state: State,
    pub replicas: u32,
    pub ready: u32,
}

/// The options that the live objects of the stack of that name tell; none where there is no such stack.
///
/// # Errors
/// When the cluster cannot be asked.
pub(in crate::resource) async fn options(
    cluster: &dyn Cluster,
    namespace: &str,
    name: &str,
) -> Result<Option<Options>, Problem> {
    let mut named = named(namespace, name);
    let set = ObjectRef::namespaced("apps/v1", "StatefulSet", namespace, name);
    let config = ObjectRef::namespaced("v1", "ConfigMap", namespace, &named.config_map_name());
    let config = cluster.get(&config).await;
    // Its labels tell those of all others.
    named.helm_release = config.as_ref().ok().and_then(|map| takeover::of_labels(name, map.as_ref()?));
    let (set, listed) = tokio::join!(cluster.get(&set), workloads_of(cluster, &named));
    let workloads: Vec<_> = match (set, listed) {
        // Who may not list them still sees the StatefulSet that monolithic Loki is.
        (Ok(set), Ok(listed)) if listed.is_empty() => Ok(set.into_iter().collect()),
        (Ok(_), listed) => listed,
        (Err(error), _) => Err(error),
    }
    .map_err(|error| unreadable(&error, cluster, namespace, name))?;
    // Without it the stack is judged by the defaults; who may not read it can still ask for the health.
    let config = config.ok().flatten();
    let text = config.as_ref().and_then(|map| map["data"]["config.yaml"].as_str());
    Ok((!workloads.is_empty()).then(|| {
        let told = loki::deployed(namespace, name, &workloads, text);
        let release = workloads.iter().find_map(|workload| takeover::of_labels(name, workload));
        Options { helm_release: release, ..told }
    }))
}

/// Looks at the stack of that name.
///
/// # Errors
/// When the cluster cannot be asked; a stack that is not there is ill, and no error.
pub(in crate::resource) async fn examine(
    cluster: &dyn Cluster,
    namespace: &str,
    name: &str,
) -> Result<Examined, Problem> {
    // What is not there is judged by the defaults.
    let options = options(cluster, namespace, name).await?.unwrap_or_else(|| named(namespace, name));
    let facts = observe::examine(cluster, &options).await;
    if let Some(error) = facts.unasked() {
        return Err(unreadable(error, cluster, namespace, name));
    }
    let health = loki::judge(&options, &facts.observed);
    let components = facts.observed.rollouts.iter().map(|rollout| {
        let (replicas, ready) = match &rollout.seen {
            Seen::Present(progress) => (progress.desired, progress.ready),
            Seen::Absent | Seen::Unasked(_) => (0, 0),
        };
        let state = health.components.get(&rollout.component).copied().unwrap_or(State::Unknown);
        (rollout.component.clone(), Component { state, replicas, ready })
    });
    Ok(Examined { components: components.collect(), version: facts.observed.version.clone(), options, health, facts })
}

/// The options of a stack of which no more than the name is known.
fn named(namespace: &str, name: &str) -> Options {
    Options { name: name.to_owned(), namespace: namespace.to_owned(), ..Options::default() }
}

/// The workloads of the stack of that name. Who may not list them is taken to have none.
async fn workloads_of(cluster: &dyn Cluster, named: &Options) -> Result<Vec<serde_json::Value>, Error> {
    let selector = label_selector(named, None);
    let list = |kind: &'static str| cluster.list("apps/v1", kind, Some(&named.namespace), Some(&selector));
    let mut found = Vec::new();
    let (sets, deployments, daemons) = tokio::join!(list("StatefulSet"), list("Deployment"), list("DaemonSet"));
    for listed in [sets, deployments, daemons] {
        match listed {
            Ok(workloads) => found.extend(workloads),
            Err(Error::Forbidden { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

impl Examined {
    /// What was found, one line each.
    pub(in crate::resource) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for rollout in &self.facts.observed.rollouts {
            lines.push(match &rollout.seen {
                Seen::Present(progress) => {
                    format!("{}: {} of {} replicas are ready", rollout.workload, progress.ready, progress.desired)
                }
                Seen::Absent => format!("{} does not exist", rollout.workload),
                Seen::Unasked(why) => format!("{} could not be asked for: {why}", rollout.workload),
            });
        }
        for probe in &self.facts.observed.probes {
            lines.push(match probe.status {
                Some(200) => format!("pod {} says that it is ready", probe.pod),
                Some(_) => format!("pod {} says: {}", probe.pod, probe.body),
                None => format!("pod {} does not answer", probe.pod),
            });
        }
        for ring in &self.facts.observed.rings {
            let active = ring.members.iter().filter(|member| member.state.eq_ignore_ascii_case("ACTIVE")).count();
            lines.push(format!("{} ring: {active} of {} members are active", ring.name, ring.members.len()));
        }
        lines.extend(self.version.as_ref().map(|version| format!("Loki {version} runs")));
        lines
    }

    /// The first trouble of each workload, with its last events and log lines.
    pub(in crate::resource) async fn diagnose(&self, cluster: &dyn Cluster) -> String {
        self.facts.diagnose(cluster).await
    }
}

/// Why the stack cannot be looked at.
fn unreadable(error: &Error, cluster: &dyn Cluster, namespace: &str, name: &str) -> Problem {
    match error {
        Error::Unreachable { .. } | Error::Unauthorized { .. } | Error::Credentials { .. } => {
            troubles::unreachable(error, cluster)
        }
        _ => troubles::failed(summary!("The stack {namespace}/{name} cannot be read"), error),
    }
}

/// The user may not send the query.
pub(in crate::resource) fn query_not_allowed(error: &Error) -> Problem {
    troubles::failed(summary!("The query is not allowed"), error)
        .fix("Grant the user of the kubernetes block get of services/proxy in the namespace.")
}

/// The user may not send the deep test's requests.
pub(in crate::resource) fn not_allowed(error: &Error) -> Problem {
    troubles::failed(summary!("The deep test is not allowed"), error).fix(
        "Grant the user of the kubernetes block get and create of services/proxy in the namespace, or test without it.",
    )
}
