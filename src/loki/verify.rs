//! The rules over options: Loki's own, in Loki's words where it has some, those that Loki does not
//! check and its users fall over, and those of Kubernetes and AWS about what is rendered.
//!
//! Rules come in three sizes. A rule about one value leaves the finding's path empty, since the value
//! may stand anywhere: say where with [`Finding::at`] or [`Finding::under`]. A rule about several
//! values sets the path from the resource's root. [`verify`] is all of them over whole options.

mod around;
mod aws;
mod components;
mod file;
mod kubernetes;
mod limits;
mod replication;
mod rules;
mod schema;
mod storage;

pub use aws::{bucket, endpoint, region, role_arn};
pub use components::components;
pub use file::{configuration, overrides_shape};
pub use kubernetes::{
    annotations, dns_subdomain, image, labels, name, namespace, node_selector, quantity, resources, tolerations,
};
pub use limits::{limits, only_tenant, overrides, retention, tenant_id};
pub use replication::{durability, replication};
pub(super) use schema::day;
pub use schema::{schema, structured_metadata};
pub use storage::{s3, storage_change};

use jiff::civil::Date;

use super::config_overrides::config_overrides;
use super::finding::{Finding, Step, attributes};
use super::options::{Mode, Options};
use super::version::{NEWEST, OLDEST, Version};

/// Every rule over whole options, in the order of the attributes' names. `today` (UTC) tells which
/// schema period is in force; without it the last one is taken to be.
pub fn verify(options: &Options, today: Option<Date>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut one = |path: &'static str, finding: Option<Finding>| {
        findings.extend(finding.map(|finding| finding.at(path)));
    };
    let account = &options.service_account;
    one("name", name(&options.name));
    one("namespace", namespace(&options.namespace));
    one("loki_version", version(&options.loki_version));
    one("image", options.image.as_deref().and_then(image));
    one("retention", options.retention.as_deref().and_then(retention));
    one("service_account.name", account.name.as_deref().and_then(dns_subdomain));
    one("service_account.role_arn", account.role_arn.as_deref().and_then(role_arn));
    one("priority_class_name", options.priority_class_name.as_deref().and_then(dns_subdomain));
    one("cluster_domain", dns_subdomain(&options.cluster_domain));
    let class = options.persistence.storage_class.as_deref().filter(|class| !class.is_empty());
    one("persistence.storage_class", class.and_then(dns_subdomain));
    one("persistence.size", quantity(&options.persistence.size));
    for (index, secret) in options.image_pull_secrets.iter().enumerate() {
        let path = [Step::Attribute("image_pull_secrets"), Step::Index(index)];
        findings.extend(dns_subdomain(secret).map(|finding| finding.under(path)));
    }

    let version = options.version();
    findings.extend(created_namespace(&options.namespace, options.create_namespace));
    findings.extend(grace(options.termination_grace_period_seconds));
    findings.extend(replication(options.ingesters(), options.replication_factor));
    findings.extend(durability(options));
    findings.extend(storage::storage(&options.storage, account.role_arn.as_deref(), version));
    findings.extend(storage::clients(options));
    findings.extend(mode(options.mode));
    findings.extend(components(options));
    findings.extend(around::around(options));
    findings.extend(rules::ruler(options));
    findings.extend(schema(&options.schema, today));
    findings.extend(structured_metadata(&options.schema, &options.limits, today));
    findings.extend(limits(&options.limits, version));
    findings.extend(overrides(&options.overrides, version));
    findings.extend(only_tenant(&options.overrides, options.auth_enabled));
    findings.extend(config_overrides(options));
    findings.extend(role_annotation(options));
    let under = |path: &'static str| move |finding: Finding| finding.at(path);
    findings.extend(annotations(&account.annotations).into_iter().map(under("service_account.annotations")));
    findings.extend(labels(&options.labels).into_iter().map(under("labels")));
    findings.extend(annotations(&options.annotations).into_iter().map(under("annotations")));
    findings.extend(annotations(&options.pod_annotations).into_iter().map(under("pod_annotations")));
    findings.extend(node_selector(&options.node_selector).into_iter().map(under("node_selector")));
    findings.extend(tolerations(&options.tolerations));
    findings.extend(resources(&options.resources));
    findings.sort_by(|a, b| a.path.cmp(&b.path));
    findings
}

/// A version of Loki that this provider knows.
pub fn version(text: &str) -> Option<Finding> {
    let fix = format!("Choose a version from {OLDEST} to {NEWEST}, such as \"{NEWEST}\".");
    match text.parse::<Version>() {
        Err(()) => Some(Finding::error(
            summary!("{text:?} is no version of Loki"),
            "A version is three numbers, as Loki's releases are tagged, without the \"v\".",
            fix,
        )),
        Ok(version) if !version.supported() => Some(Finding::error(
            summary!("Loki {version} is not supported"),
            format!(
                "This provider renders and verifies the configuration of Loki {}.{} to {}.{}; other \
                 versions have other keys and would refuse it.",
                OLDEST.major, OLDEST.minor, NEWEST.major, NEWEST.minor
            ),
            fix,
        )),
        Ok(_) => None,
    }
}

