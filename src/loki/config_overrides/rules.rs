//! Where overrides fight what the provider relies on.

use serde_json::Value;

use super::claims::{CLAIMS, Claim, DIRECTORIES, DISTRIBUTED, SAFEGUARDS};
use super::secrets::secrets;
use super::{lookup, merged, read};
use crate::loki::config::{DATA_DIRECTORY, rendered};
use crate::loki::finding::{Finding, Severity, Step, attributes};
use crate::loki::options::{Mode, Options};

/// The rules about `config_overrides`, whose paths start there. What Loki thinks of the merged file is not asked here.
pub fn config_overrides(options: &Options) -> Vec<Finding> {
    let overrides = match read(&options.config_overrides) {
        Ok(Value::Null) => return Vec::new(),
        Ok(overrides) => overrides,
        Err(finding) => return vec![*finding],
    };
    let before = rendered(options);
    let after = merged(before.clone(), &overrides);
    let changed = |path: &str| lookup(&before, path) != lookup(&after, path);

    let mut findings = Vec::new();
    for claim in CLAIMS.iter().filter(|claim| changed(claim.path)) {
        findings.push(fight(claim, claim.severity));
    }
    let severity = if options.mode == Mode::Distributed { Severity::Error } else { Severity::Warning };
    for claim in DISTRIBUTED.iter().filter(|claim| changed(claim.path)) {
        findings.push(fight(claim, severity));
    }
    let value = |path: &str| lookup(&after, path).filter(|_| changed(path));
    findings.extend(DIRECTORIES.iter().filter_map(|path| directory(path, value(path)?.as_str()?)));
    let off = SAFEGUARDS.iter().filter(|(path, _)| value(path) == Some(&Value::Bool(false)));
    findings.extend(off.map(|(path, why)| {
        Finding::warning(summary!("config_overrides turns off {path}"), *why, format!("Remove {path}."))
            .at("config_overrides")
    }));
    rings(&overrides, "", options.ingesters(), &mut findings);
    findings.extend(options.limits.keys().filter_map(|name| {
        lookup(&overrides, "limits_config")?.get(name).filter(|_| changed(&format!("limits_config.{name}")))?;
        Some(limit(name))
    }));
    findings.extend(secrets(&overrides, options.version().minor));
    findings
}

fn fight(claim: &Claim, severity: Severity) -> Finding {
    let Claim { path, why, attribute, .. } = claim;
    let fix = match *attribute {
        "" => format!("Remove {path} from config_overrides."),
        attribute => format!("Remove {path} from config_overrides, and set {attribute} instead."),
    };
    let mut finding = Finding::warning(summary!("config_overrides sets {path}"), *why, fix).at("config_overrides");
    finding.severity = severity;
    if !attribute.is_empty() {
        finding.also.push(attributes(attribute));
    }
    finding
}

/// A limit that has two values.
fn limit(name: &str) -> Finding {
    let mut finding = Finding::warning(
        summary!("config_overrides sets limits_config.{name}, and limits sets it too"),
        "What config_overrides says wins, and the value in limits has no effect.",
        format!("Remove limits_config.{name} from config_overrides."),
    )
    .at("config_overrides");
    finding.also.push(vec![Step::Attribute("limits"), Step::Key(name.to_owned())]);
    finding
}

/// A directory that the container cannot write to.
fn directory(path: &str, value: &str) -> Option<Finding> {
    let volume = |root: &str| value.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    (!value.is_empty() && !volume(DATA_DIRECTORY) && !volume("/tmp")).then(|| {
        Finding::error(
            summary!("config_overrides sets {path} to a directory that cannot be written to"),
            format!("The container's file system is read-only but for its volumes {DATA_DIRECTORY} and /tmp."),
            format!("Remove {path}, or let it lie below {DATA_DIRECTORY}."),
        )
        .at("config_overrides")
    })
}

