//! The test phase: what is live, how it differs, whether each node's lines arrive.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value as Json;

use super::attributes::{AgentStatus, LogAgent};
use super::loki::{self, Found};
use super::options::options;
use crate::agent::health::{self, Judgement, Node};
use crate::agent::manifests::node_selector_text;
use crate::agent::{self, Kind, Options};
use crate::kube::{self, Cluster, Error, Logs, ObjectRef, ProxyRequest, ProxyTarget};
use crate::loki::Object;
use crate::loki::config_file::grammar::duration;
use crate::loki::health::{Observed, Progress, Rollout, Seen, State};
use crate::resource::loki_stack::{observe, strings, troubles};
use crate::resource::{Call, inventory};
use crate::schema::{Diagnostics, Problem, Report, Value};

/// Lines of an agent's log that are looked through for what it complains of.
const LOG_LINES: u32 = 100;

/// What was found.
pub(super) struct Facts {
    pub judged: Judgement,
    /// The workloads alone.
    pub observed: Observed,
    /// Why the cluster does not say how the agent is.
    pub unasked: Option<Error>,
    pub nodes: Vec<Node>,
    /// Whether Loki could be asked for lines.
    pub asked: bool,
}

impl Facts {
    /// Whether each node's agent is new, ready, and no other one is left.
    pub(super) fn has_rolled_out(&self) -> bool {
        self.observed.rollouts.iter().all(|rollout| rollout.seen.has_rolled_out())
    }

    /// The nodes whose lines do not arrive.
    pub(super) fn silent(&self) -> Vec<&Node> {
        let silent = |node: &&Node| self.judged.nodes.get(&node.name).is_some_and(|word| word == "silent");
        self.nodes.iter().filter(silent).collect()
    }
}

/// The workloads of an agent.
pub(super) fn workloads(options: &Options) -> Vec<ObjectRef> {
    let of = |kind: &str, name: String| ObjectRef::namespaced("apps/v1", kind, &options.namespace, &name);
    let mut all = vec![of("DaemonSet", options.object_name())];
    all.extend(options.events.as_ref().map(|_| of("Deployment", format!("{}-events", options.object_name()))));
    all
}

/// How long a node may be silent, as it is written.
pub(super) fn silence(state: &LogAgent) -> &str {
    state.max_silence.as_deref_option().unwrap_or("10m")
}

/// Whether silent nodes are looked for at all.
pub(super) fn watches(state: &LogAgent) -> bool {
    duration::go(silence(state)).is_some_and(|nanoseconds| nanoseconds > 0)
}

/// Where lines are looked for.
pub(super) struct Watch {
    /// The stack that has them.
    found: Found,
    /// How long a node may be silent, as LogQL takes it, and as it is written.
    window: String,
    shown: String,
}

/// Where lines are looked for; none where they are not, or no stack is known.
pub(super) async fn watch(cluster: &dyn Cluster, state: &LogAgent, push_url: &str) -> Option<Watch> {
    let shown = silence(state).to_owned();
    let nanoseconds = duration::go(&shown).filter(|nanoseconds| *nanoseconds > 0)?;
    // LogQL knows no fractions, and Go's durations no days.
    let window = format!("{}s", (nanoseconds / 1_000_000_000).max(1));
    Some(Watch { found: loki::find(cluster, push_url).await?, window, shown })
}