/// A namespace that this stack may own, and so delete.
pub fn created_namespace(name: &str, create: bool) -> Option<Finding> {
    (create && (name == "default" || name.starts_with("kube-"))).then(|| {
        Finding::error(
            summary!("Namespace {name:?} cannot belong to this stack"),
            "Kubernetes keeps it for itself, and a namespace that the stack creates is deleted with it.",
            "Name a namespace of the stack's own, or set create_namespace = false.",
        )
        .at("create_namespace")
        .and("namespace")
    })
}

/// A mode without a future.
fn mode(mode: Mode) -> Option<Finding> {
    (mode == Mode::SimpleScalable).then(|| {
        Finding::warning(
            summary!("The simple scalable mode ends with Loki 3"),
            "Loki 4.0 no longer has the targets read, write and backend.",
            "Set mode = \"distributed\" once this stack is applied: what takes over is started beside it before it goes; \
             bucket and schema stay as they are.",
        )
        .at("mode")
    })
}

fn grace(seconds: Option<u32>) -> Option<Finding> {
    (seconds == Some(0)).then(|| {
        Finding::warning(
            summary!("Loki is killed without a grace period"),
            "On SIGTERM Loki flushes what it holds in memory and leaves its rings.",
            "Leave termination_grace_period_seconds out, or give it 30 seconds or more.",
        )
        .at("termination_grace_period_seconds")
    })
}

/// The role said once only.
fn role_annotation(options: &Options) -> Option<Finding> {
    const KEY: &str = super::manifests::ROLE_ANNOTATION;
    options.service_account.annotations.contains_key(KEY).then(|| {
        Finding::error(
            summary!("The annotation {KEY} is the provider's"),
            "The role is rendered into the pods as well as into the annotation, so that it works with and \
             without the EKS webhook; an annotation alone would leave the pods without it.",
            "Remove the annotation and set service_account.role_arn.",
        )
        .under([Step::Key(KEY.to_owned())])
        .under(attributes("service_account.annotations"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity;
    use jiff::civil::date;

    fn paths(options: &Options) -> Vec<String> {
        verify(options, Some(date(2026, 1, 1)))
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(Finding::path_text)
            .collect()
    }

    #[test]
    fn defaults_pass_without_a_word() {
        assert_eq!(verify(&Options::default(), Some(date(2026, 1, 1))), []);
        assert_eq!(verify(&Options::default(), None), []);
    }

    #[test]
    fn every_rule_is_reached_with_its_path() {
        let mut options = Options {
            name: "Loki".into(),
            namespace: "kube-system".into(),
            create_namespace: true,
            loki_version: "2.9.0".into(),
            image: Some("has space".into()),
            image_pull_secrets: vec!["ok".into(), "Not_ok".into()],
            replicas: Some(1),
            replication_factor: Some(3),
            retention: Some("2h".into()),
            priority_class_name: Some("UPPER".into()),
            cluster_domain: "cluster local".into(),
            ..Options::default()
        };
        options.persistence.size = "10GB".into();
        options.persistence.storage_class = Some("Fast!".into());
        options.schema[0].from = "yesterday".into();
        options.service_account.name = Some("-".into());
        options.service_account.role_arn = Some("acme".into());
        options.service_account.annotations.insert("eks.amazonaws.com/role-arn".into(), "x".into());
        options.labels.insert("app.kubernetes.io/name".into(), "x".into());
        options.annotations.insert("a b".into(), "x".into());
        options.pod_annotations.insert("a/b/c".into(), "x".into());
        options.node_selector.insert("zone".into(), "a b".into());
        options.limits.insert("retention_period".into(), "1d".into());
        options.overrides.entry("a/b".into()).or_default();
        options.resources.limits.cpu = Some("many".into());
        options.tolerations.push(crate::loki::options::Toleration::default());
        assert_eq!(
            paths(&options),
            [
                "annotations[\"a b\"]",
                "cluster_domain",
                "create_namespace",
                "image",
                "image_pull_secrets[1]",
                "labels[\"app.kubernetes.io/name\"]",
                "limits[\"retention_period\"]",
                "loki_version",
                "name",
                "node_selector[\"zone\"]",
                "overrides[\"a/b\"]",
                "persistence.size",
                "persistence.storage_class",
                "pod_annotations[\"a/b/c\"]",
                "priority_class_name",
                "replication_factor",
                "resources.limits.cpu",
                "retention",
                "schema[0].from",
                "service_account.annotations[\"eks.amazonaws.com/role-arn\"]",
                "service_account.name",
                "service_account.role_arn",
                "tolerations[0]",
            ]
        );
    }

    #[test]
    fn versions() {
        for good in ["3.0.0", "3.4.2", "3.7.8", "3.7.12"] {
            assert_eq!(version(good), None, "{good}");
        }
        assert!(version("v3.7.8").unwrap().summary.contains("is no version"));
        assert!(version("4.0.0").unwrap().summary.contains("not supported"));
        assert!(version("2.9.8").unwrap().summary.contains("not supported"));
    }

    #[test]
    fn reserved_namespaces_are_used_but_not_owned() {
        assert!(created_namespace("default", true).is_some());
        assert!(created_namespace("kube-system", true).is_some());
        assert_eq!(created_namespace("default", false), None);
        assert_eq!(created_namespace("loki", true), None);
    }

    #[test]
    fn grace_of_zero_warns() {
        assert_eq!(grace(Some(0)).unwrap().severity, Severity::Warning);
        assert_eq!((grace(None), grace(Some(30))), (None, None));
    }
}
