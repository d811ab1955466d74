//! Limits and retention (pkg/validation/limits.go). Loki reads its file strictly: an unknown key or a
//! value of another type is a crash at start.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::loki::finding::{Finding, Step, attributes};
use crate::loki::limits::{closest, exists, minors, type_name, typed};
use crate::loki::options::Limits;
use crate::loki::version::{NEWEST, Version};
use crate::loki::{config, config_file, duration};

/// How long logs are kept. Loki's compactor deletes by days of its index.
pub fn retention(text: &str) -> Option<Finding> {
    let fix = "Write a day or more, such as \"30d\" or \"1y\", or leave it out to keep logs for ever.";
    match duration::parse(text) {
        None => Some(Finding::error(
            summary!("{text:?} is no duration"),
            "Loki reads Prometheus durations: whole numbers with units, largest first: y w d h m s ms.",
            fix,
        )),
        Some(0) => Some(Finding::error(
            summary!("A retention of nothing keeps logs for ever"),
            "Loki takes 0 as \"no retention\", which is rarely what was meant.",
            fix,
        )),
        Some(millis) if millis < duration::DAY => Some(Finding::error(
            summary!("A retention of {text} is too short"),
            format!("Loki deletes by index tables of 24h: retention period must be >= 24h was {text}."),
            fix,
        )),
        Some(_) => None,
    }
}

/// `limits_config`. Paths start with `limits`.
pub fn limits(limits: &Limits, version: Version) -> Vec<Finding> {
    let derived = [
        ("retention_period", "Set retention, which also configures the compactor that deletes."),
        ("per_tenant_override_config", "Set overrides, of which the provider makes the file."),
        ("per_tenant_override_period", "Loki reloads the file every 10 s."),
    ];
    let mut findings = checked(limits, version);
    for (name, fix) in derived.into_iter().filter(|(name, _)| limits.contains_key(*name)) {
        let finding = Finding::error(
            summary!("{name} follows from other attributes"),
            "The provider renders it, and two answers to one question would disagree.",
            fix,
        );
        findings.push(finding.under([Step::Key(name.to_owned())]));
    }
    findings.into_iter().map(|finding| finding.at("limits").and("loki_version")).collect()
}

/// Limits by tenant. Paths start with `overrides`.
pub fn overrides(overrides: &BTreeMap<String, Limits>, version: Version) -> Vec<Finding> {
    let of_tenant = |(tenant, limits): (&String, &Limits)| {
        let mut findings = checked(limits, version);
        if let Some(Value::String(period)) = limits.get("retention_period") {
            findings.extend(retention(period).map(|finding| finding.under([Step::Key("retention_period".into())])));
        }
        findings.extend(tenant_id(tenant));
        let path = move || attributes("overrides").into_iter().chain([Step::Key(tenant.clone())]);
        findings.into_iter().map(move |finding| finding.under(path()).and("loki_version")).collect::<Vec<_>>()
    };
    overrides.iter().flat_map(of_tenant).collect()
}

/// Limits of a tenant that there is not: with `auth_enabled = false` Loki takes everything for one tenant's.
pub fn only_tenant(overrides: &BTreeMap<String, Limits>, auth_enabled: bool) -> Option<Finding> {
    let idle: Vec<&str> = overrides.keys().map(String::as_str).filter(|tenant| *tenant != ONLY_TENANT).collect();
    (!auth_enabled && !idle.is_empty()).then(|| {
        Finding::warning(
            summary!("Limits of {} never apply", idle.join(", ")),
            format!("Without auth_enabled Loki has one tenant, {ONLY_TENANT:?}, whatever X-Scope-OrgID says."),
            format!("Set auth_enabled = true, or name the tenant {ONLY_TENANT:?}."),
        )
        .at("overrides")
        .and("auth_enabled")
    })
}

/// The tenant of a Loki without multi-tenancy (pkg/loki/loki.go, fakeauth).
pub(super) const ONLY_TENANT: &str = "fake";

/// A tenant's ID (dskit, tenant/tenant.go).
pub fn tenant_id(id: &str) -> Option<Finding> {
    let valid = (1..=150).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!-_.*'()".contains(&byte))
        && id != "."
        && id != "..";
    (!valid).then(|| {
        Finding::error(
            summary!("{id:?} cannot be the ID of a tenant"),
            "Loki takes 1 to 150 letters, digits and ! - _ . * ' ( ), and neither \".\" nor \"..\".",
            "Use the ID that agents send as X-Scope-OrgID.",
        )
    })
}

