//! Over whole stacks.

use super::*;
use crate::loki::options::{S3, Storage};
use serde_json::Value;
use std::collections::BTreeMap;

/// A stack with every optional object and volume.
fn full() -> Options {
    let s3 = S3 { bucket: "acme-loki".into(), region: "eu-west-1".into(), ..S3::default() };
    let mut options =
        Options { create_namespace: true, replicas: Some(3), storage: Storage::S3(s3), ..Options::default() };
    options.service_account.role_arn = Some("arn:aws:iam::123456789012:role/loki".into());
    options
}

fn kinds(options: &Options) -> Vec<String> {
    render(options).iter().map(|object| object.kind().to_owned()).collect()
}

fn find<'a>(objects: &'a [Object], kind: &str) -> &'a Value {
    objects.iter().find(|object| object.kind() == kind).unwrap().as_value()
}

#[test]
fn what_others_need_comes_first() {
    assert_eq!(
        kinds(&full()),
        [
            "Namespace",
            "ServiceAccount",
            "ConfigMap",
            "ConfigMap",
            "Service",
            "Service",
            "Service",
            "StatefulSet",
            "PodDisruptionBudget"
        ]
    );
    let mut options = full();
    options.create_namespace = false;
    options.service_account.create = false;
    assert_eq!(kinds(&options)[0], "ConfigMap");
}

#[test]
fn services_workload_and_budget_select_the_pods() {
    let objects = render(&full());
    let labels = &find(&objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"];
    let selectors = objects.iter().filter_map(|object| {
        let selector = &object.as_value()["spec"]["selector"];
        selector.get("matchLabels").unwrap_or(selector).as_object()
    });
    let mut count = 0;
    for (key, value) in selectors.flatten() {
        assert_eq!(&labels[key], value, "{key}");
        count += 1;
    }
    assert_eq!(count, 5 * 3, "five objects select by three labels");
}

#[test]
fn every_mount_has_its_volume_and_every_volume_its_source() {
    let mut without_claims = full();
    without_claims.persistence.enabled = false;
    for options in [full(), without_claims, Options::default()] {
        let objects = render(&options);
        let spec = &find(&objects, "StatefulSet")["spec"];
        let names = |list: &Value, pointer: &str| -> Vec<String> {
            let list = list.as_array().into_iter().flatten();
            let mut names: Vec<_> = list.map(|item| item.pointer(pointer).unwrap().as_str().unwrap().into()).collect();
            names.sort();
            names
        };
        let pod = &spec["template"]["spec"];
        let mut volumes = names(&pod["volumes"], "/name");
        volumes.extend(names(&spec["volumeClaimTemplates"], "/metadata/name"));
        volumes.sort();
        assert_eq!(names(&pod["containers"][0]["volumeMounts"], "/name"), volumes);
        for volume in pod["volumes"].as_array().unwrap() {
            if let Some(name) = volume.pointer("/configMap/name") {
                assert!(objects.iter().any(|object| object.kind() == "ConfigMap" && object.name() == name));
            }
        }
    }
}

#[test]
fn digests_tell_what_a_change_touches() {
    let touched = |change: fn(&mut Options)| -> Vec<String> {
        let digests = |options: &Options| -> BTreeMap<String, String> {
            render(options).iter().map(|object| (object.key(), object.digest())).collect()
        };
        let mut options = full();
        let before = digests(&options);
        change(&mut options);
        digests(&options).into_iter().filter(|(key, digest)| before[key] != *digest).map(|(key, _)| key).collect()
    };
    let overrides = |options: &mut Options| {
        options.overrides.entry("team".into()).or_default().insert("volume_enabled".into(), false.into());
    };
    assert_eq!(touched(overrides), ["ConfigMap/loki/loki-runtime"], "reloaded without a restart");
    let config = |options: &mut Options| options.auth_enabled = true;
    assert_eq!(touched(config), ["ConfigMap/loki/loki-config", "StatefulSet/loki/loki"], "restarts the pods");
    let written_otherwise = |options: &mut Options| options.persistence.size = "10240Mi".into();
    assert_eq!(touched(written_otherwise), [""; 0], "the same quantity");
}

#[test]
fn the_token_is_there_only_for_a_role() {
    let mut options = full();
    let text = |options: &Options| find(&render(options), "StatefulSet").to_string();
    assert!(text(&options).contains("\"audience\":\"sts.amazonaws.com\""));
    assert!(text(&options).contains("AWS_WEB_IDENTITY_TOKEN_FILE"));
    options.service_account.role_arn = None;
    assert!(!text(&options).contains("sts.amazonaws.com"));
    assert!(!text(&options).contains("AWS_ROLE_ARN"));
}

#[test]
fn a_security_context_is_overlaid_and_a_components_goes_before_the_stacks() {
    use crate::loki::options::{Mode, Workload};
    use serde_json::json;
    let mut options = Options { mode: Mode::Distributed, ..full() };
    options.security_context = json!({"runAsUser": null, "fsGroup": 2000});
    let querier = Workload { security_context: json!({"fsGroup": null}), ..Workload::default() };
    options.components.insert("querier".into(), querier);
    let objects = render(&options);
    let context = |name: &str| {
        let of = objects.iter().find(|it| it.kind() != "Service" && it.name() == name).unwrap().as_value();
        of["spec"]["template"]["spec"]["securityContext"].clone()
    };
    let ingester = context("loki-ingester");
    assert_eq!((&ingester["runAsUser"], &ingester["fsGroup"]), (&Value::Null, &json!(2000)));
    assert_eq!(ingester["runAsNonRoot"], true);
    assert_eq!(context("loki-querier")["fsGroup"], Value::Null);
}
