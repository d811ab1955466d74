//! The Collector's file: what pipelines name has to be there (otelcol/config.go, Validate).

use serde_json::Value;

use super::{names, unknown};

const SECTIONS: [&str; 6] = ["receivers", "processors", "exporters", "connectors", "extensions", "service"];

/// What is wrong with a file.
pub fn judge(file: &Value) -> Vec<String> {
    let mut found = unknown(file, &SECTIONS, "the Collector's configuration");
    let service = &file["service"];
    found.extend(unknown(service, &["extensions", "pipelines", "telemetry"], "service"));
    let absent = |kinds: &[&str], name: &str| kinds.iter().all(|kind| file[*kind].get(name).is_none());
    for name in names(&service["extensions"]) {
        if absent(&["extensions"], name) {
            found.push(format!("service.extensions names {name:?}, which is not among the extensions."));
        }
    }
    for (name, pipeline) in service["pipelines"].as_object().into_iter().flatten() {
        let place = format!("the pipeline {name:?}");
        if !["logs", "metrics", "traces", "profiles"].contains(&name.split('/').next().unwrap_or_default()) {
            found.push(format!("{name:?} is no name of a pipeline: it begins with logs, metrics or traces."));
        }
        found.extend(unknown(pipeline, &["receivers", "processors", "exporters"], &place));
        for (of, kinds) in [
            ("receivers", &["receivers", "connectors"][..]),
            ("processors", &["processors"][..]),
            ("exporters", &["exporters", "connectors"][..]),
        ] {
            let named = names(&pipeline[of]);
            if named.is_empty() && of != "processors" {
                found.push(format!("{place} has no {of}."));
            }
            for part in named {
                if absent(kinds, part) {
                    found.push(format!("{place} names {part:?}, which is not among the {of}."));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_pipeline_names_is_there() {
        let file = |pipeline: Value| json!({"receivers": {"a": null}, "exporters": {"b": {}}, "service": {"pipelines": {"logs/x": pipeline}}});
        assert_eq!(judge(&file(json!({"receivers": ["a"], "exporters": ["b"]}))), [""; 0]);
        let found = judge(&file(json!({"receivers": ["a"], "processors": ["batch"], "exporter": ["b"]})));
        assert!(
            found.iter().any(|text| text.contains("\"batch\""))
                && found.iter().any(|text| text.contains("no exporters"))
        );
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
