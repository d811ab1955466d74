//! Limits and retention (pkg/validation/limits.go). Loki reads its file strictly: an unknown key or a
//! value of another type is a crash at start.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::loki::duration;
use crate::loki::finding::{Finding, Step, attributes};
use crate::loki::limits::{Kind, Limit, typed};
use crate::loki::options::Limits;
use crate::loki::version::{NEWEST, Version};

/// How long logs are kept. Loki's compactor deletes by days of its index.
pub fn retention(text: &str) -> Option<Finding> {
    let fix = "Write a day or more, such as \"30d\" or \"1y\", or leave it out to keep logs for ever.";
    match duration::parse(text) {
        None => Some(Finding::error(
            format!("{text:?} is no duration"),
            "Loki reads Prometheus durations: whole numbers with units, largest first: y w d h m s ms.",
            fix,
        )),
        Some(0) => Some(Finding::error(
            "A retention of nothing keeps logs for ever",
            "Loki takes 0 as \"no retention\", which is rarely what was meant.",
            fix,
        )),
        Some(millis) if millis < duration::DAY => Some(Finding::error(
            format!("A retention of {text} is too short"),
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
            format!("{name} follows from other attributes"),
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

/// A tenant's ID (dskit, tenant/tenant.go).
fn tenant_id(id: &str) -> Option<Finding> {
    let valid = (1..=150).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!-_.*'()".contains(&byte))
        && id != "."
        && id != "..";
    (!valid).then(|| {
        Finding::error(
            format!("{id:?} cannot be the ID of a tenant"),
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
        match Limit::find(name) {
            None => findings.push(unknown(name, version).under(step())),
            Some(limit) => {
                findings.extend(available(limit, version).map(|finding| finding.under(step())));
                let value = typed(name, value);
                findings.extend(fits(limit, &value).map(|finding| finding.under(step())));
                findings.extend(meaning(name, &value).into_iter().map(|finding| finding.under(step())));
            }
        }
    }
    findings
}

fn unknown(name: &str, version: Version) -> Finding {
    let why = format!("Loki {version} would not start: field {name} not found in limits_config.");
    let fix = match Limit::closest(name) {
        Some(limit) => format!("Did you mean {}?", limit.name),
        None => "Look it up under limits_config in Loki's configuration reference.".to_owned(),
    };
    let summary = format!("Loki has no limit {name}");
    if version > NEWEST {
        // A patch release may have brought it.
        return Finding::warning(format!("Loki up to {NEWEST} has no limit {name}"), why, fix);
    }
    Finding::error(summary, why, fix)
}

fn available(limit: &Limit, version: Version) -> Option<Finding> {
    let (first, last) = limit.minors;
    if !version.supported() {
        return None;
    }
    let when = if version.minor < first {
        format!("It came with Loki 3.{first}.")
    } else if version.minor > last {
        format!("It left with Loki 3.{}.", last + 1)
    } else {
        return None;
    };
    Some(Finding::error(
        format!("Loki {version} has no limit {}", limit.name),
        format!("{when} Loki would not start: field {} not found in limits_config.", limit.name),
        "Remove it, or change loki_version.",
    ))
}

/// Whether Loki can read the value into the limit.
fn fits(limit: &Limit, value: &Value) -> Option<Finding> {
    let (fits, takes) = match limit.kind {
        Kind::Bool => (value.is_boolean(), "true or false"),
        Kind::Integer => (value.is_i64() || value.is_u64(), "a whole number"),
        Kind::Float => (value.is_number(), "a number"),
        Kind::Text => (value.is_string(), "text"),
        Kind::Bytes => (value.is_u64() || value.is_string(), "a size such as \"4MB\", or a number of bytes"),
        Kind::Duration => (
            value == 0 || value.as_str().is_some_and(|text| duration::parse(text).is_some()),
            "a Prometheus duration such as \"30d\" or \"1h30m\"",
        ),
        // A bare number would be read, as nanoseconds.
        Kind::GoDuration => (value == 0 || value.as_str().is_some_and(go_duration), "a Go duration such as \"1h30m\""),
        Kind::List => (value.is_array(), "a list"),
        Kind::Map => (value.is_object(), "a map"),
    };
    (!fits).then(|| {
        Finding::error(
            format!("{} takes {takes}", limit.name),
            "Loki would not start: failed parsing config.",
            "Write it so, or remove it for Loki's default.",
        )
    })
}

/// Whether Go's `time.ParseDuration` reads it. It knows no days.
fn go_duration(text: &str) -> bool {
    let mut rest = text.trim_start_matches('-');
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &rest[..rest.len() - after.len()];
        let Some(unit) = ["ns", "us", "µs", "ms", "s", "m", "h"]
            .iter()
            .find(|unit| after.strip_prefix(**unit).is_some_and(|next| !next.starts_with(|c: char| c.is_alphabetic())))
        else {
            return false;
        };
        if number.parse::<f64>().is_err() {
            return false;
        }
        rest = &after[unit.len()..];
    }
    !text.is_empty()
}

/// Loki's rules about the values of a limit.
fn meaning(name: &str, value: &Value) -> Vec<Finding> {
    const MODES: [&str; 3] = ["disabled", "filter-only", "filter-and-delete"];
    match (name, value) {
        ("deletion_mode", Value::String(mode)) if !MODES.contains(&mode.as_str()) => vec![Finding::error(
            format!("{mode:?} is no deletion mode"),
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
