//! Stored JSON of older schema versions.

use super::{decode, guarded};
use crate::resource::phases::Upgrade;
use crate::schema::{Diagnostics, Problem, Raw, Report, Schematic};

/// What is stored, brought to today's schema. None when it could not be, which is reported, and for null.
pub(super) async fn upgraded<S: Schematic>(
    version: i64,
    stored: &[u8],
    steps: &[Upgrade],
    what: &str,
    report: &mut Diagnostics,
) -> Option<S> {
    let mut json = match serde_json::from_slice::<serde_json::Value>(stored) {
        Ok(json) => json,
        Err(_) => {
            report.refuse(
                Problem::new(summary!("The stored {what} is not JSON"))
                    .why(format!("Terraform handed over a stored {what} that cannot be read: it may be damaged."))
                    .fix("Restore the state from a backup, or remove the object from it and import it."),
            );
            return None;
        }
    };
    let Some(steps) = usize::try_from(version).ok().and_then(|version| steps.get(version..)) else {
        report.refuse(
            Problem::new(summary!("The stored {what} is of another version of the provider"))
                .why(format!(
                    "It has the schema version {version}; version {} of the provider knows those up to {}.",
                    env!("CARGO_PKG_VERSION"),
                    S::VERSION,
                ))
                .fix("Use the version of the provider that wrote it, or a newer one: see required_providers."),
        );
        return None;
    };
    guarded(report, async |report| {
        for step in steps {
            match step(std::mem::take(&mut json)) {
                Ok(next) => json = next,
                Err(problem) => {
                    report.refuse(problem);
                    return;
                }
            }
        }
    })
    .await;
    if report.failed() {
        return None;
    }
    // What no step has touched is decoded as it was stored: serde_json rounds numbers.
    let state = if steps.is_empty() { stored.to_vec() } else { json.to_string().into_bytes() };
    decode(&Raw::State(state), report).flatten()
}
