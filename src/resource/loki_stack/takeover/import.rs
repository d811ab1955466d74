//! What import finds of a release.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::config;
use crate::kube::helm::{RELEASE, RELEASE_NAMESPACE, Release};
use crate::kube::{self, Cluster, Error, ObjectRef};
use crate::loki::components::{CHARTS_MONOLITH, Program, ROLES};
use crate::loki::{self, helm, options as o};
use crate::resource::loki_stack::inventory::{self, Inventory};
use crate::resource::loki_stack::state::{
    Azure, Component, Filesystem, Gcs, LokiStack, Persistence, S3, SchemaPeriod, Storage,
};
use crate::resource::loki_stack::troubles;
use crate::schema::{Diagnostics, Int, Problem, Report, Value};

/// The release that a stack of this provider's goes on with, as far as its labels tell.
pub(in crate::resource::loki_stack) fn of_labels(name: &str, workload: &Json) -> Option<String> {
    let label = |key: &str| workload["metadata"]["labels"][key].as_str();
    let instance = label("app.kubernetes.io/instance")?;
    let charts = label("app.kubernetes.io/component") == Some(CHARTS_MONOLITH);
    (charts || instance != name).then(|| instance.to_owned())
}

/// The state of a stack that is a release's so far: every object that it has made, and where its logs are. The state as it
/// is where `workload` is no release's, and no record is left of one; none where the release cannot be taken over.
pub(in crate::resource::loki_stack) async fn import(
    cluster: &dyn Cluster,
    state: LokiStack,
    workload: &Json,
    report: &mut Diagnostics,
) -> Option<LokiStack> {
    let annotation = |name: &str| workload["metadata"]["annotations"][name].as_str();
    let marked = annotation(RELEASE).zip(annotation(RELEASE_NAMESPACE));
    // A take-over that was cut off leaves the records for the last, and has taken the mark from the workload.
    let label = workload["metadata"]["labels"]["app.kubernetes.io/instance"].as_str();
    let own = state.namespace.clone().unwrap_or_default();
    let Some((name, namespace)) = marked.or(label.map(|label| (label, own.as_str()))) else { return Some(state) };
    let records = match kube::helm::records(cluster, namespace, name).await {
        Ok(records) if records.is_empty() && marked.is_none() => return Some(state),
        Ok(records) => records,
        // Who may not look for records imports a stack of this provider's all the same.
        Err(Error::Forbidden { .. }) if marked.is_none() => return Some(state),
        Err(error) => {
            report.refuse(troubles::failed(summary!("The records of the Helm release {name} cannot be read"), &error));
            return None;
        }
    };
    let release = match Release::running(&records, namespace) {
        Ok(release) => release,
        Err(why) => {
            report.refuse(
                Problem::new(summary!("The Helm release {name} cannot be taken over"))
                    .why(format!("Of its newest record in namespace {namespace:?} is to be said: {why}."))
                    .fix(format!(
                        "Look at helm history {name} -n {namespace}; finish what is under way by helm, or roll back."
                    )),
            );
            return None;
        }
    };
    let same = |it: &Json| it["kind"] == workload["kind"] && it["metadata"]["name"] == workload["metadata"]["name"];
    if marked.is_none() && !release.objects.iter().any(same) {
        // Another chart's, under the stack's name.
        return Some(state);
    }
    if !release.chart.starts_with("loki-") {
        report.refuse(
            Problem::new(summary!("The Helm release {name} is more than Loki"))
                .why(format!("Its chart is {}. Helm would make again what the stack takes from it.", release.chart))
                .fix("Take Loki out of that chart first, into a release of the community chart loki of the same objects."),
        );
        return None;
    }
    // What users add to the chart (extraObjects), and what other charts come with it (minio), is not the chart's own.
    let of = |it: &Json, key: &str| it["metadata"]["labels"][key].clone();
    let is_own = |it: &Json| {
        ["app.kubernetes.io/name", "app.kubernetes.io/instance"].iter().all(|key| of(it, key) == of(workload, key))
    };
    let (mut objects, mut left) = (Inventory::new(), Vec::new());
    for object in &release.objects {
        let Ok(made) = ObjectRef::of(object) else { continue };
        let key = format!("{}/{}/{}", made.kind, made.namespace.clone().unwrap_or_default(), made.name);
        // Of kinds that this provider does not know nothing is deleted, and nothing is taken over.
        let known = inventory::object(&key).is_some_and(|it| it.group() == made.group());
        if known && is_own(object) && !helm::is_kept(object) {
            objects.insert(key, inventory::of_release(name));
        } else {
            left.push(made.to_string());
        }
    }
    for record in &records {
        let Ok(made) = ObjectRef::of(record) else { continue };
        objects.insert(format!("{}/{namespace}/{}", made.kind, made.name), inventory::of_release(name));
    }
    if !left.is_empty() {
        report.warn(
            Problem::new(summary!("Of the Helm release {name} some objects are left alone"))
                .why(format!(
                    "They are data, shared, not of the chart itself, or of kinds that this provider does not handle: {}.",
                    left.join(", ")
                ))
                .fix("They stay as they are. Delete those that nobody needs by kubectl."),
        );
    }
    tracing::info!(release = name, chart = release.chart, objects = objects.len(), "found a Helm release");
    let config = config(cluster, &objects).await;
    let told = config.as_deref().map(helm::told).unwrap_or_default();
    let mut state = LokiStack {
        helm_release: Value::Value(name.to_owned()),
        objects: Value::Value(objects),
        schema: match told.schema.is_empty() {
            true => Value::Null,
            false => Value::Value(told.schema.iter().map(period).collect()),
        },
        storage: told.storage.as_ref().map_or(Value::Null, |storage| Value::Value(place(storage))),
        auth_enabled: config.map_or(Value::Null, |_| Value::Value(told.auth_enabled)),
        loki_version: version(workload).map_or(Value::Null, Value::Value),
        ..state
    };
    counts(&mut state, &release.objects);
    Some(state)
}

