//! The configuration file as a whole, by the rules of the engine in [`crate::loki::config_file`]: what Loki would say of
//! the file that is rendered, about the attribute that it comes from.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::loki::config::{expanded, runtime_config_yaml, yaml_text};
use crate::loki::config_file::{self, FileFinding};
use crate::loki::config_overrides::{self, merged};
use crate::loki::finding::{Finding, Path, Severity, Step, attributes};
use crate::loki::options::{Options, Storage};
use crate::loki::version::NEWEST;

/// What the file that is rendered for the options is to Loki. Left out is what the findings `said` so far have already
/// said in their own words. `today` (UTC) tells which schema period is in force.
pub fn configuration(options: &Options, today: Option<Date>, said: &[Finding]) -> Vec<Finding> {
    if !options.version().supported() {
        return Vec::new();
    }
    let mut findings = of_main(options, today);
    // What tenants start from is said already.
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    let own = |finding: &Finding| finding.path.len() > 2 || !refused;
    findings.extend(of_tenants(options).into_iter().filter(own));
    findings.retain(|finding| !said.iter().any(|said| covers(said, finding)));
    findings
}

fn of_main(options: &Options, today: Option<Date>) -> Vec<Finding> {
    let found = judge(options, today);
    if found.is_empty() {
        return Vec::new();
    }
    let overridden = !options.config_overrides.is_null();
    let own = if overridden {
        judge(&Options { config_overrides: Value::Null, ..options.clone() }, today)
    } else {
        Vec::new()
    };
    let same = |one: &FileFinding, other: &FileFinding| one.path == other.path && one.text == other.text;
    let finding = |found: FileFinding| {
        // What is not found without the overrides is found because of them.
        if overridden && !own.iter().any(|own| same(own, &found)) {
            return finding(&found, attributes("config_overrides"), options);
        }
        let cause = cause(&found.path, options);
        finding(&found, cause, options)
    };
    found.into_iter().map(finding).collect()
}

/// The runtime configuration, where tenants' limits start from those of the main file.
fn of_tenants(options: &Options) -> Vec<Finding> {
    if options.overrides.is_empty() {
        return Vec::new();
    }
    let minor = options.version().minor;
    let main = config_file::load(&expanded(options, POD), minor, None);
    let found = config_file::verify_runtime(&runtime_config_yaml(options), minor, Some(&main));
    found.iter().map(|found| finding(found, tenant(&found.path, options), options)).collect()
}

/// The attribute that a place of the runtime configuration comes from. IDs of tenants may have dots.
fn tenant(path: &str, options: &Options) -> Path {
    let mut cause = attributes("overrides");
    let Some(rest) = path.strip_prefix("overrides.") else { return cause };
    let of =
        |tenant: &&String| rest.strip_prefix(tenant.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('.'));
    let Some(tenant) = options.overrides.keys().filter(of).max_by_key(|it| it.len()) else { return cause };
    cause.push(Step::Key(tenant.clone()));
    let limit = rest[tenant.len()..].trim_start_matches('.').split(['.', '[']).next().unwrap_or_default();
    if options.overrides[tenant].contains_key(limit) {
        cause.push(Step::Key(limit.to_owned()));
    }
    cause
}

/// What can be said of the overrides while other inputs are not known yet: keys that Loki does not know, and values that
/// it cannot read.
pub fn overrides_shape(options: &Options) -> Vec<Finding> {
    let overrides = match config_overrides::read(&options.config_overrides) {
        Ok(overrides @ Value::Object(_)) if options.version().supported() => merged(json!({}), &overrides),
        _ => return Vec::new(),
    };
    let found = config_file::shape(&yaml_text(&overrides), options.version().minor);
    found.iter().map(|found| finding(found, attributes("config_overrides"), options)).collect()
}

/// Each pod has an address of its own; any will do.
const POD: &str = "192.0.2.1";

fn judge(options: &Options, today: Option<Date>) -> Vec<FileFinding> {
    config_file::verify_at(&expanded(options, POD), options.version().minor, None, today)
}

