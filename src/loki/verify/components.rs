//! What is said of single components, and of the stack's size.

mod autoscaling;
mod blooms;
mod pods;
mod zones;

use super::kubernetes::{annotations, dns_subdomain, labels, node_selector, quantity, resources, tolerations};
use crate::loki::components::{Kind, MONOLITH, Presence, Program, ROLES, Role, role_of};
use crate::loki::finding::{Finding, Path, Step, attributes};
use crate::loki::options::{Mode, Options, Storage, Workload};
use crate::loki::sizes::SIZES;

/// Longest name of a service.
const SERVICE_NAME_LIMIT: usize = 63;

/// Everything about single components. Paths start at the root.
pub fn components(options: &Options) -> Vec<Finding> {
    let mut findings: Vec<Finding> = size(options).into_iter().collect();
    for (key, workload) in &options.components {
        let place = || attributes("components").into_iter().chain([Step::Key(key.clone())]).collect::<Path>();
        let found = match role_of(key) {
            Some(role) if role.program == Program::Loki && options.mode != role.mode => {
                findings.push(of_mode(role.mode, &format!("components.{key}")).at("components").and("mode"));
                continue;
            }
            Some(role) => component(role, workload).into_iter().chain(unasked(options, role, workload)).collect(),
            None if *key == MONOLITH.key => monolith(options, workload),
            None => vec![unknown(key)],
        };
        findings.extend(found.into_iter().map(|finding| finding.under(place()).and("mode")));
    }
    findings.extend(pods::security(&options.security_context).map(|finding| finding.at("security_context")));
    findings.extend(zones::zones(options));
    if options.mode == Mode::Monolithic {
        return findings;
    }
    if options.storage == Storage::Filesystem {
        findings.push(
            Finding::error(
                summary!("Filesystem storage cannot serve a {} stack", options.mode.name()),
                "Each component would keep chunks and index on a volume that the others do not see. Loki does not check \
                 this.",
                "Use a bucket (storage.s3), or mode = \"monolithic\" with one replica.",
            )
            .at("storage")
            .and("mode"),
        );
    }
    findings.extend(long_name(options));
    if options.mode == Mode::Distributed {
        findings.extend(blooms::blooms(options));
    }
    findings
}

/// A name that is too long for the services that are named after it.
fn long_name(options: &Options) -> Option<Finding> {
    let names = options.components().into_iter().map(|component| component.headless_service_name());
    let longest = names.max_by_key(String::len).filter(|name| name.len() > SERVICE_NAME_LIMIT)?;
    let limit = (options.name.len() + SERVICE_NAME_LIMIT).saturating_sub(longest.len());
    Some(
        Finding::error(
            summary!("{:?} is too long for the name of a {} stack", options.name, options.mode.name()),
            format!("The service {longest:?} may have {SERVICE_NAME_LIMIT} characters."),
            format!("Choose one of at most {limit} characters."),
        )
        .at("name")
        .and("mode")
        .and("components"),
    )
}

/// What is said of a component that has an attribute of its own, which is not set.
fn unasked(options: &Options, role: &Role, said: &Workload) -> Option<Finding> {
    if role.presence != Presence::OfItsOwn {
        return None;
    }
    let attribute = match role.key {
        "chunks_cache" => "caches.chunks",
        "results_cache" => "caches.results",
        key => key,
    };
    if said.enabled.is_some() {
        return Some(
            Finding::error(
                summary!("{} is not switched here", role.target),
                format!("It runs where {attribute} is set."),
                format!("Remove enabled; set {attribute}, or leave it out."),
            )
            .at("enabled"),
        );
    }
    (!options.runs(role)).then(|| {
        Finding::warning(
            summary!("{} does not run", role.target),
            format!("It runs where {attribute} is set, and says nothing here otherwise."),
            format!("Set {attribute}, or remove this."),
        )
        .and("gateway")
        .and("caches")
        .and("canary")
        .and("ruler")
    })
}

fn of_mode(mode: Mode, attribute: &str) -> Finding {
    let name = mode.name();
    Finding::error(
        summary!("{attribute} is of the {name} mode"),
        "In monolithic mode every replica is all components, and the stack's own attributes say how it runs; in the other \
         modes each component has a workload of its own.",
        format!("Set mode = {:?}, or remove {attribute}.", name.replace(' ', "_")),
    )
}

