//! The documentation pages of the registry, made from the schemas and the examples. The test fails on a difference;
//! `make docs` (BLESS=1) writes the pages anew.

mod docs {
    pub mod page;
    mod schema;
}

use std::collections::BTreeMap;
use std::path::Path;

use docs::page::{provider_page, resource_page};
use loki_provider::resource::provider::Adapters;
use loki_provider::resource::registry;
use loki_provider::{aws, kube};

/// Every generated page by its path in the repository.
fn pages(root: &Path) -> BTreeMap<String, String> {
    let example = |path: String| std::fs::read_to_string(root.join(path)).ok();
    let registry = registry(Adapters { aws: aws::connect, kube: kube::connect });
    let provider = registry.provider.as_ref();
    let provider = provider_page(&provider.schema(), example("examples/provider/provider.tf".to_owned()));
    let resources = registry.resources.iter().map(|resource| {
        let type_name = resource.type_name();
        let of_type = |file| example(format!("examples/resources/{type_name}/{file}"));
        let page = resource_page(type_name, &resource.schema(), of_type("resource.tf"), of_type("import.sh"));
        (format!("docs/resources/{}.md", type_name.strip_prefix("loki_").unwrap_or(type_name)), page)
    });
    resources.chain([("docs/index.md".to_owned(), provider)]).collect()
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
    let resources = std::fs::read_dir(root.join("docs/resources"));
    let on_disk = resources.into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let on_disk: Vec<_> = on_disk.map(|name| format!("docs/resources/{name}")).collect();
    let stale: Vec<_> = on_disk.iter().filter(|path| !pages.contains_key(*path)).collect();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(root.join("docs/resources")).unwrap();
        stale.iter().for_each(|path| std::fs::remove_file(root.join(path)).unwrap());
        pages.iter().for_each(|(path, page)| std::fs::write(root.join(path), page).unwrap());
        return;
    }
    let mut wrong: Vec<_> = stale.iter().map(|path| format!("{path} is of no resource")).collect();
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
