//! Why a workload is not ready, gathered where the cluster says it: pod states, events and logs.

use std::fmt;

use futures::future::join_all;
use serde_json::Value;

use super::{Cluster, Error, Event, Logs, ObjectRef, PodTrouble, Run, explain_pods, rollout};

/// Pods of one workload fail alike; more of them do not explain more.
const PODS: usize = 3;
const EVENTS: usize = 5;
const LOG_LINES: u32 = 20;

/// What is known about one object in trouble. Its `Display` is meant for a Terraform diagnostic's detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The pod, or the workload itself when it could not even create pods.
    pub object: ObjectRef,
    /// See [`PodTrouble::reason`].
    pub reason: String,
    /// See [`PodTrouble::message`].
    pub message: String,
    /// The last 5 events, oldest first; warnings only, if there are any.
    pub events: Vec<Event>,
    /// The container that the log is of.
    pub container: Option<String>,
    /// Its last 20 log lines.
    pub log_lines: Vec<String>,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.object, self.reason)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if !self.events.is_empty() {
            write!(f, "\n  Last events:")?;
        }
        for Event { reason, message, count, .. } in &self.events {
            let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
            let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
            write!(f, "\n    {reason}{times}: {message}")?;
        }
        if let (Some(container), false) = (&self.container, self.log_lines.is_empty()) {
            write!(f, "\n  Last log lines of container {container}:")?;
        }
        for line in &self.log_lines {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// Explains a StatefulSet, Deployment, DaemonSet or Job: its pods in trouble (at most 3), or its own events when no pod is.
///
/// It runs when something has failed already, so what cannot be read is left out rather than reported.
pub async fn diagnose(cluster: &dyn Cluster, workload: &ObjectRef) -> Vec<Diagnosis> {
    let namespace = workload.namespace.as_deref().unwrap_or_default();
    let live = match cluster.get(workload).await {
        Ok(Some(live)) => live,
        Ok(None) => return vec![of_workload(cluster, workload, "does not exist").await],
        // Whoever cannot ask for it will hardly be told of its events.
        Err(error) => return vec![unasked(workload, &error)],
    };
    let selector = selector(&live["spec"]["selector"]);
    let pods = cluster.list("v1", "Pod", Some(namespace), Some(&selector)).await.unwrap_or_default();
    let troubles = explain_pods(&pods);
    if troubles.is_empty() {
        let reason = if pods.is_empty() { "has no pods" } else { "is not complete" };
        return vec![of_workload(cluster, workload, reason).await];
    }
    let pod = |trouble: &PodTrouble| pods.iter().find(|pod| pod["metadata"]["name"] == *trouble.pod).cloned();
    join_all(troubles.into_iter().take(PODS).map(|trouble| {
        let claims = pod(&trouble).map(|pod| claims(&pod)).unwrap_or_default();
        of_pod(cluster, namespace, trouble, claims)
    }))
    .await
}

/// Why the controller of a live workload cannot make the pods that are missing: a quota, an admission webhook, a missing
/// service account. `None` where none is missing, or where the last that it made went well.
///
/// # Errors
/// Those of reading events; [`Error::Malformed`] for what is no object.
pub async fn blocked(cluster: &dyn Cluster, live: &Value) -> Result<Option<String>, Error> {
    let state = rollout(live);
    if !state.observed || state.created >= state.desired {
        return Ok(None);
    }
    let events = workload_events(cluster, &ObjectRef::of(live)?).await?;
    let last = events.iter().rfind(|event| matches!(event.reason.as_str(), "FailedCreate" | "SuccessfulCreate"));
    Ok(last.filter(|event| event.reason == "FailedCreate").map(|event| {
        // The StatefulSet controller puts its own words before the API server's (pkg/controller/statefulset).
        let message = event.message.split_once(" failed error: ").map_or(event.message.as_str(), |(_, why)| why);
        let message = message.strip_prefix("Error creating: ").unwrap_or(message);
        message.split_whitespace().collect::<Vec<_>>().join(" ")
    }))
}

/// The workload's events, oldest first; of a Deployment those of its ReplicaSets as well, which make the pods.
async fn workload_events(cluster: &dyn Cluster, workload: &ObjectRef) -> Result<Vec<Event>, Error> {
    let namespace = workload.namespace.as_deref().unwrap_or_default();
    let mut events = cluster.events(namespace, &workload.kind, &workload.name).await?;
    if workload.kind == "Deployment" {
        let sets = cluster.list("apps/v1", "ReplicaSet", Some(namespace), None).await?;
        let ours = |set: &&Value| set["metadata"]["ownerReferences"][0]["name"] == *workload.name;
        for set in sets.iter().filter(ours) {
            let name = set["metadata"]["name"].as_str().unwrap_or_default();
            events.extend(cluster.events(namespace, "ReplicaSet", name).await?);
        }
        events.sort_by_key(Event::second);
    }
    Ok(events)
}

fn unasked(workload: &ObjectRef, error: &Error) -> Diagnosis {
    Diagnosis {
        object: workload.clone(),
        reason: "could not be asked for".into(),
        message: error.to_string(),
        events: Vec::new(),
        container: None,
        log_lines: Vec::new(),
    }
}

async fn of_workload(cluster: &dyn Cluster, workload: &ObjectRef, reason: &str) -> Diagnosis {
    // A quota or a missing service account shows as FailedCreate.
    let events = workload_events(cluster, workload).await.unwrap_or_default();
    Diagnosis {
        object: workload.clone(),
        reason: reason.into(),
        message: String::new(),
        events: telling(events),
        container: None,
        log_lines: Vec::new(),
    }
}

async fn of_pod(cluster: &dyn Cluster, namespace: &str, trouble: PodTrouble, claims: Vec<String>) -> Diagnosis {
    let mut events = cluster.events(namespace, "Pod", &trouble.pod).await.unwrap_or_default();
    if trouble.reason == "Unschedulable" {
        // "unbound immediate PersistentVolumeClaims" is explained at the claim: no storage class, no provisioner.
        for claim in claims {
            events.extend(cluster.events(namespace, "PersistentVolumeClaim", &claim).await.unwrap_or_default());
        }
    }
    let log_lines = match trouble.log {
        Some(run) => log(cluster, namespace, &trouble, run).await,
        None => Vec::new(),
    };
    Diagnosis {
        object: ObjectRef::namespaced("v1", "Pod", namespace, &trouble.pod),
        reason: trouble.reason,
        message: trouble.message,
        events: telling(events),
        container: trouble.container,
        log_lines,
    }
}

async fn log(cluster: &dyn Cluster, namespace: &str, trouble: &PodTrouble, run: Run) -> Vec<String> {
    // The pod moves on meanwhile: the next run has said nothing yet, or the kubelet has removed the last one.
    for previous in [run == Run::Previous, run != Run::Previous] {
        let logs = Logs {
            namespace: namespace.into(),
            pod: trouble.pod.clone(),
            container: trouble.container.clone(),
            tail_lines: LOG_LINES,
            previous,
        };
        let text = cluster.pod_logs(&logs).await.unwrap_or_default();
        // The kubelet answers 200 with this line for a container that is gone.
        if !text.trim().is_empty() && !text.starts_with("unable to retrieve container logs for") {
            return text.lines().map(|line| line.chars().take(500).collect()).collect();
        }
    }
    Vec::new()
}

/// The last ones; warnings only, if there are any.
fn telling(mut events: Vec<Event>) -> Vec<Event> {
    if events.iter().any(|event| event.type_ == "Warning") {
        events.retain(|event| event.type_ == "Warning");
    }
    events.sort_by_key(Event::second);
    events.split_off(events.len().saturating_sub(EVENTS))
}

/// A workload's `LabelSelector` as the query of a list.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
fn selector(selector: &Value) -> String {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut terms: Vec<String> =
        labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    for one in selector["matchExpressions"].as_array().into_iter().flatten() {
        let key = one["key"].as_str().unwrap_or_default();
        let values: Vec<_> = one["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let values = values.join(",");
        terms.push(match one["operator"].as_str() {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.into(),
        });
    }
    terms.join(",")
}

fn claims(pod: &Value) -> Vec<String> {
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(type_: &str, reason: &str, seconds: i64) -> Event {
        Event {
            reason: reason.into(),
            message: "Back-off restarting\n failed container".into(),
            type_: type_.into(),
            count: 4,
            last: Some(jiff::Timestamp::from_second(seconds).unwrap()),
        }
    }

    #[test]
    fn it_reads_well_in_a_diagnostic() {
        let diagnosis = Diagnosis {
            object: ObjectRef::namespaced("v1", "Pod", "loki", "loki-0"),
            reason: "CrashLoopBackOff".into(),
            message: "container loki exited with code 1".into(),
            events: vec![event("Warning", "BackOff", 1)],
            container: Some("loki".into()),
            log_lines: vec!["level=error msg=\"validating config\"".into()],
        };
        assert_eq!(
            diagnosis.to_string(),
            "Pod loki/loki-0: CrashLoopBackOff: container loki exited with code 1\n\
             \x20 Last events:\n\
             \x20   BackOff (4 times): Back-off restarting failed container\n\
             \x20 Last log lines of container loki:\n\
             \x20   level=error msg=\"validating config\""
        );
    }

    #[test]
    fn the_last_warnings_are_the_telling_events() {
        let mut events: Vec<_> = (0..7).rev().map(|at| event("Warning", &at.to_string(), at)).collect();
        events.push(event("Normal", "Pulled", 9));
        let reasons: Vec<_> = telling(events).into_iter().map(|event| event.reason).collect();
        assert_eq!(reasons, ["2", "3", "4", "5", "6"]);
        assert_eq!(telling(vec![event("Normal", "Pulled", 9)]).len(), 1);
    }

    #[test]
    fn a_selector_becomes_a_query() {
        let all = json!({"matchLabels": {"app": "loki"}, "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["x", "y"]}, {"key": "b", "operator": "DoesNotExist"}]});
        assert_eq!(selector(&all), "app=loki,a in (x,y),!b");
    }
}