/// Rings that are kept elsewhere than by memberlist, or by another number of copies, wherever they are configured.
fn rings(value: &Value, path: &str, replicas: u32, findings: &mut Vec<Finding>) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value.as_str() {
            Some(store) if path.ends_with("kvstore.store") && store != "memberlist" => {
                findings.push(kvstore(&path, store, replicas));
            }
            _ if path.ends_with("ring.replication_factor") => {
                let why = "Replicas and disruption budget are checked against common.replication_factor.";
                let claim = Claim { path: "", severity: Severity::Error, why, attribute: "replication_factor" };
                let mut finding = fight(&claim, Severity::Error);
                finding.summary = summary!("config_overrides sets {path}");
                finding.fix = format!("Remove {path} from config_overrides, and set replication_factor instead.");
                findings.push(finding);
            }
            _ => rings(value, &path, replicas, findings),
        }
    }
}

fn kvstore(path: &str, store: &str, replicas: u32) -> Finding {
    let fix = format!("Remove {path} from config_overrides.");
    let finding = if store == "inmemory" && replicas > 1 {
        Finding::error(
            summary!("config_overrides keeps a ring in each replica's own memory ({path})"),
            format!("Each of {replicas} replicas would be alone in its ring, and see none of the others' logs."),
            fix,
        )
    } else {
        Finding::warning(
            summary!("config_overrides keeps a ring elsewhere ({path})"),
            format!("The stack's rings are kept by memberlist; the provider does not deploy or check {store}."),
            fix,
        )
    };
    finding.at("config_overrides").and("replicas")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity::{Error, Warning};
    use crate::loki::options::{S3, Storage};
    use serde_json::json;

    fn told(overrides: Value) -> Vec<(Severity, String)> {
        let s3 = S3 { bucket: "acme-loki".into(), region: "eu-west-1".into(), ..S3::default() };
        let mut options =
            Options { config_overrides: overrides, replicas: Some(3), storage: Storage::S3(s3), ..Options::default() };
        options.limits.insert("query_timeout".into(), "1m".into());
        let findings = config_overrides(&options);
        assert!(findings.iter().all(|finding| finding.path_text() == "config_overrides"), "{findings:?}");
        findings.into_iter().map(|finding| (finding.severity, finding.summary.into())).collect()
    }

    fn severities(overrides: Value) -> Vec<Severity> {
        told(overrides).into_iter().map(|(severity, _)| severity).collect()
    }

    #[test]
    fn what_is_free_is_free() {
        assert_eq!(told(Value::Null), []);
        assert_eq!(told(json!({"querier": {"max_concurrent": 8}, "analytics": {"reporting_enabled": true}})), []);
        assert_eq!(told(json!({"server": {"http_listen_port": 3100, "log_level": "debug"}})), [], "as it is rendered");
        assert_eq!(told(json!({"ingester": {"wal": {"dir": "/var/loki/wal2"}}, "common": {"storage": null}})), []);
    }

    #[test]
    fn what_breaks_the_deployment_is_an_error() {
        for breaking in [
            json!({"server": {"http_listen_port": 80}}),
            json!({"server": null}),
            json!({"common": {"path_prefix": "/data"}}),
            json!({"common": {"ring": {"kvstore": {"store": "inmemory"}}}}),
            json!({"ingester": {"lifecycler": {"ring": {"replication_factor": 1}}}}),
            json!({"schema_config": {"configs": []}}),
            json!({"storage_config": {"aws": {"bucketnames": "other"}}}),
            json!({"memberlist": {"join_members": ["other"]}}),
            json!({"auth_enabled": true}),
            json!({"ruler": {"rule_path": "/rules"}}),
        ] {
            assert!(severities(breaking.clone()).contains(&Error), "{breaking}");
        }
        let port = told(json!({"server": {"http_listen_port": 80}}));
        assert_eq!(port, [(Error, "config_overrides sets server.http_listen_port".to_owned())]);
    }

    #[test]
    fn what_is_unwise_is_a_warning() {
        for unwise in [
            json!({"limits_config": {"query_timeout": "2m"}}),
            json!({"limits_config": {"retention_period": "30d"}}),
            json!({"ingester": {"wal": {"enabled": false}}}),
            json!({"common": {"ring": {"kvstore": {"store": "etcd"}}}}),
            json!({"frontend_worker": {"scheduler_address": "a:9095"}}),
            json!({"storage_config": {"aws": {"secret_access_key": "x"}}}),
            json!({"target": "read"}),
        ] {
            assert_eq!(severities(unwise.clone()), [Warning], "{unwise}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_once() {
        assert_eq!(told("a: b: c".into()), [(Error, "config_overrides is no YAML".to_owned())]);
    }
}
