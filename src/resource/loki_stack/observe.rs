//! The test phase: what is live, how it differs, how healthy it is.

mod around;
mod live;
mod revisions;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::check::strings;
use super::options::options;
use super::state::{LokiStack, Status};
use super::{inventory, takeover, troubles};
use crate::kube::{self, Apply, Cluster, Error, ObjectRef, PodStatus, ProxyRequest, ProxyTarget};
use crate::loki::components::{Program, ingests};
use crate::loki::health::{self, Observed, Pod, Probe, Progress, Rollout, Seen, State};
use crate::loki::manifests::label_selector;
use crate::loki::{self, Component, Health, Object};
use crate::resource::Call;
use crate::schema::{Diagnostics, Problem, Report, Value};

/// The time for a look at the stack's health; the cluster's own answers are bounded by the port.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many changed fields of an object a plan names.
const SHOWN: usize = 5;

/// What was found.
pub(super) struct Facts {
    pub observed: Observed,
    workloads: Vec<ObjectRef>,
    /// Why workloads could not be asked for.
    unasked: Vec<Error>,
    /// Why less is known than could be: no permission to list pods, or to read events.
    gaps: Vec<Error>,
    /// Pods of an older revision that Kubernetes does not replace by itself.
    outdated: Vec<ObjectRef>,
}

impl Facts {
    /// Pods of an older revision that Kubernetes does not replace by itself.
    pub(super) fn outdated(&self) -> &[ObjectRef] {
        &self.outdated
    }

    /// Whether all pods of a workload, such as `StatefulSet/loki`, are of its present template and ready; and where they
    /// are the ingesters, all members of their ring are active.
    pub(super) fn has_rolled_out(&self, workload: &str) -> bool {
        let rings = self.observed.rings.iter().flat_map(|ring| &ring.members);
        let active = rings.into_iter().all(|member| ["ACTIVE", "LEFT"].contains(&member.state.as_str()));
        let mut rollouts = self.observed.rollouts.iter().filter(|rollout| rollout.workload == workload);
        rollouts.all(|rollout| rollout.seen.has_rolled_out() && (active || !ingests(&rollout.component)))
    }

    /// Why the stack's state is unknown: the failure that is the least likely to pass by itself.
    pub(super) fn unasked(&self) -> Option<&Error> {
        self.unasked.iter().min_by_key(|error| error.is_retryable())
    }

    /// The first trouble of each workload, with its last events and log lines, and what could not be looked at.
    pub(super) async fn diagnose(&self, cluster: &dyn Cluster) -> String {
        let troubles = join_all(self.workloads.iter().map(|workload| kube::diagnose(cluster, workload))).await;
        let mut texts: Vec<String> =
            troubles.iter().filter_map(|found| found.first()).map(ToString::to_string).collect();
        let gaps: BTreeSet<String> = self.gaps.iter().map(ToString::to_string).collect();
        if !gaps.is_empty() {
            texts.push(format!("More could not be read: {}.", Vec::from_iter(gaps).join("; ")));
        }
        texts.join("\n\n")
    }
}

/// The same with what takes longer to go wrong than to deploy: whether compactors work.
pub(super) async fn examine(cluster: &dyn Cluster, options: &loki::Options) -> Facts {
    let mut facts = gather(cluster, options).await;
    facts.observed.compactors = around::compactors(cluster, options, &facts.observed.pods).await;
    facts
}

