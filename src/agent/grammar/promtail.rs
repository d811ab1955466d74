//! Promtail's file: its sections, scrapes and stages (clients/pkg/promtail/config, scrapeconfig and logentry/stages of
//! Loki 3.5; Promtail reads it strictly).

use serde_json::Value;

use super::unknown;

const SECTIONS: [&str; 12] = [
    "global",
    "server",
    "client",
    "clients",
    "positions",
    "scrape_configs",
    "target_config",
    "limits_config",
    "options",
    "tracing",
    "wal",
    "limit_config",
];
const SCRAPE: [&str; 29] = [
    "job_name",
    "pipeline_stages",
    "journal",
    "syslog",
    "gcplog",
    "loki_push_api",
    "windows_events",
    "kafka",
    "azure_event_hubs",
    "gelf",
    "cloudflare",
    "heroku_drain",
    "relabel_configs",
    "static_configs",
    "file_sd_configs",
    "kubernetes_sd_configs",
    "consul_sd_configs",
    "consulagent_sd_configs",
    "docker_sd_configs",
    "dns_sd_configs",
    "digitalocean_sd_configs",
    "ec2_sd_configs",
    "azure_sd_configs",
    "gce_sd_configs",
    "marathon_sd_configs",
    "nerve_sd_configs",
    "openstack_sd_configs",
    "encoding",
    "decompression",
];
/// Stages, by their names in logentry/stages/stage.go.
pub const STAGES: [&str; 29] = [
    "json",
    "logfmt",
    "regex",
    "replace",
    "metrics",
    "labels",
    "labelallow",
    "labeldrop",
    "labels_drop",
    "timestamp",
    "output",
    "docker",
    "cri",
    "template",
    "match",
    "tenant",
    "drop",
    "sampling",
    "limit",
    "multiline",
    "pack",
    "static_labels",
    "decolorize",
    "eventlogmessage",
    "geoip",
    "structured_metadata",
    "structured_metadata_drop",
    "non_indexed_labels",
    "stats",
];

/// What is wrong with a file.
pub fn judge(file: &Value) -> Vec<String> {
    let mut found = unknown(file, &SECTIONS, "Promtail's configuration");
    let scrapes = file["scrape_configs"].as_array().map_or(&[][..], Vec::as_slice);
    let mut jobs = Vec::new();
    for (index, scrape) in scrapes.iter().enumerate() {
        let place = match scrape["job_name"].as_str() {
            Some(name) => format!("scrape_configs {name:?}"),
            None => format!("scrape_configs[{index}]"),
        };
        found.extend(unknown(scrape, &SCRAPE, &place));
        if let Some(name) = scrape["job_name"].as_str() {
            if jobs.contains(&name) {
                found.push(format!("There are two scrape_configs of the job_name {name:?}."));
            }
            jobs.push(name);
        }
        found.extend(stages(&scrape["pipeline_stages"], &place));
    }
    let clients = file["clients"].as_array().map_or(&[][..], Vec::as_slice);
    found.extend(clients.iter().filter(|client| !client["url"].is_string()).map(|_| "A client has no url.".to_owned()));
    found
}

fn stages(stages: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (index, stage) in stages.as_array().into_iter().flatten().enumerate() {
        let keys: Vec<_> = stage.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
        match keys.as_slice() {
            [name] if STAGES.contains(&name.as_str()) => {
                if name.as_str() == "match" {
                    found.extend(self::stages(&stage["match"]["stages"], place));
                }
            }
            [name] => found.push(format!("{place}: there is no stage {name:?}; Promtail has: {}.", STAGES.join(", "))),
            _ => found.push(format!("{place}: stage {index} has {} keys, and has to have one, its name.", keys.len())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_sections_and_stages_are_named() {
        let found = judge(&json!({"scrape": [], "scrape_configs": [
            {"job_name": "a", "pipeline_stages": [{"jsn": {}}, {"match": {"stages": [{"cri": {}, "json": {}}]}}]},
            {"job_name": "a", "static": []},
        ], "clients": [{}]}));
        let wrong = ["\"scrape\"", "no stage \"jsn\"", "has 2 keys", "two scrape_configs", "\"static\"", "no url"];
        assert!(wrong.iter().all(|part| found.iter().any(|text| text.contains(part))), "{found:#?}");
        assert_eq!(found.len(), wrong.len(), "{found:#?}");
    }
}
