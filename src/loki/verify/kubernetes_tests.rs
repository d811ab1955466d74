use super::*;
use crate::loki::options::ResourceList;

fn map(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

#[test]
fn stack_names_leave_room_for_what_is_named_after_them() {
    assert_eq!(name("loki"), None);
    assert_eq!(name(&"a".repeat(52)), None);
    for wrong in ["", "Loki", "1loki", "-loki", "loki-", "lo.ki", "lo_ki", &"a".repeat(53)] {
        assert!(name(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn namespaces_are_dns_labels() {
    assert_eq!(namespace("1st-team"), None);
    assert_eq!(namespace(&"a".repeat(63)), None);
    for wrong in ["", "Team", "a.b", "a-", &"a".repeat(64)] {
        assert!(namespace(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn object_names_are_dns_subdomains() {
    assert_eq!(dns_subdomain("gp3.ebs-fast"), None);
    for wrong in ["", "a..b", "A", "a_b", ".a", &"a".repeat(254)] {
        assert!(dns_subdomain(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn images() {
    for good in ["grafana/loki", "mirror:5000/loki:3.7.8", "loki@sha256:abc"] {
        assert_eq!(image(good), None, "{good}");
    }
    for wrong in ["", "https://docker.io/grafana/loki", "a b", "loki:", "/loki"] {
        assert!(image(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn labels_of_the_user() {
    assert_eq!(labels(&map("example.com/team", "obs_1.x")), []);
    assert_eq!(labels(&map("team", "")), []);
    for (key, value) in [
        ("app.kubernetes.io/instance", "x"),
        ("a b", "x"),
        ("/a", "x"),
        ("Example.com/a", "x"),
        ("team", "a b"),
        ("team", "-a"),
    ] {
        assert_eq!(labels(&map(key, value)).len(), 1, "{key}={value}");
    }
}

#[test]
fn annotations_take_any_value() {
    assert_eq!(annotations(&map("example.com/note", "any text, at all")), []);
    assert_eq!(annotations(&map("a note", "x"))[0].path, [Step::Key("a note".into())]);
}

#[test]
fn quantities() {
    assert_eq!(quantity("10Gi"), None);
    assert!(quantity("10GB").unwrap().summary.contains("no quantity"));
    assert!(quantity("0").unwrap().summary.contains("nothing"));
}

#[test]
fn requests_stay_within_limits() {
    let of = |request: &str, limit: &str| {
        let list = |memory: &str| ResourceList { cpu: None, memory: Some(memory.into()) };
        resources(&Resources { requests: list(request), limits: list(limit) })
    };
    assert_eq!(of("1Gi", "1024Mi"), []);
    let findings = of("1Gi", "1G");
    assert_eq!(findings[0].path_text(), "resources.requests.memory");
    assert!(findings[0].depends_on(&[crate::loki::finding::attributes("resources.limits.memory")]));
    assert_eq!(of("1Gi", "lots")[0].path_text(), "resources.limits.memory");
}

#[test]
fn tolerations_have_kubernetes_form() {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let check = |key: &str, operator: &str, value: &str, effect: &str, seconds: Option<i64>| {
        tolerations(&[Toleration {
            key: some(key),
            operator: some(operator),
            value: some(value),
            effect: some(effect),
            toleration_seconds: seconds,
        }])
        .len()
    };
    assert_eq!(check("dedicated", "", "loki", "NoSchedule", None), 0);
    assert_eq!(check("", "Exists", "", "", None), 0);
    assert_eq!(check("dedicated", "Exists", "", "NoExecute", Some(60)), 0);
    assert_eq!(check("dedicated", "In", "", "", None), 1);
    assert_eq!(check("dedicated", "", "", "Never", None), 1);
    assert_eq!(check("", "", "loki", "", None), 1);
    assert_eq!(check("dedicated", "Exists", "loki", "", None), 1);
    assert_eq!(check("dedicated", "Exists", "", "NoSchedule", Some(60)), 1);
    assert_eq!(check("a b", "Exists", "", "", None), 1);
}
