//! The check phase, online: what the cluster says.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::attributes::LogAgent;
use super::loki;
use crate::agent::Options;
use crate::agent::manifests::POD_SECURITY;
use crate::agent::options::Secret;
use crate::kube::{Apply, Cluster, Error, FIELD_MANAGER, ObjectRef};
use crate::loki::Object;
use crate::resource::loki_stack::{flag, troubles};
use crate::resource::{Call, inventory};
use crate::schema::{AttributePath, Diagnostics, Problem, Report, Value, at};

/// The oldest Kubernetes minor that the rendered objects are made for.
const OLDEST_KUBERNETES: (u32, u32) = (1, 29);

/// The namespace.
pub(super) fn namespace_of(wanted: &Options) -> ObjectRef {
    ObjectRef::cluster_scoped("v1", "Namespace", &wanted.namespace)
}

/// Why a namespace lets no agents in; none where it does.
pub(super) fn refuses(wanted: &Options, live: &serde_json::Value) -> Option<Problem> {
    let enforced = live["metadata"]["labels"][POD_SECURITY].as_str().filter(|level| *level != "privileged")?;
    (!wanted.create_namespace).then(|| {
        Problem::new(summary!("The namespace {:?} lets no log agents in", wanted.namespace))
            .at(at("namespace"))
            .why(format!(
                "Its label {POD_SECURITY} is {enforced:?}, so Kubernetes admits no pods that read the nodes' files. That of a \
                 loki_stack with create_namespace is \"restricted\"."
            ))
            .fix("Choose another namespace, such as one of its own with create_namespace = true.")
    })
}

/// The part of the check that asks the cluster.
pub(super) struct Online<'a> {
    pub call: &'a Call,
    pub cluster: &'a dyn Cluster,
    pub planned: &'a LogAgent,
    /// The stack that lines are sent to, where it is known.
    pub found: Option<&'a loki::Found>,
    /// The agent that there is already.
    pub prior: Option<&'a LogAgent>,
}

