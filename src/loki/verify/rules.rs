//! Rules over the ruler's groups. One that cannot be read keeps the ruler from loading any tenant's (loki#12967), and says
//! so in its log alone.

use std::collections::BTreeSet;

use serde_json::Value;
use url::Url;

use super::limits::{ONLY_TENANT, tenant_id};
use crate::loki::config_file::grammar::selector;
use crate::loki::finding::Finding;
use crate::loki::options::Options;
use crate::summary::Summary;

/// Keys of a group and of a rule (prometheus/model/rulefmt, of which the ruler reads strictly).
const GROUP_KEYS: [&str; 6] = ["name", "interval", "query_offset", "limit", "rules", "labels"];
const RULE_KEYS: [&str; 7] = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

/// Everything about `ruler`. Paths start at the root.
pub fn ruler(options: &Options) -> Vec<Finding> {
    let Some(ruler) = &options.ruler else { return Vec::new() };
    let mut findings = Vec::new();
    for (tenant, groups) in &ruler.groups {
        findings.extend(tenant_id(tenant).map(|finding| finding.at("ruler.groups")));
        findings.extend(foreign_tenant(tenant, options.auth_enabled));
        let mut names = BTreeSet::new();
        for group in groups {
            let name = group["name"].as_str().unwrap_or_default();
            if !names.insert(name) {
                findings.push(wrong(
                    summary!("Two groups of tenant {tenant:?} are named {name:?}"),
                    "The ruler tells groups by their names, and refuses the file (rulefmt: groupname is repeated).",
                    "Give each a name of its own.",
                ));
            }
            let found = group_of(group, options.version().minor);
            findings.extend(found.into_iter().map(|(what, why)| {
                let group = if name.is_empty() { "a group".to_owned() } else { format!("group {name:?}") };
                wrong(
                    summary!("The ruler refuses {group} of tenant {tenant:?}: {what}"),
                    why,
                    "Mend the rule; with it the ruler loads none.",
                )
            }));
        }
    }
    let urls = ruler.alertmanager_urls.iter().map(|url| ("ruler.alertmanager_urls", url));
    let remote = ruler.remote_write.iter().map(|remote| ("ruler.remote_write.url", &remote.url));
    let external = ruler.external_url.iter().map(|url| ("ruler.external_url", url));
    for (path, text) in urls.chain(remote).chain(external) {
        findings.extend(url(text).map(|finding| finding.at(path)));
    }
    let records = ruler.groups.values().flatten().flat_map(|group| group["rules"].as_array().into_iter().flatten());
    let (alerts, records): (Vec<_>, Vec<_>) = records.partition(|rule| !rule["alert"].is_null());
    if !alerts.is_empty() && ruler.alertmanager_urls.is_empty() {
        findings.push(nobody(summary!("Nobody is told of the alerts"), "alertmanager_urls", "ruler.alertmanager_urls"));
    }
    if !records.is_empty() && ruler.remote_write.is_none() {
        findings.push(nobody(summary!("Nobody keeps the recorded metrics"), "remote_write", "ruler.remote_write"));
    }
    findings
}

fn wrong(summary: Summary, why: impl Into<String>, fix: &str) -> Finding {
    Finding::error(summary, why, fix).at("ruler.groups").and("loki_version")
}

fn nobody(summary: Summary, attribute: &str, path: &'static str) -> Finding {
    Finding::warning(
        summary,
        "The ruler evaluates the rules and has nowhere to send what comes out.",
        format!("Set ruler.{attribute}."),
    )
    .at(path)
    .and("ruler.groups")
}

fn foreign_tenant(tenant: &str, auth_enabled: bool) -> Option<Finding> {
    (!auth_enabled && tenant != ONLY_TENANT).then(|| {
        Finding::error(
            summary!("The rules of {tenant:?} would see no logs"),
            format!(
                "Without auth_enabled all logs are of one tenant, {ONLY_TENANT:?}; the ruler asks for its rules' own."
            ),
            "Leave the tenant out, or set auth_enabled = true.",
        )
        .at("ruler.groups")
        .and("auth_enabled")
    })
}

/// What is wrong with a group, and why.
fn group_of(group: &Value, minor: u32) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if group["name"].as_str().is_none_or(str::is_empty) {
        found.push(("it has no name".to_owned(), "rulefmt: Groupname must not be empty.".to_owned()));
    }
    found.extend(unknown_key(group, &GROUP_KEYS));
    for key in ["interval", "query_offset"] {
        found.extend(duration(group, key));
    }
    let Some(rules) = group["rules"].as_array().filter(|rules| !rules.is_empty()) else {
        found.push(("it has no rules".to_owned(), "A group without rules evaluates nothing.".to_owned()));
        return found;
    };
    for (index, rule) in rules.iter().enumerate() {
        let name = rule["alert"].as_str().or(rule["record"].as_str()).unwrap_or_default();
        let said = if name.is_empty() { format!("rule {index}") } else { format!("rule {name:?}") };
        found.extend(rule_of(rule, minor).into_iter().map(|(what, why)| (format!("{said}: {what}"), why)));
    }
    found
}

