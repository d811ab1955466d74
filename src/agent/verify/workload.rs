//! What Kubernetes says against names and pods.

use crate::agent::options::{Options, Secret};
use crate::loki::Finding;
use crate::loki::verify::{
    annotations, created_namespace, dns_subdomain, image, labels, name, namespace, node_selector, resources,
    tolerations,
};

/// Rules of the objects.
pub fn workload(options: &Options) -> Vec<Finding> {
    let pods = &options.workload;
    let mut findings: Vec<_> = name(&options.name).map(|finding| finding.at("name")).into_iter().collect();
    findings.extend(namespace(&options.namespace).map(|finding| finding.at("namespace")));
    findings.extend(created_namespace(&options.namespace, options.create_namespace).map(|it| it.at("namespace")));
    // <name>-otel-collector-events-<hash>-<hash>
    const LONGEST: usize = 63 - "-otel-collector-events".len() - 17;
    if options.name.len() > LONGEST {
        findings.push(
            Finding::error(
                summary!("The name is too long"),
                format!("The names of its pods begin with it, and have at most 63 letters: {LONGEST} are left."),
                "Shorten it.",
            )
            .at("name"),
        );
    }
    findings.extend(options.image.as_deref().and_then(image).map(|finding| finding.at("image")));
    let names = options.image_pull_secrets.iter().filter_map(|name| dns_subdomain(name));
    findings.extend(names.map(|finding| finding.at("image_pull_secrets")));
    findings.extend(resources(&pods.resources));
    findings.extend(tolerations(pods.tolerations.as_deref().unwrap_or_default()));
    findings.extend(node_selector(&pods.node_selector).into_iter().map(|finding| finding.at("node_selector")));
    findings.extend(labels(&pods.labels).into_iter().map(|finding| finding.at("object_labels")));
    findings.extend(annotations(&pods.annotations).into_iter().map(|finding| finding.at("annotations")));
    findings.extend(annotations(&pods.pod_annotations).into_iter().map(|finding| finding.at("pod_annotations")));
    let account = pods.service_account.as_deref().and_then(dns_subdomain);
    findings.extend(account.map(|finding| finding.at("service_account.name")));
    findings.extend(pods.priority_class_name.as_deref().and_then(dns_subdomain).map(|it| it.at("priority_class_name")));
    findings.extend(unavailable(&pods.max_unavailable).map(|finding| finding.at("update_strategy.max_unavailable")));
    let logs = std::iter::once(("pod_logs_path", &options.pod_logs));
    for (at, path) in pods.host_paths.iter().map(|path| ("host_paths", path)).chain(logs) {
        let plain = path.starts_with('/') && path.len() > 1 && !path.split('/').any(|part| part == "..");
        if !plain {
            findings.push(
                Finding::error(
                    summary!("{path:?} is no folder of a node"),
                    "It has to be an absolute path without `..`.",
                    "Write it such as /var/lib/docker/containers.",
                )
                .at(at),
            );
        }
    }
    for (file, secret) in crate::agent::config::secrets(options) {
        if let Secret::Existing { name, key } = secret
            && (dns_subdomain(name).is_some() || key.is_empty())
        {
            let at = match file {
                "password" => "basic_auth.password_secret",
                "token" => "bearer_token.token_secret",
                _ => "tls.key_secret",
            };
            findings.push(
                Finding::error(
                    summary!("That is no key of a Secret"),
                    "It has a name and a key.",
                    "Write { name = \"loki\", key = \"password\" }.",
                )
                .at(at),
            );
        }
    }
    findings
}

fn unavailable(text: &str) -> Option<Finding> {
    let number = text.strip_suffix('%').unwrap_or(text);
    let parsed: Option<u32> = number.parse().ok();
    let valid = parsed.is_some_and(|number| number > 0 && (!text.ends_with('%') || number <= 100));
    (!valid).then(|| {
        Finding::error(
            summary!("That is no number of pods"),
            format!("{text:?} is neither a number above zero nor a percentage. Two agents of one node would read the same files, so no more than one runs on each."),
            "Write \"1\" or \"10%\".",
        )
    })
}
