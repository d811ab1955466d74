use super::*;

fn options(replicas: u32) -> Options {
    Options { replicas: Some(replicas), ..Options::default() }
}

fn progress(replicas: u32) -> Progress {
    Progress { observed: true, desired: replicas, updated: replicas, ready: replicas, blocked: None }
}

fn seen(seen: Seen) -> Rollout {
    Rollout { component: "all".into(), workload: "StatefulSet/loki".into(), seen }
}

fn rolled_out(replicas: u32) -> Rollout {
    seen(Seen::Present(progress(replicas)))
}

fn pod(name: &str) -> Pod {
    Pod { component: "all".into(), name: name.into(), phase: "Running".into(), ready: true, ..Pod::default() }
}

fn member(id: &str, state: &str) -> Member {
    Member { id: id.into(), state: state.into() }
}

fn ring_of(states: &[&str]) -> Ring {
    let members = states.iter().enumerate().map(|(i, state)| member(&format!("loki-{i}"), state));
    Ring { name: "ingester".into(), members: members.collect() }
}

fn healthy(replicas: u32) -> Observed {
    let names: Vec<_> = (0..replicas).map(|index| format!("loki-{index}")).collect();
    Observed {
        query: Some((200, String::new())),
        losses: Vec::new(),
        rules: Vec::new(),
        rollouts: vec![rolled_out(replicas)],
        pods: names.iter().map(|name| pod(name)).collect(),
        probes: names
            .iter()
            .map(|name| Probe { pod: name.clone(), status: Some(200), body: "ready\n".into() })
            .collect(),
        rings: vec![ring_of(&vec!["ACTIVE"; replicas as usize])],
        version: Some("3.7.8".into()),
        compactors: Vec::new(),
    }
}

/// State, reasons, and the state of the one component, with one replica out of order.
fn with_pod(replicas: u32, broken: Pod) -> (State, Vec<String>, State) {
    let mut observed = healthy(replicas);
    observed.rollouts = vec![seen(Seen::Present(Progress { ready: replicas - 1, ..progress(replicas) }))];
    observed.pods[0] = broken;
    observed.probes.remove(0);
    let health = judge(&options(replicas), &observed);
    (health.state, health.reasons, health.components["all"])
}

#[test]
fn all_well() {
    for replicas in [1, 3] {
        let health = judge(&options(replicas), &healthy(replicas));
        assert_eq!(
            health,
            Health {
                state: State::Healthy,
                reasons: vec![],
                components: BTreeMap::from([("all".into(), State::Healthy)]),
            }
        );
    }
}

#[test]
fn what_was_not_asked_weighs_nothing() {
    let observed = Observed { rollouts: vec![rolled_out(1)], ..Observed::default() };
    assert_eq!(judge(&options(1), &observed).state, State::Healthy);
}

/// State and reasons of a stack of which nothing but its workload is known.
fn with_workload(what: Seen) -> (State, Vec<String>) {
    let health = judge(&options(1), &Observed { rollouts: vec![seen(what)], ..Observed::default() });
    (health.state, health.reasons)
}

#[test]
fn a_missing_workload_is_a_failure() {
    let (state, reasons) = with_workload(Seen::Absent);
    assert_eq!(state, State::Failed);
    assert_eq!(reasons, ["FailedComponents: StatefulSet/loki does not exist"]);
}

#[test]
fn a_workload_that_could_not_be_asked_for_is_unknown_and_no_failure() {
    let (state, reasons) = with_workload(Seen::Unasked("ci may not get statefulsets.apps".into()));
    assert_eq!(state, State::Unknown);
    assert_eq!(
        reasons,
        ["UnknownComponents: StatefulSet/loki could not be asked for: ci may not get statefulsets.apps"]
    );
    // What is known to be wrong weighs more.
    let mut observed = healthy(3);
    observed.rollouts.push(Rollout { component: "other".into(), ..seen(Seen::Unasked("no".into())) });
    assert_eq!(judge(&options(3), &observed).state, State::Unknown);
    observed.rings = vec![ring_of(&["ACTIVE", "UNHEALTHY", "UNHEALTHY"])];
    assert_eq!(judge(&options(3), &observed).state, State::Failed);
}

#[test]
fn a_roll_out_is_progress() {
    for change in [
        |progress: &mut Progress| progress.observed = false,
        |progress: &mut Progress| progress.updated = 0,
        |progress: &mut Progress| progress.ready = 0,
    ] {
        let mut progress = progress(1);
        change(&mut progress);
        assert_eq!(with_workload(Seen::Present(progress)).0, State::Progressing);
    }
}

