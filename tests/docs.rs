//! The documentation pages of the registry, made from the schemas and the examples. The test fails on a difference;
//! `make docs` (BLESS=1) writes the pages anew.

mod docs {
    pub mod errors;
    pub mod links;
    pub mod page;
    pub mod phases;
    mod schema;
    pub mod upgrade;
}
#[allow(dead_code, reason = "the architecture tests use all of it")]
#[path = "architecture/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::path::Path;

use docs::page::{
    ACTION, DATA_SOURCE, EPHEMERAL, FUNCTION, Kind, LIST, RESOURCE, function_page, import, page_of, provider_page,
};
use docs::{errors, phases, upgrade};
use loki_provider::resource::provider::Adapters;
use loki_provider::resource::registry;
use loki_provider::schema::Block;
use loki_provider::{aws, kube};

const KINDS: [&Kind; 6] = [&RESOURCE, &DATA_SOURCE, &EPHEMERAL, &ACTION, &LIST, &FUNCTION];

/// Every generated page by its path in the repository.
fn pages(root: &Path) -> BTreeMap<String, String> {
    let example = |path: String| std::fs::read_to_string(root.join(path)).ok();
    let registry = registry(Adapters { aws: aws::connect, kube: kube::connect });
    let provider = registry.provider.as_ref();
    let provider = provider_page(&provider.schema(), example("examples/provider/provider.tf".to_owned()));
    let errors = errors::page(&errors::entries(root));
    let mut pages = BTreeMap::from([("docs/index.md".to_owned(), provider), (errors::PAGE.to_owned(), errors)]);
    let phases = phases::table(&std::fs::read_to_string(root.join("src/resource/phases.rs")).unwrap());
    pages.insert(phases::PAGE.to_owned(), phases::page(&phases));
    pages.insert(phases::PICTURE.to_owned(), phases::picture(&phases));
    let guide = std::fs::read_to_string(root.join(upgrade::PAGE)).unwrap();
    pages.insert(upgrade::PAGE.to_owned(), upgrade::page(&guide));
    let mut add = |kind: &Kind, name: &str, block: Block, more: &[String]| {
        let page = page_of(kind, name, &block, example(kind.example_path(name)), more);
        assert!(pages.insert(kind.path(name), page).is_none(), "two pages of one name: {name}");
    };
    for resource in &registry.resources {
        // Another name of a type has no page of its own where it is the same without the provider's prefix.
        let mut paths = std::collections::BTreeSet::new();
        for name in resource.names().into_iter().filter(|name| paths.insert(RESOURCE.path(name))) {
            let of_type = |file| example(format!("examples/resources/{name}/{file}"));
            let identity = resource.identity_schema();
            let import = import(of_type("import.sh"), of_type("import-by-identity.tf"), &identity);
            add(&RESOURCE, name, resource.schema(), &[import]);
        }
    }
    registry.data_sources.iter().for_each(|it| add(&DATA_SOURCE, it.type_name(), it.schema(), &[]));
    registry.ephemeral_resources.iter().for_each(|it| add(&EPHEMERAL, it.type_name(), it.schema(), &[]));
    registry.actions.iter().for_each(|it| add(&ACTION, it.type_name(), it.schema(), &[]));
    registry.list_resources.iter().for_each(|it| add(&LIST, it.type_name(), it.schema(), &[]));
    for function in &registry.functions {
        let (name, signature) = (function.name(), function.signature());
        pages.insert(FUNCTION.path(name), function_page(name, &signature, example(FUNCTION.example_path(name))));
    }
    pages
}

/// The paths of the pages of all kinds in the repository.
fn on_disk(root: &Path) -> Vec<String> {
    let of_kind = |kind: &&Kind| {
        let folder = format!("docs/{}", kind.folder);
        let entries = std::fs::read_dir(root.join(&folder)).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
    };
    KINDS.iter().flat_map(of_kind).collect()
}

/// What differs between the two texts, shortly.
fn difference(path: &str, written: Option<&str>, made: &str) -> Option<String> {
    let Some(written) = written else { return Some(format!("{path} is not there")) };
    if written == made {
        return None;
    }
    let (mut a, mut b) = (written.lines(), made.lines());
    let line = (1..).find(|_| {
        let (a, b) = (a.next(), b.next());
        a != b || a.is_none()
    });
    Some(format!("{path} differs from line {} on", line.unwrap_or_default()))
}

#[test]
fn the_pages_are_those_of_the_schemas_and_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = pages(root);
    let on_disk = on_disk(root);
    let stale: Vec<_> = on_disk.iter().filter(|path| !pages.contains_key(*path)).collect();
    if std::env::var_os("BLESS").is_some() {
        stale.iter().for_each(|path| std::fs::remove_file(root.join(path)).unwrap());
        for (path, page) in &pages {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), page).unwrap();
        }
        return;
    }
    let mut wrong: Vec<_> = stale.iter().map(|path| format!("{path} is of nothing that the provider offers")).collect();
    for (path, page) in &pages {
        let written = std::fs::read_to_string(root.join(path)).ok();
        wrong.extend(difference(path, written.as_deref(), page));
    }
    assert!(wrong.is_empty(), "`make docs` writes the pages anew:\n{}", wrong.join("\n"));
}

#[test]
fn the_phases_are_those_of_the_trait_and_the_protocol() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let source = read("src/resource/phases.rs");
    let wrong = phases::untrue(&phases::table(&source), &source, &read("proto/tfplugin6.proto"));
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_registry_takes_the_pages_and_every_link_leads_somewhere() {
    let wrong = docs::links::troubles(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Run by `make test` behind the others, which leave in LOKI_SAID what they have met. An error that is only made up in
/// a unit test counts: what makes it is pure.
#[test]
#[ignore = "after all other tests, with LOKI_SAID"]
fn every_diagnostic_was_met_in_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var("LOKI_SAID").expect("LOKI_SAID names the folder that the tests wrote into");
    let files = std::fs::read_dir(folder).expect("the folder").map(|it| it.unwrap().path());
    let said: Vec<String> = files.map(|it| std::fs::read_to_string(it).unwrap()).collect();
    let said: std::collections::BTreeSet<&str> = said.iter().flat_map(|it| it.lines()).collect();
    let unmet = std::fs::read_to_string(root.join("tests/docs/unmet.txt")).unwrap();
    let excused: std::collections::BTreeSet<&str> = unmet.lines().filter(|line| !line.starts_with('#')).collect();
    let entries = errors::entries(root);
    let ids = || entries.keys().map(String::as_str);
    let unmet: Vec<_> = ids().filter(|id| !said.contains(id) && !excused.contains(id)).collect();
    assert!(unmet.is_empty(), "no test meets:\n{}", unmet.join("\n"));
    // Those that a lost race brings about are met now and then.
    let stale: Vec<_> = excused.iter().filter(|id| !entries.contains_key(**id)).collect();
    assert!(stale.is_empty(), "tests/docs/unmet.txt excuses what nobody says: {stale:?}");
}

#[test]
fn a_difference_names_its_first_line() {
    assert_eq!(difference("a.md", Some("x\ny\n"), "x\ny\n"), None);
    assert_eq!(difference("a.md", Some("x\ny\n"), "x\nz\n").unwrap(), "a.md differs from line 2 on");
    assert_eq!(difference("a.md", None, "x").unwrap(), "a.md is not there");
}
