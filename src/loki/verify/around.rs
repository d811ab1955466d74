//! Rules over what is around Loki: gateway, canary, caches and network policies.

use super::kubernetes::{annotations, dns_subdomain, image, labels, namespace, quantity};
use super::limits::tenant_id;
use crate::loki::finding::{Finding, Step, attributes};
use crate::loki::options::{Cache, Gateway, Mode, NetworkPolicies, Options, User};
use crate::loki::quantity::Quantity;

/// Everything about them. Paths start at the root.
pub fn around(options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(gateway) = &options.gateway {
        findings.extend(self::gateway(options, gateway));
    }
    for (path, cache) in [("caches.chunks", &options.caches.chunks), ("caches.results", &options.caches.results)] {
        findings.extend(cache.iter().flat_map(self::cache).map(|finding| finding.at(path)));
    }
    findings.extend(canary(options));
    findings.extend(options.network_policies.iter().flat_map(policies));
    findings.extend(families(&options.ip_families));
    findings.extend(monitoring(options));
    findings
}

fn gateway(options: &Options, gateway: &Gateway) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, name) in [("gateway.users_secret", &gateway.users_secret), ("gateway.tls_secret", &gateway.tls_secret)] {
        findings.extend(name.as_deref().and_then(dns_subdomain).map(|finding| finding.at(path)));
    }
    findings.extend(gateway.image.as_deref().and_then(image).map(|finding| finding.at("gateway.image")));
    findings.extend(entrances(gateway).into_iter().map(|finding| finding.at("gateway")));
    let dns = gateway.dns_service.as_deref().filter(|dns| {
        dns.split_once('.').is_none_or(|(service, of)| namespace(service).is_some() || namespace(of).is_some())
    });
    findings.extend(dns.map(|dns| {
        Finding::error(
            summary!("{dns:?} is no service of a namespace"),
            "nginx asks the cluster's DNS service for the addresses of Loki's components.",
            "Write it as \"service.namespace\", such as \"kube-dns.kube-system\".",
        )
        .at("gateway.dns_service")
    }));
    for (name, user) in &gateway.users {
        let place = || attributes("gateway.users").into_iter().chain([Step::Key(name.clone())]);
        let found = user_of(options, name, user).into_iter();
        findings.extend(found.map(|finding| finding.under(place()).and("auth_enabled")));
        if gateway.users_secret.is_some() && user.password_hash.is_some() {
            findings.push(
                Finding::error(
                    summary!("The password of {name:?} would never be asked for"),
                    "gateway.users_secret holds the users' passwords.",
                    "Remove the password, or users_secret.",
                )
                .under(place())
                .and("gateway.users_secret"),
            );
        }
    }
    findings
}

/// The ways to the gateway from outside. Paths start at the gateway.
fn entrances(gateway: &Gateway) -> Vec<Finding> {
    let mut findings = Vec::new();
    let hosts = gateway.ingress.iter().map(|ingress| ("ingress.host", ingress.host.as_str()));
    let routes = gateway.http_route.iter().flat_map(|route| &route.hostnames);
    for (path, host) in hosts.chain(routes.map(|host| ("http_route.hostnames", host.as_str()))) {
        // One label may stand for any.
        let plain = host.strip_prefix("*.").unwrap_or(host);
        findings.extend(dns_subdomain(plain).map(|finding| finding.at(path)));
    }
    if let Some(ingress) = &gateway.ingress {
        findings.extend(annotations(&ingress.annotations).into_iter().map(|finding| finding.at("ingress.annotations")));
        let names = [("ingress.class_name", &ingress.class_name), ("ingress.tls_secret", &ingress.tls_secret)];
        findings.extend(names.into_iter().filter_map(|(path, name)| Some(dns_subdomain(name.as_deref()?)?.at(path))));
    }
    if gateway.http_route.as_ref().is_some_and(|route| route.parents.is_empty()) {
        findings.push(
            Finding::error(
                summary!("The route hangs on no Gateway"),
                "Nobody would send it anything.",
                "Name one in parents = [{ name = …, namespace = … }].",
            )
            .at("http_route.parents"),
        );
    }
    let open = gateway.users.is_empty() && gateway.users_secret.is_none();
    if open && (gateway.ingress.is_some() || gateway.http_route.is_some()) {
        findings.push(
            Finding::warning(
                summary!("Everybody outside may read and write logs"),
                "The gateway can be reached from outside of the cluster, and asks for no password.",
                "Set gateway.users or gateway.users_secret, unless what is before it asks for one.",
            )
            .and("gateway.users")
            .and("gateway.users_secret"),
        );
    }
    findings
}