/// Looks at workload, pods, readiness, ring and version, all at once.
pub(super) async fn gather(cluster: &dyn Cluster, options: &loki::Options) -> Facts {
    let namespace = &options.namespace;
    let selector = label_selector(options, None);
    let components = options.components();
    let workloads: Vec<ObjectRef> = components.iter().map(|component| workload(options, component)).collect();
    let proxy = |target, path: &str| {
        let mut request = ProxyRequest::get(namespace, target, loki::HTTP_PORT, path);
        request.timeout = PATIENCE;
        request.headers.push(("Accept".to_owned(), "application/json".to_owned()));
        request
    };
    let service = || ProxyTarget::Service(options.push_service_name());
    // Reads alone; of a tenant that need not exist.
    let mut query = proxy(ProxyTarget::Service(options.query_service_name()), &loki::query::probe(Timestamp::now()));
    query.headers.push(("X-Scope-OrgID".to_owned(), loki::deep::TENANT.to_owned()));
    let (ring, build) = (proxy(service(), "/ring"), proxy(service(), "/loki/api/v1/status/buildinfo"));
    let (seen, pods, ring, build, query) = tokio::join!(
        looks(cluster, options, &workloads),
        cluster.list("v1", "Pod", Some(namespace), Some(&selector)),
        cluster.proxy(&ring),
        cluster.proxy(&build),
        cluster.proxy(&query),
    );
    let (mut unasked, mut gaps) = (Vec::new(), Vec::new());
    let pods = pods.map_err(|error| gaps.push(error)).ok();
    let mut sets = revisions::Sets::new();
    let seen = components.iter().zip(seen).map(|(component, outcome)| match outcome {
        Ok(mut look) => {
            gaps.extend(look.gap);
            if let (Some(wanted), Seen::Present(progress), Some(pods)) = (&look.wanted, &mut look.seen, &pods) {
                let updated = revisions::updated(&component.name, wanted, pods);
                progress.updated = progress.updated.min(u32::try_from(updated).unwrap_or(u32::MAX));
            }
            sets.extend(look.wanted.map(|wanted| (component.name.clone(), wanted)));
            look.seen
        }
        Err(error) => {
            let why = Seen::Unasked(error.to_string());
            unasked.push(error);
            why
        }
    });
    let seen: Vec<Seen> = seen.collect();
    let rollouts = components.iter().zip(seen).map(|(component, seen)| Rollout {
        component: component.target.to_owned(),
        workload: format!("{}/{}", component.kind.as_str(), component.name),
        seen,
    });
    let rollouts = rollouts.collect();
    let pods = pods.unwrap_or_default();
    let outdated = revisions::outdated(&sets, &pods);
    let outdated = outdated.iter().map(|pod| ObjectRef::namespaced("v1", "Pod", namespace, pod)).collect();
    // Pods are told by the label of their component, which is not its name everywhere.
    let targets: BTreeMap<&str, &str> = components.iter().map(|it| (it.label, it.target)).collect();
    let target = |pod: &Json| {
        let label = component(pod);
        targets.get(label.as_str()).map_or(label, |target| (*target).to_owned())
    };
    let pods: Vec<(String, PodStatus)> = pods.iter().map(|pod| (target(pod), kube::pod_status(pod))).collect();
    let of = |program: Program| {
        let targets: BTreeSet<&str> =
            components.iter().filter(|it| it.program == program).map(|component| component.target).collect();
        let pods = pods.iter().filter(move |(component, pod)| pod.has_address && targets.contains(component.as_str()));
        pods.map(|(_, pod)| pod)
    };
    let asked = of(Program::Loki).map(async |pod| {
        let answer = cluster.proxy(&proxy(ProxyTarget::Pod(pod.name.clone()), "/ready")).await;
        let (status, body) = answer.map_or((None, String::new()), |answer| (Some(answer.status), answer.reason()));
        Probe { pod: pod.name.clone(), status, body }
    });
    let (probes, losses, rules) = tokio::join!(
        join_all(asked),
        around::losses(cluster, namespace, of(Program::Canary)),
        around::rules(cluster, options)
    );
    let body = |answer: Result<kube::Response, Error>| {
        answer.ok().filter(kube::Response::is_success).map(|answer| answer.body)
    };
    let observed = Observed {
        rollouts,
        pods: pods.into_iter().map(pod).collect(),
        probes,
        rings: body(ring).and_then(|body| health::ring("ingester", &body)).into_iter().collect(),
        version: body(build).and_then(|body| health::build_version(&body)),
        // The API server's own 503 says that no pod is ready, which pods tell better.
        query: query.ok().filter(|answer| !answer.is_of_the_proxy()).map(|answer| (answer.status, answer.reason())),
        losses,
        rules,
        compactors: Vec::new(),
    };
    Facts { observed, workloads, unasked, gaps, outdated }
}

/// What a look at a workload comes to.
#[derive(Default)]
struct Look {
    seen: Seen,
    /// What a StatefulSet wants of its pods.
    wanted: Option<revisions::Wanted>,
    /// Why its events could not be read where they matter.
    gap: Option<Error>,
}

async fn looks(cluster: &dyn Cluster, options: &loki::Options, workloads: &[ObjectRef]) -> Vec<Result<Look, Error>> {
    let live = live::objects(cluster, options, workloads).await;
    join_all(live.into_iter().map(|live| look(cluster, live))).await
}

