//! The documentation pages of the registry, made from the schemas and the examples. The test fails on a difference;
//! `make docs` (BLESS=1) writes the pages anew.

mod docs {
    pub mod page;
    mod schema;
}

use std::collections::BTreeMap;
use std::path::Path;

use docs::page::{
    ACTION, DATA_SOURCE, EPHEMERAL, FUNCTION, Kind, LIST, RESOURCE, function_page, import, page_of, provider_page,
};
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
    let mut pages = BTreeMap::from([("docs/index.md".to_owned(), provider)]);
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
fn a_difference_names_its_first_line() {
    assert_eq!(difference("a.md", Some("x\ny\n"), "x\ny\n"), None);
    assert_eq!(difference("a.md", Some("x\ny\n"), "x\nz\n").unwrap(), "a.md differs from line 2 on");
    assert_eq!(difference("a.md", None, "x").unwrap(), "a.md is not there");
}
