//! The way to Loki.

use crate::agent::config::url;
use crate::agent::kind::Kind;
use crate::agent::options::{Auth, Options};
use crate::agent::target::Target;
use crate::agent::vector::LEAST_BUFFER;
use crate::loki::Finding;
use crate::loki::verify::tenant_id;

/// Rules of URL, tenant, authentication, TLS, batches and buffers.
pub fn connection(options: &Options, target: Option<&Target>) -> Vec<Finding> {
    let mut findings = push_url(options);
    findings.extend(tenant(options, target));
    findings.extend(secrets(options));
    findings.extend(sizes(options));
    findings
}

fn push_url(options: &Options) -> Vec<Finding> {
    let text = &options.push_url;
    let Some((scheme, host, _, path)) =
        url(text).filter(|(scheme, host, ..)| ["http", "https"].contains(scheme) && !host.is_empty())
    else {
        return vec![
            Finding::error(
                summary!("The push URL is no URL"),
                format!("{text:?} does not begin with http:// or https:// and a host."),
                "Take push_url of a loki_stack, or write http://loki.loki.svc:3100/loki/api/v1/push.",
            )
            .at("push_url"),
        ];
    };
    let mut findings = Vec::new();
    if host.contains('@') {
        findings.push(
            Finding::error(
                summary!("The push URL holds a name or a password"),
                "It would stand in the state and in a ConfigMap.",
                "Write them into basic_auth.",
            )
            .at("push_url"),
        );
    }
    let otlp = options.kind == Kind::OtelCollector;
    let known = path.ends_with("/loki/api/v1/push") || otlp && (path.ends_with("/otlp") || path.ends_with("/v1/logs"));
    if !known {
        findings.push(
            Finding::error(
                summary!("The push URL does not lead to Loki's push endpoint"),
                format!(
                    "Its path is {path:?}; agents push to /loki/api/v1/push{}.",
                    if otlp { " or /otlp" } else { "" }
                ),
                format!("Write {scheme}://{host}/loki/api/v1/push."),
            )
            .at("push_url"),
        );
    }
    if scheme == "http" && options.tls.is_set() {
        findings.push(
            Finding::error(
                summary!("TLS settings with a URL of plain HTTP"),
                format!("{text:?} begins with http://, so nothing of tls is used."),
                "Write https://, or remove tls.",
            )
            .at("tls")
            .and("push_url"),
        );
    }
    if scheme == "http" && options.auth != Auth::None {
        findings.push(
            Finding::warning(
                summary!("The secret goes over the network in clear"),
                "The push URL is one of plain HTTP.",
                "Write https://, where Loki or its gateway speaks TLS.",
            )
            .at("push_url"),
        );
    }
    findings
}

fn tenant(options: &Options, target: Option<&Target>) -> Vec<Finding> {
    let mut findings: Vec<_> =
        options.tenant_id.as_deref().and_then(tenant_id).map(|it| it.at("tenant_id")).into_iter().collect();
    match (target, &options.tenant_id) {
        (Some(target), None) if target.auth_enabled && !target.through_gateway => findings.push(
            Finding::error(
                summary!("The tenant is missing"),
                format!(
                    "The stack {} has auth_enabled: it refuses what names no tenant (401, \"no org id\").",
                    target.name
                ),
                "Set tenant_id.",
            )
            .at("tenant_id")
            .and("push_url"),
        ),
        (Some(target), None) if target.auth_enabled && options.auth == Auth::None => findings.push(
            Finding::warning(
                summary!("Nothing tells the tenant"),
                format!(
                    "The stack {} has auth_enabled, and its gateway knows a tenant by the user alone.",
                    target.name
                ),
                "Set tenant_id, or basic_auth with a user of the gateway that has a tenant.",
            )
            .at("tenant_id")
            .and("push_url"),
        ),
        (Some(target), Some(tenant)) if !target.auth_enabled => findings.push(
            Finding::warning(
                summary!("Loki does not tell the tenant {tenant:?} from others"),
                format!(
                    "Without auth_enabled the stack {} takes every request for the one tenant's, \"fake\".",
                    target.name
                ),
                "Set auth_enabled = true there, or remove tenant_id.",
            )
            .at("tenant_id")
            .and("push_url"),
        ),
        _ => {}
    }
    findings
}