/// Each limit by itself. Paths start at the name.
fn checked(limits: &Limits, version: Version) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in limits {
        let step = || [Step::Key(name.clone())];
        if version.supported() && !exists(name, version.minor) {
            findings.push(absent(name, version).under(step()));
            continue;
        }
        let value = typed(name, value);
        let found = unreadable(name, &value, version).or_else(|| misread(name, &value, version));
        findings.extend(found.map(|finding| finding.under(step())));
        findings.extend(meaning(name, &value).into_iter().map(|finding| finding.under(step())));
    }
    findings
}

/// The version lacks the limit.
fn absent(name: &str, version: Version) -> Finding {
    let refusal = format!("Loki would not start: field {name} not found in limits_config.");
    let summary = summary!("Loki {version} has no limit {name}");
    let Some((first, last)) = minors(name) else {
        let fix = match closest(name, version.minor) {
            Some(limit) => format!("Did you mean {limit}?"),
            None => "Look it up under limits_config in Loki's configuration reference.".to_owned(),
        };
        if version > NEWEST {
            // A patch release may have brought it.
            return Finding::warning(summary!("Loki up to {NEWEST} has no limit {name}"), refusal, fix);
        }
        return Finding::error(summary, refusal, fix);
    };
    let when = if version.minor < first {
        format!("It came with Loki 3.{first}.")
    } else {
        format!("It left with Loki 3.{}.", last + 1)
    };
    Finding::error(summary, format!("{when} {refusal}"), "Remove it, or change loki_version.")
}

/// Whether Loki can read the value into the limit, by Loki's own reading of the one line.
fn unreadable(name: &str, value: &Value, version: Version) -> Option<Finding> {
    if value.is_null() {
        return Some(Finding::error(
            summary!("{name} has no value"),
            "Loki reads an empty limit as nothing at all, such as no limit, and not as its default.",
            "Give it a value, or remove it for Loki's default.",
        ));
    }
    let section = json!({"limits_config": {name: value}});
    let refused = config_file::shape(&config::yaml_text(&section), version.minor).into_iter().next()?;
    let fix = match refused.hint.as_str() {
        "" => "Write it as Loki reads it, or remove it for Loki's default.".to_owned(),
        hint => hint.to_owned(),
    };
    Some(Finding::error(
        summary!("The limit {name} cannot be {value}"),
        format!("Loki would not start: failed parsing config: {}.", refused.text),
        fix,
    ))
}

/// What Loki reads, and not as it was meant.
fn misread(name: &str, value: &Value, version: Version) -> Option<Finding> {
    let (why, fix) = match type_name(name, version.minor) {
        "int" | "int64" | "uint" | "uint64" if value.is_f64() => (
            "Loki takes a whole number, and would cut off the fraction without a word.",
            "Write a whole number, or remove it for Loki's default.",
        ),
        "time.Duration" if value.is_number() && *value != 0 => (
            "Loki takes a Go duration, and would read a bare number as nanoseconds.",
            "Write it with its unit, such as \"1h30m\".",
        ),
        _ => return None,
    };
    Some(Finding::error(summary!("The limit {name} cannot be {value}"), why, fix))
}

/// Loki's rules about the values of a limit.
fn meaning(name: &str, value: &Value) -> Vec<Finding> {
    const MODES: [&str; 3] = ["disabled", "filter-only", "filter-and-delete"];
    match (name, value) {
        ("deletion_mode", Value::String(mode)) if !MODES.contains(&mode.as_str()) => vec![Finding::error(
            summary!("{mode:?} is no deletion mode"),
            format!("Loki refuses it: unknown deletion mode: must be one of {}.", MODES.join("|")),
            "Use one of them.",
        )],
        ("retention_stream", Value::Array(rules)) => {
            let check = |(index, rule): (usize, &Value)| {
                let period = rule.get("period").and_then(Value::as_str).unwrap_or_default();
                retention(period).map(|finding| finding.under([Step::Index(index), Step::Key("period".to_owned())]))
            };
            rules.iter().enumerate().filter_map(check).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
