use super::super::testing::{refuses, takes};

fn remote_write(text: &str) -> String {
    format!("ruler: {{remote_write: {{{text}}}}}\n")
}

#[track_caller]
fn refused(minor: u32, text: &str, path: &str, said: &str) {
    let said = format!("ruler config: invalid ruler remote-write config: {said}");
    refuses(minor, &remote_write(text), &format!("ruler.remote_write.{path}"), &said);
}

#[test]
fn stores_are_judged_whichever_is_chosen() {
    takes(7, "ruler: {storage: {type: local, local: {directory: /rules}}}\n");
    let cloud = "ruler config: invalid ruler store config: invalid Azure Storage config: unsupported Azure blob \
                 storage environment: Moon, please select one of: AzureGlobal, AzureChinaCloud, AzureGermanCloud, \
                 AzureUSGovernment ";
    refuses(0, "ruler: {storage: {azure: {environment: Moon}}}\n", "ruler.storage.azure.environment", cloud);
}

#[test]
fn remote_write_needs_clients() {
    takes(7, &remote_write("enabled: true, clients: {a: {url: http://a}}"));
    takes(7, &remote_write("enabled: true, client: {url: http://a}"));
    takes(0, &remote_write("clients: {}"));
    let none = "remote-write enabled but no clients URL are configured";
    refused(0, "enabled: true", "enabled", none);
    refused(7, "enabled: true, clients: {}", "clients", none);
    let text = "remote-write enabled but client '' URL for tenant a is not configured";
    refused(7, "enabled: true, clients: {a: null}", "clients.a", text);
    // The client gives up at the key before it misses its URL.
    let unknown = "field a not found in type config.plain";
    refuses(7, &remote_write("client: {a: b}"), "ruler.remote_write.client.a", unknown);
    refuses(7, &remote_write("client: {}"), "ruler.remote_write.client", "url for remote_write is empty");
}

#[test]
fn clients_relabel_by_prometheus_rules_from_3_7_on() {
    let rule =
        |text: &str| format!("enabled: true, clients: {{a: {{url: http://a, write_relabel_configs: [{{{text}}}]}}}}");
    for good in [
        "target_label: a",
        "action: keep, source_labels: [a], regex: b",
        "action: hashmod, target_label: a, modulus: 2",
        "action: lowercase, target_label: a",
        "action: dropequal, target_label: a, source_labels: [b]",
        "action: labeldrop, regex: a",
        "action: labelmap, regex: a",
    ] {
        takes(7, &remote_write(&rule(good)));
    }
    for (wrong, key, said) in [
        ("action: replace", ".target_label", "relabel configuration for replace action requires 'target_label' value"),
        ("action: hashmod, target_label: a", ".modulus", "relabel configuration for hashmod requires non-zero modulus"),
        ("action: null", ".action", "relabel action cannot be empty"),
        (
            "action: uppercase, target_label: a, replacement: b",
            ".replacement",
            "'replacement' can not be set for uppercase action",
        ),
        ("action: labelmap, replacement: ''", ".replacement", "\"\" is invalid 'replacement' for labelmap action"),
        (
            "action: keepequal, target_label: a, regex: b",
            ".action",
            "keepequal action requires only 'source_labels' and `target_label`, and no other fields",
        ),
        ("action: labelkeep, separator: b", ".action", "labelkeep action requires only 'regex', and no other fields"),
    ] {
        let text = format!("invalid remote write client for tenant \"a\": {said}");
        refused(7, &rule(wrong), &format!("clients.a.write_relabel_configs[0]{key}"), &text);
    }
}