fn size(options: &Options) -> Option<Finding> {
    let name = options.size.as_deref()?;
    if options.mode != Mode::Distributed {
        return Some(of_mode(Mode::Distributed, "size").at("size").and("mode"));
    }
    options.preset().is_none().then(|| {
        let known: Vec<String> =
            SIZES.iter().map(|size| format!("{} (up to {} GB a day)", size.name, size.max_gb_per_day)).collect();
        Finding::error(
            summary!("{name:?} is no size"),
            format!("The sizes are: {}.", known.join(", ")),
            "Choose one by the ingest; provider::loki::size tells what is in it.",
        )
        .at("size")
        .and("mode")
    })
}

/// What is said of monolithic Loki. Paths start at the component.
fn monolith(options: &Options, said: &Workload) -> Vec<Finding> {
    if options.mode != Mode::Monolithic {
        let why = "In the other modes each component has a name of its own.";
        return vec![Finding::error(summary!("components.all is of the monolithic mode"), why, "Name the components.")];
    }
    let mut findings = component(&MONOLITH, said);
    if said.replicas.is_some() || said.autoscaling.is_some() {
        findings.push(
            Finding::error(
                summary!("The number of replicas is said of the whole stack"),
                "The replication factor and other parts follow from it.",
                "Set replicas of the stack in place of it.",
            )
            .at(if said.replicas.is_some() { "replicas" } else { "autoscaling" }),
        );
    }
    findings
}

fn unknown(key: &str) -> Finding {
    let known: Vec<&str> = ROLES.iter().map(|role| role.key).collect();
    let written = key.replace('-', "_");
    let fix = match known
        .iter()
        .find(|known| **known == written || **known == format!("{written}s") || written == format!("{known}s"))
    {
        Some(near) => format!("Did you mean {near}?"),
        None => "Name one of them, or remove it.".to_owned(),
    };
    Finding::error(summary!("{key:?} is no component"), format!("The components are: {}.", known.join(", ")), fix)
}

