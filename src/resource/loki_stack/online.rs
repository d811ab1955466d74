//! The check phase, online: what the cluster says.

mod bucket;
mod references;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::options::{flag, report_findings};
use super::state::LokiStack;
use super::{inventory, takeover, troubles, volumes};
use crate::aws::Aws;
use crate::kube::{Access, Apply, Cluster, Error, ObjectRef};
use crate::loki::{self, Object, capacity};
use crate::resource::Call;
use crate::schema::{Diagnostics, Problem, Report, Value, at};

/// The oldest Kubernetes minor that the rendered objects are made for.
const OLDEST_KUBERNETES: (u32, u32) = (1, 29);

/// Of larger clusters the pods are not read: the list would take longer than the rest of the plan.
const MANY_NODES: usize = 50;

/// The part of the check that asks the cluster.
pub(super) struct Online<'a> {
    pub call: &'a Call,
    pub cluster: &'a dyn Cluster,
    /// Where there is one to be asked.
    pub aws: Option<Arc<dyn Aws>>,
    /// The S3 that it asks, where that is not Amazon's.
    pub s3_endpoint: Option<String>,
    pub planned: &'a LokiStack,
    /// The stack that there is already.
    pub prior: Option<&'a LokiStack>,
    pub rendered: &'a [Object],
}