fn monitoring(options: &Options) -> Vec<Finding> {
    let given = &options.monitoring;
    let mut findings = Vec::new();
    let interval = given.pod_monitor.as_ref().and_then(|monitor| monitor.interval.as_deref());
    findings.extend(interval.filter(|text| crate::loki::duration::parse(text).is_none()).map(|text| {
        Finding::error(
            summary!("{text:?} is no duration"),
            "Prometheus reads durations such as 30s or 1m.",
            "Write it so.",
        )
        .at("monitoring.pod_monitor.interval")
    }));
    let monitors = given.pod_monitor.iter().map(|of| ("monitoring.pod_monitor.labels", &of.labels));
    let alerts = given.alerts.iter().map(|of| ("monitoring.alerts.labels", &of.labels));
    let grafana = given.grafana.iter().map(|of| ("monitoring.grafana.labels", &of.labels));
    for (path, of) in monitors.chain(alerts).chain(grafana) {
        findings.extend(labels(of).into_iter().map(|finding| finding.at(path)));
    }
    let source = given.grafana.as_ref().and_then(|grafana| grafana.datasource.as_ref());
    if source.is_some_and(|source| source.tenant.is_none() && source.user.is_none()) && options.auth_enabled {
        findings.push(
            Finding::error(
                summary!("Grafana would be refused: it names no tenant"),
                "With auth_enabled Loki answers \"no org id\" to requests without X-Scope-OrgID (loki#7081).",
                "Set monitoring.grafana.datasource.tenant, or a user of the gateway that has one.",
            )
            .at("monitoring.grafana.datasource")
            .and("auth_enabled"),
        );
    }
    findings
}

/// Paths start at the user.
fn user_of(options: &Options, name: &str, user: &User) -> Vec<Finding> {
    let mut findings = Vec::new();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@+".contains(&byte);
    if name.is_empty() || !name.bytes().all(fits) {
        findings.push(Finding::error(
            summary!("{name:?} cannot be the name of a user"),
            "Letters, digits and _ - . @ + stand for themselves in a request's header, in htpasswd and in nginx' file.",
            "Choose a name of these.",
        ));
    }
    if let Some(tenant) = &user.tenant {
        findings.extend(tenant_id(tenant).map(|finding| finding.at("tenant")));
        if !options.auth_enabled {
            findings.push(
                Finding::error(
                    summary!("Loki would not tell the tenant {tenant:?} from others"),
                    "Without auth_enabled it takes every request for the one tenant's.",
                    "Set auth_enabled = true, or remove the tenant.",
                )
                .at("tenant"),
            );
        }
    }
    let hash = user.password_hash.as_deref();
    if hash.is_some_and(|hash| !is_hash(hash)) {
        findings.push(
            // The text is not shown: it may be the password itself.
            Finding::error(
                summary!("The password's hash is of no kind that nginx knows"),
                "It reads hashes of crypt(3) ($2y$, $5$, $6$), of Apache ($apr1$) and of LDAP ({SHA}, {SSHA}).",
                "Make one with \"htpasswd -nB\" or \"openssl passwd -6\", or give the password itself.",
            )
            .at("password_hash"),
        );
    }
    findings
}

fn is_hash(text: &str) -> bool {
    const KINDS: [&str; 8] = ["$2a$", "$2b$", "$2y$", "$5$", "$6$", "$apr1$", "{SHA}", "{SSHA}"];
    let graphic = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    graphic && KINDS.iter().any(|kind| text.starts_with(kind) && text.len() > kind.len() + 8)
}

/// Paths start at the cache.
fn cache(cache: &Cache) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(cache.image.as_deref().and_then(image).map(|finding| finding.at("image")));
    if let Some(memory) = cache.memory.as_deref() {
        let few = Quantity::parse(memory).is_some_and(|memory| memory.units() < 16 << 20);
        let small = few.then(|| {
            Finding::error(
                summary!("{memory} are too little for a cache"),
                "Memcached needs some pages of 1 MiB for each size of items.",
                "Give it 16Mi or more.",
            )
        });
        findings.extend(quantity(memory).or(small).map(|finding| finding.at("memory")));
    }
    findings
}

fn canary(options: &Options) -> Vec<Finding> {
    let Some(canary) = &options.canary else { return Vec::new() };
    let mut findings = Vec::new();
    findings.extend(canary.image.as_deref().and_then(image).map(|finding| finding.at("canary.image")));
    if options.mode == Mode::Distributed && options.gateway.is_none() {
        findings.push(
            Finding::error(
                summary!("The canary needs the gateway"),
                "It pushes and queries at one address, and in a distributed stack only the gateway serves both.",
                "Set gateway = {}.",
            )
            .at("canary")
            .and("gateway")
            .and("mode"),
        );
    }
    if let Some(tenant) = &canary.tenant {
        findings.extend(tenant_id(tenant).map(|finding| finding.at("canary.tenant")));
        if !options.auth_enabled {
            findings.push(
                Finding::warning(
                    summary!("The canary's tenant is ignored"),
                    "Without auth_enabled Loki has one tenant only.",
                    "Remove canary.tenant, or set auth_enabled = true.",
                )
                .at("canary.tenant")
                .and("auth_enabled"),
            );
        }
    }
    findings
}