#[test]
fn pods_that_may_not_be_made_are_a_failure_with_its_reason() {
    let quota = "pods \"loki-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=4, limited: pods=4";
    let blocked = Progress { updated: 0, ready: 0, blocked: Some(quota.into()), ..progress(1) };
    let (state, reasons) = with_workload(Seen::Present(blocked));
    assert_eq!(state, State::Failed);
    assert_eq!(
        reasons,
        [
            "FailedComponents: StatefulSet/loki cannot create its pods: pods \"loki-0\" is forbidden: exceeded quota: q, \
          requested: pods=1, limited: pods=4"
        ]
    );
    let one_of_three = Progress { updated: 2, ready: 2, blocked: Some("no".into()), ..progress(3) };
    assert_eq!(with_workload(Seen::Present(one_of_three)).0, State::Degraded);
}

#[test]
fn a_crash_reads_the_same_waiting_and_running() {
    let crashed = Some(("Error".to_owned(), 1));
    let waiting =
        Pod { ready: false, waiting_reason: Some("CrashLoopBackOff".into()), crash: crashed.clone(), ..pod("loki-0") };
    let running = Pod { ready: false, crash: crashed, ..pod("loki-0") };
    let (state, reasons, _) = with_pod(1, waiting.clone());
    assert_eq!(state, State::Failed);
    assert_eq!(reasons, ["FailedComponents: pod loki-0 has crashed: Error, exit code 1"]);
    assert_eq!(with_pod(1, running), with_pod(1, waiting));
}

#[test]
fn one_crash_among_three_degrades() {
    let broken = Pod { ready: false, crash: Some(("OOMKilled".into(), 137)), ..pod("loki-0") };
    let (state, reasons, component) = with_pod(3, broken);
    assert_eq!((state, component), (State::Degraded, State::Degraded));
    assert_eq!(reasons[0], "FailedComponents: pod loki-0 has crashed: OOMKilled, exit code 137");
}

#[test]
fn a_pod_that_recovered_is_well() {
    let mut observed = healthy(1);
    observed.pods[0].crash = Some(("OOMKilled".into(), 137));
    assert_eq!(judge(&options(1), &observed).state, State::Healthy);
}

#[test]
fn image_trouble_reads_the_same_in_both_phases() {
    let with = |reason: &str| {
        with_pod(1, Pod { phase: "Pending".into(), ready: false, waiting_reason: Some(reason.into()), ..pod("loki-0") })
    };
    assert_eq!(with("ErrImagePull"), with("ImagePullBackOff"));
    assert_eq!(with("ErrImagePull").0, State::Failed);
    assert_eq!(with("ContainerCreating").0, State::Progressing);
    assert_eq!(with("CreateContainerConfigError").0, State::Failed);
}

#[test]
fn no_node_says_why_without_counting_nodes() {
    let message = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. \
                   preemption: 0/3 nodes are available: 3 No preemption victims found.";
    let broken = Pod { phase: "Pending".into(), ready: false, unschedulable: Some(message.into()), ..pod("loki-0") };
    let (state, reasons, _) = with_pod(1, broken);
    assert_eq!(state, State::Failed);
    assert_eq!(
        reasons[0],
        "FailedComponents: pod loki-0 fits no node: Insufficient cpu, node(s) had untolerated taint {a: b}"
    );
}

#[test]
fn phases_of_a_pod() {
    let with = |phase: &str| with_pod(1, Pod { phase: phase.into(), ready: false, ..pod("loki-0") }).0;
    assert_eq!(
        ["Pending", "Running", "Failed", "Unknown"].map(with),
        [State::Progressing, State::Progressing, State::Failed, State::Failed,]
    );
    let leaving = Pod { terminating: true, ..pod("loki-0") };
    assert_eq!(with_pod(1, leaving).0, State::Progressing);
}

#[test]
fn an_answer_other_than_ready_is_told_by_its_first_line() {
    let mut observed = healthy(1);
    observed.probes[0].status = Some(503);
    observed.probes[0].body = "Some services are not Running:\nStarting: 1\nRunning: 24\n".into();
    let health = judge(&options(1), &observed);
    assert_eq!(health.state, State::Progressing);
    assert_eq!(health.reasons, ["PendingComponents: pod loki-0 is not ready: Some services are not Running"]);
    observed.probes[0].status = None;
    assert_eq!(judge(&options(1), &observed).state, State::Healthy, "silence is not an answer");
}

#[test]
fn a_pod_is_told_of_once_by_what_explains_most() {
    let told = |broken: Pod| {
        let mut observed = healthy(1);
        observed.rollouts = vec![seen(Seen::Present(Progress { ready: 0, ..progress(1) }))];
        observed.probes[0] =
            Probe { pod: "loki-0".into(), status: Some(503), body: "Ingester not ready: JOINING".into() };
        observed.pods = vec![Pod { ready: false, ..broken }];
        judge(&options(1), &observed).reasons
    };
    assert_eq!(told(pod("loki-0")), ["PendingComponents: pod loki-0 is not ready: Ingester not ready: JOINING"]);
    let crashed = Pod { crash: Some(("Error".into(), 1)), ..pod("loki-0") };
    assert_eq!(told(crashed), ["FailedComponents: pod loki-0 has crashed: Error, exit code 1"]);
    let leaving = Pod { terminating: true, ..pod("loki-0") };
    assert_eq!(told(leaving), ["PendingComponents: pod loki-0 is shutting down"]);
}

