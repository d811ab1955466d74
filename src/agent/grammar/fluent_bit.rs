//! Fluent Bit's file: its sections and plugins
//! (<https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml>).

use serde_json::Value;

use super::unknown;

const SECTIONS: [&str; 9] = [
    "env",
    "includes",
    "service",
    "pipeline",
    "parsers",
    "multiline_parsers",
    "stream_processor",
    "plugins",
    "upstream_servers",
];
const INPUTS: [&str; 36] = [
    "tail",
    "systemd",
    "kubernetes_events",
    "forward",
    "http",
    "tcp",
    "udp",
    "syslog",
    "cpu",
    "mem",
    "disk",
    "netif",
    "proc",
    "health",
    "kmsg",
    "head",
    "exec",
    "random",
    "dummy",
    "serial",
    "statsd",
    "mqtt",
    "docker",
    "docker_events",
    "podman_metrics",
    "node_exporter_metrics",
    "fluentbit_metrics",
    "fluentbit_logs",
    "prometheus_scrape",
    "prometheus_remote_write",
    "opentelemetry",
    "kafka",
    "nginx_metrics",
    "process_exporter_metrics",
    "splunk",
    "elasticsearch",
];
const FILTERS: [&str; 22] = [
    "kubernetes",
    "parser",
    "grep",
    "modify",
    "nest",
    "record_modifier",
    "rewrite_tag",
    "lua",
    "multiline",
    "throttle",
    "stdout",
    "type_converter",
    "expect",
    "aws",
    "geoip2",
    "ecs",
    "checklist",
    "wasm",
    "log_to_metrics",
    "sysinfo",
    "nightfall",
    "tensorflow",
];

/// What is wrong with a file.
pub fn judge(file: &Value) -> Vec<String> {
    let mut found = unknown(file, &SECTIONS, "Fluent Bit's configuration");
    let pipeline = &file["pipeline"];
    found.extend(unknown(pipeline, &["inputs", "filters", "outputs"], "pipeline"));
    let parsers = |section: &str| -> Vec<String> {
        let all = file[section].as_array().into_iter().flatten();
        all.filter_map(|parser| parser["name"].as_str().map(str::to_owned)).collect()
    };
    let (single, several) = (parsers("parsers"), parsers("multiline_parsers"));
    for (kind, known) in [("inputs", Some(&INPUTS[..])), ("filters", Some(&FILTERS[..])), ("outputs", None)] {
        for (index, plugin) in pipeline[kind].as_array().into_iter().flatten().enumerate() {
            let place = format!("pipeline.{kind}[{index}]");
            let Some(name) = plugin["name"].as_str() else {
                found.push(format!("{place} has no name."));
                continue;
            };
            if known.is_some_and(|known| !known.contains(&name)) {
                found.push(format!("{place}: there is no plugin {name:?} among the {kind}."));
            }
            if kind != "inputs" && plugin.get("match").or(plugin.get("match_regex")).is_none() {
                found.push(format!("{place} ({name}) has no match, so nothing comes to it."));
            }
            let parser = plugin["parser"].as_str().filter(|_| name == "parser");
            // Files of parsers that are named in `service` may have more.
            if parser.is_some_and(|parser| !single.iter().any(|it| it == parser))
                && file["service"]["parsers_file"].is_null()
            {
                found.push(format!("{place} names a parser {:?} that there is not.", parser.unwrap_or_default()));
            }
            let lines = plugin["multiline.parser"].as_str().unwrap_or_default();
            for parser in lines.split(',').map(str::trim).filter(|it| !it.is_empty()) {
                let built_in = ["docker", "cri", "go", "python", "java", "ruby"].contains(&parser);
                if !built_in && !several.iter().any(|it| it == parser) {
                    found.push(format!("{place} names a multiline parser {parser:?} that there is not."));
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
    fn plugins_and_parsers_are_looked_up() {
        let found = judge(&json!({"pipeline": {
            "inputs": [{"name": "tial"}, {"name": "tail", "multiline.parser": "cri, mine"}],
            "filters": [{"name": "parser", "match": "*", "parser": "x"}, {"match": "*"}],
            "outputs": [{"name": "stdout"}],
        }, "pipelines": {}}));
        let wrong = ["\"tial\"", "\"mine\"", "\"x\"", "has no name", "no match", "\"pipelines\""];
        assert!(wrong.iter().all(|part| found.iter().any(|text| text.contains(part))), "{found:#?}");
        assert_eq!(found.len(), wrong.len(), "{found:#?}");
    }
}