fn policies(given: &NetworkPolicies) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (list, names) in
        [("client_namespaces", &given.client_namespaces), ("metrics_namespaces", &given.metrics_namespaces)]
    {
        for (index, name) in names.iter().enumerate() {
            findings.extend(namespace(name).map(|finding| finding.under([Step::Attribute(list), Step::Index(index)])));
        }
    }
    for (index, cidr) in given.egress_cidrs.iter().enumerate() {
        if !is_cidr(cidr) {
            findings.push(
                Finding::error(
                    summary!("{cidr:?} is no network"),
                    "Kubernetes takes an address and the length of its prefix, with zeros after it.",
                    "Write it as \"10.0.0.0/8\" or \"fd00::/8\".",
                )
                .under([Step::Attribute("egress_cidrs"), Step::Index(index)]),
            );
        }
    }
    findings.into_iter().map(|finding| finding.at("network_policies")).collect()
}

fn is_cidr(text: &str) -> bool {
    text.parse::<ipnet::IpNet>().is_ok_and(|net| net.trunc() == net)
}

fn families(given: &[String]) -> Option<Finding> {
    let known = given.iter().all(|family| ["IPv4", "IPv6"].contains(&family.as_str()));
    let distinct = given.len() < 2 || given.len() == 2 && given[0] != given[1];
    (!known || !distinct).then(|| {
        Finding::error(
            summary!("ip_families is not IPv4, IPv6 or both"),
            "They become the services' ipFamilies: the first one is that of the pods' own addresses.",
            "Write [\"IPv4\"], [\"IPv6\"], [\"IPv4\", \"IPv6\"] or [\"IPv6\", \"IPv4\"].",
        )
        .at("ip_families")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::{Caches, Canary};

    fn paths(options: &Options) -> Vec<String> {
        around(options).iter().map(Finding::path_text).collect()
    }

    fn user(tenant: Option<&str>, hash: Option<&str>) -> User {
        User { tenant: tenant.map(Into::into), password_hash: hash.map(Into::into) }
    }

    #[test]
    fn users_are_what_nginx_and_loki_can_tell_apart() {
        let hash = "$2y$05$ZdjvF7v/Wb9vmr0NHw0aaeA8h1YzDqoYb5oOQJ6oyOWm0rPmxkC2S";
        let of = |name: &str, user: User, auth_enabled: bool| {
            let gateway = Gateway { users: [(name.to_owned(), user)].into(), ..Gateway::default() };
            paths(&Options { auth_enabled, gateway: Some(gateway), ..Options::default() })
        };
        assert_eq!(of("grafana", user(Some("team-a"), Some(hash)), true), [""; 0]);
        assert_eq!(of("grafana", user(None, Some("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=")), false), [""; 0]);
        assert_eq!(of("a:b", user(None, Some(hash)), true), ["gateway.users[\"a:b\"]"]);
        assert_eq!(of("a", user(Some("team"), Some(hash)), false), ["gateway.users[\"a\"].tenant"]);
        assert_eq!(of("a", user(Some("a/b"), Some(hash)), true), ["gateway.users[\"a\"].tenant"]);
        for none in ["hunter2", "{PLAIN}secret-text", "$2y$", "$6$salt$ha:sh-of-some-length"] {
            assert_eq!(of("a", user(None, Some(none)), true), ["gateway.users[\"a\"].password_hash"], "{none}");
        }
    }

    #[test]
    fn a_password_is_in_one_place() {
        let users = [("a".to_owned(), user(None, Some("$6$salt$0123456789abcdef")))].into();
        let gateway = Gateway { users, users_secret: Some("users".into()), ..Gateway::default() };
        assert_eq!(paths(&Options { gateway: Some(gateway), ..Options::default() }), ["gateway.users[\"a\"]"]);
    }

    #[test]
    fn the_rest_is_of_kubernetes_shape() {
        let options = Options {
            gateway: Some(Gateway {
                dns_service: Some("kube-dns".into()),
                tls_secret: Some("A".into()),
                ..Gateway::default()
            }),
            caches: Caches {
                chunks: Some(Cache { memory: Some("1Mi".into()), ..Cache::default() }),
                results: Some(Cache { memory: Some("lots".into()), ..Cache::default() }),
            },
            canary: Some(Canary { tenant: Some("a/b".into()), ..Canary::default() }),
            network_policies: Some(NetworkPolicies {
                client_namespaces: vec!["grafana".into(), "No".into()],
                egress_cidrs: vec!["10.0.0.0/8".into(), "10.0.0.1/8".into(), "anywhere".into()],
                ..NetworkPolicies::default()
            }),
            ip_families: vec!["IPv4".into(), "IPv4".into()],
            ..Options::default()
        };
        let expected = [
            "gateway.tls_secret",
            "gateway.dns_service",
            "caches.chunks.memory",
            "caches.results.memory",
            "canary.tenant",
            "canary.tenant",
            "network_policies.client_namespaces[1]",
            "network_policies.egress_cidrs[1]",
            "network_policies.egress_cidrs[2]",
            "ip_families",
        ];
        assert_eq!(paths(&options), expected);
        let alone = Options { mode: Mode::Distributed, canary: Some(Canary::default()), ..Options::default() };
        assert_eq!(paths(&alone), ["canary"]);
    }
}