async fn look(cluster: &dyn Cluster, live: live::Look) -> Result<Look, Error> {
    let Some(live) = live? else { return Ok(Look::default()) };
    let found = kube::rollout(&live);
    let mut progress = progress(&found);
    let mut gap = None;
    match kube::blocked(cluster, &live).await {
        Ok(why) => progress.blocked = why,
        Err(error) => gap = Some(error),
    }
    let wanted = found.revision.map(|revision| revisions::Wanted::of(&live, revision));
    Ok(Look { seen: Seen::Present(progress), wanted, gap })
}

/// The workload of a component.
pub(super) fn workload(options: &loki::Options, component: &Component) -> ObjectRef {
    ObjectRef::namespaced("apps/v1", component.kind.as_str(), &options.namespace, &component.name)
}

/// How far a rollout is, as the judge of health takes it; what blocks it has to be asked for.
pub(in crate::resource) fn progress(found: &kube::Rollout) -> Progress {
    let count = |pods: u64| u32::try_from(pods).unwrap_or(u32::MAX);
    Progress {
        observed: found.observed,
        desired: count(found.desired),
        updated: count(found.updated),
        ready: count(found.ready),
        blocked: None,
    }
}

/// A pod of a component, as the judge of health takes it.
pub(in crate::resource) fn pod((component, pod): (String, PodStatus)) -> Pod {
    let PodStatus { name, phase, ready, terminating, waiting_reason, crash, unschedulable, .. } = pod;
    Pod { component, name, phase, ready, terminating, waiting_reason, crash, unschedulable }
}