/// The version of Loki that a workload's image is of.
fn version(workload: &Json) -> Option<String> {
    let containers = workload["spec"]["template"]["spec"]["containers"].as_array()?;
    let runs_loki = |it: &&Json| {
        let args = it["args"].as_array().into_iter().flatten().filter_map(Json::as_str);
        args.into_iter().any(|arg| arg.starts_with("-config.file") || arg.starts_with("-target"))
    };
    let image = containers.iter().find(runs_loki)?["image"].as_str()?;
    let (_, tag) = image.split('@').next()?.rsplit_once(':')?;
    tag.parse::<loki::version::Version>().ok().map(|version| version.to_string())
}

/// How many pods there are, and of what size their volumes, as Helm was told.
fn counts(state: &mut LokiStack, objects: &[Json]) {
    let count =
        |of: &Json| of["spec"]["replicas"].as_i64().map_or(Value::Null, |number| Value::Value(Int::from(number)));
    let mut components = BTreeMap::new();
    for object in objects {
        if !["StatefulSet", "Deployment"].iter().any(|kind| object["kind"] == *kind) {
            continue;
        }
        let label = object["metadata"]["labels"]["app.kubernetes.io/component"].as_str().unwrap_or_default();
        if state.mode == Value::Value("monolithic".to_owned())
            && state.name.as_deref_option() == object["metadata"]["name"].as_str()
        {
            state.replicas = count(object);
            state.persistence = volume(object);
        } else if let Some(role) = ROLES.iter().find(|role| role.target == label && role.program == Program::Loki) {
            let component = Component { replicas: count(object), persistence: volume(object), ..Component::default() };
            components.insert(role.key.to_owned(), Value::Value(component));
        }
    }
    if !components.is_empty() {
        state.components = Value::Value(components);
    }
}

fn volume(workload: &Json) -> Value<Persistence> {
    let claims = workload["spec"]["volumeClaimTemplates"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |it: &&Json| it["metadata"]["name"] == "data" || it["metadata"]["name"] == "storage";
    let text = |value: &Json| value.as_str().map_or(Value::Null, |text| Value::Value(text.to_owned()));
    match claims.iter().find(named) {
        None if workload["kind"] == "StatefulSet" => {
            Value::Value(Persistence { enabled: Value::Value(false), ..Persistence::default() })
        }
        None => Value::Null,
        Some(claim) => Value::Value(Persistence {
            enabled: Value::Value(true),
            size: text(&claim["spec"]["resources"]["requests"]["storage"]),
            storage_class: text(&claim["spec"]["storageClassName"]),
            retain: Value::Value(true),
        }),
    }
}

fn period(of: &o::SchemaPeriod) -> Value<SchemaPeriod> {
    let text = |text: &String| Value::Value(text.clone());
    Value::Value(SchemaPeriod {
        from: text(&of.from),
        version: text(&of.version),
        store: text(&of.store),
        index_prefix: text(&of.index_prefix),
    })
}

fn place(of: &o::Storage) -> Storage {
    let text = |text: &str| Value::Value(text.to_owned());
    match of {
        o::Storage::S3(s3) => {
            let endpoint = s3.endpoint.as_deref().map_or(Value::Null, text);
            let s3 = S3 { bucket: text(&s3.bucket), region: text(&s3.region), endpoint, ..S3::default() };
            Storage { s3: Value::Value(s3), ..Storage::default() }
        }
        o::Storage::Gcs(gcs) => {
            Storage { gcs: Value::Value(Gcs { bucket: text(&gcs.bucket), ..Gcs::default() }), ..Storage::default() }
        }
        o::Storage::Azure(azure) => {
            let (account, container) = (text(&azure.account), text(&azure.container));
            Storage { azure: Value::Value(Azure { account, container, ..Azure::default() }), ..Storage::default() }
        }
        o::Storage::Filesystem => Storage { filesystem: Value::Value(Filesystem {}), ..Storage::default() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_is_that_of_the_container_that_runs_loki() {
        let of = |image: &str| {
            let sidecar = json!({"image": "kiwigrid/k8s-sidecar:1.30.0", "args": ["x"]});
            let loki = json!({"image": image, "args": ["-config.file=/etc/loki/config/config.yaml"]});
            version(&json!({"spec": {"template": {"spec": {"containers": [sidecar, loki]}}}}))
        };
        assert_eq!(of("docker.io/grafana/loki:3.5.7"), Some("3.5.7".to_owned()));
        assert_eq!(of("registry:5000/loki:3.6.0@sha256:00"), Some("3.6.0".to_owned()));
        assert_eq!(of("registry:5000/loki:main-abc"), None);
    }

    #[test]
    fn labels_tell_a_release_that_was_taken_over() {
        let of = |instance: &str, component: &str| {
            let labels = json!({"app.kubernetes.io/instance": instance, "app.kubernetes.io/component": component});
            of_labels("loki", &json!({"metadata": {"labels": labels}}))
        };
        assert_eq!(of("loki", "all"), None);
        assert_eq!(of("loki", "single-binary"), Some("loki".to_owned()));
        assert_eq!(of("logs", "write"), Some("logs".to_owned()));
    }
}