fn finding(found: &FileFinding, cause: Path, options: &Options) -> Finding {
    let version = options.version();
    let place = if found.path.is_empty() { String::new() } else { format!(" at {}", found.path) };
    // A later patch release may have brought a key that the newest known one lacks.
    let new_key = version > NEWEST && found.text.contains(" not found in type ");
    let refused = found.severity == Severity::Error && !new_key;
    let summary = match cause.first() {
        Some(Step::Attribute("config_overrides")) if refused => {
            summary!("config_overrides makes Loki {version} refuse its configuration{place}")
        }
        _ if new_key => summary!("Loki up to {NEWEST} would refuse its configuration{place}"),
        _ if refused => summary!("Loki {version} would refuse its configuration{place}"),
        _ => summary!("Loki {version} would take its configuration{place}, and it is a known trap"),
    };
    let why = if refused { format!("Loki refuses it: {}", found.text) } else { found.text.clone() };
    let fix = match found.hint.as_str() {
        "" => "Change the value, or leave it out for Loki's default.",
        hint => hint,
    };
    let finding = if refused { Finding::error(summary, why, fix) } else { Finding::warning(summary, why, fix) };
    finding.under(cause).and("loki_version")
}

/// Whether a finding says what another one of the file would say again: it is about the same value, or, where nothing
/// tells which value is to blame, it is an error that may be the reason.
fn covers(said: &Finding, again: &Finding) -> bool {
    if again.path == attributes("config_overrides") {
        // One attribute for the whole file: what is said of one key says nothing of another.
        return false;
    }
    let overlap = |a: &Path, b: &Path| a.iter().zip(b).all(|(a, b)| a == b);
    let blames_all = again.path.is_empty() || again.path == attributes("loki_version");
    if blames_all {
        return said.severity == Severity::Error;
    }
    let severe = said.severity == Severity::Error || again.severity == Severity::Warning;
    severe && said.weighed().any(|path| !path.is_empty() && overlap(path, &again.path))
}

/// The attribute that a place of the rendered file comes from.
fn cause(path: &str, options: &Options) -> Path {
    let (section, rest) = path.split_once('.').unwrap_or((path, ""));
    match section {
        "auth_enabled" => attributes("auth_enabled"),
        "common" if rest == "replication_factor" => attributes("replication_factor"),
        "compactor" if rest.starts_with("retention") || rest.starts_with("delete") => attributes("retention"),
        "ingester" if rest == "wal.replay_memory_ceiling" => attributes("resources.limits.memory"),
        "limits_config" => limit(rest, options),
        "schema_config" => period(rest),
        "storage_config" => store(rest, options),
        _ => attributes("loki_version"),
    }
}

fn limit(rest: &str, options: &Options) -> Path {
    let name = rest.split(['.', '[']).next().unwrap_or(rest);
    if options.limits.contains_key(name) {
        return vec![Step::Attribute("limits"), Step::Key(name.to_owned())];
    }
    attributes(if name == "retention_period" { "retention" } else { "limits" })
}

/// `configs[0].from`.
fn period(rest: &str) -> Path {
    let parse = || {
        let (index, key) = rest.strip_prefix("configs[")?.split_once(']')?;
        Some((index.parse().ok()?, key.trim_start_matches('.')))
    };
    let Some((index, key)) = parse() else { return attributes("schema") };
    let mut path = vec![Step::Attribute("schema"), Step::Index(index)];
    match key {
        "from" => path.push(Step::Attribute("from")),
        "schema" => path.push(Step::Attribute("version")),
        "store" => path.push(Step::Attribute("store")),
        "object_store" => return attributes("storage"),
        _ => {}
    }
    path
}

fn store(rest: &str, options: &Options) -> Path {
    match (&options.storage, rest.rsplit('.').next().unwrap_or(rest)) {
        (Storage::S3(_), "bucketnames" | "bucket_name") => attributes("storage.s3.bucket"),
        (Storage::S3(_), "region") => attributes("storage.s3.region"),
        (Storage::S3(_), "endpoint" | "insecure") => attributes("storage.s3.endpoint"),
        (Storage::S3(_), "sts_endpoint") => attributes("storage.s3.sts_endpoint"),
        (Storage::S3(_), "s3forcepathstyle" | "bucket_lookup_type") => attributes("storage.s3.force_path_style"),
        (Storage::S3(_), _) if rest.starts_with("aws") => attributes("storage.s3"),
        _ => attributes("storage"),
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