fn rule_of(rule: &Value, minor: u32) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = unknown_key(rule, &RULE_KEYS).into_iter().collect();
    let text = |key: &str| rule[key].as_str().filter(|text| !text.is_empty());
    match (text("alert"), text("record")) {
        (Some(_), None) => {}
        (None, Some(record)) => {
            if !is_metric_name(record) {
                let why = "rulefmt: invalid recording rule name. Letters, digits, _ and : are allowed, no digit first.";
                found.push((format!("{record:?} is no name of a metric"), why.to_owned()));
            }
            for key in ["for", "keep_firing_for", "annotations"] {
                if !rule[key].is_null() {
                    found.push((
                        format!("{key} is of alerts only"),
                        format!("rulefmt: invalid field '{key}' in recording rule."),
                    ));
                }
            }
        }
        _ => found.push((
            "it is neither an alert nor a record, or both".to_owned(),
            "rulefmt: exactly one of 'record' and 'alert' must be set.".to_owned(),
        )),
    }
    for key in ["for", "keep_firing_for"] {
        found.extend(duration(rule, key));
    }
    match text("expr") {
        None => found.push(("it has no expr".to_owned(), "rulefmt: field 'expr' must be set in rule.".to_owned())),
        Some(expr) => found
            .extend(selector::not_a_metric(expr, minor).map(|why| ("its expr cannot be evaluated".to_owned(), why))),
    }
    for (key, value) in rule["labels"].as_object().into_iter().flatten() {
        if !is_label_name(key) || key == "__name__" {
            found.push((
                format!("{key:?} is no name of a label"),
                "Letters, digits and _ are allowed, no digit first.".to_owned(),
            ));
        }
        if !value.is_string() {
            found.push((format!("label {key:?} is no text"), "The ruler reads labels as text.".to_owned()));
        }
    }
    found
}

fn unknown_key(of: &Value, known: &[&str]) -> Option<(String, String)> {
    let key = of.as_object()?.keys().find(|key| !known.contains(&key.as_str()))?;
    Some((format!("{key:?} is no key of it"), format!("The ruler reads strictly. The keys are: {}.", known.join(", "))))
}

fn duration(of: &Value, key: &str) -> Option<(String, String)> {
    let given = &of[key];
    let valid = given.is_null() || given.as_str().is_some_and(|text| crate::loki::duration::parse(text).is_some());
    (!valid).then(|| {
        (format!("{key} is no duration"), "The ruler reads Prometheus' durations, such as 30s, 5m or 1h.".to_owned())
    })
}

fn is_metric_name(text: &str) -> bool {
    is_name(text, b"_:")
}

fn is_label_name(text: &str) -> bool {
    is_name(text, b"_")
}

fn is_name(text: &str, also: &[u8]) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with(|c: char| c.is_ascii_digit())
}

fn url(text: &str) -> Option<Finding> {
    // The ruler finds Alertmanagers by DNS records too (dskit, dns.Provider).
    let plain = ["dns+", "dnssrv+", "dnssrvnoa+"].iter().find_map(|by| text.strip_prefix(by)).unwrap_or(text);
    let valid = Url::parse(plain).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!valid).then(|| {
        Finding::error(
            summary!("{text:?} is no URL of a server"),
            "Loki would not start, or send to nobody.",
            "Write it as http(s)://host[:port][/path].",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::Ruler;
    use serde_json::json;

    fn found(group: Value) -> Vec<String> {
        let groups = [("fake".to_owned(), vec![group])].into();
        let urls = vec!["http://alerts:9093".to_owned()];
        let options = Options {
            ruler: Some(Ruler { groups, alertmanager_urls: urls, ..Ruler::default() }),
            ..Options::default()
        };
        ruler(&options).into_iter().map(|finding| finding.summary.into()).collect()
    }

    fn rule(changed: Value) -> Vec<String> {
        let mut rule = json!({"alert": "Errors", "expr": "sum(rate({app=\"a\"} |= \"error\" [5m])) > 1", "for": "1d"});
        rule.as_object_mut().unwrap().extend(changed.as_object().cloned().unwrap());
        found(json!({"name": "g", "interval": "1m", "rules": [rule]}))
    }

    #[test]
    fn good_rules_pass() {
        assert_eq!(rule(json!({"labels": {"severity": "page"}, "annotations": {"summary": "{{ $value }}"}})), [""; 0]);
    }

    #[test]
    fn what_the_ruler_would_not_load_is_found() {
        let of =
            |what: &str| vec![format!("The ruler refuses group \"g\" of tenant \"fake\": rule \"Errors\": {what}")];
        assert_eq!(rule(json!({"for": "soon"})), of("for is no duration"));
        assert_eq!(rule(json!({"expression": "x"})), of("\"expression\" is no key of it"));
        assert_eq!(rule(json!({"expr": "{app=\"a\"}"})), of("its expr cannot be evaluated"));
        assert_eq!(rule(json!({"expr": "{app=}"})), of("its expr cannot be evaluated"));
        assert_eq!(rule(json!({"expr": "sum(rate({app=\"a\"}[5m])"})), of("its expr cannot be evaluated"));
        assert_eq!(rule(json!({"labels": {"a-b": "x"}})), of("\"a-b\" is no name of a label"));
        assert_eq!(rule(json!({"record": "a:b"})), of("it is neither an alert nor a record, or both"));
        assert_eq!(
            found(json!({"name": "g", "rules": []})),
            ["The ruler refuses group \"g\" of tenant \"fake\": it has no rules"]
        );
    }

    #[test]
    fn rules_of_nobody_are_refused() {
        let groups = [("team".to_owned(), vec![])].into();
        let mut options = Options { ruler: Some(Ruler { groups, ..Ruler::default() }), ..Options::default() };
        let summaries = |options: &Options| ruler(options).into_iter().map(|it| it.summary).collect::<Vec<_>>();
        assert_eq!(summaries(&options), ["The rules of \"team\" would see no logs"]);
        options.auth_enabled = true;
        assert_eq!(summaries(&options), [""; 0]);
        options.ruler.as_mut().unwrap().external_url = Some("grafana".into());
        assert_eq!(summaries(&options), ["\"grafana\" is no URL of a server"]);
    }
}