/// Looks at workloads, pods and arrivals, all at once.
pub(super) async fn gather(cluster: &dyn Cluster, options: &Options, watch: Option<&Watch>) -> Facts {
    let workloads = workloads(options);
    let selector = node_selector_text(options);
    let arrivals = async {
        let watch = watch?;
        loki::arrived(cluster, options, &watch.found, &watch.window).await
    };
    let (seen, pods, arrived) = tokio::join!(
        join_all(workloads.iter().map(|workload| look(cluster, workload))),
        cluster.list("v1", "Pod", Some(&options.namespace), Some(&selector)),
        arrivals,
    );
    let mut unasked = None;
    let mut rollouts = Vec::new();
    for (workload, seen) in workloads.iter().zip(seen) {
        let seen = seen.unwrap_or_else(|error| {
            let why = Seen::Unasked(error.to_string());
            unasked = Some(error);
            why
        });
        let component = if workload.kind == "DaemonSet" { "nodes" } else { "events" };
        let workload = format!("{}/{}", workload.kind, workload.name);
        rollouts.push(Rollout { component: component.to_owned(), workload, seen });
    }
    let listed = pods.unwrap_or_default();
    let pods: Vec<_> = listed.iter().map(|pod| (pod["spec"]["nodeName"].as_str(), kube::pod_status(pod))).collect();
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    for (node, status) in &pods {
        if let Some(name) = node.filter(|_| !status.terminating) {
            let (name, pod, complaint) = (name.to_owned(), status.name.clone(), String::new());
            nodes.insert(name.clone(), Node { name, pod, ready: status.ready, complaint });
        }
    }
    let mut nodes: Vec<_> = nodes.into_values().collect();
    if let Some(arrived) = &arrived {
        // What a silent agent complains of; few are asked, as many fail alike.
        for node in nodes.iter_mut().filter(|node| node.ready && !arrived.contains(&node.name)).take(3) {
            let logs = Logs {
                namespace: options.namespace.clone(),
                pod: node.pod.clone(),
                container: None,
                tail_lines: LOG_LINES,
                previous: false,
            };
            node.complaint = cluster.pod_logs(&logs).await.map(|log| health::complaint(&log)).unwrap_or_default();
        }
    }
    let pods = pods.into_iter().map(|(_, status)| observe::pod(("nodes".to_owned(), status))).collect();
    let observed = Observed { rollouts, pods, ..Observed::default() };
    let workloads = crate::loki::judge(&crate::loki::Options::default(), &observed);
    let judged = health::judge(workloads, &nodes, arrived.as_ref(), watch.map_or("", |watch| &watch.shown));
    Facts { judged, observed, unasked, nodes, asked: arrived.is_some() }
}

async fn look(cluster: &dyn Cluster, workload: &ObjectRef) -> Result<Seen, Error> {
    let Some(live) = cluster.get(workload).await? else { return Ok(Seen::Absent) };
    let blocked = kube::blocked(cluster, &live).await.unwrap_or_default();
    Ok(Seen::Present(Progress { blocked, ..observe::progress(&kube::rollout(&live)) }))
}

/// Whether the agent of each node says that Loki has taken something of it. One that may not be asked, or does not answer, is
/// taken to have sent.
pub(super) async fn have_sent(cluster: &dyn Cluster, options: &Options, nodes: &[Node]) -> bool {
    let program = options.kind.program();
    let (port, path) = program.metrics;
    let asked = nodes.iter().map(async |node| {
        let request = ProxyRequest::get(&options.namespace, ProxyTarget::Pod(node.pod.clone()), port, path);
        let answer = cluster.proxy(&request).await.ok().filter(kube::Response::is_success);
        answer.is_none_or(|answer| health::counted(&answer.body, program.sent).is_some_and(|sent| sent > 0.0))
    });
    join_all(asked).await.into_iter().all(|sent| sent)
}

/// The first trouble of each workload, with its last events and log lines.
pub(super) async fn diagnose(cluster: &dyn Cluster, options: &Options) -> String {
    let workloads = workloads(options);
    let troubles = join_all(workloads.iter().map(|workload| kube::diagnose(cluster, workload))).await;
    let texts: Vec<_> = troubles.iter().filter_map(|found| found.first()).map(ToString::to_string).collect();
    texts.join("\n\n")
}

/// The judgement as the state holds it.
pub(super) fn status(judged: &Judgement) -> Value<AgentStatus> {
    Value::Value(AgentStatus {
        state: Value::Value(judged.state.as_str().to_owned()),
        reasons: Value::Value(judged.reasons.iter().cloned().map(Value::Value).collect()),
        nodes: strings(judged.nodes.clone()),
    })
}