fn secrets(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    if matches!(&options.auth, Auth::Basic { username, .. } if username.is_empty() || username.contains(':')) {
        findings.push(
            Finding::error(
                summary!("The user name is none"),
                "HTTP Basic knows no empty name, and none with a colon (RFC 7617).",
                "Write the name that Loki's gateway knows.",
            )
            .at("basic_auth.username"),
        );
    }
    let tls = &options.tls;
    let pem = [("tls.ca", &tls.ca), ("tls.certificate", &tls.certificate)];
    for (at, text) in pem {
        if text.as_deref().is_some_and(|text| !text.contains("-----BEGIN CERTIFICATE-----")) {
            findings.push(
                Finding::error(
                    summary!("That is no certificate"),
                    "It has no line -----BEGIN CERTIFICATE-----.",
                    "Give the text of a PEM file, such as file(\"ca.pem\").",
                )
                .at(at),
            );
        }
    }
    if tls.certificate.is_some() != tls.key.is_some() {
        findings.push(
            Finding::error(
                summary!("A certificate goes with its key"),
                "One of the two is missing, so the agent cannot prove who it is.",
                "Set both certificate and key, or none of them.",
            )
            .at("tls.certificate")
            .and("tls.key_wo")
            .and("tls.key_secret"),
        );
    }
    if tls.insecure_skip_verify {
        findings.push(
            Finding::warning(
                summary!("Any certificate is taken for Loki's"),
                "Whoever is on the way can read the lines, and the secret with them.",
                "Give the certificate of the authority in tls.ca.",
            )
            .at("tls.insecure_skip_verify"),
        );
    }
    findings
}

fn sizes(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    /// Loki takes requests of so many bytes (`distributor.max_recv_msg_size`, `server.grpc_server_max_recv_msg_size`).
    const LARGEST: u64 = 4 << 20;
    if !(1024..=LARGEST).contains(&options.batch.size) {
        findings.push(
            Finding::error(
                summary!("The batch is too large or too small"),
                format!(
                    "{} bytes are not between 1Ki and 4Mi, the most that Loki's components pass on by themselves.",
                    options.batch.size
                ),
                "Leave it at 1Mi.",
            )
            .at("batch.size"),
        );
    }
    if options.retry.min_backoff == 0 || options.retry.max_backoff < options.retry.min_backoff {
        findings.push(
            Finding::error(
                summary!("The times between attempts are the wrong way round"),
                format!("{} ms at first, {} ms at most.", options.retry.min_backoff, options.retry.max_backoff),
                "Set max_backoff to at least min_backoff, and that above zero.",
            )
            .at("retry.max_backoff")
            .and("retry.min_backoff"),
        );
    }
    if options.retry.max_retries > 0 {
        findings.push(
            Finding::warning(
                summary!("Lines are lost when Loki is away for long"),
                format!("After {} attempts the agent leaves a batch out and goes on.", options.retry.max_retries),
                "Leave max_retries out: the agent then waits for Loki, and the lines stay in the nodes' files.",
            )
            .at("retry.max_retries"),
        );
    }
    if options.kind == Kind::Vector && options.buffer.is_some_and(|bytes| bytes < LEAST_BUFFER) {
        findings.push(
            Finding::error(
                summary!("The buffer is too small for Vector"),
                format!("Its buffers on disk have at least {LEAST_BUFFER} bytes."),
                "Write 257Mi or more.",
            )
            .at("buffer")
            .and("kind"),
        );
    }
    findings
}
