use super::*;
use crate::loki::options::{S3, Storage};

fn distributed() -> Options {
    let storage = Storage::S3(S3 { bucket: "acme-loki".into(), region: "eu-west-1".into(), ..S3::default() });
    Options { mode: Mode::Distributed, storage, ..Options::default() }
}

fn find(options: &Options, target: &str) -> Component {
    options.components().into_iter().find(|it| it.target == target).unwrap_or_else(|| panic!("no {target}"))
}

#[test]
fn optional_components_run_when_they_are_asked_for() {
    let targets = |options: &Options| options.components().iter().map(|it| it.target).collect::<Vec<_>>();
    let mut options = distributed();
    let always =
        ["index-gateway", "compactor", "ingester", "query-scheduler", "querier", "query-frontend", "distributor"];
    assert_eq!(targets(&options), always);
    options.components.insert("pattern_ingester".into(), Workload { enabled: Some(false), ..Workload::default() });
    assert_eq!(targets(&options), always);
    options.components.insert("pattern_ingester".into(), Workload::default());
    assert!(targets(&options).contains(&"pattern-ingester") && options.has("pattern_ingester"));
    options.mode = Mode::Monolithic;
    assert_eq!(targets(&options), ["all"]);
    assert!(!options.has("pattern_ingester"));
}

#[test]
fn numbers_are_the_components_else_the_stacks_else_the_sizes() {
    let mut options = distributed();
    assert_eq!((find(&options, "ingester").replicas, options.replication_factor()), (3, 3));
    assert_eq!(find(&options, "ingester").resources, Resources::default());
    options.size = Some("small".into());
    let ingester = find(&options, "ingester");
    assert_eq!((ingester.replicas, options.replication_factor()), (3, 2));
    assert_eq!(ingester.resources.requests.memory.as_deref(), Some("13.25Gi"));
    assert_eq!(ingester.persistence.size, "160Gi", "data and write-ahead log");
    assert_eq!(find(&options, "compactor").persistence.size, "10Gi");
    assert!(!find(&options, "querier").persistence.enabled);
    options.resources.limits.memory = Some("1Gi".into());
    assert_eq!(find(&options, "querier").memory_limit(), Some(1 << 30));
    assert_eq!(options.ingester_memory_limit(), Some(1 << 30));
    let own = Workload {
        replicas: Some(5),
        resources: Some(Resources::default()),
        persistence: Some(Persistence { size: "20Gi".into(), ..Persistence::default() }),
        ..Workload::default()
    };
    options.components.insert("ingester".into(), own);
    let ingester = find(&options, "ingester");
    assert_eq!((ingester.replicas, ingester.persistence.size.as_str()), (5, "20Gi"));
    assert_eq!(ingester.resources.limits, ResourceList::default());
}

#[test]
fn a_demo_has_one_of_each_and_one_copy() {
    let options = Options { size: Some("demo".into()), ..distributed() };
    assert_eq!(options.replication_factor(), 1);
    for component in options.components() {
        assert_eq!(component.replicas, 1, "{}", component.target);
    }
}

#[test]
fn pods_are_placed_as_the_component_says_else_as_the_stack() {
    let mut options = distributed();
    options.node_selector.insert("pool".into(), "logs".into());
    options.pod_annotations.insert("a".into(), "stack".into());
    options.pod_annotations.insert("b".into(), "stack".into());
    let annotations = [("a".to_owned(), "querier".to_owned())].into();
    let own = Workload {
        node_selector: Some([("pool".to_owned(), "queries".to_owned())].into()),
        pod_annotations: annotations,
        ..Workload::default()
    };
    options.components.insert("querier".into(), own);
    assert_eq!(find(&options, "ingester").pods.nodes()["pool"], "logs");
    let querier = find(&options, "querier").pods;
    assert_eq!(querier.nodes()["pool"], "queries");
    assert_eq!((querier.pod_annotations["a"].as_str(), querier.pod_annotations["b"].as_str()), ("querier", "stack"));
}

#[test]
fn a_drain_leaves_a_quorum() {
    let mut options = distributed();
    assert_eq!(find(&options, "ingester").max_unavailable, 1);
    options.replicas = Some(5);
    options.replication_factor = Some(5);
    assert_eq!(find(&options, "ingester").max_unavailable, 2);
    options.components.insert("querier".into(), Workload { replicas: Some(1), ..Workload::default() });
    assert_eq!(find(&options, "querier").max_unavailable, 1, "a budget of none would block drains for ever");
}