fn component(object: &Json) -> String {
    text(&object["metadata"]["labels"]["app.kubernetes.io/component"])
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The judgement as the state holds it.
pub(super) fn status(health: &Health) -> Value<Status> {
    let texts = |texts: &[String]| Value::Value(texts.iter().cloned().map(Value::Value).collect());
    Value::Value(Status {
        state: Value::Value(health.state.as_str().to_owned()),
        reasons: texts(&health.reasons),
        components: strings(health.components.iter().map(|(name, state)| (name.clone(), state.as_str().to_owned()))),
    })
}

/// Brings `state` up to what is live; false when nothing of the stack is left.
pub(super) async fn refresh(
    call: &Call,
    cluster: &dyn Cluster,
    state: &mut LokiStack,
    report: &mut Diagnostics,
) -> bool {
    let wanted = options(state);
    let rendered: BTreeMap<String, Object> =
        loki::render(&wanted).into_iter().map(|object| (object.key(), object)).collect();
    let known = inventory::of(state);
    let compared = async {
        let (keys, named): (Vec<_>, Vec<_>) =
            known.keys().filter_map(|key| Some((key, inventory::object(key)?))).unzip();
        let live = live::objects(cluster, &wanted, &named).await;
        let mut live: BTreeMap<_, _> = keys.into_iter().zip(live).collect();
        let looks: Vec<_> = known.iter().map(|(key, digest)| (digest, rendered.get(key), live.remove(key))).collect();
        join_all(looks.into_iter().map(|(digest, rendered, look)| compare(cluster, digest, rendered, look))).await
    };
    let (objects, facts) = tokio::select! {
        found = async { tokio::join!(compared, examine(cluster, &wanted)) } => found,
        () = call.stop.cancelled() => {
            call.stopped("reading the stack", report);
            return true;
        }
    };
    let mut found = inventory::Inventory::new();
    let mut failures = Vec::new();
    for (key, outcome) in known.keys().zip(objects) {
        match outcome {
            Ok(Some(digest)) => drop(found.insert(key.clone(), digest)),
            Ok(None) => {}
            Err(error) => failures.push((key.clone(), error)),
        }
    }
    if let Some(problem) = troubles::unreadable(&wanted, &failures, cluster) {
        report.refuse(problem);
        // What could not be looked at is taken to be as it was.
        return true;
    }
    if found.is_empty() && !known.is_empty() {
        report.warn(
            Problem::new(summary!("The stack {}/{} is gone", wanted.namespace, wanted.name))
                .why("None of its objects is left in the cluster; they were deleted outside of Terraform.")
                .fix(
                    "Apply deploys it anew. What is in its object store and in volumes that were kept is still there.",
                ),
        );
        return false;
    }
    let health = loki::judge(&wanted, &facts.observed);
    let stack = format!("{}/{}", wanted.namespace, wanted.name);
    match health.state {
        State::Healthy => {}
        State::Unknown => report
            .warn(Problem::new(summary!("The health of the stack {stack} is unknown")).why(health.reasons.join("\n"))),
        ill => {
            report.warn(Problem::new(summary!("The stack {stack} is {}", ill.as_str())).why(health.reasons.join("\n")))
        }
    }
    state.objects = Value::Value(found);
    state.status = status(&health);
    true
}

/// The object's digest as it was, what was changed in it, or none when it is gone.
pub(in crate::resource) async fn compare(
    cluster: &dyn Cluster,
    digest: &Value<String>,
    rendered: Option<&Object>,
    look: Option<Result<Option<Json>, Error>>,
) -> Result<Option<Value<String>>, Error> {
    let Some(look) = look else { return Ok(Some(digest.clone())) };
    let Some(live) = look? else { return Ok(None) };
    // What is not the stack's yet has nothing to differ from.
    if inventory::is_of_release(digest) {
        return Ok(Some(digest.clone()));
    }
    // Objects of an older rendering have no counterpart; their digest already differs from today's.
    let Some(rendered) = rendered else { return Ok(Some(digest.clone())) };
    if !live["metadata"]["deletionTimestamp"].is_null() {
        return Ok(Some(Value::Value("is being deleted".to_owned())));
    }
    if rendered.kind() == "Secret" {
        // What is in it is known while it is applied only.
        return Ok(Some(match Object::has_its_data(&live) {
            Some(true) => digest.clone(),
            _ => Value::Value("changed outside of Terraform: data".to_owned()),
        }));
    }
    // What is live as it was applied is not changed by applying it again.
    if kube::holds(&live, rendered.as_value()) {
        return Ok(Some(digest.clone()));
    }
    // The API server itself says what applying again would change, defaults and all.
    let differences = match cluster.apply(rendered.as_value(), Apply { dry_run: true, force: true }).await {
        Ok(again) => kube::differences(&again, &live),
        Err(error) if troubles::is_immutable(rendered, &error) => vec!["spec".to_owned()],
        // Whoever may only read still gets health and losses.
        Err(Error::Forbidden { .. } | Error::Denied { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Some(match differences.len() {
        0 => digest.clone(),
        1..=SHOWN => Value::Value(format!("changed outside of Terraform: {}", differences.join(", "))),
        more => Value::Value(format!(
            "changed outside of Terraform: {} and {} more",
            differences[..SHOWN].join(", "),
            more - SHOWN
        )),
    }))
}

/// What monolithic Loki, or a part of it in another mode, runs as: kind, what follows the stack's name, mode.
const SIGNS: [(&str, &str, &str); 3] = [
    ("StatefulSet", "", "monolithic"),
    ("Deployment", "-distributor", "distributed"),
    ("StatefulSet", "-write", "simple_scalable"),
];

/// A state for a stack that exists; its attributes follow from the configuration at the next plan.
pub(super) async fn adopt(
    cluster: &dyn Cluster,
    namespace: &str,
    name: &str,
    report: &mut Diagnostics,
) -> Option<LokiStack> {
    let signs = SIGNS.map(|(kind, suffix, mode)| {
        (ObjectRef::namespaced("apps/v1", kind, namespace, &format!("{name}{suffix}")), mode)
    });
    let looks = join_all(signs.iter().map(|(sign, _)| cluster.get(sign))).await;
    let mut found = None;
    for ((sign, mode), look) in signs.iter().zip(looks) {
        match look {
            Ok(live) => found = found.or(live.map(|live| (sign, *mode, live))),
            Err(error) => {
                report.refuse(troubles::failed(summary!("{sign} cannot be read"), &error));
                return None;
            }
        }
    }
    let Some((sign, mode, live)) = found else {
        let [one, many, three] = signs.map(|(sign, _)| sign);
        report.refuse(
            Problem::new(summary!("There is no such stack"))
                .why(format!("The cluster has no {one}, no {many}, and no {three}."))
                .fix("Check namespace, name and the context of the kubernetes block."),
        );
        return None;
    };
    let state = LokiStack {
        name: Value::Value(name.to_owned()),
        namespace: Value::Value(namespace.to_owned()),
        mode: Value::Value(mode.to_owned()),
        helm_release: takeover::of_labels(name, &live).map_or(Value::Null, Value::Value),
        objects: strings([(format!("{}/{namespace}/{}", sign.kind, sign.name), "imported".to_owned())]),
        ..LokiStack::default()
    };
    takeover::import(cluster, state, &live, report).await
}