impl Online<'_> {
    pub(super) async fn run(&self, wanted: &loki::Options, report: &mut Diagnostics) {
        match self.cluster.version().await {
            Ok(version) if (version.major, version.minor) < OLDEST_KUBERNETES => {
                let (major, minor) = OLDEST_KUBERNETES;
                report.refuse(
                    Problem::new(summary!("The cluster's Kubernetes is too old"))
                        .why(format!("It runs {version}; the stack needs {major}.{minor} or newer."))
                        .fix("Upgrade the cluster."),
                );
                return;
            }
            Ok(_) => {}
            Err(error) => return report.refuse(troubles::unreachable(&error, self.cluster)),
        }
        let Some(namespace_exists) = self.namespace(wanted, report).await else { return };
        self.kinds(report).await;
        let room = async {
            let (mut findings, denied, missed) =
                tokio::join!(self.room(wanted), self.trust(wanted), self.bucket(wanted));
            findings.extend(denied.into_iter().chain(missed));
            findings
        };
        if !namespace_exists {
            let (findings, ()) = tokio::join!(room, self.permissions(report));
            return report_findings(findings, &[], true, report);
        }
        match self.prior {
            Some(prior) => takeover::announce(self.cluster, prior, wanted, self.rendered, report).await,
            None => {
                if let Some(problem) = takeover::in_place(self.cluster, wanted).await {
                    return report.refuse(problem);
                }
            }
        }
        // What is as it was has been judged by the read before.
        let known = self.prior.map(inventory::of).unwrap_or_default();
        let changed = |object: &&Object| known.get(&object.key()) != Some(&Value::Value(object.digest()));
        let of_release = |object: &Object| known.get(&object.key()).is_some_and(inventory::is_of_release);
        let checks = self.rendered.iter().filter(changed).map(|object| self.dry_run(object, of_release(object)));
        let volumes = async {
            if self.is_new() || self.is_as_it_was() {
                return Vec::new();
            }
            volumes::foresee(self.cluster, wanted).await
        };
        let (outcomes, mut findings, missing, fixed) = tokio::join!(
            futures::future::join_all(checks),
            room,
            references::missing(self.cluster, wanted, self.rendered),
            volumes
        );
        let mut recreated = Vec::new();
        for outcome in outcomes {
            match outcome {
                Ok(None) => {}
                Ok(Some(name)) => recreated.push(name),
                Err(problem) => report.refuse(problem),
            }
        }
        // A change of their volumes says so by itself.
        if !recreated.is_empty() && self.prior.is_some_and(|prior| !volumes::change(prior, self.planned)) {
            report.warn(troubles::recreated(&recreated));
        }
        findings.extend(missing.into_iter().chain(fixed));
        report_findings(findings, &[], true, report);
    }

    /// Says which kinds the cluster does not serve. Those that come with Kubernetes cost no request.
    async fn kinds(&self, report: &mut Diagnostics) {
        let kinds: BTreeMap<(&str, &str), &Object> =
            self.rendered.iter().map(|object| ((object.api_version(), object.kind()), object)).collect();
        let asked = kinds
            .into_iter()
            .map(async |((api_version, kind), object)| (object, self.cluster.serves(api_version, kind).await));
        for (object, served) in futures::future::join_all(asked).await {
            // Whoever may not ask hears of it from apply.
            if served == Ok(false) {
                report.warn(troubles::unserved(object));
            }
        }
    }

    fn is_new(&self) -> bool {
        self.prior.is_none()
    }

    /// Whether nothing is to be deployed.
    fn is_as_it_was(&self) -> bool {
        self.prior.is_some_and(|prior| prior.objects == self.planned.objects)
    }

    /// Whether the role lets the pods in.
    async fn trust(&self, wanted: &loki::Options) -> Option<loki::Finding> {
        let role = |of: &LokiStack| of.service_account.as_ref_option().map(|account| account.role_arn.clone());
        let new = self.prior.is_none_or(|prior| role(prior) != role(self.planned));
        trust::denied(self.aws.as_deref()?, self.cluster, wanted, new).await
    }

    /// Whether the bucket is where Loki will look for it.
    async fn bucket(&self, wanted: &loki::Options) -> Option<loki::Finding> {
        bucket::missed(self.aws.as_deref()?, self.s3_endpoint.as_deref(), wanted, self.is_new()).await
    }

    /// Whether nodes and quotas have room. Who may not read them is not told.
    async fn room(&self, wanted: &loki::Options) -> Vec<loki::Finding> {
        // What runs has found its room.
        if self.is_as_it_was() {
            return Vec::new();
        }
        let list = |kind, namespace| self.cluster.list("v1", kind, namespace, None);
        let (nodes, quotas) = tokio::join!(list("Node", None), list("ResourceQuota", Some(wanted.namespace.as_str())));
        let nodes = nodes.unwrap_or_default();
        let pods = match nodes.len() {
            1..=MANY_NODES => list("Pod", None).await.unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut findings: Vec<_> = capacity::room(wanted, &nodes, &pods).into_iter().collect();
        // What a stack that exists uses is in the quota's account already.
        if self.is_new() {
            findings.extend(capacity::quota(wanted, &quotas.unwrap_or_default()));
        }
        findings
    }

    /// Whether the namespace exists, so that the API server can judge objects in it; none when that is an error.
    async fn namespace(&self, wanted: &loki::Options, report: &mut Diagnostics) -> Option<bool> {
        let name = &wanted.namespace;
        let live = match self.cluster.get(&ObjectRef::cluster_scoped("v1", "Namespace", name)).await {
            Ok(live) => live,
            // Reading namespaces needs a permission of its own; whoever lacks it may still deploy into one.
            Err(Error::Forbidden { .. }) => return Some(!wanted.create_namespace),
            Err(error) => {
                report.refuse(troubles::failed(summary!("The namespace cannot be read"), &error));
                return None;
            }
        };
        match live {
            // Our label tells a namespace that a replacement is about to delete and make anew.
            Some(live) if wanted.create_namespace && !self.is_ours(&live) => {
                report.refuse(
                    Problem::new(summary!("The namespace {name:?} exists already"))
                        .at(at("create_namespace"))
                        .why("Someone else made it. The stack would take it over, and delete it when it is destroyed.")
                        .fix("Set create_namespace = false to deploy into the namespace as it is."),
                );
                None
            }
            Some(live) if !live["metadata"]["deletionTimestamp"].is_null() => {
                report.refuse(
                    Problem::new(summary!("The namespace {name:?} is being deleted"))
                        .at(at("namespace"))
                        .why("Kubernetes admits no new objects into it.")
                        .fix("Wait until it is gone, then plan again."),
                );
                None
            }
            Some(_) => Some(true),
            None if wanted.create_namespace => Some(false),
            None => {
                report.warn(
                    Problem::new(summary!("The namespace {name:?} does not exist yet"))
                        .at(at("namespace"))
                        .why("Unless something else in this apply makes it, the stack cannot be deployed.")
                        .fix(
                            "Set create_namespace = true, or make the namespace first and let the stack depend on it.",
                        ),
                );
                Some(false)
            }
        }
    }

    /// Where the namespace does not exist the API server cannot judge objects in it, but it can say who may make them.
    async fn permissions(&self, report: &mut Diagnostics) {
        let needed: BTreeSet<(&str, &str, Option<&str>)> =
            self.rendered.iter().map(|object| (object.api_version(), object.kind(), object.namespace())).collect();
        // Server-side apply needs both to make an object.
        let asked = needed.into_iter().flat_map(|(api_version, kind, namespace)| {
            ["create", "patch"].map(|verb| Access::of_kind(verb, api_version, kind, namespace))
        });
        let asked = asked.map(async |access| (self.cluster.can_i(&access).await, access));
        let mut missing = Vec::new();
        for (answer, access) in futures::future::join_all(asked).await {
            match answer {
                Ok(true) => {}
                Ok(false) => missing.push(access.to_string()),
                Err(error) => {
                    return report.refuse(troubles::failed(summary!("The permissions cannot be read"), &error));
                }
            }
        }
        if !missing.is_empty() {
            report.refuse(
                Problem::new(summary!("Permissions are missing in the cluster"))
                    .why(format!("The user of {} may not {}.", self.cluster.origin(), missing.join(", nor ")))
                    .fix("Grant them by a role, or use another user in the kubernetes block."),
            );
        }
    }

    /// Of an object that is a Helm release's still, Helm's fields are overlaid, which deploy takes away before.
    /// The name of what is recreated around its pods.
    async fn dry_run<'o>(&self, object: &'o Object, of_release: bool) -> Result<Option<&'o str>, Problem> {
        let force = of_release || flag(&self.planned.force_conflicts, false);
        if self.call.stop.is_cancelled() {
            return Ok(None);
        }
        match self.cluster.apply(object.as_value(), Apply { dry_run: true, force }).await {
            Ok(_) => Ok(None),
            Err(error) if troubles::is_immutable(object, &error) => Ok(Some(object.name())),
            // Which may come in the same apply, and is a warning.
            Err(Error::UnknownKind { .. }) => Ok(None),
            Err(Error::Invalid { .. }) if of_release => Ok(None),
            Err(error) => Err(troubles::refused(object, &error)),
        }
    }

    /// Whether a live namespace carries the label of those that this provider makes.
    fn is_ours(&self, live: &serde_json::Value) -> bool {
        const LABEL: &str = "/metadata/labels/app.kubernetes.io~1managed-by";
        self.rendered.iter().find(|object| object.kind() == "Namespace").is_some_and(|ours| {
            let label = ours.as_value().pointer(LABEL);
            label.is_some() && label == live.pointer(LABEL)
        })
    }
}
