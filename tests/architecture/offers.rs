//! What the provider offers has an example, a page and an acceptance test.

use loki_provider::resource::provider::Adapters;
use loki_provider::resource::registry;
use loki_provider::{aws, kube};

use super::source::{files, root};

/// The types of the registry.
pub fn type_names() -> Vec<&'static str> {
    let registry = registry(Adapters { aws: aws::connect, kube: kube::connect });
    registry.resources.iter().map(|resource| resource.type_name()).collect()
}

/// What the type lacks; `exists` looks up files, `tested` the acceptance tests.
fn missing(type_name: &str, exists: &dyn Fn(&str) -> bool, tested: &dyn Fn(&str) -> bool) -> Vec<String> {
    let name = type_name.strip_prefix("loki_").unwrap_or(type_name);
    let wanted = [
        format!("examples/resources/{type_name}/resource.tf"),
        format!("examples/resources/{type_name}/import.sh"),
        format!("docs/resources/{name}.md"),
    ];
    let mut missing: Vec<_> = wanted.into_iter().filter(|path| !exists(path)).collect();
    if !tested(type_name) {
        missing.push(format!("a test of {type_name} in tests/acceptance"));
    }
    missing
}

#[test]
fn every_resource_has_example_page_and_acceptance_test() {
    let tests = root().join("tests/acceptance");
    let tests: Vec<_> = [".rs", ".tf"].iter().flat_map(|ending| files(&tests, ending)).collect();
    let tests: Vec<_> = tests.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let exists = |path: &str| root().join(path).is_file();
    let tested = |name: &str| tests.iter().any(|text| text.contains(name));
    let missing: Vec<_> = type_names().iter().flat_map(|name| missing(name, &exists, &tested)).collect();
    assert!(missing.is_empty(), "missing: {missing:#?}");
}

#[test]
fn what_is_missing_is_named() {
    let missing = missing("loki_x", &|path| path.ends_with(".tf"), &|_| false);
    let expected =
        ["examples/resources/loki_x/import.sh", "docs/resources/x.md", "a test of loki_x in tests/acceptance"];
    assert_eq!(missing, expected);
}