/// Brings `state` up to what is live; false when nothing of the agent is left.
pub(super) async fn refresh(
    call: &Call,
    cluster: &dyn Cluster,
    state: &mut LogAgent,
    report: &mut Diagnostics,
) -> bool {
    let wanted = options(state);
    let rendered: BTreeMap<String, Object> =
        agent::render(&wanted).into_iter().map(|object| (object.key(), object)).collect();
    let known = inventory::of(&state.objects);
    let compared = join_all(known.iter().map(async |(key, digest)| {
        let look = match inventory::object(key) {
            Some(named) => Some(cluster.get(&named).await),
            None => None,
        };
        (key.clone(), observe::compare(cluster, digest, rendered.get(key), look).await)
    }));
    let facts = async {
        let watch = watch(cluster, state, &wanted.push_url).await;
        gather(cluster, &wanted, watch.as_ref()).await
    };
    let (objects, facts) = tokio::select! {
        found = async { tokio::join!(compared, facts) } => found,
        () = call.stop.cancelled() => {
            call.stopped("reading the log agent", report);
            return true;
        }
    };
    let agent = wanted.agent();
    let mut found = inventory::Inventory::new();
    for (key, outcome) in objects {
        match outcome {
            Ok(Some(digest)) => drop(found.insert(key, digest)),
            Ok(None) => {}
            Err(error) => {
                // What could not be looked at is taken to be as it was.
                let unusable =
                    matches!(error, Error::Unreachable { .. } | Error::Unauthorized { .. } | Error::Credentials { .. });
                report.refuse(match unusable {
                    true => troubles::unreachable(&error, cluster),
                    false => troubles::failed(summary!("{key} of the log agent {agent} cannot be read"), &error),
                });
                return true;
            }
        }
    }
    if found.is_empty() && !known.is_empty() {
        report.warn(
            Problem::new(summary!("The log agent {agent} is gone"))
                .why("None of its objects is left in the cluster; they were deleted outside of Terraform.")
                .fix("Apply deploys it anew. It goes on where it has stopped reading, on nodes that still have its notes."),
        );
        return false;
    }
    match facts.judged.state {
        State::Healthy => {}
        State::Unknown => report.warn(
            Problem::new(summary!("The health of the log agent {agent} is unknown"))
                .why(facts.judged.reasons.join("\n")),
        ),
        ill => report.warn(
            Problem::new(summary!("The log agent {agent} is {}", ill.as_str())).why(facts.judged.reasons.join("\n")),
        ),
    }
    state.objects = Value::Value(found);
    state.status = status(&facts.judged);
    true
}

/// A state for an agent that exists; its attributes follow from the configuration at the next plan.
pub(super) async fn adopt(
    cluster: &dyn Cluster,
    namespace: &str,
    name: &str,
    report: &mut Diagnostics,
) -> Option<LogAgent> {
    let sets = Kind::ALL.map(|kind| {
        let options = Options { kind, name: name.to_owned(), namespace: namespace.to_owned(), ..Options::default() };
        (kind, ObjectRef::namespaced("apps/v1", "DaemonSet", namespace, &options.object_name()))
    });
    let looks = join_all(sets.iter().map(|(_, set)| cluster.get(set))).await;
    let mut found: Option<(Kind, Json)> = None;
    for ((kind, set), look) in sets.iter().zip(looks) {
        match look {
            Ok(live) => found = found.or(live.map(|live| (*kind, live))),
            Err(error) => {
                report.refuse(troubles::failed(summary!("{set} cannot be read"), &error));
                return None;
            }
        }
    }
    let Some((kind, live)) = found else {
        let names: Vec<_> = sets.iter().map(|(_, set)| set.name.clone()).collect();
        report.refuse(
            Problem::new(summary!("There is no such log agent"))
                .why(format!("The namespace {namespace:?} has no DaemonSet {}.", names.join(", nor ")))
                .fix("Check namespace, name and the context of the kubernetes block."),
        );
        return None;
    };
    let set = live["metadata"]["name"].as_str().unwrap_or_default();
    Some(LogAgent {
        name: Value::Value(name.to_owned()),
        namespace: Value::Value(namespace.to_owned()),
        kind: Value::Value(kind.as_str().to_owned()),
        objects: strings([(format!("DaemonSet/{namespace}/{set}"), "imported".to_owned())]),
        ..LogAgent::default()
    })
}