#[test]
fn rings() {
    let with = |states: &[&str]| {
        let health = judge(&options(3), &Observed { rings: vec![ring_of(states)], ..Observed::default() });
        (health.state, health.reasons)
    };
    assert_eq!(with(&["ACTIVE", "ACTIVE", "ACTIVE", "LEFT"]), (State::Healthy, vec![]));
    assert_eq!(with(&["ACTIVE", "ACTIVE", "JOINING"]).0, State::Progressing);
    let (state, reasons) = with(&["ACTIVE", "ACTIVE", "Unhealthy"]);
    assert_eq!(state, State::Degraded);
    assert_eq!(reasons, ["UnhealthyRingMembers: loki-2 is UNHEALTHY in the ingester ring"]);
    let (state, reasons) = with(&["ACTIVE", "UNHEALTHY", "UNHEALTHY"]);
    assert_eq!(state, State::Failed);
    assert_eq!(
        reasons[0],
        "InsufficientIngesterReplicas: pushes need 2 active members of the ingester ring (replication factor 3)"
    );
}

#[test]
fn a_ring_has_every_ready_ingester() {
    let with = |members: &[&str]| {
        let health = judge(&options(3), &Observed { rings: vec![ring_of(members)], ..healthy(3) });
        (health.state, health.reasons)
    };
    assert_eq!(with(&["ACTIVE"; 3]), (State::Healthy, vec![]));
    let split = "UnhealthyRingMembers: not every pod that is ready is in the ingester ring".to_owned();
    assert_eq!(with(&["ACTIVE"; 2]), (State::Progressing, vec![split]));
}

#[test]
fn another_version_degrades() {
    let with =
        |version: &str| judge(&options(1), &Observed { version: Some(version.into()), ..Observed::default() }).state;
    assert_eq!(["3.7.8", "v3.7.8", "", "HEAD-1234"].map(with), [State::Healthy; 4]);
    assert_eq!(with("3.6.3"), State::Degraded);
}

#[test]
fn a_workload_that_is_scaled_to_zero_serves_nobody() {
    let mut observed = Observed { rollouts: vec![rolled_out(0)], ..Observed::default() };
    let health = judge(&options(1), &observed);
    assert_eq!(
        (health.state, health.reasons),
        (State::Failed, vec!["FailedComponents: StatefulSet/loki is scaled to zero".to_owned()])
    );
    // While the last pod shuts down as well.
    observed.pods = vec![Pod { terminating: true, ..pod("loki-0") }];
    assert_eq!(judge(&options(1), &observed).state, State::Failed);
}

#[test]
fn lines_that_do_not_come_back_are_a_loss() {
    let observed = Observed { losses: vec!["loki-canary-x".into()], ..Observed::default() };
    let health = judge(&Options::default(), &observed);
    assert_eq!(health.state, State::Degraded);
    assert_eq!(health.reasons, ["MissingEntries: lines that loki-canary-x wrote do not come back"]);
}

#[test]
fn rules_that_are_not_loaded_are_waited_for() {
    let groups = vec![serde_json::json!({"name": "a"}), serde_json::json!({"name": "b"})];
    let ruler = crate::loki::options::Ruler { groups: [("fake".to_owned(), groups)].into(), ..Default::default() };
    let options = Options { ruler: Some(ruler), ..Options::default() };
    let loaded = |groups: &[&str]| {
        let groups = groups.iter().map(|name| (*name).to_owned()).collect();
        let rules = vec![Rules { tenant: "fake".into(), groups }];
        judge(&options, &Observed { rules, ..Observed::default() })
    };
    assert_eq!(loaded(&["a", "b", "other"]).state, State::Healthy);
    let health = loaded(&["a"]);
    assert_eq!(health.state, State::Progressing);
    assert_eq!(health.reasons, ["PendingRules: the ruler has not loaded b of tenant fake"]);
}

#[test]
fn queries_that_fail_are_told_though_all_pods_are_ready() {
    let error = "index gateway get ring: too many unhealthy instances in the ring";
    let of = |status: u16| judge(&Options::default(), &Observed { query: Some((status, error.into())), ..healthy(1) });
    assert_eq!((of(200).state, of(401).state), (State::Healthy, State::Healthy));
    assert_eq!(of(500).state, State::Degraded);
    assert_eq!(of(500).reasons, [format!("FailedQueries: a query for labels fails: {error}")]);
}
