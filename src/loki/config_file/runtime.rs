//! The file of what may change while Loki runs, by tenant: `runtime_config.file`, else
//! `limits_config.per_tenant_override_config` (pkg/loki/runtime_config.go).
//!
//! Loki refuses to start with a bad one. A running Loki goes on with the last good one, and logs an error each period.

use super::config::Config;
use super::finding::{FileFinding, Findings};
use super::{decode, rules, yaml};

/// Judges the file for Loki 3.`minor`, where tenants' limits start from those of the main configuration, if given.
pub fn verify_runtime(text: &str, minor: u32, main: Option<&Config>) -> Vec<FileFinding> {
    let mut findings = Findings::default();
    match yaml::parse(text) {
        Err(error) => findings.syntax(error),
        Ok(mut document) => {
            // dskit reads the file by yaml.v3 first, merges it with others, and writes it anew for yaml.v2
            // (runtimeconfig/manager.go). To yaml.v3 these are texts, and it quotes them.
            document.quote(is_old_bool);
            let mut config = Config::runtime(minor);
            decode::decode(&document, &mut config, &mut findings);
            // An empty file is written anew as an empty map.
            config.null_document = false;
            if !findings.refused() {
                validate(&config, main, &mut findings);
            }
        }
    }
    findings.into_vec()
}

/// The booleans of YAML 1.1 that YAML 1.2 no longer has.
fn is_old_bool(text: &str) -> bool {
    const OLD: [&str; 6] = ["y", "yes", "on", "n", "no", "off"];
    let cased = |old: &&str| {
        *old == text || old.to_uppercase() == text || {
            let mut chars = text.chars();
            let first = chars.next().map(|first| first.to_lowercase().to_string());
            text.starts_with(char::is_uppercase) && first.is_some_and(|first| first + chars.as_str() == **old)
        }
    };
    OLD.iter().any(cased)
}

/// `runtimeConfigValues.validate`, and what `Limits.UnmarshalYAML` merges and validates before it.
fn validate(config: &Config, main: Option<&Config>, out: &mut Findings) {
    const MERGED: &str = "applying default policy stream mappings: validation failed after merging with the defaults";
    let base = main.and_then(|main| main.file.value.members()?.get("limits_config"));
    let defaults = main.map(|main| main.view().at("distributor.default_policy_stream_mappings"));
    let merged = defaults.is_some_and(|defaults| !defaults.is_nil(""));
    let tenants = config.view().entries("overrides");
    if merged {
        for (_, limits) in &tenants {
            rules::limits::policies(limits.at("policy_stream_mapping"), MERGED, out);
        }
    }
    for (tenant, limits) in tenants {
        if limits.is_nil("") {
            out.warn(limits, "", "skipping empty tenant limit definition")
                .hint("Write limits below the tenant, or remove it: Loki passes over a null.");
            continue;
        }
        let limits = limits.over(base);
        let seen = rules::limits::Seen { policies: merged, otlp: false };
        rules::limits::values(limits, &format!("invalid override for tenant {tenant}"), seen, out);
        rules::advise_tenant(limits, main.map(Config::view), out);
    }
}

#[cfg(test)]
#[path = "runtime_tests.rs"]
mod tests;
