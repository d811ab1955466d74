//! The text of nginx' configuration.

use std::fmt::Write;

use super::{TLS_DIRECTORY, USERS_DIRECTORY, USERS_FILE};
use crate::loki::derived::{GATEWAY_INTERNAL_PORT, GATEWAY_PORT, HTTP_PORT};
use crate::loki::options::{DNS_SERVICE, Gateway, Mode, Options};

/// Loki's own limit of a push (`distributor.max_recv_msg_size`).
const LARGEST_BODY: &str = "100m";

/// What all servers share. Names are looked up again every few seconds: nginx would otherwise keep an address for as long
/// as it runs (loki#7287, #18293).
const HEAD: &str = r#"worker_processes 4;
pid /tmp/nginx.pid;
worker_rlimit_nofile 8192;

events {
  worker_connections 4096;
}

http {
  client_body_temp_path /tmp/client_temp;
  proxy_temp_path       /tmp/proxy_temp;
  fastcgi_temp_path     /tmp/fastcgi_temp;
  uwsgi_temp_path       /tmp/uwsgi_temp;
  scgi_temp_path        /tmp/scgi_temp;

  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 75s;
  map_hash_bucket_size 256;

  log_format main '$remote_addr - $remote_user [$time_iso8601] $status "$request" $body_bytes_sent $request_time';
  map $status $is_failure {
    ~^[23] 0;
    default 1;
  }
  access_log /dev/stdout main if=$is_failure;

  proxy_http_version 1.1;
  proxy_connect_timeout 5s;
  # As long as Loki's own server waits.
  proxy_read_timeout 10m;
  proxy_send_timeout 10m;
  # Pushes go to Loki as they come in.
  proxy_request_buffering off;
  # Followed streams are WebSockets.
  map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
  }
"#;

/// The configuration file.
pub fn configuration(options: &Options, gateway: &Gateway) -> String {
    let mut text = HEAD.to_owned();
    let dns = gateway.dns_service.as_deref().unwrap_or(DNS_SERVICE);
    let _ = writeln!(text, "  client_max_body_size {LARGEST_BODY};");
    let _ = writeln!(text, "  resolver {dns}.svc.{}. valid=10s;", options.cluster_domain);
    text.push_str(&tenants(gateway));
    text.push_str(&server(options, &Listener::users(options, gateway)));
    if options.canary.is_some() {
        text.push_str(&server(options, &Listener::internal()));
    }
    text.push_str("}\n");
    text
}

/// Whom a request is of: of its user's tenant where that is set, else of the tenant that it names.
fn tenants(gateway: &Gateway) -> String {
    let mut text = "\n  map $remote_user $tenant {\n    default $http_x_scope_orgid;\n".to_owned();
    for (name, user) in &gateway.users {
        if let Some(tenant) = &user.tenant {
            let _ = writeln!(text, "    \"{name}\" \"{tenant}\";");
        }
    }
    text.push_str("  }\n");
    text
}

struct Listener {
    port: u16,
    tls: bool,
    users: bool,
    tenant: &'static str,
}

impl Listener {
    fn users(options: &Options, gateway: &Gateway) -> Self {
        let users = options.gateway_users_secret_name().is_some();
        Self { port: GATEWAY_PORT, tls: gateway.tls_secret.is_some(), users, tenant: "$tenant" }
    }

    fn internal() -> Self {
        Self { port: GATEWAY_INTERNAL_PORT, tls: false, users: false, tenant: "$http_x_scope_orgid" }
    }
}

fn server(options: &Options, listener: &Listener) -> String {
    let mut text = "\n  server {\n".to_owned();
    let tls = if listener.tls { " ssl" } else { "" };
    let _ = writeln!(text, "    listen {}{tls};", listener.port);
    if options.ip_families.iter().any(|family| family == "IPv6") {
        let _ = writeln!(text, "    listen [::]:{}{tls};", listener.port);
    }
    if listener.tls {
        let _ = writeln!(text, "    ssl_certificate {TLS_DIRECTORY}/tls.crt;");
        let _ = writeln!(text, "    ssl_certificate_key {TLS_DIRECTORY}/tls.key;");
        let _ = writeln!(text, "    ssl_protocols TLSv1.2 TLSv1.3;");
    }
    if listener.users {
        let _ = writeln!(text, "    auth_basic \"Loki\";");
        let _ = writeln!(text, "    auth_basic_user_file {USERS_DIRECTORY}/{USERS_FILE};");
    }
    let _ = writeln!(text, "    proxy_set_header Host $host;");
    // Loki has no use for the password.
    let _ = writeln!(text, "    proxy_set_header Authorization \"\";");
    let _ = writeln!(text, "    proxy_set_header X-Scope-OrgID {};", listener.tenant);
    let _ = writeln!(text, "    proxy_set_header Upgrade $http_upgrade;");
    let _ = writeln!(text, "    proxy_set_header Connection $connection_upgrade;");
    text.push_str(
        "\n    location = / {\n      auth_basic off;\n      default_type text/plain;\n      return 200 'OK';\n    }\n",
    );
    for (service, locations) in routes(options) {
        let upstream = format!("http://{}:{HTTP_PORT}", options.service_host(&service));
        for location in locations {
            // With a variable in it, nginx asks for the name's address again and again.
            let _ = write!(
                text,
                "\n    location {location} {{\n      set $upstream {upstream};\n      proxy_pass $upstream$request_uri;\n    }}\n"
            );
        }
    }
    text.push_str("\n    location / {\n      return 404;\n    }\n  }\n");
    text
}

/// Services with nginx' locations of what they answer (docs/sources/reference/loki-http-api.md). nginx takes the longest
/// prefix, whatever their order.
fn routes(options: &Options) -> Vec<(String, Vec<&'static str>)> {
    const QUERIES: [&str; 2] = ["/loki/api/", "/api/prom/"];
    const PUSHES: [&str; 3] = ["= /loki/api/v1/push", "= /api/prom/push", "/otlp/"];
    const RULES: [&str; 4] =
        ["/loki/api/v1/rules", "/api/prom/rules", "/prometheus/api/v1/rules", "/prometheus/api/v1/alerts"];
    const DELETES: [&str; 2] = ["/loki/api/v1/delete", "/loki/api/v1/cache/generation_numbers"];
    if options.mode == Mode::Monolithic {
        let rules = options.ruler.iter().flat_map(|_| ["/prometheus/api/v1/rules", "/prometheus/api/v1/alerts"]);
        let all = QUERIES.into_iter().chain(["/otlp/"]).chain(rules).collect();
        return vec![(options.query_service_name(), all)];
    }
    let of = |target: &str, locations: &[&'static str]| (options.component_service_name(target), locations.to_vec());
    let [queries, pushes, deletes, rules] = match options.mode {
        Mode::SimpleScalable => ["read", "write", "backend", "backend"],
        _ => ["query-frontend", "distributor", "compactor", "ruler"],
    };
    let mut routes = vec![of(queries, &QUERIES), of(pushes, &PUSHES), of(deletes, &DELETES)];
    if options.ruler.is_some() {
        routes.push(of(rules, &RULES));
    }
    routes
}