/// Paths start at the component.
fn component(role: &Role, said: &Workload) -> Vec<Finding> {
    let mut findings = Vec::new();
    if role.kind == Kind::DaemonSet && (said.replicas.is_some() || said.max_unavailable.is_some()) {
        findings.push(
            Finding::error(
                summary!("{} has a pod on each node", role.target),
                "A DaemonSet has neither a number of replicas nor a budget for drains.",
                "Remove replicas and max_unavailable; node_selector says on which nodes it runs.",
            )
            .at("replicas"),
        );
    }
    if role.presence == Presence::Always && said.enabled == Some(false) {
        findings.push(
            Finding::error(
                summary!("No Loki runs without {}", role.target),
                "Pushes or queries would have nothing to go through.",
                "Remove enabled.",
            )
            .at("enabled"),
        );
    }
    if said.replicas == Some(0) {
        findings.push(
            Finding::error(
                summary!("{} needs a replica", role.target),
                "With none, what goes through it has nothing to answer it.",
                "Set replicas to 1 or more, or for an optional component enabled = false.",
            )
            .at("replicas"),
        );
    }
    if said.max_unavailable == Some(0) {
        findings.push(
            Finding::error(
                summary!("A budget of no pod blocks every drain"),
                "kubectl drain, and with it the upgrade of a node, would wait for ever.",
                "Set max_unavailable to 1 or more, or leave it out.",
            )
            .at("max_unavailable"),
        );
    }
    findings.extend(pods::volumes(said));
    findings.extend(pods::security(&said.security_context).map(|finding| finding.at("security_context")));
    if said.image.is_some() && role.program != Program::Loki {
        findings.push(
            Finding::error(
                summary!("The image of {} is said elsewhere", role.target),
                "This one is Loki's.",
                "Set the attribute image of gateway, canary or the cache.",
            )
            .at("image"),
        );
    }
    findings.extend(said.autoscaling.iter().flat_map(|scaling| autoscaling::autoscaling(role, said, scaling)));
    findings.extend(said.persistence.as_ref().and_then(|volume| {
        match (role.program, role.kind) {
            (Program::Loki, Kind::Deployment) if role.key == "querier" => {
                quantity(&volume.size).map(|finding| finding.at("persistence.size"))
            }
            (Program::Gateway | Program::Memcached | Program::Canary, _) | (_, Kind::Deployment | Kind::DaemonSet) => {
                Some(
                    Finding::error(
                        summary!("{} has no volume", role.target),
                        "Its pods keep nothing that must outlive them.",
                        "Remove persistence.",
                    )
                    .at("persistence"),
                )
            }
            (Program::Loki, Kind::StatefulSet) => quantity(&volume.size).map(|finding| finding.at("persistence.size")),
        }
    }));
    findings.extend(said.resources.as_ref().map(resources).unwrap_or_default());
    let keys = |path: &'static str| move |finding: Finding| finding.at(path);
    findings.extend(
        said.node_selector.as_ref().map(node_selector).unwrap_or_default().into_iter().map(keys("node_selector")),
    );
    findings.extend(said.tolerations.as_deref().map(tolerations).unwrap_or_default());
    findings.extend(said.priority_class_name.as_deref().and_then(dns_subdomain).map(keys("priority_class_name")));
    findings.extend(annotations(&said.pod_annotations).into_iter().map(keys("pod_annotations")));
    findings.extend(labels(&said.pod_labels).into_iter().map(keys("pod_labels")));
    for (index, argument) in said.extra_args.iter().enumerate() {
        let place = [Step::Attribute("extra_args"), Step::Index(index)];
        findings.extend(pods::argument_of(role.program, argument).map(|finding| finding.under(place)));
    }
    for name in said.extra_env.keys() {
        findings.extend(
            pods::variable(name).map(|finding| finding.under([Step::Attribute("extra_env"), Step::Key(name.clone())])),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::options::{Persistence, ResourceList, Resources, S3};

    fn with(key: &str, workload: Workload) -> Vec<String> {
        let storage = Storage::S3(S3 { bucket: "acme-loki".into(), region: "eu-west-1".into(), ..S3::default() });
        let said = [(key.to_owned(), workload)].into();
        let options = Options { mode: Mode::Distributed, storage, components: said, ..Options::default() };
        components(&options).iter().map(Finding::path_text).collect()
    }

    #[test]
    fn what_is_said_of_a_component_must_fit_it() {
        let none = Workload::default;
        assert_eq!(with("querier", Workload { replicas: Some(4), ..none() }), [""; 0]);
        let odd = Persistence { size: "10GB".into(), ..Persistence::default() };
        let cpu = ResourceList { cpu: Some("many".into()), memory: None };
        for (key, workload, path) in [
            ("queryer", none(), "components[\"queryer\"]"),
            ("distributor", Workload { enabled: Some(false), ..none() }, "components[\"distributor\"].enabled"),
            ("querier", Workload { replicas: Some(0), ..none() }, "components[\"querier\"].replicas"),
            ("querier", Workload { max_unavailable: Some(0), ..none() }, "components[\"querier\"].max_unavailable"),
            (
                "query_frontend",
                Workload { persistence: Some(Persistence::default()), ..none() },
                "components[\"query_frontend\"].persistence",
            ),
            ("ingester", Workload { persistence: Some(odd), ..none() }, "components[\"ingester\"].persistence.size"),
            (
                "ingester",
                Workload { resources: Some(Resources { limits: cpu, ..Resources::default() }), ..none() },
                "components[\"ingester\"].resources.limits.cpu",
            ),
            (
                "querier",
                Workload { extra_args: vec!["-a=b".into(), "c".into()], ..none() },
                "components[\"querier\"].extra_args[1]",
            ),
            (
                "querier",
                Workload { extra_args: vec!["--target=all".into()], ..none() },
                "components[\"querier\"].extra_args[0]",
            ),
            (
                "querier",
                Workload { extra_env: [("POD_IP".to_owned(), String::new())].into(), ..none() },
                "components[\"querier\"].extra_env[\"POD_IP\"]",
            ),
            (
                "querier",
                Workload { pod_labels: [("app.kubernetes.io/name".to_owned(), "a".to_owned())].into(), ..none() },
                "components[\"querier\"].pod_labels[\"app.kubernetes.io/name\"]",
            ),
        ] {
            assert_eq!(with(key, workload), [path]);
        }
    }

    #[test]
    fn a_near_name_is_proposed() {
        for (written, meant) in [("query-frontend", "query_frontend"), ("ingesters", "ingester")] {
            assert_eq!(unknown(written).fix, format!("Did you mean {meant}?"));
        }
    }

    #[test]
    fn only_distributed_stacks_have_sizes_and_components() {
        let paths = |options: &Options| components(options).iter().map(Finding::path_text).collect::<Vec<_>>();
        let mut options = Options { size: Some("small".into()), ..Options::default() };
        options.components.insert("querier".into(), Workload::default());
        assert_eq!(paths(&options), ["size", "components"]);
        options.mode = Mode::Distributed;
        assert_eq!(paths(&options), ["storage"], "with filesystem storage");
        options.size = Some("huge".into());
        options.storage = Storage::S3(S3::default());
        options.name = "a".repeat(39);
        assert_eq!(paths(&options), ["size", "name"]);
    }
}