impl Online<'_> {
    pub(super) async fn run(&self, wanted: &Options, rendered: &[Object], report: &mut Diagnostics) {
        match self.cluster.version().await {
            Ok(version) if (version.major, version.minor) < OLDEST_KUBERNETES => {
                let (major, minor) = OLDEST_KUBERNETES;
                return report.refuse(
                    Problem::new(summary!("The cluster's Kubernetes is too old"))
                        .why(format!("It runs {version}; the agent needs {major}.{minor} or newer."))
                        .fix("Upgrade the cluster."),
                );
            }
            Ok(_) => {}
            Err(error) => return report.refuse(troubles::unreachable(&error, self.cluster)),
        }
        self.kinds(rendered, report).await;
        if !self.namespace(wanted, report).await || self.foreign(wanted, report).await {
            return;
        }
        // What is as it was has been judged by the read before.
        let known = self.prior.map(|prior| inventory::of(&prior.objects)).unwrap_or_default();
        let changed: Vec<_> =
            rendered.iter().filter(|object| known.get(&object.key()) != Some(&Value::Value(object.digest()))).collect();
        let unchanged = changed.is_empty();
        let checks = changed.into_iter().map(|object| self.dry_run(object));
        let (outcomes, missing, way) = tokio::join!(join_all(checks), self.references(wanted), self.way(wanted));
        for problem in outcomes.into_iter().flatten() {
            report.refuse(problem);
        }
        for problem in missing {
            report.warn(problem);
        }
        if let Some(problem) = way.filter(|_| !unchanged) {
            report.warn(problem);
        }
        if let Some(found) = self.found
            && !unchanged
            && loki::keeps_out(self.cluster, found, &wanted.namespace).await
        {
            let namespace = &wanted.namespace;
            report.warn(
                Problem::new(summary!("The stack's network policies keep the agent out"))
                    .at(at("namespace"))
                    .why(format!(
                        "network_policies.client_namespaces of the stack {} does not name {namespace:?}. Where the cluster \
                         enforces policies, no line arrives.",
                        found.target.name
                    ))
                    .fix(format!("Add {namespace:?} to it.")),
            );
        }
    }

    /// Says which kinds the cluster does not serve. Those that come with Kubernetes cost no request.
    async fn kinds(&self, rendered: &[Object], report: &mut Diagnostics) {
        for object in rendered {
            // Whoever may not ask hears of it from apply.
            if self.cluster.serves(object.api_version(), object.kind()).await == Ok(false) {
                let mut problem = troubles::unserved(object);
                if object.kind() == "PodMonitor" {
                    problem = problem.at(at("pod_monitor"));
                }
                report.warn(problem);
            }
        }
    }

    /// Whether the namespace is there, so that the API server can judge objects in it.
    async fn namespace(&self, wanted: &Options, report: &mut Diagnostics) -> bool {
        let name = &wanted.namespace;
        match self.cluster.get(&namespace_of(wanted)).await {
            Ok(Some(live)) if live["metadata"]["deletionTimestamp"].is_null() => {
                let taken = wanted.create_namespace
                    && live["metadata"]["labels"]["app.kubernetes.io/managed-by"] != FIELD_MANAGER;
                if taken {
                    report.refuse(
                        Problem::new(summary!("The namespace {name:?} exists already"))
                            .at(at("create_namespace"))
                            .why("Someone else made it. The agent would take it over, and delete it when it is destroyed.")
                            .fix("Set create_namespace = false to deploy into the namespace as it is."),
                    );
                }
                let refused = refuses(wanted, &live);
                let fine = !taken && refused.is_none();
                if let Some(problem) = refused {
                    report.refuse(problem);
                }
                fine
            }
            // Reading namespaces needs a permission of its own; whoever lacks it may still deploy into one.
            Err(Error::Forbidden { .. }) => !wanted.create_namespace,
            Ok(Some(_)) => {
                report.refuse(
                    Problem::new(summary!("The namespace {name:?} is being deleted"))
                        .at(at("namespace"))
                        .why("Kubernetes admits no new objects into it.")
                        .fix("Wait until it is gone, then plan again."),
                );
                false
            }
            // A stack of the same apply usually makes it.
            Ok(None) => false,
            Err(error) => {
                report.refuse(troubles::failed(summary!("The namespace cannot be read"), &error));
                false
            }
        }
    }

    /// Says that another one has the name; true where that is an error. One with this provider's label may be about to be
    /// replaced.
    async fn foreign(&self, wanted: &Options, report: &mut Diagnostics) -> bool {
        if self.prior.is_some() {
            return false;
        }
        let set = ObjectRef::namespaced("apps/v1", "DaemonSet", &wanted.namespace, &wanted.object_name());
        let Ok(Some(live)) = self.cluster.get(&set).await else { return false };
        let ours = live["metadata"]["labels"]["app.kubernetes.io/managed-by"] == FIELD_MANAGER;
        let problem = Problem::new(summary!("{set} exists already"))
            .at(at("name"))
            .fix(format!("Choose another name, or import it as {}/{}.", wanted.namespace, wanted.name));
        if ours {
            report.warn(problem.why(
                "Unless this apply replaces it, another configuration has it, and the two would overwrite each other.",
            ));
        } else {
            report.refuse(problem.why("Somebody else has made it."));
        }
        !ours
    }

    async fn dry_run(&self, object: &Object) -> Option<Problem> {
        if self.call.stop.is_cancelled() {
            return None;
        }
        let force = flag(&self.planned.force_conflicts, false);
        match self.cluster.apply(object.as_value(), Apply { dry_run: true, force }).await {
            // Which may come in the same apply, and is a warning.
            Ok(_) | Err(Error::UnknownKind { .. }) => None,
            Err(error) => Some(troubles::refused(object, &error)),
        }
    }

    /// What the agent refers to and does not make: it may yet be made in the same apply, so that it is missing is a warning.
    async fn references(&self, wanted: &Options) -> Vec<Problem> {
        let namespaced = |kind: &str, name: &str| ObjectRef::namespaced("v1", kind, &wanted.namespace, name);
        let mut asked: Vec<(ObjectRef, Option<String>, AttributePath)> = Vec::new();
        for (file, secret) in crate::agent::secrets(wanted) {
            if let Secret::Existing { name, key } = secret {
                let path = match file {
                    "password" => at("basic_auth").attribute("password_secret"),
                    "token" => at("bearer_token").attribute("token_secret"),
                    _ => at("tls").attribute("key_secret"),
                };
                asked.push((namespaced("Secret", name), Some(key.clone()), path));
            }
        }
        for name in &wanted.image_pull_secrets {
            asked.push((namespaced("Secret", name), None, at("image_pull_secrets")));
        }
        if let (false, Some(name)) = (wanted.workload.create_service_account, &wanted.workload.service_account) {
            asked.push((namespaced("ServiceAccount", name), None, at("service_account").attribute("name")));
        }
        if let Some(name) = &wanted.workload.priority_class_name {
            let class = ObjectRef::cluster_scoped("scheduling.k8s.io/v1", "PriorityClass", name);
            asked.push((class, None, at("priority_class_name")));
        }
        let looks = join_all(asked.iter().map(|(object, _, _)| self.cluster.get(object))).await;
        let judged = asked.into_iter().zip(looks).filter_map(|((object, key, path), look)| match (look, key) {
            (Ok(None), _) => Some(
                Problem::new(summary!("{object} does not exist yet"))
                    .at(path)
                    .why("Unless something else in this apply makes it, the agent does not start.")
                    .fix("Make it, or name another one."),
            ),
            (Ok(Some(live)), Some(key)) if live["data"][&key].is_null() => Some(
                Problem::new(summary!("{object} has no key {key:?}"))
                    .at(path)
                    .why("The agent does not start without it.")
                    .fix("Add it to the Secret, or name another key."),
            ),
            _ => None,
        });
        judged.collect()
    }

    /// Whether something listens where the URL leads to, as far as that is within the cluster.
    async fn way(&self, wanted: &Options) -> Option<Problem> {
        let (service, namespace) = loki::service(&wanted.push_url)?;
        let object = ObjectRef::namespaced("v1", "Service", &namespace, &service);
        let live = self.cluster.get(&object).await.ok()?;
        let Some(live) = live else {
            return Some(
                Problem::new(summary!("The push URL leads to no service yet"))
                    .at(at("push_url"))
                    .why(format!(
                        "There is no {object}. Unless something else in this apply makes it, no line arrives."
                    ))
                    .fix("Take push_url of the loki_stack."),
            );
        };
        let (.., port, _) = crate::agent::url(&wanted.push_url)?;
        let ports: BTreeSet<u64> =
            live["spec"]["ports"].as_array().into_iter().flatten().filter_map(|of| of["port"].as_u64()).collect();
        (!ports.is_empty() && !ports.contains(&u64::from(port))).then(|| {
            let list: Vec<_> = ports.iter().map(u64::to_string).collect();
            Problem::new(summary!("Nothing listens on the push URL's port"))
                .at(at("push_url"))
                .why(format!("{object} has the ports {}, and not {port}.", list.join(", ")))
                .fix("Take push_url of the loki_stack.")
        })
    }
}
